"""Recall and precision on pairs that were planted around the threshold."""

from __future__ import annotations

import pytest

from idiolect.data.dedup import Fold, Prose, code_fold, near_duplicates
from idiolect.packs.spec import LanguagePack

from .planted import Planted, jaccard, planted_programs, planted_prompts, shingles


@pytest.mark.parametrize("what", ["prompts", "programs"])
def test_planted_pairs_are_found_and_nothing_else(what: str, pack: LanguagePack) -> None:
    planted, fold = (planted_prompts(480, 11), Prose()) if what == "prompts" else (planted_programs(480, 11), code_fold(pack))
    expected = planted.pairs(fold)
    within = sum(len(family) * (len(family) - 1) // 2 for family in planted.families)
    assert 0.2 * within < len(expected) < 0.9 * within, "the edits lie on both sides of the threshold"
    found = set(near_duplicates(planted.texts, fold, every_pair=True).pairs())
    assert len(found & expected) >= 0.99 * len(expected)
    assert sum(_are_alike(planted, pair, fold) for pair in found) >= 0.99 * len(found)


def _are_alike(planted: Planted, pair: tuple[int, int], fold: Fold) -> bool:
    one, other = (shingles(planted.texts[i], fold) for i in pair)
    return jaccard(one, other) >= 0.8
