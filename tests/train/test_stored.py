from pathlib import Path

import numpy as np
import pytest

from idiolect.core.errors import InputError
from idiolect.train.pack import Row, Tokens
from idiolect.train.plan import Schedule, rows_of_step
from idiolect.train.stored import load_rows, store_rows

SYSTEM = tuple(range(100, 112))


def rows() -> list[Row]:
    def part(*ids: int) -> Tokens:
        return Tokens((*SYSTEM, *ids), (False,) * len(SYSTEM) + (True,) * len(ids), f"ä/{ids[0]}.md:{len(ids)}")

    return [Row((part(1, 2, 3), part(4, 5)), 1), Row((part(151000),)), Row((part(7, 7, 7, 7), part(8), part(9, 10)))]


def test_rows_come_back_as_they_were_with_what_is_known_of_them(tmp_path: Path) -> None:
    store_rows(rows(), tmp_path / "kept", {"records": 6})
    found = load_rows(tmp_path / "kept")
    assert found is not None
    stored, about = found
    assert list(stored) == rows() == stored[:]
    assert [part.source for row in stored for part in row.parts] == [part.source for row in rows() for part in row.parts]
    assert (stored.tokens, stored.trained) == (sum(r.tokens for r in rows()), sum(r.trained for r in rows()))
    assert stored.tokens < sum(len(part) for row in rows() for part in row.parts)  # beginnings in common count once
    assert about == {"records": 6}
    assert stored[-1] == rows()[-1]
    with pytest.raises(IndexError):
        stored[3]


def test_asking_again_gives_the_same_object(tmp_path: Path) -> None:
    """A batch that goes wrong is named by its rows' identity."""
    store_rows(rows(), tmp_path / "kept", {})
    found = load_rows(tmp_path / "kept")
    assert found is not None
    assert found[0][1] is found[0][1] is found[0][1:2][0]


def test_steps_take_the_same_rows_from_a_folder_as_from_memory(tmp_path: Path) -> None:
    store_rows(rows(), tmp_path / "kept", {})
    found = load_rows(tmp_path / "kept")
    assert found is not None
    plan = Schedule(2, 6, (6,))
    for step in range(6):
        assert rows_of_step(found[0], plan, step, 3) == rows_of_step(rows(), plan, step, 3)


def test_a_byte_that_is_another_one_makes_the_folder_worth_nothing(tmp_path: Path) -> None:
    store_rows(rows(), tmp_path / "kept", {})
    for file in sorted((tmp_path / "kept").iterdir()):
        whole = file.read_bytes()
        file.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
        assert load_rows(tmp_path / "kept") is None, file.name
        file.write_bytes(whole)
    assert load_rows(tmp_path / "kept") is not None
    assert load_rows(tmp_path / "nothing") is None


def test_a_folder_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    store_rows(rows(), tmp_path / "kept", {})
    with pytest.raises(InputError, match="there already"):
        store_rows(rows(), tmp_path / "kept", {})


def test_ids_of_large_vocabularies_fit(tmp_path: Path) -> None:
    store_rows(rows(), tmp_path / "kept", {})
    assert np.load(tmp_path / "kept" / "ids.npy").max() == 151000
