import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from idiolect.core.errors import InfrastructureError
from idiolect.train.checkpoints import (
    Checkpoint,
    DamagedCheckpointError,
    best_of,
    check_room,
    find_checkpoints,
    optimiser_state,
    prune,
    restore,
    save_checkpoint,
)

Parameters = dict[str, torch.nn.Parameter]


def made(seed: int = 0) -> tuple[Parameters, torch.optim.AdamW]:
    torch.manual_seed(seed)
    parameters = {name: torch.nn.Parameter(torch.randn(3, 4)) for name in ("a", "b")}
    return parameters, torch.optim.AdamW(list(parameters.values()), lr=0.1)


def train(parameters: Parameters, optimiser: torch.optim.Optimizer, steps: int) -> None:
    """Steps that draw random numbers, as dropout does."""
    for _ in range(steps):
        loss = sum(((p + torch.randn_like(p)) ** 2).sum() for p in parameters.values())
        loss.backward()  # pyright: ignore[reportAttributeAccessIssue]
        optimiser.step()
        optimiser.zero_grad()


def save(root: Path, step: int, parameters: Parameters, optimiser: torch.optim.Optimizer, *rest: Any) -> Checkpoint:
    return save_checkpoint(root, step, parameters, optimiser_state(parameters, optimiser), *rest)


def saved(root: Path, *losses: float | None) -> list[Checkpoint]:
    parameters, optimiser = made()
    found: list[Checkpoint] = []
    for step, loss in enumerate(losses, 1):
        train(parameters, optimiser, 1)
        found.append(save(root, step, parameters, optimiser, loss, [{"step": step}]))
    return found


def test_a_restored_run_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    parameters, optimiser = made()
    train(parameters, optimiser, 3)
    checkpoint = save(tmp_path, 3, parameters, optimiser, 1.0, [])
    train(parameters, optimiser, 3)
    again, other = made(seed=9)
    restore(checkpoint, again, other)
    train(again, other, 3)
    assert all(torch.equal(again[name], parameters[name]) for name in parameters)


def test_the_same_state_is_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        saved(tmp_path / name, 1.0)
    files = [sorted((path.name, path.read_bytes()) for path in (tmp_path / name).rglob("*.*")) for name in ("one", "two")]
    assert files[0] == files[1]


def test_a_checkpoint_holds_no_pickle(tmp_path: Path) -> None:
    folder = saved(tmp_path, 1.0)[0].folder
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".safetensors", ".safetensors"]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def change_step(path: Path) -> None:
    path.write_text(path.read_text().replace('"step": 2', '"step": 3'))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("weights.safetensors", flip),
        ("weights.safetensors", cut),
        ("weights.safetensors", Path.unlink),
        ("optimiser.safetensors", flip),
        ("optimiser.safetensors", Path.unlink),
        ("checkpoint.json", cut),
        ("checkpoint.json", Path.unlink),
        ("checkpoint.json", change_step),
        ("checkpoint.json", lambda path: path.write_text("[]")),
        ("checkpoint.json", lambda path: path.write_text(json.dumps({"sha256": []}))),
    ],
)
def test_a_damaged_checkpoint_is_passed_over(tmp_path: Path, name: str, damage: Callable[[Path], Any]) -> None:
    saved(tmp_path, 2.0, 1.0)
    damage(tmp_path / "step-000002" / name)
    good, bad = find_checkpoints(tmp_path)
    assert [checkpoint.step for checkpoint in good] == [1]
    assert bad == [tmp_path / "step-000002"]
    assert good[0].history == [{"step": 1}]


def test_what_a_killed_process_left_half_written_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "step-000001").mkdir()
    (tmp_path / "step-000001" / "weights.safetensors").write_bytes(b"half")
    saved(tmp_path, 1.0)
    assert [checkpoint.step for checkpoint in find_checkpoints(tmp_path)[0]] == [1]


@pytest.mark.parametrize(
    ("losses", "keep", "left"),
    [
        ((5, 4, 3, 2, 1), 3, [3, 4, 5]),
        ((1, 2, 3, 4, 5), 3, [1, 4, 5]),
        ((5, 1, 3, 4, 2), 3, [2, 4, 5]),
        ((3, 2, 1), 2, [2, 3]),
        ((3, 2, 1), 1, [2, 3]),  # the one before the newest is there, should the newest be damaged
        ((1, 2, 3), 1, [1, 2, 3]),  # and so is the best
        ((1, 1, 1), 1, [1, 2, 3]),
        ((1, 2, 3, None), 1, [1, 3, 4]),  # saved between two evaluations
        ((None, None, 3, 2), 1, [3, 4]),
        ((7,), 3, [1]),
    ],
)
def test_pruning_keeps_the_best_and_the_two_newest(
    tmp_path: Path, losses: tuple[float | None, ...], keep: int, left: list[int]
) -> None:
    kept = prune(saved(tmp_path, *losses), keep)
    assert [checkpoint.step for checkpoint in kept] == left
    assert [checkpoint.step for checkpoint in find_checkpoints(tmp_path)[0]] == left
    known = [loss for loss in losses if loss is not None]
    assert best_of(kept).step == losses.index(min(known)) + 1


def test_the_best_by_compile_at_1_has_the_most_that_compiles_and_of_those_the_lowest_loss(tmp_path: Path) -> None:
    made = [
        Checkpoint(tmp_path, step, loss, [{"step": step, "compile_at_1": share}])
        for step, (loss, share) in enumerate(((1.0, 0.2), (3.0, 0.6), (2.0, 0.6), (2.0, 0.6)), 1)
    ]
    assert best_of(made, "compile_at_1").step == 3
    assert best_of(made).step == 1


@pytest.mark.parametrize("name", ["weights.safetensors", "optimiser.safetensors"])
def test_a_file_that_was_damaged_since_is_refused_when_it_is_loaded(tmp_path: Path, name: str) -> None:
    checkpoint = saved(tmp_path, 1.0)[0]
    parameters, optimiser = made()
    before = {key: p.clone() for key, p in parameters.items()}
    flip(checkpoint.folder / name)
    with pytest.raises(DamagedCheckpointError, match="is not what was written") as caught:
        restore(checkpoint, parameters, optimiser)
    assert caught.value.exit_code == 4
    assert caught.value.file == str(checkpoint.folder / name)
    if name.startswith("weights"):
        assert all(torch.equal(before[key], p) for key, p in parameters.items())


@pytest.fixture
def small_disk(needs: Callable[[bool, str], None], tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A file system of so many bytes, in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted: list[Path] = []

    def mount(size: int) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "idiolect-test", str(folder)]
        done = subprocess.run(command, check=False, capture_output=True) if shutil.which("mount") else None
        needs(done is not None and done.returncode == 0, "a tmpfs cannot be mounted: only root may")
        mounted.append(folder)
        return folder

    yield mount
    for each in mounted:
        subprocess.run(["umount", str(each)], check=True)


def test_a_full_disk_is_said_and_the_checkpoint_before_is_whole(small_disk: Callable[[int], Path], tmp_path: Path) -> None:
    root = small_disk(64 * 1024) / "checkpoints"
    parameters, optimiser = made()
    train(parameters, optimiser, 1)
    first = save(root, 1, parameters, optimiser, 1.0, [])
    (root.parent / "filler").write_bytes(b"x" * 40 * 1024)
    with pytest.raises(InfrastructureError, match="No space left on device") as caught:
        save(root, 2, parameters, optimiser, 1.0, [])
    assert "free some disk space" in str(caught.value)
    assert find_checkpoints(root) == ([first], [])  # of the other nothing is left that fills the disk
    restore(first, *made(seed=9))
    (root.parent / "filler").unlink()
    save(root, 2, parameters, optimiser, 1.0, [])
    assert [c.step for c in find_checkpoints(root)[0]] == [1, 2]


def test_a_disk_that_cannot_hold_the_checkpoints_is_refused_before_the_run(small_disk: Callable[[int], Path]) -> None:
    parameters = {"a": torch.nn.Parameter(torch.zeros(1000))}
    disk = small_disk(64 * 1024)
    check_room(disk / "checkpoints", parameters, 3)  # 48 kB
    (disk / "filler").write_bytes(b"x" * 20 * 1024)
    with pytest.raises(InfrastructureError, match=r"need 0\.00 GB of disk"):
        check_room(disk / "checkpoints", parameters, 3)
