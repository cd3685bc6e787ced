"""The report's plain tables and lists."""

from __future__ import annotations

from collections.abc import Mapping

from idiolect.evaluate.html import Html, el

Fact = str | int | float


def scrolling(label: str, table: Html) -> Html:
    """A table that scrolls sideways on a narrow screen, reachable with the keyboard."""
    return el("div", table, class_="scroll", role="region", tabindex=0, aria_label=label)


def fact_list(facts: Mapping[str, Fact], class_: str = "facts") -> Html | None:
    """Names and values; nothing for none."""
    if not facts:
        return None
    return el(
        "dl", *(part for name, value in facts.items() for part in (el("dt", name), el("dd", written(value)))), class_=class_
    )


def written(value: Fact) -> str:
    """A value for people: thousands separated, floats in four significant digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return value
