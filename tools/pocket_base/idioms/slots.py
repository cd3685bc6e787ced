"""Requests that are nothing but facts: many names, texts and numbers, each with its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from idioms.draw import Draw, Step

ROLES = ("id", "x", "y", "width", "height", "row", "column", "size", "count", "limit", "level", "color", "title", "text", "label", "mode", "key", "unit")
SHORT = {"width": "W", "height": "H", "column": "col", "count": "n", "level": "lvl", "color": "colour", "title": "called", "text": "saying"}
TEXTUAL = frozenset(("color", "title", "text", "label", "mode", "key", "unit"))


def _value(d: Draw, role: str = "") -> str:
    if role in TEXTUAL or (not role and d.chance(0.45)):
        return f'"{d.text()}"'
    return d.value()


def _list(d: Draw, items: Sequence[str]) -> str:
    if len(items) == 1:
        return items[0]
    return ", ".join(items[:-1]) + d.pick(" and ", " and ", ", ", ", then ") + items[-1]


def assign_many(d: Draw) -> Step:
    names = [d.variable() for _ in range(d.between(1, 5))]
    values = [_value(d) for _ in names]
    code = "\n".join(f"{n} = {v}" for n, v in zip(names, values, strict=True))
    style = d.pick("{n} to {v}", "{n} = {v}", "{n} is {v}", "{v} into {n}", "{v} in {n}", "{n} holds {v}", "{n}: {v}")
    facts = _list(d, [style.format(n=n, v=v) for n, v in zip(names, values, strict=True)])
    verb = "Put" if style.startswith("{v}") else "Set" if " to " in style else d.pick("We start with", "Given", "Let it be so:", "Variables:")
    if d.chance(0.5):
        shown = d.rng.sample(names, d.between(1, len(names)))
        code += f"\nprint({', '.join(shown)})"
        return Step(f"{verb} {facts}{d.pick(', then print', '; print', ' and show')} {_list(d, shown)}.", code)
    return Step(f"{verb} {facts}.", code)


def call_with_roles(d: Draw) -> Step:
    """The order of the facts is not the order of the arguments when these are named."""
    roles = d.rng.sample(ROLES, d.between(2, 6))
    values = {role: _value(d, role) for role in roles}
    what = d.name(parts=1)
    target = d.name(parts=1)
    told = d.rng.sample(roles, len(roles))
    facts = _list(d, [f"{SHORT.get(r, r) if d.chance(0.3) else r} {values[r]}" for r in told])
    arguments = ", ".join(f"{r}={values[r]}" for r in told)
    result = d.variable() if d.chance(0.4) else ""
    says = d.pick(
        f"Call {target}.{what} with {facts}.",
        f"{target}.{what}: {facts}.",
        f"Use {what} of {target}, {facts}.",
        f"With {facts} call the method {what} of {target}.",
        f"How do I call {what} on {target} with {facts}?",
    )
    if result:
        says += d.pick(f" Keep the result in {result}.", f" The result goes to {result}.", f" Store it in {result}.")
    return Step(says, f"{result + ' = ' if result else ''}{target}.{what}({arguments})")


def call_by_position(d: Draw) -> Step:
    values = [_value(d) for _ in range(d.between(1, 7))]
    what, result = d.name(), d.variable()
    call = f"{what}({', '.join(values)})"
    facts = _list(d, values)
    kind = d.between(0, 2)
    if kind == 0:
        return Step(d.pick(f"Call {what} with {facts}.", f"{what} gets {facts}.", f"Pass {facts} to {what}."), call)
    if kind == 1:
        return Step(d.pick(f"{result} is what {what} makes of {facts}.", f"Let {what} work on {facts} and keep it in {result}."), f"{result} = {call}")
    return Step(d.pick(f"Print the result of {what} for {facts}.", f"Show what {what} gives for {facts}."), f"print({call})")


def add_component(d: Draw) -> Step:
    """Add a thing with id, place, size and text to something."""
    kind, host, thing = d.word(), d.variable("window", "page", "panel", "form", "dialog"), d.variable()
    number, x, y, w, h, text = d.number(1, 999), d.number(0, 500), d.number(0, 500), d.number(10, 600), d.number(10, 400), d.text()
    place = d.pick(f"at {x},{y}", f"at {x}, {y}", f"at x {x} and y {y}", f"position {x},{y}", f"({x},{y})")
    size = d.pick(f"{w} by {h}", f"size {w} by {h}", f"{w} wide and {h} high", f"width {w}, height {h}", f"{w}x{h}")
    named = d.pick(f'with the text "{text}"', f'"{text}"', f'labelled "{text}"', f'saying "{text}"')
    one = "an" if kind[0] in "aeiou" else "a"
    parts = d.rng.sample([f"id {number}", place, size], 3)
    says = d.pick(
        f"Add {one} {kind} {named} to {host}: {', '.join(parts)}.",
        f"Put {one} {kind} (id {number}, {size}) {named} on {host} {place}.",
        f"{host} needs {one} {kind} {named}, {', '.join(parts)}.",
        f"Give {host} {one} {kind} {thing}: {', '.join(parts)}, {named}.",
    )
    method = d.join(["add", kind])
    known = f" {thing} " in says or says.endswith(f"{thing}.")
    if not known and d.chance(0.5):
        says += d.pick(f" Call it {thing}.", f" Keep it in {thing}.", f" Name it {thing}.")
        known = True
    return Step(says, f'{thing + " = " if known else ""}{host}.{method}({number}, {x}, {y}, {w}, {h}, "{text}")')


def handler(d: Draw) -> Step:
    """Register a function for an event; the function does one or two things."""
    thing, event, name = d.variable(), d.word(), d.name()
    verb = d.pick("on", "bind", "set_callback") if d.style == "snake" else d.pick("on", "bind", "setCallback")
    texts = d.texts(d.between(1, 2))
    does = _list(d, [f'prints "{t}"' for t in texts])
    says = d.pick(
        f'When {thing} has a "{event}" event, {name} runs and {does}.',
        f'Register {name} for the event "{event}" of {thing}; it {does}.',
        f'On "{event}" {thing} calls {name}, which {does}.',
        f'{thing} "{event}" -> {name}; {name} {does}.',
    )
    says += "" if verb == "on" else d.pick(f" Use {verb}.", f" The method is {verb}.")
    body = "\n".join(f'    print("{t}")' for t in texts)
    return Step(says, f'def {name}():\n{body}\n\n\n{thing}.{verb}("{event}", {name})')


def chained_calls(d: Draw) -> Step:
    """Several calls on one object."""
    thing = d.variable()
    calls = [(d.name(), [_value(d) for _ in range(d.between(0, 3))]) for _ in range(d.between(2, 5))]
    said = [f"{n} with {_list(d, v)}" if v else n for n, v in calls]
    code = "\n".join(f"{thing}.{n}({', '.join(v)})" for n, v in calls)
    says = d.pick(f"On {thing} call {_list(d, said)}.", f"{thing}: {'; '.join(said)}.", f"Call in this order on {thing}: {', '.join(said)}.")
    return Step(says, code)


def cases(d: Draw) -> Step:
    """Something for each value of a name."""
    name, count = d.variable(), d.between(2, 4)
    textual = d.chance(0.5)
    keys = [f'"{t}"' for t in d.texts(count)] if textual else [str(n) for n in d.rng.sample(range(100), count)]
    texts = d.texts(count + 1)
    lines: list[str] = []
    for at, (key, text) in enumerate(zip(keys, texts, strict=False)):
        lines += [f"{'elif' if at else 'if'} {name} == {key}:", f'    print("{text}")']
    facts = [f'{k} prints "{t}"' for k, t in zip(keys, texts, strict=False)]
    if d.chance(0.5):
        lines += ["else:", f'    print("{texts[-1]}")']
        facts.append(d.pick(f'anything else "{texts[-1]}"', f'otherwise print "{texts[-1]}"'))
    says = d.pick(f"Depending on {name}: {', '.join(facts)}.", f"Look at {name}: {'; '.join(facts)}.", f"Branch on {name}. {_list(d, facts)}.")
    return Step(says, "\n".join(lines))


def table(d: Draw) -> Step:
    """Rows of values, walked in a loop."""
    columns = [d.name(parts=1) for _ in range(d.between(2, 3))]
    kinds = [d.chance(0.5) for _ in columns]
    rows = [[f'"{d.text()}"' if textual else d.value() for textual in kinds] for _ in range(d.between(2, 4))]
    name = d.variable()
    said = d.pick("; ", ", then ", " and ").join(d.pick(", ", "/").join(row) for row in rows)
    body = ",\n".join(f"    ({', '.join(row)})" for row in rows)
    code = f"{name} = [\n{body},\n]\nfor {', '.join(columns)} in {name}:\n    print({', '.join(columns)})"
    says = d.pick(
        f"{name} holds the rows {said}; print {_list(d, columns)} of each.",
        f"Loop over the table {name} ({said}) with {_list(d, columns)} and print them.",
        f"Put {said} into {name} and print every row as {_list(d, columns)}.",
    )
    return Step(says, code)


def convert_names(d: Draw) -> Step:
    """A program whose names and texts stay while its form changes: calls become a loop."""
    what, values = d.name(), [_value(d) for _ in range(d.between(3, 5))]
    before = "\n".join(f"{what}({v})" for v in values)
    item = d.pick("value", "item", "each")
    code = f"for {item} in [{', '.join(values)}]:\n    {what}({item})"
    says = d.pick(f"Rewrite these calls as one loop over a list; call the loop variable {item}.", f"Make this a loop with {item}.")
    return Step(says, code, before)


def swap_calls(d: Draw) -> Step:
    """An old call becomes a new one: the values move to other places."""
    old, new, thing = d.name(), d.name(), d.variable()
    values = [_value(d) for _ in range(d.between(2, 5))]
    order = d.rng.sample(range(len(values)), len(values)) if d.chance(0.4) else list(range(len(values)))
    before = f"{old}({thing}, {', '.join(values)})"
    code = f"{thing}.{new}({', '.join(values[i] for i in order)})"
    says = d.pick(f"Write this with the method {new} of {thing}.", f"Use {thing}.{new} instead.", f"Convert the old {old} call to {thing}.{new}.")
    if order != sorted(order):
        says += " The arguments are " + _list(d, [f"number {i + 1}" for i in order]) + " of the old call, in this order."
    return Step(says, code, before)


def settings(d: Draw) -> Step:
    """Attributes of an object."""
    thing = d.variable()
    pairs = [(d.name(), _value(d)) for _ in range(d.between(1, 5))]
    facts = _list(d, [f"{n} {d.pick('to', '=', 'is')} {v}" for n, v in pairs])
    says = d.pick(f"Set these attributes of {thing}: {facts}.", f"{thing}: {facts}.", f"Change {thing} so that {facts}.")
    return Step(says, "\n".join(f"{thing}.{n} = {v}" for n, v in pairs))


def formula(d: Draw) -> Step:
    """A result computed from named values."""
    names = [d.variable() for _ in range(d.between(2, 4))]
    operators = [d.pick("+", "-", "*", "/") for _ in names[1:]]
    words = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
    spoken = names[0] + "".join(f" {words[o]} {n}" for o, n in zip(operators, names[1:], strict=True))
    written = names[0] + "".join(f" {o} {n}" for o, n in zip(operators, names[1:], strict=True))
    result = d.variable("total", "result", "amount", "rest")
    values = [d.value() for _ in names]
    head = "\n".join(f"{n} = {v}" for n, v in zip(names, values, strict=True))
    given = _list(d, [f"{n} = {v}" for n, v in zip(names, values, strict=True)])
    told = d.pick(spoken, written)
    says = d.pick(
        f"With {given} compute {result} as {told} and print it.",
        f"{result} is {told}, where {given}. Print {result}.",
        f"Given {given}: {result} = {told}; print {result}.",
    )
    return Step(says, f"{head}\n{result} = {written}\nprint({result})")


IDIOMS: Sequence[Callable[[Draw], Step]] = (
    assign_many, call_with_roles, call_by_position, add_component, handler, chained_calls, cases, table, convert_names, swap_calls, settings,
    formula, assign_many, add_component, call_by_position,
)  # fmt: skip
