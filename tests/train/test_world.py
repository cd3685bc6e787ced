import pytest

from idiolect.train.world import ALONE, World


def at(rank: int, size: int) -> World:
    world = World()
    world.rank, world.size = rank, size
    return world


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("items", [1, 4, 7])
@pytest.mark.parametrize("at_a_time", [1, 2, 8])
def test_every_item_is_computed_once_and_every_process_computes_as_often(size: int, items: int, at_a_time: int) -> None:
    numbers = list(range(items))
    dealt = [list(at(rank, size).parts(numbers, at_a_time)) for rank in range(size)]
    computed = [item for parts in dealt for part in parts if part.weight for item in part.own]
    assert sorted(computed) == numbers
    assert len({len(parts) for parts in dealt}) == 1
    assert all(0 < len(part.own) <= at_a_time for parts in dealt for part in parts)


def test_all_processes_know_what_is_computed_at_a_time() -> None:
    dealt = [list(at(rank, 2).parts(list(range(7)), 2)) for rank in range(2)]
    for one, other in zip(*dealt, strict=True):
        assert one.all == other.all == [*one.own, *(other.own if other.weight else ())]


def test_a_process_alone_computes_everything_in_order() -> None:
    assert [part.own for part in ALONE.parts([1, 2, 3, 4, 5], 2)] == [[1, 2], [3, 4], [5]]
