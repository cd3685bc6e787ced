"""Records to token sequences, for both objectives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from idiolect.core.config import Stage
from idiolect.core.errors import DataError
from idiolect.core.records import Document, Example, Provenance
from idiolect.lm.chat import ChatFormat
from idiolect.lm.fim import fim_training_ids
from idiolect.packs.holes import infill
from idiolect.packs.spec import LanguagePack
from idiolect.train.pack import Row, Tokens, pack, split_long
from idiolect.train.shorten import conversation_tokens, fit_examples
from idiolect.train.stored import StoredRows


class NothingLeftError(DataError):
    """A stage has nothing to train on, or nothing to measure on."""

    def __init__(self, message: str, *, too_long: int, expected: str, hint: str | None) -> None:
        super().__init__(message, expected=expected, hint=hint)
        self.too_long = too_long
        """Examples whose answers are longer than a row, where that is why."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What one stage trains on or measures."""

    rows: Sequence[Row]
    over_length: int
    """Examples whose answer alone does not fit a row; they are left out and counted (raw programs are split instead)."""
    infilled: int = 0
    """Programs with a hole in them."""
    shortened: int = 0
    """Examples that lost input from the left to fit a row."""

    @property
    def tokens(self) -> int:
        """Tokens in all rows, padding not counted."""
        return self.rows.tokens if isinstance(self.rows, StoredRows) else sum(row.tokens for row in self.rows)

    @property
    def trained(self) -> int:
        """Tokens the loss is taken on."""
        return self.rows.trained if isinstance(self.rows, StoredRows) else sum(row.trained for row in self.rows)


def example_tokens(chat: ChatFormat, example: Example) -> Tokens:
    """The chat template's tokens with completion-only loss: every answer of the assistant and its end token."""
    return replace(conversation_tokens(chat, example.messages), source=place(example.provenance))


def document_tokens(chat: ChatFormat, document: Document) -> Tokens:
    """Raw text, all of it trained on, closed by the token that separates documents."""
    ids = (*chat.encode_text(document.text), chat.separator_id)
    return Tokens(ids, (True,) * len(ids), place(document.provenance))


def infill_tokens(chat: ChatFormat, document: Document, language: LanguagePack, stage: Stage, seed: int) -> Tokens | None:
    """A raw program with a hole in it, for the stage's share of them; the loss is on the middle and its end token.

    None for the other programs, for one in which nothing may be cut out, and for one that does not fit a row: a part of it would
    ask for a middle that stands elsewhere. Which program, where, and in which order hangs on the seed and the program alone.

    Raises:
        ModelError: the vocabulary has no tokens for fill in the middle.
    """
    rng = Random(f"{seed}:{stage.name}:{document.id}")
    if rng.random() >= stage.fim_rate:
        return None
    cut = infill(document.text, language, rng)
    if cut is None:
        return None
    suffix_first = rng.random() < stage.fim_suffix_first
    ids, mask = fim_training_ids(chat, cut.prefix, cut.middle, cut.suffix, suffix_first=suffix_first)
    return Tokens(tuple(ids), tuple(mask), place(document.provenance)) if len(ids) <= stage.pack_length else None


def place(provenance: Provenance) -> str:
    """`file:line`."""
    return f"{provenance.file}:{provenance.line}"


def pack_records(
    chat: ChatFormat,
    stage: Stage,
    examples: Sequence[Example],
    documents: Sequence[Document],
    what: str,
    *,
    language: LanguagePack | None = None,
    seed: int = 0,
    rungs: Sequence[int] = (),
) -> Packed:
    """The rows of one stage's records: documents for `cpt`, examples for `sft`.

    Args:
        chat: makes the tokens.
        stage: objective, row length, share of programs with a hole.
        examples: instruction examples.
        documents: raw programs.
        what: what the rows are for, as a verb, for the error.
        language: knows where programs may be cut; without it they stay whole (validation measures on whole programs).
        seed: of the holes.
        rungs: of each record its step of a curriculum's ladder; each step has rows of its own. Empty: there is no ladder.

    Raises:
        NothingLeftError: nothing is left to pack.
        ModelError: programs are to have holes, and the vocabulary has no tokens for that.
    """
    if len(set(rungs)) > 1:
        return _packed_by_rung(chat, stage, examples, documents, what, language, seed, rungs)
    infilled = shortened = over = 0
    if stage.objective == "cpt":
        holed = [infill_tokens(chat, d, language, stage, seed) if language and stage.fim_rate else None for d in documents]
        infilled = sum(each is not None for each in holed)
        whole = [d for d, each in zip(documents, holed, strict=True) if each is None]
        sequences = split_long([document_tokens(chat, d) for d in whole], stage.pack_length)
        sequences += [each for each in holed if each is not None]
    else:
        fitted = [each for each in fit_examples(chat, examples, stage.pack_length) if each is not None]
        sequences = [replace(each.tokens, source=place(each.example.provenance)) for each in fitted]
        shortened = sum(each.shortened for each in fitted)
        over = len(examples) - len(fitted)
    rows = pack(sequences, stage.pack_length)
    if not any(row.trained for row in rows):
        raise NothingLeftError(
            f"stage {stage.name}: there is nothing to {what} on",
            too_long=over,
            expected="raw programs (data.corpus) for cpt, examples (data.sources) for sft",
            hint=f"the answers of {over} examples are longer than stages.{stage.name}.pack_length" if over else None,
        )
    return Packed(tuple(rows), over, infilled, shortened)


def _packed_by_rung(
    chat: ChatFormat,
    stage: Stage,
    examples: Sequence[Example],
    documents: Sequence[Document],
    what: str,
    language: LanguagePack | None,
    seed: int,
    rungs: Sequence[int],
) -> Packed:
    """Every step of the ladder packed alone."""
    rows: list[Row] = []
    over = infilled = shortened = 0
    for rung in sorted(set(rungs)):
        some_examples = [e for e, its in zip(examples, rungs, strict=False) if its == rung]
        some_documents = [d for d, its in zip(documents, rungs, strict=False) if its == rung]
        part = pack_records(chat, stage, some_examples, some_documents, what, language=language, seed=seed)
        rows += [replace(row, rung=rung) for row in part.rows]
        over, infilled, shortened = over + part.over_length, infilled + part.infilled, shortened + part.shortened
    return Packed(tuple(rows), over, infilled, shortened)
