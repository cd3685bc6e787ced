"""What the parser keeps across lines, how much of a program it is asked to read, and where it stops."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from idiolect.packs.bbj.blocks import Blocks
from idiolect.packs.bbj.lexer import Token

MAX_TOKENS: Final = 60_000
"""In one line; a line with more is not read."""
WORTH_CHARACTERS: Final = 100_000
"""From this size on shapes are looked at: in a smaller program so few lines are alike that looking costs more than it saves."""
MAX_JUDGED: Final = 150_000
"""Tokens of a program that `types` and `api` judge; some 20,000 lines of the programs in use have as many."""

Reads = Literal["everything", "typed", "verdict"]
EVERYTHING: Final = "everything"
TYPED: Final = "typed"
VERDICT: Final = "verdict"

Effect = Literal["label", "reference", "open", "see"]
"""What a line that is right does beyond itself."""
KnownEffect = tuple[Effect, int]
"""With the index of the token that does it."""


@dataclass(slots=True)
class Scope:
    """The program or one method body: labels, their uses, and the blocks that are open."""

    labels: set[str] = field(default_factory=set[str])
    references: list[Token] = field(default_factory=list[Token])
    blocks: Blocks = field(default_factory=Blocks)
    result: str = "VOID"
    """What the method returns, in upper case."""
    returns: bool = False
    """A METHODRET or a THROW was there."""


@dataclass(slots=True)
class OpenClass:
    """The class or the interface that is open."""

    header: Token
    name: str
    interface: bool
    implied: bool = False
    """Its header is missing, which was reported: nothing more is asked of it."""
    fields: set[str] = field(default_factory=set[str])
    stray: Token | None = None
    """Begins the statements that stand outside the methods; the next part of the class ends them."""
