"""Markdown examples: what a good file gives, and where a bad one is said to be bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from idiolect.core.errors import DataError
from idiolect.data.lesson import Lesson
from idiolect.data.markdown import read_markdown
from idiolect.packs.spec import LanguagePack

FILE = Path("/project/training/a.md")


def read(text: str | bytes, pack: LanguagePack) -> Lesson:
    return read_markdown(text.encode() if isinstance(text, str) else text, FILE, "training/a.md", pack)


def refusal(text: str | bytes, pack: LanguagePack) -> DataError:
    with pytest.raises(DataError) as caught:
        read(text, pack)
    assert caught.value.file == str(FILE)
    return caught.value


def test_a_file_becomes_a_lesson_with_the_description_as_its_first_wording(example_text: str, pack: LanguagePack) -> None:
    found = read(example_text, pack)
    assert found.title == "Hello"
    assert found.type == "completion"
    assert found.generation == ("all",)
    assert found.difficulty == "basic"
    assert found.tags == ("print",)
    assert found.instructions == ('Print the text "Hello".', 'Show "Hello" on the screen.')
    assert found.code == 'print "Hello"'
    assert found.before == ""
    assert found.expected == "It prints Hello."
    assert found.explanation == "PRINT writes a line."
    assert (found.provenance.file, found.provenance.how) == ("training/a.md", "markdown:completion")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(example_text: str, pack: LanguagePack) -> None:
    assert read(b"\xef\xbb\xbf" + example_text.replace("\n", "\r\n").encode(), pack) == read(example_text, pack)


def test_front_matter_is_yaml_1_2_so_no_is_a_word(example_text: str, pack: LanguagePack) -> None:
    assert read(example_text.replace('title: "Hello"', "title: no"), pack).title == "no"


def test_a_migration_has_its_old_program(example_text: str, pack: LanguagePack) -> None:
    text = example_text.replace("type: completion", "type: migration").replace(
        "## Code", "## Before\n\n```bbj\n10 END\n```\n\n## Code"
    )
    assert read(text, pack).before == "10 END"


def test_a_longer_fence_may_hold_a_shorter_one(example_text: str, pack: LanguagePack) -> None:
    text = example_text.replace("```bbj", "~~~bbj").replace('print "Hello"\n```', 'print "```"\n~~~')
    assert read(text, pack).code == 'print "```"'


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("type: completion", "type: completion\n  bad: [", 4, "not valid YAML"),
        ("type: completion", "typ: completion", 3, "did you mean 'type'?"),
        ("type: completion", "type: completions", 3, "did you mean 'completion'?"),
        ('generation: "all"', "generation: gui", 4, "character, vpro5, bbj-gui"),
        ('generation: "all"', "generation: [all, dcw]", 4, "did you mean 'dwc'?"),
        ('generation: "all"', "generation: []", 4, "'generation' is []"),
        ("difficulty: basic", "difficulty: 3", 5, "'difficulty' is 3"),
        ("tags: [print]", "tags: [1]", 6, "a list of texts"),
        ('title: "Hello"', 'title: ""', 2, "a text that is not empty"),
        ('title: "Hello"\n', "", 1, "'title' is missing"),
        ("```bbj\n", "", 15, "not closed"),
        ('```bbj\nprint "Hello"\n```\n', "", 12, "no code fence"),
        ('print "Hello"\n```', 'print "Hello"', 14, "not closed"),
        ('print "Hello"', "", 12, "is empty"),
        ("## Code", "## Cod", 12, "did you mean 'Code'?"),
        ("## Explanation", "## Code", 22, "a second section"),
        ("type: completion", "type: migration", 25, "no old program"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    example_text: str, pack: LanguagePack, old: str, new: str, line: int, said: str
) -> None:
    assert old in example_text
    error = refusal(example_text.replace(old, new, 1), pack)
    assert said in str(error)
    assert error.line == line
    assert error.exit_code == 2


def test_a_file_without_front_matter_or_with_an_open_one_is_refused(example_text: str, pack: LanguagePack) -> None:
    assert "no front matter" in str(refusal("# Notes\n", pack))
    assert "no front matter" in str(refusal("", pack))
    assert "not closed" in str(refusal('---\ntitle: "x"\n', pack))
    assert "holds no keys" in str(refusal("---\n- a\n---\n", pack))


def test_invalid_utf8_is_named_by_line(example_text: str, pack: LanguagePack) -> None:
    error = refusal(example_text.encode().replace(b"PRINT writes", b"PRINT \xff writes"), pack)
    assert (error.line, error.message) == (24, "the file is not valid UTF-8")


def test_an_explanation_that_is_missing_is_asked_for_where_it_is_the_answer(example_text: str, pack: LanguagePack) -> None:
    text = example_text.replace("PRINT writes a line.", "")
    assert read(text, pack).explanation == ""
    for kind in ("comprehension", "explanation"):
        assert "no explanation" in str(refusal(text.replace("type: completion", f"type: {kind}"), pack))


def test_lessons_that_a_model_sees_alike_have_one_id(example_text: str, pack: LanguagePack) -> None:
    assert read(example_text, pack).id == read(example_text.replace('title: "Hello"', 'title: "Other"'), pack).id
    assert read(example_text, pack).id != read(example_text.replace('print "Hello"', 'print "Hi"'), pack).id


def test_what_the_program_shows_may_stand_under_three_headings_but_only_one_at_a_time(
    example_text: str, pack: LanguagePack
) -> None:
    for heading in ("Expected Behavior", "Expected Output", "Output"):
        found = read(example_text.replace("Expected Behavior", heading), pack)
        assert (found.shows, found.expected) == (heading, "It prints Hello.")
    error = refusal(example_text.replace("## Explanation", "## Output"), pack)
    assert (error.line, "beside 'Expected Behavior'" in str(error)) == (22, True)


FILES = "<!-- filename: main.bbj -->\n```bbj\nuse ::lib/tax.bbj::Tax\n```\n\n<!-- filename: lib/tax.bbj -->\n```\nend\n```\n"
ONE = '```bbj\nprint "Hello"\n```\n'


def test_an_example_may_have_several_files_each_under_its_name(example_text: str, pack: LanguagePack) -> None:
    data = FILES + "\n<!-- filename: a.sql -->\n```sql\nselect 1\n```\n"
    found = read(example_text.replace(ONE, data), pack)
    assert [(each.name, each.tag) for each in found.files] == [("main.bbj", "bbj"), ("lib/tax.bbj", "bbj"), ("a.sql", "sql")]
    assert found.code == "use ::lib/tax.bbj::Tax"
    assert found.programs == ("use ::lib/tax.bbj::Tax", "end")
    assert found.id != read(example_text.replace(ONE, FILES), pack).id
    assert read(example_text, pack).files == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<!-- filename: main.bbj -->\n", "", "2 code fences"),
        ("lib/tax.bbj -->", "main.bbj -->", "a name of its own"),
        ("lib/tax.bbj -->", "../tax.bbj -->", "'../tax.bbj' may not be used"),
        ("lib/tax.bbj -->", "/etc/passwd -->", "may not be used"),
        ("lib/tax.bbj -->", "C:\\tax.bbj -->", "may not be used"),
        ("lib/tax.bbj -->", "a//b -->", "may not be used"),
        ("end\n", "\n", "is empty"),
    ],
)
def test_files_without_a_name_of_their_own_or_outside_the_example_are_refused(
    example_text: str, pack: LanguagePack, old: str, new: str, said: str
) -> None:
    assert old in FILES
    error = refusal(example_text.replace(ONE, FILES.replace(old, new)), pack)
    assert said in str(error)
    assert error.line is not None
    assert error.line >= 12
