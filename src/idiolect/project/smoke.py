"""`idiolect train --smoke`: every stage for 100 steps on a tenth of its data, and then a look at what came of it.

It works in a run directory of its own below the project's, and leaves the frozen split alone: the real run finds nothing changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from idiolect.core.console import Console
from idiolect.core.errors import DivergedError
from idiolect.core.runs import Run, StageResult, open_run
from idiolect.project.chain import Chain, Trained
from idiolect.project.disk import check_disk
from idiolect.project.settings import check_settings
from idiolect.project.short import Short
from idiolect.project.smoke_checks import Check, Sample, loss_falls, nothing_cut, samples_end, samples_fenced, samples_judged
from idiolect.project.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

SMOKE = Short(share=0.1, steps=100, again=True)
ASKED = 8
"""Validation examples that are answered at the end."""


@dataclass(frozen=True, slots=True)
class Smoke:
    """What a smoke test found out."""

    checks: tuple[Check, ...]
    samples: tuple[Sample, ...]

    @property
    def passed(self) -> bool:
        """Whether all checks did."""
        return all(check.passed for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        rows = [check.to_json() for check in self.checks]
        return {"passed": self.passed, "checks": rows, "samples": [sample.to_json() for sample in self.samples]}


class ApartRun(Run):
    """A run that keeps nothing outside of itself."""

    def keep(self, text: str, place: Path) -> None:
        """What the split is to be, the real run says."""


def apart(work: Workspace) -> Workspace:
    """The project with a run directory of the smoke test's own."""
    return replace(work, project=work.project.model_copy(update={"run": str(work.root / "smoke")}))


def smoke(work: Workspace, console: Console) -> Smoke:
    """Train every stage a little and check what came of it.

    Args:
        work: the project, as it stands; its own run directory is not touched.
        console: told what goes on, and the checks.

    Raises:
        RunLockedError: another smoke test is running.
        IdiolectError: whatever a stage raises; a loss that is no number is a check that failed.
    """
    work = apart(work)
    check_settings(work)
    with open_run(work.root) as run:
        check_disk(work)
        found = _checked(Chain(work, ApartRun(run.root), console, SMOKE), console)
    cells = [(check.stage, check.name, "pass" if check.passed else "FAIL", check.detail) for check in found.checks]
    console.table("smoke test", ("stage", "check", "result", "what was seen"), cells)
    return found


def _checked(chain: Chain, console: Console) -> Smoke:
    data = chain.data()
    checks: list[Check] = []
    trained: Trained | None = None
    for stage in chain.work.project.stages:
        try:
            trained = chain.train(stage, data, trained)
        except DivergedError as error:
            return Smoke((*checks, Check(stage.name, "loss falls", False, error.message)), ())
        result = trained.result.manifest.result
        checks += [loss_falls(stage.name, result), *_masks(chain, trained, data), nothing_cut(stage.name, result)]
        console.note(f"  {_speed(result)}")
    samples = _samples(chain, trained, data) if trained is not None and trained.stage.objective != "cpt" else ()
    if trained is not None and samples:
        show_samples(samples, console)
        name = trained.stage.name
        checks += [samples_end(name, samples), samples_fenced(name, samples), samples_judged(name, samples)]
    return Smoke(tuple(checks), samples)


def _masks(chain: Chain, trained: Trained, data: StageResult) -> list[Check]:
    """Of the rows the stage was trained on, packed once more."""
    from idiolect.data.dataset import read_dataset
    from idiolect.data.preferences import pairs_of
    from idiolect.lm.chat import ChatFormat
    from idiolect.project.smoke_masks import check_programs, check_talks, texts_of
    from idiolect.project.training_part import training_part

    work, stage, dataset, chat = chain.work, trained.stage, read_dataset(data.folder), ChatFormat.load(trained.base)
    own = pairs_of(trained.result.folder).get("train", ())
    packed = SMOKE.rows(training_part(work, stage, dataset, chat, own).packed, work.project.seed)
    texts = texts_of(chat, dataset, [*dataset.train_pairs, *own])
    if stage.objective == "cpt":
        return check_programs(chat, stage.name, packed.rows, texts)
    return check_talks(chat, stage.name, packed.rows, texts, shortened=packed.shortened)


def _samples(chain: Chain, trained: Trained, data: StageResult) -> tuple[Sample, ...]:
    """What the model answers to validation prompts now, judged; none where no validation example is answered with a program."""
    from idiolect.data.dataset import read_dataset
    from idiolect.lm.extract import extract_code
    from idiolect.packs.verify import verify
    from idiolect.project.samples import asked, asks_for_code, spread

    work = chain.work
    examples = read_dataset(data.folder).validation_examples
    chosen = spread([example for example in examples if asks_for_code(example, work.pack)], ASKED)
    if not chosen:
        return ()
    chain.console.step(f"answer {len(chosen)} validation prompts")
    with chain.tuned(trained.base, trained.base_sha256, trained.adapter) as model:
        answers = model.generate([asked(example) for example in chosen], work.project.evaluation.max_new_tokens)
    found = [extract_code(answer.text, work.pack.fence) for answer in answers]
    verdicts = verify(work.validator, [each.code for each in found], work.project.language.level, work.verdicts)
    return tuple(
        Sample(
            prompt=asked(example)[-1].content,
            answer=answer.text,
            finished=answer.finished,
            fenced=code.fenced,
            compiles=answer.finished and work.pack.has_statement(code.code) and verdict.ok,
            fault=verdict.fault,
        )
        for example, answer, code, verdict in zip(chosen, answers, found, verdicts, strict=True)
    )


def show_samples(samples: tuple[Sample, ...], console: Console, count: int = 2) -> None:
    """Print the first few, as a person must look at them."""
    for sample in samples[:count]:
        console.note(f"  > {sample.prompt.strip().splitlines()[0]}")
        for line in sample.answer.splitlines()[:16] or ["(nothing)"]:
            console.note(f"    {line}")
        console.note(f"  {sample.said()}")


def _speed(result: dict[str, Any]) -> str:
    """How fast it went; whether a GPU is busy, its MFU says."""
    from idiolect.train.meter import speed

    found = speed(result["clock"])
    if not found:
        return "no clock was kept"
    mfu = f", MFU {found['mfu']:.1%}" if "mfu" in found else ""
    return f"{found['tokens_s']:,.0f} tokens a second{mfu}, at most {found['memory_bytes'] / 1e9:.2f} GB"
