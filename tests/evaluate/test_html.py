from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from idiolect.evaluate.html import Html, el, join, text


def test_text_is_escaped_and_elements_are_not() -> None:
    assert el("p", "<script>alert('x') & more</script>", el("b", "bold")) == (
        "<p>&lt;script&gt;alert(&#x27;x&#x27;) &amp; more&lt;/script&gt;<b>bold</b></p>"
    )


def test_attributes_are_escaped_and_named_as_in_html() -> None:
    built = el("a", class_="x", aria_label='"><script>', hidden=True, title=None, lang=False, tabindex=0)
    assert built == '<a class="x" aria-label="&quot;&gt;&lt;script&gt;" hidden tabindex="0"></a>'


def test_markup_that_was_formatted_into_a_string_is_escaped_again() -> None:
    assert "<b>" not in el("p", f"see {el('b', 'this')}")


def test_elements_without_content_have_no_end() -> None:
    assert el("meta", charset="utf-8") == '<meta charset="utf-8">'
    assert el("circle", r=3) == '<circle r="3"/>'


def test_none_is_left_out() -> None:
    assert join([None, "a", None, el("br")]) == "a<br>"


def test_characters_that_could_hide_or_reorder_text_are_shown() -> None:
    assert text("a\x00b\x1b[31m\u202ec\ud800\td\n") == "a\u2400b\u241b[31m\ufffdc\ufffd\td\n"


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.read: list[str] = []
        self.tags: list[str] = []

    def handle_data(self, data: str) -> None:
        self.read.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("C",)), max_size=60))
def test_a_parser_reads_back_the_text_that_went_in_and_no_tag_more(value: str) -> None:
    parser = _Text()
    parser.feed(el("p", value, title=value))
    parser.close()
    assert ("".join(parser.read), parser.tags) == (value, ["p"])


def test_html_says_that_it_is_html() -> None:
    assert isinstance(el("p"), Html)
    assert not isinstance(el("p") + el("p"), Html)
