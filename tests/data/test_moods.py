import pytest

from idiolect.data.moods import as_order, as_question, in_the_other_mood


@pytest.mark.parametrize(
    ("order", "question"),
    [
        ("Print the total.", "How do I print the total?"),
        ('Open "a.dat" on channel 1. Print what\'s in it.', 'How do I open "a.dat" on channel 1? Print what\'s in it.'),
        ("Set rate to 3.5 and print it.", "How do I set rate to 3.5 and print it?"),
    ],
)
def test_an_order_becomes_a_question_and_back(order: str, question: str) -> None:
    assert as_question(order) == question
    assert as_order(question) == order
    assert in_the_other_mood(order) == question
    assert in_the_other_mood(question) == order


@pytest.mark.parametrize(
    "request_text",
    [
        "Class Box with a field w.",  # no verb
        "PRINT the total.",  # a keyword of the language, not an order
        "What does pos() return?",
        "Print the total",  # a note without an end: people who write so ask no whole question
        'Print "Is it done?" and wait.',
        'Print "one. Two" now.',  # the sentence would end inside the text
        "",
    ],
)
def test_what_is_neither_stays_as_it_is(request_text: str) -> None:
    assert in_the_other_mood(request_text) is None
