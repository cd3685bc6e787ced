"""The chain of stages. Each is a call of `Run.stage`: finished ones are skipped, so every verb may walk the chain from its start.

Heavy imports stand inside the work functions: a run in which everything is finished never loads torch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from idiolect.core.config import Data, Preferences, Stage
from idiolect.core.console import Console
from idiolect.core.errors import ConfigError, DataError
from idiolect.core.files import sha256_tree
from idiolect.core.manifests import canonical_json
from idiolect.core.records import sha256_text
from idiolect.core.runs import Run, StageResult
from idiolect.data.frozen import SPLIT, read_frozen
from idiolect.evaluate.tasks import Suite
from idiolect.project.conversations import check_prompts
from idiolect.project.frozen_split import SplitFile
from idiolect.project.settings import blamed, settle_stage
from idiolect.project.shipping import shipped_backend, shipped_file
from idiolect.project.short import Short
from idiolect.project.workspace import BASE, MODEL, SHIPPED, Workspace
from idiolect.train.world import ALONE, World

if TYPE_CHECKING:
    from idiolect.lm.backends import Backend

EVALUATION_PREFIX = "eval-"
ANSWERS = "answers"
"""The name of answers that stand in files, among the models."""
REJECTED_SHOWN = 5
"""Lines that could not be read are named one by one up to this many."""


@dataclass(frozen=True)
class Trained:
    """The model after a stage: an adapter on a base."""

    stage: Stage
    base: Path
    base_sha256: str
    result: StageResult

    @property
    def adapter(self) -> Path:
        """The adapter's folder."""
        return self.result.folder / "adapter"


@dataclass(frozen=True)
class Ground:
    """What a stage begins with."""

    base: Path
    base_sha256: str
    adapter: Path | None = None
    """The one it goes on with."""
    digest: str = ""
    """Of that adapter."""


@dataclass(frozen=True)
class Chain:
    """The stages of one project in one run directory, whose lock the caller holds."""

    work: Workspace
    run: Run
    console: Console
    short: Short | None = None
    """How far its training stages are cut; None: not at all."""
    world: World = ALONE
    """The processes that train; this is the first of them."""

    def data(self) -> StageResult:
        """Read, check, augment and split what the project names."""
        project = self.work.project
        split = SplitFile(self.work.frozen_split)
        inputs = {
            **self.work.data_inputs(),
            **{f"held out {name}": suite.sha256 for name, suite in self.work.held_out.items()},
            "prompts": self.work.prompts_digest(),
        }
        config = {**_dataset_settings(project.data), "seed": project.seed, "judge": self.work.judge}
        divided = sha256_text(canonical_json({"inputs": inputs, "config": config}))
        made = split.made(divided)

        def build(folder: Path) -> dict[str, Any]:
            from idiolect.data.dataset import build_dataset
            from idiolect.data.leaks import HeldOut

            tasks = [
                HeldOut(f"{task.id} of {name}", task.prompt, task.reference)
                for name, suite in self.work.held_out.items()
                for task in suite.tasks
            ]

            try:
                with self.console.progress(None, "read, check, augment, split"):
                    return build_dataset(
                        project.data,
                        pack=self.work.pack,
                        validator=self.work.validator,
                        level=project.language.level,
                        seed=project.seed,
                        root=self.work.folder,
                        held_out=tasks,
                        folder=folder,
                        cache=self.work.verdicts,
                        frozen=split.file,
                    )
            except DataError as error:
                raise blamed(self.work, error) from None

        result = self._stage("data", inputs={**inputs, "split": made[divided]}, config=config, work=build)
        if not result.skipped or not split.file.exists():
            self.run.keep(read_frozen(result.folder / SPLIT).to_text(made), split.file)
        self.run.point("data", result.folder)
        if not result.skipped:
            self._tell_rejected(result)
        return result

    def _tell_rejected(self, data: StageResult) -> None:
        """Say what was read and left out; nothing disappears in silence."""
        from idiolect.data.dataset import REJECTED

        file = data.folder / REJECTED
        rows: list[dict[str, Any]] = [json.loads(line) for line in file.read_bytes().splitlines()]
        if not rows:
            return
        counts = ", ".join(f"{reason} {count}" for reason, count in data.manifest.result["rejected"].items())
        self.console.note(f"  left out: {counts}; each with its reason in {file}")
        for row in [row for row in rows if row["reason"] == "malformed-line"][:REJECTED_SHOWN]:
            self.console.note(f"  {row['file']}:{row['line']}: {row['detail']}")

    def training(self, data: StageResult) -> Iterator[Trained]:
        """Every training stage in turn."""
        before: Trained | None = None
        for stage in self.work.project.stages:
            before = self.train(stage, data, before)
            yield before

    def train(self, stage: Stage, data: StageResult, before: Trained | None) -> Trained:
        """One training stage, on the base or on what the stage before made of it."""
        return self.train_on(self.ground(stage, before), stage, data)

    def ground(self, stage: Stage, before: Trained | None) -> Ground:
        """What a stage begins with: the base, or what the stage before made of it."""
        if before is None and self.work.start is not None:
            return Ground(self.work.base, self.work.base_sha256, self.work.start, sha256_tree(self.work.start))
        if before is None:
            return Ground(self.work.base, self.work.base_sha256)
        if stage.handover == "chain":
            return Ground(before.base, before.base_sha256, before.adapter, before.result.digest)
        merged = self.merge(before, f"merge-{before.stage.name}")
        return Ground(merged.folder / "model", merged.manifest.result["sha256"])

    def train_on(self, ground: Ground, stage: Stage, data: StageResult) -> Trained:
        """One training stage on what it begins with."""
        base, base_sha256, start = ground.base, ground.base_sha256, ground.adapter
        settings = settle_stage(self.work, self.short.settings(stage) if self.short else stage, data)
        stage = settings.stage

        def fit(folder: Path) -> dict[str, Any]:
            from idiolect.project.fit import fit_stage

            return fit_stage(
                self.work,
                settings,
                data.folder,
                folder,
                base,
                base_sha256,
                start,
                self.console,
                lambda: self.tuned(base, base_sha256, start),
                self.short,
                self.world,
            )

        result = self._stage(
            f"train-{stage.name}",
            inputs={
                "data": data.digest,
                "base": base_sha256,
                "tokenizer": self.work.tokenizer_sha256,
                "start": ground.digest,
                **({"quantised": self.work.quantised_sha256} if self.work.quantised and base == self.work.base else {}),
            },
            config={
                **stage.model_dump(mode="json"),
                "adapter": settings.adapter.model_dump(mode="json", exclude={"start", "merge_base"}),
                "seed": self.work.project.seed,
                **(self._sampling() if stage.best_by == "compile_at_1" else {}),
                **({"blend": blend.model_dump(mode="json")} if (blend := self.work.project.data.blend) else {}),
                **(self._answering() if stage.own_answers else {}),
                **({"short": self.short.to_json()} if self.short else {}),
            },
            work=fit,
        )
        self.run.point("adapter", result.folder / "adapter")
        return Trained(stage, base, base_sha256, result)

    def _sampling(self) -> dict[str, Any]:
        """What else decides where samples choose the checkpoint; a curve alone is no reason to train anew for another judge."""
        return {"judge": self.work.judge, "max_new_tokens": self.work.project.evaluation.max_new_tokens}

    def _answering(self) -> dict[str, Any]:
        """What a model's own answers depend on."""
        from idiolect.project.own_answers import answering_settings

        return answering_settings(self.work)

    def merge(self, trained: Trained, name: str = "merge") -> StageResult:
        """The adapter merged into its base, checked against the unmerged model."""

        def combine(folder: Path) -> dict[str, Any]:
            from idiolect.lm.chat import ChatFormat
            from idiolect.lm.load import quiet_transformers
            from idiolect.train.merge import merge

            quiet_transformers()
            prompts = check_prompts(self.work, ChatFormat.load(trained.base))
            return merge(trained.base, trained.base_sha256, trained.adapter, folder / "model", prompts)

        inputs = {
            "adapter": trained.result.digest,
            "base": trained.base_sha256,
            "tokenizer": self.work.tokenizer_sha256,
            "prompts": self._prompts_digest(),
        }
        return self._stage(name, inputs=inputs, config={}, work=combine)

    def _prompts_digest(self) -> str:
        """What the comparisons of a model's forms are asked."""
        suite = self.work.suite
        return sha256_text(f"{suite.sha256 if suite else ''}\n{self.work.system_prompt}")

    def export(self, merged: StageResult) -> StageResult:
        """GGUF files, Modelfile and their manifest."""
        inputs = {"model": merged.digest, "base": self.work.base_sha256}
        result = self._export("export", merged.folder / "model", inputs, self.work.base_sha256)
        self.run.point("merged", merged.folder / "model")
        return result

    def export_folder(self, model: Path, sha256: str, evaluated: dict[str, Any]) -> StageResult:
        """The same of a model folder that no stage of this project made; how it was evaluated is part of what ships."""
        inputs = {"model": sha256, "evaluated": sha256_text(canonical_json(evaluated))}
        return self._export("export-model", model, inputs, None)

    def _export(self, name: str, model: Path, inputs: dict[str, str], base_sha256: str | None) -> StageResult:
        settings, system = self.work.project.export, self.work.system_prompt

        def bundle(folder: Path) -> dict[str, Any]:
            from idiolect.export.bundle import export_model

            return export_model(model, folder, settings, system=system, base_sha256=base_sha256, console=self.console)

        inputs = {**inputs, "system": sha256_text(system)}
        result = self._stage(name, inputs=inputs, config=settings.model_dump(mode="json"), work=bundle)
        self.run.point("export", result.folder)
        return result

    def parity(self, merged: StageResult, exported: StageResult) -> StageResult:
        """How far the exported files agree with the merged model, token by token."""
        return self.parity_of(merged.folder / "model", merged.digest, exported)

    def parity_of(self, model: Path, digest: str, exported: StageResult) -> StageResult:
        """How far the exported files agree with the model they were made of."""

        def compare(folder: Path) -> dict[str, Any]:
            from idiolect.project.shipping import measure_parity

            return measure_parity(model, exported, self.work, folder, self.console)

        inputs = {"model": digest, "export": exported.digest, "prompts": self._prompts_digest()}
        return self._stage("parity", inputs=inputs, config={}, work=compare)

    def evaluate_base(self, data: StageResult) -> StageResult:
        """The score of the base as it is."""
        return self._evaluate(
            BASE, {"base": self.work.base_sha256}, data, lambda: self.tuned(self.work.base, self.work.base_sha256, None)
        )

    def evaluate_trained(self, trained: Trained, data: StageResult) -> StageResult:
        """The score after a stage."""
        inputs = {"base": trained.base_sha256, "adapter": trained.result.digest}
        return self._evaluate(
            trained.stage.name, inputs, data, lambda: self.tuned(trained.base, trained.base_sha256, trained.adapter)
        )

    def evaluate_shipped(self, merged: StageResult, exported: StageResult, data: StageResult) -> StageResult:
        """The score of the very file that ships, through llama.cpp."""
        file, sha256 = shipped_file(exported)
        return self._evaluate(SHIPPED, {"file": sha256}, data, lambda: shipped_backend(file, merged.folder / "model"))

    def tuned(self, base: Path, base_sha256: str, adapter: Path | None) -> AbstractContextManager[Backend]:
        """A base with an adapter on it, or as it is, ready to answer within the block."""
        from idiolect.lm.backends import HFBackend
        from idiolect.lm.chat import ChatFormat
        from idiolect.lm.load import quiet_transformers
        from idiolect.train.merge import load_tuned

        quiet_transformers()
        model = load_tuned(base, base_sha256, adapter)
        return nullcontext(HFBackend(model, ChatFormat.load(base), self.work.project.evaluation.batch_size))

    def evaluate_answers(self, folder: Path) -> StageResult:
        """The score of answers that stand in files; no model is loaded, and no dataset is made."""
        suite = self._suite()

        def read() -> AbstractContextManager[Backend]:
            from idiolect.lm.answers import AnswersBackend

            return nullcontext(AnswersBackend.read(folder, {task.id: task.prompt for task in suite.tasks}))

        return self._evaluate(ANSWERS, {"answers": sha256_tree(folder)}, None, read)

    def evaluate_folder(self, model: Path, sha256: str, tokenizer_sha256: str) -> StageResult:
        """The score of a model folder, whatever it was made of."""
        inputs = {"model": sha256, "tokenizer": tokenizer_sha256}
        return self._evaluate(MODEL, inputs, None, lambda: self.tuned(model, sha256, None))

    def _suite(self) -> Suite:
        if self.work.suite is None:
            raise ConfigError("evaluation.suite names no tasks", hint="set evaluation.suite to a .jsonl file of held-out tasks")
        return self.work.suite

    def _evaluate(
        self, name: str, inputs: dict[str, str], data: StageResult | None, backend: Callable[[], AbstractContextManager[Backend]]
    ) -> StageResult:
        suite = self._suite()
        settings = self.work.project.evaluation
        runner = self.work.runner

        def ask(folder: Path) -> dict[str, Any]:
            from idiolect.evaluate.results import write_evaluation
            from idiolect.evaluate.run import evaluate

            texts = _train_texts(data)
            with backend() as model, self.console.progress(len(suite.tasks), f"answer {len(suite.tasks)} tasks") as progress:
                evaluation = evaluate(
                    model,
                    suite,
                    self.work.pack,
                    self.work.validator,
                    level=self.work.project.language.level,
                    system_prompt=self.work.system_prompt,
                    max_new_tokens=settings.max_new_tokens,
                    cache=self.work.verdicts,
                    train_texts=texts,
                    batch_size=settings.batch_size,
                    max_fault_share=settings.max_fault_share,
                    runner=runner,
                    on_batch=progress.advance,
                )
            write_evaluation(folder, evaluation)
            return evaluation.summary()

        trained = {"tokenizer": self.work.tokenizer_sha256, "data": data.digest} if data is not None else {}
        ran = {"runner": f"{runner.name} {runner.version}"} if runner is not None else {}
        return self._stage(
            f"{EVALUATION_PREFIX}{name}",
            inputs={**inputs, **trained, "suite": suite.sha256, "system": sha256_text(self.work.system_prompt)},
            config={**settings.model_dump(mode="json"), "judge": self.work.judge, **ran},
            work=ask,
        )

    def _stage(
        self, name: str, *, inputs: dict[str, str], config: dict[str, Any], work: Callable[[Path], dict[str, Any]]
    ) -> StageResult:
        def announced(folder: Path) -> dict[str, Any]:
            self.console.step(name)
            return work(folder)

        result = self.run.stage(name, inputs=inputs, config=config, work=announced)
        if result.skipped:
            self.console.note(f"{name}: finished before, skipped")
        return result


def _train_texts(data: StageResult | None) -> list[str] | None:
    """What was trained on, one text an example; None where that is not known."""
    from idiolect.data.dataset import read_dataset

    if data is None:
        return None
    dataset = read_dataset(data.folder)
    preferred = [pair.chosen for pair in dataset.train_pairs if pair.how == "file"]  # the others are of the examples
    return [f"{example.prompt}\n{example.answer}" for example in (*dataset.train_examples, *preferred)]


def _dataset_settings(data: Data) -> dict[str, Any]:
    """What of the settings a dataset depends on: of a blend, what is read for it (shares are the training's), and preferences
    where there are any."""
    settings = data.model_dump(mode="json", exclude={"blend", "preferences"})
    if data.preferences != Preferences():
        settings["preferences"] = data.preferences.model_dump(mode="json")
    if data.blend and data.blend.replay:
        settings["replay"] = [each.model_dump(mode="json", exclude={"share"}) for each in data.blend.replay]
    return settings
