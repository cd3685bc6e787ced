"""A search in tasks finds what a search in memory finds. Where datatrove is not installed, its part is skipped."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from idiolect.core.errors import DataError, InputError, PrerequisiteError
from idiolect.data.dedup import near_duplicates
from idiolect.data.likeness import Content
from idiolect.data.scale.clusters import Place, joined, read_clusters, write_clusters
from idiolect.data.scale.memory import search_in_memory
from idiolect.data.scale.search import Search, begin, outcome, run_here, stages
from idiolect.data.scale.texts import PROMPT, SHAPE, Folded, compared_texts, kind_of
from idiolect.packs.spec import LanguagePack

from ..dedup.planted import planted_programs, planted_prompts

Needs = Callable[[bool, str], None]


@pytest.fixture
def datatrove(needs: Needs) -> None:
    needs(find_spec("datatrove") is not None, "datatrove is not installed: pip install 'idiolect[scale]'")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prompts and programs with families of near-duplicates, dealt out to five files, and a line that is no record."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = [{"prompt": prompt, "completion": "x"} for prompt in planted_prompts(240, 11).texts]
    programs = planted_programs(240, 11).texts
    rows += [{"prompt": f"p{i}", "completion": f"```bbj\n{text}\n```\n"} for i, text in enumerate(programs)]
    for number in range(5):
        (folder / f"{number}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[number::5]))
    with (folder / "4.jsonl").open("a") as file:
        file.write("{\n")
    return folder


@pytest.mark.usefixtures("datatrove")
def test_tasks_find_the_clusters_that_memory_finds_and_a_second_run_does_nothing(
    corpus: Path, tmp_path: Path, pack: LanguagePack
) -> None:
    expected = search_in_memory([str(corpus)], pack)
    assert len(expected.clusters) > 40
    search = Search((str(corpus),), tmp_path / "search", tasks=3)
    found = run_here(search, workers=2)
    assert found == expected
    assert (found.records, found.quarantined) == (480, 1)
    groups = tmp_path / "search" / "groups" / "00000.jsonl"
    groups.write_text("no task reads this again")
    assert run_here(search, workers=2) == expected
    with pytest.raises(InputError, match="another search"):
        run_here(Search((str(corpus),), tmp_path / "search", tasks=4), workers=2)


@pytest.mark.usefixtures("datatrove")
@pytest.mark.parametrize("what", ["prompts", "programs"])
def test_of_planted_pairs_99_in_100_are_candidates(what: str, pack: LanguagePack, tmp_path: Path) -> None:
    planted = planted_prompts(240, 11).texts if what == "prompts" else planted_programs(240, 11).texts
    kind = PROMPT if what == "prompts" else SHAPE
    contents = [Content(prompt=text) if what == "prompts" else Content(programs=(text,)) for text in planted]
    texts = [text for content in contents for text in compared_texts(content, pack) if kind_of(text) == kind]
    assert len(texts) == len(planted)
    expected = near_duplicates(texts, Folded(), every_pair=True).pairs()
    step = stages(Search(("none",), tmp_path, 1))[0].steps[1]
    bands = [[tuple(band) for band in step.get_signature(step.get_shingles(text))] for text in texts]
    found = [any(a == b for a, b in zip(bands[i], bands[j], strict=True)) for i, j in expected]
    assert len(found) > 300
    assert sum(found) >= 0.99 * len(found)
    apart = [any(a == b for a, b in zip(bands[i], bands[j], strict=True)) for i, j in pairwise(range(0, len(texts), 12))]
    assert not any(apart), "texts of two families are no candidates"


@pytest.mark.usefixtures("datatrove")
def test_a_long_text_is_signed_in_blocks_as_it_would_be_at_once(tmp_path: Path) -> None:
    import numpy as np

    step = stages(Search(("none",), tmp_path, 1))[0].steps[1]
    shingles = np.arange(40_000, dtype=np.uint64).reshape(-1, 1) * np.uint64(0x9E3779B97F4A7C15)
    assert step.get_signature(shingles) == super(type(step), step).get_signature(shingles)


@pytest.mark.usefixtures("datatrove")
def test_a_dataset_that_changes_during_the_search_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"prompt": "Print one.", "completion": "x"}\n')
    texts = stages(Search((str(file),), tmp_path / "search", 1))[0].steps[0]
    assert len(list(texts.run())) == 1
    assert len(list(texts.run())) == 1
    file.write_text('{"prompt": "Print two.", "completion": "x"}\n')
    with pytest.raises(DataError, match="was changed"):
        list(texts.run())


@pytest.mark.usefixtures("datatrove")
def test_the_executors_of_the_guide_can_be_made_and_handed_to_a_job(repository: Path, tmp_path: Path) -> None:
    import dill

    (tmp_path / "corpus.jsonl").write_text('{"prompt": "Print one.", "completion": "x"}\n')
    blocks = re.findall(r"```python\n(.*?)```", (repository / "docs/guides/large-corpus.md").read_text(), re.DOTALL)
    for number, block in enumerate(blocks):
        code = block.replace("/data/corpus", f"{tmp_path}/corpus.jsonl").replace("/data/search", f"{tmp_path}/{number}")
        names: dict[str, Any] = {}
        exec(code, names)
        last, made = names["last"], list[Any]()
        while last is not None:
            made.append(last)
            last = last.depends
            made[-1].depends = None
        assert [each.tasks for each in made] == [1, 200, 200, 1, 28, 200]
        again = dill.loads(dill.dumps(made[-1]))
        assert [text.id for text in again.pipeline[0].run()] == [text.id for text in made[-1].pipeline[0].run()] != []
    assert len(blocks) == 2


def test_texts_of_two_kinds_share_no_shingle_and_short_programs_keep_their_names(pack: LanguagePack) -> None:
    kinds = [kind_of(text) for text in compared_texts(Content("print 1", ("print 1",)), pack)]
    assert kinds == ["prompt", "program with its names"]
    long = "\n".join(f"total{i} = total{i} + 1" for i in range(9))
    assert [kind_of(text) for text in compared_texts(Content(programs=(long,)), pack)] == ["program with its names", SHAPE]
    assert list(compared_texts(Content(" ", ("\n",)), pack)) == []


def test_any_token_survives_being_written(pack: LanguagePack) -> None:
    [text] = compared_texts(Content('\ud800 \x1f日 "a\\b"'), pack)
    assert text.isascii()
    assert Folded().lexemes(text) == ["\ud800", "日", '"']


def test_groups_that_share_a_record_are_one_cluster_named_by_its_smallest_id(tmp_path: Path) -> None:
    a, b, c, d, again = (Place(id, "f", line) for line, id in enumerate("abcda", 1))
    clusters = joined([[c, b], [again], [b, a], [d], [a, again]])
    assert [(each.id, each.members) for each in clusters] == [("a", (a, again, b, c))]
    write_clusters(tmp_path / "clusters.jsonl", clusters)
    assert read_clusters(tmp_path / "clusters.jsonl") == clusters
    assert joined([]) == []


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="something else"):
        begin(Search(("a",), tmp_path, 1))


def test_a_search_that_read_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no record can be read"):
        outcome(Search(("a.jsonl",), tmp_path, 1))


def test_without_datatrove_the_error_names_what_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "datatrove", None)
    for name in [name for name in __import__("sys").modules if name.startswith("datatrove.")]:
        monkeypatch.delitem(__import__("sys").modules, name)
    with pytest.raises(PrerequisiteError, match="datatrove") as caught:
        stages(Search(("a",), tmp_path, 1))
    assert caught.value.hint == "pip install 'idiolect[scale]'"
