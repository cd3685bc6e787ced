from pathlib import Path

import pytest

from idiolect.core.errors import ConfigError
from idiolect.packs.include import digest_folders


def test_another_file_another_content_or_another_folder_is_another_digest(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shop.mkdir()
    seen = [digest_folders([shop])]
    (shop / "a.cpy").write_text("01 A PIC 9.")
    seen.append(digest_folders([shop]))
    (shop / "a.cpy").write_text("01 A PIC 99.")
    seen.append(digest_folders([shop]))
    seen.append(digest_folders([shop, tmp_path]))
    assert len(set(seen)) == 4
    assert digest_folders([shop]) == seen[2]


def test_no_folder_has_no_digest() -> None:
    assert digest_folders([]) == ""


def test_a_folder_that_is_not_there_is_an_error_of_the_project(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such folder"):
        digest_folders([tmp_path / "gone"])
