"""What a program says of its generation."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest

from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.bbj.taxonomy import ERROR_CLASSES

PACK = BBjPack()


@pytest.mark.parametrize(
    ("source", "generation"),
    [
        ("total = 0\nfor i = 1 to 3\n    total = total + i\nnext i\nprint total", "all"),
        ("print 'CS',@(10,5),\"Menu\"", "character"),
        ('0010 print "Menu"\n0020 goto 0010', "character"),
        ('gui = unt\nopen (gui)"X0"\nprint (gui)\'WINDOW\'(10,10,300,200,"Orders",$$)', "vpro5"),
        ('sysgui! = BBjAPI().getSysGui()\nw! = sysgui!.addWindow(10,10,300,200,"Orders")', "bbj-gui"),
        ('button!.setCallback(button!.ON_BUTTON_PUSH,"pushed")', "bbj-gui"),
        ('web! = BBjAPI().getWebManager()\nweb!.injectStyle(".x{}")\nw! = sysgui!.addWindow()', "dwc"),
        ("rem BBjAPI().getSysGui()\nprint 1", "all"),
        ("", "all"),
    ],
)
def test_a_program_belongs_to_the_newest_generation_it_needs(source: str, generation: str) -> None:
    assert PACK.dialect_of(source) == generation
    assert generation in PACK.dialects


def test_the_classifier_agrees_with_at_least_nine_of_ten_labels_of_the_starter_material(repository: Path) -> None:
    """The labels are people's, of short pieces that often show no sign; the rules were written with them at hand."""
    agree = count = 0
    for file in (repository / "examples" / "bbj" / "training").rglob("*.md"):
        if zlib.crc32(file.name.encode()) % 4:  # every fourth: which one is not by chance
            continue
        text = file.read_text(encoding="utf-8")
        labels = re.findall(r"[a-z0-9-]+", text.partition("generation:")[2].partition("\n")[0])
        code = re.search(r"^## Code\s+```bbj\n(.*?)```", text, re.DOTALL | re.MULTILINE)
        if code and len(labels) == 1:
            count += 1
            agree += PACK.dialect_of(code[1]) == labels[0]
    assert count > 500
    assert agree / count > 0.9


@pytest.mark.parametrize(("code", "family"), [("else-if", "foreign"), ("undefined-label", "name"), ("never-heard-of", "syntax")])
def test_every_code_belongs_to_a_family_that_has_a_meaning(code: str, family: str) -> None:
    assert PACK.error_class(code) == family
    assert ERROR_CLASSES[family]


def test_a_program_is_cut_at_its_classes_methods_and_labels() -> None:
    source = "print 1\nclass public A\nmethod public void run()\nmethodend\nclassend\ndone:\nend\nx = ::a.bbj::B\n"
    starts = [(chunk.first_line, chunk.title) for chunk in PACK.chunker().chunks(source)]
    assert starts == [(1, "print 1"), (2, "class public A"), (3, "method public void run()"), (6, "done:")]
