"""A stage's training part, packed: as the dataset has it, or as `data.blend` puts it together."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from idiolect.core.blend import Blend
from idiolect.core.config import Stage
from idiolect.core.console import Console
from idiolect.core.records import Document, Example, Pair
from idiolect.data.blend import Blended, Mixer, Share
from idiolect.data.dataset import Dataset
from idiolect.data.sources import shown_path
from idiolect.lm.chat import ChatFormat
from idiolect.project.own_answers import expected_pairs
from idiolect.project.workspace import Workspace
from idiolect.train.pairs import pack_pairs
from idiolect.train.shorten import Fitted, fit_examples
from idiolect.train.tokens import NothingLeftError, Packed, document_tokens, pack_records

Record = TypeVar("Record", Example, Document)


@dataclass(frozen=True, slots=True)
class TrainingPart:
    """What a stage trains on."""

    packed: Packed
    records: int
    """Repetitions counted."""
    shares: tuple[Share, ...]
    """Of the blend; none without one."""


def training_part(
    work: Workspace, stage: Stage, dataset: Dataset, chat: ChatFormat, answered: Sequence[Pair] | None = None
) -> TrainingPart:
    """Pack what `stage` trains on.

    Args:
        work: the project.
        stage: one of its stages.
        dataset: the records. A blend is for `cpt` and `sft`: pairs stand there once.
        chat: makes the tokens.
        answered: of `dpo` the pairs of the model's own answers. None: not known yet, and as many as can be are assumed.

    Raises:
        ConfigError: nothing is left to pack.
        ModelError: programs are to have holes, and the vocabulary has no tokens for that.
    """
    with _blaming(work, stage, (*stage_key(work, stage), "objective"), "add records, or leave the stage out"):
        return _training_part(work, stage, dataset, chat, answered)


def stage_key(work: Workspace, stage: Stage) -> tuple[str, int]:
    """Where a stage stands in the project file."""
    return "stages", [each.name for each in work.project.stages].index(stage.name)


def validation_part(work: Workspace, stage: Stage, dataset: Dataset, chat: ChatFormat, answered: Sequence[Pair] = ()) -> Packed:
    """Pack what `stage` is measured on; of `dpo` the pairs of the model's own answers are given.

    Raises:
        ConfigError: nothing is left to pack.
    """
    with _blaming(work, stage, ("data", "split", "validation"), "raise data.split.validation, or add records"):
        if stage.objective == "dpo":
            return pack_pairs(chat, stage, [*dataset.validation_pairs, *answered], "validate")
        return pack_records(chat, stage, dataset.validation_examples, dataset.validation_documents, "validate")


@contextmanager
def _blaming(work: Workspace, stage: Stage, key: Sequence[int | str], hint: str) -> Generator[None]:
    """Name the line of the project file that leaves nothing over: `key`, or the stage's pack_length where that is why."""
    try:
        yield
    except NothingLeftError as error:
        place = (*stage_key(work, stage), "pack_length") if error.too_long else key
        raise work.config_error(error.message, place, expected=error.expected, hint=error.hint or hint) from None


def _training_part(
    work: Workspace, stage: Stage, dataset: Dataset, chat: ChatFormat, answered: Sequence[Pair] | None
) -> TrainingPart:
    examples, documents, seed = dataset.train_examples, dataset.train_documents, work.project.seed
    settings = work.project.data.blend
    if stage.objective == "dpo":
        pairs = [*dataset.train_pairs, *(answered if answered is not None else expected_pairs(work, stage, examples))]
        return TrainingPart(pack_pairs(chat, stage, pairs, "train"), len(pairs), ())
    if settings is None:
        packed = pack_records(chat, stage, examples, documents, "train", language=work.pack, seed=seed)
        return TrainingPart(packed, len(documents if stage.objective == "cpt" else examples), ())
    if stage.objective == "cpt":
        general = _by_name((name, each) for name, each in dataset.replay if isinstance(each, Document))
        sizes = {id(d): len(document_tokens(chat, d)) for d in _all(documents, general)}
        made = _blended(work, settings, stage, documents, general, sizes)
        packed = pack_records(chat, stage, [], made.records, "train", language=work.pack, seed=seed, rungs=made.rungs)
        return TrainingPart(packed, len(made.records), made.shares)
    known = _by_name((name, each) for name, each in dataset.replay if isinstance(each, Example))
    own, over, shortened = _fitted(chat, stage, examples)
    if not own:  # the error says why
        return TrainingPart(pack_records(chat, stage, examples, [], "train"), 0, ())
    fitting = {name: _fitted(chat, stage, each)[0] for name, each in known.items()}
    lengths = {id(each.example): len(each.tokens) for each in (*own, *(each for some in fitting.values() for each in some))}
    general_examples = {name: [each.example for each in some] for name, some in fitting.items()}
    mixed = _blended(work, settings, stage, [each.example for each in own], general_examples, lengths)
    packed = pack_records(chat, stage, mixed.records, [], "train", rungs=mixed.rungs)
    packed = replace(packed, over_length=over, shortened=shortened)
    return TrainingPart(packed, len(mixed.records), mixed.shares)


def _fitted(chat: ChatFormat, stage: Stage, examples: Sequence[Example]) -> tuple[list[Fitted], int, int]:
    """The examples that fit a row, how many do not, and how many lost input for it."""
    found = [each for each in fit_examples(chat, examples, stage.pack_length) if each is not None]
    return found, len(examples) - len(found), sum(each.shortened for each in found)


def show_shares(stage: str, shares: Sequence[Share], console: Console) -> None:
    """Print what the blend came to, in tokens."""
    if shares:
        counts = [(f"{s.records:,}", f"{s.rows:,}", f"{s.left_out:,}", f"{s.tokens:,}") for s in shares]
        rows = [(s.name, s.part, *cells, f"{s.share:.1%}") for s, cells in zip(shares, counts, strict=True)]
        columns = ("", "part", "records", "rows", "left out", "tokens", "share of tokens")
        console.table(f"{stage}: blend", columns, rows)


def _blended(
    work: Workspace,
    settings: Blend,
    stage: Stage,
    own: Sequence[Record],
    general: dict[str, list[Record]],
    sizes: dict[int, int],
) -> Blended[Record]:
    dialects: dict[int, tuple[str, ...]] = {}

    def generations(record: Record) -> tuple[str, ...]:
        if isinstance(record, Example):
            return record.generation
        if id(record) not in dialects:
            dialects[id(record)] = (work.pack.dialect_of(record.text),)
        return dialects[id(record)]

    def tokens(record: Record) -> int:
        return sizes[id(record)]

    places = {each.name: tuple(shown_path(work.folder / path, work.folder) for path in each.paths) for each in settings.sources}
    return Mixer(settings, places, tokens, generations, f"{work.project.seed}:{stage.name}").blend(own, general)


def _by_name(replay: Iterable[tuple[str, Record]]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for name, record in replay:
        found.setdefault(name, []).append(record)
    return found


def _all(own: Sequence[Record], general: dict[str, list[Record]]) -> list[Record]:
    return [*own, *(record for records in general.values() for record in records)]
