"""The run directory: a folder a stage, named by everything the stage depends on, so that nothing is ever overwritten.

    build/run/
    ├── run.lock                      held (flock) while a process works here
    ├── stages/
    │   ├── data-3f1c09a2b7de/        finished: its files and, written last, manifest.json
    │   └── tune-90ab12cd34ef.partial/  interrupted: the next attempt goes on with what it finds
    └── adapter -> stages/tune-...    pointers to what is newest

A stage's fingerprint is the SHA-256 of its name, its inputs' digests, its config and idiolect's version. Work happens in the
`.partial` folder; when it is done every file is synced and hashed, the manifest is written, and the folder is renamed. So a
folder without the ending `.partial` is whole, and a changed input or setting leads to another folder. Skipping a finished stage
compares its files' sizes with the manifest; a change that keeps the size is what `verify` finds.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from idiolect.core.errors import InfrastructureError, InputError, RunLockedError
from idiolect.core.files import ASIDE_SUFFIX, os_failure, sha256_file, sync, tree_files, write_atomic
from idiolect.core.manifests import (
    MANIFEST_NAME,
    Manifest,
    Output,
    canonical_json,
    fingerprint_of,
    host_facts,
    installed_versions,
    read_manifest,
)

LOCK_NAME = "run.lock"
PARTIAL_SUFFIX = ".partial"
_ATTEMPTS_NAME = ".attempts"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")

Work = Callable[[Path], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class StageResult:
    """A finished stage."""

    name: str
    folder: Path
    digest: str
    """SHA-256 over the outputs' paths and hashes: what a later stage names as its input."""
    skipped: bool
    """True when it was finished before and nothing had to be done."""
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Run:
    """A run directory this process holds the lock of; made by `open_run`."""

    root: Path

    def stage(self, name: str, *, inputs: Mapping[str, str], config: Mapping[str, Any], work: Work) -> StageResult:
        """Do `work` unless it is done already.

        Args:
            name: lower-case letters, digits and dashes.
            inputs: digest of everything read, by name: `{"data": data.digest}`.
            config: every setting the result depends on, JSON-able; its `seed`, if any, is recorded as the seed.
            work: gets a folder, writes its files there and returns what it found out (JSON-able, kept as `manifest.result`).
                After an interruption it gets the same folder again and may go on with the files it finds there.

        Raises:
            InfrastructureError: a finished stage's file is missing or has another size; the disk is full.
            KeyboardInterrupt: from `work`, with a note that names the folder that was kept.
        """
        finished = find_finished(self.root, name, inputs=inputs, config=config)
        if finished is not None:
            return finished
        folder = _stage_folder(self.root, name, inputs, config)
        partial = folder.with_name(folder.name + PARTIAL_SUFFIX)
        if not _recover(partial):
            manifest = self._attempt(partial, name, inputs, config, work)
            _seal(partial, manifest)
        try:
            (partial / _ATTEMPTS_NAME).unlink(missing_ok=True)
            partial.rename(folder)
            sync(folder.parent)
        except OSError as error:
            raise os_failure(error, folder, "made") from error
        manifest = read_manifest(folder)
        return StageResult(name, folder, manifest.digest, False, manifest)

    def _attempt(self, partial: Path, name: str, inputs: Mapping[str, str], config: Mapping[str, Any], work: Work) -> Manifest:
        """One attempt at the work; the manifest still lacks its outputs."""
        partial.mkdir(parents=True, exist_ok=True)
        started = _note_attempt(partial)
        begin = time.monotonic()
        try:
            result = work(partial)
        except KeyboardInterrupt as interrupt:
            interrupt.add_note(f"stage {name}: what it had done is kept in {partial}")
            raise
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise os_failure(error, partial, "written") from error
        settings = json.loads(canonical_json(config))
        return Manifest(
            name=name,
            fingerprint=fingerprint_of(name, inputs, config),
            inputs=dict(inputs),
            config=settings,
            versions=installed_versions(),
            seed=settings.get("seed"),
            host=host_facts(),
            started=started[0],
            attempts=len(started),
            seconds=round(time.monotonic() - begin, 3),
            outputs=(),
            result=json.loads(canonical_json(result)),
        )

    def keep(self, text: str, place: Path) -> None:
        """Write what outlives the run, outside of it, in one step.

        Raises:
            InfrastructureError: it cannot be written.
        """
        write_atomic(place, text)

    def point(self, name: str, target: Path) -> None:
        """Make `root/<name>` a relative link to `target`, replacing the link that stands there in one step.

        Raises:
            InfrastructureError: something that is not a link stands there, or links cannot be made.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"not a pointer's name: {name!r}")
        link = self.root / name
        if link.exists() and not link.is_symlink():
            raise InfrastructureError("is in the way of a link that idiolect keeps here", file=link, hint="move it elsewhere")
        aside = self.root / f".{name}.{secrets.token_hex(4)}{ASIDE_SUFFIX}"
        try:
            aside.symlink_to(os.path.relpath(target.absolute(), self.root.absolute()))
            aside.replace(link)
            sync(self.root)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise os_failure(error, link, "linked") from error


@contextmanager
def open_run(root: Path) -> Generator[Run]:
    """Hold the run directory `root` (made if it is not there) while the block runs; the kernel lets go of it if we die.

    Raises:
        RunLockedError: another live process holds it; the message names its pid.
        InputError: `root` is a file.
        InfrastructureError: the folder cannot be made or locked.
    """
    try:
        (root / "stages").mkdir(parents=True, exist_ok=True)
        descriptor = os.open(root / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o666)
    except (FileExistsError, NotADirectoryError):
        raise InputError("is a file, and a run needs a folder there", file=root, hint="set `run:` to another folder") from None
    except OSError as error:
        raise os_failure(error, root, "opened") from error
    try:
        _lock(descriptor, root)
        try:
            yield Run(root)
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _lock(descriptor: int, root: Path) -> None:
    for remaining in reversed(range(5)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if remaining == 0:
                raise _locked(root) from None
            time.sleep(0.05)  # it may be `locked_by` that only looks, or a run that has not written its pid yet
        except OSError as error:
            raise os_failure(error, root / LOCK_NAME, "locked") from error
    os.ftruncate(descriptor, 0)  # whatever a process that died has left
    os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": _now()}).encode(), 0)


def _locked(root: Path) -> RunLockedError:
    pid = _holder(root)
    if pid is None:
        who, hint = "its process is not named", "wait until it ends"
    elif _is_alive(pid):
        who, hint = f"process {pid}", f"wait until it ends, or stop it with: kill {pid}"
    else:
        who, hint = f"a child of process {pid}, which itself has died", f"find the child with: fuser {root / LOCK_NAME}"
    return RunLockedError(f"another idiolect works in this run directory ({who})", file=root, hint=hint)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _holder(root: Path) -> int | None:
    """The pid the lock file names, if it names one."""
    try:
        content: Any = json.loads((root / LOCK_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    pid: Any = cast("dict[str, Any]", content).get("pid") if isinstance(content, dict) else None
    return pid if isinstance(pid, int) else None


def locked_by(root: Path) -> int | None:
    """The pid of the live process that works in the run directory, or None. Never waits and never changes anything."""
    try:
        descriptor = os.open(root / LOCK_NAME, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _holder(root)
    finally:
        os.close(descriptor)
    return None


def find_finished(root: Path, name: str, *, inputs: Mapping[str, str], config: Mapping[str, Any]) -> StageResult | None:
    """The finished stage of exactly these inputs and this config, or None; takes no lock (what `--dry-run` asks).

    Raises:
        InfrastructureError: the stage is there but a file of it is missing, or has another size than its manifest says.
    """
    folder = _stage_folder(root, name, inputs, config)
    if not folder.is_dir():
        return None
    if not (folder / MANIFEST_NAME).is_file():
        raise _damaged(folder, folder / MANIFEST_NAME, "is missing from a finished stage")
    manifest = read_manifest(folder)
    if manifest.fingerprint != fingerprint_of(name, inputs, config):
        raise _damaged(folder, folder / MANIFEST_NAME, "belongs to another stage")
    for output in manifest.outputs:
        path = folder / output.path
        if not path.is_file():
            raise _damaged(folder, path, "is missing from a finished stage")
        if (size := path.stat().st_size) != output.size:
            raise _damaged(folder, path, f"has {size:,} bytes and the manifest says {output.size:,}")
    return StageResult(name, folder, manifest.digest, True, manifest)


def verify(folder: Path) -> None:
    """Hash every file of a finished stage again, for whoever wants to be sure before shipping.

    Raises:
        InputError: the folder is not a finished stage.
        InfrastructureError: a file is missing or its content is not what the stage wrote.
    """
    for output in read_manifest(folder).outputs:
        path = folder / output.path
        if not path.is_file():
            raise _damaged(folder, path, "is missing from a finished stage")
        if sha256_file(path) != output.sha256:
            raise _damaged(folder, path, "is not what the stage wrote (its SHA-256 differs)")


def _damaged(folder: Path, path: Path, what: str) -> InfrastructureError:
    return InfrastructureError(
        what, file=path, hint=f"restore the file, or remove the stage so that it is made again: rm -r {folder}"
    )


def _stage_folder(root: Path, name: str, inputs: Mapping[str, str], config: Mapping[str, Any]) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a stage's name: {name!r}")
    return root / "stages" / f"{name}-{fingerprint_of(name, inputs, config)[:12]}"


def _note_attempt(partial: Path) -> list[str]:
    """Add this attempt to the folder's list; returns when each attempt began, this one last."""
    path = partial / _ATTEMPTS_NAME
    earlier = path.read_text(encoding="utf-8").split() if path.exists() else []
    started = [*earlier, _now()]
    write_atomic(path, "\n".join(started) + "\n")
    return started


def _seal(partial: Path, manifest: Manifest) -> None:
    """Sync and hash what the work wrote, then write the manifest."""
    outputs: list[Output] = []
    try:
        for leftover in [path for path in tree_files(partial) if path.name.endswith(ASIDE_SUFFIX)]:
            leftover.unlink()  # of a killed attempt
        for path in tree_files(partial):
            if path.name == _ATTEMPTS_NAME:
                continue
            sync(path)
            outputs.append(Output(path.relative_to(partial).as_posix(), path.stat().st_size, sha256_file(path)))
        for folder in [path for path in partial.rglob("*") if path.is_dir()]:
            sync(folder)
    except OSError as error:
        raise os_failure(error, partial, "synced") from error
    write_atomic(partial / MANIFEST_NAME, manifest.with_outputs(outputs).dumps())


def _recover(partial: Path) -> bool:
    """True when an earlier attempt came as far as the manifest and everything is as it says: only the rename is left."""
    if not (partial / MANIFEST_NAME).exists():
        return False
    try:
        verify(partial)
    except (InputError, InfrastructureError):
        (partial / MANIFEST_NAME).unlink()
        return False
    return True


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class StageInfo:
    """A stage as it stands in a run directory."""

    name: str
    folder: Path
    state: str
    """`finished`, `partial`, or `damaged` when its manifest cannot be read."""
    manifest: Manifest | None
    size: int
    """Bytes of its files."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """A run directory as it stands."""

    root: Path
    pid: int | None
    """The process that works in it now."""
    stages: tuple[StageInfo, ...]
    """In the order in which they began."""


def list_runs(folder: Path) -> list[RunInfo]:
    """The run directories at `folder` and up to three levels below it, by path."""
    return [read_run(root) for root in _run_roots(folder, depth=3)]


def read_run(root: Path) -> RunInfo:
    """What stands in a run directory. Takes no lock.

    Raises:
        InputError: it is not a run directory.
    """
    if not _is_run(root):
        raise InputError("is not a run directory", file=root, hint="list them with: idiolect runs list")
    found = [_stage_info(folder) for folder in (root / "stages").iterdir() if folder.is_dir()]
    stages = sorted(found, key=lambda info: (info.manifest is None, info.manifest.started if info.manifest else "", info.name))
    return RunInfo(root, locked_by(root), tuple(stages))


def _stage_info(folder: Path) -> StageInfo:
    partial = folder.name.endswith(PARTIAL_SUFFIX)
    name = folder.name.removesuffix(PARTIAL_SUFFIX).rpartition("-")[0]
    size = sum(path.stat().st_size for path in tree_files(folder) if path.is_file())
    if partial:
        return StageInfo(name, folder, "partial", None, size)
    try:
        return StageInfo(name, folder, "finished", read_manifest(folder), size)
    except (InputError, InfrastructureError):
        return StageInfo(name, folder, "damaged", None, size)


def _is_run(folder: Path) -> bool:
    return (folder / LOCK_NAME).is_file() and (folder / "stages").is_dir()


def _run_roots(folder: Path, depth: int) -> Iterator[Path]:
    if _is_run(folder):
        yield folder
    elif depth > 0 and folder.is_dir():
        for child in sorted(folder.iterdir()):
            if child.is_dir() and not child.is_symlink() and not child.name.startswith("."):
                yield from _run_roots(child, depth - 1)
