import pytest

from idiolect.core.config import Stage
from idiolect.project.short import Short
from idiolect.train.pack import Row, Tokens
from idiolect.train.plan import schedule
from idiolect.train.tokens import Packed

STAGE = Stage(name="tuned", objective="sft", epochs=1.0, pack_length=32, batch_tokens=64, samples=4, best_by="compile_at_1")
PACKED = Packed(tuple(Row((Tokens((at, at), (True, True)),)) for at in range(40)), 0)


@pytest.mark.parametrize("steps", [1, 7, 19, 20, 100])
@pytest.mark.parametrize("rows", [1, 3, 40])
def test_data_are_gone_through_again_until_the_steps_are_exactly_done(steps: int, rows: int) -> None:
    assert schedule(Short(steps=steps, again=True).epochs(STAGE, rows), rows).steps == steps


def test_else_there_are_at_most_as_many_steps_as_the_stage_makes() -> None:
    assert schedule(Short(steps=7).epochs(STAGE, 40), 40).steps == 7
    assert Short(steps=100).epochs(STAGE, 40) == STAGE
    assert Short(share=0.5).epochs(STAGE, 40) == STAGE


def test_a_share_is_of_the_rows_in_their_order_and_hangs_on_the_seed() -> None:
    one, other = (Short(share=0.25).rows(PACKED, seed).rows for seed in (0, 1))
    assert len(one) == 10
    assert one != other
    assert one == Short(share=0.25).rows(PACKED, 0).rows
    assert [row.parts[0].ids[0] for row in one] == sorted(row.parts[0].ids[0] for row in one)
    assert len(Short(share=0.001).rows(PACKED, 0).rows) == 1
    assert Short().rows(PACKED, 0) is PACKED


def test_a_short_stage_takes_no_samples_and_chooses_by_the_loss() -> None:
    stage = Short().settings(STAGE)
    assert (stage.samples, stage.best_by) == (0, "validation_loss")
