"""Whether an answer is in the language at all, and of the generation that its label says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from idiolect.data.audit.view import View

_TAGS: Final = {
    **dict.fromkeys(("python", "py", "python3"), "python"),
    **dict.fromkeys(("javascript", "js", "node", "jsx"), "javascript"),
    **dict.fromkeys(("typescript", "ts", "tsx"), "typescript"),
    **dict.fromkeys(("c#", "csharp", "cs"), "c#"),
    **dict.fromkeys(("cpp", "c++", "cc"), "c++"),
    **dict.fromkeys(("vb", "vba", "vbnet", "vb.net", "visualbasic"), "visual basic"),
    **dict.fromkeys(("basic", "qbasic", "freebasic", "quickbasic"), "basic"),
    **{name: name for name in ("java", "kotlin", "c", "go", "rust", "php", "ruby", "perl", "swift", "scala", "pascal", "delphi")},
    **{name: name for name in ("cobol", "fortran", "lua", "dart", "r", "groovy", "bbj", "abap", "rpg", "powershell")},
}
"""Fence tag -> language. Shells, markup, SQL and data formats are no other language: they stand beside a program."""
_SIGNS: Final[dict[str, re.Pattern[str]]] = {
    "python": re.compile(
        r"^\s*(?:def \w+\(.*\)\s*(?:->\s*\S+\s*)?:|(?:from [\w.]+ )?import \w[\w., ]*(?: as \w+)?$|elif .*:"
        r"|if __name__ ==|(?:for \w+ in|while) .*:$"
        r"|with open\(.*:$|print\(f\")",
        re.MULTILINE,
    ),
    "javascript": re.compile(
        r"^\s*(?:(?:const|let|var) \w+ = .*;$|(?:async )?function \w*\(.*\)\s*\{|console\.log\("
        r"|(?:module\.exports|export default)\b|document\.\w+\()|=>\s*\{",
        re.MULTILINE,
    ),
    "java": re.compile(
        r"\bpublic static void main\(|\bSystem\.out\.print|^\s*import java\.[\w.]+\*?;$|^\s*public class \w+ ?\{?$", re.MULTILINE
    ),
    "c": re.compile(r"^\s*#include\s*[<\"]|\bint main\s*\(|\bprintf\s*\(\"", re.MULTILINE),
    "c#": re.compile(r"^\s*using System[\w.]*;$|\bConsole\.Write(?:Line)?\(|^\s*namespace \w+", re.MULTILINE),
    "visual basic": re.compile(
        r"^\s*(?:Dim \w+(?:\(\d*\))? As \w+|(?:Public |Private )?(?:Sub|Function) \w+\(.*\)"
        r"|End (?:Sub|Function|If|Class|Module)|MsgBox\b|Imports [\w.]+)",
        re.MULTILINE | re.IGNORECASE,
    ),
    "cobol": re.compile(
        r"^\s*(?:\d{6} )?\s*(?:IDENTIFICATION|ENVIRONMENT|DATA|PROCEDURE) DIVISION\b", re.MULTILINE | re.IGNORECASE
    ),
    "php": re.compile(r"<\?php|^\s*echo \$\w+|^\s*\$\w+ = .*;$", re.MULTILINE),
    "go": re.compile(r"^package \w+$|^func \w+\(.*\{$|\bfmt\.Print", re.MULTILINE),
    "rust": re.compile(r"^\s*fn \w+\(.*\{$|\bprintln!\(|^\s*let mut \w+", re.MULTILINE),
    "ruby": re.compile(r"^\s*(?:puts |require '|def \w+$|\w+\.each do \|)", re.MULTILINE),
    "bbj": re.compile(r"\bBBjAPI\(\)|^\s*(?:methodend|classend)\b|^\s*[A-Za-z]\w*[$!] ?= ?", re.MULTILINE | re.IGNORECASE),
}
"""Lines that are of one language and hardly of another; strings are taken out before."""
_HINTS: Final[dict[str, tuple[str, ...]]] = {
    "python": ("def ", "import ", "elif ", "__name__", "for ", "while ", "with open", "print(f"),
    "javascript": ("const ", "let ", "var ", "function ", "console.", "module.", "export ", "document.", "=>"),
    "java": ("public ", "system.out", "import "),
    "c": ("#include", "main", "printf"),
    "c#": ("using ", "console.", "namespace "),
    "visual basic": (" as ", "sub ", "function ", "end ", "msgbox", "imports "),
    "cobol": (" division",),
    "php": ("<?php", "echo $", "$"),
    "go": ("package ", "func ", "fmt."),
    "rust": ("fn ", "println!", "let mut "),
    "ruby": ("puts ", "require '", "def ", ".each do"),
}
"""What a text must hold, in any case, before the signs of a language are looked for."""
_FLAT: Final = tuple((name, hint) for name, hints in _HINTS.items() for hint in hints)
_MENTION: Final = {
    "python": "python",
    "javascript": "javascript|js|node|browser",
    "typescript": "typescript",
    "java": "java(?!script)",
    "c": "c",
    "c#": r"c#|csharp|\.net",
    "c++": r"c\+\+|cpp",
    "visual basic": r"visual ?basic|vb|vba|vb\.net",
}


def wrong_language(view: View) -> str | None:
    """A program in another language where the prompt does not name that language."""
    answer = view.text
    if not any(block.fenced for block in view.blocks):
        other = (
            None if view.programs and _own_sign(view, view.programs[0]) else _other(view, answer) if _codelike(answer) else None
        )
        return f"looks like {other}" if other and not _asked(view, other) else None
    own = view.language.names
    fences = [block for block in view.blocks if block.fenced and block.body.strip()]
    tagged = [block for block in fences if block.tag == view.language.fence]
    for block in tagged:
        other = None if _own_sign(view, block.body) else _other(view, block.body)
        if other and not _asked(view, other):
            return f"a fence tagged {block.tag} holds {other}"
    if tagged:
        return None
    for block in fences:
        other = _TAGS.get(block.tag) or (_other(view, block.body) if not block.tag else None)
        if other and other not in own and not _asked(view, other):
            return f"the program is {other}"
    return None


def _codelike(text: str) -> bool:
    return any(mark in text for mark in "(={;#") or "DIVISION" in text


def _bare(code: str) -> str:
    return re.sub(r"\"[^\"\n]*\"|'[^'\n]*'", '""', code)


def _other(view: View, code: str) -> str | None:
    """The language of which two signs are found, or one in a text of few lines."""
    lower = code.lower()
    likely = [name for name, hint in _FLAT if hint in lower and name not in view.language.names]
    if not likely:
        return None
    bare = _bare(code)
    least = 1 if bare.count("\n") < 6 else 2
    return next((name for name in dict.fromkeys(likely) if len(_SIGNS[name].findall(bare)) >= least), None)


def _own_sign(view: View, code: str) -> bool:
    """A sign of the language itself: then likeness to another is chance, or a mixture that the compiler will judge."""
    signs = next((_SIGNS[name] for name in view.language.names if name in _SIGNS), None)
    return signs is not None and signs.search(_bare(code)) is not None


def _asked(view: View, other: str) -> bool:
    prompt = view.record.prompt
    pattern = _MENTION.get(other, re.escape(other))
    return re.search(rf"(?<![\w#+]){pattern}(?![\w#+])".replace(pattern, f"(?:{pattern})"), prompt, re.IGNORECASE) is not None


def labels(view: View) -> tuple[str, ...]:
    """The generations that the record's label names; none where there is no label."""
    value = view.record.fields.get("generation")
    items: list[object] = list(value) if isinstance(value, list | tuple) else [value]  # pyright: ignore[reportUnknownArgumentType]
    return tuple(item for item in items if isinstance(item, str))


def generation_mismatch(view: View, dialect_of: Callable[[str], str]) -> str | None:
    """The program needs a newer generation than its label names. Programs of the older ones run in the newer, so one that needs
    none, or the oldest, fits every label."""
    named = labels(view)
    if not named or not view.programs:
        return None
    order = view.language.dialects
    found = dialect_of("\n".join(view.programs))
    newest = max((order.index(name) for name in named if name in order), default=len(order))
    if order.index(found) <= max(1, newest):
        return None
    return f"labelled {', '.join(named)}, the program is {found}"
