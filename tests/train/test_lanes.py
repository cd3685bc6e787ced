from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from idiolect.train.job import Job
from idiolect.train.lanes import open_lanes
from idiolect.train.stage import train_stage


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


def test_there_are_as_many_lanes_as_threads_but_no_more_than_rows(threads: Callable[[int], None]) -> None:
    threads(4)
    for rows, count, each in ((1, 1, 4), (2, 2, 2), (9, 4, 1)):
        with open_lanes(rows, "cpu") as lanes:
            assert (lanes.count, torch.get_num_threads()) == (count, each)
        assert torch.get_num_threads() == 4
    with open_lanes(9, "cuda") as lanes:
        assert lanes.count == 1


def test_every_item_is_in_one_share_and_the_shares_come_in_order(threads: Callable[[int], None]) -> None:
    threads(2)
    with open_lanes(8, "cpu") as lanes:
        assert list(lanes.map(list[int], range(5))) == [[0, 2, 4], [1, 3]]
        assert list(lanes.map(list[int], range(1))) == [[0]]


def test_what_goes_wrong_in_a_lane_is_raised(threads: Callable[[int], None]) -> None:
    def work(share: Sequence[int]) -> int:
        return 1 // share[0]

    threads(2)
    with open_lanes(2, "cpu") as lanes, pytest.raises(ZeroDivisionError):
        list(lanes.map(work, [1, 0]))


def test_two_lanes_train_like_one_and_to_the_same_bytes_every_time(
    make_job: Callable[..., Job], threads: Callable[[int], None], tmp_path: Path
) -> None:
    weights: list[dict[str, torch.Tensor]] = []
    for run, count in enumerate((1, 2, 2)):
        threads(count)
        train_stage(make_job("sft", batch_tokens=512, pack_length=256), tmp_path / str(run))
        weights.append(load_file(tmp_path / str(run) / "adapter/adapter_model.safetensors"))
    one, two, again = weights
    assert all(torch.equal(two[name], again[name]) for name in two)
    assert all(torch.allclose(one[name], two[name], atol=1e-3) for name in one)
