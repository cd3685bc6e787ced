"""The conformance suite finds a pack that breaks its word."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from idiolect.core.errors import InfrastructureError, PrerequisiteError
from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.cobol.pack import cobol_pack
from idiolect.packs.command.pack import CommandPack
from idiolect.packs.conformance import Finding, conformance
from idiolect.packs.spec import Chunk, Chunker, Samples

Needs = Callable[[bool, str], None]


def broken(pack: BBjPack) -> list[str]:
    return [finding.promise for finding in conformance("bbj", pack, checks=20) if finding.kept is False]


@pytest.fixture(autouse=True)
def no_bbj(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BBJ_HOME", raising=False)


def test_the_bbj_pack_keeps_every_promise() -> None:
    found = list(conformance("bbj", BBjPack()))
    assert [finding for finding in found if finding.kept is False] == []
    assert Finding("1000 checks leak no memory", True) in found


def test_the_cobol_pack_keeps_every_promise_and_is_run(needs: Needs) -> None:
    needs(shutil.which("cobc") is not None, "cobc is not installed")
    needs(shutil.which("bwrap") is not None, "bubblewrap is not installed")
    found = list(conformance("cobol", cobol_pack(), checks=100))
    assert [finding for finding in found if finding.kept is not True] == []
    assert any("does what it must (run 2)" in finding.promise for finding in found)


class OtherSamples(BBjPack):
    @property
    def samples(self) -> Samples:
        return replace(super().samples, right="else if x == 1", wrong_line=1, empty_ok=False)


class LossyChunks(BBjPack):
    def chunker(self) -> Chunker:
        return self

    def chunks(self, source: str) -> list[Chunk]:
        return [Chunk("x", 1, 1, "x")]


class Nameless(BBjPack):
    def rename(self, source: str, *_: object) -> str:
        return source.upper()

    def identifiers(self, source: str) -> list[str]:
        return []

    def dialect_of(self, source: str) -> str:
        return "basic"

    def error_class(self, code: str) -> str:
        return "other"


@pytest.mark.parametrize(
    ("pack", "promises"),
    [
        (
            OtherSamples(),
            ["syntax: the right program passes", "syntax: the wrong program fails at line 1", "syntax: an empty program fails"],
        ),
        (LossyChunks(), ["the chunks of the right program are its lines", "the chunks of the wrong program are its lines"]),
        (
            Nameless(),
            [
                "syntax: every error has a class",
                "types: every error has a class",
                "api: every error has a class",
                "the right program has a dialect of the pack",
                "renaming nothing leaves the right program alone",
                "the wrong program has a dialect of the pack",
                "renaming nothing leaves the wrong program alone",
                "the right program introduces names",
            ],
        ),
    ],
)
def test_a_broken_promise_is_named(pack: BBjPack, promises: list[str]) -> None:
    assert set(promises) <= set(broken(pack))
    assert len(broken(pack)) == len(promises) or isinstance(pack, OtherSamples)


LEAKY = """\
#!/bin/sh
case "$*" in *--version*) echo leaky 1; exit 0;; esac
{leak}
exit 0
"""


@pytest.mark.parametrize(("leak", "promise"), [('echo x > "$(mktemp)"', "20 checks leak no file"), ("exit 7", None)])
def test_a_compiler_that_leaks_is_caught_and_one_that_fails_is_no_verdict_on_the_pack(
    tmp_path: Path, leak: str, promise: str | None
) -> None:
    from idiolect.packs.command.scaffold import scaffold

    for path, text in scaffold("leaky").items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    compiler = tmp_path / "leaky"
    compiler.write_text(LEAKY.format(leak=leak))
    compiler.chmod(0o755)
    folder = tmp_path / "src" / "idiolect_leaky"
    check = conformance(str(folder), CommandPack.at(folder), compiler=str(compiler), checks=20)
    if promise is None:
        with pytest.raises(InfrastructureError, match="could not judge the samples"):
            list(check)
    else:
        assert promise in [finding.promise for finding in check if finding.kept is False]


def test_without_the_compiler_nothing_is_said_of_the_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PrerequisiteError, match="cobc is not installed"):
        list(conformance("cobol", cobol_pack()))
