import hashlib
import json
from pathlib import Path
from typing import Any

KINDS = ("f16", "q8_0", "q4_k_m")


def test_the_exported_files_are_listed_with_the_hashes_they_have(finished_project: Any) -> None:
    done = finished_project("export", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["ships"] == "tiny-q4_k_m.gguf"
    assert set(found["files"]) == {"Modelfile", *(f"tiny-{kind}.gguf" for kind in KINDS)}
    for name, facts in found["files"].items():
        content = Path(found["folder"], name).read_bytes()
        assert facts["sha256"] == hashlib.sha256(content).hexdigest()
        assert facts["bytes"] == len(content)


def test_people_are_told_where_the_files_are(finished_project: Any) -> None:
    done = finished_project("export")
    for kind in KINDS:
        assert f"tiny-{kind}.gguf" in done.stderr
    assert str(finished_project.run / "export") in done.stderr.replace("\n", "")


def test_a_dry_run_writes_nothing(project: Any) -> None:
    done = project("export", "--dry-run", "--json")
    names = [row["name"] for row in json.loads(done.stdout.splitlines()[-1])["stages"]]
    assert names == ["data", "train-pretrained", "train-tuned", "merge", "export", "parity"]
    assert not project.run.exists()
