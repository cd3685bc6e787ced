"""The picture of a sweep: validation loss over the swept value on a logarithmic axis, one line a series. An SVG file that needs
nothing else; its colours follow light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from idiolect.evaluate.charts import decimal, ticks
from idiolect.evaluate.html import Html, el, join

_WIDTH, _HEIGHT = 560, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 84, 34, 44
_LIGHT = ("#0a6666", "#a84f0b", "#5a4fa3", "#8a1f5c", "#3f6d12", "#5d5952")
_DARK = ("#5cc8bd", "#f0a562", "#b3a9f2", "#f08cc0", "#a9d873", "#b5b0a6")
"""Colours of the series; more than these begin again."""
_STYLE = (
    "svg{color-scheme:light dark;font:12px system-ui,sans-serif;background:#fbfaf7}"
    "text{fill:#5d5952}.label,.title{fill:#1d1c1a}.grid{stroke:#dedad2}.axis{stroke:#8b867c}"
    ".curve{fill:none;stroke-width:1.6}.best{fill:none;stroke-width:2}.middle{text-anchor:middle}.end{text-anchor:end}"
)
_STYLE_DARK = "svg{background:#161615}text{fill:#a9a49b}.label,.title{fill:#ece9e3}.grid{stroke:#3a3835}"


@dataclass(frozen=True, slots=True)
class Series:
    """A line: for each swept value the losses of its seeds; None where one diverged."""

    name: str
    """Written beside the line; empty where there is one line only."""
    points: tuple[tuple[float, tuple[float | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn."""

    title: str
    unit: str
    """What is swept: `learning rate` or `rank`."""
    series: tuple[Series, ...]
    best: tuple[str, float] | None
    """Name of the series and the value."""

    @property
    def values(self) -> list[float]:
        """The swept values, ascending."""
        return sorted({value for series in self.series for value, _ in series.points})


def sweep_chart(picture: Picture, written: Callable[[float], str]) -> str:
    """The SVG file's text; `written` puts a swept value in words."""
    losses = [loss for series in picture.series for _, seeds in series.points for loss in seeds if loss is not None]
    ys = ticks(min(losses, default=0.0), max(losses, default=1.0), 5)
    xs = picture.values
    place = _placer(xs, ys)
    drawing = el(
        "svg",
        el("style", Html(_STYLE + _colours(_LIGHT) + "@media(prefers-color-scheme:dark){" + _STYLE_DARK + _colours(_DARK) + "}")),
        el("text", picture.title, x=8, y=18, class_="title"),
        _axes(picture.unit, xs, ys, place, written),
        *(_series(number, series, picture.best, place) for number, series in enumerate(picture.series)),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=picture.title,
    )
    return f"{drawing}\n"


_Place = Callable[[float, float], tuple[float, float]]


def _placer(xs: Sequence[float], ys: Sequence[float]) -> _Place:
    low, high = math.log(xs[0]), math.log(xs[-1])

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log(x) - low) / (high - low) if high > low else 0.5
        down = (ys[-1] - y) / (ys[-1] - ys[0])
        return round(_LEFT + 16 + across * (_WIDTH - _LEFT - _RIGHT - 16), 1), round(_TOP + down * (_HEIGHT - _TOP - _BOTTOM), 1)

    return place


def _axes(unit: str, xs: Sequence[float], ys: Sequence[float], place: _Place, written: Callable[[float], str]) -> Html:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT + 16
    parts: list[Html] = []
    for value in ys:
        y = place(xs[0], value)[1]
        parts.append(el("line", x1=_LEFT, x2=right, y1=y, y2=y, class_="grid"))
        parts.append(el("text", decimal(value, ys), x=_LEFT - 7, y=y + 4, class_="end"))
    for value in xs:
        x = place(value, ys[0])[0]
        parts.append(el("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="axis"))
        parts.append(el("text", written(value), x=x, y=bottom + 18, class_="middle"))
    parts.append(el("line", x1=_LEFT, x2=right, y1=bottom, y2=bottom, class_="axis"))
    parts.append(el("text", f"{unit}, logarithmic; down: validation loss, nats a token", x=right, y=_HEIGHT - 8, class_="end"))
    return join(parts)


def _series(number: int, series: Series, best: tuple[str, float] | None, place: _Place) -> Html:
    """The line through the means, a dot for each seed, a cross above for what diverged, a ring around the best."""
    means: list[tuple[float, float]] = []
    parts: list[Html] = []
    for value, seeds in series.points:
        losses = [loss for loss in seeds if loss is not None]
        x = place(value, 0.0)[0]
        if len(losses) < len(seeds):
            parts.append(el("text", "× diverged", x=x, y=_TOP + 10, class_=f"middle s{number % len(_LIGHT)}"))
            continue
        mean = place(value, fmean(losses))
        means.append(mean)
        parts += [el("circle", cx=x, cy=place(value, loss)[1], r=3, class_=f"s{number % len(_LIGHT)}") for loss in losses]
        if best == (series.name, value):
            parts.append(el("circle", cx=mean[0], cy=mean[1], r=8, class_=f"best l{number % len(_LIGHT)}"))
    line = " ".join(f"{x},{y}" for x, y in means)
    name = el("text", series.name, x=means[-1][0] + 12, y=means[-1][1] + 4, class_="label") if means and series.name else None
    return join([el("polyline", points=line, class_=f"curve l{number % len(_LIGHT)}") if len(means) > 1 else None, *parts, name])


def _colours(colours: Sequence[str]) -> str:
    return "".join(f".s{number}{{fill:{colour}}}.l{number}{{stroke:{colour}}}" for number, colour in enumerate(colours))
