"""A record as the checks look at it: its answer with line breaks mended and cut into blocks, and the programs it offers.

A cause is to be found once: an answer whose line breaks are escaped is judged by what it says, not once more for having no fence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from idiolect.data.audit.control import without_outer_tokens
from idiolect.data.audit.escapes import escaped_breaks, unescaped
from idiolect.data.audit.fences import Block, blocks
from idiolect.data.audit.looks import is_code_line, looks_like_code
from idiolect.data.raw import RawRecord

SYSTEM_FORMATS: Final = frozenset({"messages", "sharegpt", "preference"})
"""Formats in which a conversation can carry a system message."""
_QUOTED: Final = re.compile(r"^[ \t]*>[ \t]?(.*)$")
_PROGRAM_TAGS: Final = frozenset({"", "text", "txt", "code", "plaintext"})
_EXPLAIN: Final = re.compile(
    r"(?:^|[.?!:,]\s+|\n)(?:please |can you |could you |in bbj,? )*(?:explain|what|why|"
    r"how (?:does|do|is|are|can i tell)|describe|which|when|where"
    r"|summari[sz]e|tell me|compare|is |are |does |do |should )",
    re.IGNORECASE,
)
_ASKING: Final = (
    *("explain", "what", "why", "how ", "describe", "which", "when", "where", "summari", "tell me", "compare"),
    *("is ", "are ", "does ", "do ", "should "),
)
"""What a prompt must hold before it is looked at whether a sentence begins with it."""


@dataclass(frozen=True, slots=True)
class Language:
    """What the checks must know of the language."""

    fence: str
    """Its tag, in lower case."""
    names: tuple[str, ...]
    """What it is called, in lower case."""
    dialects: tuple[str, ...]
    prompts: tuple[tuple[str, str], ...]
    """The pack's system prompts by use."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of an answer that holds code without a fence of its own."""

    start: int
    end: int
    """Offsets into `View.text`."""
    code: str


class View:
    """One record; everything else is made when a check asks for it."""

    def __init__(self, record: RawRecord, language: Language) -> None:
        self.record = record
        self.language = language

    @cached_property
    def breaks(self) -> int:
        """Escaped line breaks in the answer."""
        return len(escaped_breaks(self.record.answer))

    @cached_property
    def text(self) -> str:
        """The answer with its line breaks mended, without the control tokens that a rendered conversation left at its ends."""
        answer = self.record.answer
        text = unescaped(answer) if self.breaks else answer
        return without_outer_tokens(text) if text.rstrip().endswith((">", "]")) else text

    @cached_property
    def structured(self) -> str | None:
        """The program of an answer that is one JSON object with the key `code`."""
        return structured_code(self.text)

    @cached_property
    def blocks(self) -> list[Block]:
        """The blocks of the mended answer."""
        return blocks(self.text)

    @cached_property
    def quoted(self) -> list[Passage]:
        """Code in lines that begin with `>`: runs outside fences, and fences all of whose lines do."""
        if ">" not in self.text or self.structured is not None:
            return []
        found: list[Passage] = []
        for block in self.blocks:
            if block.fenced:
                lines = [line for line in block.body.split("\n") if line.strip()]
                marks = [_QUOTED.match(line) for line in lines]
                code = "\n".join(mark[1] for mark in marks if mark)
                # `>=` at a line's start is a comparison that goes on, and a mark has something of a program after it
                if lines and all(mark and not mark[1].startswith(("=", ">")) for mark in marks) and looks_like_code(code):
                    found.append(Passage(block.start, block.end, code))
            elif ">" in block.body:
                found += _runs(block, _quote, looks_like_code)
        return found

    @cached_property
    def bare(self) -> list[Passage]:
        """Code outside fences that is not quoted: the whole of an answer, or two lines and more that stand together."""
        if self.structured is not None:
            return []
        fences = any(block.fenced for block in self.blocks)
        found: list[Passage] = []
        for block in self.blocks:
            if block.fenced or not block.body.strip():
                continue
            if not fences and looks_like_code(block.body):
                body = block.body.strip("\n")
                start = block.start + block.body.index(body)
                return [Passage(start, start + len(body), body)]
            found += _runs(block, _bare_line, _two_lines)
        return found

    @cached_property
    def fenced(self) -> list[Block]:
        """Fences that hold a program of the language: tagged with its name, or untagged and looking like one."""
        quoted = {passage.start for passage in self.quoted}
        return [
            block
            for block in self.blocks
            if block.fenced and block.start not in quoted and block.body.strip() and self._is_program(block)
        ]

    def _is_program(self, block: Block) -> bool:
        return block.tag == self.language.fence or (block.tag in _PROGRAM_TAGS and looks_like_code(block.body))

    @cached_property
    def programs(self) -> tuple[str, ...]:
        """The programs of the answer, however they are marked; of a structured answer, the value of its key `code`."""
        if self.structured is not None:
            return (self.structured,)
        found = [block.body.strip("\n") for block in self.fenced]
        return tuple(found or [passage.code for passage in (*self.quoted, *self.bare)])

    @cached_property
    def form(self) -> str:
        """How the answer gives its program: `fenced`, `fenced with text`, `quoted`, `bare`, `structured`, or `text`."""
        if self.structured is not None:
            return "structured"
        if self.fenced:
            other = any(block.body.strip() for block in self.blocks if not block.fenced)
            return "fenced with text" if other or len(self.fenced) < sum(b.fenced for b in self.blocks) else "fenced"
        return "quoted" if self.quoted else "bare" if self.bare else "text"

    @cached_property
    def asks_for(self) -> str:
        """What the record teaches: the label's word, else `explanation` or `program` by what the prompt asks for."""
        label = self.record.fields.get("type")
        if isinstance(label, str) and label:
            return label
        prompt = self.record.prompt
        lower = prompt.lower()
        asks = any(word in lower for word in _ASKING) and _EXPLAIN.search(prompt) is not None
        return "explanation" if asks else "program"


def structured_code(text: str) -> str | None:
    """The program of an answer that is one JSON object with a text `code`, or None."""
    bare = text.strip()
    if not bare.startswith("{") or '"code"' not in bare:
        return None
    import json

    try:
        row: object = json.loads(bare)
    except (ValueError, RecursionError):
        return None
    code: object = row.get("code") if isinstance(row, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return code if isinstance(code, str) else None


def _quote(line: str) -> str | None:
    mark = _QUOTED.match(line)
    return mark[1] if mark else None


def _bare_line(line: str) -> str | None:
    return line if not line.lstrip().startswith(">") and is_code_line(line) else None


def _two_lines(code: str) -> bool:
    return code.count("\n") >= 1 and looks_like_code(code)


def _runs(block: Block, take: Callable[[str], str | None], accept: Callable[[str], bool]) -> list[Passage]:
    """Runs of lines that `take` gives a text for, where `accept` says that the texts are code."""
    found: list[Passage] = []
    run: list[str] = []
    begin = at = block.start
    for line in [*block.body.split("\n"), None]:
        taken = take(line) if line is not None else None
        if taken is not None:
            if not run:
                begin = at
            run.append(taken)
        elif run:
            code = "\n".join(run)
            if accept(code):
                found.append(Passage(begin, at - 1 if line is not None else min(at - 1, block.end), code))
            run = []
        at += len(line) + 1 if line is not None else 0
    return found
