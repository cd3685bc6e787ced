"""`pack.yaml`: what a language pack says of a language whose compiler is a command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from idiolect.core.documents import Model, read_tree, validate
from idiolect.core.errors import ConfigError

MANIFEST_NAME = "pack.yaml"
REJECTED = "rejected"
"""The class of an error that no class of the manifest knows."""


def _regular(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


Regex = Annotated[str, Field(min_length=1), AfterValidator(_regular)]
"""A regular expression, in Python's syntax."""

PackName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]


class DialectEntry(Model):
    """A form the language is written in."""

    name: PackName
    pattern: Regex | None = None
    """Found in programs of this dialect (`^` and `$` match at every line). The first entry needs none: it is for the rest."""
    arguments: tuple[str, ...] = ()
    """What the compiler is told, where a command says `{dialect}`."""
    comments: tuple[Regex, ...] = ()
    """Forms of comments on top of those of `words`."""


class ErrorClass(Model):
    """A family of errors."""

    name: PackName
    """Also the code of its diagnostics."""
    meaning: str
    """In a few words, for reports."""
    pattern: Regex
    """Found in the messages of this class; the first class that fits counts."""


class Compiler(Model):
    """The command that judges programs."""

    command: str
    """Its name, looked up on PATH."""
    get: str
    """The command that installs it, said to whoever lacks it."""
    version: tuple[str, ...] = ("--version",)
    """Arguments that make it print its version; the first line counts."""
    levels: dict[PackName, tuple[str, ...]]
    """Level -> arguments. `{file}` stands for the program's files, `{dialect}` for the dialect's arguments, `{include}` for the
    folders to look things up in."""
    include: tuple[str, ...] = ()
    """Arguments that name one such folder, with `{folder}` in them."""
    accepts: tuple[int, ...] = (0,)
    """Exit codes of a call that judged every program, whether it found errors or not."""
    rejects: tuple[int, ...] = (1,)
    """Exit codes of a call that found an error. Every other code is a fault of the machine."""
    finding: Regex
    """A line of its output that reports something, with the groups `file`, `line` and `message`; also `column`, `severity` and
    `code` where it says them."""
    hints: tuple[str, ...] = ("warning", "note", "info")
    """Severities that are no errors."""
    files: int = Field(default=1, ge=1, le=1000)
    """Programs that one call is given."""
    seconds: float = Field(default=20.0, gt=0.0, le=3600.0)
    """How long a call may take."""
    environment: dict[str, str] = Field(default_factory=lambda: {"LC_ALL": "C"})
    """Variables set for it; the messages have to be in the language that `finding` and `errors` are written for."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        groups = re.compile(self.finding).groupindex
        if lacking := [name for name in ("file", "line", "message") if name not in groups]:
            raise ValueError(f"finding lacks the group {lacking[0]}: write (?P<{lacking[0]}>...)")
        if not self.levels:
            raise ValueError("levels: at least one is needed")
        if without := [level for level, arguments in self.levels.items() if "{file}" not in arguments]:
            raise ValueError(f"levels.{without[0]}: one argument must be {{file}}")
        return self


class Running(Model):
    """How a program is made ready and run: each in a folder of its own, in the sandbox."""

    build: tuple[str, ...] | None = None
    """A command that turns `{file}` into `product`; `{dialect}` as above. None for a language that needs no build."""
    product: str = "program"
    """The file that `build` makes and `run` runs."""
    run: tuple[str, ...] = Field(min_length=1)
    """A command, in a folder that holds the product, or `{file}` where nothing is built."""
    readable: tuple[str, ...] = ()
    """Files and folders outside of /usr that they need, e.g. the compiler's settings in /etc."""
    seconds: float = Field(default=10.0, gt=0.0, le=600.0)
    """CPU time of a run; a build has three times that, and the clock on the wall five times."""


class Words(Model):
    """What the language's words look like. Patterns may not match the empty text."""

    comments: tuple[Regex, ...]
    strings: tuple[Regex, ...]
    """Literals with their delimiters, one character each."""
    number: Regex = r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])"
    name: Regex = r"[A-Za-z_]\w*"
    declarations: tuple[Regex, ...]
    """Where a program introduces a name, as the group `name`."""
    chunk: Regex
    """A line that opens a piece of a program, matched from its start."""
    ignore_case: bool = False


class CaseEntry(Model):
    """A run of the right sample."""

    stdin: str = ""
    stdout: str


class SamplesEntry(Model):
    """The programs that `idiolect pack check` holds the pack to."""

    right: str
    """A file beside the manifest."""
    wrong: str
    wrong_line: int = Field(ge=1)
    empty_ok: bool
    """What the compiler says of an empty program."""
    cases: tuple[CaseEntry, ...] = ()


class Manifest(Model):
    """A language pack in one file."""

    version: Literal[1] = 1
    name: PackName
    title: str = Field(min_length=1)
    fence: str = Field(pattern=r"^[\w+#.-]+$")
    suffixes: tuple[Annotated[str, Field(pattern=r"^\.[a-z0-9]+$")], ...] = Field(min_length=1)
    """The first is the one a program is given to the compiler with."""
    prompts: dict[str, str] = Field(default_factory=dict)
    """System prompts by use, in place of the ones made from the title."""
    dialects: tuple[DialectEntry, ...] = Field(default=(DialectEntry(name="all"),), min_length=1)
    compiler: Compiler
    errors: tuple[ErrorClass, ...] = ()
    runner: Running | None = None
    words: Words
    samples: SamplesEntry

    @model_validator(mode="after")
    def _dialects_differ(self) -> Self:
        names = [dialect.name for dialect in self.dialects]
        if len(set(names)) != len(names):
            raise ValueError(f"dialects: names must differ, got {', '.join(names)}")
        if without := [dialect.name for dialect in self.dialects[1:] if dialect.pattern is None]:
            raise ValueError(f"dialects: {without[0]} needs a pattern, only the first does without")
        return self


def load_manifest(path: Path) -> Manifest:
    """Read `pack.yaml`, or the one in the folder `path`.

    Raises:
        ConfigError: with file, line and column of the first offence, and what was expected.
    """
    file = path / MANIFEST_NAME if path.is_dir() else path
    tree = read_tree(file, missing="there is no pack manifest", hint="make a pack with: idiolect pack new NAME")
    manifest = validate(Manifest, tree, file, whole="dialects")  # what the whole manifest is checked for is about its dialects
    for name in (manifest.samples.right, manifest.samples.wrong):
        if not (file.parent / name).is_file():
            raise ConfigError(f"samples: there is no file {name!r} beside the manifest", file=file)
    return manifest
