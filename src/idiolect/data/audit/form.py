"""Checks of an answer's form: its line breaks, its fences, where it ends. Each gives what it found in words, or None."""

from __future__ import annotations

import re
from typing import Final

from idiolect.data.audit.escapes import escaped_breaks
from idiolect.data.audit.fences import blocks
from idiolect.data.audit.view import View

_WORD_END: Final = re.compile(
    r"(?:^|\s)(?:and|or|the|a|an|of|to|with|in|for|is|are|that|which|this|by|from|as|at|if|because|but|when|where|it's|into|your)$",
    re.IGNORECASE,
)
_CUT_SENTENCE: Final = re.compile(r"(?:[,(\[{]|\s[-–—]|[a-z0-9)`][:])$")
_CUT_CODE: Final = re.compile(r"(?:[+*/=(<>^]|\b(?:and|or|then|to|let|if|print|gosub|goto)\s*)$", re.IGNORECASE)
_REFUSAL: Final = re.compile(
    r"^\W*(?:(?:i['’]?m|i am)\s+(?:very |so |truly |really )?(?:sorry|afraid|unable|not able)\b"
    r"|(?:sorry|apologies|unfortunately)[,.]?\s+(?:but\s+)?i\s+(?:can['’]?t|cannot|can not|am unable|won['’]?t|don['’]?t)\b"
    r"|i\s+(?:can['’]?t|cannot|can not|won['’]?t)\s+(?:help|assist|provide|answer|do|generate|write|create|comply|support)\b"
    r"|i\s+apologi[sz]e\b.{0,40}\b(?:can['’]?t|cannot|unable)\b"
    r"|as\s+an?\s+(?:ai|artificial|large)\b"
    r"|i\s+don['’]?t\s+have\s+(?:access|enough|the ability|information)\b)",
    re.IGNORECASE,
)


def escaped_newline(view: View) -> str | None:
    """Line breaks that are the two characters `\\n`, in the answer or in the prompt."""
    if view.breaks:
        return f"{view.breaks} in the answer"
    prompt = view.record.prompt
    found = len(escaped_breaks(prompt)) if "\\n" in prompt else 0
    return f"{found} in the prompt" if found else None


def untagged_fence(view: View) -> str | None:
    """A fence without a tag around code of the language."""
    found = [block for block in view.fenced if not block.tag]
    return f"{len(found)} fence{'s' if len(found) > 1 else ''} without the tag {view.language.fence}" if found else None


def unclosed_fence(view: View) -> str | None:
    """A fence that the text never closes."""
    if any(not block.closed for block in view.blocks):
        return "in the answer"
    prompt = view.record.prompt
    return "in the prompt" if "```" in prompt and any(not block.closed for block in blocks(prompt)) else None


def quoted_code(view: View) -> str | None:
    """Code behind `>` marks."""
    return _first_line(view.quoted[0].code) if view.quoted else None


def unfenced_code(view: View) -> str | None:
    """Code without a fence. An answer under the pack's completion prompt is nothing but code, by agreement."""
    if not view.bare or view.quoted or view.record.system == dict(view.language.prompts).get("completion"):
        return None
    return _first_line(view.bare[0].code)


def empty_response(view: View) -> str | None:
    """An answer without text."""
    turns = view.record.turns
    if not turns or turns[-1].role != "assistant":
        return None
    if not view.text.strip():
        return "the answer is empty"
    if any(block.body.strip() for block in view.blocks):
        return None
    return "the answer is an empty fence"


def truncated_response(view: View) -> str | None:
    """An answer that stops in the middle."""
    text = view.text.rstrip()
    if not text or not view.record.turns or view.form == "structured":
        return None
    last = view.blocks[-1]
    if last.fenced:
        line = last.body.rstrip().rsplit("\n", 1)[-1].rstrip()
        return _cut_code(line, last.closed)
    line = text.rsplit("\n", 1)[-1].rstrip()
    if view.bare or view.quoted:
        return _cut_code(line, True)
    if _CUT_SENTENCE.search(line) or _WORD_END.search(line):
        return f"ends with {line[-40:]!r}"
    if line.count("`") % 2 and "```" not in line:
        return f"ends inside inline code: {line[-40:]!r}"
    return None


def _cut_code(line: str, closed: bool) -> str | None:
    """A closed fence is cut only where no statement of any language can end; an open one also inside a string or a bracket."""
    bare = re.sub(r'"[^"\n]*"', '""', line)
    if re.match(r"\s*(?:\d+\s+)?(?:rem\b|//|#|\*)", bare, re.IGNORECASE):
        return None
    if _CUT_CODE.search(bare) and len(bare.split()) > 1 and not bare.endswith(("++", "*/", "/>", ">")):
        return f"the program ends with {line[-40:]!r}"
    if not closed and (bare.count('"') % 2 or bare.count("(") > bare.count(")")):
        return f"the program ends with {line[-40:]!r}"
    return None


def refusal(view: View) -> str | None:
    """An answer that declines. Only its beginning counts: a program may print such a sentence, and a good answer may say what the
    language cannot do."""
    head = view.record.answer[:160].lstrip()
    return _first_line(head) if head[:1] not in ("`", "") and _REFUSAL.match(head) else None


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.split("\n") if line.strip()), "")[:120]
