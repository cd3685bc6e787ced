"""compile@1 while a stage trains: a few validation examples are answered and judged at every evaluation.

The examples are of the validation part, which is never trained on; the held-out tasks are left for the end, as whoever chooses by
them has measured nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from idiolect.core.config import Stage
from idiolect.core.errors import DataError
from idiolect.core.records import Example, Message
from idiolect.lm.extract import extract_code
from idiolect.packs.spec import LanguagePack
from idiolect.packs.verify import verify
from idiolect.project.workspace import Workspace

if TYPE_CHECKING:
    from idiolect.lm.backends import Backend, Completion
    from idiolect.lm.chat import ChatFormat


def samples_judge(
    work: Workspace, stage: Stage, chat: ChatFormat, examples: Sequence[Example]
) -> Callable[[Any], dict[str, float]] | None:
    """What a stage calls with its model at every evaluation, or None where it wants no samples.

    Raises:
        DataError: no validation example asks for a program.
    """
    if not stage.samples:
        return None
    chosen = spread([e for e in examples if asks_for_code(e, work.pack)], stage.samples)
    if not chosen:
        raise DataError(
            f"stage {stage.name}: samples is {stage.samples}, and no validation example is answered with a program",
            hint=f"add examples with programs, or set stages.{stage.name}.samples to 0",
        )

    def judge(model: Any) -> dict[str, float]:
        from idiolect.lm.backends import HFBackend

        backend = cast("Backend", HFBackend(model, chat, work.project.evaluation.batch_size))
        return compile_at_1(work, backend, chosen)

    return judge


def asks_for_code(example: Example, pack: LanguagePack) -> bool:
    """Whether its answer is a program in a fence."""
    found = extract_code(example.answer, pack.fence)
    return found.fenced and pack.has_statement(found.code)


def spread(examples: Sequence[Example], count: int) -> list[Example]:
    """At most `count` of them, evenly over their order."""
    count = min(count, len(examples))
    return [examples[index * len(examples) // count] for index in range(count)]


def compile_at_1(work: Workspace, backend: Backend, examples: Sequence[Example]) -> dict[str, float]:
    """`compile_at_1`, the share of answers that ended by themselves, have a statement and compile, and `sampled`, of how many.

    An answer that the validator's tool could not judge does not count; where it could judge none, there is no share.
    """
    completions = backend.generate([asked(example) for example in examples], work.project.evaluation.max_new_tokens)
    codes = [_code(completion, work.pack) for completion in completions]
    verdicts = iter(verify(work.validator, [c for c in codes if c is not None], work.project.language.level, work.verdicts))
    judged = [next(verdicts) if code is not None else None for code in codes]
    counted = [verdict for verdict in judged if verdict is None or verdict.fault is None]
    if not counted:
        return {"sampled": 0}
    compiled = sum(verdict is not None and verdict.ok for verdict in counted)
    return {"compile_at_1": compiled / len(counted), "sampled": len(counted)}


def asked(example: Example) -> tuple[Message, ...]:
    """The conversation up to its last answer."""
    last = max(at for at, message in enumerate(example.messages) if message.role == "assistant")
    return example.messages[:last]


def _code(completion: Completion, pack: LanguagePack) -> str | None:
    """The program of an answer, or None where it has failed whatever a validator says."""
    code = extract_code(completion.text, pack.fence).code
    return code if completion.finished and pack.has_statement(code) else None
