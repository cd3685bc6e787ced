import json
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.config import Adapter, Stage
from idiolect.core.machine import GIB, Machine, named_gpu
from idiolect.core.records import Example, Message, Provenance
from idiolect.project.advice import Tight, base_score, what_would_fit, wrong_tool
from idiolect.train.choice import budget
from idiolect.train.estimate import Load, gpu_context, memory
from idiolect.train.shape import ModelShape

STAGE = Stage(name="tuned", objective="sft", learning_rate=1e-4, pack_length=4096, batch_tokens=8192)
LINEAR = {f"layers.{i}.{n}_proj.weight": (5120, 5120) for i in range(48) for n in "qo"}
LINEAR |= {f"layers.{i}.{n}_proj.weight": (1024, 5120) for i in range(48) for n in "kv"}
LINEAR |= {f"layers.{i}.{n}_proj.weight": (13824, 5120) for i in range(48) for n in ("gate", "up")}
LINEAR |= {f"layers.{i}.down_proj.weight": (5120, 13824) for i in range(48)}
ENDS = {"embed_tokens.weight": (152064, 5120), "lm_head.weight": (152064, 5120)}
QWEN_14B = ModelShape({**LINEAR, **ENDS}, 48, 5120, 13824, 5120, 1024, 152064, 40)


def tight(machine: Machine, tokens: int = 4096) -> Tight:
    load, precision = Load(tokens, tokens // 2, 128), "bfloat16"
    need = memory(QWEN_14B, Adapter(), load, precision, "gpu", checkpointing=True, libraries=gpu_context())
    assert need.total > budget(machine)
    return Tight(QWEN_14B, Adapter(), STAGE, load, machine, precision, need)


def test_a_14b_base_fits_a_24_gib_gpu_in_4_bits_or_as_a_smaller_one() -> None:
    advice = what_would_fit(tight(named_gpu("rtx4090")))
    assert advice[0].kind == "does-not-fit"
    assert "stage tuned does not fit: it needs" in advice[0].text
    assert "24.5 GB of NVIDIA GeForce RTX 4090's 25.8 GB" in advice[0].text
    texts = [each.text for each in advice]
    assert "QLoRA would fit: the base in 4 bits (NF4) instead of 16" in texts
    assert any(
        text.startswith("a smaller base would fit: up to about ") and text.endswith(" billion parameters") for text in texts
    )
    assert "a bigger GPU would fit it as it is: NVIDIA A40, 48 GiB (--gpu a40)" in texts
    assert not any("pack" in text or "rank" in text for text in texts)  # the weights alone are more than there is


def test_where_little_is_missing_a_shorter_pack_or_a_smaller_rank_is_named() -> None:
    need = tight(Machine("", "gpu", GIB)).memory.total
    advice = what_would_fit(tight(Machine("some GPU", "gpu", round((need - 1e9) / 0.95))))
    settings = [each.setting for each in advice]
    assert "stages.tuned.pack_length=2048" in settings
    assert "adapter.rank=16" in settings


def test_where_no_change_does_alone_they_are_named_together() -> None:
    advice = what_would_fit(tight(Machine("some GPU", "gpu", 13 * GIB)))
    assert [each.text for each in advice if each.text.startswith("together")] == [
        "together these would fit: rows of 256 tokens, rank 8, the base in 4 bits (QLoRA)"
    ]


def test_where_nothing_does_only_a_smaller_base_and_a_bigger_gpu_are_named() -> None:
    advice = what_would_fit(tight(Machine("some GPU", "gpu", 8 * GIB)))
    assert [each.text.partition(" would")[0] for each in advice[1:]] == ["a smaller base", "a bigger GPU"]


def examples(count: int, answer: str = "```bbj\nend\n```", parent: str | None = None) -> list[Example]:
    turns = [(Message("user", f"task {i}"), Message("assistant", answer)) for i in range(count)]
    return [Example(each, Provenance("a.md", parent=parent)) for each in turns]


def test_few_examples_are_said_to_be_few_and_variants_are_none() -> None:
    (advice,) = wrong_tool([*examples(99), *examples(500, parent="x")], [STAGE], None)
    assert advice.kind == "wrong-tool"
    assert advice.text.startswith("99 examples are few: with fewer than about 100 good ones, prompting comes first")
    assert wrong_tool(examples(100), [STAGE], None) == []
    programs_only = STAGE.model_copy(update={"objective": "cpt"})
    assert wrong_tool(examples(3), [programs_only], None) == []


@pytest.mark.parametrize(
    "answer", ["It costs $ 12.", "As of 2026-01-31 it is so.", "See https://example.org/a", "Since version 23.04 ..."]
)
def test_facts_that_change_are_named_unless_they_stand_in_code(answer: str) -> None:
    (advice,) = wrong_tool(examples(200, answer), [STAGE], None)
    assert advice.text.startswith("200 of 200 answers state what changes")
    assert wrong_tool(examples(200, f"```bbj\n{answer}\n```"), [STAGE], None) == []
    assert wrong_tool([*examples(190), *examples(10, answer)], [STAGE], None) == []


def test_a_base_that_already_does_it_is_said_to(tmp_path: Path) -> None:
    def evaluated(name: str, base: str, share: float, started: str) -> None:
        manifest: dict[str, Any] = {"inputs": {"base": base}, "started": started, "result": {"compile_at_1": share}}
        folder = tmp_path / "stages" / name
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text(json.dumps(manifest))

    assert base_score(tmp_path, "abc") is None
    evaluated("eval-base-1", "abc", 0.2, "2026-01-01")
    evaluated("eval-base-2", "abc", 0.85, "2026-02-01")
    evaluated("eval-base-3", "other", 0.1, "2026-03-01")
    (tmp_path / "stages" / "eval-base-4").mkdir()
    score = base_score(tmp_path, "abc")
    assert score == 0.85
    (advice,) = wrong_tool(examples(100), [STAGE], score)
    assert advice.text.startswith("the base already compiles 85% of the held-out tasks without training")
    assert wrong_tool(examples(100), [STAGE], 0.5) == []
