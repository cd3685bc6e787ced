import errno
import os
from pathlib import Path

import pytest

from idiolect.core import files
from idiolect.core.errors import InfrastructureError, InputError
from idiolect.core.files import decode_source, free_bytes, os_failure, sha256_file, sha256_tree, tree_files, write_atomic


def test_a_written_file_holds_the_bytes_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.txt"
    write_atomic(path, "grün\n")
    assert path.read_bytes() == "grün\n".encode()
    write_atomic(path, b"\0\1")
    assert path.read_bytes() == b"\0\1"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.txt"]


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, "old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(InfrastructureError, match="No space left") as caught:
        write_atomic(path, "new")
    assert caught.value.exit_code == 4
    assert "free some disk space" in str(caught.value)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


def test_a_really_full_disk_is_the_machines_fault() -> None:
    with pytest.raises(InfrastructureError, match=r"/dev/full|No space left") as caught:
        try:
            Path("/dev/full").write_bytes(b"x" * 10)
        except OSError as error:
            raise os_failure(error, Path("/dev/full"), "written") from error
    assert caught.value.hint is not None


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(InfrastructureError, match="a/b"):
        write_atomic(tmp_path / "a" / "b", "x")


def test_the_hash_of_a_file_is_its_sha256(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_file(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_hashing_a_missing_file_or_a_folder_says_so(tmp_path: Path) -> None:
    for path in (tmp_path / "no", tmp_path):
        with pytest.raises(InputError, match="no such file"):
            sha256_file(path)
    with pytest.raises(InputError, match="no such folder"):
        sha256_tree(tmp_path / "no")


def _tree(root: Path, content: dict[str, str]) -> Path:
    for name, text in content.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def test_equal_trees_have_equal_hashes_and_any_difference_another(tmp_path: Path) -> None:
    base = {"a.txt": "1", "b/c.txt": "2"}
    first = sha256_tree(_tree(tmp_path / "1", base))
    second = _tree(tmp_path / "2", dict(reversed(base.items())))
    os.utime(second / "a.txt", (0, 0))
    assert sha256_tree(second) == first
    others = [{"a.txt": "1", "b/c.txt": "3"}, {"a.txt": "1", "b/d.txt": "2"}, {"a.txt": "1"}, {"a.txt": "1", "b.c.txt": "2"}]
    hashes = {sha256_tree(_tree(tmp_path / f"other{i}", content)) for i, content in enumerate(others)}
    assert first not in hashes
    assert len(hashes) == len(others)


def test_a_tree_is_listed_in_one_order_and_links_that_lead_in_circles_end(tmp_path: Path) -> None:
    _tree(tmp_path / "data", {"b.txt": "", "a/z.txt": "", "a.txt": ""})
    (tmp_path / "data" / "a" / "up").symlink_to("..")
    (tmp_path / "data" / "other").symlink_to("a")
    found = [path.relative_to(tmp_path / "data").as_posix() for path in tree_files(tmp_path / "data")]
    assert found == ["a/z.txt", "a.txt", "b.txt", "other/z.txt"]


def test_a_link_to_nothing_is_a_missing_file_not_a_smaller_tree(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("nowhere")
    with pytest.raises(InputError, match="gone"):
        sha256_tree(tmp_path)


def test_free_space_is_known_for_a_folder_that_is_not_made_yet(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") > 0


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ('PRINT "grün"\n'.encode(), 'PRINT "grün"\n'),
        ('PRINT "grün"\n'.encode("latin-1"), 'PRINT "grün"\n'),
        (b"\xef\xbb\xbfPRINT 1\r\nEND\rREM", "PRINT 1\nEND\nREM"),
        ('PRINT "grün"'.encode("utf-16"), 'PRINT "grün"'),
        (b"", ""),
        (bytes(range(256)), None),
    ],
)
def test_a_program_is_read_whatever_editor_saved_it(data: bytes, text: str | None) -> None:
    decoded = decode_source(data)
    assert decoded == text if text is not None else len(decoded) == 256
