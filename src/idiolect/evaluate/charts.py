"""The report's pictures, drawn as inline SVG. Colours and type come from the style sheet, so they follow light and dark."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from idiolect.evaluate.html import Html, el, join
from idiolect.evaluate.metrics import Interval

Point = tuple[float, float]
_Place = Callable[[Point], Point]
"""From data to the drawing."""

_WIDTH, _HEIGHT = 480, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 14, 28, 38
_MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class Losses:
    """What a stage's log says, ready to draw. `x` is in tokens seen where the log counts them, else in steps."""

    train: tuple[Point, ...]
    validation: tuple[Point, ...]
    unit: str
    """`tokens` or `steps`."""
    dropped: int
    """Losses that were not finite numbers."""
    averaged: int
    """Log entries behind each drawn training point; 1 when each is drawn."""
    compiled: tuple[Point, ...] = ()
    """compile@1 on validation samples, a share; empty where none were judged."""

    @property
    def best(self) -> Point | None:
        """The lowest validation loss, the earliest of equal ones."""
        return min(self.validation, key=lambda point: (point[1], point[0]), default=None)


def read_losses(points: Sequence[Mapping[str, float | int | None]]) -> Losses:
    """Take the curves out of log entries `{step, tokens, loss, val_loss, compile_at_1, lr}`, in which a value may be missing or
    None."""
    unit = "tokens" if points and all(point.get("tokens") is not None for point in points) else "steps"
    key = "tokens" if unit == "tokens" else "step"
    curves: dict[str, list[Point]] = {"loss": [], "val_loss": [], "compile_at_1": []}
    dropped = 0
    for number, point in enumerate(points, start=1):
        x = point.get(key)
        for name, curve in curves.items():
            y = point.get(name)
            if y is None:
                continue
            if math.isfinite(y):
                curve.append((float(number if x is None else x), float(y)))
            else:
                dropped += 1
    averaged = math.ceil(len(curves["loss"]) / _MOST_POINTS) if curves["loss"] else 1
    train = tuple(_averages(curves["loss"], averaged))
    return Losses(train, tuple(curves["val_loss"]), unit, dropped, averaged, tuple(curves["compile_at_1"]))


def _averages(points: Sequence[Point], size: int) -> list[Point]:
    groups = [points[start : start + size] for start in range(0, len(points), size)]
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]


def loss_chart(losses: Losses, label: str) -> Html:
    """Training and validation loss over tokens; `label` says in words what is to be seen."""
    every = (*losses.train, *losses.validation)
    xs = ticks(0.0, max((x for x, _ in every), default=1.0), 5)
    ys = ticks(min((y for _, y in every), default=0.0), max((y for _, y in every), default=1.0), 5)
    place, best = _placer(xs, ys), losses.best
    return el(
        "svg",
        _grid(xs, ys, place, losses.unit, "loss, nats per token"),
        _line([place(point) for point in losses.train], "train"),
        _line([place(point) for point in losses.validation], "validation"),
        *(_dot(place(point), 3.0, "validation") for point in losses.validation),
        _dot(place(best), 6.5, "best") if best else None,
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=label,
        class_="chart",
    )


def compiled_chart(losses: Losses, label: str) -> Html:
    """compile@1 on validation samples over tokens, from 0 to 100 %; beside the losses, over the same tokens."""
    xs = ticks(0.0, max((x for x, _ in (*losses.train, *losses.compiled)), default=1.0), 5)
    ys = [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    place = _placer(xs, ys)
    points = [place((x, 100 * y)) for x, y in losses.compiled]
    return el(
        "svg",
        _grid(xs, ys, place, losses.unit, "compile@1 on validation samples, %"),
        _line(points, "validation"),
        *(_dot(point, 3.0, "validation") for point in points),
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        role="img",
        aria_label=label,
        class_="chart",
    )


def _placer(xs: Sequence[float], ys: Sequence[float]) -> _Place:
    """Puts points between the first and the last ticks."""

    def place(point: Point) -> Point:
        x = _LEFT + (point[0] - xs[0]) / (xs[-1] - xs[0]) * (_WIDTH - _LEFT - _RIGHT)
        y = _TOP + (ys[-1] - point[1]) / (ys[-1] - ys[0]) * (_HEIGHT - _TOP - _BOTTOM)
        return round(x, 1), round(y, 1)

    return place


def _grid(xs: Sequence[float], ys: Sequence[float], place: _Place, unit: str, measure: str) -> Html:
    bottom = _HEIGHT - _BOTTOM
    parts: list[Html] = []
    for value in ys:
        y = place((xs[0], value))[1]
        parts.append(el("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, class_="grid"))
        parts.append(el("text", decimal(value, ys), x=_LEFT - 7, y=y + 4, class_="tick end"))
    for value in xs:
        x = place((value, ys[0]))[0]
        parts.append(el("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, class_="axis"))
        parts.append(el("text", short(value), x=x, y=bottom + 17, class_="tick middle"))
    parts.append(el("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=bottom, y2=bottom, class_="axis"))
    parts.append(el("text", f"{unit} seen" if unit == "tokens" else unit, x=_WIDTH - _RIGHT, y=_HEIGHT - 5, class_="tick end"))
    parts.append(el("text", measure, x=4, y=11, class_="tick"))
    return join(parts)


def _line(points: Sequence[Point], name: str) -> Html | None:
    return el("polyline", points=" ".join(f"{x},{y}" for x, y in points), class_=f"curve {name}") if len(points) > 1 else None


def _dot(at: Point, radius: float, name: str) -> Html:
    return el("circle", cx=at[0], cy=at[1], r=radius, class_=f"dot {name}")


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers from at most `low` to at least `high`, in about that many steps of 1, 2, 2.5 or 5 times a power of ten."""
    span = (high - low) or max(abs(high), 1.0)
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, max(last, first + 1) + 1)]


def decimal(value: float, ticks: Sequence[float]) -> str:
    places = max((len(f"{tick:.4f}".rstrip("0").partition(".")[2]) for tick in ticks), default=0)
    return f"{value:.{places}f}"


def short(value: float) -> str:
    """A count for an axis: `250k`, `1.5M`."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def share_bar(share: float, interval: Interval) -> Html:
    """A small scale from 0 to 100 % with a share and its interval. Decoration: the numbers stand beside it."""
    return _scale(share, interval, marks=())


def difference_bar(difference: float, interval: Interval) -> Html:
    """The same from -100 to +100 points, with a mark at 0."""
    halved = Interval((1 + interval.low) / 2, (1 + interval.high) / 2)
    return _scale((1 + difference) / 2, halved, marks=(0.5,))


def _scale(at: float, interval: Interval, marks: Sequence[float]) -> Html:
    """A line of 200 units; `at`, the interval and the marks are shares of it."""
    low, high = 200 * interval.low, 200 * interval.high
    return el(
        "svg",
        el("line", x1=0, x2=200, y1=6, y2=6, class_="rail"),
        *(el("line", x1=200 * mark, x2=200 * mark, y1=0, y2=12, class_="zero") for mark in marks),
        el("rect", x=round(low, 1), width=round(max(high - low, 1.0), 1), y=3, height=6, rx=3, class_="span"),
        el("circle", cx=round(200 * at, 1), cy=6, r=3, class_="dot point"),
        viewBox="-4 0 208 12",
        class_="scale",
        aria_hidden="true",
    )
