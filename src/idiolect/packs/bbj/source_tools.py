"""What the rest of idiolect does with BBj source: strip comments, rename, list identifiers. All of it token by token.

The parser says what each name is (a variable, a label, a member behind a dot), so `print` the verb and `print` the variable are
told apart. In a line the parser rejects, only names with a suffix are taken for variables: those are never keywords.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from idiolect.packs.bbj.cursor import (
    CLASS_DEFINITION,
    FIELD_DEFINITION,
    FUNCTION_NAME,
    LABEL_NAME,
    LINE_TARGET,
    MEMBER_NAME,
    METHOD_DEFINITION,
    OWN_NAME,
    TYPE_NAME,
    VARIABLE_NAME,
    Name,
)
from idiolect.packs.bbj.lexer import COMMENT, END, FILE_CLASS, NAME, NUMBER, STRING, Program, Token, lex
from idiolect.packs.bbj.parser import Parser
from idiolect.packs.bbj.words import SUFFIXES

_INTRODUCING: Final = frozenset(
    (VARIABLE_NAME, LABEL_NAME, FUNCTION_NAME, CLASS_DEFINITION, METHOD_DEFINITION, FIELD_DEFINITION, OWN_NAME)
)


def strip_comments(source: str) -> str:
    """The source without REM comments and without the `;` before one. Lines stay where they are; nothing else changes."""
    program = lex(source)
    edits: list[_Edit] = []
    for line in program.lines:
        for index, token in enumerate(line.tokens):
            if token.kind == COMMENT:
                start, stop = program.source_span(token)
                if index and line.tokens[index - 1].word == ";":
                    start = program.source_span(line.tokens[index - 1])[0]
                edits.append(_Edit(start, stop, ""))
    return _apply(source, edits)


def has_statement(source: str) -> bool:
    """True when a line holds more than a label and a comment."""
    for line in lex(source).lines:
        tokens = line.tokens
        labelled = len(tokens) > 1 and tokens[0].kind == NAME and tokens[1].word == ":"
        if tokens[2 if labelled else 0].kind not in (COMMENT, END):
            return True
    return False


def used_files(source: str) -> list[str]:
    """The files of the classes that a program names as `::file::Class`, each once, in order of appearance."""
    if "::" not in source:
        return []
    tokens = (token for line in lex(source).read() for token in line.tokens if token.kind == FILE_CLASS)
    return list(dict.fromkeys(token.text[2:].rpartition("::")[0].strip() for token in tokens))


def identifiers(source: str) -> list[str]:
    """Names the program introduces, each once, as first spelled and with its suffix, in order of appearance.

    A name without a suffix before a dot is left out: it is a class (`Math.max`) or a template (`rec.name$` of `rec$`).
    """
    program, names = _read(source)
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name.token.start):
        token = name.token
        bare_before_dot = (
            token.text[-1] not in SUFFIXES and name.role == VARIABLE_NAME and program.text[token.end : token.end + 1] == "."
        )
        if name.role in _INTRODUCING and not bare_before_dot and token.word not in ("THIS!", "SUPER!"):
            found.setdefault(token.word, token.text)
    return list(found.values())


def rename(source: str, names: Mapping[str, str], strings: Mapping[str, str], numbers: Mapping[str, str]) -> str:
    """The source with names, whole string contents and numbers replaced; everything between the tokens stays as it is.

    `names` maps names without regard to case, each with its suffix. Keywords and members behind a dot are left alone, unless
    the program itself declares that method; the implicit accessors of a renamed field (`getName`) follow it. A string that
    holds the name of a label or a method of the program, as callbacks do, is renamed with it. `numbers` goes by spelling and
    spares line numbers.
    """
    program, found = _read(source)
    renaming = _Renaming({key.upper(): new for key, new in names.items()}, strings, numbers, found)
    edits: list[_Edit] = []
    for token, new in renaming.replacements(program):
        if new != token.text:
            edits.append(_Edit(*program.source_span(token), new))
    return _apply(source, edits)


@dataclass(frozen=True, slots=True)
class _Edit:
    start: int
    stop: int
    text: str


def _apply(source: str, edits: list[_Edit]) -> str:
    """Apply edits that are in order and do not overlap."""
    pieces: list[str] = []
    at = 0
    for edit in edits:
        pieces += (source[at : edit.start], edit.text)
        at = edit.stop
    return "".join((*pieces, source[at:]))


def _read(source: str) -> tuple[Program, list[Name]]:
    """The program and every name in it, in no particular order."""
    program = lex(source)
    parser = Parser(program)
    parser.run()
    names = list(parser.names)
    seen = {name.token.start for name in names}
    for line in parser.rejected:
        for before, token in zip((None, *line.tokens), line.tokens, strict=False):
            behind_dot = before is not None and before.word == "."
            if token.kind == NAME and token.text[-1] in SUFFIXES and token.start not in seen:
                names.append(Name(token, MEMBER_NAME if behind_dot else VARIABLE_NAME))
    return program, names


class _Renaming:
    """What becomes of each token."""

    def __init__(
        self, names: Mapping[str, str], strings: Mapping[str, str], numbers: Mapping[str, str], found: list[Name]
    ) -> None:
        self._names = names
        self._strings = strings
        self._numbers = numbers
        self._roles = {name.token.start: name.role for name in found}
        self._methods = {name.token.word for name in found if name.role == METHOD_DEFINITION}
        self._classes = {name.token.word for name in found if name.role == CLASS_DEFINITION}
        self._callable = self._methods | {name.token.word for name in found if name.role == LABEL_NAME}
        self._accessors = _accessors(names, found)

    def replacements(self, program: Program) -> Iterator[tuple[Token, str]]:
        """Each token that can be renamed, in order, and what it becomes."""
        for line in program.lines:
            for token in line.tokens:
                if token.kind == NAME and token.start in self._roles:
                    yield token, self._name(token, program.text[token.end : token.end + 1])
                elif token.kind == STRING:
                    yield token, self._string(token)
                elif token.kind == NUMBER and self._roles.get(token.start) != LINE_TARGET:
                    yield token, self._numbers.get(token.text, token.text)

    def _name(self, token: Token, behind: str) -> str:
        role, word = self._roles[token.start], token.word
        new = self._names.get(word)
        if role in (MEMBER_NAME, OWN_NAME):
            accessor = self._accessors.get(word)
            if accessor is not None and new is None:
                return accessor
            if role == MEMBER_NAME and word not in self._methods:
                return token.text
        if role == TYPE_NAME and word not in self._classes:
            return token.text
        if new is None and role == VARIABLE_NAME and behind == "." and token.text[-1] not in SUFFIXES:
            new = self._names.get(word + "$", token.text).removesuffix("$")
        return token.text if new is None else new

    def _string(self, token: Token) -> str:
        content = token.text[1:-1].replace('""', '"')
        new = self._names.get(content.upper()) if content.upper() in self._callable else None
        if new is None:
            new = self._strings.get(content)
        return token.text if new is None else '"' + new.replace('"', '""') + '"'


def _accessors(names: Mapping[str, str], found: list[Name]) -> dict[str, str]:
    """`GETNAME` to `getCity` for every field that is renamed: the language makes getters and setters by itself."""
    accessors: dict[str, str] = {}
    for name in found:
        new = names.get(name.token.word)
        if name.role == FIELD_DEFINITION and new is not None:
            old = name.token.word.rstrip(SUFFIXES)
            stem = new.rstrip(SUFFIXES)
            for verb in ("get", "set"):
                accessors[verb.upper() + old] = verb + stem[:1].upper() + stem[1:]
    return accessors
