"""The parser's place in a logical line, what it has collected so far, and how it says no."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, NoReturn

from idiolect.core.records import Severity
from idiolect.packs.bbj.lexer import BAD, COMMENT, END, HEX, MNEMONIC, NAME, NUMBER, OP, STRING, Line, Token
from idiolect.packs.bbj.words import RESERVED, SUFFIXES, SYMBOLIC_LABELS

MAX_DEPTH: Final = 100
"""How deep expressions may nest. A level costs up to six Python frames, and Python's own limit is 1,000."""

MAX_FINDINGS: Final = 1_000
"""So many errors, and the rest of the program is not read; so many hints, and there are no more."""

VARIABLE_NAME: Final = "variable"
LABEL_NAME: Final = "label"
FUNCTION_NAME: Final = "function"
TYPE_NAME: Final = "type"
MEMBER_NAME: Final = "member"
"""Behind a dot."""
OWN_NAME: Final = "own member"
"""Behind `#`."""
CLASS_DEFINITION: Final = "class definition"
METHOD_DEFINITION: Final = "method definition"
FIELD_DEFINITION: Final = "field definition"
LINE_TARGET: Final = "line number"


class Fault(NamedTuple):
    """A diagnostic whose place is still an offset. A hint is something the compiler accepts although it looks wrong."""

    start: int
    code: str
    message: str
    fix: str | None = None
    severity: Severity = "error"


class Name(NamedTuple):
    """A token that names something, and what it names: a variable, a label, a member behind a dot."""

    token: Token
    role: str


_make_name: Final[Callable[[type[Name], tuple[Token, str]], Name]] = super(Name, Name).__new__
"""A NamedTuple's own constructor takes twice as long, and a program has many names."""


class RejectedError(Exception):
    """The statement at hand is wrong. Caught at the line's border; never leaves the parser."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Cursor:
    """Reads the tokens of one line after the other.

    `references` collects the label uses of the scope that is open, `names` every name of the program with its role, `assigned`
    where the target of each assignment begins, and `hints` what is accepted although it looks wrong.
    """

    __slots__ = ("assigned", "depth", "hints", "i", "names", "numbered", "references", "tokens")

    def __init__(self, numbered: bool) -> None:
        self.numbered = numbered
        self.tokens: tuple[Token, ...] = ()
        self.i = 0
        self.depth = 0
        self.references: list[Token] = []
        self.names: list[Name] = []
        self.assigned: set[int] = set()
        self.hints: list[Fault] = []

    def enter(self, line: Line) -> None:
        """Go to the first token of a line."""
        self.tokens = line.tokens
        self.i = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The token at hand. The last token of a line is `END`, and nothing moves past it."""
        return self.tokens[self.i]

    @property
    def following(self) -> Token:
        """The token after the one at hand; behind the last one there is nothing but itself."""
        return self.tokens[self.i + 1] if self.i + 1 < len(self.tokens) else self.tokens[-1]

    def at(self, word: str) -> bool:
        """Is this name (upper case) or operator at hand?"""
        return self.tokens[self.i].word == word

    def skip(self, word: str) -> bool:
        """Step over a name or operator if it is at hand."""
        if self.tokens[self.i].word == word:
            self.i += 1
            return True
        return False

    def expect(self, word: str, purpose: str) -> None:
        """Step over a name or operator, or reject: `expected ')' after the arguments`."""
        if not self.skip(word):
            self.unexpected(f"'{word}' {purpose}")

    def at_end(self) -> bool:
        """Does the statement end here? ELSE, FI and ENDIF end one too: they are reserved."""
        token = self.tokens[self.i]
        return token.kind == END or token.word in STATEMENT_ENDS

    def reject(self, code: str, message: str, token: Token | None = None, fix: str | None = None) -> NoReturn:
        """Give the line up with a diagnostic at `token`, or at the token at hand."""
        raise RejectedError(Fault((token or self.token).start, code, message, fix))

    def name(self, token: Token, role: str) -> None:
        """Remember what a token names."""
        self.names.append(_make_name(Name, (token, role)))

    def hint(self, code: str, message: str, token: Token, fix: str | None = None) -> None:
        """Remark on something the compiler accepts. There is an end to remarks on a program, too."""
        if len(self.hints) < MAX_FINDINGS:
            self.hints.append(Fault(token.start, code, message, fix, "hint"))

    def unexpected(self, expected: str) -> NoReturn:
        """Reject the token at hand because `expected` should stand there; name the habit of another language if it is one."""
        token = self.token
        self._doubled_operator()
        habit = _FOREIGN_OPERATORS.get(token.word)
        if habit:
            code, message, fix = habit
            self.reject(code, message, token, fix)
        if token.kind == COMMENT:
            self.reject("comment-form", "a comment after a statement needs ';' before REM", token, "; rem")
        if token.kind == BAD:
            self._unreadable(token)
        if token.kind == MNEMONIC and self.tokens[self.i + 1].kind != OP:
            self.reject("comment-form", "'…' is a mnemonic such as 'CS'; a comment is REM", token, "rem")
        if token.kind == NAME and token.word in ("NOT", "MOD"):
            self.reject("operator", f"{token.word} is a function, not an operator", token, f"{token.word.lower()}(…)")
        if token.word in ("ELSEIF", "ELSIF", "ELIF"):
            self.reject("else-if", f"BBj has no {token.word}; write ELSE IF within one line, or nest block IFs", token, "else if")
        if token.kind == END:
            self.reject("incomplete", f"the line ends where {expected} should follow (only ':' in column 1 continues a line)")
        self.reject("unexpected-token", f"unexpected {_shown(token)}: expected {expected}", token)

    def _doubled_operator(self) -> None:
        """`i++` leaves a sign without an operand: at hand and once more behind it, or twice before."""
        for first in (self.i, self.i - 2):
            pair = self.tokens[max(first, 0) : first + 2]
            if len(pair) == 2 and pair[0].word in ("+", "-") and pair[1].word == pair[0].word:
                self.reject("operator", f"BBj has no {pair[0].word * 2}", pair[0], f"x = x {pair[0].word} 1")

    def _unreadable(self, token: Token) -> NoReturn:
        first = token.text[0]
        if first == '"':
            self.reject("unterminated-string", 'the string has no closing "; a quote inside a string is doubled', token)
        if first == "'":
            self.reject("comment-form", "' begins a mnemonic such as 'CS', not a comment", token, "rem")
        if first == "$":
            self.reject("hex-string", "$…$ holds pairs of hexadecimal digits", token)
        if first == "%":
            self.reject("operator", "BBj has no operator '%'; the remainder is MOD(a,b)", token, "mod(a,b)")
        self.reject("unexpected-character", f"unexpected character {first!r}", token)

    def at_line_reference(self) -> bool:
        """Does a label, a line number or a symbolic label such as *NEXT stand here?"""
        token = self.token
        if token.kind == NAME:
            return token.text[-1] not in SUFFIXES
        return token.kind == NUMBER or self.at_symbolic_label()

    def at_symbolic_label(self) -> bool:
        """Does *NEXT or its like stand here, written without a blank?"""
        token = self.token
        name = self.following
        return token.word == "*" and name.start == token.start + 1 and name.word in SYMBOLIC_LABELS

    def line_reference(self, purpose: str) -> None:
        """Read a line reference and remember the label it uses."""
        token = self.token
        if self.at_symbolic_label():
            self.i += 2
        elif token.kind == NAME and token.text[-1] not in SUFFIXES and token.word not in RESERVED:
            self.references.append(token)
            self.name(token, LABEL_NAME)
            self.i += 1
        elif token.kind == NUMBER and token.text.isdigit():
            if not self.numbered:
                self.reject("line-number", f"{token.text} is a line number, and this program has none; use a label", token)
            self.name(token, LINE_TARGET)
            self.i += 1
        else:
            self.unexpected(f"a label {purpose}")

    def list_of(self, item: Callable[[Cursor], object]) -> int:
        """Read `item` once, and again after every comma. Returns how many there were."""
        item(self)
        count = 1
        while self.skip(","):
            item(self)
            count += 1
        return count


Statement = Callable[[Cursor], None]
"""Reads one statement with its verb at hand and stops behind it."""

STATEMENT_ENDS: Final = frozenset((";", "ELSE", "FI", "ENDIF"))
"""What ends a statement within its line."""

_FOREIGN_OPERATORS: Final[Mapping[str, tuple[str, str, str | None]]] = {
    "==": ("operator", "comparison is '='", "="),
    "!=": ("operator", "'not equal' is '<>'", "<>"),
    "&&": ("operator", "logical and is AND", "and"),
    "||": ("operator", "logical or is OR", "or"),
    "+=": ("operator", "BBj has no '+='", "x = x + …"),
    "-=": ("operator", "BBj has no '-='", "x = x - …"),
    "*=": ("operator", "BBj has no '*='", "x = x * …"),
    "/=": ("operator", "BBj has no '/='", "x = x / …"),
    "&": ("operator", "strings are joined with '+'", "+"),
    "|": ("operator", "BBj has no '|'", "or"),
    "?": ("operator", "BBj has no '?:'", "iff(condition, a, b)"),
    "//": ("comment-form", "a comment is REM, after ';' if a statement precedes it", "rem"),
    "/*": ("comment-form", "a comment is REM, after ';' if a statement precedes it", "rem"),
    "!": ("comment-form", "a comment is REM, after ';' if a statement precedes it", "rem"),
    "#": ("comment-form", "a comment is REM, after ';' if a statement precedes it", "rem"),
    "{": ("brace", "BBj has no braces: a block ends with its own word (FI, WEND, NEXT, METHODEND, CLASSEND)", None),
    "}": ("brace", "BBj has no braces: a block ends with its own word (FI, WEND, NEXT, METHODEND, CLASSEND)", None),
    ":": ("colon", "':' does not separate statements; use ';'", ";"),
}


def _shown(token: Token) -> str:
    if token.kind in (STRING, HEX) and len(token.text) > 20:
        return token.text[:20] + "…"
    return f"'{token.text}'"
