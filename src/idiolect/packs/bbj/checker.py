"""The embedded BBj checker, without BBj: what `bbjcpl -N` reports, what `-t` adds, and names BBj has not.

Source of every rule: the evidence-tagged language facts. What each level says, and how it can be wrong, stands in
docs/reference/bbj-levels.md.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from idiolect.core.errors import ConfigError
from idiolect.core.records import Diagnostic
from idiolect.packs.bbj.levels import faults_of_level
from idiolect.packs.bbj.lexer import TOKENISED_MAGIC, lex
from idiolect.packs.bbj.parser import Parser
from idiolect.packs.bbj.scopes import TYPED, VERDICT

NAME: Final = "idiolect-bbj"
VERSION: Final = "4"
"""Changes whenever a verdict could change."""
LEVELS: Final = ("syntax", "types", "api")
"""Weakest first. A stronger level reports what the weaker ones do, and more."""


def check_source(source: str, level: str = "syntax") -> tuple[Diagnostic, ...]:
    """Diagnostics of one program, sorted by place; empty when the compiler would accept it.

    At most one per logical line from reading it, and one per use of an undefined label; `types` and `api` add one for each name
    or value they object to. Takes linear time. Raises ConfigError for a level it does not know, and nothing else.
    """
    if level not in LEVELS:
        raise ConfigError(f"the checker {NAME} has no level {level!r}", expected=", ".join(LEVELS))
    if source.startswith(TOKENISED_MAGIC):
        return (Diagnostic(1, 1, "tokenised-program", "this program is in BBj's binary form; list it as text first (bbjlst)"),)
    nul = source.find("\0")
    if nul >= 0:
        return (_not_text(source, nul),)
    with _no_search_for_cycles():
        return _found(source, level)


def _found(source: str, level: str) -> tuple[Diagnostic, ...]:
    program = lex(source)
    parser = Parser(program, VERDICT if level == "syntax" else TYPED)
    faults = parser.run()
    if level != "syntax":
        added = faults_of_level(parser, level)
        errors = {(fault.start, fault.code) for fault in added}
        faults = [fault for fault in faults if (fault.start, fault.code) not in errors] + added
    found = sorted(dict.fromkeys(faults), key=lambda fault: (fault.start, fault.code))
    position = program.position
    return tuple(Diagnostic(*position(start), code, message, severity, fix) for start, code, message, fix, severity in found)


@contextmanager
def _no_search_for_cycles() -> Generator[None]:
    """The checker makes many tokens and no cycle of references; looking for cycles takes up to a third of its time."""
    pauses = gc.isenabled()
    if pauses:
        gc.disable()
    try:
        yield
    finally:
        if pauses:
            gc.enable()


def _not_text(source: str, nul: int) -> Diagnostic:
    """The one thing to say of a binary file, or of UTF-16 that was read as something else."""
    before = source[:nul].replace("\r\n", "\n").replace("\r", "\n")
    column = nul - max(source.rfind("\n", 0, nul), source.rfind("\r", 0, nul))
    return Diagnostic(before.count("\n") + 1, column, "not-text", "this is no text: it holds a NUL character")
