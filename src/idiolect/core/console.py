"""What a verb says while it works: rich text on stderr for people, JSON lines on stdout for programs.

With `--json` every line on stdout is one JSON object: `{"event": "step" | "note" | "table" | "progress", ...}` while the work
goes on, and the verb's result, which has no key `event`, last. Without it stdout stays free for what a verb prints on purpose.
rich is imported when the first thing is said, so that `idiolect --help` does not pay for it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

_SECONDS_BETWEEN_EVENTS = 1.0
_SECONDS_BETWEEN_LINES = 10.0
"""Least time between two reports of a progress where no bar can be drawn: for programs, and for people's log files."""


class Progress(Protocol):
    """A progress that `Console.progress` opened."""

    def advance(self, n: float = 1, **fields: Any) -> None:
        """`n` more of the total are done; `fields` (loss, tokens/s) are shown beside the bar until they change."""
        ...


class Console:
    """One verb's voice."""

    def __init__(self, *, json_lines: bool = False) -> None:
        self.json_lines = json_lines
        self._rich: RichConsole | None = None

    @property
    def rich(self) -> RichConsole:
        """The rich console on stderr."""
        if self._rich is None:
            from rich.console import Console as RichConsole

            self._rich = RichConsole(stderr=True, highlight=False)
        return self._rich

    def step(self, title: str) -> None:
        """A part of the work begins."""
        if self.json_lines:
            self._emit({"event": "step", "title": title})
        else:
            self.rich.print(f"\n{title}", style="bold cyan", markup=False)

    def note(self, text: str) -> None:
        """One remark."""
        if self.json_lines:
            self._emit({"event": "note", "text": text})
        else:
            self.rich.print(text, markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A table; columns whose cells are all numbers are set flush right.

        Raises:
            ValueError: a row has another length than `columns`.
        """
        if any(len(row) != len(columns) for row in rows):
            raise ValueError(f"every row needs {len(columns)} cells")
        if self.json_lines:
            cells = [dict(zip(columns, row, strict=True)) for row in rows]
            self._emit({"event": "table", "title": title, "rows": cells})
            return
        from rich.table import Table
        from rich.text import Text

        table = Table(title=Text(title), title_justify="left", header_style="bold")
        for index, column in enumerate(columns):
            numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
            table.add_column(Text(column), justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(_cell(cell)) for cell in row))
        self.rich.print(table)

    @contextmanager
    def progress(self, total: float | None, title: str) -> Generator[Progress]:
        """A progress over `total` units (None: unknown) with the time left; leaves one line behind when the block ends.

        On a terminal it is a bar; elsewhere, and for programs, a line now and then.
        """
        if self.json_lines or not self.rich.is_terminal:
            lines = _Lines(self, total, title)
            yield lines
            lines.close()
            return
        with _bar(self.rich) as bar:
            yield _Bar(bar, bar.add_task(title, total=total, fields=""))

    def result(self, obj: object) -> None:
        """What the verb found out, for programs; people have been told by then, so this prints nothing to them."""
        if self.json_lines:
            self._emit(obj)

    def _emit(self, obj: object) -> None:
        sys.stdout.write(json.dumps(obj, ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()

    def progress_line(self, title: str, done: float, total: float | None, seconds: float, fields: dict[str, Any]) -> None:
        """One line of a progress that is no bar."""
        if self.json_lines:
            head = {"event": "progress", "title": title, "done": done, "total": total, "seconds": round(seconds, 1)}
            self._emit({**head, **fields})
            return
        share = f"{done:g} of {total:g}" if total else f"{done:g}"
        left = f", {seconds / done * (total - done):.0f} s left" if total and 0 < done < total else ""
        self.note(f"  {title}: {share} in {seconds:.0f} s{left}{_fields(fields, '; ')}")


class _Bar:
    def __init__(self, bar: RichProgress, task: TaskID) -> None:
        self._bar = bar
        self._task = task
        self._fields: dict[str, Any] = {}

    def advance(self, n: float = 1, **fields: Any) -> None:
        self._fields.update(fields)
        self._bar.update(self._task, advance=n, fields=_fields(self._fields, ""))


class _Lines:
    def __init__(self, console: Console, total: float | None, title: str) -> None:
        self._console = console
        self._total = total
        self._title = title
        self._done = 0.0
        self._fields: dict[str, Any] = {}
        self._begin = self._last = time.monotonic()

    def advance(self, n: float = 1, **fields: Any) -> None:
        self._done += n
        self._fields.update(fields)
        now = time.monotonic()
        if now - self._last >= (_SECONDS_BETWEEN_EVENTS if self._console.json_lines else _SECONDS_BETWEEN_LINES):
            self._last = now
            self._say(now)

    def close(self) -> None:
        self._say(time.monotonic())

    def _say(self, now: float) -> None:
        self._console.progress_line(self._title, self._done, self._total, now - self._begin, self._fields)


def _bar(rich: RichConsole) -> RichProgress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("  {task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[fields]}", markup=False),
    )
    return Progress(*columns, console=rich)


def _fields(fields: dict[str, Any], head: str) -> str:
    return head + "  ".join(f"{name.replace('_', ' ')} {_cell(value)}" for name, value in fields.items()) if fields else ""


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return "" if value is None else str(value)
