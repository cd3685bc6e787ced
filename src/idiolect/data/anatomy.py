"""What of a lesson's programs could be renamed: names, texts, numbers, and which of them mean something to the language.

Everything here is asked of the pack or read off the shape of the source, so that it holds for any language whose strings stand in
double quotes on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from idiolect.data.forms import parts
from idiolect.data.lesson import Lesson
from idiolect.data.values import is_sql
from idiolect.data.words import word_list
from idiolect.packs.spec import LanguagePack

SUFFIXES: Final = "$%!"
STRING: Final = re.compile(r'"((?:[^"\n]|"")*)"')
QUOTED: Final = re.compile(r'"([^"\n]*)"')
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER: Final = re.compile(r"(?<![\w.$])\d+(?:\.\d+)?(?![\w$])")
_MEMBER: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)[$%!]?(?![\w$%!]|\s*\()")
_TEMPLATE: Final = re.compile(r"[A-Za-z_]\w*:[a-zA-Z]\(")
_MARKUP: Final = re.compile(r"[{}<>;=]|://")
_MARK: Final = "\ue000{}\ue001"
_MARKED: Final = re.compile("\ue000(\\d+)\ue001")

_STYLING: Final = re.compile(r"style|attribute|script|inject|url|css|theme|font|colou?r|env$|^stbl$|^scall$|mask", re.IGNORECASE)
"""Calls whose texts are words of another language or of the machine."""
_CODES: Final = re.compile(r"^(?:chr|asc|cvs|cvt|bin|dec|msgbox|hta|ath|pad|info|lst|crc|and|ior|xor|\w*colou?r)$", re.IGNORECASE)
"""Functions whose numbers are codes rather than values."""
_PLACE: Final = re.compile(r"[$%!]\s*\([^()]*$|\[[^\]]*$|\bdim\b[^:]*$", re.IGNORECASE)
_FACTORS: Final = ("10", "100", "1000", "10000", "60", "24", "12", "365", "52")
"""Numbers that, as a factor or divisor, convert one unit into another."""
_RESERVED_TEXTS: Final = ("X", "X0")

SQL_WORDS: Final = frozenset(
    word_list(
        """
        select insert update delete create drop alter table index view from into values where and or not in is null like
        between order by group having as on join left right inner outer set asc desc distinct count sum avg min max primary
        key unique default integer int char varchar decimal numeric date time timestamp number text limit offset top union
        all exists case when then else end cast upper lower trim current_date constraint references foreign add column
        """
    )
)


@dataclass(frozen=True)
class Anatomy:
    """A lesson's programs taken apart."""

    code: str
    before: str
    identifiers: tuple[str, ...]
    """Names the programs introduce, with their suffixes, as first spelled; upper and lower case are one name."""
    spellings: frozenset[str]
    """Every spelling of them."""
    accessors: frozenset[str]
    """Methods the language makes by itself from fields that the programs introduce (`getName` of `name$`), in lower case."""
    texts: frozenset[str]
    """Contents of string literals."""
    callbacks: frozenset[str]
    """Those that name a label or a method, and follow it."""
    fixed_texts: frozenset[str]
    """Those that mean something to the language or to another one, and must stay."""
    numbers: frozenset[str]
    """Numbers, as spelled."""
    fixed_numbers: frozenset[str]
    dates: frozenset[str]
    """Numbers that are a part of a date."""
    structural: frozenset[str]
    """Numbers that are sizes of, or places in, a text or an array."""

    @cached_property
    def bare(self) -> str:
        """The programs without texts and comments, in lower case."""
        return STRING.sub('""', f"{self.code}\n{self.before}").lower()

    @cached_property
    def stems(self) -> frozenset[str]:
        """The identifiers in lower case without suffixes."""
        return frozenset(name.rstrip(SUFFIXES).lower() for name in self.identifiers)

    @cached_property
    def api_words(self) -> frozenset[str]:
        """Words of the language and of its libraries, in lower case."""
        return frozenset(_WORD.findall(self.bare)) - self.stems - self.data_words - self.accessors

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the programs, texts and comments included, and the parts of compound ones, in lower case."""
        found = _WORD.findall(f"{self.code}\n{self.before}")
        return frozenset(word.lower() for word in found) | frozenset(p.lower() for word in found for p in parts(word))

    @cached_property
    def data_words(self) -> frozenset[str]:
        """Fields and columns, in lower case: they stand in templates and SQL, behind a dot, and alone as a text."""
        defined = {
            word.lower()
            for text in self.texts
            if is_sql(text) or is_template(text)
            for word in _WORD.findall(re.sub(r":[a-zA-Z]\(", ":(", text))
        } - SQL_WORDS
        members = {match[1].lower() for match in _MEMBER.finditer(STRING.sub('""', f"{self.code}\n{self.before}"))}
        alone = {text.lower() for text in self.texts}
        sql = {word.lower() for text in self.texts if is_sql(text) for word in _WORD.findall(text)}
        return frozenset(word for word in defined if word in members or word in alone or word in sql)


def is_template(text: str) -> bool:
    """True when a text describes the fields of a record."""
    return _TEMPLATE.search(text) is not None


def anatomy(lesson: Lesson, pack: LanguagePack) -> Anatomy:
    """Take a lesson's programs apart."""
    programs = [lesson.code, *([lesson.before] if lesson.before else [])]
    spelled = [name for program in programs for name in pack.identifiers(program)]
    first: dict[str, str] = {}
    for name in spelled:
        first.setdefault(name.lower(), name)
    accessors: set[str] = set()
    callbacks: set[str] = set()
    texts: set[str] = set()
    fixed_texts: set[str] = set()
    numbers: set[str] = set()
    fixed_numbers: set[str] = set()
    dates: set[str] = set()
    structural: set[str] = set()
    for program in programs:
        bare = pack.strip_comments(program)
        found_texts, found_numbers = _tokens(bare, pack)
        made, called = _followers(bare, found_texts, pack)
        accessors |= made
        callbacks |= called
        texts |= found_texts
        numbers |= found_numbers
        fixed_texts |= _fixed_texts(bare)
        fixed_numbers |= _fixed_numbers(bare)
        dates |= {number for number, _, callee in _numbers_in_calls(bare) if callee.lower() in ("jul", "date")}
        structural |= {number for number, before, _ in _numbers_in_calls(bare) if _PLACE.search(before)}
    markup = [text for text in texts if _MARKUP.search(text)]
    fixed_texts |= {text for text in texts if any(text in other for other in markup if other != text)}
    fixed_texts |= {text for text in texts if len(text) == 1 and any(_stands_in(text, other) for other in texts)}
    return Anatomy(
        code=lesson.code,
        before=lesson.before,
        identifiers=tuple(first.values()),
        spellings=frozenset(spelled),
        accessors=frozenset(accessors),
        texts=frozenset(texts),
        callbacks=frozenset(callbacks),
        fixed_texts=frozenset(fixed_texts),
        numbers=frozenset(numbers),
        fixed_numbers=frozenset(fixed_numbers),
        dates=frozenset(dates),
        structural=frozenset(structural),
    )


def _tokens(program: str, pack: LanguagePack) -> tuple[set[str], set[str]]:
    """Contents of the string literals and the numbers that the pack, too, takes for such: it is asked to rename them to marks."""
    texts = sorted({match[1].replace('""', '"') for match in STRING.finditer(program)})
    numbers = sorted(set(_NUMBER.findall(STRING.sub('""', program))))
    marks = [*texts, *numbers]
    marked = pack.rename(
        program,
        {},
        {text: _MARK.format(i) for i, text in enumerate(texts)},
        {number: _MARK.format(i) for i, number in enumerate(numbers, start=len(texts))},
    )
    seen = {int(index) for index in _MARKED.findall(marked)}
    return {marks[i] for i in seen if i < len(texts)}, {marks[i] for i in seen if i >= len(texts)}


def _followers(program: str, texts: set[str], pack: LanguagePack) -> tuple[set[str], set[str]]:
    """Accessors and texts that the pack renames when it renames names: those that belong to a field, a label, a method."""
    names = pack.identifiers(program)
    stems = [name.rstrip(SUFFIXES) for name in names]
    marks = {name: f"zq{i}zq{name[len(stem) :]}" for i, (name, stem) in enumerate(zip(names, stems, strict=True))}
    marked = pack.rename(program, marks, {}, {})
    accessors = {verb + stems[int(i)].lower() for verb, i in re.findall(r"\b(get|set)Zq(\d+)zq", marked)}
    return accessors, texts - {match[1].replace('""', '"') for match in STRING.finditer(marked)}


def _fixed_texts(program: str) -> set[str]:
    fixed: set[str] = set(_RESERVED_TEXTS)
    for match in STRING.finditer(program):
        text, before = match[1], program[: match.start()].rsplit("\n", 1)[-1].rstrip()
        mask = before.endswith(":") and not is_template(text)
        letter = len(text) == 1 and not _compared_with_a_variable(before)
        mode = re.search(r"\b(?:mode|isz|siz|len)\s*=$", before, re.IGNORECASE) is not None
        if mask or letter or mode or _STYLING.search(_callee(before)):
            fixed.add(text.replace('""', '"'))
    return fixed


def _stands_in(letter: str, text: str) -> bool:
    """True when a text offers a letter as a choice, as in `Delete? (Y/N)`."""
    return len(text) > 1 and re.search(rf"(?<!\w){re.escape(letter)}(?!\w)", text) is not None


def _compared_with_a_variable(before: str) -> bool:
    """A single letter is a value only there; elsewhere it is a flag, a separator or the code of an event."""
    return re.search(r"(?:(?<![.\w])\w+[$!]?\s*(?:=|<>)|\bcase|\bdata)$", before, re.IGNORECASE) is not None


def _fixed_numbers(program: str) -> set[str]:
    """Numbers that are codes or convert units."""
    fixed: set[str] = set()
    masked = _masked(program)
    for match in _NUMBER.finditer(masked):
        before = masked[: match.start()].rsplit("\n", 1)[-1].rstrip()
        factor = before.endswith(("*", "/")) or masked[match.end() :].lstrip(" ").startswith(("*", "/"))
        if (factor and match[0] in _FACTORS) or _CODES.match(_callee(before)):
            fixed.add(match[0])
    return fixed


def _numbers_in_calls(program: str) -> Iterator[tuple[str, str, str]]:
    """Each number with its line up to there, and the function whose argument it is."""
    masked = _masked(program)
    for match in _NUMBER.finditer(masked):
        before = masked[: match.start()].rsplit("\n", 1)[-1]
        yield match[0], before, _callee(before)


def _masked(program: str) -> str:
    return STRING.sub(lambda m: '"' + "_" * (len(m[0]) - 2) + '"', program)


def _callee(before: str) -> str:
    """The name before the innermost parenthesis that is open at the end of a line's beginning; empty when there is none."""
    depth = 0
    text = STRING.sub(lambda m: "_" * len(m[0]), before)
    for at in range(len(text) - 1, -1, -1):
        if text[at] == ")":
            depth += 1
        elif text[at] == "(":
            if depth == 0:
                name = re.search(r"([A-Za-z_]\w*)\s*$", text[:at])
                return name[1] if name else ""
            depth -= 1
    return ""
