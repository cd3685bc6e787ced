"""Is there such a method? One rule for two levels: a type known by declaration is judged at `types`, an inferred one at `api`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from idiolect.packs.bbj.cursor import Fault
from idiolect.packs.bbj.inference import API, OWN, TEXT, Inference, Type
from idiolect.packs.bbj.lexer import Token
from idiolect.packs.bbj.outline import OwnClass, base_name
from idiolect.packs.bbj.table import OBJECT_METHODS, ApiTable, Method
from idiolect.packs.bbj.trees import Node

TYPES_LEVEL: Final = "types"
API_LEVEL: Final = "api"

_LIKENESS: Final = 0.75
"""How alike two names are, from 0 to 1, before one is suggested for the other. Chosen so that a slip of the pen is mended."""


class Finding(NamedTuple):
    """A fault and the weakest level that reports it."""

    level: str
    fault: Fault


def finding(token: Token, declared: bool, code: str, message: str, fix: str | None = None) -> Finding:
    """A finding at a token, of level `types` if declarations alone tell."""
    return Finding(TYPES_LEVEL if declared else API_LEVEL, Fault(token.start, code, message, fix))


def call_on_api_class(node: Node, base: Type, table: ApiTable) -> Iterator[Finding]:
    """A call of a method no class of that kind has, or with a number of arguments no overload takes.

    An inferred type may be less than what the object is, so the classes that inherit from it are asked as well.
    """
    name = "BBJSTRING" if base.kind == TEXT else base.name
    known = table.classes.get(name)
    if known is None or node.word in OBJECT_METHODS or table.is_open(name):
        return
    forms = table.overloads(name, node.word, below=not base.declared)
    if not forms:
        message = f"{known.name} has no method {node.token.text}()"
        yield finding(node.token, base.declared, "unknown-method", message, suggestion(node.word, name, table))
    elif not _fits(forms, len(node.parts)):
        yield finding(node.token, base.declared, "argument-count", _count_message(known.name, node, forms))


def call_on_own_class(node: Node, owner: OwnClass, inference: Inference, *, declared: bool) -> Iterator[Finding]:
    """The same for a class of the program, with the accessors its fields have by themselves."""
    lineage, whole = inference.lineage(owner)
    if not whole or node.word in OBJECT_METHODS:
        return
    forms = [form for known in lineage for form in known.methods.get(node.word, ())]
    fields = {base_name(field).upper() for known in lineage for field in known.fields}
    if node.word[:3] in ("GET", "SET") and node.word[3:].rstrip("$%!") in fields:
        return
    if not forms:
        known_names = {method.name for known in lineage for methods in known.methods.values() for method in methods}
        message = f"{owner.name} has no method {node.token.text}()"
        yield finding(node.token, declared, "unknown-method", message, closest(node.token.text, known_names))
    elif all(len(form.parameters) != len(node.parts) for form in forms):
        counts = sorted({len(form.parameters) for form in forms})
        message = f"{owner.name}.{node.token.text}() takes {_counted(counts)}, not {len(node.parts)}"
        yield finding(node.token, declared, "argument-count", message)


def suggestion(word: str, class_name: str | None, table: ApiTable) -> str | None:
    """What BBj has instead of a method of another language, or the most alike name of the class."""
    instead = table.foreign_methods.get(word)
    if instead is not None:
        return instead
    classes: Iterable[str] = (class_name,) if class_name is not None else ()
    names = {method.name for name in classes for known in table.ancestors(name) for method in known.methods.values()}
    return closest(word, names)


def closest(word: str, names: Iterable[str]) -> str | None:
    """The name most alike, in its own spelling."""
    spelled = {name.upper(): name for name in names}
    found = get_close_matches(word.upper(), spelled, n=1, cutoff=_LIKENESS)
    return spelled[found[0]] if found else None


def is_object(found: Type | None) -> bool:
    """Is there a class whose methods are known?"""
    return found is not None and found.kind in (API, OWN, TEXT)


def _fits(forms: Sequence[Method], count: int) -> bool:
    return any(count in form.counts or (form.variable and count >= min(form.counts)) for form in forms)


def _count_message(class_name: str, node: Node, forms: Sequence[Method]) -> str:
    counts = sorted({count for form in forms for count in form.counts})
    return f"{class_name}.{forms[0].name}() takes {_counted(counts)}, not {len(node.parts)}"


def _counted(counts: Sequence[int]) -> str:
    said = " or ".join(str(count) for count in counts) if len(counts) < 4 else f"{counts[0]} to {counts[-1]}"
    return f"{said} argument{'' if list(counts) == [1] else 's'}"
