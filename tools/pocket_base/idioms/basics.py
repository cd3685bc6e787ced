"""The basics: assignments, arithmetic, conditions, loops, functions, menus, errors, input, plain screens, dates."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Sequence

from idioms.draw import Draw, Step

COMPARISONS = (
    (">", ("above {v}", "more than {v}", "greater than {v}", "over {v}")),
    (">=", ("at least {v}", "{v} or more", "not below {v}")),
    ("<", ("below {v}", "less than {v}", "under {v}", "smaller than {v}")),
    ("<=", ("at most {v}", "no more than {v}", "{v} or less", "not above {v}")),
    ("==", ("equal to {v}", "exactly {v}", "{v}")),
    ("!=", ("not {v}", "other than {v}", "different from {v}")),
)
TAKEN = [
    "sum",
    "min",
    "max",
    "round",
    "abs",
    "int",
    "float",
    "str",
    "bool",
    "list",
    "dict",
    "set",
    "tuple",
    "len",
    "zip",
    "map",
    "filter",
    "sorted",
    "all",
    "any",
    "divmod",
    "pow",
    "hash",
    "id",
    "iter",
    "next",
    "input",
    "type",
    "vars",
    "object",
    "open",
    "format",
    "bytes",
    "chr",
    "ord",
    "bin",
    "hex",
    "enumerate",
    "range",
    "print",
    "screen",
    "math",
    "datetime",
    "date",
    "timedelta",
    "exec",
    "eval",
    "help",
    "dir",
    "property",
    "super",
    "slice",
]
MASKS = (
    "%d/%m/%Y",
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%d %B %Y",
    "%d.%m.%y",
    "%y%m%d",
    "%A, %d %B",
    "%b %d, %Y",
    "%m/%Y",
    "%j",
)
TIMES = ("%H:%M", "%H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", "%H.%M", "%I:%M %p", "%d.%m. %H:%M")
ERRORS = (
    ("ValueError", "int({x})", "turn {x} into a whole number"),
    ("ValueError", "float({x})", "turn {x} into a decimal number"),
    ("KeyError", "{t}[{x}]", "look up {x} in {t}"),
    ("IndexError", "{t}[{x}]", "take item {x} of {t}"),
    ("ZeroDivisionError", "{t} / {x}", "divide {t} by {x}"),
    ("OSError", "open({x})", "open {x}"),
)


def _start(d: Draw) -> None:
    """Keeps the names of built-in functions from being drawn."""
    d.used.update(TAKEN)


def _list(d: Draw, items: Sequence[str]) -> str:
    if len(items) == 1:
        return items[0]
    return ", ".join(items[:-1]) + d.pick(" and ", " and ", ", ", ", then ") + items[-1]


def _value(d: Draw) -> str:
    return f'"{d.text()}"' if d.chance(0.45) else d.value()


def _quoted(d: Draw, count: int) -> list[str]:
    return [f'"{t}"' for t in d.texts(count)]


def _numbers(d: Draw, count: int) -> list[str]:
    return [str(d.number(1, 900)) for _ in range(count)]


def _compare(d: Draw, name: str, value: str) -> tuple[str, str]:
    """A condition in code and in English, with the name in both."""
    operator, spoken = d.pick(*COMPARISONS)
    said = f"{name} {operator} {value}" if d.chance(0.2) else f"{name} is {d.pick(*spoken).format(v=value)}"
    return f"{name} {operator} {value}", said


def _condition(d: Draw, name: str) -> tuple[str, str]:
    """Compares with a number or, now and then, a text."""
    if d.chance(0.3):
        text = f'"{d.text()}"'
        return d.pick(
            (f"{name} == {text}", f"{name} is {text}"),
            (f"{name} != {text}", f"{name} is not {text}"),
            (f"{name} == {text}", f"{name} equals {text}"),
        )
    return _compare(d, name, d.value())


def _range(d: Draw) -> tuple[str, str]:
    """A range in code and in English; counts up or down."""
    a, b, s = d.number(0, 50), d.number(51, 300), d.between(2, 25)
    kind = d.between(0, 4)
    if kind <= 1:
        return f"range({a}, {b} + 1)", d.pick(
            f"from {a} to {b}", f"{a} to {b}", f"from {a} up to {b}", f"{a}..{b}", f"from {a} through {b}"
        )
    if kind == 2:
        step = d.pick(f"in steps of {s}", f"step {s}", f"by {s}", f"every {s}", f"with step {s}")
        return f"range({a}, {b} + 1, {s})", f"from {a} to {b} {step}"
    if kind == 3:
        return f"range({b}, {a} - 1, -1)", d.pick(f"from {b} down to {a}", f"{b} down to {a}", f"backwards from {b} to {a}")
    step = d.pick(f"in steps of {s}", f"by {s}", f"step -{s}", f"{s} at a time")
    return f"range({b}, {a} - 1, -{s})", f"from {b} down to {a} {step}"


def _change(d: Draw, name: str) -> tuple[str, str]:
    """A statement that changes a variable by a number, and its English."""
    v = d.value()
    sign, spoken = d.pick(
        ("+", (f"add {v} to {name}", f"raise {name} by {v}", f"increase {name} by {v}")),
        ("-", (f"subtract {v} from {name}", f"take {v} off {name}", f"reduce {name} by {v}")),
        ("*", (f"multiply {name} by {v}",)),
        ("/", (f"divide {name} by {v}",)),
    )
    return f"{name} = {name} {sign} {v}", d.pick(*spoken)


def _action(d: Draw) -> tuple[str, str]:
    """One statement and its English, as a part of a sentence in the imperative."""
    kind = d.between(0, 4)
    if kind <= 1:
        text = d.text()
        return f'print("{text}")', d.pick(f'print "{text}"', f'show "{text}"', f'say "{text}"', f'write "{text}"')
    name = d.variable()
    if kind == 2:
        value = _value(d)
        return f"{name} = {value}", d.pick(f"set {name} to {value}", f"put {value} in {name}", f"let {name} be {value}")
    if kind == 3:
        return f"{name}()", d.pick(f"call {name}", f"run {name}()", f"do {name}()")
    return _change(d, name)


def _upper(text: str) -> str:
    """A sentence starts with a capital, unless it starts with a name."""
    return text[:1].upper() + text[1:]


def assign_one(d: Draw) -> Step:
    _start(d)
    name, value = d.variable(), _value(d)
    says = d.pick(
        f"Set {name} to {value} and print it.",
        f"{name} = {value}; print {name}.",
        f"How do I store {value} in {name} and show it?",
        f"Print {name} after setting it to {value}.",
        f"Put {value} into the variable {name}, then print that variable.",
        f"To remember {value}, use a variable {name}. Print it.",
        f"A variable ({name}, value {value}), printed.",
    )
    return Step(says, f"{name} = {value}\nprint({name})")


def assign_print_order(d: Draw) -> Step:
    _start(d)
    names = [d.variable() for _ in range(d.between(2, 4))]
    values = [_value(d) for _ in names]
    shown = d.rng.sample(names, d.between(1, len(names)))
    facts = ", ".join(d.pick("{n} = {v}", "{n} is {v}").format(n=n, v=v) for n, v in zip(names, values, strict=True))
    out = _list(d, shown)
    says = d.pick(
        f"Given {facts}: print {out} on one line.",
        f"{facts}. Print {out}.",
        f"How do I print {out}? Use {facts}.",
        f"Print {out} in one print, with {facts}.",
        f"Variables: {facts}; output: {out}.",
        f"I have {facts}. Show {out} in this order.",
    )
    return Step(says, "\n".join(f"{n} = {v}" for n, v in zip(names, values, strict=True)) + f"\nprint({', '.join(shown)})")


def print_mixed(d: Draw) -> Step:
    """Texts and variables in turn."""
    _start(d)
    pairs = [(d.text(), d.variable()) for _ in range(d.between(1, 3))]
    spoken = _list(d, [f'"{t}" and {n}' if len(pairs) == 1 else f'"{t}", {n}' for t, n in pairs])
    says = d.pick(
        f"Print {spoken} in one line.",
        f"Show {spoken} with one print.",
        f"One print statement: {spoken}.",
        f"How do I print {spoken} next to each other?",
        "Print " + _list(d, [f'{n} after the label "{t}"' for t, n in pairs]) + ", in one print.",
    )
    return Step(says, "print(" + ", ".join(f'"{t}", {n}' for t, n in pairs) + ")")


def print_separator(d: Draw) -> Step:
    _start(d)
    items = [d.variable() if d.chance(0.6) else f'"{d.text()}"' for _ in range(d.between(2, 4))]
    mark = d.pick("; ", ", ", " - ", "/", "|", " | ", "", ":", "...", " * ")
    out = _list(d, items)
    says = d.pick(
        f'Print {out}, separated by "{mark}".',
        f'Print {out} with "{mark}" between them.',
        f'How do I print {out} with the separator "{mark}"?',
        f'Separator "{mark}": print {out}.',
        f'Use "{mark}" as sep to print {out}.',
    )
    return Step(says, f'print({", ".join(items)}, sep="{mark}")')


def print_same_line(d: Draw) -> Step:
    _start(d)
    item, mark = d.variable() if d.chance(0.5) else f'"{d.text()}"', d.pick("", " ", ", ", " > ", ": ", "; ", "...")
    more = d.variable()
    says = d.pick(
        f'Print {item} without a new line, ending in "{mark}", then print {more}.',
        f'Print {item} ending with "{mark}" and {more} on the same line after it.',
        f'{more} should come on the line of {item}: end the first print with "{mark}".',
        f'How do I stay on the line? Print {item} with the end "{mark}", then {more}.',
    )
    return Step(says, f'print({item}, end="{mark}")\nprint({more})')


def print_lines(d: Draw) -> Step:
    _start(d)
    items = [d.variable() if d.chance(0.4) else f'"{d.text()}"' for _ in range(d.between(2, 5))]
    out = _list(d, items)
    says = d.pick(
        f"Print {out}, each on its own line.",
        f"Print one below the other: {out}.",
        f"A line each for {out}.",
        f"Show {out} on separate lines.",
        f"How do I print {out} on {len(items)} lines?",
    )
    return Step(says, "\n".join(f"print({i})" for i in items))


def swap(d: Draw) -> Step:
    _start(d)
    a, b = d.variable(), d.variable()
    code, values = f"{a}, {b} = {b}, {a}", ""
    if d.chance(0.6):
        x, y = _value(d), _value(d)
        values, code = (
            d.pick(f" At the start {a} is {x} and {b} is {y}.", f" Use {a} = {x}, {b} = {y}."),
            f"{a} = {x}\n{b} = {y}\n{code}",
        )
    says = d.pick(
        f"Swap {a} and {b}",
        f"Exchange the values of {a} and {b}",
        f"{a} should get the value of {b} and the other way round",
        f"Let {a} and {b} trade places",
    )
    if d.chance(0.5):
        return Step(f"{says}, then print {a} and {b}.{values}", f"{code}\nprint({a}, {b})")
    return Step(f"{says}.{values}", code)


def swap_helper(d: Draw) -> Step:
    _start(d)
    a, b, c = d.variable(), d.variable(), d.variable("temp", "spare", "old", "keep")
    says = d.pick(
        f"Swap {a} and {b} with the help of {c}.",
        f"Exchange {a} and {b}; {c} holds the old {a}.",
        f"Use {c} to keep {a} while {a} takes the value of {b}; then {b} gets {c}.",
        f"How do I swap {a} and {b} through a third variable {c}?",
        f"Swap by way of {c}: {a} <-> {b}.",
    )
    return Step(says, f"{c} = {a}\n{a} = {b}\n{b} = {c}")


def assign_same(d: Draw) -> Step:
    _start(d)
    names, value = [d.variable() for _ in range(d.between(2, 4))], d.pick(_value(d), "0", '""', "None", "False", "True")
    out = _list(d, names)
    says = d.pick(
        f"Set {out} to {value} in one statement.",
        f"{out}: all {value}, one line.",
        f"Give {out} the same value, {value}, at once.",
        f"How do I set {out} all to {value} in one line?",
        f"Start with {value} in each of {out}; one statement.",
    )
    return Step(says, f"{' = '.join(names)} = {value}")


def copy_value(d: Draw) -> Step:
    _start(d)
    a, b = d.variable(), d.variable()
    extra = _change(d, b)
    says = d.pick(
        f"Keep a copy of {b} in {a}, then {extra[1]}.",
        f"{a} gets the value of {b}. After that {extra[1]}.",
        f"Save {b} to {a} first, then {extra[1]}.",
        f"Before you {extra[1]}, store {b} in {a}.",
    )
    return Step(says, f"{a} = {b}\n{extra[0]}")


def formula_two(d: Draw) -> Step:
    _start(d)
    a, b, c = d.variable("price", "width", "hours"), d.variable("count", "height", "rate"), d.variable("total", "area", "result")
    x, y = d.value(), d.value()
    sign, spoken = d.pick(
        ("+", (f"the sum of {a} and {b}", f"{a} plus {b}", f"{a} + {b}")),
        ("-", (f"{a} minus {b}", f"{a} less {b}", f"{a} - {b}")),
        ("*", (f"{a} times {b}", f"the product of {a} and {b}", f"{a} * {b}")),
        ("/", (f"{a} divided by {b}", f"{a} / {b}", f"{a} over {b}")),
        ("**", (f"{a} to the power of {b}", f"{a} ** {b}")),
        ("%", (f"the remainder of {a} divided by {b}", f"{a} modulo {b}")),
        ("//", (f"the whole part of {a} divided by {b}", f"{a} divided by {b} without the fraction")),
    )
    f = d.pick(*spoken)
    says = d.pick(
        f"{a} is {x}, {b} is {y}. Compute {c} as {f} and print it.",
        f"Print {c}, which is {f}; {a} = {x}, {b} = {y}.",
        f"With {a} = {x} and {b} = {y}, {c} is {f}. Show {c}.",
        f"To get {c}, take {f} ({a} {x}, {b} {y}), then print {c}.",
        f"How do I compute {f}? {a} is {x} and {b} is {y}; print the result {c}.",
    )
    return Step(says, f"{a} = {x}\n{b} = {y}\n{c} = {a} {sign} {b}\nprint({c})")


def formula_three(d: Draw) -> Step:
    _start(d)
    a, b, c, r = d.variable(), d.variable(), d.variable(), d.variable("result", "total", "net")
    code, said = d.pick(
        (f"({a} + {b}) * {c}", f"the sum of {a} and {b}, times {c}"),
        (f"({a} - {b}) * {c}", f"the difference {a} minus {b}, times {c}"),
        (f"({a} + {b}) / {c}", f"the sum of {a} and {b}, divided by {c}"),
        (f"{a} * {b} + {c}", f"{a} times {b}, plus {c}"),
        (f"{a} * {b} - {c}", f"{a} times {b}, minus {c}"),
        (f"{a} - {b} * {c}", f"{a} minus the product of {b} and {c}"),
        (f"{a} + {b} + {c}", f"the sum of {a}, {b} and {c}"),
        (f"{a} * {b} * {c}", f"the product of {a}, {b} and {c}"),
        (f"{a} * {b} / {c}", f"{a} times {b}, divided by {c}"),
    )
    says = d.pick(
        f"Let {r} be {said}.",
        f"Compute {r}: {said}.",
        f"{r} = {said}. Write it as a formula.",
        f"How do I compute {said}? The result goes to {r}.",
        f"Store {said} in {r}.",
    )
    return Step(says, f"{r} = {code}")


def percentage(d: Draw) -> Step:
    _start(d)
    a, r = d.variable("price", "amount", "net"), d.variable("tax", "fee", "discount")
    p = d.pick(d.value(), d.variable("rate", "percent"))
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f"{r} is {p} percent of {a}.",
            f"Compute {p} % of {a} in {r}.",
            f"How do I get {p} percent of {a}? Put it in {r}.",
            f"{r}: {p} % of {a}.",
        )
        return Step(says, f"{r} = {a} * {p} / 100")
    word, sign, off = ("add", "+", "to") if kind == 1 else ("take", "-", "from")
    says = d.pick(
        f"{_upper(word)} {p} percent {off} {a} and keep the result in {r}.",
        f"{r} is {a} {'plus' if kind == 1 else 'minus'} {p} percent.",
        f"{a} {'raised' if kind == 1 else 'lowered'} by {p} percent goes to {r}.",
        f"How do I {'add' if kind == 1 else 'deduct'} {p} % {off} {a}? The result is {r}.",
    )
    return Step(says, f"{r} = {a} {sign} {a} * {p} / 100")


def divide_rest(d: Draw) -> Step:
    _start(d)
    a, b, q, r = (
        d.variable("pieces", "items"),
        d.pick(str(d.between(2, 99)), d.variable("size")),
        d.variable("boxes"),
        d.variable("rest"),
    )
    if d.chance(0.4):
        says = d.pick(
            f"Divide {a} by {b} with divmod: whole part {q}, remainder {r}.",
            f"Use divmod on {a} and {b}; the results are {q} and {r}.",
            f"{q} and {r} come from divmod of {a} by {b}.",
        )
        return Step(says, f"{q}, {r} = divmod({a}, {b})")
    says = d.pick(
        f"{q} is how often {b} goes into {a}, {r} is what is left over.",
        f"Integer division: {a} by {b} gives {q}, the remainder is {r}.",
        f"Split {a} into groups of {b}: {q} full groups, {r} left over.",
        f"How do I get the whole part ({q}) and the remainder ({r}) of {a} divided by {b}?",
        f"Divide {a} by {b}; whole number to {q}, rest to {r}.",
    )
    return Step(says, f"{q} = {a} // {b}\n{r} = {a} % {b}")


def divisible(d: Draw) -> Step:
    _start(d)
    a, n, yes, no = d.variable("number", "year", "row"), d.between(2, 50), d.text(), d.text()
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f'Print "{yes}" if {a} is even and "{no}" if it is odd.',
            f'How do I see if {a} is even? Print "{yes}", otherwise "{no}".',
            f'Is {a} an even number? If so "{yes}", else "{no}".',
        )
        n = 2
    else:
        says = d.pick(
            f'Print "{yes}" if {a} can be divided by {n}, otherwise "{no}".',
            f'{a} divisible by {n}: "{yes}"; else "{no}".',
            f'If {a} is a multiple of {n}, print "{yes}", or else "{no}".',
            f'How do I test that {n} goes into {a} without remainder? Say "{yes}" then, else say "{no}".',
        )
    return Step(says, f'if {a} % {n} == 0:\n    print("{yes}")\nelse:\n    print("{no}")')


def round_value(d: Draw) -> Step:
    _start(d)
    a, r, n = d.variable("price", "amount"), d.variable("rounded", "result"), d.between(0, 4)
    kind = d.between(0, 4)
    if kind <= 1:
        says = d.pick(
            f"Round {a} to {n} decimals and store it in {r}.",
            f"{r} = {a} rounded to {n} places.",
            f"How do I round {a} to {n} decimal places? Result: {r}.",
            f"Put {a}, rounded to {n} decimals, into {r}.",
        )
        return Step(says, f"{r} = round({a}, {n})")
    if kind == 2:
        says = d.pick(
            f"Cut the decimals off {a}; the whole number goes to {r}.",
            f"{r} is {a} without its decimals.",
            f"Make {a} an integer in {r}.",
        )
        return Step(says, f"{r} = int({a})")
    word, call = d.pick(("up", "ceil"), ("down", "floor"))
    says = d.pick(
        f"Round {a} {word} to the next whole number, {r}.",
        f"{r} is {a} rounded {word}.",
        f"How do I round {a} {word}? Keep it in {r}.",
        f"Always round {word}: {a} becomes {r}.",
    )
    return Step(says, f"import math\n\n{r} = math.{call}({a})")


def round_formula(d: Draw) -> Step:
    _start(d)
    a, b, r, n, text = d.variable(), d.variable(), d.variable(), d.between(0, 4), d.text()
    sign, said = d.pick(("*", f"{a} times {b}"), ("/", f"{a} divided by {b}"), ("+", f"{a} plus {b}"))
    says = d.pick(
        f'{r} is {said}, rounded to {n} decimals. Print "{text}" and {r}.',
        f'Compute {said}, round it to {n} places in {r}, print {r} after "{text}".',
        f'Print "{text}" followed by {r}, where {r} is {said} rounded to {n} decimal places.',
        f'With {n} decimals: {r} = {said}; then print "{text}", {r}.',
    )
    return Step(says, f'{r} = round({a} {sign} {b}, {n})\nprint("{text}", {r})')


def absolute(d: Draw) -> Step:
    _start(d)
    a, b, r = d.variable(), d.variable(), d.variable("gap", "difference", "distance")
    if d.chance(0.5):
        says = d.pick(
            f"{r} is the distance between {a} and {b}, never negative.",
            f"Compute the difference {a} - {b} in {r} without the sign.",
            f"How far is {a} from {b}? Store the absolute difference in {r}.",
            f"{r}: absolute value of {a} minus {b}.",
        )
        return Step(says, f"{r} = abs({a} - {b})")
    says = d.pick(
        f"Put the absolute value of {a} in {r}.",
        f"{r} is {a} without its sign.",
        f"How do I drop the minus of {a}? Keep it in {r}.",
    )
    return Step(says, f"{r} = abs({a})")


def counter(d: Draw) -> Step:
    _start(d)
    n = d.variable("count", "counter")
    start, step, (test, spoken) = d.number(0, 50), d.value(), _compare(d, d.variable(), d.value())
    sign, word, to = d.pick(("+", "add", "to"), ("-", "subtract", "from"))
    says = d.pick(
        f"{n} starts at {start}. When {spoken}, {word} {step} {to} {n}. Print {n} at the end.",
        f"Start {n} with {start}; if {spoken}, {word} {step} {to} it; then print it.",
        f"Set {n} to {start}, {word} {step} {to} it only if {spoken}, and print {n}.",
        f"If {spoken}, {word} {step} {to} {n}, which begins at {start}. Then show {n}.",
    )
    return Step(says, f"{n} = {start}\nif {test}:\n    {n} = {n} {sign} {step}\nprint({n})")


def change_in_place(d: Draw) -> Step:
    _start(d)
    n, v = d.variable(), d.pick(d.value(), d.variable())
    sign, spoken = d.pick(
        ("+=", (f"Add {v} to {n}", f"Increase {n} by {v}", f"Raise {n} by {v}", f"{n} goes up by {v}")),
        ("-=", (f"Subtract {v} from {n}", f"Decrease {n} by {v}", f"Lower {n} by {v}", f"{n} goes down by {v}")),
        ("*=", (f"Multiply {n} by {v}", f"{n} becomes {v} times as much")),
        ("/=", (f"Divide {n} by {v}",)),
        ("//=", (f"Divide {n} by {v}, whole numbers only",)),
        ("%=", (f"Keep only the remainder of {n} divided by {v}, in {n}",)),
    )
    says, code = d.pick(*spoken), f"{n} = {n} {sign[:-1]} {v}"
    if d.chance(0.5):
        says += d.pick(f" with {sign}", ", in the short form", f", using {sign}")
        code = f"{n} {sign} {v}"
    if d.chance(0.5):
        return Step(f"{says}, then print {n}.", f"{code}\nprint({n})")
    return Step(f"{says}.", code)


def larger_of_two(d: Draw) -> Step:
    _start(d)
    names, r = [d.variable() for _ in range(d.between(2, 4))], d.variable("result", "best", "limit")
    call, words = d.pick(("max", ("largest", "highest", "biggest")), ("min", ("smallest", "lowest")))
    word, out = d.pick(*words), _list(d, names)
    says = d.pick(
        f"Put the {word} of {out} in {r}.",
        f"{r} is the {word} of {out}.",
        f"Which of {out} is the {word}? Store it in {r}.",
        f"How do I find the {word} of {out}? The answer goes to {r}.",
        f"Find the {word} value ({out}) and keep it in {r}.",
    )
    return Step(says, f"{r} = {call}({', '.join(names)})")


def keep_inside(d: Draw) -> Step:
    _start(d)
    n, a, b = d.variable(), d.number(0, 90), d.number(91, 900)
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f"Keep {n} between {a} and {b}.",
            f"{n} must not leave the range {a} to {b}: limit it.",
            f"How do I limit {n} to {a}..{b}?",
            f"Below {a} make {n} {a}, above {b} make it {b}.",
        )
        return Step(says, f"if {n} < {a}:\n    {n} = {a}\nelif {n} > {b}:\n    {n} = {b}")
    sign, word = (">", d.pick("at most", "no more than")) if kind == 1 else ("<", d.pick("at least", "no less than"))
    says = d.pick(
        f"{n} is to be {word} {b}; correct it if it is not.",
        f"Make sure that {n} is {word} {b}.",
        f"Cap: {n} {word} {b}.",
        f"How do I make {n} {word} {b}?",
    )
    return Step(says, f"if {n} {sign} {b}:\n    {n} = {b}")


def if_one(d: Draw) -> Step:
    _start(d)
    name = d.variable()
    (test, spoken), acts = _condition(d, name), [_action(d) for _ in range(d.between(1, 3))]
    out = _list(d, [s for _, s in acts])
    says = d.pick(
        f"If {spoken}, {out}.",
        f"{_upper(out)} if {spoken}.",
        f"When {spoken}: {out}.",
        f"How do I {out} only when {spoken}?",
        f"In case {spoken}, {out}.",
        f"Only if {spoken}: {out}.",
    )
    return Step(says, f"if {test}:\n" + "\n".join(f"    {c}" for c, _ in acts))


def if_else(d: Draw) -> Step:
    _start(d)
    name = d.variable()
    (test, spoken), a, b = _condition(d, name), _action(d), _action(d)
    says = d.pick(
        f"If {spoken}, {a[1]}, otherwise {b[1]}.",
        f"{_upper(a[1])} if {spoken}, else {b[1]}.",
        f"When {spoken}, {a[1]}; in all other cases {b[1]}.",
        f"{_upper(b[1])} unless {spoken}; then {a[1]}.",
        f"How do I {a[1]} when {spoken} and {b[1]} when not?",
        f"Check whether {spoken}. Yes: {a[1]}. No: {b[1]}.",
    )
    code = f"if {test}:\n    {a[0]}\nelse:\n    {b[0]}"
    if d.chance(0.3):
        value = d.value() if '"' not in test else f'"{d.text()}"'
        return Step(f"{name} is {value} at first. {says}", f"{name} = {value}\n{code}")
    return Step(says, code)


def if_bands(d: Draw) -> Step:
    """A chain of limits."""
    _start(d)
    name, count = d.variable("amount", "weight", "age"), d.between(2, 4)
    texts = _quoted(d, count + 1)
    limits = sorted(d.rng.sample(range(1, 999), count), reverse=d.chance(0.5))
    sign, word = d.pick((">=", "at least"), (">", "above")) if limits[0] > limits[-1] else d.pick(("<", "below"), ("<=", "up to"))
    target = d.variable("level", "class", "label") if d.chance(0.4) else ""
    facts = ", ".join(
        d.pick(f"{word} {v} {t}", f"{word} {v}: {t}", f"{t} if {word} {v}") for v, t in zip(limits, texts, strict=False)
    )
    says = d.pick(
        f"Depending on {name}: {facts}, otherwise {texts[-1]}.",
        f"{name} {facts}; else {texts[-1]}.",
        f"Grade {name}: {facts}, anything else {texts[-1]}.",
        f"How do I sort {name} into classes? {_upper(facts)}; the others {texts[-1]}.",
    )
    says += f" Keep the text in {target}." if target else d.pick(" Print the text.", " Print it.")
    out = f"    {target} = {{}}" if target else "    print({})"
    lines: list[str] = []
    for k, (v, t) in enumerate(zip(limits, texts, strict=False)):
        lines += [f"{'elif' if k else 'if'} {name} {sign} {v}:", out.format(t)]
    return Step(says, "\n".join([*lines, "else:", out.format(texts[-1])]))


def if_cases(d: Draw) -> Step:
    """A chain of equal values with an action each."""
    _start(d)
    name, count = d.variable("choice", "code", "kind"), d.between(2, 4)
    keys = _quoted(d, count) if d.chance(0.6) else [str(k) for k in d.rng.sample(range(100), count)]
    acts = [_action(d) for _ in keys]
    rest = _action(d) if d.chance(0.5) else None
    facts = "; ".join(d.pick(f"{k}: {a[1]}", f"for {k} {a[1]}", f"if it is {k}, {a[1]}") for k, a in zip(keys, acts, strict=True))
    end = f"; {d.pick('otherwise', 'else', 'anything else:')} {rest[1]}" if rest else ""
    says = d.pick(
        f"Look at {name}: {facts}{end}.",
        f"By {name}: {facts}{end}.",
        f"Decide by the value of {name}: {facts}{end}.",
        f"How do I branch on {name}? {_upper(facts)}{end}.",
    )
    lines: list[str] = []
    for k, (key, act) in enumerate(zip(keys, acts, strict=True)):
        lines += [f"{'elif' if k else 'if'} {name} == {key}:", f"    {act[0]}"]
    return Step(says, "\n".join([*lines, *(["else:", f"    {rest[0]}"] if rest else [])]))


def if_joined(d: Draw) -> Step:
    _start(d)
    tests = [_condition(d, d.variable()) for _ in range(d.pick(2, 2, 3))]
    act, word = _action(d), d.pick("and", "or")
    said = f" {word} ".join(s for _, s in tests)
    long = d.pick(
        f"if {'all of these hold' if word == 'and' else 'one of these holds'}: " + ", ".join(s for _, s in tests), f"if {said}"
    )
    says = d.pick(
        f"If {said}, {act[1]}.",
        f"{_upper(act[1])} when {said}.",
        f"{_upper(act[1])} {long}.",
        f"How do I {act[1]} if {said}?",
        f"Condition: {said}. Then {act[1]}.",
    )
    return Step(says, f"if {f' {word} '.join(c for c, _ in tests)}:\n    {act[0]}")


def if_not(d: Draw) -> Step:
    _start(d)
    flag, act = d.variable("ready", "found", "paid"), _action(d)
    if d.chance(0.5):
        says = d.pick(
            f"If {flag} is not true, {act[1]}.",
            f"{_upper(act[1])} unless {flag}.",
            f"As {flag} is a flag: when it is off, {act[1]}.",
        )
        return Step(says, f"if not {flag}:\n    {act[0]}")
    test, spoken = _condition(d, d.variable())
    says = d.pick(
        f"If {spoken} and not {flag}, {act[1]}.",
        f"{_upper(act[1])} when {spoken}, but not if {flag} is set.",
        f"When {spoken} while {flag} is false: {act[1]}.",
    )
    return Step(says, f"if {test} and not {flag}:\n    {act[0]}")


def if_mixed(d: Draw) -> Step:
    """One condition that must hold and two of which one is enough."""
    _start(d)
    a, b, c, act = _condition(d, d.variable()), _condition(d, d.variable()), _condition(d, d.variable()), _action(d)
    says = d.pick(
        f"If {a[1]} and also either {b[1]} or {c[1]}, {act[1]}.",
        f"{_upper(act[1])} when {a[1]} and one of these holds: {b[1]}, {c[1]}.",
        f"First of all {a[1]} must hold; then {b[1]} or {c[1]} is enough to {act[1]}.",
    )
    return Step(says, f"if {a[0]} and ({b[0]} or {c[0]}):\n    {act[0]}")


def if_between(d: Draw) -> Step:
    _start(d)
    n, a, b, act = d.variable(), d.number(0, 90), d.number(91, 900), _action(d)
    if d.chance(0.6):
        says = d.pick(
            f"If {n} lies between {a} and {b}, {act[1]}.",
            f"{_upper(act[1])} when {n} is from {a} to {b}.",
            f"{n} in {a}..{b}: {act[1]}.",
            f"How do I {act[1]} only for {n} from {a} to {b}?",
        )
        return Step(says, f"if {a} <= {n} <= {b}:\n    {act[0]}")
    says = d.pick(
        f"If {n} is below {a} or above {b}, {act[1]}.",
        f"{_upper(act[1])} when {n} is less than {a} or more than {b}.",
        f"{n} < {a} or {n} > {b}: {act[1]}.",
    )
    return Step(says, f"if {n} < {a} or {n} > {b}:\n    {act[0]}")


def if_one_of(d: Draw) -> Step:
    _start(d)
    n, keys, act = d.variable(), _quoted(d, d.between(2, 5)) if d.chance(0.6) else _numbers(d, d.between(2, 5)), _action(d)
    said = ", ".join(keys[:-1]) + " or " + keys[-1]
    no = d.chance(0.35)
    says = d.pick(
        f"If {n} is {'none' if no else 'one'} of {', '.join(keys)}, {act[1]}.",
        f"{_upper(act[1])} when {n} is {'not ' if no else ''}{said}.",
        f"How do I {act[1]} if {n} is {'not in' if no else 'in'} the list {', '.join(keys)}?",
        f"When {n} is {'not ' if no else ''}{said}, {act[1]}.",
    )
    return Step(says, f"if {n} {'not in' if no else 'in'} ({', '.join(keys)}):\n    {act[0]}")


def choose_value(d: Draw) -> Step:
    _start(d)
    r, (test, spoken), a, b = d.variable(), _condition(d, d.variable()), _value(d), _value(d)
    if d.chance(0.5):
        says = d.pick(
            f"In one line: {r} is {a} if {spoken}, else {b}.",
            f"Set {r} to {a} when {spoken} and to {b} otherwise, as one expression.",
            f"How do I choose {a} or {b} for {r} in one statement? It is {a} if {spoken}.",
        )
        return Step(says, f"{r} = {a} if {test} else {b}")
    says = d.pick(
        f"{r} is {b}, but {a} if {spoken}. Print {r}.",
        f"Set {r} to {b}; if {spoken}, change it to {a}; print it.",
        f"Default for {r}: {b}. When {spoken} it becomes {a}. Show it.",
    )
    return Step(says, f"{r} = {b}\nif {test}:\n    {r} = {a}\nprint({r})")


def flag_value(d: Draw) -> Step:
    _start(d)
    r, (test, spoken) = d.variable("ok", "valid", "full"), _condition(d, d.variable())
    says = d.pick(
        f"{r} tells whether {spoken}.",
        f"Store in {r} if {spoken} (true or false).",
        f"Set {r} to true if {spoken}, else to false, without an if.",
        f"How do I keep in {r} whether {spoken}?",
        f"{r}: truth of {spoken}.",
    )
    return Step(says, f"{r} = {test}")


def if_nested(d: Draw) -> Step:
    _start(d)
    (t1, s1), (t2, s2), a, b, c = _condition(d, d.variable()), _condition(d, d.variable()), _action(d), _action(d), _action(d)
    says = d.pick(
        f"If {s1}, look further: if {s2}, {a[1]}, else {b[1]}. If not, {c[1]}.",
        f"When {s1}: {a[1]} if {s2}, otherwise {b[1]}. In the other case {c[1]}.",
        f"{_upper(c[1])} unless {s1}. Inside that case, {a[1]} if {s2}, else {b[1]}.",
    )
    return Step(says, f"if {t1}:\n    if {t2}:\n        {a[0]}\n    else:\n        {b[0]}\nelse:\n    {c[0]}")


def loop_range(d: Draw) -> Step:
    _start(d)
    n, (code, said), text = d.variable("number", "page", "row"), _range(d), d.text()
    shown, told = d.pick((n, n), (f'"{text}", {n}', f'"{text}" and {n}'), (f'{n}, "{text}"', f'{n} and "{text}"'))
    says = d.pick(
        f"Count {n} {said} and print {told}.",
        f"for {n} {said}: print {told}.",
        f"How do I run {n} {said}? Print {told} each time.",
        f"Print {told} for each {n} {said}.",
        f"A loop: {n} {said}; in it print {told}.",
        f"To see {told} every time, loop {n} {said}.",
    )
    return Step(says, f"for {n} in {code}:\n    print({shown})")


def repeat_times(d: Draw) -> Step:
    _start(d)
    n, acts = d.pick(str(d.between(2, 99)), d.variable("times", "count")), [_action(d) for _ in range(d.between(1, 3))]
    out = _list(d, [s for _, s in acts])
    says = d.pick(
        f"Do this {n} times: {out}.",
        f"Repeat {n} times: {out}.",
        f"{n} times {out}.",
        f"How do I {out}, {n} times over?",
        f"Loop {n} times; in the loop {out}.",
    )
    return Step(says, f"for i in range({n}):\n" + "\n".join(f"    {c}" for c, _ in acts))


def loop_collect(d: Draw) -> Step:
    """A range, a condition and a total."""
    _start(d)
    n, t, (code, said) = d.variable("number", "day"), d.variable("total", "points"), _range(d)
    (test, spoken), start = _compare(d, n, str(d.number(5, 280))), d.pick(0, 0, d.number(0, 90))
    what, told = d.pick((n, "it"), (f"{n} * {n}", "its square"), (f"{n} * 2", "twice its value"), ("1", "1"))
    says = d.pick(
        f"Loop {n} {said}; if {spoken}, add {told} to {t}. {t} starts at {start}; print it at the end.",
        f"{t} = {start}. For {n} {said}: when {spoken}, add {told} to {t}. Then print {t}.",
        f"Print {t} after the loop: it begins with {start}, and for every {n} {said} where {spoken}, {told} is added.",
        f"How do I add up in {t} (from {start})? Run {n} {said} and add {told} only if {spoken}; print {t}.",
    )
    return Step(says, f"{t} = {start}\nfor {n} in {code}:\n    if {test}:\n        {t} = {t} + {what}\nprint({t})")


def loop_list(d: Draw) -> Step:
    _start(d)
    n, items = d.variable("name", "item"), _quoted(d, d.between(2, 5)) if d.chance(0.7) else _numbers(d, d.between(3, 6))
    text = d.text() if d.chance(0.5) else ""
    shown, told = (f'"{text}", {n}', f'"{text}" and {n}') if text else (n, n)
    out = _list(d, items)
    if d.chance(0.5):
        t = d.variable("names", "items", "parts")
        says = d.pick(
            f"The list {t} has {out}. Loop over it with {n} and print {told}.",
            f"{t} = {out}; for each {n} in it print {told}.",
            f"How do I go through a list? It is {t} with {out}; print {told} for each {n}.",
            f"Print {told} for every {n} of {t}, a list of {out}.",
        )
        return Step(says, f"{t} = [{', '.join(items)}]\nfor {n} in {t}:\n    print({shown})")
    says = d.pick(
        f"For each {n} of {out}, print {told}.",
        f"Loop {n} over {out} and print {told}.",
        f"Print {told}; {n} takes the values {out}.",
        f"{n} is {out} in turn. Print {told} each time.",
    )
    return Step(says, f"for {n} in [{', '.join(items)}]:\n    print({shown})")


def loop_numbered(d: Draw) -> Step:
    _start(d)
    t, n, k, start = (
        d.variable("lines", "orders"),
        d.variable("line", "order"),
        d.variable("number", "place"),
        d.pick(0, 1, 1, d.number(2, 100)),
    )
    says = d.pick(
        f"Number the items of {t} from {start}: print {k} and {n}.",
        f"Loop over {t} with a counter {k} starting at {start}; print {k} and {n}.",
        f"How do I print each {n} of {t} with its number {k}, first number {start}?",
        f"Print {k}, {n} for all of {t}, counting from {start}.",
        f"List {t} with numbers ({k}, from {start}) before each {n}.",
    )
    tail = f", {start}" if start else ""
    return Step(says, f"for {k}, {n} in enumerate({t}{tail}):\n    print({k}, {n})")


def loop_pairs(d: Draw) -> Step:
    _start(d)
    names = [d.variable() for _ in range(d.pick(2, 2, 3))]
    lists = [d.variable("names", "prices", "codes") for _ in names]
    out, many = _list(d, names), _list(d, lists)
    says = d.pick(
        f"Walk through {many} side by side and print {out}.",
        f"Loop over {many} together as {out}; print them.",
        f"How do I loop over {len(names)} lists at once? {many} give {out}; print these.",
        f"For {out} from {many} in parallel: print {out}.",
    )
    return Step(says, f"for {', '.join(names)} in zip({', '.join(lists)}):\n    print({', '.join(names)})")


def loop_backwards(d: Draw) -> Step:
    _start(d)
    t, n = d.variable("lines", "stack"), d.variable("line", "item")
    call, said = d.pick(
        ("reversed", "from the last to the first"),
        ("sorted", "in sorted order"),
        ("reversed", "backwards"),
        ("set", "without duplicates"),
    )
    says = d.pick(
        f"Print each {n} of {t} {said}.",
        f"Go through {t} {said} and print every {n}.",
        f"How do I loop over {t} {said}? Print {n}.",
        f"{t} {said}: print {n}.",
    )
    return Step(says, f"for {n} in {call}({t}):\n    print({n})")


def while_steps(d: Draw) -> Step:
    _start(d)
    n, start = d.variable(), d.number(1, 900)
    (test, spoken), (change, said), act = _compare(d, n, str(d.number(1, 900))), _change(d, n), _action(d)
    says = d.pick(
        f"{n} starts at {start}. While {spoken}: {act[1]}, then {said}.",
        f"As long as {spoken}, {act[1]} and {said}; {n} is {start} at first.",
        f"Set {n} to {start}. {_upper(act[1])} and {said} for as long as {spoken}.",
        f"How do I {act[1]} while {spoken}? Begin with {n} = {start} and {said} each time.",
    )
    return Step(says, f"{n} = {start}\nwhile {test}:\n    {act[0]}\n    {change}")


def while_two(d: Draw) -> Step:
    """Two variables change in one loop, and the number of turns is counted."""
    _start(d)
    a, k, start, limit = (
        d.variable("balance", "stock", "speed"),
        d.variable("years", "count", "turns"),
        d.number(1, 500),
        d.number(500, 9000),
    )
    v = d.value()
    change, said = d.pick((f"{a} = {a} * {v}", f"multiply {a} by {v}"), (f"{a} = {a} + {v}", f"add {v} to {a}"))
    sign, word = d.pick(("<", "below"), ("<=", "at most"))
    says = d.pick(
        f"{a} is {start}, {k} is 0. While {a} is {word} {limit}, {said} and add 1 to {k}. Print {k}.",
        f"Count in {k} how often you must {said} until {a} is no longer {word} {limit}; {a} starts at {start}. Print {k}.",
        f"How many turns does it take? Start {a} at {start}, {said} while it is {word} {limit}, count in {k}, print {k}.",
        f"Print {k}: the number of times to {said}, from {start}, as long as {a} is {word} {limit}.",
    )
    return Step(says, f"{a} = {start}\n{k} = 0\nwhile {a} {sign} {limit}:\n    {change}\n    {k} = {k} + 1\nprint({k})")


def do_until(d: Draw) -> Step:
    _start(d)
    n, acts = d.variable(), [_action(d) for _ in range(d.between(1, 2))]
    (test, spoken), (change, said) = _compare(d, n, str(d.number(5, 900))), _change(d, n)
    out = _list(d, [*(s for _, s in acts), said])
    says = d.pick(
        f"Repeat: {out}; until {spoken}.",
        f"{_upper(out)}, again and again until {spoken}.",
        f"A do-until loop: {out}, leave it when {spoken}.",
        f"At least once, and until {spoken}: {out}.",
        f"How do I repeat something until {spoken}? The body: {out}.",
    )
    return Step(
        says,
        "while True:\n" + "\n".join(f"    {c}" for c in [*(c for c, _ in acts), change]) + f"\n    if {test}:\n        break",
    )


def find_first(d: Draw) -> Step:
    _start(d)
    t, n, act, none = d.variable("orders", "members"), d.variable("order", "member"), _action(d), d.text()
    test, spoken = _condition(d, n)
    says = d.pick(
        f'Go through {t}; at the first {n} where {spoken}, {act[1]} and stop. If there is none, print "{none}".',
        f'Find the first {n} in {t}: {spoken}. Then {act[1]} and leave the loop; print "{none}" when nothing was found.',
        f'Search {t} as {n}; when {spoken}, {act[1]} and break; without a hit print "{none}".',
        f'Print "{none}" if no {n} of {t} fits (it fits if {spoken}); on the first hit {act[1]} and stop.',
    )
    return Step(says, f'for {n} in {t}:\n    if {test}:\n        {act[0]}\n        break\nelse:\n    print("{none}")')


def skip_or_stop(d: Draw) -> Step:
    _start(d)
    n, t = d.variable(), d.variable("values", "rows")
    (c1, s1), (c2, s2), act = _condition(d, n), _condition(d, n), _action(d)
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f"For each {n} in {t}: skip it if {s1}, stop if {s2}, otherwise {act[1]}.",
            f"Loop over {t} with {n}. When {s1} go on with the next one, when {s2} leave the loop; else {act[1]}.",
            f"{_upper(act[1])} for every {n} of {t}, but continue if {s1} and break if {s2}.",
        )
        return Step(says, f"for {n} in {t}:\n    if {c1}:\n        continue\n    if {c2}:\n        break\n    {act[0]}")
    word, told = d.pick(("continue", "skip those where"), ("continue", "leave out the ones where"), ("break", "stop as soon as"))
    says = d.pick(
        f"For each {n} in {t} {act[1]}, but {told} {s1}.",
        f"Loop over {t} as {n}; {told} {s1}; else {act[1]}.",
        f"How do I {act[1]} for each {n} of {t}, and {told} {s1}?",
    )
    return Step(says, f"for {n} in {t}:\n    if {c1}:\n        {word}\n    {act[0]}")


def nested_loops(d: Draw) -> Step:
    _start(d)
    a, b, (r1, s1), (r2, s2) = d.variable("row", "shelf"), d.variable("column", "place"), _range(d), _range(d)
    shown, told = d.pick(
        (f"{a}, {b}", f"{a} and {b}"),
        (f"{a} * {b}", f"the product of {a} and {b}"),
        (f"{b}, {a}", f"{b} and {a}"),
        (f"{a} + {b}", f"{a} plus {b}"),
    )
    says = d.pick(
        f"Two loops: outside {a} {s1}, inside {b} {s2}. Print {told}.",
        f"For every {a} {s1} run {b} {s2} and print {told}.",
        f"Print {told} for {a} {s1} and, inside it, {b} {s2}.",
        f"How do I nest loops? {a} goes {s1}, within it {b} goes {s2}; print {told}.",
    )
    return Step(says, f"for {a} in {r1}:\n    for {b} in {r2}:\n        print({shown})")


def nested_table(d: Draw) -> Step:
    _start(d)
    t, row, cell, end = (
        d.variable("table", "plan"),
        d.variable("row", "line"),
        d.variable("cell", "field"),
        d.pick(" ", ", ", " | ", "; ", "-"),
    )
    if d.chance(0.5):
        says = d.pick(
            f'Print each {cell} of each {row} in {t}, "{end}" after it; a new line after every {row}.',
            f'{t} holds rows: for each {row} print every {cell} with the end "{end}", then start a new line.',
            f'How do I print {t} as a grid? Loops {row} and {cell}, end "{end}", empty print after each {row}.',
        )
        return Step(says, f'for {row} in {t}:\n    for {cell} in {row}:\n        print({cell}, end="{end}")\n    print()')
    total = d.variable("total", "sum")
    says = d.pick(
        f"Add up every {cell} of every {row} of {t} in {total} and print it.",
        f"{total} is the sum of all {cell} values in {t}, read {row} by {row}. Print {total}.",
        f"Two loops over {t} ({row}, then {cell}): add {cell} to {total}, from 0; print {total}.",
    )
    return Step(
        says, f"{total} = 0\nfor {row} in {t}:\n    for {cell} in {row}:\n        {total} = {total} + {cell}\nprint({total})"
    )


def count_matching(d: Draw) -> Step:
    _start(d)
    t, n, k, text = d.variable("values", "orders"), d.variable("value", "order"), d.variable("count", "hits"), d.text()
    test, spoken = _condition(d, n)
    says = d.pick(
        f'Count in {k} for how many {n} of {t} this holds: {spoken}. Print "{text}" and {k}.',
        f'{k} counts each {n} in {t} if {spoken}; print it after "{text}".',
        f'How many are there in {t} where {spoken}? Loop with {n}, count in {k}, print "{text}" and {k}.',
        f'Print "{text}", {k}: number of times that {spoken}, {n} running over {t}.',
    )
    return Step(says, f'{k} = 0\nfor {n} in {t}:\n    if {test}:\n        {k} = {k} + 1\nprint("{text}", {k})')


def sum_by_loop(d: Draw) -> Step:
    _start(d)
    t, n, s, items = (
        d.variable("amounts", "weights"),
        d.variable("amount", "weight"),
        d.variable("total"),
        _numbers(d, d.between(3, 6)),
    )
    listed = d.chance(0.5)
    head = f"{t} = [{', '.join(items)}]\n" if listed else ""
    fact = d.pick(f" {t} is {', '.join(items)}.", f" Use {t} = {', '.join(items)}.") if listed else ""
    says = d.pick(
        f"Add up {t} in {s} with a loop over {n} and print {s}.",
        f"{s} is the sum of all {n} in {t}, by a loop; print it.",
        f"Loop {n} over {t}, add each one to {s}, show {s}.",
        f"How do I total {t} without sum()? Use {n} for one of them and {s} for the result; print {s}.",
    )
    return Step(says + fact, f"{head}{s} = 0\nfor {n} in {t}:\n    {s} = {s} + {n}\nprint({s})")


def best_by_loop(d: Draw) -> Step:
    _start(d)
    t, n, r = d.variable("prices", "scores"), d.variable("price", "score"), d.variable("best", "record")
    sign, word = d.pick((">", "largest"), ("<", "smallest"), (">", "highest"), ("<", "lowest"))
    says = d.pick(
        f"Find the {word} {n} in {t} with a loop, keep it in {r} and print it.",
        f"{r} is the {word} of {t}: start with the first item and loop with {n}. Print {r}.",
        f"How do I get the {word} {n} of {t} without a built-in function? The result {r} is printed.",
        f"Loop {n} over {t}; {r} keeps the {word} one; show {r}.",
    )
    return Step(says, f"{r} = {t}[0]\nfor {n} in {t}:\n    if {n} {sign} {r}:\n        {r} = {n}\nprint({r})")


def figures(d: Draw) -> Step:
    _start(d)
    items, t = _numbers(d, d.between(3, 6)), d.variable("values", "sales")
    kinds = d.rng.sample(
        (
            ("sum", f"sum({t})"),
            ("smallest", f"min({t})"),
            ("largest", f"max({t})"),
            ("average", f"sum({t}) / len({t})"),
            ("number of items", f"len({t})"),
        ),
        d.between(1, 4),
    )
    listed = d.chance(0.6)
    head = f"{t} = [{', '.join(items)}]\n" if listed else ""
    fact = d.pick(f" {t} holds {', '.join(items)}.", f" {t} = {', '.join(items)}.") if listed else ""
    out = _list(d, [f"the {k}" for k, _ in kinds])
    if d.chance(0.5):
        texts = _quoted(d, len(kinds))
        out = _list(d, [f"the {k} after {x}" for (k, _), x in zip(kinds, texts, strict=True)])
        code = "\n".join(f"print({x}, {c})" for (_, c), x in zip(kinds, texts, strict=True))
    else:
        code = "\n".join(f"print({c})" for _, c in kinds)
    says = d.pick(
        f"For {t} print {out}.",
        f"Print {out} of {t}.",
        f"How do I get {out} of {t}? Print each on its own line.",
        f"From {t} show {out}.",
    )
    return Step(says + fact, head + code)


def figure_named(d: Draw) -> Step:
    _start(d)
    t, r = d.variable("values", "sales"), d.variable("result", "figure")
    code, said = d.pick(
        (f"sum({t})", f"the sum of {t}"),
        (f"max({t})", f"the largest of {t}"),
        (f"min({t})", f"the smallest of {t}"),
        (f"len({t})", f"the number of items in {t}"),
        (f"sum({t}) / len({t})", f"the average of {t}"),
        (f"max({t}) - min({t})", f"the gap between the largest and the smallest of {t}"),
    )
    says = d.pick(
        f"Store {said} in {r}.", f"{r} = {said}.", f"Let {r} be {said}.", f"How do I put {said} in {r}?", f"{r} is {said}."
    )
    return Step(says, f"{r} = {code}")


def safe_average(d: Draw) -> Step:
    _start(d)
    t, r, text = d.variable("scores", "prices"), d.variable("average", "mean"), d.text()
    says = d.pick(
        f'Print "{text}" if {t} is empty, otherwise compute the average in {r} and print it.',
        f'{r} is the average of {t}; print it. For an empty {t} print "{text}" only.',
        f'How do I avoid dividing by zero for the average ({r}) of {t}? Print "{text}" when there are no items, else {r}.',
    )
    return Step(says, f'if len({t}) == 0:\n    print("{text}")\nelse:\n    {r} = sum({t}) / len({t})\n    print({r})')


def function_one(d: Draw) -> Step:
    _start(d)
    f, a, x = d.name(), d.variable(), d.value()
    v = d.value()
    code, said = d.pick(
        (f"{a} * {v}", f"{a} times {v}"),
        (f"{a} + {v}", f"{a} plus {v}"),
        (f"{a} - {v}", f"{a} minus {v}"),
        (f"{a} / {v}", f"{a} divided by {v}"),
        (f"{a} * {a}", f"the square of {a}"),
        (f"{a} * {v} / 100", f"{v} percent of {a}"),
        (f"{v} - {a}", f"{v} minus {a}"),
    )
    says = d.pick(
        f"Write a function {f}({a}) that returns {said}; print {f}({x}).",
        f"Function {f} with parameter {a}: it gives back {said}. Call it with {x} and print the result.",
        f"Print {f}({x}), where {f} takes {a} and returns {said}.",
        f"How do I define {f}, which returns {said}, with the argument {a}? Show it for {x}.",
        f"{f}({a}) = {said}; print it for {x}.",
    )
    return Step(says, f"def {f}({a}):\n    return {code}\n\n\nprint({f}({x}))")


def function_several(d: Draw) -> Step:
    _start(d)
    f, names, r = d.name(), [d.variable() for _ in range(d.between(2, 4))], d.variable("result")
    values = [d.value() for _ in names]
    sign, said = d.pick(("+", "the sum of"), ("*", "the product of"))
    out, given = _list(d, names), ", ".join(values)
    says = d.pick(
        f"{f} takes {out} and returns {said} them. Call it with {given}, store the result in {r}, print {r}.",
        f"Define {f}({', '.join(names)}) as {said} its arguments; {r} = {f}({given}); print {r}.",
        f"Print {r}, the result of {f} for {given}; the function {f} has the parameters {out} and returns {said} these.",
        f"How do I write a function {f} with {len(names)} parameters ({', '.join(names)}) "
        f"for {said} them? Use it with {given}; {r} takes the result and is printed.",
    )
    body = f" {sign} ".join(names)
    return Step(says, f"def {f}({', '.join(names)}):\n    return {body}\n\n\n{r} = {f}({given})\nprint({r})")


def function_prints(d: Draw) -> Step:
    _start(d)
    f, names = d.name(), [d.variable() for _ in range(d.between(1, 3))]
    shown = d.rng.sample(names, len(names))
    text, calls = d.text(), [[_value(d) for _ in names] for _ in range(d.between(1, 3))]
    given, out = _list(d, [f"{f}({', '.join(c)})" for c in calls]), _list(d, shown)
    says = d.pick(
        f'Write {f}({", ".join(names)}), which prints "{text}" and then {out}. Call {given}.',
        f'Procedure {f} (parameters {", ".join(names)}): print "{text}", {out}. Then {given}.',
        f'Run {given}; {f} gets {", ".join(names)} and prints "{text}" with {out} after it.',
        f'How do I write a procedure that prints "{text}" and {out}? Name {f}, parameters {", ".join(names)}; call {given}.',
    )
    body = f'    print("{text}", {", ".join(shown)})'
    return Step(says, f"def {f}({', '.join(names)}):\n{body}\n\n\n" + "\n".join(f"{f}({', '.join(c)})" for c in calls))


def function_default(d: Draw) -> Step:
    _start(d)
    f, a, b, v = d.name(), d.variable(), d.variable(), _value(d)
    x, y = _value(d), _value(d)
    says = d.pick(
        f"{f} has the parameters {a} and {b}; {b} is {v} if it is not given. "
        f"It prints {a} and {b}. Call it with {x} only, then with {x} and {y}.",
        f"Define {f} with {a} and an optional {b} (default {v}) that prints both. Call {f}({x}) and {f}({x}, {y}).",
        f"How do I make a parameter optional? In {f}, {b} should be {v} by default, "
        f"after {a}; print {a} and {b}. Try {x} alone and then {x} with {y}.",
        f"Default argument: {f}({a}, {b}={v}) prints {a}, {b}. Calls: {f}({x}), then {f}({x}, {y}).",
    )
    return Step(says, f"def {f}({a}, {b}={v}):\n    print({a}, {b})\n\n\n{f}({x})\n{f}({x}, {y})")


def call_named(d: Draw) -> Step:
    _start(d)
    f, names = d.name(), [d.variable() for _ in range(d.between(1, 4))]
    values, first = [_value(d) for _ in names], _value(d) if d.chance(0.5) else ""
    facts = _list(d, [d.pick(f"{n}={v}", f"{n} {v}", f"{n} = {v}") for n, v in zip(names, values, strict=True)])
    lead = (
        d.pick(f"with {first} first and by name {facts}", f"with {first}, then the named arguments {facts}")
        if first
        else f"with the named arguments {facts}"
    )
    says = d.pick(
        f"Call {f} {lead}.", f"How do I call {f} {lead}?", f"{f}: call it {lead}.", f"The function {f} is called {lead}."
    )
    args = [*([first] if first else []), *(f"{n}={v}" for n, v in zip(names, values, strict=True))]
    return Step(says, f"{f}({', '.join(args)})")


def return_by_case(d: Draw) -> Step:
    _start(d)
    f, a, count = d.name(), d.variable("amount", "weight"), d.between(1, 3)
    results, tests = (
        _quoted(d, count + 1) if d.chance(0.5) else _numbers(d, count + 1),
        [_compare(d, a, str(d.number(1, 900))) for _ in range(count)],
    )
    facts = ", ".join(d.pick(f"{r} if {s}", f"if {s} {r}") for r, (_, s) in zip(results, tests, strict=False))
    says = d.pick(
        f"Function {f}({a}) returns {facts}, otherwise {results[-1]}.",
        f"Write {f} with the parameter {a}: return {facts}; else {results[-1]}.",
        f"{f} of {a} is {facts}; in all other cases {results[-1]}.",
        f"How do I write a function {f}({a}) that gives back {facts}, else {results[-1]}?",
    )
    use, told = "", ""
    if d.chance(0.5):
        x = d.value()
        use, told = f"\n\n\nprint({f}({x}))", d.pick(f" Print it for {x}.", f" Print {f}({x}).")
    lines = [line for r, (c, _) in zip(results, tests, strict=False) for line in (f"    if {c}:", f"        return {r}")]
    return Step(says + told, "\n".join([f"def {f}({a}):", *lines, f"    return {results[-1]}"]) + use)


def return_truth(d: Draw) -> Step:
    _start(d)
    f, a, act = d.name(), d.variable(), _action(d)
    test, spoken = _compare(d, a, d.value())
    x = d.variable()
    says = d.pick(
        f"{f}({a}) tells whether {spoken}. If {f} of {x}, {act[1]}.",
        f"Write a function {f} that returns whether {spoken} for its argument {a}; when {f}({x}) is true, {act[1]}.",
        f"{_upper(act[1])} if {f}({x}); the function {f} takes {a} and returns true if {spoken}.",
    )
    return Step(says, f"def {f}({a}):\n    return {test}\n\n\nif {f}({x}):\n    {act[0]}")


def return_two(d: Draw) -> Step:
    _start(d)
    f, t, a, b = d.name(), d.variable("values", "rows"), d.variable("low", "first"), d.variable("high", "last")
    (c1, s1), (c2, s2) = d.rng.sample(
        (
            (f"min({t})", "the smallest"),
            (f"max({t})", "the largest"),
            (f"sum({t})", "the sum"),
            (f"len({t})", "the number of items"),
            (f"{t}[0]", "the first item"),
            (f"{t}[-1]", "the last item"),
        ),
        2,
    )
    given = d.variable()
    says = d.pick(
        f"{f}({t}) returns {s1} and {s2} of {t}. Call it with {given}; the results go to {a} and {b}.",
        f"Return two values from {f}: {s1} and {s2} of its list {t}. Use it as {a}, {b} with {given}.",
        f"{a} and {b} should be {s1} and {s2} of {given}; write a function {f} with the parameter {t} for that.",
        f"How can {f} return {s1} together with {s2} of {t}? Call it for {given} into {a} and {b}.",
    )
    return Step(says, f"def {f}({t}):\n    return {c1}, {c2}\n\n\n{a}, {b} = {f}({given})")


def sub_global(d: Draw) -> Step:
    """A routine that works on variables of the program."""
    _start(d)
    f, n, start, times = d.name(), d.variable("total", "count"), d.number(0, 500), d.between(1, 3)
    change, said = _change(d, n)
    often = ("once", "twice", "three times")[times - 1]
    says = d.pick(
        f"{n} is {start} at the start. A subroutine {f} without arguments must {said}. Call it {often} and print {n}.",
        f"Write {f}() to {said} (a global, {start} at first); call {f} {often}; print {n}.",
        f"Call {f} {often} and print {n}: the routine {f} is to {said}, which begins with {start}.",
        f"How does a procedure change a global variable? {f} should "
        f"{said}; it starts at {start}. Run it {often}, then print {n}.",
    )
    return Step(says, f"{n} = {start}\n\n\ndef {f}():\n    global {n}\n    {change}\n\n\n" + f"{f}()\n" * times + f"print({n})")


def sub_global_result(d: Draw) -> Step:
    _start(d)
    f, a, b, r, x, y = d.name(), d.variable(), d.variable(), d.variable("result"), d.value(), d.value()
    sign, said = d.pick(("*", f"{a} times {b}"), ("+", f"{a} plus {b}"), ("-", f"{a} minus {b}"), ("/", f"{a} divided by {b}"))
    says = d.pick(
        f"The routine {f} sets the global {r} to {said}. Set {a} to {x} and {b} to {y}, call {f}, print {r}.",
        f"{f} reads {a} and {b} and leaves {said} in the global {r}; with {a} = {x}, {b} = {y} call it and print {r}.",
        f"Print {r} after calling {f}, a routine without parameters that puts {said} in the global {r}; {a} is {x}, {b} is {y}.",
    )
    return Step(says, f"def {f}():\n    global {r}\n    {r} = {a} {sign} {b}\n\n\n{a} = {x}\n{b} = {y}\n{f}()\nprint({r})")


def routines_in_order(d: Draw) -> Step:
    _start(d)
    names = [d.name() for _ in range(d.between(2, 3))]
    acts, calls = [_action(d) for _ in names], d.rng.sample(names, len(names))
    facts, out = "; ".join(f"{n} to {a[1]}" for n, a in zip(names, acts, strict=True)), _list(d, calls)
    says = d.pick(
        f"Write the routines {facts}. Call {out}.",
        f"I need these procedures: {facts}. Then run {out}.",
        f"Run {out} in this order, after defining {facts}.",
        f"How do I split a program into routines? Define {facts}; call {out}.",
    )
    body = ""
    for n, a in zip(names, acts, strict=True):
        target = a[0].split(" = ")[0] if " = " in a[0] and not a[0].startswith("print") else ""
        body += f"def {n}():\n" + (f"    global {target}\n" if target else "") + f"    {a[0]}\n\n\n"
    return Step(says, body + "\n".join(f"{c}()" for c in calls))


def table_walk(d: Draw) -> Step:
    """A list of tuples, printed or summed row by row."""
    _start(d)
    t, fields = (
        d.variable("table", "rows", "prices"),
        [d.variable("code", "name"), d.variable("price", "amount"), *([d.variable("unit")] if d.chance(0.4) else [])],
    )
    rows = [", ".join([f'"{x}"', d.value(), *([f'"{d.word()}"'] if len(fields) == 3 else [])]) for x in d.texts(d.between(2, 4))]
    shown = d.rng.sample(fields, d.between(1, len(fields)))
    facts, out = "; ".join(rows), _list(d, shown)
    says = d.pick(
        f"The table {t} has the rows {facts}. Loop over it with {', '.join(fields)} and print {out}.",
        f"Make {t} of {', '.join(fields)}: {facts}; for each row print {out}.",
        f"Print {out} for each row of {t} ({', '.join(fields)}): {facts}.",
        f"How do I walk through a table? {t} holds {', '.join(fields)}: {facts}. Print {out}.",
    )
    body = "\n".join(f"    ({r})," for r in rows)
    return Step(says, f"{t} = [\n{body}\n]\nfor {', '.join(fields)} in {t}:\n    print({', '.join(shown)})")


def table_lookup(d: Draw) -> Step:
    _start(d)
    t, k, default = d.variable("prices", "names"), d.variable("key", "code"), f'"{d.text()}"'
    keys = _quoted(d, d.between(2, 4)) if d.chance(0.6) else [str(x) for x in d.rng.sample(range(1, 500), d.between(2, 4))]
    values = _quoted(d, len(keys)) if d.chance(0.5) else _numbers(d, len(keys))
    facts = ", ".join(f"{a} {d.pick('is', 'gives', '->', '=')} {b}" for a, b in zip(keys, values, strict=True))
    says = d.pick(
        f"Table {t}: {facts}. Print the entry for {k}, or {default} if it is missing.",
        f"Look up {k} in {t} ({facts}) and print the result, by default {default}.",
        f"Print what {t} has for {k}, else {default}. The table: {facts}.",
        f"How do I look up {k} in a table with {default} as fallback? {t} has {facts}; print it.",
    )
    return Step(
        says, f"{t} = {{{', '.join(f'{a}: {b}' for a, b in zip(keys, values, strict=True))}}}\nprint({t}.get({k}, {default}))"
    )


def table_pairs(d: Draw) -> Step:
    _start(d)
    t, a, b = d.variable("prices", "stock"), d.variable("code", "name"), d.variable("price", "count")
    (test, spoken), total = _compare(d, b, d.value()), d.variable("total")
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f"Print {a} and {b} for every entry of the dictionary {t} where {spoken}.",
            f"Go through {t} ({a}, {b}); if {spoken}, print {a} and {b}.",
            f"How do I list the entries of {t} with a condition? {a} is the key, {b} the value; print both if {spoken}.",
        )
        return Step(says, f"for {a}, {b} in {t}.items():\n    if {test}:\n        print({a}, {b})")
    if kind == 1:
        says = d.pick(
            f"Print key {a} and value {b} of each entry in {t}.",
            f"For each {a} and {b} of the dictionary {t}, print both.",
            f"List {t}: {a} and {b} on a line.",
        )
        return Step(says, f"for {a}, {b} in {t}.items():\n    print({a}, {b})")
    says = d.pick(
        f"{total} is the sum of {b} over the entries ({a}, {b}) of {t} where {spoken}. Print it.",
        f"Loop over {t} as {a}, {b}; if {spoken}, add {b} to {total} (from 0). Show {total}.",
    )
    return Step(
        says, f"{total} = 0\nfor {a}, {b} in {t}.items():\n    if {test}:\n        {total} = {total} + {b}\nprint({total})"
    )


def list_fill(d: Draw) -> Step:
    _start(d)
    t, n, v, (code, said) = d.variable("slots", "squares"), d.between(2, 200), d.pick(_value(d), "0", '""', "None"), _range(d)
    if d.chance(0.5):
        places = {d.between(0, n - 1): _value(d) for _ in range(d.between(0, 3))}
        also = "".join(f" Item {k} becomes {x}." for k, x in places.items())
        says = d.pick(
            f"Make a list {t} of {n} items, all {v}.",
            f"{t} has {n} places, each with {v}.",
            f"A list ({t}, {n} items) filled with {v}.",
            f"How do I preset a list {t} with {n} times {v}?",
        )
        return Step(says + also, "\n".join([f"{t} = [{v}] * {n}", *(f"{t}[{k}] = {x}" for k, x in places.items())]))
    a = d.variable("number", "value")
    what, told = d.pick(
        (f"{a} * {a}", f"the square of {a}"), (f"{a} * {n}", f"{a} times {n}"), (a, a), (f"{a} + {n}", f"{a} plus {n}")
    )
    says = d.pick(
        f"Fill the empty list {t}: for {a} {said} append {told}. Print {t}.",
        f"{t} collects {told} for {a} {said}; print it.",
        f"Append {told} to {t} in a loop, {a} {said}, then show {t}.",
    )
    return Step(says, f"{t} = []\nfor {a} in {code}:\n    {t}.append({what})\nprint({t})")


def list_filter(d: Draw) -> Step:
    _start(d)
    t, n, r = d.variable("orders", "values"), d.variable("order", "value"), d.variable("open", "chosen")
    test, spoken = _condition(d, n)
    if d.chance(0.4):
        says = d.pick(
            f"In one line: {r} is each {n} of {t} where {spoken}.",
            f"Comprehension: {r} from {t}, {n} only if {spoken}.",
            f"How do I pick, in one expression, each {n} from {t} where {spoken}? The new list is {r}.",
        )
        return Step(says, f"{r} = [{n} for {n} in {t} if {test}]")
    says = d.pick(
        f"Copy each {n} of {t} to a new list {r} if {spoken}; print {r}.",
        f"{r} starts empty. Loop {n} over {t}; when {spoken}, append it to {r}. Print {r}.",
        f"Print {r}, a list of those {n} in {t} where {spoken}; use a loop.",
    )
    return Step(says, f"{r} = []\nfor {n} in {t}:\n    if {test}:\n        {r}.append({n})\nprint({r})")


def dispatch_table(d: Draw) -> Step:
    """Text or number -> function."""
    _start(d)
    count, t, k, none = d.between(2, 4), d.variable("actions", "menu"), d.variable("choice", "command"), d.text()
    keys, names = (
        _quoted(d, count) if d.chance(0.5) else [str(x) for x in d.rng.sample(range(1, 99), count)],
        [d.name() for _ in range(count)],
    )
    facts = ", ".join(d.pick(f"{a} calls {b}", f"{a} -> {b}", f"{b} for {a}") for a, b in zip(keys, names, strict=True))
    says = d.pick(
        f'A table {t} maps {k} to a function: {facts}. If {k} is not in it, print "{none}".',
        f'Dispatch {k} through the dictionary {t}: {facts}; unknown: print "{none}".',
        f'How do I call a function by the value of {k}? {t}: {facts}; otherwise print "{none}".',
        f'{facts}: put this in {t}, call the one for {k}, print "{none}" when there is none.',
    )
    body = ", ".join(f"{a}: {b}" for a, b in zip(keys, names, strict=True))
    return Step(says, f'{t} = {{{body}}}\nif {k} in {t}:\n    {t}[{k}]()\nelse:\n    print("{none}")')


def dispatch_number(d: Draw) -> Step:
    """The first routine for 1, the second for 2."""
    _start(d)
    k, names, base = d.variable("choice", "key"), [d.name() for _ in range(d.between(2, 5))], d.pick(0, 1)
    out = ", ".join(names)
    if d.chance(0.5):
        first = ("zero", "one")[base]
        says = d.pick(
            f"By the number {k} call {out}; the first is for {base}.",
            f"{k} selects one of {out}, counted from {base}. Use a list index.",
            f"How do I jump to one of {out} by {k}, where {first} means the first?",
        )
        return Step(says, f"[{out}][{k}{' - 1' if base else ''}]()")
    facts = ", ".join(f"{i + base} {n}" for i, n in enumerate(names))
    says = d.pick(
        f"Depending on {k} call: {facts}.",
        f"{k} decides which routine runs: {facts}.",
        f"If-chain on {k}: {facts} (each is a call).",
    )
    return Step(says, "\n".join(f"{'elif' if i else 'if'} {k} == {i + base}:\n    {n}()" for i, n in enumerate(names)))


def menu_loop(d: Draw) -> Step:
    _start(d)
    count, k, prompt = d.between(1, 3), d.variable("choice", "answer"), d.text()
    keys, acts, bad = _quoted(d, count + 1), [_action(d) for _ in range(count)], d.text()
    facts = "; ".join(f"{a}: {b[1]}" for a, b in zip(keys, acts, strict=False))
    warn = d.chance(0.5)
    end = f'; anything else: print "{bad}"' if warn else ""
    says = d.pick(
        f'A menu in a loop: ask for {k} with "{prompt}". {facts}; {keys[-1]} ends the loop{end}.',
        f'Ask "{prompt}" again and again, answer in {k}; {facts}; stop at {keys[-1]}{end}.',
        f'Menu loop (prompt "{prompt}", variable {k}) that leaves on {keys[-1]}. Otherwise {facts}{end}.',
        f'How do I write a menu that repeats until {keys[-1]}? Prompt "{prompt}", {k}; {facts}{end}.',
    )
    lines = ["while True:", f'    {k} = input("{prompt}")', f"    if {k} == {keys[-1]}:", "        break"]
    for i, (a, b) in enumerate(zip(keys, acts, strict=False)):
        lines += [f"    {'elif' if i else 'if'} {k} == {a}:", f"        {b[0]}"]
    return Step(says, "\n".join([*lines, *(["    else:", f'        print("{bad}")'] if warn else [])]))


def menu_print(d: Draw) -> Step:
    """A list of choices, numbered, and a number asked for."""
    _start(d)
    t, k, prompt, items = d.variable("choices", "menu"), d.variable("choice", "number"), d.text(), _quoted(d, d.between(2, 5))
    out = _list(d, items)
    says = d.pick(
        f'Show the choices {out} (list {t}) numbered from 1 and ask for a number {k} with "{prompt}".',
        f'{t} has {out}. Print them with numbers from 1, then read the whole number {k}: "{prompt}".',
        f'How do I show a numbered menu? {t}: {out}; first number 1; then ask "{prompt}" for the integer {k}.',
    )
    head = f"{t} = [{', '.join(items)}]\n"
    return Step(says, f'{head}for i, item in enumerate({t}, 1):\n    print(i, item)\n{k} = int(input("{prompt}"))')


def _failing(d: Draw) -> tuple[str, str, str, str]:
    """Error, statement, its English and the target."""
    error, code, said = d.pick(*ERRORS)
    x, t, r = d.variable("text", "key"), d.variable("table", "values"), d.variable("result")
    return error, f"{r} = {code.format(x=x, t=t)}", said.format(x=x, t=t), r


def try_value(d: Draw) -> Step:
    _start(d)
    error, code, said, r = _failing(d)
    value, text = _value(d), d.text()
    also = d.chance(0.4)
    tail = d.pick(f' and print "{text}"', f' plus the message "{text}"') if also else ""
    says = d.pick(
        f"{_upper(said)} into {r}; on {error} let {r} be {value}{tail}.",
        f"{r}: {said}. If that raises {error}, use {value}{tail}.",
        f"How do I {said} safely? The result is {r}; in case of {error} it is {value}{tail}.",
        f"If a {error} comes up when you {said} for {r}, set it to {value}{tail}.",
    )
    extra = f'\n    print("{text}")' if also else ""
    return Step(says, f"try:\n    {code}\nexcept {error}:\n    {r} = {value}{extra}")


def try_routine(d: Draw) -> Step:
    """The error goes to a routine of its own."""
    _start(d)
    error, code, said, r = _failing(d)
    f, h, text = d.name(), d.name(), d.text()
    if d.chance(0.5):
        says = d.pick(
            f"{_upper(said)} into {r}; on {error} call {h}.",
            f"On {error} go to {h}: {said}, result {r}.",
            f"{h}() handles {error} when you {said} ({r}).",
        )
        return Step(says, f"try:\n    {code}\nexcept {error}:\n    {h}()")
    says = d.pick(
        f'Call {f}; if it raises {error}, call {h}, which prints "{text}".',
        f'{h} prints "{text}". It runs when {f}() ends in {error}.',
        f'Try {f}, on {error} run {h} (it prints "{text}").',
        f'Define {h} to print "{text}" and use it as the fallback for {error} in a call of {f}.',
    )
    return Step(says, f'def {h}():\n    print("{text}")\n\n\ntry:\n    {f}()\nexcept {error}:\n    {h}()')


def try_branches(d: Draw) -> Step:
    _start(d)
    f, errors = (
        d.name(),
        d.rng.sample(("ValueError", "KeyError", "OSError", "TypeError", "IndexError", "ZeroDivisionError"), d.between(1, 3)),
    )
    texts = _quoted(d, len(errors) + 2)
    good, last = d.chance(0.4), d.chance(0.5)
    facts = ", ".join(f"{d.pick('on ', 'for ', 'in case of ')}{e} print {t}" for e, t in zip(errors, texts, strict=False))
    tail = d.pick(f"; if all goes well print {texts[-2]}", f"; without an error print {texts[-2]}") if good else ""
    tail += d.pick(f"; always print {texts[-1]} at the end", f"; in any case print {texts[-1]} last") if last else ""
    says = d.pick(
        f"Call {f}; {facts}{tail}.",
        f"Try {f}(): {facts}{tail}.",
        f"How do I catch the errors of {f}? {_upper(facts)}{tail}.",
        f"Run {f} with error branches: {facts}{tail}.",
    )
    lines = ["try:", f"    {f}()"]
    for e, t in zip(errors, texts, strict=False):
        lines += [f"except {e}:", f"    print({t})"]
    lines += ["else:", f"    print({texts[-2]})"] if good else []
    return Step(says, "\n".join([*lines, *(["finally:", f"    print({texts[-1]})"] if last else [])]))


def try_reason(d: Draw) -> Step:
    _start(d)
    f, e, text, error = (
        d.name(),
        d.variable("error", "reason"),
        d.text(),
        d.pick("Exception", "ValueError", "OSError", "RuntimeError", "KeyError"),
    )
    what = "any error" if error == "Exception" else error
    says = d.pick(
        f'Call {f}; on {what} print "{text}" and the error, named {e}.',
        f'Run {f} and catch {what} as {e}; then print "{text}", {e}.',
        f'How do I show the message of {what} from {f}? Name it {e} and print it after "{text}".',
        f'Print "{text}" with {e} when {f} fails ({what} as {e}).',
    )
    return Step(says, f'try:\n    {f}()\nexcept {error} as {e}:\n    print("{text}", {e})')


def try_loop(d: Draw) -> Step:
    """Errors inside a loop: report and go on."""
    _start(d)
    t, n, f, text, error = (
        d.variable("files", "orders"),
        d.variable("file", "order"),
        d.name(),
        d.text(),
        d.pick("OSError", "ValueError", "KeyError"),
    )
    word, said = d.pick(("continue", "go on"), ("break", "stop the loop"))
    says = d.pick(
        f'For each {n} in {t} call {f} with it; on {error} print "{text}" and {n}, then {said}.',
        f'Loop {n} over {t}: {f}({n}); if {error} is raised, print "{text}", {n} and {said}.',
        f'On {error} print "{text}" with {n} and {said}; the loop calls {f}({n}) for every {n} of {t}.',
    )
    return Step(
        says, f'for {n} in {t}:\n    try:\n        {f}({n})\n    except {error}:\n        print("{text}", {n})\n        {word}'
    )


def raise_check(d: Draw) -> Step:
    _start(d)
    f, a, text, error = (
        d.name(),
        d.variable("amount", "age"),
        d.text(),
        d.pick("ValueError", "RuntimeError", "TypeError", "KeyError", "ValueError"),
    )
    test, spoken = _compare(d, a, d.value())
    if d.chance(0.4):
        says = d.pick(
            f'If {spoken}, raise {error} with the text "{text}".',
            f'Raise a {error} "{text}" when {spoken}.',
            f'How do I stop with an error if {spoken}? Use {error} and "{text}".',
            f'{error} ("{text}") as soon as {spoken}.',
        )
        return Step(says, f'if {test}:\n    raise {error}("{text}")')
    v = d.value()
    result, told = d.pick((a, a), (f"{a} * {v}", f"{a} times {v}"))
    says = d.pick(
        f'{f}({a}) raises {error} "{text}" if {spoken}; else it returns {told}.',
        f'Write {f} with parameter {a}: when {spoken}, raise {error} with "{text}"; otherwise return {told}.',
        f'A function {f} returning {told}. It checks {a} first: {error} "{text}" if {spoken}.',
    )
    return Step(says, f'def {f}({a}):\n    if {test}:\n        raise {error}("{text}")\n    return {result}')


def raise_and_catch(d: Draw) -> Step:
    _start(d)
    f, text, error, e, act = d.name(), d.text(), d.pick("ValueError", "RuntimeError"), d.variable("error", "problem"), _action(d)
    says = d.pick(
        f'{f} raises {error} with "{text}". Call it, catch the error as {e}, print {e} and {act[1]}.',
        f'Let {f} fail with {error} "{text}"; on that print the error {e}, then {act[1]}.',
        f'How do I raise {error} "{text}" in {f} and handle it outside? Catch it as {e}: print {e}, then {act[1]}.',
    )
    return Step(
        says,
        f'def {f}():\n    raise {error}("{text}")\n\n\ntry:\n    {f}()\nexcept {error} as {e}:\n    print({e})\n    {act[0]}',
    )


def input_one(d: Draw) -> Step:
    _start(d)
    n, prompt, text = d.variable("name", "answer"), d.text(), d.text()
    kind, said = d.pick(
        ("{}", "a text"),
        ("{}", "text"),
        ("int({})", "a whole number"),
        ("float({})", "a decimal number"),
        ("{}.strip()", "a text without blanks at its ends"),
        ("{}.upper()", "a text in capitals"),
    )
    says = d.pick(
        f'Ask for {n} ({said}) with the prompt "{prompt}" and print "{text}" and {n}.',
        f'Read {said} into {n}, prompt "{prompt}"; then print "{text}", {n}.',
        f'How do I ask the user for {said}? Prompt "{prompt}", variable {n}; print it after "{text}".',
        f'Print "{text}" and {n}, which the user types at "{prompt}" as {said}.',
    )
    call = kind.format(f'input("{prompt}")')
    return Step(says, f'{n} = {call}\nprint("{text}", {n})')


def input_several(d: Draw) -> Step:
    _start(d)
    names = [d.variable() for _ in range(d.between(2, 4))]
    prompts, kinds = (
        _quoted(d, len(names)),
        [d.pick(("{}", "text"), ("int({})", "whole number"), ("float({})", "decimal")) for _ in names],
    )
    facts = "; ".join(
        d.pick(f"{n} ({k}) with {p}", f"{p} for {n} ({k})", f"{n}, {k}, prompt {p}")
        for n, p, (_, k) in zip(names, prompts, kinds, strict=True)
    )
    says = d.pick(f"Ask for {facts}.", f"Input: {facts}.", f"The user enters {facts}.", f"How do I read these? {facts}.")
    return Step(says, "\n".join(f"{n} = {c.format(f'input({p})')}" for n, p, (c, _) in zip(names, prompts, kinds, strict=True)))


def input_until_valid(d: Draw) -> Step:
    _start(d)
    n, prompt, bad, a, b = d.variable("number", "age"), d.text(), d.text(), d.number(0, 90), d.number(91, 900)
    says = d.pick(
        f'Ask "{prompt}" for a whole number {n} until it is from {a} to {b}; otherwise print "{bad}".',
        f'Read {n} with "{prompt}" as an integer; repeat with the message "{bad}" as long as it is not between {a} and {b}.',
        f'Only {a} to {b} is allowed for the whole number {n}: prompt "{prompt}", message "{bad}", ask again.',
        f'How do I insist on a number from {a} to {b}? {n} is asked with "{prompt}"; a wrong one gives "{bad}".',
    )
    return Step(
        says, f'while True:\n    {n} = int(input("{prompt}"))\n    if {a} <= {n} <= {b}:\n        break\n    print("{bad}")'
    )


def input_number_safe(d: Draw) -> Step:
    _start(d)
    n, prompt, bad = d.variable("number", "amount"), d.text(), d.text()
    call, said = d.pick(("int", "a whole number"), ("float", "a decimal number"))
    says = d.pick(
        f'Ask for {n} with "{prompt}" until {said} is typed; print "{bad}" for anything else.',
        f'{n} must be {said}: prompt "{prompt}", on ValueError print "{bad}" and ask again.',
        f'How do I ask again when the input is not {said}? Prompt "{prompt}", variable {n}, message "{bad}".',
        f'Message "{bad}" and a new prompt "{prompt}" until {n} is {said}.',
    )
    return Step(
        says,
        f'while True:\n    try:\n        {n} = {call}(input("{prompt}"))\n '
        f'       break\n    except ValueError:\n        print("{bad}")',
    )


def input_allowed(d: Draw) -> Step:
    _start(d)
    n, prompt, keys, bad = d.variable("answer", "choice"), d.text(), _quoted(d, d.between(2, 4)), d.text()
    said = ", ".join(keys[:-1]) + " or " + keys[-1]
    says = d.pick(
        f'Ask "{prompt}" for {n} until the answer is {said}.',
        f'{n} may be {said} only: prompt "{prompt}", repeat while it is anything else.',
        f'How do I accept nothing but {said}? Ask for {n} with "{prompt}".',
        f'Repeat the question "{prompt}" ({n}) as long as the answer is not {said}.',
    )
    if d.chance(0.5):
        return Step(
            f'{says} Print "{bad}" before asking again.',
            f'{n} = input("{prompt}")\nwhile {n} not in ({", ".join(keys)}):\n    print("{bad}")\n    {n} = input("{prompt}")',
        )
    return Step(says, f'{n} = input("{prompt}")\nwhile {n} not in ({", ".join(keys)}):\n    {n} = input("{prompt}")')


def input_default(d: Draw) -> Step:
    _start(d)
    n, prompt, value = d.variable("name", "path"), d.text(), f'"{d.text()}"'
    says = d.pick(
        f'Ask for {n} with "{prompt}"; if nothing is typed, take {value}.',
        f'{n} from the prompt "{prompt}", default {value} when it is empty.',
        f'How do I use {value} if the user just presses Enter at "{prompt}"? The variable is {n}.',
        f'Take {value} for {n} unless something is typed at "{prompt}".',
    )
    return Step(says, f'{n} = input("{prompt}")\nif {n} == "":\n    {n} = {value}')


def input_confirm(d: Draw) -> Step:
    _start(d)
    prompt, yes, a, b = d.text(), d.pick("y", "j", "yes", "ok", d.word()), _action(d), _action(d)
    n = d.variable("answer", "reply")
    says = d.pick(
        f'Ask "{prompt}" ({n}); if the answer is "{yes}" in small or capital letters, {a[1]}, else {b[1]}.',
        f'Question "{prompt}", answer in {n}: for "{yes}", whatever the case, {a[1]}; otherwise {b[1]}.',
        f'{_upper(a[1])} only if the user answers "{yes}" to "{prompt}" ({n}, lowered first); if not, {b[1]}.',
    )
    return Step(says, f'{n} = input("{prompt}")\nif {n}.lower() == "{yes}":\n    {a[0]}\nelse:\n    {b[0]}')


def input_collect(d: Draw) -> Step:
    _start(d)
    t, n, prompt, end = d.variable("names", "lines"), d.variable("name", "line"), d.text(), d.pick("", "", d.word(), d.code())
    stop = f'"{end}"' if end else "an empty line"
    says = d.pick(
        f'Read {n} with "{prompt}" again and again and append it to {t}; stop at {stop}. Print {t}.',
        f'{t} collects every {n} typed at "{prompt}" until {stop}; then print {t}.',
        f'How do I read a list until {stop}? Prompt "{prompt}", each {n} goes to {t}; print {t} at the end.',
    )
    return Step(
        says,
        f'{t} = []\nwhile True:\n    {n} = input("{prompt}")\n    if {n} '
        f'== "{end}":\n        break\n    {t}.append({n})\nprint({t})',
    )


def screen_texts(d: Draw) -> Step:
    _start(d)
    items = [
        (d.number(0, 79), d.number(0, 24), d.pick(f'"{d.text()}"', f'"{d.text()}"', d.variable())) for _ in range(d.between(1, 4))
    ]
    style = d.pick(
        "{t} at column {c}, row {r}", "{t} in row {r}, column {c}", "row {r}, col {c}: {t}", "at ({c}, {r}) {t}", "{t} at {c},{r}"
    )
    facts, clear = "; ".join(style.format(t=t, c=c, r=r) for c, r, t in items), d.chance(0.5)
    lead = (
        d.pick("Clear the screen and show", "On a cleared screen put")
        if clear
        else d.pick("Show on the screen", "Screen:", "Put on the screen", "Place these texts on the screen:")
    )
    return Step(
        f"{lead} {facts}.",
        "\n".join([*(["screen.clear()"] if clear else []), *(f"screen.put({c}, {r}, {t})" for c, r, t in items)]),
    )


def screen_rows(d: Draw) -> Step:
    _start(d)
    t, n, c, (code, said), v = d.variable("lines", "names"), d.variable("row", "line"), d.number(0, 70), _range(d), d.text()
    if d.chance(0.5):
        says = d.pick(
            f'Put "{v}" on the screen in column {c} for each row {n} {said}.',
            f'For {n} {said}: show "{v}" at column {c}, row {n}.',
            f'How do I repeat "{v}" down the screen? Column {c}, row {n} {said}.',
        )
        return Step(says, f'for {n} in {code}:\n    screen.put({c}, {n}, "{v}")')
    r, k = d.number(0, 20), d.variable("text", "item")
    says = d.pick(
        f"Show each {k} of {t} on the screen in column {c}, one below the other, the first in row {r}; {n} is the row.",
        f"{n} starts at {r}. For each {k} in {t}: put it at column {c}, row {n}; add 1 to {n}.",
        f"List {t} on the screen from row {r} (variable {n}), column {c}, one {k} a row.",
    )
    return Step(says, f"{n} = {r}\nfor {k} in {t}:\n    screen.put({c}, {n}, {k})\n    {n} = {n} + 1")


def rule_line(d: Draw) -> Step:
    _start(d)
    mark, n, text = d.pick("-", "=", "*", "#", "+", ".", "~", "_"), d.between(3, 120), d.text()
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f'Print a line of {n} "{mark}".',
            f'{n} times "{mark}" as a rule.',
            f'How do I draw a line of "{mark}", {n} wide?',
            f'A line of "{mark}" characters, length {n}.',
        )
        return Step(says, f'print("{mark}" * {n})')
    if kind == 1:
        says = d.pick(
            f'Print "{text}" between two lines of {n} "{mark}".',
            f'A heading "{text}": above and below it {n} times "{mark}".',
            f'Frame "{text}" with a rule of "{mark}" ({n} long) before and after it.',
        )
        return Step(says, f'print("{mark}" * {n})\nprint("{text}")\nprint("{mark}" * {n})')
    says = d.pick(
        f'Print "{text}" and underline it with "{mark}", just as long.',
        f'How do I underline "{text}" with "{mark}"?',
        f'Below "{text}" print as many "{mark}" as it has letters.',
    )
    return Step(says, f'print("{text}")\nprint("{mark}" * len("{text}"))')


def box_of_marks(d: Draw) -> Step:
    _start(d)
    mark, w, h = d.pick("*", "#", "+", "=", "X"), d.between(4, 79), d.between(3, 24)
    size = d.pick(f"{w} wide and {h} high", f"width {w}, height {h}", f"W {w}, H {h}", f"{w} by {h}", f"{w} columns and {h} rows")
    if d.chance(0.4):
        says = d.pick(
            f'Print a filled box of "{mark}", {size}.',
            f'A solid block of "{mark}": {size}.',
            f'How do I fill an area ({size}) with "{mark}"?',
        )
        return Step(says, f'for i in range({h}):\n    print("{mark}" * {w})')
    says = d.pick(
        f'Print an empty box of "{mark}", {size}.',
        f'Draw a frame of "{mark}": {size}.',
        f'How do I draw the border of a box with "{mark}" ({size})?',
        f'A hollow box, {size}, drawn with "{mark}".',
    )
    return Step(
        says,
        f'print("{mark}" * {w})\nfor i in range({h} - 2):\n    print("{mark}" '
        f'+ " " * ({w} - 2) + "{mark}")\nprint("{mark}" * {w})',
    )


def columns(d: Draw) -> Step:
    _start(d)
    fields = [
        (d.variable(), d.between(4, 40), d.pick(("ljust", "left"), ("rjust", "right"), ("center", "centred")))
        for _ in range(d.between(2, 4))
    ]
    facts = ", ".join(d.pick(f"{n} ({w}, {s})", f"{n} {s} in {w}", f"{n}, {w} wide, {s}") for n, w, (_, s) in fields)
    says = d.pick(
        f"Print a line of columns: {facts}.",
        f"One line with {facts}; all are texts.",
        f"How do I line up {facts} in a row?",
        f"Columns {facts}; print them joined.",
    )
    return Step(says, "print(" + " + ".join(f"{n}.{c}({w})" for n, w, (c, _) in fields) + ")")


def date_now(d: Draw) -> Step:
    _start(d)
    n, text = d.variable("today", "stamp"), d.text()
    said, mask = d.pick(("today's date", d.pick(*MASKS)), ("the current date and time", d.pick(*TIMES)))
    if d.chance(0.5):
        says = d.pick(
            f'Put {said} in the form "{mask}" into {n} and print "{text}" and {n}.',
            f'{n} is {said} as "{mask}"; print it after "{text}".',
            f'How do I format {said} with "{mask}"? Store it in {n}; print "{text}", {n}.',
        )
        return Step(says, f'from datetime import datetime\n\n{n} = datetime.now().strftime("{mask}")\nprint("{text}", {n})')
    says = d.pick(
        f'Print {said} as "{mask}".',
        f'Show {said} with the mask "{mask}".',
        f'How do I print {said} in the form "{mask}"?',
        f'"{mask}": print {said} like this.',
    )
    return Step(says, f'from datetime import datetime\n\nprint(datetime.now().strftime("{mask}"))')


def date_given(d: Draw) -> Step:
    _start(d)
    n, y, m, day, mask = d.variable("due", "start"), d.between(1970, 2040), d.between(1, 12), d.between(1, 28), d.pick(*MASKS)
    fact = d.pick(f"year {y}, month {m}, day {day}", f"day {day}, month {m}, year {y}", f"{y}, {m}, {day}")
    says = d.pick(
        f'Make a date {n} ({fact}) and print it as "{mask}".',
        f'{n} is the date with {fact}; show it with "{mask}".',
        f'How do I print a fixed date in the form "{mask}"? It is {n}: {fact}.',
        f'Print {n} as "{mask}"; it is the date {fact}.',
    )
    return Step(says, f'from datetime import date\n\n{n} = date({y}, {m}, {day})\nprint({n}.strftime("{mask}"))')


def date_add(d: Draw) -> Step:
    _start(d)
    a, b, n, mask = d.variable("due", "end"), d.variable("start", "first"), d.number(1, 400), d.pick(*MASKS)
    (unit, sign), word = d.pick(("days", "+"), ("weeks", "+"), ("days", "-"), ("weeks", "-")), d.pick("after", "later than")
    word = word if sign == "+" else d.pick("before", "earlier than")
    says = d.pick(
        f'{a} is {n} {unit} {word} today; print it as "{mask}".',
        f'Print as "{mask}" the date {a} that is {n} {unit} {word} today.',
        f'How do I get the date {n} {unit} {word} today? Call it {a} and print it with "{mask}".',
    )
    base = "date.today()"
    if d.chance(0.4):
        says, base = f'{a} is {n} {unit} {word} {b}. Print it with the mask "{mask}".', b
        return Step(
            says, f'from datetime import timedelta\n\n{a} = {base} {sign} timedelta({unit}={n})\nprint({a}.strftime("{mask}"))'
        )
    return Step(
        says, f'from datetime import date, timedelta\n\n{a} = {base} {sign} timedelta({unit}={n})\nprint({a}.strftime("{mask}"))'
    )


def date_read(d: Draw) -> Step:
    _start(d)
    n, s, m1, m2, text, bad = (
        d.variable("day", "due"),
        d.variable("text", "entry"),
        d.pick(*MASKS[:5]),
        d.pick(*MASKS),
        d.text(),
        d.text(),
    )
    if d.chance(0.5):
        says = d.pick(
            f'Read {s} as a date with "{m1}" into {n}; if that fails (ValueError), print "{bad}".',
            f'{n} is {s} read with the mask "{m1}". On ValueError print "{bad}".',
            f'How do I check that {s} is a date of the form "{m1}"? Keep it in {n}; for a bad one print "{bad}".',
        )
        return Step(
            says,
            f"from datetime import datetime\n\ntry:\n    {n} = "
            f'datetime.strptime({s}, "{m1}")\nexcept ValueError:\n    print("{bad}")',
        )
    says = d.pick(
        f'{s} is a date as "{m1}". Read it into {n} and print "{text}" and the date as "{m2}".',
        f'Change {s} from "{m1}" to "{m2}": read it into {n} and print it after "{text}".',
        f'Print "{text}" and, in the form "{m2}", the date {n} that stands in {s} in the form "{m1}".',
    )
    return Step(
        says, f'from datetime import datetime\n\n{n} = datetime.strptime({s}, "{m1}")\nprint("{text}", {n}.strftime("{m2}"))'
    )


def date_gap(d: Draw) -> Step:
    _start(d)
    a, b, n, text, limit = (
        d.variable("start", "ordered"),
        d.variable("end", "paid"),
        d.variable("days", "delay"),
        d.text(),
        d.number(1, 90),
    )
    sign, word = d.pick((">", "more than"), (">=", "at least"), ("<", "less than"))
    says = d.pick(
        f'{n} is the number of days from {a} to {b}; if it is {word} {limit}, print "{text}".',
        f'How many days lie between {a} and {b}? Store them in {n} and print "{text}" when {n} is {word} {limit}.',
        f'Print "{text}" if there are {word} {limit} days ({n}) from {a} to {b}.',
    )
    return Step(says, f'{n} = ({b} - {a}).days\nif {n} {sign} {limit}:\n    print("{text}")')


def to_for(d: Draw) -> Step:
    """A while loop that counts."""
    _start(d)
    n, a, b, s, act = d.variable("number", "i"), d.number(0, 40), d.number(41, 300), d.pick(1, 1, d.between(2, 9)), d.text()
    down = d.chance(0.4)
    first, last, sign, op, end = (b, a, "-", ">=", "- 1") if down else (a, b, "+", "<=", "+ 1")
    step = f", -{s}" if down else f", {s}" if s > 1 else ""
    body = d.pick(f"print({n})", f'print("{act}", {n})', f'print("{act}")')
    before = f"{n} = {first}\nwhile {n} {op} {last}:\n    {body}\n    {n} = {n} {sign} {s}"
    says = d.pick(
        "Rewrite this as a for loop.",
        "Make a for loop of this.",
        "Can this be a for loop with range?",
        "Replace the while by for.",
        "Use for and range instead.",
    )
    return Step(says, f"for {n} in range({first}, {last} {end}{step}):\n    {body}", before)


def to_and(d: Draw) -> Step:
    _start(d)
    tests, act = [_condition(d, d.variable())[0] for _ in range(d.between(2, 3))], _action(d)[0]
    nested = "".join("    " * i + f"if {t}:\n" for i, t in enumerate(tests)) + "    " * len(tests) + act
    flat = f"if {' and '.join(tests)}:\n    {act}"
    if d.chance(0.4):
        return Step(
            d.pick(
                "Write this as nested ifs, without and.",
                "Split the condition into one if inside the other.",
                "Nest the conditions.",
            ),
            nested,
            flat,
        )
    return Step(
        d.pick(
            "Join the nested ifs with and.",
            "One if is enough here.",
            "Make a single condition of this.",
            "How do I write this with one if?",
        ),
        flat,
        nested,
    )


def to_elif(d: Draw) -> Step:
    """An else with an if in it."""
    _start(d)
    n = d.variable()
    keys, acts = _quoted(d, 3) if d.chance(0.5) else _numbers(d, 3), [_action(d)[0] for _ in range(4)]
    count = d.between(2, 3)
    before, code = "", ""
    for i in range(count):
        pad = "    " * i
        before += f"{pad}if {n} == {keys[i]}:\n{pad}    {acts[i]}\n{pad}else:\n"
        code += f"{'elif' if i else 'if'} {n} == {keys[i]}:\n    {acts[i]}\n"
    before += "    " * count + acts[3]
    says = d.pick(
        "Flatten this with elif.",
        "Use elif instead of the ifs inside else.",
        "Write the nested else branches as one elif chain.",
        "This gets too deep: use elif.",
    )
    return Step(says, code + f"else:\n    {acts[3]}", before)


def to_loop(d: Draw) -> Step:
    """Repeated calls become a loop over a list."""
    _start(d)
    f, items, n = (
        d.pick("print", d.name()),
        _quoted(d, d.between(3, 5)) if d.chance(0.7) else _numbers(d, d.between(3, 5)),
        "item",
    )
    if d.chance(0.4):
        n = d.variable("name", "value")
    before, tail = (
        "\n".join(f"{f}({i})" for i in items),
        d.pick(f" with the variable {n}", f"; call each one {n}") if n != "item" else "",
    )
    says = d.pick(
        "Shorten this with a loop over a list",
        "Use a loop instead of repeating the line",
        "Write it as a for loop over a list",
        "Loop instead of repeating",
    )
    return Step(f"{says}{tail}.", f"for {n} in [{', '.join(items)}]:\n    {f}({n})", before)


def to_dictionary(d: Draw) -> Step:
    """A chain of equal tests that only choose a value."""
    _start(d)
    n, r, t = d.variable("code", "kind"), d.variable("label", "price"), d.variable("table", "labels")
    keys, values, default = _quoted(d, d.between(2, 4)), _quoted(d, 4), _value(d)
    before = "\n".join(
        f"{'elif' if i else 'if'} {n} == {k}:\n    {r} = {v}" for i, (k, v) in enumerate(zip(keys, values, strict=False))
    )
    body = ", ".join(f"{k}: {v}" for k, v in zip(keys, values, strict=False))
    says = d.pick(
        f"Replace the chain by a dictionary {t}.",
        f"Use a lookup table {t} here.",
        f"Look the value up in a dictionary named {t} instead.",
        f"How would this be with a dictionary ({t})?",
    )
    return Step(says, f"{t} = {{{body}}}\n{r} = {t}.get({n}, {default})", before + f"\nelse:\n    {r} = {default}")


def to_function(d: Draw) -> Step:
    """Print lines of one form become calls."""
    _start(d)
    f, a, b, label = d.name(), d.variable("name", "code"), d.variable("count", "price"), d.text()
    rows = [(f'"{x}"', d.value()) for x in d.texts(d.between(2, 4))]
    before = "\n".join(f'print("{label}", {x}, {y})' for x, y in rows)
    says = d.pick(
        f"Make a function {f}({a}, {b}) of the repeated print and call it.",
        f"The lines are alike: write a procedure {f} with the parameters {a} and {b}.",
        f"Move the print into {f}, parameters {a} and {b}.",
    )
    return Step(
        says, f'def {f}({a}, {b}):\n    print("{label}", {a}, {b})\n\n\n' + "\n".join(f"{f}({x}, {y})" for x, y in rows), before
    )


def to_try(d: Draw) -> Step:
    _start(d)
    error, line, _, r = _failing(d)
    act, text, value = _action(d)[0], d.text(), _value(d)
    if d.chance(0.5):
        says = d.pick(
            f'Catch {error} and print "{text}".',
            f'Add error handling: on {error} print "{text}".',
            f'This may raise {error}. Print "{text}" then.',
        )
        return Step(says, f'try:\n    {line}\n    {act}\nexcept {error}:\n    print("{text}")', f"{line}\n{act}")
    says = d.pick(
        f"On {error} {r} should be {value}.",
        f"Protect the first line: {value} for {r} if {error} comes.",
        f"Add a try with the fallback {value} for {error}.",
    )
    return Step(says, f"try:\n    {line}\nexcept {error}:\n    {r} = {value}\n{act}", f"{line}\n{act}")


def to_parameter(d: Draw) -> Step:
    """A global becomes an argument and a result."""
    _start(d)
    f, n, start = d.name(), d.variable("total", "stock"), d.value()
    change = _change(d, n)[0]
    before = f"{n} = {start}\n\n\ndef {f}():\n    global {n}\n    {change}\n\n\n{f}()\nprint({n})"
    code = f"def {f}({n}):\n    {change}\n    return {n}\n\n\n{n} = {start}\n{n} = {f}({n})\nprint({n})"
    if d.chance(0.4):
        return Step(
            d.pick("Use a global instead of the parameter.", "Write this with a global variable and no parameter."), before, code
        )
    return Step(
        d.pick(
            "Get rid of the global: pass it and return it.",
            "Write this without global.",
            "Use a parameter and a return value instead of the global.",
        ),
        code,
        before,
    )


def shorten_plain(d: Draw) -> Step:
    """One assignment for several lines."""
    _start(d)
    a, b, c, x = d.variable(), d.variable(), d.variable(), d.value()
    line = d.pick("Use the short form of the assignment.", "Shorten this line.", "Write it with the operator before the =.")
    swap_line = d.pick("Swap without a third variable.", "Do this swap in one line.", "Exchange the two in one statement.")
    one = d.pick("Print all of it in one line.", "One print is enough, on one line.", "Replace the prints by a single one.")
    sign = d.pick("+", "-", "*", "/")
    says, code, before = d.pick(
        (swap_line, f"{a}, {b} = {b}, {a}", f"{c} = {a}\n{a} = {b}\n{b} = {c}"),
        (line, f"{a} {sign}= {x}", f"{a} = {a} {sign} {x}"),
        (one, f"print({a}, {b}, {c})", f'print({a}, end=" ")\nprint({b}, end=" ")\nprint({c})'),
    )
    return Step(says, code, before)


def shorten_if(d: Draw) -> Step:
    """An if that is not needed."""
    _start(d)
    a, b = d.variable(), d.variable()
    test, v, w = _condition(d, b)[0], _value(d), _value(d)
    line = d.pick("Make one line of this if.", "Use a conditional expression.", "Choose the value in one statement.")
    flag = d.pick("Simplify this: no if is needed.", "Assign the condition itself.", "How can this do without the if?")
    result = d.pick("Return the condition itself.", "Simplify the function.", "The if in the function is not needed.")
    says, code, before = d.pick(
        (line, f"{a} = {v} if {test} else {w}", f"if {test}:\n    {a} = {v}\nelse:\n    {a} = {w}"),
        (flag, f"{a} = {test}", f"if {test}:\n    {a} = True\nelse:\n    {a} = False"),
        (result, f"def {a}({b}):\n    return {test}", f"def {a}({b}):\n    if {test}:\n        return True\n    return False"),
    )
    return Step(says, code, before)


def shorten_loop(d: Draw) -> Step:
    """A built-in function or a plainer loop."""
    _start(d)
    a, b, c = d.variable(), d.variable(), d.variable()
    test = _condition(d, b)[0]
    total = d.pick("Use sum here.", "There is a built-in function for this.", "This adds up a list: use the built-in.")
    chosen = d.pick("Use a comprehension.", "Write the loop as a list comprehension.", "Build the list in one line.")
    direct = d.pick("Loop over the list directly.", "No index is needed here: loop over the items.") + f" Call each one {b}."
    says, code, before = d.pick(
        (total, f"{a} = sum({b})", f"{a} = 0\nfor {c} in {b}:\n    {a} = {a} + {c}"),
        (chosen, f"{a} = [{b} for {b} in {c} if {test}]", f"{a} = []\nfor {b} in {c}:\n    if {test}:\n        {a}.append({b})"),
        (direct, f"for {b} in {c}:\n    print({b})", f"for i in range(len({c})):\n    print({c}[i])"),
    )
    return Step(says, code, before)


def rename(d: Draw) -> Step:
    _start(d)
    old, new, other, x, y = d.variable(), d.variable(), d.variable(), d.value(), d.value()
    form = d.pick(
        "{n} = {x}\n{o} = {n} * {y}\nprint({n}, {o})",
        "for {n} in range({x}):\n    print({n})\n    {o} = {n}",
        "{n} = {x}\nwhile {n} < {y}:\n    {n} = {n} + {o}\nprint({n})",
        "def {o}({n}):\n    return {n} + {x}\n\n\nprint({o}({y}))",
        "{n} = input()\nif {n} == {o}:\n    print({n})",
        "{o} = {x}\n{n} = {o} - {y}\nprint({n})",
    )
    x = x.split(".")[0]
    says = d.pick(
        f"Rename {old} to {new}.",
        f"Call {old} {new} instead.",
        f"{old} should be named {new}.",
        f"Use the name {new} for {old} everywhere.",
    )
    return Step(says, form.format(n=new, o=other, x=x, y=y), form.format(n=old, o=other, x=x, y=y))


def change_value(d: Draw) -> Step:
    """One value of a program is replaced, all else stays."""
    _start(d)
    n, a, b = d.variable(), d.between(2, 400), d.between(401, 900)
    t, old, new = d.text(), *d.texts(2)
    act = d.variable()
    before = f'{n} = {a}\nwhile {n} > {d.between(0, 1)}:\n    print("{old}", {n})\n    {n} = {n} - 1\nprint("{t} {act}")'
    if d.chance(0.5):
        says = d.pick(
            f"Start at {b}.",
            f"{n} should start at {b}, not {a}.",
            f"Change the start value of {n} to {b}.",
            f"Let it begin with {b}.",
        )
        return Step(says, before.replace(f"{n} = {a}\n", f"{n} = {b}\n", 1), before)
    says = d.pick(
        f'Write "{new}" in place of "{old}".', f'The text "{old}" should be "{new}".', f'Print "{new}" instead of "{old}".'
    )
    return Step(says, before.replace(f'"{old}"', f'"{new}"', 1), before)


def mend_syntax(d: Draw) -> Step:
    _start(d)
    (test, _), text, n, (code, _), f = _condition(d, d.variable()), d.text(), d.variable(), _range(d), d.name()
    act = _action(d)[0]
    if_code, for_code, def_code = (
        f'if {test}:\n    print("{text}")\nelse:\n    {act}',
        f'for {n} in {code}:\n    print("{text}", {n})',
        f'def {f}({n}):\n    print("{text}", {n})\n\n\n{f}(5)',
    )
    right, wrong, told = d.pick(
        (if_code, if_code.replace(f"if {test}:", f"if {test}"), "colon"),
        (if_code, if_code.replace("else:", "else"), "colon"),
        (for_code, for_code.replace(f"{code}:", code), "colon"),
        (def_code, def_code.replace(f"({n}):", f"({n})"), "colon"),
        (if_code, if_code.replace(f'"{text}")', f'"{text}"'), "bracket"),
        (for_code, for_code.replace(f", {n})", f", {n}"), "bracket"),
        (if_code, if_code.replace(f'"{text}")', f'"{text})'), "quote"),
        (for_code, for_code.replace(f'("{text}"', f'({text}"'), "quote"),
        (for_code, for_code.replace("    ", ""), "indent"),
        (def_code, def_code.replace("    print", "print"), "indent"),
        (if_code, if_code.replace("    print", "print"), "indent"),
    )
    says = d.pick(
        "This does not compile. Mend it.",
        "There is a syntax error here.",
        f"The {told} is missing.",
        "Fix the syntax error.",
        f"What is wrong? I think a {told} is missing.".replace("a indent", "an indent"),
    )
    return Step(says, right, wrong)


def mend_logic(d: Draw) -> Step:
    """A loop or routine that runs but does the wrong thing."""
    _start(d)
    n, k, t, a, text = d.variable("count", "number"), d.variable("total", "sum"), d.variable("values"), d.number(2, 300), d.text()
    loop = f"{n} = 0\nwhile {n} < {a}:\n    print({n})\n    {n} = {n} + 1"
    add = f"{k} = 0\nfor {n} in {t}:\n    {k} = {k} + {n}\nprint({k})"
    ask = f'{n} = int(input("{text}"))\nif {n} > {a}:\n    print({n})'
    f = d.name()
    call = f"def {f}({n}):\n    return {n} * {a}\n\n\nprint({f}({t}))"
    change = f"{k} = 0\n\n\ndef {f}():\n    global {k}\n    {k} = {k} + {a}\n\n\n{f}()\nprint({k})"
    right, wrong, told = d.pick(
        (loop, loop.rsplit("\n", 1)[0], "The loop never ends."),
        (loop, loop.replace("+ 1", "- 1"), "The loop never ends."),
        (loop, loop.split("\n", 1)[1], f"{n} has no start value."),
        (add, add.replace(f"+ {n}", f"+ {k}"), f"It does not add {n}."),
        (add, add.split("\n", 1)[1], f"{k} is not defined."),
        (add, add.replace(f"    {k} = {k} + {n}", f"    {k} = {n}"), f"{k} is only the last value, not the sum."),
        (add, add.replace(f"\nprint({k})", f"\n    print({k})"), f"Print {k} once only, after the loop."),
        (ask, ask.replace(f'int(input("{text}"))', f'input("{text}")'), "It compares a text with a number."),
        (ask, ask.replace(" > ", " < "), f"It should print {n} above {a}."),
        (call, call.replace("return ", "print(").replace(f"* {a}\n", f"* {a})\n"), f"{f} must return the value."),
        (call, call.replace(f"return {n} * {a}", f"{n} * {a}"), "It prints None."),
        (change, change.replace(f"    global {k}\n", ""), f"{k} stays local in {f}."),
        (change, change.replace(f"{f}()\nprint", "print"), f"{f} is never called."),
    )
    return Step(
        d.pick(f"{told} Mend it.", f"Why? {told}", f"Fix this: {told}", f"{told} Show the right program.", told), right, wrong
    )


def mend_name(d: Draw) -> Step:
    """A name is misspelt once."""
    _start(d)
    n, other, x, text = d.name(), d.variable(), d.value(), d.text()
    right = d.pick(
        f'{n} = {x}\n{other} = {n} * 2\nprint("{text}", {n})',
        f'{n} = {x}\nif {n} > {other}:\n    print("{text}", {n})',
        f'{n} = input("{text}")\nprint({n})',
        f"def {n}({other}):\n    return {other}\n\n\nprint({n}({x}))",
    )
    k = d.between(1, len(n) - 1)
    bad = d.pick(n[:k] + n[k - 1] + n[k:], n[:k] + n[k + 1 :], n + d.pick("s", "_", "1"))
    if bad in (*keyword.kwlist, *TAKEN):
        bad = n + "s"
    head, tail = right.rsplit(n, 1)
    wrong = head + bad + tail
    says = d.pick(
        f"{n} is misspelt once. Correct it.",
        "It says that a name is not defined.",
        "NameError: mend the spelling.",
        f"Find the wrong spelling of {n}.",
        "One name is misspelt. Put it right.",
    )
    return Step(says, right, wrong)


def finish_use(d: Draw) -> Step:
    """A half-written program gets its last line; the whole is shown."""
    _start(d)
    f, a, b, x, y = d.name(), d.variable(), d.variable(), d.value(), d.value()
    op, said = d.pick(("+", "the sum"), ("*", "the product"), ("-", "the difference"))
    if d.chance(0.5):
        before = f"def {f}({a}, {b}):\n    return {a} {op} {b}"
        says = d.pick(
            f"Now call it with {x} and {y} and print the result.",
            f"Add a call for {x}, {y}; print what it returns.",
            f"Print the function's value for {x} and {y}.",
        )
        return Step(says, f"{before}\n\n\nprint({f}({x}, {y}))", before)
    before = f"{a} = {x}\n{b} = {y}"
    says = d.pick(f"Print {said} of the two.", f"Add a line that prints {said} of {a} and {b}.", f"Now print {said}.")
    return Step(says, f"{before}\nprint({a} {op} {b})", before)


def finish_loop(d: Draw) -> Step:
    """A loop gets a way out and a line after it."""
    _start(d)
    a, b = d.variable(), d.variable()
    (test, spoken), (act, told) = _condition(d, a), _action(d)
    before = f"for {a} in {b}:\n    print({a})"
    word, how = d.pick(("break", "leave the loop"), ("continue", "go on with the next one"))
    says = d.pick(
        f"Before the print, {how} if {spoken}; after the loop {told}.",
        f"Add: if {spoken}, {how}, before printing. At the end {told}.",
        f"After the loop {told}; and {how} when {spoken}, ahead of the print.",
    )
    return Step(says, f"for {a} in {b}:\n    if {test}:\n        {word}\n    print({a})\n{act}", before)


def add_else(d: Draw) -> Step:
    _start(d)
    test, a, (act, told) = _condition(d, d.variable())[0], _action(d)[0], _action(d)
    before, n = f"if {test}:\n    {a}", d.variable()
    more, spoken = _condition(d, n)
    if d.chance(0.5):
        return Step(
            d.pick(f"Otherwise {told}.", f"Add an else: {told}.", f"If not, {told}.", f"In the other case {told}."),
            f"{before}\nelse:\n    {act}",
            before,
        )
    return Step(
        d.pick(f"If not, but {spoken}, {told}.", f"Add an elif: when {spoken}, {told}.", f"Or else, if {spoken}, {told}."),
        f"{before}\nelif {more}:\n    {act}",
        before,
    )


def order_report(d: Draw) -> Step:
    """A list of lines with price and count; total, discount above a limit, printed with a label."""
    _start(d)
    t, p, c, s = d.variable("lines", "items"), d.variable("price"), d.variable("count"), d.variable("total")
    rows, limit, off, text = (
        [f"{d.value()}, {d.between(1, 60)}" for _ in range(d.between(2, 4))],
        d.number(50, 900),
        d.between(1, 40),
        d.text(),
    )
    facts = "; ".join(rows)
    says = d.pick(
        f"{t} has {p} and {c}: {facts}. Add {p} times {c} to {s}. If {s} is "
        f'above {limit}, take {off} percent off. Print "{text}" and {s}.',
        f'Print "{text}" and {s}: the sum of {p} * {c} over {t} ({facts}), less {off} percent if {s} is more than {limit}.',
        f'Order lines {t} ({p}, {c}): {facts}. Total in {s}; over {limit} minus {off} percent; show it after "{text}".',
    )
    body = "\n".join(f"    ({r})," for r in rows)
    code = f"{t} = [\n{body}\n]\n{s} = 0\nfor {p}, {c} in {t}:\n    {s} = {s} + {p} * {c}"
    code += f'\nif {s} > {limit}:\n    {s} = {s} - {s} * {off} / 100\nprint("{text}", {s})'
    return Step(says, code)


def guess_loop(d: Draw) -> Step:
    """Input, comparison, counter, leaving the loop."""
    _start(d)
    secret, n, k, prompt = d.variable("secret", "goal"), d.variable("guess", "number"), d.variable("tries", "count"), d.text()
    value, (low, high, hit) = d.number(1, 900), d.texts(3)
    says = d.pick(
        f'{secret} is {value}. Ask for the whole number {n} with "{prompt}" and count the tries in '
        f'{k}. Too small: print "{low}"; too large: "{high}"; right: "{hit}" with {k}, and stop.',
        f'Guessing loop: {secret} = {value}, prompt "{prompt}" for {n} (integer), counter '
        f'{k}. Below: "{low}", above: "{high}", else print "{hit}" and {k} and leave.',
        f'Let the user guess {secret} ({value}) with "{prompt}" into the integer {n}; "{low}" if '
        f'smaller, "{high}" if greater. On a hit print "{hit}", {k} (the number of tries) and break.',
    )
    code = f"{secret} = {value}\n{k} = 0\nwhile True:"
    code += f'\n    {n} = int(input("{prompt}"))\n    {k} = {k} + 1\n    if {n} < {secret}:\n        print("{low}")\n'
    return Step(
        says, code + f'    elif {n} > {secret}:\n        print("{high}")\n    else:\n        print("{hit}", {k})\n        break'
    )


def running_total(d: Draw) -> Step:
    """Every step is shown, the loop ends at a limit."""
    _start(d)
    t, n, s, limit, text = (
        d.variable("payments", "loads"),
        d.variable("payment", "load"),
        d.variable("total"),
        d.number(20, 5000),
        d.text(),
    )
    sign, word = d.pick((">", "above"), (">=", "at least"))
    says = d.pick(
        f"Add each {n} of {t} to {s} (from 0) and print {n} and {s}; "
        f'once {s} is {word} {limit}, print "{text}" and leave the loop.',
        f'Running total {s} over {t}: for every {n} print {n} and {s}. Stop with "{text}" when {s} is {word} {limit}.',
        f"How do I stop adding up {t} at a limit? {s} starts at 0, {n} is one of "
        f'them, print {n}, {s}; if {s} is {word} {limit} say "{text}", break.',
    )
    code = f"{s} = 0\nfor {n} in {t}:\n    {s} = {s} + {n}\n    print({n}, {s})\n    if {s} {sign} {limit}:"
    return Step(says, f'{code}\n        print("{text}")\n        break')


def limited_tries(d: Draw) -> Step:
    """A fixed number of attempts with for and else."""
    _start(d)
    n, prompt, tries, word = d.variable("password", "answer"), d.text(), d.between(2, 9), d.code()
    good, bad = d.texts(2)
    says = d.pick(
        f'Ask "{prompt}" for {n} at most {tries} times. If it is "{word}", '
        f'print "{good}" and stop; after the last try print "{bad}".',
        f'{tries} tries to type "{word}" at the prompt "{prompt}" ({n}): '
        f'a hit prints "{good}" and ends the loop, no hit prints "{bad}".',
        f'Print "{bad}" if {n} was not "{word}" in {tries} attempts, otherwise "{good}" at once; the prompt is "{prompt}".',
        f'How do I allow {tries} attempts? Prompt "{prompt}", variable {n}, '
        f'right is "{word}": "{good}", break. Else, at the end, "{bad}".',
    )
    code = (
        f'for i in range({tries}):\n    {n} = input("{prompt}")\n    if {n} == "{word}":\n        print("{good}")\n        break'
    )
    return Step(says, f'{code}\nelse:\n    print("{bad}")')


def stock_change(d: Draw) -> Step:
    """A table entry goes up or down, or is made."""
    _start(d)
    t, k, c, text = d.variable("stock", "counts"), d.variable("code", "part"), d.value(), d.text()
    sign, word, to = d.pick(("+", "add", "to"), ("-", "subtract", "from"))
    start = d.number(0, 90)
    if d.chance(0.5):
        says = d.pick(
            f'If {k} is in {t}, {word} {c} {to} its entry, otherwise print "{text}".',
            f'{_upper(word)} {c} {to} the entry of {t} for {k}; when {k} is missing, print "{text}".',
            f'Print "{text}" unless {k} is in {t}; if it is, {word} {c} {to} {t}[{k}].',
        )
        return Step(says, f'if {k} in {t}:\n    {t}[{k}] = {t}[{k}] {sign} {c}\nelse:\n    print("{text}")')
    says = d.pick(
        f"If {k} is not yet in {t}, enter it with {start}. Then {word} {c} {to} it.",
        f"New keys of {t} start at {start}: do that for {k} if needed, then {word} {c} {to} its entry.",
        f"{_upper(word)} {c} {to} {t}[{k}]; a missing {k} must first be set to {start}.",
    )
    return Step(says, f"if {k} not in {t}:\n    {t}[{k}] = {start}\n{t}[{k}] = {t}[{k}] {sign} {c}")


def split_average(d: Draw) -> Step:
    """Two counts and two sums by one condition."""
    _start(d)
    t, n, a, b = (
        d.variable("marks", "weights"),
        d.variable("mark", "weight"),
        d.variable("high", "heavy"),
        d.variable("low", "light"),
    )
    test, spoken = _compare(d, n, d.value())
    what, told = d.pick(("1", "count"), (n, "add up"))
    says = d.pick(
        f"Go through {t} as {n} and {told} in {a} if {spoken}, else in {b}; both start at 0. Print {a} and {b}.",
        f"{a} and {b} are 0. For each {n} in {t}: {told} it in {a} when {spoken}, otherwise in {b}. Show {a} and {b}.",
        f"How do I {told} two groups of {t}? {a} for every {n} if {spoken}, {b} for the others, both from 0; print {a}, {b}.",
    )
    code = f"{a} = 0\n{b} = 0\nfor {n} in {t}:\n    if {test}:\n        {a} = {a} + {what}\n    else:\n        {b} = {b} + {what}"
    return Step(says, f"{code}\nprint({a}, {b})")


def function_loop(d: Draw) -> Step:
    """A function walks through a list and returns at the first hit."""
    _start(d)
    f, t, n, other, given = d.name(), d.variable("rows", "names"), d.variable("row", "name"), _value(d), d.variable()
    test, spoken = _condition(d, n)
    says = d.pick(
        f"{f}({t}) returns the first {n} of {t} where {spoken}, or {other} when there is none. Print it for {given}.",
        f"Write a function {f} with the parameter {t}: loop with {n}, return {n} "
        f"as soon as {spoken}, after the loop return {other}. Print {f}({given}).",
        f"Print {f}({given}): the function gives back the first {n} in its list {t} where {spoken}, else {other}.",
    )
    code = f"def {f}({t}):\n    for {n} in {t}:\n        if {test}:\n            return {n}\n    return {other}"
    return Step(says, f"{code}\n\n\nprint({f}({given}))")


IDIOMS: Sequence[Callable[[Draw], Step]] = (
    assign_one, assign_print_order, print_mixed, print_separator, print_same_line, print_lines, swap, swap_helper,
    assign_same, copy_value, formula_two, formula_three, percentage, divide_rest, divisible, round_value, round_formula,
    absolute, counter, change_in_place, larger_of_two, keep_inside, if_one, if_else, if_bands, if_cases, if_joined, if_not,
    if_mixed, if_between, if_one_of, choose_value, flag_value, if_nested, loop_range, repeat_times, loop_collect, loop_list,
    loop_numbered, loop_pairs, loop_backwards, while_steps, while_two, do_until, find_first, skip_or_stop, nested_loops,
    nested_table, count_matching, sum_by_loop, best_by_loop, figures, figure_named, safe_average, function_one,
    function_several, function_prints, function_default, call_named, return_by_case, return_truth, return_two, sub_global,
    sub_global_result, routines_in_order, table_walk, table_lookup, table_pairs, list_fill, list_filter, dispatch_table,
    dispatch_number, menu_loop, menu_print, try_value, try_routine, try_branches, try_reason, try_loop, raise_check,
    raise_and_catch, input_one, input_several, input_until_valid, input_number_safe, input_allowed, input_default,
    input_confirm, input_collect, screen_texts, screen_rows, rule_line, box_of_marks, columns, date_now, date_given,
    date_add, date_read, date_gap, to_for, to_and, to_elif, to_loop, to_dictionary, to_function, to_try, to_parameter,
    shorten_plain, shorten_if, shorten_loop, rename, change_value, mend_syntax, mend_logic, mend_name, finish_use,
    finish_loop, add_else, order_report, guess_loop, running_total, limited_tries, stock_change, split_average,
    function_loop,
)  # fmt: skip
