"""One question and its answer: prompt/completion rows, Alpaca rows, and preference rows (an answer and a worse one)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

from idiolect.data.formats.chat import TURN_FIELDS, fields_of, messages_of, require_turns, turns_of
from idiolect.data.formats.malformed import Malformed
from idiolect.data.formats.shape import Content, Row, Shape, kind, others, row_with, text_of
from idiolect.data.raw import RawRecord, Turn

_INPUT: Final = "input"


def _side(row: Row, key: str, role: str) -> tuple[tuple[Turn, ...], list[dict[str, Any]] | None]:
    """A text as one turn of `role`, or a list of messages as they are, with the keys they hold besides."""
    value = row.get(key)
    return turns_of(cast("object", value), key) if isinstance(value, list) else ((Turn(role, text_of(row, key)),), None)


def _as_text(turns: Sequence[Turn], role: str, extras: object = None) -> str | list[dict[str, Any]]:
    """One turn of `role` as its text, anything else as messages."""
    return turns[0].content if len(turns) == 1 and turns[0].role == role and not extras else messages_of(turns, extras)


def _read_completion(row: Row) -> Content:
    key = "completion" if "completion" in row else "response"
    asked, asked_extras = _side(row, "prompt", "user")
    answer, extras = _side(row, key, "assistant")
    fields = others(row, "prompt", key)
    if asked_extras or extras:
        fields[TURN_FIELDS] = [*(asked_extras or [{} for _ in asked]), *(extras or [{} for _ in answer])]
    return Content((*asked, *answer), fields=fields)


def _write_completion(record: RawRecord) -> dict[str, Any]:
    require_turns(record, "prompt-completion")
    prompt, answer = _parted(record, "prompt-completion")
    extras = record.fields.get(TURN_FIELDS)
    each = cast("list[object]", extras) if isinstance(extras, list) else None
    before, after = (each[:-1], each[-1:]) if each is not None else (None, None)
    own = {"prompt": _as_text(prompt, "user", before), "completion": _as_text(answer, "assistant", after)}
    return row_with(own, fields_of(record))


def _parted(record: RawRecord, name: str) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    """The turns before the last answer, and that answer. Raises Malformed where the last turn is none or the only one."""
    if len(record.turns) < 2 or record.turns[-1].role != "assistant":
        raise Malformed("no-answer", f"{name} needs a question, and an assistant's answer as the last turn")
    return record.turns[:-1], record.turns[-1:]


def _read_alpaca(row: Row) -> Content:
    key = "output" if "output" in row else "response"
    instruction, given = text_of(row, "instruction"), text_of(row, _INPUT)
    turns = [Turn("system", system)] if (system := text_of(row, "system")) else []
    fields = others(row, "instruction", key, "system", "history", _INPUT)
    history: object = row.get("history") or []
    if not isinstance(history, list):
        raise Malformed("bad-value", f"'history' is {kind(history)}, a list of [question, answer] is expected")
    for pair in cast("list[object]", history):
        said = cast("list[object]", pair) if isinstance(pair, list) else []
        if len(said) != 2 or not all(isinstance(text, str) for text in said):
            raise Malformed("bad-value", "'history' holds something else than [question, answer]")
        turns += [Turn("user", str(said[0])), Turn("assistant", str(said[1]))]
    if given:
        fields[_INPUT] = given
    turns += [Turn("user", f"{instruction}\n\n{given}" if given else instruction), Turn("assistant", text_of(row, key))]
    return Content(tuple(turns), fields=fields)


def _write_alpaca(record: RawRecord) -> dict[str, Any]:
    require_turns(record, "alpaca")
    turns = record.turns[1:] if record.turns[0].role == "system" else record.turns
    if not turns or [turn.role for turn in turns] != ["user", "assistant"] * (len(turns) // 2):
        raise Malformed("no-alpaca-form", "Alpaca holds a system message, then questions and answers in turns, and no more")
    given = record.fields.get(_INPUT)
    instruction, fields = turns[-2].content, fields_of(record)
    row: dict[str, Any] = {"instruction": instruction, _INPUT: "", "output": turns[-1].content}
    if isinstance(given, str) and given and instruction.endswith(f"\n\n{given}"):
        row |= {"instruction": instruction.removesuffix(f"\n\n{given}"), _INPUT: given}
        del fields[_INPUT]
    if turns is not record.turns:
        row["system"] = record.turns[0].content
    if len(turns) > 2:
        row["history"] = [[turns[at].content, turns[at + 1].content] for at in range(0, len(turns) - 2, 2)]
    return row_with(row, fields)


def _read_preference(row: Row) -> Content:
    chosen, rejected = _side(row, "chosen", "assistant")[0], _side(row, "rejected", "assistant")[0]
    prompt = _side(row, "prompt", "user")[0] if row.get("prompt") is not None else chosen[:-1]
    if not prompt:
        raise Malformed("unknown-shape", "a preference pair needs a prompt, or the same messages before both answers")
    if chosen[:-1] and chosen[:-1] == rejected[:-1]:  # the question stands in both answers' lists
        prompt = prompt if isinstance(row.get("prompt"), list) else chosen[:-1]
        chosen, rejected = chosen[-1:], rejected[-1:]
    if len(chosen) != 1 or len(rejected) != 1:
        raise Malformed("unknown-shape", "'chosen' and 'rejected' must be one answer each")
    return Content((*prompt, *chosen), rejected=rejected[0].content, fields=others(row, "prompt", "chosen", "rejected"))


def _write_preference(record: RawRecord) -> dict[str, Any]:
    if record.rejected is None:
        raise Malformed("no-preference-form", "the record holds no second answer that was not preferred")
    prompt, chosen = _parted(record, "preference")
    fields = {key: value for key, value in record.fields.items() if key != TURN_FIELDS}
    asked = _as_text(prompt, "user")
    if isinstance(asked, str):
        return row_with({"prompt": asked, "chosen": chosen[0].content, "rejected": record.rejected}, fields)
    worse = [{"role": "assistant", "content": record.rejected}]
    return row_with({"prompt": asked, "chosen": messages_of(chosen), "rejected": worse}, fields)


def _is_completion(row: Row) -> bool:
    return "prompt" in row and ("completion" in row or "response" in row)


def _is_alpaca(row: Row) -> bool:
    return "instruction" in row and ("output" in row or "response" in row)


COMPLETION: Final = Shape("prompt-completion", _is_completion, _read_completion, _write_completion)
ALPACA: Final = Shape("alpaca", _is_alpaca, _read_alpaca, _write_alpaca)
PREFERENCE: Final = Shape("preference", lambda row: "chosen" in row and "rejected" in row, _read_preference, _write_preference)
