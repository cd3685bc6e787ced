from __future__ import annotations

from dataclasses import replace

from idiolect.evaluate.results import Evaluation
from idiolect.evaluate.scores import score_cells, score_table


def test_a_model_whose_training_texts_are_unknown_has_no_far_half_in_the_table(chain: dict[str, Evaluation]) -> None:
    blind = replace(chain["shipped"], far=None)
    assert "far half" not in score_table({"shipped": blind})
    assert "far half" not in score_cells(("shipped", blind), ("shipped", blind))
    mixed = score_table({"base": chain["base"], "shipped": blind})
    assert mixed.count("far half") == mixed.count("not known") == 2


def test_a_control_that_is_an_average_keeps_its_fraction(chain: dict[str, Evaluation]) -> None:
    table = score_table({"shipped": replace(chain["shipped"], shuffled_solved=3.4567)})
    assert "3.5 of 120" in table
    assert "72 of 120" in table


def test_little_is_not_shown_as_nothing(chain: dict[str, Evaluation]) -> None:
    assert "<strong>0.4 %</strong>" in score_table({"shipped": replace(chain["shipped"], shuffled_solved=0.5)})


def test_the_base_stands_beside_the_last_model_and_never_beside_itself(chain: dict[str, Evaluation]) -> None:
    assert "base: 25 %" in score_cells(("base", chain["base"]), ("shipped", chain["shipped"]))
    assert "base: " not in score_cells(("base", chain["base"]), ("base", chain["base"]))
