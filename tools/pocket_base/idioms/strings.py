"""Texts, lists and tables of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from idioms.draw import Draw, Step


def _given(d: Draw, name: str, text: str) -> str:
    return d.pick(f'Put "{text}" into {name}. ', f'{name} is "{text}". ', f'{name} = "{text}". ', f'With {name} set to "{text}": ', f'Set {name} to "{text}". ')


def part(d: Draw) -> Step:
    name, text, start, count, target = d.variable(), d.text(), d.between(0, 6), d.between(1, 6), d.variable()
    said, code = d.pick(
        (f"the {count} characters from position {start}", f"{name}[{start}:{start} + {count}]"), (f"the first {count} characters", f"{name}[:{count}]"),
        (f"the last {count} characters", f"{name}[-{count}:]"), (f"everything from position {start}", f"{name}[{start}:]"), (f"character {start}", f"{name}[{start}]"),
    )  # fmt: skip
    says = _given(d, name, text) + d.pick(f"Store {said} of {name} in {target} and print {target}.", f"{target} gets {said}; print it.", f"Take {said} into {target}, then print {target}.")
    return Step(says, f'{name} = "{text}"\n{target} = {code}\nprint({target})')


def change_case(d: Draw) -> Step:
    name, text = d.variable(), d.text()
    both = d.rng.sample([("upper case", "upper"), ("lower case", "lower"), ("title case", "title")], d.between(1, 2))
    said = " and in ".join(s for s, _ in both)
    says = _given(d, name, text) + d.pick(f"Print it in {said}.", f"Show {name} in {said}.")
    return Step(says, f'{name} = "{text}"\n' + "\n".join(f"print({name}.{m}())" for _, m in both))


def strip_text(d: Draw) -> Step:
    name, text = d.variable(), d.text()
    said, method = d.pick(("on both sides", "strip"), ("on the left", "lstrip"), ("on the right", "rstrip"))
    char = d.pick("", "", "*", "0", "-", ".")
    what = f'"{char}"' if char else ""
    removed = f'the "{char}"' if char else d.pick("blanks", "spaces", "white space")
    says = _given(d, name, text) + d.pick(f"Remove {removed} {said} and print it.", f"Strip {removed} {said}, print {name}.")
    return Step(says, f'{name} = "{text}"\n{name} = {name}.{method}({what})\nprint({name})')


def replace_text(d: Draw) -> Step:
    name, text, old, new = d.variable(), d.text(), d.pick(d.word(), "-", " ", ",", ".", d.code()), d.pick("", "_", d.word(), d.phrase(1), "/")
    says = _given(d, name, text) + d.pick(f'Replace "{old}" by "{new}" and print it.', f'Every "{old}" becomes "{new}"; print {name}.')
    return Step(says, f'{name} = "{text}"\n{name} = {name}.replace("{old}", "{new}")\nprint({name})')


def find_text(d: Draw) -> Step:
    name, text, what, at = d.variable(), d.text(), d.pick(d.word(), "-", "/", d.code()), d.variable("position", "place", "at")
    yes, no = d.texts(2)
    says = _given(d, name, text) + d.pick(
        f'Find "{what}" in {name}, keep the position in {at}; print "{yes}" if it is there, else "{no}".', f'{at} is where "{what}" stands in {name}. Print "{yes}" when found, "{no}" when not.',
    )  # fmt: skip
    return Step(says, f'{name} = "{text}"\n{at} = {name}.find("{what}")\nif {at} >= 0:\n    print("{yes}")\nelse:\n    print("{no}")')


def find_position(d: Draw) -> Step:
    name, what, at = d.variable(), d.pick(d.word(), "-", "/", ";", d.code()), d.variable("position", "place", "at")
    return Step(d.pick(f'Store the position of "{what}" in {name} in {at} and print it.', f'{at} = where "{what}" is in {name}; print {at}.'), f'{at} = {name}.find("{what}")\nprint({at})')


def starts(d: Draw) -> Step:
    name, text, shown = d.variable(), d.code(), d.text()
    said, method = d.pick(("starts with", "startswith"), ("ends with", "endswith"), ("begins with", "startswith"))
    return Step(d.pick(f'If {name} {said} "{text}" print "{shown}".', f'Print "{shown}" when {name} {said} "{text}".'), f'if {name}.{method}("{text}"):\n    print("{shown}")')


def contains(d: Draw) -> Step:
    name, text, shown = d.variable(), d.word(), d.text()
    no = d.chance(0.3)
    said = "does not contain" if no else d.pick("contains", "has")
    return Step(d.pick(f'If {name} {said} "{text}" print "{shown}".', f'Print "{shown}" if {name} {said} "{text}".'), f'if "{text}" {"not in" if no else "in"} {name}:\n    print("{shown}")')


def split_text(d: Draw) -> Step:
    name, parts, mark, target = d.variable(), d.texts(d.between(2, 4)), d.pick(",", ";", "|", "/", ":", "-"), d.variable("parts", "fields")
    parts = [p.replace(mark, "") for p in parts]
    text, at = mark.join(parts), d.between(0, len(parts) - 1)
    shown, said = d.pick((f"{target}[{at}]", f"print element {at}"), (f"len({target})", "print how many there are"), (f"{target}[-1]", "print the last one"))
    says = _given(d, name, text) + d.pick(f'Split it at "{mark}" into {target} and {said}.', f'Cut {name} at every "{mark}" ({target}); {said}.')
    return Step(says, f'{name} = "{text}"\n{target} = {name}.split("{mark}")\nprint({shown})')


def split_loop(d: Draw) -> Step:
    name, mark, item = d.variable(), d.pick(",", ";", "|", "/"), d.pick("part", "item", "field")
    return Step(d.pick(f'Split {name} at "{mark}" and print each {item}.', f'Loop over the parts of {name} between "{mark}", print every {item}.'), f'for {item} in {name}.split("{mark}"):\n    print({item})')


def split_variables(d: Draw) -> Step:
    name, mark = d.variable(), d.pick(",", ";", "|", ":", " ")
    targets = [d.variable() for _ in range(d.between(2, 3))]
    said = ", ".join(targets[:-1]) + " and " + targets[-1]
    return Step(d.pick(f'Split {name} at "{mark}" into {said}.', f'{said} are the parts of {name} between "{mark}".'), f'{", ".join(targets)} = {name}.split("{mark}")')


def join_texts(d: Draw) -> Step:
    """Texts and numbers joined into one."""
    name, count = d.variable("message", "line", "title"), d.between(2, 4)
    said, code = [], []
    for _ in range(count):
        kind = d.between(0, 2)
        if kind == 0:
            text = d.text()
            said.append(f'"{text}"')
            code.append(f'"{text}"')
        elif kind == 1:
            other = d.variable()
            said.append(other)
            code.append(other)
        else:
            number = d.value()
            said.append(d.pick(f"the number {number}", f"{number} as text"))
            code.append(f"str({number})")
    told = ", ".join(said[:-1]) + " and " + said[-1]
    says = d.pick(f"Build {name} from {told}, then print it.", f"Join {told} in {name}; print {name}.", f"{name} is {told} put together. Print it.")
    return Step(says, f"{name} = {' + '.join(code)}\nprint({name})")


def print_pieces(d: Draw) -> Step:
    said, code = [], []
    for _ in range(d.between(2, 4)):
        piece = f'"{d.text()}"' if d.chance(0.5) else d.variable() if d.chance(0.6) else d.value()
        said.append(piece)
        code.append(piece)
    return Step(d.pick(f"Print {', '.join(said)}.", f"Print {', then '.join(said)} on one line.", f"Output {' and '.join(said)}."), f"print({', '.join(code)})")


def pad_text(d: Draw) -> Step:
    name, text, width = d.variable(), d.text(), d.between(4, 60)
    said, method = d.pick(("on the right", "ljust"), ("on the left", "rjust"), ("on both sides", "center"))
    fill = d.pick("", "", ".", "*", "-", "0")
    extra, told = (f', "{fill}"', f' with "{fill}"') if fill else ("", "")
    says = d.pick(f'Pad {name} "{text}" to {width} characters {said}{told} and print it.', f'{name} = "{text}", filled {said} to {width}{told}; print.')
    return Step(says, f'{name} = "{text}"\nprint({name}.{method}({width}{extra}))')


def repeat(d: Draw) -> Step:
    mark, count, text = d.pick("-", "=", "*", ".", "#", "+-"), d.between(3, 78), d.text()
    kind = d.between(0, 2)
    if kind == 0:
        return Step(d.pick(f'Print a line of {count} "{mark}".', f'Print "{mark}" {count} times.'), f'print("{mark}" * {count})')
    if kind == 1:
        return Step(d.pick(f'Print "{text}" between two lines of {count} "{mark}".'), f'print("{mark}" * {count})\nprint("{text}")\nprint("{mark}" * {count})')
    name = d.variable("line", "rule")
    return Step(d.pick(f'{name} is {count} times "{mark}"; print {name} and under it "{text}".'), f'{name} = "{mark}" * {count}\nprint({name})\nprint("{text}")')


def number_format(d: Draw) -> Step:
    name, value, mask = d.variable("price", "amount", "total"), d.value(), d.pick(".2f", ",.2f", "08d", ".0f", ">10.2f", ".3f", "05.1f", ",d")
    before = d.text() if d.chance(0.5) else ""
    shown = f'"{before}" + format({name}, "{mask}")' if before else f'format({name}, "{mask}")'
    also = f' after "{before}"' if before else ""
    says = d.pick(f'Print {name} {value} with the format "{mask}"{also}.', f'Set {name} to {value} and print it as "{mask}"{also}.', f'{name} = {value}; show it formatted "{mask}"{also}.')
    return Step(says, f"{name} = {value}\nprint({shown})")


def to_number(d: Draw) -> Step:
    name, text, target, add = d.variable(), str(d.number()), d.variable(), d.number(1, 99)
    says = _given(d, name, text) + d.pick(f"Convert {name} to a number in {target}, add {add} and print {target}.", f"{target} is its number plus {add}; print it.")
    return Step(says, f'{name} = "{text}"\n{target} = int({name}) + {add}\nprint({target})')


def codes(d: Draw) -> Step:
    char, number = d.pick(*"ABCXYZabz79"), d.between(32, 126)
    return d.pick(
        Step(d.pick(f'Print the code of "{char}".', f'Show the character code of "{char}".'), f'print(ord("{char}"))'), Step(f"Print the character with the code {number}.", f"print(chr({number}))"),
        Step(f"Print {number} in hexadecimal.", f"print(hex({number}))"), Step(f'Print the code of "{char}", then the character {number}.', f'print(ord("{char}"))\nprint(chr({number}))'),
    )  # fmt: skip


def count_in_text(d: Draw) -> Step:
    name, text, char, total = d.variable(), d.phrase(), d.pick(*"aeiost-"), d.variable("count", "hits")
    says = _given(d, name, text) + d.pick(f'Count the "{char}" in a loop in {total} and print it.', f'How many "{char}" are in it? Count in {total} with a loop, print {total}.')
    return Step(says, f'{name} = "{text}"\n{total} = 0\nfor c in {name}:\n    if c == "{char}":\n        {total} = {total} + 1\nprint({total})')


def reverse(d: Draw) -> Step:
    name, text, target = d.variable(), d.text(), d.variable("back", "reverse")
    says = _given(d, name, text) + d.pick(f"Build {target} backwards in a loop and print it.", f"Reverse it into {target} with a loop, then print {target}.")
    return Step(says, f'{name} = "{text}"\n{target} = ""\nfor c in {name}:\n    {target} = c + {target}\nprint({target})')


def length(d: Draw) -> Step:
    name, limit, text = d.variable(), d.between(2, 40), d.text()
    said, operator = d.pick(("longer than", ">"), ("shorter than", "<"), ("exactly", "=="))
    return Step(d.pick(f'Print "{text}" if {name} is {said} {limit} characters.', f'If {name} is {said} {limit} characters: "{text}".'), f'if len({name}) {operator} {limit}:\n    print("{text}")')


def dict_put_get(d: Draw) -> Step:
    name, count = d.variable(), d.between(1, 4)
    keys, values = d.texts(count), [f'"{d.text()}"' if d.chance(0.6) else d.value() for _ in range(count)]
    facts = ", ".join(f'{v} under "{k}"' for k, v in zip(keys, values, strict=True))
    wanted = d.rng.choice(keys)
    says = d.pick(f'Make a dict {name}, put {facts}, and print the value for "{wanted}".', f'{name} holds {facts}. Print {name}["{wanted}"].')
    code = "\n".join([f"{name} = {{}}", *(f'{name}["{k}"] = {v}' for k, v in zip(keys, values, strict=True)), f'print({name}["{wanted}"])'])
    return Step(says, code)


def dict_literal(d: Draw) -> Step:
    name, count = d.variable(), d.between(2, 4)
    keys, values = d.texts(count), [f'"{d.text()}"' if d.chance(0.5) else d.value() for _ in range(count)]
    told = ", ".join(f'"{k}" {d.pick("is", "=", "->")} {v}' for k, v in zip(keys, values, strict=True))
    body = ", ".join(f'"{k}": {v}' for k, v in zip(keys, values, strict=True))
    return Step(d.pick(f"Write {name} as a dict: {told}; print all keys with their values.", f"{name}: {told}. Loop over it and print key and value."), f"{name} = {{{body}}}\nfor key, value in {name}.items():\n    print(key, value)")


def dict_missing(d: Draw) -> Step:
    name, key, text = d.variable(), d.code(), d.text()
    return Step(d.pick(f'If "{key}" is in {name} print its value, else print "{text}".', f'Look up "{key}" in {name}; "{text}" when it is missing.'), f'if "{key}" in {name}:\n    print({name}["{key}"])\nelse:\n    print("{text}")')


def list_append(d: Draw) -> Step:
    name, values = d.variable(), d.texts(d.between(1, 4))
    said = ", ".join(f'"{v}"' for v in values)
    last, shown = d.pick((f"print({name})", "print it"), (f"print(len({name}))", "print how many there are"), (f"{name}.sort()\nprint({name})", "sort it and print it"))
    says = d.pick(f"Start with an empty list {name}, append {said}, then {last and shown}.", f"{name}: an empty list; add {said}; {shown}.")
    return Step(says, "\n".join([f"{name} = []", *(f'{name}.append("{v}")' for v in values), last]))


def list_remove(d: Draw) -> Step:
    name, text = d.variable(), d.text()
    return d.pick(Step(f'Remove "{text}" from {name} and print the list.', f'{name}.remove("{text}")\nprint({name})'), Step(f'Insert "{text}" at the front of {name} and print {name}.', f'{name}.insert(0, "{text}")\nprint({name})'))


def largest(d: Draw) -> Step:
    name, values, target = d.variable(), [d.value() for _ in range(d.between(3, 6))], d.variable("largest", "best", "smallest")
    said, operator = d.pick(("largest", ">"), ("smallest", "<"))
    says = d.pick(f"Find the {said} of {', '.join(values)} (list {name}) in a loop, in {target}, and print it.", f"{name} = {', '.join(values)}; {target} = the {said}, found with a loop; print {target}.")
    return Step(says, f"{name} = [{', '.join(values)}]\n{target} = {name}[0]\nfor value in {name}:\n    if value {operator} {target}:\n        {target} = value\nprint({target})")


def average(d: Draw) -> Step:
    name, values, total = d.variable(), [d.value() for _ in range(d.between(2, 6))], d.variable("total", "sum")
    says = d.pick(f"{name} holds {', '.join(values)}. Add them up in {total} in a loop and print the average.", f"Average of {', '.join(values)} (list {name}): loop, sum in {total}, print {total} by the count.")
    return Step(says, f"{name} = [{', '.join(values)}]\n{total} = 0\nfor value in {name}:\n    {total} = {total} + value\nprint({total} / len({name}))")


def fixed_fields(d: Draw) -> Step:
    name, start = d.variable("record", "line", "row"), 0
    facts, code = [], []
    for _ in range(d.between(2, 4)):
        field, width = d.variable(), d.between(2, 20)
        facts.append(f"{field} ({width})")
        code.append(f"{field} = {name}[{start}:{start + width}]")
        start += width
    return Step(d.pick(f"Cut {name} into fields of fixed width: {', '.join(facts)}.", f"{name} has the fields {', '.join(facts)}; take it apart."), "\n".join(code))


def use_join(d: Draw) -> Step:
    name, mark = d.variable(), d.pick(", ", ";", " - ", "|", "/")
    values = d.texts(d.between(2, 4))
    body = ", ".join(f'"{v}"' for v in values)
    before = f"{name} = " + f' + "{mark}" + '.join(f'"{v}"' for v in values)
    return Step(d.pick("Use join here.", "Write it with a list and join."), f'{name} = "{mark}".join([{body}])', before)


def prints_to_loop(d: Draw) -> Step:
    values, item = d.texts(d.between(3, 5)), d.pick("line", "text")
    before = "\n".join(f'print("{v}")' for v in values)
    body = ", ".join(f'"{v}"' for v in values)
    return Step(d.pick(f"Print these in a loop with {item}.", f"Make a loop over a list of it, variable {item}."), f"for {item} in [{body}]:\n    print({item})", before)


def concat_to_format(d: Draw) -> Step:
    a, b, (t, u) = d.variable(), d.variable(), d.texts(2)
    before = f'print("{t} " + str({a}) + " {u} " + str({b}))'
    return Step(d.pick("Use commas in print instead of plus and str.", "Simplify: print takes several values."), f'print("{t}", {a}, "{u}", {b})', before)


IDIOMS: Sequence[Callable[[Draw], Step]] = (
    part, part, change_case, strip_text, replace_text, find_text, find_position, starts, contains, split_text, split_loop, split_variables, join_texts,
    join_texts, print_pieces, pad_text, repeat, number_format, to_number, codes, count_in_text, reverse, length, dict_put_get, dict_literal, dict_missing,
    list_append, list_remove, largest, average, fixed_fields, use_join, prints_to_loop, concat_to_format,
)  # fmt: skip
