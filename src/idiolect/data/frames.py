"""Ways to put an instruction: what people write around what they want."""

from __future__ import annotations

from random import Random
from typing import Final

from idiolect.data.lesson import Kind
from idiolect.data.moods import in_the_other_mood

RATE: Final = 0.5
"""How often a variant's instruction gets a frame."""
OTHER_MOOD: Final = 0.2
"""How often an order becomes a question, or a question an order, where the answer is a program."""

_BARE: Final = "{i}"
_ANY: Final = (_BARE, "In {t}: {i}", "{t}: {i}", "{i} This is about {t}.", "{i} Thanks!")
_ASK: Final = ("{t} question: {i}", "Quick question: {i}", "I am new to {t}. {i}")
_WRITE: Final = (
    "{i} Use {t}.",
    "Write {t} code. {i}",
    "{i} Answer with a short {t} program.",
    "{i} Show me the {t} code.",
    "Please help me with {t}. {i}",
    "I need a {t} program. {i}",
    "{i} Code only, please.",
    "{i} Keep it short.",
)
_CONVERT: Final = ("{i} Keep what the program does.", "Modernise this {t} code. {i}", "{i} Answer with the new code.")
_EXPLAIN: Final = ("{i} A short example helps.", "{i} Show it in {t}.", "I am learning {t}. {i}")
_READ: Final = ("{i} Use plain words.", "{i} A few sentences are enough.", "I am reading {t} code. {i}")
_ORDER: Final = ("Task: {i}", "Hi, a {t} task: {i}", "Please do this in {t}: {i}")

_FRAMES: Final[dict[Kind, tuple[str, ...]]] = {
    "completion": _ANY + _WRITE,
    "migration": _ANY + _CONVERT,
    "explanation": _ANY + _EXPLAIN,
    "comprehension": _ANY + _READ,
}


def frames(instruction: str, kind: Kind) -> tuple[str, ...]:
    """The frames that fit an instruction of a kind, without the bare one. `{i}` is the instruction, `{t}` the language."""
    mood = _ASK if "?" in instruction else _ORDER if kind in ("completion", "migration") else ()
    return _FRAMES[kind][1:] + mood


def framed(instruction: str, kind: Kind, title: str, rng: Random) -> str:
    """The instruction, now and then in the other mood, half of the time with a frame that fits its kind.

    Args:
        instruction: what is asked.
        kind: of the example.
        title: the language's name.
        rng: all choices are drawn from it.
    """
    if kind in ("completion", "migration") and rng.random() < OTHER_MOOD:
        instruction = in_the_other_mood(instruction) or instruction
    if rng.random() >= RATE:
        return instruction
    return rng.choice((_BARE, *frames(instruction, kind))).format(i=instruction, t=title)
