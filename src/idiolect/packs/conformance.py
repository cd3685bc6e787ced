"""What every pack must keep, ours and a third party's: the checks that `idiolect pack check NAME` makes.

They need the language's tool: without it there is nothing to be said of the pack, which is a missing prerequisite and no failure.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from idiolect.core.errors import InfrastructureError, PrerequisiteError
from idiolect.packs.spec import LanguagePack, Validator
from idiolect.packs.verify import verify
from idiolect.sandbox import Demand

CHECKS = 1000
"""Programs that are judged in search of a leak."""
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_MISSING = "/nonexistent/compiler"
_MEMORY_BYTES = 16 * 2**20
"""Growth over `CHECKS` programs that counts as a leak; allocators alone account for one or two MiB."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a pack must keep."""

    promise: str
    kept: bool | None
    """None when it could not be looked at here; `detail` says why."""
    detail: str = ""


def conformance(
    name: str, pack: LanguagePack, *, compiler: str | None = None, demand: Demand = "strict", checks: int = CHECKS
) -> Iterator[Finding]:
    """Every promise of a pack, one after the other.

    Args:
        name: what `get_pack` finds the pack by: the leak check works in a process of its own.
        pack: the pack.
        compiler: as in `LanguagePack.validator`.
        demand: how firmly programs must be kept apart when they are run.
        checks: how many programs the leak check judges.

    Raises:
        PrerequisiteError: the language's compiler is not here.
        InfrastructureError: the validator could not do its work, or the leak check died.
    """
    validator = pack.validator(compiler)
    yield from _words(pack, validator)
    yield from _verdicts(pack, validator)
    yield from _source(pack)
    yield _missing(pack, validator)
    yield from _runs(pack, demand)
    yield from _leaks(name, compiler, checks)


def _words(pack: LanguagePack, validator: Validator) -> Iterator[Finding]:
    wrong = [
        text
        for text, bad in (
            (f"name {pack.name!r} is not lower-case", not _NAME.fullmatch(pack.name)),
            ("no file ending", not pack.suffixes),
            ("a file ending without its dot", any(not each.startswith(".") for each in pack.suffixes)),
            ("no dialect", not pack.dialects),
            ("no prompt named assistant", "assistant" not in pack.prompts),
            ("a validator without name or version", not (validator.name and validator.version)),
            ("a validator without a level", not validator.levels),
        )
        if bad
    ]
    yield Finding("it says what it is", not wrong, "; ".join(wrong))


def _verdicts(pack: LanguagePack, validator: Validator) -> Iterator[Finding]:
    samples = pack.samples
    for level in validator.levels:
        right, wrong, empty = verify(validator, [samples.right, samples.wrong, ""], level)
        if fault := right.fault or wrong.fault or empty.fault:
            raise InfrastructureError(f"{validator.name} could not judge the samples of {pack.name}: {fault}")
        said = "; ".join(f"line {d.line}: {d.message}" for d in right.diagnostics if d.severity == "error")
        yield Finding(f"{level}: the right program passes", right.ok, said)
        errors = [found for found in wrong.diagnostics if found.severity == "error"]
        at_line = bool(errors) and min(errors).line == samples.wrong_line
        found = f"line {min(errors).line}: {min(errors).message}" if errors else "it passes"
        promise = f"{level}: the wrong program fails at line {samples.wrong_line}"
        yield Finding(promise, at_line, "" if at_line else found)
        said = "passes" if samples.empty_ok else "fails"
        yield Finding(f"{level}: an empty program {said}", empty.ok == samples.empty_ok)
        unknown = [each.code for each in errors if pack.error_class(each.code) not in pack.error_classes]
        yield Finding(f"{level}: every error has a class", not unknown, ", ".join(unknown))


def _source(pack: LanguagePack) -> Iterator[Finding]:
    samples = pack.samples
    for which, source in (("right", samples.right), ("wrong", samples.wrong)):
        dialect = pack.dialect_of(source)
        yield Finding(f"the {which} program has a dialect of the pack", dialect in pack.dialects, dialect)
        chunks = pack.chunker().chunks(source)
        whole = "\n".join(chunk.text for chunk in chunks)
        lines = [number for chunk in chunks for number in range(chunk.first_line, chunk.last_line + 1)]
        kept = whole == source.removesuffix("\n") and lines == list(range(1, len(lines) + 1))
        yield Finding(f"the chunks of the {which} program are its lines", kept)
        same = pack.rename(source, {}, {}, {}) == source
        yield Finding(f"renaming nothing leaves the {which} program alone", same)
    bare = pack.strip_comments(samples.right)
    kept = pack.has_statement(samples.right) and not pack.has_statement("") and pack.has_statement(bare)
    yield Finding("a program has statements, an empty one has none", kept)
    yield Finding("the right program introduces names", bool(pack.identifiers(samples.right)))


def _missing(pack: LanguagePack, validator: Validator) -> Finding:
    promise = "a compiler that is not there is a missing prerequisite"
    try:
        pack.validator(_MISSING).check([pack.samples.right], validator.levels[0])
    except PrerequisiteError as error:
        told = error.hint is not None
        return Finding(promise, told, "" if told else "the error does not say what installs it")
    return Finding(promise, False, f"{_MISSING} was taken for a compiler")


def _runs(pack: LanguagePack, demand: Demand) -> Iterator[Finding]:
    samples = pack.samples
    promise = "the right program does what it must"
    try:
        runner = pack.runner(demand)
    except PrerequisiteError as error:
        yield Finding(promise, None, str(error.message))
        return
    if runner is None:
        yield Finding(promise, None, "there is nothing here that runs programs of this language")
        return
    executions = runner.run(samples.right, [case.stdin for case in samples.cases])
    for number, (case, execution) in enumerate(zip(samples.cases, executions, strict=True), start=1):
        if execution.fault is not None:
            raise InfrastructureError(f"{runner.name} could not run the sample of {pack.name}: {execution.fault}")
        kept = execution.ended and execution.exit_code == 0 and case.matches(execution.stdout)
        wrote = f"it wrote {execution.stdout!r}, stderr {execution.stderr!r}, exit code {execution.exit_code}"
        yield Finding(f"{promise} (run {number})", kept, "" if kept else wrote)
    (wrong,) = runner.run(samples.wrong, [""])
    yield Finding("the wrong program comes to no good end", not (wrong.ended and wrong.exit_code == 0))


def _leaks(name: str, compiler: str | None, checks: int) -> Iterator[Finding]:
    """In a process of its own, with a folder of its own for temporary files: nothing else can be taken for a leak."""
    with tempfile.TemporaryDirectory(prefix="idiolect-conformance-") as folder:
        command = [sys.executable, "-m", "idiolect.packs.conformance_child", name, str(checks), *([compiler] if compiler else [])]
        environment = {**os.environ, "TMPDIR": folder, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            raise InfrastructureError(f"the leak check ended with status {done.returncode}: {last[0]}")
        left = sorted(path.name for path in Path(folder).rglob("*"))
    found: dict[str, int] = json.loads(done.stdout)
    what: list[tuple[str, bool, Callable[[], str]]] = [
        ("file", not left, lambda: ", ".join(left[:5])),
        ("process", found["processes"] == 0, lambda: f"{found['processes']} are left"),
        ("open file", found["descriptors"] <= 0, lambda: f"{found['descriptors']} more than before"),
        ("memory", found["memory"] < _MEMORY_BYTES, lambda: f"{found['memory'] // 2**20} MiB more than before"),
    ]
    for leak, kept, detail in what:
        yield Finding(f"{checks} checks leak no {leak}", kept, "" if kept else detail())
