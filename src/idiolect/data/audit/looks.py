"""Whether a piece of text looks like a program: the signs that code has and prose has not, line by line.

No parser: the text may be broken code, and it may be of any language. A line counts when its shape is a statement's (an
assignment, a call, a keyword with an operand that no sentence has there); a run of plain words outside strings makes it prose.
"""

from __future__ import annotations

import re
from typing import Final

_STRING: Final = re.compile(r'"[^"\n]*"')
_PROSE: Final = re.compile(
    r"[a-z]+ (?:[a-z]{2,} ){2,}[a-z]{2,}|[a-z]{2,}[.,;:?!] [A-Za-z]?[a-z]+ |\b(?:the|an|is|are|which|this) "
)
_CODE: Final = re.compile(
    r"""\s*(?:\d{1,5}\s+)?(?:
      (?:rem|REM|Rem)(?:\s|$)
    | (?://|/\*|\*>|\#!)
    | (?:let\s+|LET\s+|Let\s+)?\#?[A-Za-z_][\w.]*[$%!]?(?:\[[^\]\n]*\]|\([^()\n]*\))?\s*[-+*/]?=\s*[^=\s>]
    | (?i:print|input|let|dim|d?read|write|open|close|extract|find|remove|select|data|restore|call|enter
        |wait|string|erase|mkeyed|execute|run|load|save|rename|mkdir|chdir|setopts|void|display|accept)(?:\s+(?i:record))?\s*\(?[#\d"'@$(:]
    | (?i:print|input|dim|d?read|write|open|close|enter|wait)\s+[A-Za-z_]\w*(?:[$%!(\[,;]|\s*[-+*/^<>]\s*[\w(])
    | (?i:print|gosub|goto)\s+[A-Za-z_]\w*[$%!]?\s*$
    | (?i:if)\s.+\s(?i:then)\b
    | (?i:for)\s+\w+[%!]?\s*=
    | (?i:while|until)\s+\S.*(?:[=<>(]|$)
    | (?i:next|wend|endif|fi|return|end|release|escape|swend|methodend|classend|fnend|begin|stop|repeat
        |exitto|else|break|continue)
        (?:\s+\w+[%!$]?)?\s*;?\s*$
    | (?i:class|method|field|interface)\s+(?i:public|private|protected|static)\b
    | (?i:declare)\s+(?:auto\s+)?[\w.:]+\s+\w+!
    | (?i:use)\s+(?:::|\w+\.\w)[\w.:/]*\s*$
    | (?i:def)\s*(?i:fn)\w*
    | (?i:on)\s+\S+\s+(?i:goto|gosub)\b
    | (?i:seterr|setesc|switch|case|swend)\s+\S+\s*$
    | (?i:process_events|begin)\b[^.]*$
    | \#?\w+[!$%]?(?:\.\w+(?:\([^\n]*\))?)*\.\w+\([^\n]*\)\s*;?\s*$
    | (?i:move|add|display|perform|accept|compute|stop\ run)\s+\S+.*\.\s*$(?<=[A-Z"'\d]\.)
    | \w+\([^\n]*\)\s*;\s*$
    | [^\n]*[{}]\s*;?\s*$
    | :\s*\S
    | [A-Za-z_]\w*:\s*$
    )""",
    re.VERBOSE,
)
_LABEL: Final = re.compile(r"\s*[A-Za-z_]\w*:\s*$")


def is_code_line(line: str) -> bool:
    """Whether one line has the shape of a statement."""
    if _CODE.match(line) is None:
        return False
    bare = _STRING.sub('""', line)
    if bare.lstrip()[:4].lower().startswith(("rem", "//", "/*", "*>")):
        return True
    return _PROSE.search(bare) is None


def looks_like_code(text: str) -> bool:
    """Whether most of the lines that are not blank look like statements, the first of them too (a label alone is none)."""
    lines = [line for line in text.split("\n") if line.strip()]
    if not lines or (len(lines) == 1 and _LABEL.match(lines[0])):
        return False
    hits = [is_code_line(line) for line in lines]
    strong = any(hit and not _LABEL.match(line) for hit, line in zip(hits, lines, strict=True))
    return strong and hits[0] and 10 * sum(hits) >= 6 * len(lines)
