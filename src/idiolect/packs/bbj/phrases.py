"""Phrases of other languages at the beginning of a statement: each is named, with what BBj says instead.

Rules: section 9 of the language facts.
"""

from __future__ import annotations

from typing import Final

from idiolect.packs.bbj.cursor import Cursor
from idiolect.packs.bbj.lexer import END, NAME
from idiolect.packs.bbj.words import OBJECT_FUNCTIONS

_ENDS: Final = {
    "IF": "fi",
    "WHILE": "wend",
    "FOR": "next",
    "SWITCH": "swend",
    "SELECT": "swend",
    "METHOD": "methodend",
    "CLASS": "classend",
    "FUNCTION": "fnend",
    "SUB": "return",
    "INTERFACE": "interfaceend",
    "DEF": "fnend",
}
_CALLS: Final = {
    "ALERT": "x = msgbox(…)",
    "MSGBOX": "x = msgbox(…)",
    "PRINTLN": "print …",
    "ECHO": "print …",
    "PUTS": "print …",
    "PRINTF": "print …",
    "SLEEP": "wait n",
}
_WORDS: Final = {
    "ELSEIF": ("else-if", "BBj has no ELSEIF: write ELSE on its line and a nested IF", "else"),
    "ELSIF": ("else-if", "BBj has no ELSIF: write ELSE on its line and a nested IF", "else"),
    "ELIF": ("else-if", "BBj has no ELIF: write ELSE on its line and a nested IF", "else"),
    "FUNCTION": ("foreign-word", "BBj has no FUNCTION: use DEF FNname(…), a METHOD or a label with GOSUB", "def fn"),
    "SUB": ("foreign-word", "BBj has no SUB: use a label with GOSUB and RETURN, or a METHOD", "gosub"),
    "TRY": ("foreign-word", "BBj has no TRY: use ERR=label or SETERR label", "seterr"),
    "CATCH": ("foreign-word", "BBj has no CATCH: use ERR=label or SETERR label", "seterr"),
    "FOREACH": ("foreign-word", "BBj has no FOREACH: use FOR with an index, or WHILE with an iterator", "for"),
    "DO": ("foreign-word", "BBj has no DO: use WHILE … WEND or REPEAT … UNTIL", "repeat"),
    "LOOP": ("foreign-word", "BBj has no LOOP: use WHILE … WEND or REPEAT … UNTIL", "wend"),
    "IMPORT": ("foreign-word", "BBj has no IMPORT: use USE", "use"),
    "CONST": ("foreign-word", "BBj has no CONST: assign a variable", None),
    "VAR": ("foreign-word", "BBj has no VAR: assign a variable, or DECLARE it with its type", "declare"),
    "PUBLIC": ("foreign-word", "the access level follows CLASS, FIELD or METHOD", "method public"),
    "PRIVATE": ("foreign-word", "the access level follows CLASS, FIELD or METHOD", "method private"),
    "PROTECTED": ("foreign-word", "the access level follows CLASS, FIELD or METHOD", "method protected"),
    "DEFAULT": ("foreign-word", "the default branch is CASE DEFAULT", "case default"),
}


def reject_foreign_phrase(c: Cursor) -> None:
    """Reject the statement at hand if it begins like one of another language; return if it does not."""
    first, second = c.token, c.following
    if first.word == "!" or (first.word == "#" and second.start > first.end) or first.word == second.word == "-":
        c.reject("comment-form", f"{first.text} begins no comment; a comment is REM", first, "rem")
    word = first.word
    joined = word[3:] if word.startswith("END") else ""
    if word == "END" and second.word in _ENDS:
        _reject_end(c, f"END {second.word}", second.word)
    if joined in _ENDS and word != "ENDIF":
        _reject_end(c, word, joined)
    opens = second.kind in (NAME, END) or second.word == "{"
    if (word in _WORDS and opens) or (word in ("ELSEIF", "ELSIF", "ELIF") and second.word != "="):
        code, message, fix = _WORDS[word]
        c.reject(code, message, first, fix)
    if first.kind == NAME and second.word == "(" and first.text[-1] not in "$!" and word not in OBJECT_FUNCTIONS:
        fix = _CALLS.get(word)
        c.reject(
            "bare-call",
            f"{first.text}(…) alone is no statement: only a method call is; assign the result or use GOSUB or CALL",
            first,
            fix,
        )


def _reject_end(c: Cursor, said: str, block: str) -> None:
    c.reject(
        "end-if" if block == "IF" else "foreign-end",
        f"BBj has no {said}; this block ends with {_ENDS[block].upper()}",
        fix=_ENDS[block],
    )


FOREIGN_WORDS: Final = frozenset((*_CALLS, *_WORDS, *("END" + block for block in _ENDS), *_ENDS))
"""Every word that can make a statement look like one of another language."""
