"""The blend of a project, from its file to a stage's manifest."""

from __future__ import annotations

import json
from typing import Any

BLEND = """  blend:
    sources:
      - {name: classes, paths: [training, corpus], weight: 1}
    slices:
      - {name: completions, types: [completion], times: 2}
    replay:
      - {name: general, sources: [general.jsonl], corpus: [general.py], share: 0.1}
    curriculum: length
"""


def test_the_plan_and_the_manifest_hold_the_same_shares_in_tokens(project: Any) -> None:
    talk = {"messages": [{"role": "user", "content": "How are you?"}, {"role": "assistant", "content": "Well."}]}
    (project.folder / "general.jsonl").write_text(json.dumps(talk) + "\n")
    (project.folder / "general.py").write_text("def double(x):\n    return 2 * x\n")
    plain = json.loads(project("plan", "--json").stdout.splitlines()[-1])["stages"]
    assert [stage["blend"] for stage in plain] == [[], []]
    records = (project.run / "data" / "records.jsonl").read_bytes()
    ladder = project("plan", "data.blend={curriculum: length}")
    assert "data: finished before, skipped" in ladder.stderr, "a blend without replay needs no other dataset"
    project.set("  split: {validation: 0.25}\n", "  split: {validation: 0.25}\n" + BLEND)
    done = project("train", "--json", "stages.tuned.epochs=0.2", "stages.pretrained.epochs=0.2")
    assert done.returncode == 0, done.stderr
    assert (project.run / "data" / "records.jsonl").read_bytes() == records
    trained = {row["stage"]: row["blend"] for row in json.loads(done.stdout.splitlines()[-1])["stages"]}
    planned = {stage["name"]: stage["blend"] for stage in json.loads(project("plan", "--json").stdout.splitlines()[-1])["stages"]}
    assert trained == planned
    for name, stage in zip(("pretrained", "tuned"), plain, strict=True):
        source, general, repeated = trained[name]
        assert (source["name"], source["part"], general["part"], repeated["part"]) == ("classes", "source", "replay", "slice")
        assert abs(general["share"] - 0.1) < 0.02
        assert abs(source["share"] + general["share"] - 1) < 1e-3
        assert source["records"] == stage["records"]
    assert trained["tuned"][2]["rows"] == 2 * trained["tuned"][2]["records"] > 0
    said = project("plan").stderr
    assert "share of tokens" in said
