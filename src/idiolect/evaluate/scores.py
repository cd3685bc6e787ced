"""The report's score cells, score table and comparison table. Every share stands with its n and its 95 % interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from idiolect.evaluate.charts import difference_bar, share_bar
from idiolect.evaluate.compare import Comparison, p_value, points
from idiolect.evaluate.html import Html, el
from idiolect.evaluate.metrics import Proportion
from idiolect.evaluate.results import Evaluation
from idiolect.evaluate.tables import scrolling

_Score = Callable[[Evaluation], Proportion | None]

_COLUMNS: tuple[tuple[str, _Score], ...] = (
    ("compile@1", lambda e: e.compiled),
    ("solved", lambda e: e.solved),
    ("control", lambda e: e.solved_shuffled),
    ("compile@1, far half", lambda e: e.far_half("compiled")),
    ("solved, far half", lambda e: e.far_half("solved")),
)

_CELLS: tuple[tuple[str, str, _Score], ...] = (
    ("Solved", "compiles and holds what the task asks for", lambda e: e.solved),
    ("Compiles", "compile@1", lambda e: e.compiled),
    ("Solved, far half", "tasks least like the training data", lambda e: e.far_half("solved")),
    ("Control", "solved by another task’s patterns; low is good", lambda e: e.solved_shuffled),
)


def percent(share: float) -> str:
    """`63 %`; one decimal below one percent, so that little is not shown as nothing."""
    return f"{points(share)} %"


def score_cells(first: tuple[str, Evaluation], last: tuple[str, Evaluation]) -> Html:
    """The few numbers of the first screen: the last model's, with the first one's beside them."""
    cells: list[Html] = []
    for title, about, score in _CELLS:
        now, before = score(last[1]), score(first[1])
        if now is None:
            continue
        was = f"{first[0]}: {percent(before.share)}" if before is not None and first[0] != last[0] else None
        cells.append(
            el(
                "div",
                el("h2", title),
                el("p", percent(now.share), class_="big"),
                share_bar(now.share, now.interval),
                el("p", f"95 % {_range(now)}, n = {now.n}", class_="small"),
                el("p", was, class_="small") if was else None,
                el("p", about, class_="small muted"),
                class_="cell",
            )
        )
    return el("div", *cells, class_="cells")


def score_table(evaluations: Mapping[str, Evaluation]) -> Html:
    """One row a model."""
    known = [(title, score) for title, score in _COLUMNS if any(score(e) is not None for e in evaluations.values())]
    header = el("tr", el("th", "model", scope="col"), *(el("th", title, scope="col") for title, _ in known))
    rows = [
        el("tr", el("th", name, scope="row"), *(_score_cell(score(evaluation)) for _, score in known))
        for name, evaluation in evaluations.items()
    ]
    return scrolling("Scores of every model", el("table", el("thead", header), el("tbody", *rows), class_="scores"))


def _score_cell(score: Proportion | None) -> Html:
    if score is None:
        return el("td", "not known", class_="muted")
    count = f"{score.successes:.0f}" if float(score.successes).is_integer() else f"{score.successes:.1f}"
    return el(
        "td",
        el("strong", percent(score.share)),
        el("span", f" [{_range(score)}]", class_="muted"),
        share_bar(score.share, score.interval),
        el("span", f"{count} of {score.n}", class_="small muted"),
    )


def _range(score: Proportion) -> str:
    return f"{points(score.interval.low)} to {points(score.interval.high)}"


def comparison_table(comparisons: Sequence[Comparison]) -> Html:
    """One row a pair of models and measure."""
    titles = ("later", "earlier", "measure", "difference, points", "gained", "lost", "n", "p")
    numeric = {"gained", "lost", "n", "p"}
    header = el("tr", *(el("th", title, scope="col", class_="num" if title in numeric else None) for title in titles))
    rows = [_comparison_row(comparison) for comparison in comparisons]
    return scrolling("Paired comparisons", el("table", el("thead", header), el("tbody", *rows), class_="paired"))


def _comparison_row(comparison: Comparison) -> Html:
    interval = comparison.interval
    return el(
        "tr",
        el("th", comparison.after, scope="row"),
        el("td", comparison.before),
        el("td", "compile@1" if comparison.measure == "compiled" else "solved"),
        el(
            "td",
            el(
                "span",
                el("strong", points(comparison.difference, sign=True)),
                el("span", f" [{points(interval.low, sign=True)} to {points(interval.high, sign=True)}]", class_="muted"),
                class_="figures",
            ),
            difference_bar(comparison.difference, interval),
        ),
        el("td", str(len(comparison.gained)), class_="num"),
        el("td", str(len(comparison.lost)), class_="num"),
        el("td", str(comparison.n), class_="num"),
        el("td", p_value(comparison.p).removeprefix("p ").removeprefix("= "), class_="num"),
    )
