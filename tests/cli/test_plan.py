import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def test_a_plan_says_what_it_would_cost_and_makes_only_the_dataset(project: Any) -> None:
    done = project("plan", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout.splitlines()[-1])
    assert plan["base_parameters"] == 1_968_896
    assert [stage["name"] for stage in plan["stages"]] == ["pretrained", "tuned"]
    for stage in plan["stages"]:
        assert min(stage["steps"], stage["tokens"], stage["records"], stage["memory_gb"]) > 0
        assert 0 < stage["trained_tokens"] < stage["tokens"]
        assert stage["rows"] <= stage["sequences"]
        assert stage["memory"]["total"] == sum(size for part, size in stage["memory"].items() if part != "total")
        assert 0 <= stage["padding"]["to_batch"] <= stage["padding"]["to_longest"] < 1
        assert stage["tokens_s"] > 0
    assert plan["machine"]["device"] == "cpu"
    assert plan["disk_gb"] > 0.2
    assert 1 < plan["tokenizer"]["characters_per_token"] < 8
    assert {"word", "count", "pieces"} == set(plan["tokenizer"]["most_split"][0])
    assert [folder.name.rpartition("-")[0] for folder in (project.run / "stages").iterdir()] == ["data"]
    again = project("plan")
    assert "data: finished before, skipped" in again.stderr
    assert "1,968,896 parameters" in again.stderr
    assert "characters a token" in again.stderr
    assert "padding avoided" in again.stderr
    said = " ".join(again.stderr.split())
    assert "think again: 9 examples are few: with fewer than about 100 good ones, prompting comes first" in said


def test_a_plan_loads_no_torch(project: Any, repository: Path) -> None:
    code = (
        "import sys\nfrom idiolect.cli.main import main\n"
        "try:\n    main(['plan'])\nexcept SystemExit as end:\n    print(end.code)\n"
        "print([name for name in ('torch', 'transformers', 'peft') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=project.folder)
    assert done.stdout == "0\n[]\n"


def test_settings_of_one_call_change_the_plan(project: Any) -> None:
    def steps(*overrides: str) -> int:
        done = project("plan", "--json", *overrides)
        return json.loads(done.stdout.splitlines()[-1])["stages"][1]["steps"]

    assert steps("stages.tuned.epochs=4") > steps()


def test_a_plan_for_a_gpu_says_what_it_costs_there(project: Any) -> None:
    done = project("plan", "--gpu", "RTX 4090", "--price", "0.5")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert "trained in bfloat16 on NVIDIA GeForce RTX 4090 (24 GiB)" in said
    assert "of training on NVIDIA GeForce RTX 4090, if nothing else runs there, which costs 0.00" in said
    assert "cost (estimate)" in said


def test_an_unknown_gpu_is_refused_with_those_that_are_alike(project: Any) -> None:
    done = project("plan", "--gpu", "rtx4909")
    assert done.returncode == 2
    assert "no GPU 'rtx4909' is in the table" in done.stderr
    assert "rtx4090" in done.stderr.partition("did you mean ")[2]
    both = project("plan", "--gpu", "l4", "--measure", "1")
    assert both.returncode == 2
    assert "--measure trains on this machine" in both.stderr
