"""HTML that is escaped by construction: text becomes markup only through `el`, and only `el` makes markup.

What a model wrote is untrusted. A plain string is escaped wherever it is put; `Html` is what has been through here already.
Joining or formatting `Html` gives a plain string again, so a slip shows as escaped markup on the page and never as a script.
"""

from __future__ import annotations

import html
from collections.abc import Iterable

_VOID = frozenset({"meta", "br", "circle", "line", "rect", "polyline"})
_VISIBLE = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\t\n"},
    0x7F: "\u2421",
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)), "\ufffd"),
}
"""Control characters as their pictures; what would reorder the text around it, and halves of surrogate pairs, as U+FFFD."""


class Html(str):
    """Markup that may stand on the page as it is."""

    __slots__ = ()


Child = str | Html | None


def el(tag: str, *children: Child, **attributes: str | int | float | bool | None) -> Html:
    """An element. Children that are not `Html` are escaped; None is left out.

    Attribute names are written as Python can: `class_` is `class`, `aria_label` is `aria-label`. None and False leave the
    attribute out, True gives it no value.
    """
    head = "".join(_attribute(name, value) for name, value in attributes.items())
    if tag in _VOID:
        return Html(f"<{tag}{head}>" if tag in {"meta", "br"} else f"<{tag}{head}/>")
    return Html(f"<{tag}{head}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Html:
    """Children one after the other, without an element around them."""
    return Html("".join(child if isinstance(child, Html) else text(child) for child in children if child is not None))


def text(value: str) -> Html:
    """`value` as text."""
    return Html(html.escape(value.translate(_VISIBLE)))


def _attribute(name: str, value: str | int | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{text(str(value))}"'
