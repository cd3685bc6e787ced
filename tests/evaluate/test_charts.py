from __future__ import annotations

import math
import xml.etree.ElementTree as ET

import pytest

from idiolect.evaluate.charts import compiled_chart, difference_bar, loss_chart, read_losses, share_bar, short
from idiolect.evaluate.metrics import Interval

LOG = [{"step": i, "tokens": i * 100, "loss": 5 / i, "val_loss": 6 / i if i % 5 == 0 else None, "lr": 1e-3} for i in range(1, 21)]


def drawn(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def test_the_curves_of_a_log_are_its_finite_losses_over_tokens() -> None:
    losses = read_losses(LOG)
    assert losses.unit == "tokens"
    assert losses.train[0] == (100.0, 5.0)
    assert [x for x, _ in losses.validation] == [500.0, 1000.0, 1500.0, 2000.0]
    assert losses.best == (2000.0, 0.3)


def test_a_log_that_counts_no_tokens_is_drawn_over_steps() -> None:
    losses = read_losses([{"step": 3, "loss": 1.0}, {"step": 4, "loss": 0.5}])
    assert (losses.unit, losses.train) == ("steps", ((3.0, 1.0), (4.0, 0.5)))


def test_losses_that_are_not_finite_are_counted_and_not_drawn() -> None:
    losses = read_losses([{"step": 1, "loss": math.nan}, {"step": 2, "loss": math.inf}, {"step": 3, "loss": 1.0}])
    assert (losses.dropped, losses.train) == (2, ((3.0, 1.0),))


def test_a_long_log_is_averaged_in_equal_groups() -> None:
    losses = read_losses([{"step": i, "loss": float(i)} for i in range(1, 1001)])
    assert losses.averaged == 3
    assert len(losses.train) == 334
    assert losses.train[0] == (3.0, 2.0)


def test_every_point_lies_inside_the_drawing() -> None:
    svg = drawn(loss_chart(read_losses(LOG), "a label"))
    width, height = (float(part) for part in svg.attrib["viewBox"].split()[2:])
    points = [tuple(map(float, pair.split(","))) for line in svg.iter("polyline") for pair in line.attrib["points"].split()]
    assert len(points) == 20 + 4
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)
    assert svg.attrib["aria-label"] == "a label"


def test_the_curve_of_compile_at_1_is_drawn_from_0_to_100_percent_over_the_same_tokens() -> None:
    log = [{**row, "compile_at_1": row["step"] / 20 if row["val_loss"] else None} for row in LOG]  # pyright: ignore[reportOperatorIssue]
    losses = read_losses(log)
    assert losses.compiled == ((500.0, 0.25), (1000.0, 0.5), (1500.0, 0.75), (2000.0, 1.0))
    assert read_losses(LOG).compiled == ()
    svg = drawn(compiled_chart(losses, "a label"))
    points = [tuple(map(float, pair.split(","))) for line in svg.iter("polyline") for pair in line.attrib["points"].split()]
    over = {place[0] for place in chart_points(loss_chart(losses, ""), "validation")}
    assert {x for x, _ in points} == over
    height = float(svg.attrib["viewBox"].split()[3])
    assert all(0 <= y <= height for _, y in points)
    assert "100" in [text.text for text in svg.iter("text")]


def chart_points(svg: str, name: str) -> list[tuple[float, ...]]:
    (line,) = [line for line in drawn(svg).iter("polyline") if name in line.attrib["class"]]
    return [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]


def test_a_lower_loss_is_drawn_lower_and_a_later_one_further_right() -> None:
    svg = drawn(loss_chart(read_losses(LOG), ""))
    (line,) = [line for line in svg.iter("polyline") if "train" in line.attrib["class"]]
    points = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    xs, ys = zip(*points, strict=True)
    assert xs == tuple(sorted(set(xs)))
    assert ys == tuple(sorted(set(ys)))  # downwards: SVG counts from the top


@pytest.mark.parametrize("log", [[], [{"step": 1, "loss": 2.0}], [{"step": 0, "tokens": 0, "loss": 0.0}], [{"val_loss": 1.0}]])
def test_a_log_with_next_to_nothing_in_it_is_still_drawn(log: list[dict[str, float | int | None]]) -> None:
    assert drawn(loss_chart(read_losses(log), "")).tag == "svg"


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), (999, "999"), (250_000, "250k"), (1_500_000, "1.5M"), (2e9, "2G")])
def test_counts_on_an_axis_are_short(value: float, shown: str) -> None:
    assert short(value) == shown


def test_a_bar_puts_the_share_inside_its_interval() -> None:
    for bar in (share_bar(0.6, Interval(0.5, 0.7)), difference_bar(-0.1, Interval(-0.2, 0.05))):
        svg = drawn(bar)
        (rect,), (dot,) = svg.findall("rect"), svg.findall("circle")
        low = float(rect.attrib["x"])
        assert low < float(dot.attrib["cx"]) < low + float(rect.attrib["width"])


def test_a_difference_below_zero_lies_left_of_the_mark() -> None:
    svg = drawn(difference_bar(-0.1, Interval(-0.2, 0.05)))
    (mark,) = [line for line in svg.findall("line") if line.attrib["class"] == "zero"]
    assert float(svg.findall("circle")[0].attrib["cx"]) < float(mark.attrib["x1"])
