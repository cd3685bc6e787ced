from idiolect.project.sweep.choice import Row, choose, row_of
from idiolect.project.sweep.grid import Setting, Trial


def rows(*losses: tuple[float, int | None, list[float | None]]) -> list[Row]:
    """One row for each seed of (rate, rank, losses)."""
    return [
        Row(Trial(Setting(rate, rank), seed), 9, loss, 0.1, 0.01, 3.0, None if loss else "the loss of step 3 is nan")
        for rate, rank, seeds in losses
        for seed, loss in enumerate(seeds)
    ]


def test_the_setting_with_the_lowest_mean_over_its_seeds_is_chosen() -> None:
    found = choose(rows((1e-4, None, [2.0, 2.2]), (2e-4, None, [1.9, 2.0]), (5e-4, None, [1.7, 2.5])))
    assert found is not None
    assert found.best == Setting(2e-4, None)
    assert found.loss == 1.95


def test_a_setting_that_diverged_with_one_seed_is_not_chosen_and_is_named() -> None:
    found = choose(rows((1e-4, None, [2.0, 2.2]), (2e-4, None, [1.0, None])))
    assert found is not None
    assert found.best.rate == 1e-4
    assert "diverged: rate 2e-4" in found.remarks


def test_where_all_have_diverged_there_is_no_choice() -> None:
    assert choose(rows((1e-4, None, [None]), (2e-4, None, [None]))) is None


def test_differences_within_the_noise_of_the_seeds_are_said() -> None:
    near = choose(rows((1e-4, None, [2.0, 2.2]), (2e-4, None, [2.05, 2.1]), (5e-4, None, [9.0, 9.2])))
    assert near is not None
    noise = next(remark for remark in near.remarks if "noise" in remark)
    assert "rate 1e-4 may be as good" in noise
    assert "5e-4" not in noise
    # s = sqrt((0.02 + 0.00125 + 0.02) / 3), 3 degrees of freedom: 3.18 s sqrt(2 / 2)
    assert "differences below 0.3729 are within" in noise
    far = choose(rows((1e-4, None, [3.0, 3.01]), (2e-4, None, [2.0, 2.01])))
    assert far is not None
    assert any("no other setting comes that near" in remark for remark in far.remarks)


def test_one_seed_tells_nothing_of_the_noise_and_that_is_said() -> None:
    found = choose(rows((1e-4, None, [2.0]), (2e-4, None, [1.9]), (5e-4, None, [2.1])))
    assert found is not None
    assert found.remarks == ("one seed: how much of the differences is chance is not known; --seeds 0,1,2 would tell",)


def test_a_best_at_the_edge_of_the_grid_is_said() -> None:
    def said(*losses: tuple[float, int | None, list[float | None]]) -> str:
        found = choose(rows(*losses))
        assert found is not None
        return " ".join(found.remarks)

    assert "highest of the grid: try higher ones, up to 1e-3" in said((1e-4, None, [2.0]), (2e-4, None, [1.9]))
    assert "lowest of the grid: try lower ones, from 2e-5" in said((1e-4, None, [1.8]), (2e-4, None, [1.9]))
    assert "edge" not in said((1e-4, None, [2.0])) and "highest" not in said((1e-4, None, [2.0]))
    assert "the best rank is the highest" in said((1e-4, 8, [2.0]), (1e-4, 16, [1.9]))
    # what diverged is part of the grid: nothing higher is to be tried
    assert "highest" not in said((1e-4, None, [2.0]), (2e-4, None, [1.9]), (5e-4, None, [None]))


def test_a_row_says_how_far_training_and_validation_are_apart_at_the_end() -> None:
    curve = [{"loss": 3.0}, {"loss": 2.0, "validation_loss": 2.5}, {"loss": 1.5}, {"loss": 1.0, "validation_loss": 2.6}]
    clock = [{"seconds": 0.5}] * 4
    result = {"steps": 4, "validation_loss": 2.5, "moved": 0.02, "curve": curve, "clock": clock}
    row = row_of(Trial(Setting(1e-4, None), 0), result)
    assert (row.validation_loss, row.gap, row.moved, row.seconds) == (2.5, 1.6, 0.02, 2.0)
