"""Is there such a method? One rule for two levels: a type known by declaration is judged at `types`, an inferred one at `api`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Final, NamedTuple

from idiolect.packs.bbj.cursor import Fault
from idiolect.packs.bbj.inference import TEXT, Inference, Type
from idiolect.packs.bbj.lexer import Token
from idiolect.packs.bbj.outline import OwnClass, base_name
from idiolect.packs.bbj.table import OBJECT_METHODS, ApiTable, Method
from idiolect.packs.bbj.trees import Node

TYPES_LEVEL: Final = "types"
API_LEVEL: Final = "api"

_LIKENESS: Final = 0.75
"""How alike two names are, from 0 to 1, before one is suggested for the other. Chosen so that a slip of the pen is mended."""
_MOST_ADVICE: Final = 50
"""Comparisons with a list of names, a program; each takes about a millisecond."""
_MOST_NAMES: Final = 1_000
"""How many names a word is compared with."""


class Finding(NamedTuple):
    """A fault and the weakest level that reports it."""

    level: str
    fault: Fault


class Advisor:
    """Finds the name that was meant. Comparing names is slow, so it falls silent after some: nobody reads a thousandth advice."""

    __slots__ = ("_left", "_table")

    def __init__(self, table: ApiTable) -> None:
        self._table = table
        self._left = _MOST_ADVICE

    def method(self, word: str, class_name: str | None = None) -> str | None:
        """What BBj has instead of a method of another language, or the most alike method of the class."""
        instead = self._table.foreign_methods.get(word)
        if instead is not None or class_name is None:
            return instead
        return self.closest(word, (form.name for known in self._table.ancestors(class_name) for form in known.methods.values()))

    def function(self, word: str) -> str | None:
        """What BBj has instead of a function of another language, or the most alike function."""
        return self._table.foreign_functions.get(word) or self.closest(word, (name.lower() for name in self._table.functions))

    def closest(self, word: str, names: Iterable[str]) -> str | None:
        """The name most alike, in its own spelling. `names` is not even begun when there is no advice left."""
        if self._left == 0:
            return None
        self._left -= 1
        spelled = {name.upper(): name for name in islice(names, _MOST_NAMES)}
        found = get_close_matches(word.upper(), spelled, n=1, cutoff=_LIKENESS)
        return spelled[found[0]] if found else None


class Context(NamedTuple):
    """What a rule may ask."""

    inference: Inference
    table: ApiTable
    advisor: Advisor
    closed: bool
    """Every object of the program comes from BBj's own API or from a class of the program."""


def finding(token: Token, declared: bool, code: str, message: str, fix: str | None = None) -> Finding:
    """A finding at a token, of level `types` if declarations alone tell."""
    return Finding(TYPES_LEVEL if declared else API_LEVEL, Fault(token.start, code, message, fix))


def call_on_api_class(node: Node, base: Type, asked: Context) -> Iterator[Finding]:
    """A call of a method no class of that kind has, or with a number of arguments no overload takes.

    An inferred type and the result of a method may be less than what the object is: then the classes that inherit from it are
    asked as well.
    """
    table = asked.table
    name = "BBJSTRING" if base.kind == TEXT else base.name
    known = table.classes.get(name)
    if known is None or node.word in OBJECT_METHODS or table.is_open(name):
        return
    forms = table.overloads(name, node.word, below=False)
    if base.least and not _fits(forms, len(node.parts)):
        forms = table.overloads(name, node.word, below=True)
    if not forms:
        message = f"{known.name} has no method {node.token.text}()"
        yield finding(node.token, base.declared, "unknown-method", message, asked.advisor.method(node.word, name))
    elif not _fits(forms, len(node.parts)):
        yield finding(node.token, base.declared, "argument-count", _count_message(known.name, node, forms))


def call_on_own_class(node: Node, owner: OwnClass, asked: Context, *, declared: bool) -> Iterator[Finding]:
    """The same for a class of the program, with the accessors its fields have by themselves."""
    members = asked.inference.members(owner)
    accessor = node.word[:3] in ("GET", "SET") and base_name(node.word[3:]) in members.bare_fields
    if not members.whole or node.word in OBJECT_METHODS or accessor:
        return
    forms = members.methods.get(node.word)
    if forms is None:
        message = f"{owner.name} has no method {node.token.text}()"
        names = (forms[0].name for forms in members.methods.values())
        yield finding(node.token, declared, "unknown-method", message, asked.advisor.closest(node.token.text, names))
    elif all(len(form.parameters) != len(node.parts) for form in forms):
        counts = sorted({len(form.parameters) for form in forms})
        message = f"{owner.name}.{node.token.text}() takes {_counted(counts)}, not {len(node.parts)}"
        yield finding(node.token, declared, "argument-count", message)


def _fits(forms: Sequence[Method], count: int) -> bool:
    return any(count in form.counts or (form.variable and count >= min(form.counts)) for form in forms)


def _count_message(class_name: str, node: Node, forms: Sequence[Method]) -> str:
    counts = sorted({count for form in forms for count in form.counts})
    return f"{class_name}.{forms[0].name}() takes {_counted(counts)}, not {len(node.parts)}"


def _counted(counts: Sequence[int]) -> str:
    said = " or ".join(str(count) for count in counts) if len(counts) < 4 else f"{counts[0]} to {counts[-1]}"
    return f"{said} argument{'' if list(counts) == [1] else 's'}"
