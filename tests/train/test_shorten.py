from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from idiolect.core.records import Example, Message, Provenance
from idiolect.lm.chat import ChatFormat
from idiolect.train.shorten import conversation_tokens, fit_example

SYSTEM = Message("system", "You are an expert BBj programmer.")
QUESTION = Message("user", "".join(f"line {n} of the listing\n" for n in range(30)) + "What does it do?")
ANSWER = Message("assistant", "It prints the stock of a depot.")


def talk(*messages: Message) -> Example:
    return Example(messages, Provenance("made.md"))


def trained(chat: ChatFormat, example: Example, limit: int) -> list[int]:
    fitted = fit_example(chat, example, limit)
    assert fitted is not None
    assert len(fitted.tokens) <= limit
    return [i for i, t in zip(fitted.tokens.ids, fitted.tokens.trained, strict=True) if t]


def test_an_example_that_fits_stays_as_it_is(chat: ChatFormat) -> None:
    example = talk(SYSTEM, QUESTION, ANSWER)
    length = len(conversation_tokens(chat, example.messages))
    fitted = fit_example(chat, example, length)
    assert fitted is not None
    assert (fitted.example, fitted.shortened) == (example, False)


def test_a_long_question_loses_its_first_lines_and_the_answer_nothing(chat: ChatFormat) -> None:
    example = talk(SYSTEM, QUESTION, ANSWER)
    length = len(conversation_tokens(chat, example.messages))
    fitted = fit_example(chat, example, length - 40)
    assert fitted is not None and fitted.shortened
    system, question, answer = fitted.example.messages
    assert (system, answer) == (SYSTEM, ANSWER)
    assert QUESTION.content.endswith(question.content)
    assert question.content.startswith("line ")
    assert length - 60 < len(fitted.tokens) <= length - 40
    assert fitted.tokens.ids == conversation_tokens(chat, fitted.example.messages).ids


def test_a_question_of_one_line_loses_its_first_characters(chat: ChatFormat) -> None:
    question = Message("user", "word " * 100 + "end")
    fitted = fit_example(chat, talk(SYSTEM, question, ANSWER), 80)
    assert fitted is not None
    assert fitted.example.messages[1].content.endswith("word end")
    assert 78 <= len(fitted.tokens) <= 80


def test_earlier_turns_go_before_anything_of_the_last_question(chat: ChatFormat) -> None:
    first, second = Message("user", "The first question."), Message("user", "The second question.")
    example = talk(SYSTEM, first, ANSWER, second, ANSWER, Message("user", "The last question."), ANSWER)
    length = len(conversation_tokens(chat, example.messages))
    fitted = fit_example(chat, example, length - 1)
    assert fitted is not None
    assert fitted.example.messages == (SYSTEM, *example.messages[3:])
    assert trained(chat, example, length - 1) == [*chat.encode_text(ANSWER.content), chat.end_id] * 2


def test_the_system_prompt_goes_last_and_only_an_answer_that_does_not_fit_alone_is_left_out(chat: ChatFormat) -> None:
    alone = len(conversation_tokens(chat, [Message("system", ""), Message("user", ""), ANSWER]))
    example = talk(SYSTEM, QUESTION, ANSWER)
    fitted = fit_example(chat, example, alone)
    assert fitted is not None
    assert [message.content for message in fitted.example.messages] == ["", "", ANSWER.content]
    assert fit_example(chat, example, alone - 1) is None
    with_system = fit_example(chat, example, len(conversation_tokens(chat, [SYSTEM, Message("user", ""), ANSWER])))
    assert with_system is not None
    assert with_system.example.messages[0] == SYSTEM


@settings(max_examples=40)
@given(st.text(max_size=200), st.text(max_size=200), st.integers(20, 120))
def test_whatever_is_cut_the_answer_is_whole(chat: ChatFormat, question: str, more: str, limit: int) -> None:
    example = talk(SYSTEM, Message("user", question), ANSWER, Message("user", more), ANSWER)
    if fit_example(chat, example, limit) is not None:
        answer = [*chat.encode_text(ANSWER.content), chat.end_id]
        assert trained(chat, example, limit)[-len(answer) :] == answer
    else:
        assert fit_example(chat, replace(example, messages=(SYSTEM, Message("user", ""), ANSWER)), limit) is None
