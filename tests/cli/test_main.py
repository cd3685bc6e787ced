import importlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import pytest

from idiolect.cli.main import VERBS

HEAVY = ("torch", "transformers", "peft", "accelerate", "trl", "numpy", "rich", "pydantic", "ruamel")


def test_help_takes_less_than_three_tenths_of_a_second(idiolect_process: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):  # measuring coverage takes as long as the help itself
        monkeypatch.delenv(name, raising=False)
    seconds: list[float] = []
    for _ in range(5):
        begin = time.perf_counter()
        assert idiolect_process("--help").returncode == 0
        seconds.append(time.perf_counter() - begin)
    assert min(seconds) < 0.3


def test_help_imports_nothing_heavy(repository: Path) -> None:
    code = (
        "import sys\nfrom idiolect.cli.main import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print('loaded', [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        check=True,
    )
    assert done.stderr == "loaded []\n"


def test_check_imports_neither_torch_nor_transformers(repository: Path) -> None:
    code = (
        "import sys\nfrom idiolect.cli.main import main\ntry:\n    main(['check', '-'])\nexcept SystemExit:\n    pass\n"
        "print('loaded', [name for name in ('torch', 'transformers', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input="end\n",
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(repository / "src")},
        check=True,
    )
    assert done.stdout == "loaded []\n"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_of_the_table_exists_under_its_name_and_summary(verb: str) -> None:
    module, summary = VERBS[verb]
    command: click.Command = importlib.import_module(module).command
    assert command.name == verb
    assert (command.help or "").splitlines()[0] == summary


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(idiolect: Any, verb: str) -> None:
    done = idiolect(verb, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: idiolect {verb}")


def test_a_verb_that_does_not_exist_names_the_one_that_was_meant(idiolect: Any) -> None:
    done = idiolect("chek")
    assert done.returncode == 2
    assert "no such verb: chek; did you mean check?" in done.stderr


def test_an_option_that_does_not_exist_is_bad_input(idiolect: Any) -> None:
    done = idiolect("check", "--levle", "x", "-")
    assert done.returncode == 2
    assert "--level" in done.stderr


def test_without_a_verb_the_help_is_shown(idiolect: Any) -> None:
    done = idiolect()
    assert done.returncode == 2
    assert "Verbs:" in done.stderr + done.stdout


def test_the_version_is_the_packages(idiolect: Any) -> None:
    assert re.fullmatch(r"idiolect, version \d+\.\d+\.\d+\n", idiolect("--version").stdout)


@pytest.fixture
def verb(tmp_path: Path, repository: Path) -> Any:
    """Start the real entry point with one more verb, `probe`, whose body the test gives."""

    def start(body: str, *arguments: str, **env: str) -> subprocess.Popen[str]:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        head = "import click, time\n@click.command(name='probe')\n@click.option('--json', is_flag=True)\ndef command(json):\n"
        (tmp_path / "probe.py").write_text(head + lines)
        code = f"from idiolect.cli import main\nmain.VERBS['probe'] = ('probe', 'x')\nmain.main(['probe', *{list(arguments)!r}])"
        path = f"{repository / 'src'}:{tmp_path}"
        return subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path, **env},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("from idiolect.core.errors import GateError\nraise GateError('not good enough')", 1, "error: not good enough\n"),
        (
            "from idiolect.core.errors import DataError\nraise DataError('no fence', file='a.md', line=3, hint='add one')",
            2,
            "error: a.md:3: no fence\n  what to do: add one\n",
        ),
        ("import peft_is_not_here", 4, "unexpected ModuleNotFoundError"),
        (
            "raise ModuleNotFoundError('No module named torch', name='torch.nn')",
            3,
            "error: the package torch is not installed\n  what to do: pip install 'idiolect[train]'\n",
        ),
        ("raise MemoryError", 4, "no memory left"),
        (
            "from idiolect.core.errors import Terminated\nraise Terminated",
            143,
            "interrupted: run the same command again to go on where it stopped",
        ),
        ("open('/nowhere/file')", 4, "error: /nowhere/file: No such file or directory\n"),
        ("return 1 / 0", 4, "unexpected ZeroDivisionError: division by zero\n  what to do: this is a fault of idiolect"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_an_exit_code_never_a_traceback(verb: Any, body: str, code: int, message: str) -> None:
    process = verb(body)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert message in err
    assert "Traceback" not in err
    assert out == ""


def test_with_json_the_error_is_an_object_on_stdout_too(verb: Any) -> None:
    process = verb("from idiolect.core.errors import DataError\nraise DataError('no fence', file='a.md', line=3)", "--json")
    out, _ = process.communicate(timeout=60)
    assert out == '{"error": "DataError", "message": "no fence", "file": "a.md", "line": 3, "exit_code": 2}\n'


def test_the_traceback_is_there_for_those_who_ask(verb: Any) -> None:
    process = verb("return 1 / 0", IDIOLECT_TRACEBACK="1")
    assert "Traceback" in process.communicate(timeout=60)[1]


def test_a_reader_that_stops_reading_is_no_error_to_talk_about(verb: Any) -> None:
    process = verb("for _ in range(100000): click.echo('x' * 100)")
    process.stdout.readline()
    process.stdout.close()
    process.wait(timeout=60)
    assert process.stderr.read() == ""
    process.stderr.close()


def test_ctrl_c_keeps_the_partial_stage_and_says_in_one_line_how_to_go_on(verb: Any, tmp_path: Path) -> None:
    body = """\
from pathlib import Path
from idiolect.core.runs import open_run
def work(folder):
    (folder / "half.txt").write_text("half")
    Path("working").touch()
    time.sleep(60)
with open_run(Path("run")) as run:
    run.stage("tune", inputs={}, config={}, work=work)"""
    process = verb(body)
    deadline = time.monotonic() + 30
    while not (tmp_path / "working").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    (partial,) = (tmp_path / "run" / "stages").iterdir()
    assert partial.name.endswith(".partial")
    assert (partial / "half.txt").read_text() == "half"
    kept = f"interrupted (stage tune: what it had done is kept in run/stages/{partial.name})"
    assert err.strip() == f"{kept}: run the same command again to go on where it stopped"
