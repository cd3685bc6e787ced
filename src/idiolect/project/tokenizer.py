"""How a base's tokenizer takes the language: characters a token, and into how many tokens the language's words fall."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from idiolect.data.dataset import Dataset
from idiolect.data.judge import programs_in
from idiolect.lm.chat import ChatFormat
from idiolect.packs.spec import Folding, LanguagePack

SHOWN: Final = 20
"""Words that are named."""
_WORD: Final = re.compile(r"[^\W\d]\w*[$%!@]?")


@dataclass(frozen=True, slots=True)
class WordSplit:
    """A word of the programs that is more than one token."""

    word: str
    count: int
    """Times it stands in the programs."""
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenizerReport:
    """What the tokenizer makes of the programs that are trained on."""

    programs: int
    characters: int
    tokens: int
    characters_per_token: float
    words: int
    """Different words, as they are spelled: verbs, functions, names. Texts and comments are not among them."""
    tokens_per_word: float
    """Over all places where a word stands."""
    whole_words: float
    """Share of those places at which the word is one token."""
    most_split: tuple[WordSplit, ...]
    """The words that cost the most tokens beyond one for each place, the costliest first."""


def report_tokenizer(dataset: Dataset, pack: LanguagePack, chat: ChatFormat) -> TokenizerReport:
    """Tokenise the training programs and their words. Each program counts once; variants are left out, which would count
    one original's words again and again. The raw programs and the
    lessons' are taken; without any, those in the answers of the examples.

    A word is asked for with a blank before it and without, and the shorter one counts: most tokenizers know the two as different
    tokens, and both stand in programs.
    """
    programs = list(dict.fromkeys(_programs(dataset, pack)))
    words = Counter(word for program in programs for word in _words(program, pack))
    pieces = {word: _pieces(word, chat) for word in words}
    tokens, characters = sum(len(chat.encode_text(program)) for program in programs), sum(map(len, programs))
    places = words.total()
    cost = sorted(words, key=lambda word: (-words[word] * (len(pieces[word]) - 1), word))
    return TokenizerReport(
        programs=len(programs),
        characters=characters,
        tokens=tokens,
        characters_per_token=round(characters / max(1, tokens), 3),
        words=len(words),
        tokens_per_word=round(sum(n * len(pieces[word]) for word, n in words.items()) / max(1, places), 3),
        whole_words=round(sum(n for word, n in words.items() if len(pieces[word]) == 1) / max(1, places), 4),
        most_split=tuple(
            WordSplit(word, words[word], tuple(map(chat.token_text, pieces[word])))
            for word in cost[:SHOWN]
            if len(pieces[word]) > 1
        ),
    )


def _programs(dataset: Dataset, pack: LanguagePack) -> Iterator[str]:
    raw = [d.text for d in dataset.train_documents if not (d.provenance.how or "").startswith("augment:")]
    if raw:
        yield from raw
        return
    for example in dataset.train_examples:
        if not (example.provenance.how or "").startswith("augment:"):
            yield from programs_in(example.answer, pack)


def _words(program: str, pack: LanguagePack) -> Iterable[str]:
    if isinstance(pack, Folding):
        return (each for each in pack.lexemes(program) if _WORD.fullmatch(each))
    return _WORD.findall(pack.strip_comments(program))


def _pieces(word: str, chat: ChatFormat) -> list[int]:
    return min(chat.encode_text(word), chat.encode_text(" " + word), key=len)
