"""What tests of several rooms share."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings

settings.register_profile("idiolect", deadline=None)  # a busy machine is no failure
settings.load_profile("idiolect")

# Before torch is imported. Two threads on two cores that others use as well are many times slower than one, and a sum that is
# added up by another number of threads has other last bits.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

# Started in the background of a script, pytest ignores Ctrl-C, and so would every program it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).parents[1]
RunIdiolect = Callable[..., "subprocess.CompletedProcess[str]"]
Needs = Callable[[bool, str], None]

_QUIET = {"NO_COLOR": "1", "COLUMNS": "80"}
"""What is written does not depend on the terminal of who runs the tests."""


_LONGEST = (
    "test_readme.py",
    "test_starter_material.py",
    "train/test_stage.py",
    "test_quickstart.py",
    "cli/test_train.py",
    "test_chain.py",
)
"""Files that take long. They begin first: a long one that begins last is waited for by one core alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, the others in their own order."""
    items.sort(key=lambda item: not item.path.as_posix().endswith(_LONGEST))


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout's root."""
    return REPOSITORY


@pytest.fixture(scope="session", autouse=True)
def user_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the tests' own, shared by all workers: what is remembered of this machine is measured once."""
    base = tmp_path_factory.getbasetemp()
    cache = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    with mock.patch.dict(os.environ, {"XDG_CACHE_HOME": str(cache)}):
        yield cache


@pytest.fixture(scope="session")
def needs() -> Needs:
    """Skip what this machine cannot do: `needs(shutil.which("cobc") is not None, "cobc is not installed")`. Where IDIOLECT_CI=1
    (`.ci/run` sets it) that is a failure: there everything must have been tested."""

    def check(available: bool, reason: str) -> None:
        if available:
            return
        if os.environ.get("IDIOLECT_CI") == "1":
            pytest.fail(f"{reason}: with IDIOLECT_CI=1 nothing may be skipped", pytrace=False)
        pytest.skip(reason)

    return check


@pytest.fixture(scope="session")
def idiolect_process() -> RunIdiolect:
    """Run the command line in a process of its own, where that is the point: `idiolect_process("--help")`."""

    def run(
        *arguments: str, stdin: str | bytes = "", cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **_QUIET, "PYTHONPATH": str(REPOSITORY / "src"), "PYTHONWARNINGS": "error", **(env or {})}
        data = stdin.encode() if isinstance(stdin, str) else stdin
        command = [sys.executable, "-m", "idiolect", *arguments]
        done = subprocess.run(command, input=data, capture_output=True, cwd=cwd, env=environment, timeout=300, check=False)
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def idiolect() -> RunIdiolect:
    """Run the command line: `idiolect("check", "-", stdin="end", cwd=tmp_path)`.

    It runs in this process, which has the training stack loaded; a process of its own would take seconds to load it. What is
    tested in real processes is the README, the guides, the quickstart, Ctrl-C, the server and what is imported.
    """

    def run(
        *arguments: str, stdin: str | bytes = "", cwd: Path | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        from idiolect.cli.main import main

        data = io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin)
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, chdir(cwd or Path.cwd()), redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "stdin", io.TextIOWrapper(data, encoding="utf-8"))
            with mock.patch.dict(os.environ, {**_QUIET, **(env or {})}), pytest.raises(SystemExit) as end:
                main(arguments)
        code = end.value.code
        assert isinstance(code, int)
        said = [stream.buffer.getvalue().decode() for stream in (out, err)]
        return subprocess.CompletedProcess(["idiolect", *arguments], code, *said)

    return run


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder as small as K-quants allow: two layers of random weights, with the pocket base's tokenizer."""
    import shutil

    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    pocket = REPOSITORY / "src" / "idiolect" / "lm" / "pocket"
    folder = tmp_path_factory.mktemp("tiny-base")
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=4096,
        hidden_size=256,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        initializer_range=0.05,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=0,
    )
    Qwen2ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(pocket / name, folder / name)
    return folder


@dataclass(frozen=True)
class TinyProject:
    """A project folder that trains in seconds: nine examples, four programs, six tasks, two stages."""

    folder: Path
    idiolect: RunIdiolect

    def __call__(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the command line in the folder: `project("train", "seed=1")`."""
        return self.idiolect(*arguments, cwd=self.folder, **options)

    @property
    def run(self) -> Path:
        """The run directory."""
        return self.folder / "build" / "run"

    def set(self, old: str, new: str) -> None:
        """Change the project file; `old` must stand in it."""
        file = self.folder / "idiolect.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")


_TINY_YAML = """\
version: 1
base: {base}
data:
  sources: [training]
  corpus: [corpus]
  split: {{validation: 0.25}}
stages:
  - {{name: pretrained, objective: cpt, learning_rate: 2e-3, pack_length: 256, batch_tokens: 512, evaluations: 2}}
  - {{name: tuned, objective: sft, learning_rate: 2e-3, pack_length: 512, batch_tokens: 1024, evaluations: 2, samples: 2}}
adapter: {{rank: 4, alpha: 8}}
evaluation: {{suite: tasks.jsonl, max_new_tokens: 24, batch_size: 8}}
export: {{name: tiny, context: 512}}
"""


@pytest.fixture(scope="session")
def new_project(tiny_base: Path, idiolect: RunIdiolect) -> Callable[[Path], TinyProject]:
    """Make a tiny project in a folder."""
    import shutil

    examples = REPOSITORY / "examples" / "bbj"

    def make(folder: Path) -> TinyProject:
        for kind in ("training", "corpus"):
            (folder / kind).mkdir(parents=True)
        for file in sorted((examples / "training" / "basics").glob("d*.md"))[:9]:
            shutil.copyfile(file, folder / "training" / file.name)
        for file in sorted((examples / "corpus").glob("class-*.bbj"))[:4]:
            shutil.copyfile(file, folder / "corpus" / file.name)
        tasks = (examples / "tasks" / "heldout-120.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
        (folder / "tasks.jsonl").write_text("".join(tasks[:6]), encoding="utf-8")
        (folder / "idiolect.yaml").write_text(_TINY_YAML.format(base=tiny_base), encoding="utf-8")
        return TinyProject(folder, idiolect)

    return make


@pytest.fixture
def project(new_project: Callable[[Path], TinyProject], tmp_path: Path) -> TinyProject:
    """A tiny project of this test's own."""
    return new_project(tmp_path / "project")


@pytest.fixture(scope="session")
def finished_project(new_project: Callable[[Path], TinyProject], tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """A tiny project whose run is finished. Tests only read it, or do what is skipped."""
    project = new_project(tmp_path_factory.mktemp("finished") / "project")
    done = project("run")
    assert done.returncode == 0, done.stderr
    return project
