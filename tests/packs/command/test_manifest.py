from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.core.errors import ConfigError
from idiolect.packs.command.manifest import Manifest, load_manifest

Changed = Callable[[str, str], Path]


def test_a_manifest_is_read_from_its_file_or_its_folder(folder: Path, manifest: Manifest) -> None:
    assert load_manifest(folder / "pack.yaml") == manifest
    assert (manifest.name, manifest.compiler.accepts, manifest.compiler.rejects) == ("toy", (0,), (1,))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Toy", "titel: Toy", "unknown key 'titel'"),
        ("suffixes: [.toy]", "suffixes: [toy]", "suffixes"),
        ("'//.*$'", "'(//.*$'", "not a regular expression"),
        ("(?P<line>", "(?P<row>", "finding lacks the group line"),
        ("'{include}', '{file}'", "'{include}'", "one argument must be {file}"),
        ("name: loud, pattern: '^loud',", "name: loud,", "loud needs a pattern"),
        ("name: loud,", "name: plain,", "names must differ"),
        ("right: right.toy", "right: gone.toy", "there is no file 'gone.toy' beside the manifest"),
        ("wrong_line: 1", "wrong_line: 0", "wrong_line"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_said_with_its_place(changed: Changed, old: str, new: str, said: str) -> None:
    file = changed(old, new)
    with pytest.raises(ConfigError) as caught:
        load_manifest(file)
    assert said in str(caught.value)
    assert caught.value.file == str(file)
    if "beside" not in said:
        assert caught.value.line is not None


def test_a_folder_without_a_manifest_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no pack manifest") as caught:
        load_manifest(tmp_path)
    assert caught.value.hint == "make a pack with: idiolect pack new NAME"
