from collections.abc import Sequence
from typing import Any

import pytest

from idiolect.core.config import Adapter, Method, Stage
from idiolect.train.defaults import Facts, Settings, after_programs, is_instruct, settle

BASE = Facts(parameters=14_000_000_000, instruct=False, records=10_000, after_programs=False)
INSTRUCT = Facts(parameters=14_000_000_000, instruct=True, records=10_000, after_programs=False)


def settled(objective: Any = "sft", facts: Facts = BASE, adapter: Adapter | None = None, **stage: Any) -> Settings:
    return settle(Stage(name="s", objective=objective, **stage), adapter or Adapter(), facts)


def rate(**settings: Any) -> float:
    return settled(**settings).stage.peak_rate


def test_the_rate_hangs_on_stages_size_and_method() -> None:
    def facts(parameters: int = 14_000_000_000, after: bool = False) -> Facts:
        return Facts(parameters, False, 10_000, after)

    assert rate(objective="cpt", facts=facts()) == 2e-4
    assert rate(facts=facts(after=True)) == 5e-5
    assert rate(facts=facts()) == rate(facts=facts(30_000_000_000)) == 2e-4
    assert rate(facts=facts(32_000_000_000)) == 1e-4
    assert rate(facts=INSTRUCT) == 1e-5
    assert rate(adapter=Adapter(method="full")) == 2e-5
    assert rate(objective="dpo") == 5e-6
    assert rate(objective="dpo", adapter=Adapter(method="full")) == 5e-7
    assert rate(adapter=Adapter(method="prompt")) == rate(adapter=Adapter(method="prefix")) == 1e-2


def test_what_is_given_stays_and_is_not_called_a_default() -> None:
    found = settled(learning_rate=3e-4, max_grad_norm=0.5, adapter=Adapter(rank=16, alpha=32, dropout=0.0, targets=("q_proj",)))
    assert (found.stage.learning_rate, found.stage.max_grad_norm, found.adapter.dropout) == (3e-4, 0.5, 0.0)
    assert found.defaults == ()


def test_every_default_is_named_with_a_reason_and_a_source() -> None:
    found = settled()
    named = {default.key: default.value for default in found.defaults}
    assert named == {
        "learning_rate": 2e-4,
        "max_grad_norm": 1.0,
        "rank": 32,
        "alpha": 64,
        "targets": "all-linear",
        "dropout": 0.05,
    }
    assert all(default.why and ("arXiv" in default.source) for default in found.defaults)
    assert "learning_rate 0.0002 by default: one stage, base of at most 30 billion parameters (Dettmers" in str(found.defaults[0])
    whole = settled(adapter=Adapter(method="full")).defaults
    assert {default.key for default in whole} == {"learning_rate", "max_grad_norm"}


def test_fewer_records_get_more_dropout() -> None:
    def dropout(records: int) -> float | None:
        return settled(facts=Facts(1, False, records, False)).adapter.dropout

    assert (dropout(999), dropout(1000)) == (0.1, 0.05)


def test_an_instruct_base_gets_one_epoch_and_a_warning_that_names_the_alignment_tax() -> None:
    found = settled(facts=INSTRUCT)
    assert ("epochs", 1.0) in {(default.key, default.value) for default in found.defaults}
    assert len(found.warnings) == 1 and "alignment tax" in found.warnings[0]
    more = settled(facts=INSTRUCT, epochs=2.0)
    assert any("stages.s.epochs 2" in warning for warning in more.warnings)


@pytest.mark.parametrize(
    ("stage", "adapter", "part"),
    [
        (
            {"learning_rate": 2e-5},
            {"method": "qlora"},
            "2e-05 is low for qlora (known to be good: 5e-05 to 0.0005)",
        ),
        ({"learning_rate": 1e-3}, {}, "learning_rate 0.001 is high for lora"),
        ({"learning_rate": 2e-4}, {"method": "full"}, "is high for full"),
        ({"learning_rate": 2e-4}, {"method": "prompt"}, "is low for prompt"),
        ({"learning_rate": 1e-4, "objective": "dpo"}, {}, "is high for dpo"),
        ({"epochs": 10.0}, {}, "stages.s.epochs 10: after three passes"),
        ({}, {"rank": 64, "alpha": 128}, "adapter.rank 64 without rsLoRA"),
        ({}, {"rank": 4, "alpha": 8}, "adapter.rank 4 is little"),
        ({}, {"rank": 32, "alpha": 512}, "adapter.alpha 512 is 16 times the rank"),
        ({"neftune_alpha": 30.0}, {}, "stages.s.neftune_alpha 30: 5 to 15"),
        ({"label_smoothing": 0.3, "objective": "cpt"}, {}, "stages.s.label_smoothing 0.3: up to 0.1"),
        ({}, {"dropout": 0.3}, "adapter.dropout 0.3"),
    ],
)
def test_a_value_outside_of_what_is_known_to_be_good_is_warned_of_with_the_reason(
    stage: dict[str, Any], adapter: dict[str, Any], part: str
) -> None:
    warnings = settled(adapter=Adapter(**adapter), **stage).warnings
    assert len(warnings) == 1
    assert part in warnings[0]
    assert "arXiv" in warnings[0]


@pytest.mark.parametrize("method", ["lora", "rslora", "dora", "qlora", "full", "prompt", "prefix"])
@pytest.mark.parametrize("objective", ["cpt", "sft"])
def test_the_defaults_themselves_are_known_to_be_good(method: Method, objective: str) -> None:
    for facts in (BASE, Facts(32_000_000_000, False, 100, True)):
        assert settled(objective, facts, Adapter(method=method)).warnings == ()


def test_gradients_of_a_preference_are_clipped_tighter() -> None:
    found = settled("dpo")
    assert found.stage.max_grad_norm == 0.3
    assert ("max_grad_norm", 0.3) in {(default.key, default.value) for default in found.defaults}
    assert found.warnings == ()


def test_rslora_is_what_high_ranks_want() -> None:
    assert settled(adapter=Adapter(method="rslora", rank=128, alpha=64)).warnings == ()


def test_a_small_base_may_learn_faster() -> None:
    assert settled(learning_rate=1.5e-3, facts=Facts(7_000_000, False, 10_000, False)).warnings == ()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("Qwen/Qwen2.5-Coder-14B-Instruct", "../models/codellama-7b-Instruct-hf/", "gemma-2-9b-it", "deepseek-chat"), True),
        (("Qwen/Qwen2.5-Coder-14B", "pocket", "instructors/base", "codellama-7b-hf", "it/model", "/models/chatty"), False),
    ],
)
def test_an_instruct_model_is_known_by_the_last_part_of_its_name(names: Sequence[str], expected: bool) -> None:
    assert [is_instruct(name) for name in names] == [expected] * len(names)


def test_a_stage_comes_after_programs_when_an_earlier_one_read_them() -> None:
    cpt, sft = Stage(name="a", objective="cpt"), Stage(name="b", objective="sft")
    assert after_programs((cpt, sft), sft)
    assert not after_programs((cpt, sft), cpt)
    assert not after_programs((sft, cpt), sft)


def test_a_rate_that_was_not_settled_is_never_used() -> None:
    with pytest.raises(ValueError, match="stage s: learning_rate is not resolved"):
        _ = Stage(name="s", objective="sft").peak_rate
