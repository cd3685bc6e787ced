"""The reference page says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from idiolect.data.formats.files import SUFFIXES
from idiolect.data.formats.writing import FORMATS
from idiolect.data.markdown import read_markdown
from idiolect.packs.registry import get_pack

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/reference/data-formats.md").read_text(encoding="utf-8")


def test_every_reason_for_quarantine_is_explained_and_no_other() -> None:
    raised: set[str] = set()
    for file in (ROOT / "src/idiolect/data/formats").glob("*.py"):
        source = file.read_text(encoding="utf-8")
        raised |= set(re.findall(r'(?:Malformed|Rejected)\(\s*"([a-z0-9-]+)"', source))
        raised |= set(re.findall(r'return "([a-z]+-[a-z]+)", "', source))
    raised.add("too-deep")
    table = PAGE.split("## Quarantine")[1]
    explained = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([a-z0-9-]+)`", row)}
    assert explained == raised


def test_the_example_reads_and_every_format_is_named() -> None:
    pages = re.findall(r"`````markdown\n(.*?)`````", PAGE, re.DOTALL)
    lesson = read_markdown(pages[0].encode(), Path("a.md"), "a.md", get_pack("bbj"))
    assert lesson.title == "Net to gross"
    several = re.sub(r"```bbj\n.*?```\n", lambda _: pages[1], pages[0], count=1, flags=re.DOTALL)
    assert len(read_markdown(several.encode(), Path("a.md"), "a.md", get_pack("bbj")).files) == 2
    assert [name for name in FORMATS if f"`{name}`" not in PAGE] == []
    assert f"`{' '.join(SUFFIXES)}`" in PAGE
