"""Specification pairs: a request that states every value, and the program that has each of them in its place.

Requests for documented functions (`chat_pairs`) teach what code looks like; they leave open most of what the code contains.
Here nothing is left open: programs are put together from small idioms (`idioms/`) and from tasks worded as people word them
(`tasks/`), with names, texts and numbers drawn at random, so the only way to answer is to read the request. Half of them are
Python, the other half one of the toy languages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from chat_pairs import chat_text
from idioms import basics, files, objects, slots, texts
from idioms.draw import Draw, Step
from tasks import Task, all_tasks
from toys import COUNT, Toy, Unsupported, toy, translate

MODULES: Sequence[tuple[Sequence[Callable[[Draw], Step]], int]] = (
    (basics.IDIOMS, 1), (texts.IDIOMS, 1), (objects.IDIOMS, 1), (files.IDIOMS, 2), (slots.IDIOMS, 3),
)  # fmt: skip
"""Idioms, and how many tickets each has: the modules with few are drawn more often."""
IDIOMS: Sequence[Callable[[Draw], Step]] = [idiom for idioms, tickets in MODULES for idiom in idioms for _ in range(tickets)]
TASK_SHARE = 0.85
"""Share of the steps that are tasks (`tasks/`), worded as people word them; the others are idioms."""
TOY_SHARE = 0.6
CONVERSION_SHARE = 0.08
MAX_CODE = 700
SYSTEMS = (
    "You are an expert {l} programmer. Answer with {l} code in a fence.",
    "You are an expert {l} programmer. Answer with {l} code in a fence.",
    "You write {l} programs. Answer with code only.",
    "You are a helpful programming assistant.",
    "You help developers write {l}.",
)
FRAMES = (
    "In {l}: {i}", "{i} Use {l}.", "{l}: {i}", "Write {l} code. {i}", "{i} Show me the {l} code.", "Please help me with {l}. {i}",
    "{i} Answer with a short {l} program.", "A {l} task: {i}",
)  # fmt: skip
JOINTS = (" ", " ", " ", " Then: ", " After that: ", " Also: ", " Next: ")
CONVERT = (
    "Convert this {a} program to {l}.", "Rewrite it in {l}.", "How does this {a} code look in {l}?",
    "Translate to {l}; keep all names and values.",
    "The same in {l}, please.", "Port this {a} program to {l}.",
)  # fmt: skip


def spec_pair(rng: Random, words: Sequence[str]) -> str:
    """One ChatML text."""
    while True:
        step = _program(rng, words)
        if len(step.code) + len(step.before) > MAX_CODE:
            continue
        language = toy(rng.randrange(COUNT)) if rng.random() < TOY_SHARE else None
        try:
            if not step.before and rng.random() < CONVERSION_SHARE:
                return _conversion(step, language, rng)
            return _asked(step, language, rng)
        except (SyntaxError, Unsupported):
            return _asked(step, None, rng)


def _program(rng: Random, words: Sequence[str]) -> Step:
    """One idiom, or some that follow one another."""
    draw = Draw(rng, words)
    first = _step(draw)
    count = rng.choice((1, 1, 1, 1, 2, 2, 3))
    if first.before or count == 1:
        return first
    steps = [first]
    while len(steps) < count:
        step = _step(draw)
        if not step.before:
            steps.append(step)
    says = steps[0].says
    for step in steps[1:]:
        says += rng.choice(JOINTS) + step.says
    return Step(says, "\n".join(step.code for step in steps))


def _step(draw: Draw) -> Step:
    if draw.chance(TASK_SHARE):
        return draw.rng.choice(_tasks()).step(draw)
    return draw.rng.choice(IDIOMS)(draw)


@cache
def _tasks() -> list[Task]:
    return all_tasks()


def _asked(step: Step, language: Toy | None, rng: Random) -> str:
    name, tag = (language.name, language.tag) if language else ("Python", "python")
    code = translate(step.code, language, step.says) if language else step.code
    before = (translate(step.before, language, step.says) if language else step.before) if step.before else ""
    ask = rng.choice(FRAMES).format(l=name, i=step.says) if rng.random() < 0.35 else step.says
    ask = _typed(ask, rng)
    system = rng.choice(SYSTEMS).format(l=name)
    if language and name not in system and name not in ask:
        ask = f"In {name}: {ask}"
    return chat_text(system, f"{ask}\n\n```{tag}\n{before}\n```" if before else ask, f"```{tag}\n{code}\n```")


def _typed(ask: str, rng: Random) -> str:
    """As people type: now and then without the full stop, or with a small letter at the beginning."""
    if rng.random() < 0.06 and ask.endswith("."):
        ask = ask[:-1]
    if rng.random() < 0.04 and ask[:1].isupper() and ask[1:2].islower():
        ask = ask[:1].lower() + ask[1:]
    return ask


def _conversion(step: Step, language: Toy | None, rng: Random) -> str:
    """From one language to another: the request shows a program."""
    source = toy(rng.randrange(COUNT)) if language is None or rng.random() < 0.5 else None
    code = translate(step.code, language) if language else step.code
    before = translate(step.code, source) if source else step.code
    name, tag = (language.name, language.tag) if language else ("Python", "python")
    other, other_tag = (source.name, source.tag) if source else ("Python", "python")
    ask = rng.choice(CONVERT).format(a=other, l=name)
    return chat_text(rng.choice(SYSTEMS).format(l=name), f"{ask}\n\n```{other_tag}\n{before}\n```", f"```{tag}\n{code}\n```")
