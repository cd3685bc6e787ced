"""What a language pack is: the protocol every language implements, ours included.

A pack is found by the entry point group `idiolect.packs` (see `registry`). It knows the language's files, its prompts, how to
judge a program, how to run one and how to cut one into pieces; it knows nothing of models. `conformance` says whether it keeps
its word. A language whose compiler is a command needs no code at all: `command` reads its pack from a manifest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from idiolect.core.records import Verdict
from idiolect.sandbox import Demand


class Validator(Protocol):
    """Judges sources. One call takes many: a real compiler's start-up is paid once."""

    @property
    def name(self) -> str:
        """Who speaks: part of every verdict and of the cache key."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever a verdict could change."""
        ...

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels it knows, weakest first."""
        ...

    def check(self, sources: Sequence[str], level: str) -> list[Verdict]:
        """Verdicts in the order of `sources`. Raises PrerequisiteError when the tool is not there; a fault on one source
        is a verdict with `fault` set."""
        ...


@runtime_checkable
class External(Protocol):
    """A validator whose work another process does: `check` only waits, and may be called by several threads at once."""

    @property
    def batch(self) -> int:
        """Sources that one call of `check` is best given."""
        ...


@dataclass(frozen=True, slots=True)
class Case:
    """What a program is given on standard input, and what it must write."""

    stdin: str
    stdout: str

    def matches(self, stdout: str) -> bool:
        """Whether that is what the program wrote. Blanks at the end of a line and blank lines at the end do not count: a program
        that fills a field with blanks is right."""
        return _trimmed(stdout) == _trimmed(self.stdout)


def _trimmed(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    return lines


@dataclass(frozen=True, slots=True)
class Execution:
    """What came of running one program once."""

    stdout: str = ""
    stderr: str = ""
    exit_code: int | None = None
    """None when the program did not end by itself."""
    stopped: str | None = None
    """Which limit stopped it (`wall`, `memory`, ...), or `build` when it could not be made ready to run."""
    fault: str | None = None
    """The machine failed: this says nothing about the program."""

    @property
    def ended(self) -> bool:
        """True when the program ran to its own end."""
        return self.fault is None and self.stopped is None


@runtime_checkable
class Folding(Protocol):
    """What a pack may have besides: how its programs are compared. Two programs that differ in layout, comments, names they
    introduce and values only have the same folded tokens. Near-duplicates are found faster and better with it."""

    def lexemes(self, source: str) -> list[str]:
        """The tokens of a program that count, as they are spelled, in order. No comments, no layout. Never raises."""
        ...

    def fold(self, lexeme: str) -> str:
        """What a token counts as: by its spelling alone, so that one spelling is asked about once."""
        ...


@runtime_checkable
class Linking(Protocol):
    """What a pack may have besides: which files a program uses. Raw programs are then ordered by it."""

    def uses(self, source: str) -> list[str]:
        """The files whose classes or parts the program uses, as it names them, each once, in order. Never raises."""
        ...


class Runner(Protocol):
    """Runs programs. They are not trusted: a runner keeps them in `idiolect.sandbox`, or says why it cannot."""

    @property
    def name(self) -> str:
        """What runs them, e.g. `cobc`."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever an output could change."""
        ...

    def run(self, source: str, inputs: Sequence[str]) -> list[Execution]:
        """Run the program once for each text of `inputs` on its standard input; it is made ready only once.

        Raises PrerequisiteError when the tool, or the isolation that is asked for, is not there.
        """
        ...


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a program: whole lines that belong together."""

    title: str
    """The line that opens it, without blanks around it."""
    first_line: int
    """1-based."""
    last_line: int
    text: str


class Chunker(Protocol):
    """Cuts programs where a reader would."""

    def chunks(self, source: str) -> list[Chunk]:
        """Every line of `source` in exactly one chunk, in order; none for an empty source."""
        ...


@dataclass(frozen=True, slots=True)
class Samples:
    """Programs that a pack is held to (`conformance`)."""

    right: str
    wrong: str
    wrong_line: int
    """The line of `wrong` at which the validator finds the first error."""
    empty_ok: bool
    """What the validator says of an empty source."""
    cases: tuple[Case, ...] = ()
    """How `right` behaves; none where the pack has no runner."""


class LanguagePack(Protocol):
    """Everything idiolect asks of a language."""

    @property
    def name(self) -> str:
        """Lower-case identifier, as in `language: bbj`."""
        ...

    @property
    def title(self) -> str:
        """The language's name for people."""
        ...

    @property
    def fence(self) -> str:
        """The tag of a Markdown code fence."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File endings of programs, with the dot."""
        ...

    @property
    def dialects(self) -> tuple[str, ...]:
        """Labels a program may carry (BBj: its generations), the most general first."""
        ...

    @property
    def prompts(self) -> Mapping[str, str]:
        """System prompts by use: `assistant`, `completion`, `explainer`, `structured`."""
        ...

    @property
    def error_classes(self) -> Mapping[str, str]:
        """The families of errors, each with what it means in a few words; `error_class` answers with one of them."""
        ...

    @property
    def samples(self) -> Samples:
        """A program that is right, one that is wrong, and what is to be said of them."""
        ...

    def validator(self, compiler: str | None = None, include: Sequence[Path] = ()) -> Validator:
        """The validator that speaks: the compiler's when `compiler` names one (or the pack finds it), else the embedded one.

        `include` are the folders in which a program's own classes and copybooks are looked up, by a validator that looks there.
        Raises PrerequisiteError when there is none to speak.
        """
        ...

    def runner(self, demand: Demand = "strict") -> Runner | None:
        """What runs programs of this language here, or None for a pack that cannot run any.

        `demand` is how firmly they must be kept apart. Raises PrerequisiteError when the pack could run them and its tool, or
        that isolation, is not there.
        """
        ...

    def chunker(self) -> Chunker:
        """What cuts programs of this language into pieces."""
        ...

    def dialect_of(self, source: str) -> str:
        """Which of `dialects` the program is written in, by what it says itself."""
        ...

    def error_class(self, code: str) -> str:
        """The family that a diagnostic's code belongs to."""
        ...

    def strip_comments(self, source: str) -> str:
        """The source without comments: what task patterns are matched against."""
        ...

    def has_statement(self, source: str) -> bool:
        """True when at least one statement is there that is not a comment."""
        ...

    def rename(self, source: str, names: Mapping[str, str], strings: Mapping[str, str], numbers: Mapping[str, str]) -> str:
        """The source with identifiers, the contents of string literals and numbers replaced token by token."""
        ...

    def identifiers(self, source: str) -> list[str]:
        """Variable, label, function, class and method names the program itself introduces, in order of appearance."""
        ...
