"""The embedded BBj checker: what `bbjcpl -N` reports, without BBj. Source of every rule: the evidence-tagged language facts."""

from __future__ import annotations

from typing import Final

from idiolect.core.errors import ConfigError
from idiolect.core.records import Diagnostic
from idiolect.packs.bbj.lexer import TOKENISED_MAGIC, lex
from idiolect.packs.bbj.parser import Parser

NAME: Final = "idiolect-bbj"
VERSION: Final = "1"
"""Changes whenever a verdict could change."""
LEVELS: Final = ("syntax",)


def check_source(source: str, level: str = "syntax") -> tuple[Diagnostic, ...]:
    """Diagnostics of one program, sorted by place; empty when the compiler would accept it.

    At most one per logical line from reading it, and one per use of an undefined label. Takes linear time. Raises ConfigError
    for a level it does not know, and nothing else.
    """
    if level not in LEVELS:
        raise ConfigError(f"the checker {NAME} has no level {level!r}", expected=", ".join(LEVELS))
    if source.startswith(TOKENISED_MAGIC):
        return (Diagnostic(1, 1, "tokenised-program", "this program is in BBj's binary form; list it as text first (bbjlst)"),)
    program = lex(source)
    found = sorted(Parser(program).run(), key=lambda fault: (fault.start, fault.code))
    return tuple(Diagnostic(*program.position(f.start), f.code, f.message, f.severity, f.fix) for f in found)
