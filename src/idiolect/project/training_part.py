"""A stage's training part, packed: as the dataset has it, or as `data.blend` puts it together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from idiolect.train.tokens import Packed, document_tokens, example_tokens, pack_records

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
        DataError: nothing is left to pack.
        ModelError: programs are to have holes, and the vocabulary has no tokens for that.
    """
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
    lengths = {id(e): len(example_tokens(chat, e)) for e in _all(examples, known)}
    over = sum(length > stage.pack_length for length in lengths.values())
    fitting = [e for e in examples if lengths[id(e)] <= stage.pack_length]
    if not fitting:  # the error says why
        return TrainingPart(pack_records(chat, stage, examples, [], "train"), 0, ())
    known = {name: [e for e in each if lengths[id(e)] <= stage.pack_length] for name, each in known.items()}
    mixed = _blended(work, settings, stage, fitting, known, lengths)
    packed = pack_records(chat, stage, mixed.records, [], "train", rungs=mixed.rungs)
    return TrainingPart(replace(packed, over_length=over), len(mixed.records), mixed.shares)


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
