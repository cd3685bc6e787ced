"""The BBj pack as the rest of idiolect sees it: through the protocol of a language pack."""

from __future__ import annotations

import pytest

from idiolect.packs.bbj import source_tools
from idiolect.packs.bbj.checker import VERSION, check_source
from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.spec import LanguagePack

SOURCE = "total = 5; rem five\nif total == 6 then end"


@pytest.fixture
def pack(monkeypatch: pytest.MonkeyPatch) -> LanguagePack:
    monkeypatch.delenv("BBJ_HOME", raising=False)
    return BBjPack()


def test_the_embedded_checker_speaks_under_its_own_name(pack: LanguagePack) -> None:
    clean, wrong = pack.validator().check(["x = 1", SOURCE], "syntax")
    assert (clean.ok, wrong.ok) == (True, False)
    assert (wrong.validator, wrong.validator_version, wrong.level) == ("idiolect-bbj", VERSION, "syntax")
    assert wrong.diagnostics == check_source(SOURCE)


def test_a_hint_does_not_make_a_verdict_bad(pack: LanguagePack) -> None:
    (verdict,) = pack.validator().check(["for i=1 to 3"], "syntax")
    assert verdict.ok
    assert [found.severity for found in verdict.diagnostics] == ["hint"]


def test_the_packs_tools_are_those_of_the_language(pack: LanguagePack) -> None:
    assert pack.strip_comments(SOURCE) == source_tools.strip_comments(SOURCE) != SOURCE
    assert pack.identifiers(SOURCE) == ["total"]
    assert pack.has_statement(SOURCE)
    assert pack.rename("total = 5; rem five", {"total": "sum"}, {}, {"5": "7"}) == "sum = 7; rem five"


def test_the_packs_prompts_are_short_and_cover_every_use(pack: LanguagePack) -> None:
    assert set(pack.prompts) == {"assistant", "completion", "explainer", "structured"}
    assert all(len(prompt.split()) <= 18 for prompt in pack.prompts.values())


def test_the_pack_names_the_generations_of_the_language(pack: LanguagePack) -> None:
    assert pack.dialects == ("all", "character", "vpro5", "bbj-gui", "dwc")
