"""Line breaks that are the two characters `\\n`: where they stand, and the text with them put in.

Told apart from a `\\n` that is meant: one in a string literal or in inline code, in a path, after a blank (as in "split at \\n
and trim"), or beside a slash or a quote. An escaped line break has text, another one or the text's end directly on either side.
"""

from __future__ import annotations

import json
import re
from typing import Final

_BREAK: Final = re.compile(r"(?:\\r)?\\n")
_MEANT: Final = re.compile(
    r'"(?:\\.|[^"\n\\])*"'  # a string literal, without an end it is none
    r"|(?<!`)`(?!`)[^`\n]+`(?!`)"
    r"|\b[A-Za-z]:\\[^\s\"'`]*"
    r"|(?<![\w\\])\\\\[A-Za-z][\w.$\\-]*"
)


def escaped_breaks(text: str) -> list[tuple[int, int]]:
    """The spans of the escaped line breaks of a text, in order."""
    if "\\n" not in text or _is_json(text):
        return []
    masked = _MEANT.sub(lambda found: found[0] if "\\n" not in found[0] else "\x00" * len(found[0]), text)
    # Quotes that are escaped too are no literals: the whole text was escaped once more.
    if '\\"' in text and not re.search(r'(?<!\\)"', text):
        masked = text
    spans: list[tuple[int, int]] = []
    last = -1
    for found in _BREAK.finditer(masked):
        start, end = found.span()
        before = masked[start - 1] if start else "\n"
        after = masked[end : end + 2]
        glued = start == last or (not before.isspace() and before not in "/'\\(") or (start == 0 and bool(spans))
        follows = not after or after[0] not in " \t\n/'),.;" or after[:2] == "  "
        if (glued and (follows or masked.startswith("\\n", end))) or _beside_fence(masked, start, end):
            spans.append((start, end))
            last = end
    return spans if _certain(text, spans) else []


def _is_json(text: str) -> bool:
    """A text that is one JSON value: there the two characters are how a line break is written."""
    bare = text.strip()
    if not bare.startswith(("{", "[")):
        return False
    try:
        json.loads(bare)
    except (ValueError, RecursionError):
        return False
    return True


def _beside_fence(text: str, start: int, end: int) -> bool:
    return text.startswith("```", end) or bool(re.search(r"```[\w+#.-]*$", text[max(0, start - 24) : start]))


def _certain(text: str, spans: list[tuple[int, int]]) -> bool:
    """One break before a lower-case letter may be anything that has a backslash in it: a path, a formula."""
    return len(spans) > 1 or any(not text[end : end + 1].islower() for _, end in spans)


def unescaped(text: str) -> str:
    """The text with its escaped line breaks as line breaks; quotes and tabs that were escaped with them are restored too."""
    spans = escaped_breaks(text)
    if not spans:
        return text
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces.append(text[at:start])
        at = end
    mended = "\n".join([*pieces, text[at:]])
    if '\\"' in mended and not re.search(r'(?<!\\)"', mended):
        mended = mended.replace('\\"', '"')
    return re.sub(r"(?m)^(?:\\t)+", lambda found: "\t" * (len(found[0]) // 2), mended)
