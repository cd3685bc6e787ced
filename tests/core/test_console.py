import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console as RichConsole

from idiolect.core import console as module
from idiolect.core.console import Console


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    out = capsys.readouterr()
    assert out.err == ""
    return [json.loads(line) for line in out.out.splitlines()]


def on_terminal(width: int = 100) -> tuple[Console, io.StringIO]:
    console, screen = Console(), io.StringIO()
    console._rich = RichConsole(file=screen, force_terminal=True, width=width, highlight=False)
    return console, screen


def test_programs_get_one_json_object_a_line_and_the_result_last(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(json_lines=True)
    console.step("data")
    console.note("grün")
    console.table("score", ("who", "n"), [("base", 3)])
    console.result({"ok": True, "path": Path("a")})
    assert events(capsys) == [
        {"event": "step", "title": "data"},
        {"event": "note", "text": "grün"},
        {"event": "table", "title": "score", "rows": [{"who": "base", "n": 3}]},
        {"ok": True, "path": "a"},
    ]


def test_people_are_told_on_stderr_and_stdout_stays_free(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.step("data")
    console.note("a [remark]")
    console.table("score", ("who", "n", "share"), [("base", 12000, 0.25), ("tuned", 3, None)])
    console.result({"ok": True})
    out = capsys.readouterr()
    assert out.out == ""
    for part in ("data", "a [remark]", "score", "12,000", "0.25", "tuned"):
        assert part in out.err
    assert "None" not in out.err
    assert "ok" not in out.err


def test_brackets_in_what_is_said_are_text_not_markup() -> None:
    console, screen = on_terminal()
    console.table("x[0]", ("[a]",), [("[red]y[/]",)])
    console.step("[bold]z")
    assert all(part in screen.getvalue() for part in ("x[0]", "[a]", "[red]y[/]", "[bold]z"))


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Console().table("t", ("a", "b"), [(1,)])


def test_progress_for_programs_ends_with_the_last_state_and_is_not_a_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    with Console(json_lines=True).progress(100, "train") as progress:
        for step in range(100):
            progress.advance(1, loss=step / 100)
    (last,) = events(capsys)
    assert (last["event"], last["title"], last["done"], last["total"], last["loss"]) == ("progress", "train", 100, 100, 0.99)


def test_progress_in_a_log_file_says_how_far_how_long_and_how_much_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 6.0, 12.0, 30.0])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    with Console().progress(40, "train") as progress:
        progress.advance(10, loss=2.5)
        progress.advance(10, tokens_per_second=1800)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "  train: 20 of 40 in 12 s, 12 s left; loss 2.5  tokens per second 1,800",
        "  train: 20 of 40 in 30 s, 30 s left; loss 2.5  tokens per second 1,800",
    ]


def test_progress_on_a_terminal_is_a_bar_with_its_fields() -> None:
    console, screen = on_terminal()
    with console.progress(10, "train [x]") as progress:
        for _ in range(10):
            progress.advance(1, loss=1.25)
    last = screen.getvalue()
    assert "train [x]" in last
    assert "10/10" in last
    assert "loss 1.25" in last


def test_a_progress_of_unknown_length_works(capsys: pytest.CaptureFixture[str]) -> None:
    with Console(json_lines=True).progress(None, "walk") as progress:
        progress.advance(3)
    assert events(capsys)[0]["done"] == 3
    console, screen = on_terminal()
    with console.progress(None, "walk") as progress:
        progress.advance(3)
    assert "walk" in screen.getvalue()


def test_a_progress_whose_work_fails_lets_the_error_through() -> None:
    for console in (Console(json_lines=True), Console(), on_terminal()[0]):
        with pytest.raises(ZeroDivisionError), console.progress(3, "x") as progress:
            progress.advance(1 / 0)
