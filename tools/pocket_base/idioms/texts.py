"""Texts and collections: cutting, joining, searching, checking and laying out texts; lists, sets, tuples and dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps

from idioms.draw import Draw, Step

COMPARISONS = (
    (">", ("above {v}", "more than {v}", "greater than {v}", "over {v}")),
    (">=", ("at least {v}", "{v} or more", "not below {v}")),
    ("<", ("below {v}", "less than {v}", "under {v}")),
    ("<=", ("at most {v}", "no more than {v}", "{v} or less")),
    ("==", ("equal to {v}", "exactly {v}")),
    ("!=", ("not {v}", "other than {v}", "different from {v}")),
)
BUILTINS = frozenset(
    (
        "all",
        "any",
        "bin",
        "bytes",
        "chr",
        "dict",
        "enumerate",
        "filter",
        "float",
        "format",
        "hash",
        "hex",
        "id",
        "iter",
        "list",
        "map",
        "max",
        "min",
        "next",
        "object",
        "open",
        "ord",
        "pow",
        "round",
        "set",
        "slice",
        "sorted",
        "string",
        "sum",
        "tuple",
        "type",
        "vars",
        "zip",
    )
)
MARKS = (",", ";", "|", "/", ":", "-", "#", "\\t", "_", "=", "+", "*")
FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%H:%M", "%d-%b-%Y", "%d %B %Y", "%y%m%d", "%H:%M:%S", "%A")
MARK_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "|": "bar",
    "/": "slash",
    ":": "colon",
    "-": "hyphen",
    "\\t": "tab",
    "_": "underscore",
}


def _and(items: Sequence[str], last: str = " and ") -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + last + items[-1]


def _quote(texts: Sequence[str]) -> list[str]:
    return [f'"{t}"' for t in texts]


def _join(first: str, then: str) -> str:
    """A sentence after an introduction; lower case after a colon or semicolon."""
    keep = then.startswith("I ") or not first.endswith(("; ", ": ", ", "))
    return first + (then if keep else then[:1].lower() + then[1:])


def _decimals(n: int) -> str:
    return f"{n} decimal{'s' if n > 1 else ''}"


def _ordinal(n: int) -> str:
    return f"{n}{ {2: 'nd', 3: 'rd'}.get(n, 'th') }".replace(" ", "")


def _guard(idiom: Callable[[Draw], Step]) -> Callable[[Draw], Step]:
    """The idiom, with the names of the functions that it calls kept out of its variables."""

    @wraps(idiom)
    def guarded(d: Draw) -> Step:
        d.used.update(BUILTINS)
        return idiom(d)

    return guarded


def _given(d: Draw, name: str, value: str) -> str:
    return d.pick(
        f"{name} is {value}. ",
        f"{name} = {value}; ",
        f"Put {value} into {name}. ",
        f"Set {name} to {value}. ",
        f"With {name} = {value}: ",
        f"Start with {name} = {value}. ",
        f"Given {name} = {value}, ",
    )


def _compare(d: Draw, subject: str, code: str, value: str | int) -> tuple[str, str]:
    """A comparison in English and in code."""
    operator, spoken = d.pick(*COMPARISONS)
    return f"{subject} is {d.pick(*spoken).format(v=value)}", f"{code} {operator} {value}"


def _use(d: Draw, noun: str, expression: str, name: str = "", value: str = "") -> Step:
    """Print, keep or return what the expression makes; the noun names it in English."""
    intro, lines = "", ""
    if value and d.chance(0.5):
        intro, lines = _given(d, name, value), f"{name} = {value}\n"
    kind, target = d.between(0, 6 if name and not lines else 4), d.variable()
    if kind == 0:
        says = d.pick(
            f"Print {noun}.", f"Show {noun}.", f"Print out {noun}.", f"How do I print {noun}?", f"I need {noun} on the screen."
        )
        return Step(_join(intro, says), f"{lines}print({expression})")
    if kind == 1:
        says = d.pick(
            f"Store {noun} in {target}.",
            f"{target} = {noun}.",
            f"Let {target} be {noun}.",
            f"{target} gets {noun}.",
            f"Put {noun} into {target}.",
        )
        return Step(_join(intro, says), f"{lines}{target} = {expression}")
    if kind in {2, 3, 4}:
        return _show(d, intro, lines, noun, expression)
    return _function(d, noun, expression, name, value)


def _show(d: Draw, intro: str, lines: str, noun: str, expression: str) -> Step:
    target, label = d.variable(), d.text()
    if d.chance(0.65):
        says = d.pick(
            f"Store {noun} in {target} and print {target}.",
            f"{target} = {noun}; print it.",
            f"Keep {noun} as {target}, then print it.",
            f"How do I get {noun}? Put it into {target} and print that.",
            f"To see {noun}, store it in {target} and print it.",
        )
        return Step(_join(intro, says), f"{lines}{target} = {expression}\nprint({target})")
    says = d.pick(
        f'Print "{label}" and {noun}.',
        f'Print {noun} after the text "{label}".',
        f'Show "{label}", then {noun}.',
        f'print "{label}", {noun}',
    )
    return Step(_join(intro, says), f'{lines}print("{label}", {expression})')


def _function(d: Draw, noun: str, expression: str, name: str, value: str) -> Step:
    function = d.name()
    says = d.pick(
        f"Write a function {function}({name}) that returns {noun}",
        f"Define {function} with the parameter {name}; it returns {noun}",
        f"A function {function} of {name} should give back {noun}",
        f"def {function}({name}): return {noun}",
    )
    code = f"def {function}({name}):\n    return {expression}"
    if value and d.chance(0.5):
        says += d.pick(
            f". Print the result for {value}",
            f". Call it with {value} and print what comes back",
            f"; print {function} of {value}",
        )
        code += f"\n\n\nprint({function}({value}))"
    return Step(says + ".", code)


def _decide(d: Draw, said: str, condition: str, name: str = "", value: str = "") -> Step:
    """Do something that depends on a condition."""
    intro, lines = "", ""
    if value and d.chance(0.35):
        intro, lines = _given(d, name, value), f"{name} = {value}\n"
    kind, (yes, no) = d.between(0, 5 if name and not lines else 4), d.texts(2)
    if kind == 0:
        says = d.pick(
            f'If {said}, print "{yes}".',
            f'Print "{yes}" if {said}.',
            f'Print "{yes}", but only when {said}.',
            f'"{yes}" is to be printed when {said}.',
        )
        return Step(_join(intro, says), f'{lines}if {condition}:\n    print("{yes}")')
    if kind in {1, 2}:
        says = d.pick(
            f'If {said}, print "{yes}", otherwise "{no}".',
            f'Print "{yes}" if {said} and "{no}" if not.',
            f'Check whether {said}: "{yes}" or else "{no}".',
            f'How do I test that {said}? Print "{yes}" if so, else "{no}".',
            f'When {said}: print "{yes}". In all other cases: print "{no}".',
        )
        return Step(_join(intro, says), f'{lines}if {condition}:\n    print("{yes}")\nelse:\n    print("{no}")')
    if kind in {3, 4}:
        return _flag(d, intro, lines, said, condition)
    return _check(d, said, condition, name)


def _check(d: Draw, said: str, condition: str, name: str) -> Step:
    function = d.name()
    says = d.pick(
        f"Write {function}({name}), which returns True if {said}.",
        f"Function {function} with the parameter {name}: True when {said}, False otherwise.",
        f"Define a check {function}({name}) that says whether {said}.",
    )
    return Step(says, f"def {function}({name}):\n    return {condition}")


def _flag(d: Draw, intro: str, lines: str, said: str, condition: str) -> Step:
    """Keep the outcome of a condition."""
    target, (yes, no) = d.variable(), d.texts(2)
    if d.chance(0.5):
        says = d.pick(
            f"{target} tells whether {said}.",
            f"Set {target} to True if {said}, else to False.",
            f"Store in {target} whether {said}.",
        )
        return Step(_join(intro, says), f"{lines}{target} = {condition}")
    one, two = d.pick((f'"{yes}"', f'"{no}"'), (str(d.number()), str(d.number())))
    says = d.pick(f"{target} is {one} if {said}, else {two}.", f"Set {target} to {one} when {said} and to {two} when not.")
    return Step(_join(intro, says), f"{lines}if {condition}:\n    {target} = {one}\nelse:\n    {target} = {two}")


def _test(d: Draw, name: str) -> tuple[str, str]:
    """A condition about a text, in English and in code."""
    mark, n, end = (
        d.pick(d.code(), d.word(), d.pick(*"-/#*XYZ")),
        d.between(2, 12),
        d.pick(d.code(), "." + d.pick("csv", "txt", "log")),
    )
    compared = _compare(d, f"the length of {name}", f"len({name})", n)
    return d.pick(
        (d.pick(f'{name} starts with "{mark}"', f'{name} begins with "{mark}"'), f'{name}.startswith("{mark}")'),
        (d.pick(f'{name} ends with "{end}"', f'{name} ends in "{end}"'), f'{name}.endswith("{end}")'),
        (f'{name} does not start with "{mark}"', f'not {name}.startswith("{mark}")'),
        (d.pick(f'{name} contains "{mark}"', f'"{mark}" is in {name}'), f'"{mark}" in {name}'),
        (d.pick(f'{name} does not contain "{mark}"', f'there is no "{mark}" in {name}'), f'"{mark}" not in {name}'),
        (d.pick(f'{name} is "{mark}"', f'{name} equals "{mark}"'), f'{name} == "{mark}"'),
        (d.pick(f'{name} is not "{mark}"', f'{name} differs from "{mark}"'), f'{name} != "{mark}"'),
        compared,
        (f"{name} has {n} characters", f"len({name}) == {n}"),
        (d.pick(f"{name} has only digits", f"{name} is all digits"), f"{name}.isdigit()"),
        (f"{name} has only letters", f"{name}.isalpha()"),
        (f"{name} is in upper case", f"{name}.isupper()"),
        (d.pick(f"{name} is empty", f"{name} is an empty text"), f'{name} == ""'),
    )


def _change(d: Draw, name: str) -> tuple[str, str]:
    """Something made of a text: English and code."""
    a, b, n, fill = (
        d.pick("-", " ", ".", ",", d.word()),
        d.pick("", "_", "/", d.word()),
        d.between(2, 30),
        d.pick("*", ".", "0", "_", "-"),
    )
    return d.pick(
        (f"{name} in upper case", f"{name}.upper()"),
        (f"{name} in lower case", f"{name}.lower()"),
        (f"{name} in title case", f"{name}.title()"),
        (f"{name} backwards", f"{name}[::-1]"),
        (f"the length of {name}", f"len({name})"),
        (f"the first {n} characters of {name}", f"{name}[:{n}]"),
        (f"the last {n} characters of {name}", f"{name}[-{n}:]"),
        (f"{name} without blanks at its ends", f"{name}.strip()"),
        (f'{name} with "{a}" replaced by "{b}"', f'{name}.replace("{a}", "{b}")'),
        (f'{name} right-justified to {n} with "{fill}"', f'{name}.rjust({n}, "{fill}")'),
        (f'{name} left-justified to {n} with "{fill}"', f'{name}.ljust({n}, "{fill}")'),
        (f'{name} between "{a}" and "{fill}"', f'"{a}" + {name} + "{fill}"'),
    )


def _number_list(d: Draw) -> str:
    return "[" + ", ".join(d.value() for _ in range(d.between(2, 6))) + "]"


def _list(d: Draw, low: int = 2, high: int = 5) -> tuple[list[str], str]:
    """Texts, and the list of them in code."""
    texts = d.texts(d.between(low, high))
    return texts, "[" + ", ".join(_quote(texts)) + "]"


def _items_said(d: Draw, name: str, texts: Sequence[str]) -> str:
    """A list in English."""
    quoted = _quote(texts)
    return d.pick(
        f"{name} is a list of {_and(quoted)}. ",
        f"Make a list {name} with {_and(quoted)}. ",
        f"{name} = [{', '.join(quoted)}]. ",
        f"The list {name} holds {', '.join(quoted)}. ",
        f"Put {_and(quoted)} into the list {name}. ",
        f"{name} ({', '.join(quoted)}): ",
    )


# Cutting


def slice_part(d: Draw) -> Step:
    name, a, n, b = d.variable("text", "line", "code"), d.between(0, 30), d.between(2, 20), d.between(31, 60)
    noun, code = d.pick(
        (
            d.pick(f"the {n} characters of {name} from position {a}", f"{n} characters of {name}, starting at position {a}"),
            f"{name}[{a}:{a} + {n}]",
        ),
        (
            d.pick(
                f"the part of {name} from {a} up to but not including {b}", f"{name} from position {a} to before position {b}"
            ),
            f"{name}[{a}:{b}]",
        ),
        (d.pick(f"positions {a} to {b} of {name}", f"{name} from position {a} through {b}"), f"{name}[{a}:{b} + 1]"),
        (d.pick(f"the rest of {name} from position {a}", f"everything in {name} from position {a} on"), f"{name}[{a}:]"),
        (d.pick(f"{name} up to position {b} (not included)", f"everything in {name} before position {b}"), f"{name}[:{b}]"),
    )
    return _use(d, noun, code, name, f'"{d.phrase()}"')


def slice_ends(d: Draw) -> Step:
    name, n, m = d.variable("text", "key", "code"), d.between(2, 12), d.between(2, 9)
    noun, code = d.pick(
        (
            d.pick(
                f"the first {n} characters of {name}", f"the leftmost {n} characters of {name}", f"{name}, cut to {n} characters"
            ),
            f"{name}[:{n}]",
        ),
        (d.pick(f"the last {n} characters of {name}", f"the {n} rightmost characters of {name}"), f"{name}[-{n}:]"),
        (
            d.pick(f"{name} without its first {n} characters", f"what remains of {name} after the first {n} characters"),
            f"{name}[{n}:]",
        ),
        (d.pick(f"{name} without its last {n} characters", f"all but the last {n} characters of {name}"), f"{name}[:-{n}]"),
        (f"{name} without its first {n} and its last {m} characters", f"{name}[{n}:-{m}]"),
        (f"every {_ordinal(n)} character of {name}", f"{name}[::{n}]"),
    )
    return _use(d, noun, code, name, f'"{d.text()}"')


def one_character(d: Draw) -> Step:
    name, n = d.variable("text", "key", "code"), d.between(0, 20)
    noun, code = d.pick(
        (f"the first character of {name}", f"{name}[0]"),
        (f"the last character of {name}", f"{name}[-1]"),
        (f"the character at position {n} of {name}", f"{name}[{n}]"),
        (f"character {n} of {name}", f"{name}[{n}]"),
        (f"the second character of {name}", f"{name}[1]"),
        (f"the last but one character of {name}", f"{name}[-2]"),
    )
    return _use(d, noun, code, name, f'"{d.text()}"')


def reverse_text(d: Draw) -> Step:
    name = d.variable("text", "word")
    if d.chance(0.3):
        function = d.name()
        says = d.pick(
            f"Write {function}({name}) that says whether {name} reads the same backwards.",
            f"{function} returns True if {name} is the same from left and from right.",
            f"How do I check for a palindrome? Function {function}, parameter {name}.",
        )
        return Step(says, f"def {function}({name}):\n    return {name} == {name}[::-1]")
    return _use(
        d,
        d.pick(f"{name} backwards", f"{name} in reverse", f"{name} read from right to left"),
        f"{name}[::-1]",
        name,
        f'"{d.text()}"',
    )


def several_slices(d: Draw) -> Step:
    name, count = d.variable("line", "record", "text"), d.between(2, 5)
    starts = sorted(d.rng.sample(range(60), count))
    fields = [(d.variable(), s, d.between(2, 20)) for s in starts]
    style = d.pick(
        "{f} (from {s}, length {n})", "{f}: {n} characters from position {s}", "{f} at {s}, {n} long", "{f} start {s} length {n}"
    )
    facts = "; ".join(style.format(f=f, s=s, n=n) for f, s, n in fields)
    says = d.pick(
        f"Cut {name} into fields: {facts}.",
        f"{name} has fixed fields ({facts}). Take them apart.",
        f"Split the fixed-width text {name}: {facts}.",
        f"Fields of {name}: {facts}. Store each in its variable",
    )
    strip = d.chance(0.4)
    says = says.rstrip(".") + (d.pick(", without the blanks around them.", ", each stripped.") if strip else ".")
    return Step(says, "\n".join(f"{f} = {name}[{s}:{s} + {n}]{'.strip()' if strip else ''}" for f, s, n in fields))


def _layout(d: Draw) -> list[tuple[str, int, int]]:
    """Fields of a fixed-width line: name, start and length."""
    names = dict.fromkeys(d.word() for _ in range(d.between(2, 4)))
    starts = sorted(d.rng.sample(range(60), len(names)))
    return [(name, start, d.between(2, 20)) for name, start in zip(names, starts, strict=True)]


def fixed_table(d: Draw) -> Step:
    """Fixed-width fields given as a table of name, start and length."""
    d.used.update(("name", "start", "length"))
    fields, line, record = (
        d.name("fields", "layout", "template", "mask"),
        d.variable("line", "text"),
        d.variable("record", "values"),
    )
    rows = _layout(d)
    style = d.pick(
        '"{f}" at {s} with length {n}', '"{f}" (start {s}, length {n})', '"{f}", {s}, {n}', '"{f}" from {s}, {n} characters'
    )
    facts = "; ".join(style.format(f=f, s=s, n=n) for f, s, n in rows)
    table = ", ".join(f'("{f}", {s}, {n})' for f, s, n in rows)
    says = d.pick(
        f"{fields} lists name, start and length: {facts}. Cut {line} by it into the dictionary {record}",
        f"Read the fixed-width text {line} into a dictionary {record}. The table {fields}: {facts}",
        f"How do I parse {line} with a layout? {fields}: {facts}. The values go into {record} by name",
    )
    code = f"{fields} = [{table}]\n{record} = {{}}\nfor name, start, length in {fields}:\n"
    code += f"    {record}[name] = {line}[start:start + length]"
    if d.chance(0.4):
        return Step(says + d.pick("; strip the values.", " without blanks at the ends."), code + ".strip()")
    return Step(says + ".", code)


def fixed_record(d: Draw) -> Step:
    """Build a fixed-width record."""
    line, fields = (
        d.variable("line", "record"),
        [(d.variable(), d.between(2, 30), d.pick("left", "right", "zero")) for _ in range(d.between(2, 4))],
    )
    word = {"left": "left-justified to {n}", "right": "right-justified to {n}", "zero": "with leading zeros to {n}"}
    call = {"left": "{f}.ljust({n})", "right": "{f}.rjust({n})", "zero": "{f}.zfill({n})"}
    facts = _and([f"{f} {word[k].format(n=n)}" for f, n, k in fields], d.pick(" and ", ", then "))
    code = f"{line} = " + " + ".join(call[k].format(f=f, n=n) for f, n, k in fields)
    says = d.pick(
        f"Build {line} from {facts}.",
        f"{line} is made of {facts}.",
        f"A fixed-width record {line}: {facts}.",
        f"Put together {facts} as {line}.",
    )
    if d.chance(0.4):
        return Step(says + d.pick(" Print it.", " Then print it.", f" Print {line}."), f"{code}\nprint({line})")
    return Step(says, code)


# Joining


def concatenate(d: Draw) -> Step:
    """Texts, variables and numbers in a row."""
    parts, said = [], []
    for _ in range(d.between(2, 5)):
        kind = d.between(0, 2)
        if kind == 0 and not (parts and parts[-1].startswith('"')):
            parts.append(f'"{d.text()}"')
            said.append(parts[-1])
        elif kind == 1:
            name = d.variable("count", "total", "number", "price")
            parts.append(f"str({name})")
            said.append(f"the number {name}")
        else:
            parts.append(d.variable())
            said.append(parts[-1])
    noun = d.pick(f"one text of {_and(said)}", f"the text made of {_and(said)}", f"the concatenation of {_and(said)}")
    return _use(d, noun, " + ".join(parts))


def label_number(d: Draw) -> Step:
    name, value, before, after = d.variable("total", "count", "stock", "price"), d.value(), d.text(), d.text()
    both = d.chance(0.5)
    says = d.pick(
        f'Set {name} to {value}. Print "{before}", {name}' + (f' and "{after}"' if both else "") + " as one text.",
        f'{name} = {value}; join "{before}" with the number {name}' + (f' and "{after}"' if both else "") + " and print it.",
        f'How do I put the number {name} ({value}) behind "{before}"'
        + (f' and before "{after}"' if both else "")
        + " in one text? Print it.",
        f'Message: "{before}", the number {name}'
        + (f', "{after}"' if both else "")
        + f", concatenated. {name} is {value}. Print it.",
    )
    return Step(says, f'{name} = {value}\nprint("{before}" + str({name})' + (f' + "{after}")' if both else ")"))


def append_text(d: Draw) -> Step:
    name, first, adds = d.variable("text", "message", "line"), d.text(), d.texts(d.between(1, 3))
    short = d.chance(0.5)
    how = d.pick(" with +=", " using +=") if short else ""
    verb = d.pick("append", "add", "hang on")
    says = d.pick(
        f'Start {name} with "{first}", then {verb} {_and(_quote(adds))}{how}, and print it.',
        f'{name} = "{first}"; {verb} {_and(_quote(adds), " then ")}{how}; print {name}.',
        f'{verb.capitalize()} {_and(_quote(adds))} to {name}{how}, which begins as "{first}". Print the result.',
    )
    lines = [f'{name} += "{a}"' if short else f'{name} = {name} + "{a}"' for a in adds]
    return Step(says, f'{name} = "{first}"\n' + "\n".join(lines) + f"\nprint({name})")


def join_list(d: Draw) -> Step:
    name, mark = d.variable("names", "items", "parts", "codes"), d.pick(*MARKS, ", ", " / ", " ", "")
    _, code = _list(d)
    numbers = d.chance(0.25)
    if numbers:
        noun = d.pick(
            f'the numbers of {name} joined with "{mark}"', f'{name}, a list of numbers, joined by "{mark}" into one text'
        )
        return _use(
            d,
            noun,
            f'"{mark}".join(str(n) for n in {name})',
            name,
            "[" + ", ".join(str(d.number()) for _ in range(d.between(2, 5))) + "]",
        )
    noun = d.pick(
        f'{name} joined with "{mark}"',
        f'the items of {name} with "{mark}" between them',
        f'one text of {name}, separated by "{mark}"',
    )
    return _use(d, noun, f'"{mark}".join({name})', name, code)


def repeat_text(d: Draw) -> Step:
    n, mark = d.between(2, 80), d.pick("-", "=", "*", "_", "#", ".", "~", "+-", "- ", " ", d.word())
    noun = d.pick(f'"{mark}" {n} times', f'a line of {n} "{mark}"', f'{n} times "{mark}"', f'a text of {n} times "{mark}"')
    if d.chance(0.4):
        title = d.text()
        order = d.between(0, 2)
        line, head = f'print("{mark}" * {n})', f'print("{title}")'
        says = d.pick(
            (
                f'Print "{title}" and below it {noun}.',
                f'Underline the title "{title}" with {noun}.',
                f'Headline "{title}", then {noun}.',
            )[order],
            (
                f'First print "{title}", then {noun}.',
                f'Title "{title}", under it {noun}. Print both.',
                f'Print "{title}" followed by a second line: {noun}.',
            )[order],
        )
        return Step(says, f"{head}\n{line}")
    return _use(d, noun, f'"{mark}" * {n}')


def boxed_title(d: Draw) -> Step:
    title, n, mark = d.phrase(), d.between(20, 80), d.pick("-", "=", "*", "#")
    says = d.pick(
        f'Print the title "{title}" centered in {n} columns between two lines of "{mark}".',
        f'A header: a line of {n} times "{mark}", "{title}" centered to {n}, the line again.',
        f'How do I put "{title}" in the middle of {n} columns, with a rule of "{mark}" above and below?',
        f'Line width {n}, rule "{mark}", title "{title}": rule, centered title, rule.',
    )
    return Step(says, f'print("{mark}" * {n})\nprint("{title}".center({n}))\nprint("{mark}" * {n})')


def template_fill(d: Draw) -> Step:
    """A letter with places to be replaced."""
    name, places = d.variable("letter", "template", "mask"), [d.word() for _ in range(d.between(1, 3))]
    places = list(dict.fromkeys(places))
    left, right = d.pick(("<", ">"), ("[", "]"), ("%", "%"), ("$", ""), ("#", "#"))
    pairs = [(f"{left}{p}{right}", d.pick(f'"{d.text()}"', d.variable())) for p in places]
    says_pairs = _and([d.pick(f'"{m}" by {v}') for m, v in pairs])
    says = d.pick(
        f"In {name} replace {says_pairs} and print it.",
        f"Fill in the template {name}: replace {says_pairs}. Print the result.",
        f"How do I fill in {name}? Replace {says_pairs}, then print it.",
    )
    code = "\n".join(f'{name} = {name}.replace("{m}", {v})' for m, v in pairs)
    if d.chance(0.5):
        text = " ".join(f"{d.word()} {m}" for m, _ in pairs)
        return Step(_join(_given(d, name, f'"{text}"'), says), f'{name} = "{text}"\n{code}\nprint({name})')
    return Step(says, f"{code}\nprint({name})")


# Searching


def find_in_text(d: Draw) -> Step:
    name, what, n = d.variable("text", "line", "address"), d.pick(d.word(), d.code(), *MARKS), d.between(1, 30)
    noun, code = d.pick(
        (
            d.pick(
                f'the position of "{what}" in {name}',
                f'where "{what}" stands in {name}',
                f'the first place of "{what}" in {name}',
            ),
            f'{name}.find("{what}")',
        ),
        (d.pick(f'the last position of "{what}" in {name}', f'where "{what}" stands last in {name}'), f'{name}.rfind("{what}")'),
        (f'the position of "{what}" in {name}, searched from position {n}', f'{name}.find("{what}", {n})'),
        (
            d.pick(f'how often "{what}" is in {name}', f'the number of "{what}" in {name}', f'the count of "{what}" in {name}'),
            f'{name}.count("{what}")',
        ),
    )
    return _use(d, noun, code, name, f'"{d.phrase()}{what}{d.phrase()}"')


def find_then(d: Draw) -> Step:
    """Cut at the place of a mark."""
    name, mark, at, head, tail = (
        d.variable("text", "line"),
        d.pick(*MARKS, "@", d.word()),
        d.variable("position", "at"),
        d.variable(),
        d.variable(),
    )
    none = d.text()
    says = d.pick(
        f'Find "{mark}" in {name} ({at}). If it is there, {head} is the part before it and '
        f'{tail} the part after it; otherwise print "{none}".',
        f'Cut {name} at the first "{mark}", whose position is {at}: {head} before, '
        f'{tail} behind. Print "{none}" when there is none.',
        f'How do I get what stands before and after "{mark}" in {name}? Use {at} for the '
        f'position, {head} and {tail}; "{none}" if it is missing.',
    )
    return Step(
        says,
        f'{at} = {name}.find("{mark}")\nif {at} >= 0:\n    {head} = {name}[:{at}]\n    {tail} = '
        f'{name}[{at} + len("{mark}"):]\nelse:\n    print("{none}")',
    )


def find_all(d: Draw) -> Step:
    name, mark, at = d.variable("text", "line"), d.pick(*MARKS, d.word()), d.variable("position", "at", "place")
    says = d.pick(
        f'Print every position of "{mark}" in {name}; use {at}.',
        f'Find all "{mark}" in {name} in a loop and print the position {at} each time.',
        f'How do I find every "{mark}" in {name}, not only the first? Print {at} for each.',
        f'{at} walks over the places of "{mark}" in {name}; print each.',
    )
    return Step(
        says, f'{at} = {name}.find("{mark}")\nwhile {at} >= 0:\n    print({at})\n    {at} = {name}.find("{mark}", {at} + 1)'
    )


def text_test(d: Draw) -> Step:
    name = d.variable("code", "text", "key", "line")
    said, code = _test(d, name)
    return _decide(d, said, code, name, f'"{d.text()}"')


def two_tests(d: Draw) -> Step:
    name, other = d.variable("code", "text", "key"), d.variable("name", "line", "unit")
    (one, c1), (two, c2) = _test(d, name), _test(d, other)
    word = d.pick("and", "or")
    return _decide(d, f"{one} {word} {two}", f"{c1} {word} {c2}")


def chain_of_starts(d: Draw) -> Step:
    name, marks, shown = d.variable("code", "line", "key"), [d.code() for _ in range(d.between(2, 4))], d.texts(5)
    marks = list(dict.fromkeys(marks))
    method, verb = d.pick(("startswith", "starts with"), ("endswith", "ends with"))
    target = d.variable() if d.chance(0.4) else ""
    act = [f'{target} = "{t}"' if target else f'print("{t}")' for t in shown]
    tells = f"put into {target}" if target else "print"
    facts = "; ".join(f'"{t}" if it {verb} "{m}"' for m, t in zip(marks, shown, strict=False))
    other = shown[-1]
    says = d.pick(
        f'Look at {name} and {tells}: {facts}; else "{other}".',
        f'Depending on {name}, {tells} {facts}; in all other cases "{other}".',
        f'{tells.capitalize()} for {name}: {facts}; otherwise "{other}".',
    )
    lines = [f'{"el" if i else ""}if {name}.{method}("{m}"):\n    {act[i]}' for i, m in enumerate(marks)]
    return Step(says, "\n".join(lines) + f"\nelse:\n    {act[-1]}")


def one_of(d: Draw) -> Step:
    name, (texts, _) = d.variable("unit", "kind", "code", "answer"), _list(d, 2, 4)
    quoted, no = ", ".join(_quote(texts)), d.chance(0.35)
    said = (
        f"{name} is none of {quoted}" if no else d.pick(f"{name} is one of {quoted}", f"{name} is {_and(_quote(texts), ' or ')}")
    )
    return _decide(d, said, f"{name} {'not ' if no else ''}in ({quoted})", name, f'"{texts[0]}"')


def ends_any(d: Draw) -> Step:
    name, ends = (
        d.variable("file", "name", "code"),
        d.rng.sample((".txt", ".csv", ".log", ".dat", ".pdf", ".xml", ".bak"), d.between(2, 3)),
    )
    method, verb, ends = d.pick(("endswith", "ends with", ends), ("startswith", "starts with", d.texts(2)))
    return _decide(d, f"{name} {verb} {_and(_quote(ends), ' or ')}", f"{name}.{method}(({', '.join(_quote(ends))}))")


# Changing


def change_text(d: Draw) -> Step:
    name = d.variable("text", "name", "title")
    noun, code = _change(d, name)
    return _use(d, noun, code, name, f'"{d.text()}"')


def _text_change(d: Draw) -> tuple[str, str]:
    """An order for a text and the method with its arguments."""
    a, b = d.pick(*MARKS, " ", d.word(), d.code()), d.pick("", " ", "_", d.word(), *MARKS)
    n, fill = d.between(3, 40), d.pick("*", ".", "0", "-", "_")
    return d.pick(
        ("turn it into upper case", "upper()"),
        ("make it lower case", "lower()"),
        ("strip the blanks at both ends", "strip()"),
        ("strip the blanks on the right", "rstrip()"),
        ("strip the blanks on the left", "lstrip()"),
        (f'strip "{fill}" on the left', f'lstrip("{fill}")'),
        (f'strip "{fill}" on the right', f'rstrip("{fill}")'),
        (f'strip "{fill}" at both ends', f'strip("{fill}")'),
        (f'replace "{a}" by "{b}"', f'replace("{a}", "{b}")'),
        (f'replace "{a}" with "{b}"', f'replace("{a}", "{b}")'),
        (f'pad it on the left to {n} with "{fill}"', f'rjust({n}, "{fill}")'),
        (f'pad it on the right to {n} with "{fill}"', f'ljust({n}, "{fill}")'),
        (f"fill it with leading zeros to {n}", f"zfill({n})"),
        (f'centre it in {n} with "{fill}"', f'center({n}, "{fill}")'),
    )


def change_itself(d: Draw) -> Step:
    name, changes, code = d.variable("text", "line", "key"), [], []
    for _ in range(d.between(1, 4)):
        said, call = _text_change(d)
        changes.append(said)
        code.append(f"{name} = {name}.{call}")
    says = d.pick(
        f"Change {name}: {_and(changes, ', then ')}.",
        f"With {name}: {_and(changes)}.",
        f"Clean {name} up: {_and(changes)}.",
        f"Take {name} and {_and(changes)}.",
    )
    if d.chance(0.5):
        return Step(says + d.pick(" Print it.", f" Then print {name}."), "\n".join(code) + f"\nprint({name})")
    return Step(says, "\n".join(code))


def padding(d: Draw) -> Step:
    name, n, fill = d.variable("text", "amount", "code"), d.between(3, 60), d.pick("*", ".", "0", "-", "_", "#", "x")
    filled = d.chance(0.6)
    with_fill, arg = (
        (d.pick(f' with "{fill}"', f', fill character "{fill}"', f' filled with "{fill}"'), f', "{fill}"') if filled else ("", "")
    )
    noun, method = d.pick(
        (f"{name} left-justified to {n}", "ljust"),
        (f"{name} padded on the right to {n} characters", "ljust"),
        (f"{name} right-justified to {n}", "rjust"),
        (f"{name} padded on the left to {n} characters", "rjust"),
        (f"{name} centered in {n} columns", "center"),
        (f"{name} in the middle of {n} characters", "center"),
    )
    return _use(d, noun + with_fill, f"{name}.{method}({n}{arg})", name, f'"{d.text()}"')


def leading_zeros(d: Draw) -> Step:
    name, n = d.variable("number", "count", "invoice", "key"), d.between(2, 12)
    noun = d.pick(
        f"the number {name} with leading zeros to {n} digits",
        f"the number {name} as a text of {n} digits, zeros in front",
        f"the number {name} filled with zeros on the left to {n}",
    )
    return _use(d, noun, f"str({name}).zfill({n})", name, str(d.number(1, 9999)))


def shorten(d: Draw) -> Step:
    name, n, end = d.variable("text", "title"), d.between(5, 60), d.pick("...", "~", ">", "..", "+")
    function = d.name()
    says = d.pick(
        f'If {name} has more than {n} characters, cut it to {n} and add "{end}".',
        f'Shorten {name} to {n} characters with "{end}" behind it, but only when it is longer than {n}.',
        f'How do I keep {name} at {n} characters at most? Mark the cut with "{end}".',
    )
    code = f'if len({name}) > {n}:\n    {name} = {name}[:{n}] + "{end}"'
    if d.chance(0.4):
        body = code.replace("\n", "\n    ")
        return Step(
            says[:-1] + f". Make it a function {function}({name}) that returns {name}.",
            f"def {function}({name}):\n    {body}\n    return {name}",
        )
    return Step(says, code)


def cut_prefix(d: Draw) -> Step:
    name, mark = d.variable("code", "line", "key"), d.pick(d.code(), d.word())
    front = d.chance(0.5)
    says = d.pick(
        f'If {name} {"starts" if front else "ends"} with "{mark}", take that off.',
        f'Remove "{mark}" from the {"front" if front else "end"} of {name} if it is there.',
        f'How do I drop the {"prefix" if front else "suffix"} "{mark}" from {name}?',
        f'{name}: cut off a {"leading" if front else "trailing"} "{mark}".',
    )
    cut = f'{name}[len("{mark}"):]' if front else f'{name}[:-len("{mark}")]'
    return Step(says, f'if {name}.{"startswith" if front else "endswith"}("{mark}"):\n    {name} = {cut}')


# Splitting


def split_names(d: Draw) -> Step:
    name, mark, parts = d.variable("line", "text", "record"), d.pick(*MARKS, " "), [d.variable() for _ in range(d.between(2, 5))]
    values = [v.replace(mark, "") or "x" for v in d.texts(len(parts))]
    shown = d.rng.sample(parts, d.between(1, len(parts)))
    text = mark.join(values)
    says = d.pick(
        f'Split {name} at "{mark}" into {_and(parts)}',
        f'{name} holds {_and(parts)}, separated by "{mark}"; take it apart',
        f'Cut {name} at each "{mark}"; the parts are {_and(parts)}',
        f'How do I split {name} at "{mark}" into the variables {_and(parts)}? Show it',
    )
    code = f'{", ".join(parts)} = {name}.split("{mark}")'
    if d.chance(0.4):
        says, code = _join(_given(d, name, f'"{text}"'), says), f'{name} = "{text}"\n{code}'
    if d.chance(0.6):
        return Step(f"{says}. Print {_and(shown)}.", f"{code}\nprint({', '.join(shown)})")
    return Step(f"{says}.", code)


def split_item(d: Draw) -> Step:
    name, mark, n, target = (
        d.variable("line", "text", "record"),
        d.pick(*MARKS),
        d.between(0, 12),
        d.variable("fields", "parts", "columns"),
    )
    noun, code = d.pick(
        (
            d.pick(f'item {n} of {name} split at "{mark}"', f'part {n} of {name}, split at "{mark}"'),
            f'{name}.split("{mark}")[{n}]',
        ),
        (f'the first part of {name} before "{mark}"', f'{name}.split("{mark}")[0]'),
        (f'the last part of {name} split at "{mark}"', f'{name}.split("{mark}")[-1]'),
        (f'the number of parts of {name} split at "{mark}"', f'len({name}.split("{mark}"))'),
        (f"the number of words in {name}", f"len({name}.split())"),
        (f"the words of {name} as a list", f"{name}.split()"),
        (f'the list of the parts of {name} between "{mark}"', f'{name}.split("{mark}")'),
    )
    if d.chance(0.3):
        return Step(
            d.pick(
                f'Split {name} at "{mark}" into the list {target}; print item {n}.',
                f'{target} = {name} split at "{mark}"; show {target} item {n}.',
            ),
            f'{target} = {name}.split("{mark}")\nprint({target}[{n}])',
        )
    return _use(d, noun, code, name)


def split_loop(d: Draw) -> Step:
    name, mark, item = d.variable("line", "text"), d.pick(*MARKS, " "), d.variable("part", "field", "word")
    values = [v.replace(mark, "") or "x" for v in d.texts(d.between(2, 4))]
    (said, test), (noun, change) = _test(d, item), _change(d, item)
    intro, first = (_given(d, name, f'"{mark.join(values)}"'), f'{name} = "{mark.join(values)}"\n') if d.chance(0.4) else ("", "")
    kind = d.between(0, 2)
    head = f'{first}for {item} in {name}.split("{mark}"):\n'
    if kind == 0:
        says = d.pick(
            f'Split {name} at "{mark}" and print each {item}.',
            f'For each {item} of {name} between "{mark}": print it.',
            f'Loop over {name}, split at "{mark}", as {item}, and print.',
        )
        return Step(_join(intro, says), f"{head}    print({item})")
    if kind == 1:
        says = d.pick(
            f'Split {name} at "{mark}"; print each {item}, if {said}.',
            f'Go through {name} split at "{mark}" with {item} and print it when {said}.',
        )
        return Step(_join(intro, says), f"{head}    if {test}:\n        print({item})")
    says = d.pick(
        f'Split {name} at "{mark}" with {item} as the loop variable and print {noun}.',
        f'For every {item} of {name} (separator "{mark}") print {noun}.',
    )
    return Step(_join(intro, says), f"{head}    print({change})")


def csv_line(d: Draw) -> Step:
    """A line with fields of several types."""
    line, fields, mark = d.variable("line", "row"), d.name("fields", "parts", "columns"), d.pick(",", ";", "|", "\\t")
    types = (
        ("int", "a whole number", "an integer"),
        ("float", "a decimal number", "a float"),
        ("", "a text", "text"),
        ("", "a text", "a string"),
        ("strip", "a text without blanks", "a stripped text"),
    )
    kinds = [(d.variable(), k, d.pick(*ks)) for k, *ks in d.rng.sample(types, d.between(2, 4))]
    facts = _and([d.pick(f"{n} ({said})") for n, _, said in kinds])
    named = MARK_NAMES[mark] if d.chance(0.3) else f'"{mark}"'
    says = d.pick(
        f"Split {line} at {named} into {fields}: {facts}.",
        f"A CSV line {line}, separator {named}, has {facts}; use {fields} for the parts.",
        f"Parse {line}: {fields} is its parts between {named}, in this order {facts}.",
        f"How do I read {facts} from {line}? The parts, split at {named}, go to {fields}.",
    )
    convert = {"int": "int({})", "float": "float({})", "": "{}", "strip": "{}.strip()"}
    lines = [f"{n} = {convert[k].format(f'{fields}[{i}]')}" for i, (n, k, _) in enumerate(kinds)]
    return Step(says, f'{fields} = {line}.split("{mark}")\n' + "\n".join(lines))


def csv_sum(d: Draw) -> Step:
    lines, line, total, mark, n = (
        d.variable("lines", "rows"),
        d.variable("line", "row"),
        d.variable("total", "amount"),
        d.pick(",", ";", "|"),
        d.between(0, 8),
    )
    convert = d.pick("float", "int")
    skip = d.pick("", "", "#", "*", "//")
    says = d.pick(
        f'Add up column {n} of {lines} in {total}; the columns are split at "{mark}" and the values are {convert}.',
        f'{total} = the sum of field {n} ({convert}) of each {line} in {lines}, separator "{mark}".',
        f'For each {line} in {lines} take item {n}, split at "{mark}", as {convert} and add it to {total}.',
    )
    says += f' Skip lines that start with "{skip}".' if skip else ""
    if "each" not in says:
        says += f" The loop variable is {line}."
    says += f" Print {total}."
    test = f'    if {line}.startswith("{skip}"):\n        continue\n' if skip else ""
    return Step(
        says, f'{total} = 0\nfor {line} in {lines}:\n{test}    {total} += {convert}({line}.split("{mark}")[{n}])\nprint({total})'
    )


def csv_dict(d: Draw) -> Step:
    table, lines, line, mark, k, v = (
        d.variable("table", "prices"),
        d.variable("lines", "rows"),
        d.variable("line", "row"),
        d.pick(",", ";", "|", "="),
        d.variable("key", "code"),
        d.variable("value", "price"),
    )
    convert, said = d.pick(
        ("{}", ""), ("float({})", " as a float"), ("int({})", " as an integer"), ("{}.strip()", " without blanks")
    )
    says = d.pick(
        f'Each {line} of {lines} has {k} and {v} with "{mark}" between. Make the dictionary {table}: {v}{said} by {k}.',
        f"Build the dictionary {table} from {lines}: every {line} is split at "
        f'"{mark}" into {k} and {v}; store {v}{said} under {k}.',
        f'How do I turn {lines} into a dictionary {table}? Split each {line} at "{mark}" into {k} and {v}, keep {v}{said}.',
    )
    return Step(
        says,
        f'{table} = {{}}\nfor {line} in {lines}:\n    {k}, {v} = {line}.split("{mark}")\n    {table}[{k}] = {convert.format(v)}',
    )


# Numbers and texts


def characters(d: Draw) -> Step:
    name, ch, n = d.variable("letter", "sign"), d.pick(*"ABCDXYZabcxyz#*?&0123456789"), d.between(32, 126)
    h, base = d.pick("ff", "1a", "7f", "c0", "A0", "2b", "10"), d.pick(2, 8, 16, 36)
    noun, code = d.pick(
        (d.pick(f'the character code of "{ch}"', f'the code of the character "{ch}"', f'ord of "{ch}"'), f'ord("{ch}")'),
        (d.pick(f"the character with code {n}", f"the character number {n}", f"chr of {n}"), f"chr({n})"),
        (f"the code of the character {name}", f"ord({name})"),
        (d.pick(f"{n} in hexadecimal", f"the hex text of {n}"), f"hex({n})"),
        (d.pick(f'the hexadecimal text "{h}" as a number', f'the number that "{h}" is in base 16'), f'int("{h}", 16)'),
        (f"the text {name} read as a number in base {base}", f"int({name}, {base})"),
        (d.pick(f"{n} in binary", f"the binary text of {n}"), f"bin({n})"),
    )
    return _use(d, noun, code)


def character_table(d: Draw) -> Step:
    a, b, mark = d.between(32, 90), d.between(91, 126), d.text()
    both = d.chance(0.5)
    says = d.pick(
        f"Print the characters with the codes {a} to {b}" + (" with their codes in front." if both else "."),
        f"List the character for every i from {a} to {b}" + (", after i itself." if both else "."),
        f"How do I show chr of the numbers {a} to {b}" + ("? Print the number too, first." if both else "?"),
    )
    if d.chance(0.3):
        return Step(
            says[:-1] + f', then print "{mark}".' if says.endswith(".") else says + f' Then print "{mark}".',
            f'for i in range({a}, {b} + 1):\n    print({"i, " if both else ""}chr(i))\nprint("{mark}")',
        )
    return Step(says, f"for i in range({a}, {b} + 1):\n    print({'i, ' if both else ''}chr(i))")


def number_format(d: Draw) -> Step:
    name, n, w = d.variable("price", "amount", "total"), d.between(1, 6), d.between(6, 20)
    noun, code = d.pick(
        (d.pick(f"{name} with {_decimals(n)}", f"{name} formatted to {_decimals(n)}"), f'format({name}, ".{n}f")'),
        (f"{name} with {_decimals(n)}, right-justified in {w} columns", f'format({name}, "{w}.{n}f")'),
        (f"{name} with a comma for the thousands and {_decimals(n)}", f'format({name}, ",.{n}f")'),
        (f"{name} rounded to {_decimals(n)}", f"round({name}, {n})"),
        (f"{name} rounded to a whole number", f"round({name})"),
        (f"{name} as a text", f"str({name})"),
        (f"{name} as a percentage with {_decimals(n)}", f'format({name}, ".{n}%")'),
        (f"{name} with leading zeros, {w} wide", f'format({name}, "0{w}d")'),
    )
    return _use(d, noun, code, name, str(d.number(1, 99999)) if code.endswith('d")') else d.decimal())


def to_number(d: Draw) -> Step:
    """Convert with a fallback."""
    source, target, default, message = (
        d.variable("text", "answer", "field"),
        d.variable("number", "amount", "count"),
        d.value(),
        d.text(),
    )
    kind, said = d.pick(("int", "a whole number"), ("float", "a decimal number"), ("int", "an integer"), ("float", "a float"))
    show = d.chance(0.4)
    tell = d.pick(f' and print "{message}"', f', with the message "{message}"') if show else ""
    says = d.pick(
        f"Convert {source} to {said} in {target}; if that fails {target} is {default}{tell}.",
        f"{target} = {source} as {said}, or {default} if it is not a number{tell}.",
        f"How do I turn {source} into {said}, {target}, with the fallback {default}{tell}?",
        f"Set {target} to {source} as {said}. On a ValueError set it to {default}{tell}.",
    )
    extra = f'\n    print("{message}")' if show else ""
    code = f"try:\n    {target} = {kind}({source})\nexcept ValueError:\n    {target} = {default}{extra}"
    if d.chance(0.25):
        function = d.name()
        return Step(
            f"Write {function}({source}) that returns {source} as {said}, or {default} if it cannot be converted.",
            f"def {function}({source}):\n    try:\n        return {kind}({source})\n    "
            f"except ValueError:\n        return {default}",
        )
    return Step(says, code)


def numbers_of_list(d: Draw) -> Step:
    values, good, bad, item = (
        d.variable("values", "fields", "entries"),
        d.variable("numbers", "amounts"),
        d.text(),
        d.variable("value", "entry"),
    )
    kind = d.pick("int", "float")
    says = d.pick(
        f"Convert each {item} of {values} with {kind} and append it to {good}; print "
        f'"{bad}" and {item} for those that are no numbers.',
        f'{good} = all {item} of {values} as {kind}; for a ValueError print "{bad}" and {item}.',
        f"How do I keep only the numbers of {values}? Try {kind} on each {item}, collect them "
        f'in {good}, and print "{bad}" and the {item} otherwise.',
    )
    body = f'    try:\n        {good}.append({kind}({item}))\n    except ValueError:\n        print("{bad}", {item})'
    return Step(says, f"{good} = []\nfor {item} in {values}:\n{body}")


def ask_number(d: Draw) -> Step:
    name, ask, bad = d.variable("answer", "count", "quantity"), d.text(), d.text()
    says = d.pick(
        f'Ask "{ask}" until {name} has only digits; print "{bad}" for each wrong one. Then make {name} an int.',
        f'{name} is read with the prompt "{ask}" again and again while it is not '
        f'all digits (message "{bad}"); convert it to int.',
        f'How do I insist on a whole number? Prompt "{ask}", variable {name}, message "{bad}".',
    )
    return Step(
        says,
        f'{name} = input("{ask}")\nwhile not {name}.isdigit():\n    print("{bad}")\n   '
        f' {name} = input("{ask}")\n{name} = int({name})',
    )


def compare_texts(d: Draw) -> Step:
    one, two = d.variable("name", "word", "answer"), d.variable("name", "password", "key")
    said, code = d.pick(
        (d.pick(f"{one} and {two} are the same", f"{one} equals {two}"), f"{one} == {two}"),
        (d.pick(f"{one} and {two} are different", f"{one} is not equal to {two}"), f"{one} != {two}"),
        (
            d.pick(f"{one} and {two} are the same apart from case", f"{one} equals {two} when case is ignored"),
            f"{one}.lower() == {two}.lower()",
        ),
        (f"{one} comes before {two} in the alphabet", f"{one} < {two}"),
        (f"{one} comes after {two} in the alphabet", f"{one} > {two}"),
        (f"{one} is longer than {two}", f"len({one}) > len({two})"),
        (f"{one} is shorter than {two}", f"len({one}) < len({two})"),
        (f"{one} is part of {two}", f"{one} in {two}"),
        (f"{one} begins with {two}", f"{one}.startswith({two})"),
        (f"{one} equals {two} without the blanks around it", f"{one} == {two}.strip()"),
    )
    return _decide(d, said, code)


def count_characters(d: Draw) -> Step:
    name, count, ch = d.variable("text", "line"), d.variable("count", "found"), d.variable("char", "letter")
    chars = d.pick("aeiou", "0123456789", ".,;:", "xyz", "+-*/", d.word()[:3])
    said, code = d.pick(
        (f'is in "{chars}"', f'{ch} in "{chars}"'),
        (f'is "{chars[0]}"', f'{ch} == "{chars[0]}"'),
        ("is a digit", f"{ch}.isdigit()"),
        ("is a letter", f"{ch}.isalpha()"),
        ("is an upper-case letter", f"{ch}.isupper()"),
        ("is a blank", f'{ch} == " "'),
        (f'is not in "{chars}"', f'{ch} not in "{chars}"'),
    )
    says = d.pick(
        f"Count in {count} each {ch} of {name} that {said}; print {count}.",
        f"Loop over the characters of {name} as {ch} and add 1 to {count} when it {said}. Print {count}.",
        f"{count} = how many {ch} of {name} there are where it {said}; with a loop. Print it.",
        f"How do I count with a loop? For {ch} in {name}, if it {said}, raise {count} by 1; print {count} at the end.",
    )
    return Step(says, f"{count} = 0\nfor {ch} in {name}:\n    if {code}:\n        {count} += 1\nprint({count})")


def filter_characters(d: Draw) -> Step:
    name, result, ch = d.variable("text", "phone", "code"), d.variable("result", "digits", "clean"), d.variable("char", "sign")
    chars = d.pick("0123456789", "-/ ", ".,", "ABCDEF", "+-")
    said, code = d.pick(
        ("is a digit", f"{ch}.isdigit()"),
        ("is a letter", f"{ch}.isalpha()"),
        (f'is in "{chars}"', f'{ch} in "{chars}"'),
        (f'is not in "{chars}"', f'{ch} not in "{chars}"'),
        ("is a letter or a digit", f"{ch}.isalnum()"),
    )
    says = d.pick(
        f"Build {result} from each {ch} of {name} that {said}, and print it.",
        f"Keep in {result} only the characters of {name} where {ch} {said}; print {result}.",
        f"How do I drop the other characters? Loop with {ch} over {name}, add it to {result} if it {said}, print {result}.",
    )
    return Step(says, f'{result} = ""\nfor {ch} in {name}:\n    if {code}:\n        {result} += {ch}\nprint({result})')


def _rules(d: Draw, name: str) -> tuple[tuple[str, str], ...]:
    """What can be wrong with a code: English and condition."""
    n, mark = d.between(3, 16), d.pick(d.code(), d.word(), *"ABXZ")
    m, at = d.pick("-", "/", "."), d.between(2, 9)
    return (
        (d.pick(f"the length is not {n}", f"it is not {n} characters long"), f"len({name}) != {n}"),
        (f'it does not start with "{mark}"', f'not {name}.startswith("{mark}")'),
        (f"the characters from position {at} on are not all digits", f"not {name}[{at}:].isdigit()"),
        (f'there is no "{m}" in it', f'"{m}" not in {name}'),
        (f'the character at position {at} is not "{m}"', f'{name}[{at}] != "{m}"'),
        ("it is not in upper case", f"not {name}.isupper()"),
        ("it is empty", f'{name} == ""'),
    )


def check_code(d: Draw) -> Step:
    """Validate a code: several rules with a message each."""
    function, name = d.name(), d.variable("code", "key", "number")
    rules = d.rng.sample(_rules(d, name), d.between(2, 3))
    texts = d.texts(len(rules) + 1)
    if d.chance(0.5):
        facts = _and([f'"{t}" if {s}' for (s, _), t in zip(rules, texts, strict=False)], ", ")
        says = d.pick(
            f'Write {function}({name}) that returns {facts}, and "{texts[-1]}" if all is well.',
            f'{function} checks {name}: it returns {facts}; else "{texts[-1]}".',
            f'Validate {name} in a function {function}. Results: {facts}, otherwise "{texts[-1]}".',
        )
        results = _quote(texts)
    else:
        says = d.pick(
            f"Write {function}({name}) that returns False if {_and([s for s, _ in rules], ' or ')}, else True.",
            f"A check {function} of {name}: False when {_and([s for s, _ in rules], ' or ')}; True otherwise.",
        )
        results = ["False"] * len(rules) + ["True"]
    lines = [f"    if {c}:\n        return {r}" for (_, c), r in zip(rules, results, strict=False)]
    return Step(says, f"def {function}({name}):\n" + "\n".join(lines) + f"\n    return {results[-1]}")


def _mask(d: Draw) -> tuple[str, str]:
    """A mask and the sign of its places."""
    mask = d.pick("##-####", "(###) ###-####", "##.##.####", "###/##", "#-##-#", "####-##-##", "## ## ##", "#.###,##")
    sign = d.pick("#", "#", "0", "X", "9")
    return mask.replace("#", sign), sign


def apply_mask(d: Draw) -> Step:
    """Put the characters of a text into a mask."""
    d.used.update(("char",))
    (mask, sign), digits, result = _mask(d), d.variable("digits", "text", "number"), d.variable("result", "out")
    at = d.variable("position", "at")
    says = d.pick(
        f'Put {digits} into the mask "{mask}": each "{sign}" takes the next character. '
        f"Build {result}, count with {at}, print {result}.",
        f'How do I format {digits} by the mask "{mask}"? For every "{sign}" take the '
        f"character {at} of {digits}; build {result} and print it.",
        f'Mask "{mask}", place "{sign}", data {digits}: fill the places one by one ({at}) into {result}, then print it.',
    )
    body = f'    if char == "{sign}":\n        {result} += {digits}[{at}]\n        {at} += 1\n    else:\n        {result} += char'
    return Step(says, f'{result} = ""\n{at} = 0\nfor char in "{mask}":\n{body}\nprint({result})')


def mask_function(d: Draw) -> Step:
    d.used.update(("char",))
    (mask, sign), digits, result = _mask(d), d.variable("digits", "text", "number"), d.variable("result", "out")
    function, at = d.name(), d.variable("position", "at")
    body = f'    if char == "{sign}":\n        {result} += {digits}[{at}]\n        {at} += 1\n    else:\n        {result} += char'
    says = d.pick(
        f'Write {function}({digits}) that fills the mask "{mask}": each "{sign}" is the next '
        f"character ({at}) of {digits}; it returns {result}.",
        f'{function} puts {digits} into "{mask}", where "{sign}" marks a place; use {at} and return {result}.',
    )
    body = "\n".join("    " + b for b in body.split("\n"))
    return Step(
        says,
        f'def {function}({digits}):\n    {result} = ""\n    {at} = 0\n    for char in "{mask}":\n{body}\n    return {result}',
    )


def match_mask(d: Draw) -> Step:
    d.used.update(("mask", "char", "place"))
    function, text, mask = d.name(), d.variable("text", "code"), d.pick("AA-999", "999/99", "A99", "99.99", "AAA9", "A-999-A")
    says = d.pick(
        f'Write {function}({text}) that checks {text} against the mask "{mask}": "9" '
        'is a digit, "A" a letter, others as they are.',
        f'{function} returns True if {text} fits "{mask}", where "A" stands for a '
        'letter, "9" for a digit and anything else for itself.',
        f'How do I test {text} with a mask like "{mask}" ("9" digit, "A" letter)? Function {function}.',
    )
    return Step(
        says,
        f'def {function}({text}):\n    mask = "{mask}"\n    if len({text}) != len(mask):\n        '
        f"return False\n    for char, place in zip({text}, mask):\n"
        '        if place == "9" and not char.isdigit():\n            return False\n        if place '
        '== "A" and not char.isalpha():\n            return False\n'
        f'        if place not in "9A" and char != place:\n            return False\n    return True',
    )


def check_sum(d: Draw) -> Step:
    d.used.update(("digit",))
    function, text, total, n = (
        d.name(),
        d.variable("number", "digits", "code"),
        d.variable("total", "sum of digits"),
        d.between(3, 97),
    )
    weight = d.between(2, 9)
    weighted = d.chance(0.5)
    how = f"each digit times {weight}"
    says = d.pick(
        f"Write {function}({text}) that adds up {how if weighted else 'each digit'} in {total} and returns the remainder by {n}.",
        f"Check digit: {function} sums {how if weighted else 'each digit'} of {text} "
        f"in {total}; the result is {total} modulo {n}.",
        f"{function}({text}): loop over the digits, add {how if weighted else 'each digit'} to {total}, return {total} mod {n}.",
    )
    term = f"int(digit) * {weight}" if weighted else "int(digit)"
    return Step(
        says,
        f"def {function}({text}):\n    {total} = 0\n    for digit in {text}:\n      "
        f"  {total} += {term}\n    return {total} % {n}",
    )


# Reports


def report_lines(d: Draw) -> Step:
    """A report as a list of lines."""
    lines, items, item = (
        d.name("lines", "report", "page"),
        d.variable("orders", "members", "items"),
        d.variable("order", "member", "item"),
    )
    title, n, mark, end = d.text(), d.between(20, 80), d.pick("-", "=", "*"), d.text()
    foot = d.chance(0.5)
    says = d.pick(
        f'Build the report {lines} as a list: "{title}", {n} times "{mark}", each {item} of {items} as a text'
        + (f', "{end}"' if foot else "")
        + ". Print it joined with line breaks.",
        f'{lines} is a list of lines: title "{title}", a rule of {n} "{mark}", then every {item} of {items}'
        + (f', at the end "{end}"' if foot else "")
        + ". Print the lines joined by line breaks.",
    )
    code = f'{lines} = ["{title}", "{mark}" * {n}]\nfor {item} in {items}:\n    {lines}.append(str({item}))\n'
    return Step(says, code + (f'{lines}.append("{end}")\n' if foot else "") + f'print("\\n".join({lines}))')


def report_columns(d: Draw) -> Step:
    rows, fields = (
        d.variable("rows", "orders", "members"),
        [(d.variable(), d.between(5, 30), d.pick("left", "right", "money")) for _ in range(d.between(2, 4))],
    )
    call = {"left": "str({f}).ljust({n})", "right": "str({f}).rjust({n})", "money": 'format({f}, "{n}.2f")'}
    word = {"left": "left in {n} columns", "right": "right in {n} columns", "money": "with 2 decimals in {n} columns"}
    facts = _and([f"{f} {word[k].format(n=n)}" for f, n, k in fields])
    names = ", ".join(f for f, _, _ in fields)
    says = d.pick(
        f"Print a table of {rows}, a list of tuples ({names}): {facts}.",
        f"For each {names} in {rows} print one line: {facts}.",
        f"Report: loop over {rows} with {names} and show {facts}.",
        f"How do I print {rows} in columns? Each is a tuple {names}; {facts}.",
    )
    total, label = (d.variable("total", "turnover"), d.text()) if d.chance(0.4) else ("", "")
    line = " + ".join(call[k].format(f=f, n=n) for f, n, k in fields)
    code = f"for {names} in {rows}:\n    print({line})"
    if total:
        last = fields[-1][0]
        says += d.pick(
            f' Add up {last} in {total} and print "{label}" and {total} at the end.',
            f' At the end print "{label}" and {total}, the sum of all {last}.',
        )
        code = f'{total} = 0\n{code}\n    {total} += {last}\nprint("{label}", {total})'
    return Step(says, code)


def heading_columns(d: Draw) -> Step:
    heads = [(t, d.between(5, 30), d.pick("left", "left", "right")) for t in d.texts(d.between(2, 4))]
    facts = d.pick(
        _and([f'"{t}" ({k}, {n})' for t, n, k in heads]),
        _and([f'"{t}" {k}-justified in {n}' for t, n, k in heads]),
        "; ".join(f'"{t}" {k} {n}' for t, n, k in heads),
    )
    code = " + ".join(f'"{t}".{k[0]}just({n})' for t, n, k in heads)
    return _use(d, d.pick(f"a heading line of {facts}", f"the column titles {facts} in one line"), code)


# Dictionaries


def _pairs(d: Draw, low: int = 1, high: int = 4) -> list[tuple[str, str]]:
    number = d.chance(0.6)
    return [(f'"{k}"', d.value() if number else f'"{d.text()}"') for k in d.texts(d.between(low, high))]


def dict_build(d: Draw) -> Step:
    name, pairs, how = d.variable("prices", "stock", "names", "rates"), _pairs(d, 2, 5), d.between(0, 1)
    style = d.pick("{k} is {v}", "{k}: {v}", "{v} under {k}", "{k} = {v}", "{v} for {k}", "{k} -> {v}", "{v} as {k}")
    facts = _and([style.format(k=k, v=v) for k, v in pairs])
    if how:
        says = d.pick(
            f"Make a dictionary {name}: {facts}.",
            f"{name} is a dictionary with {facts}.",
            f"Dictionary {name} ({facts}).",
            f"A dict {name} should hold {facts}.",
        )
        return Step(says, f"{name} = {{{', '.join(f'{k}: {v}' for k, v in pairs)}}}")
    says = d.pick(
        f"Start with an empty dictionary {name} and put in one after the other: {facts}.",
        f"{name} is first an empty dictionary; then add {facts} line by line.",
        f"Fill the empty dictionary {name} step by step: {facts}.",
    )
    return Step(says, f"{name} = {{}}\n" + "\n".join(f"{name}[{k}] = {v}" for k, v in pairs))


def dict_read(d: Draw) -> Step:
    name, key, default = (
        d.variable("prices", "stock", "names"),
        d.pick(f'"{d.code()}"', f'"{d.word()}"', d.variable("key", "code")),
        d.pick(d.value(), f'"{d.text()}"'),
    )
    noun, code = d.pick(
        (
            d.pick(f"the value of {key} in the dictionary {name}", f"the entry {key} of {name}", f"what {name} has under {key}"),
            f"{name}[{key}]",
        ),
        (
            d.pick(
                f"the value of {key} in {name}, or {default} if it is missing",
                f"what {name} has for {key}, by default {default}",
                f"the entry {key} of {name} with {default} as the fallback",
            ),
            f"{name}.get({key}, {default})",
        ),
        (d.pick(f"the number of entries in {name}", f"how many entries {name} has"), f"len({name})"),
        (f"the keys of {name} as a list", f"list({name}.keys())"),
        (f"the sorted keys of {name}", f"sorted({name})"),
        (f"the sum of the values of the dictionary {name}", f"sum({name}.values())"),
        (f"the highest value of the dictionary {name}", f"max({name}.values())"),
        (f"the values of {name} as a list", f"list({name}.values())"),
        (f"the entry {key}, taken out of {name}", f"{name}.pop({key})"),
    )
    return _use(d, noun, code)


def dict_change(d: Draw) -> Step:
    name, said, code = d.variable("prices", "stock", "members"), [], []
    for _ in range(d.between(1, 3)):
        key, value, n = (
            d.pick(f'"{d.code()}"', f'"{d.word()}"', d.variable("key", "code")),
            d.pick(d.value(), f'"{d.text()}"'),
            d.value(),
        )
        one, line = d.pick(
            (d.pick(f"put {value} under {key}", f"set {key} to {value}", f"store {value} for {key}"), f"{name}[{key}] = {value}"),
            (d.pick(f"delete {key}", f"remove the entry {key}"), f"del {name}[{key}]"),
            (f"add {n} to {key}", f"{name}[{key}] += {n}"),
            (f"take {n} off {key}", f"{name}[{key}] -= {n}"),
        )
        said.append(one)
        code.append(line)
    says = d.pick(
        f"In the dictionary {name} {_and(said, ', then ')}.",
        f"{name} is a dictionary: {_and(said)}.",
        f"Change the dictionary {name}: {_and(said)}.",
    )
    return Step(says, "\n".join(code))


def dict_has(d: Draw) -> Step:
    name, key = d.variable("prices", "stock", "members"), d.pick(f'"{d.code()}"', f'"{d.word()}"', d.variable("key", "code"))
    no = d.chance(0.35)
    if d.chance(0.5):
        said = (
            d.pick(f"{key} is not in {name}", f"{name} has no {key}")
            if no
            else d.pick(f"{key} is in {name}", f"{name} has the key {key}")
        )
        return _decide(d, said, f"{key} {'not ' if no else ''}in {name}")
    bad = d.text()
    says = d.pick(
        f'Print {name} of {key} if there is such a key, otherwise "{bad}".',
        f'If {key} is in {name}, print its value; if not, print "{bad}".',
        f'How do I look {key} up in {name} without an error? Print the value or "{bad}"; use an if.',
    )
    return Step(says, f'if {key} in {name}:\n    print({name}[{key}])\nelse:\n    print("{bad}")')


def dict_loop(d: Draw) -> Step:
    name, k, v = (
        d.variable("prices", "stock", "members"),
        d.variable("key", "code"),
        d.variable("value", "price"),
    )
    (said, test), order = _compare(d, v, v, d.value()), d.chance(0.3)
    source = f"sorted({name}.items())" if order else f"{name}.items()"
    sort = d.pick(" in the order of the keys", ", sorted by key") if order else ""
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f"Print every {k} and {v} of the dictionary {name}{sort}.",
            f"For {k} and {v} of {name}{sort}: print both.",
            f"How do I list the dictionary {name}{sort}? Print {k} and {v}.",
        )
        return Step(says, f"for {k}, {v} in {source}:\n    print({k}, {v})")
    if kind == 1:
        says = d.pick(
            f"Print each {k} of the dictionary {name}{sort} if {said}; {v} is the value.",
            f"For {k} and {v} of {name}{sort}: if {said}, print {k}.",
        )
        return Step(says, f"for {k}, {v} in {source}:\n    if {test}:\n        print({k})")
    return Step(
        d.pick(
            f"Print every {k} of {name} and what is stored under it.",
            f"Loop over the keys of {name} as {k}; print {k} and {name} of it.",
        ),
        f"for {k} in {name}:\n    print({k}, {name}[{k}])",
    )


def dict_sum(d: Draw) -> Step:
    name, k, v = d.variable("prices", "stock", "members"), d.variable("key", "code"), d.variable("value", "price")
    (said, test), mark = _compare(d, v, v, d.value()), d.text()
    if d.chance(0.5):
        says = d.pick(
            f'List {name} as {k}, "{mark}", {v} in one text.',
            f'For every {k} and {v} of {name} print {k} + "{mark}" + {v} as text.',
        )
        return Step(says, f'for {k}, {v} in {name}.items():\n    print({k} + "{mark}" + str({v}))')
    total = d.variable("total", "amount")
    says = d.pick(
        f"Add up each {v} of the dictionary {name} in {total} if {said}; the key is {k}. Print {total}.",
        f"{total} = sum of {v} over {k}, {v} in {name}, but only when {said}; print it.",
    )
    return Step(says, f"{total} = 0\nfor {k}, {v} in {name}.items():\n    if {test}:\n        {total} += {v}\nprint({total})")


def count_words(d: Draw) -> Step:
    table, items, item = d.variable("counts", "table"), d.variable("words", "codes", "orders"), d.variable("word", "code")
    way = d.between(0, 2)
    how = (" with get", " with an if", "")[way]
    says = d.pick(
        f"Count in the dictionary {table} how often each {item} is in {items}{how}.",
        f"{table} = number of times per {item} of {items}; a dictionary{how}.",
        f"How do I count equal entries of {items}{how}? Use the dictionary {table} and {item} for the loop.",
        f"For every {item} of {items} add 1 to {table} under {item}{how}.",
    )
    code = (
        f"    if {item} in {table}:\n        {table}[{item}] += 1\n    else:\n        {table}[{item}] = 1"
        if way == 1
        else f"    {table}[{item}] = {table}.get({item}, 0) + 1"
    )
    code = f"{table} = {{}}\nfor {item} in {items}:\n{code}"
    if d.chance(0.4):
        return Step(says + d.pick(" Print the dictionary.", f" Print {table}."), f"{code}\nprint({table})")
    return Step(says, code)


def group_by(d: Draw) -> Step:
    table, items, k, v = (
        d.variable("groups", "table"),
        d.variable("rows", "orders"),
        d.variable("key", "town"),
        d.variable("value", "name"),
    )
    total = d.chance(0.4)
    says = (
        d.pick(
            f"Sum {v} by {k} over the pairs ({k}, {v}) of {items} in the dictionary {table}.",
            f"{table}: for each {k} the total of {v}; {items} is a list of {k}, {v}.",
        )
        if total
        else d.pick(
            f"Group {items}, pairs of {k} and {v}: {table} is a dictionary of lists, each {v} under its {k}.",
            f"For {k}, {v} in {items} append {v} to the list of {k} in {table}; make the list when it is missing.",
            f"How do I group the {v} of {items} by {k}? Each item is {k}, {v}; the lists go into {table}.",
        )
    )
    body = (
        f"    {table}[{k}] = {table}.get({k}, 0) + {v}"
        if total
        else f"    if {k} not in {table}:\n        {table}[{k}] = []\n    {table}[{k}].append({v})"
    )
    return Step(says, f"{table} = {{}}\nfor {k}, {v} in {items}:\n{body}")


def dict_record(d: Draw) -> Step:
    """A list of dictionaries."""
    items, item, k, v, n = (
        d.variable("orders", "members"),
        d.variable("order", "member"),
        d.word(),
        d.pick(d.word(), d.code()),
        d.value(),
    )
    field = f'{item}["{k}"]'
    said, test = _compare(d, f'"{k}"', field, n)
    shown = d.word()
    while shown == k:
        shown = d.word()
    says = d.pick(
        f'{items} is a list of dictionaries. Print "{shown}" of each {item} where {said}.',
        f'For each {item} in {items}: if {said}, print its "{shown}".',
        f'How do I list the "{shown}" of all dictionaries in {items} where {said}? Loop with {item}.',
    )
    if d.chance(0.4):
        pairs = ", ".join(f'"{w}": {x}' for w, x in ((k, n), (shown, f'"{v}"')))
        return Step(
            d.pick(
                f'Append to {items} a dictionary with "{k}" {n} and "{shown}" "{v}".',
                f'Add a record to the list {items}: "{k}" is {n}, "{shown}" is "{v}".',
                f'{items} gets a new entry ("{k}": {n}, "{shown}": "{v}").',
            ),
            f"{items}.append({{{pairs}}})",
        )
    return Step(says, f'for {item} in {items}:\n    if {test}:\n        print({item}["{shown}"])')


# Lists, sets, tuples


def _list_change(d: Draw, name: str, text: bool) -> tuple[str, str]:
    """An order for a list and its code."""
    item, n, m = f'"{d.text()}"' if text else d.value(), d.between(0, 9), d.between(10, 20)
    return d.pick(
        (d.pick(f"append {item}", f"add {item} at the end"), f".append({item})"),
        (d.pick(f"append {item}", f"hang on {item}"), f".append({item})"),
        (d.pick(f"insert {item} at position {n}", f"put {item} in at index {n}"), f".insert({n}, {item})"),
        (f"insert {item} at the front", f".insert(0, {item})"),
        (d.pick(f"remove {item}", f"take out {item}"), f".remove({item})"),
        (d.pick("sort it", "put it in order"), ".sort()"),
        (d.pick("sort it in descending order", "sort it from high to low"), ".sort(reverse=True)"),
        ("reverse it", ".reverse()"),
        (d.pick(f"delete item {n}", f"delete the element at {n}"), f"del {name}[{n}]"),
        (f"set item {n} to {item}", f"[{n}] = {item}"),
        ("remove the last item", ".pop()"),
        (f"delete items {n} to {m}", f"del {name}[{n}:{m} + 1]"),
        ("empty it", ".clear()"),
    )


def list_change(d: Draw) -> Step:
    name, said, code = d.variable("names", "queue", "codes"), [], []
    text = d.chance(0.6)
    for _ in range(d.between(1, 4)):
        one, line = _list_change(d, name, text)
        said.append(one)
        code.append(line if line.startswith("del") else name + line)
    says = d.pick(
        f"With the list {name}: {_and(said, ', then ')}.",
        f"Change the list {name}: {_and(said)}.",
        f"Take the list {name} and {_and(said)}.",
        f"{name} is a list; {_and(said, ', then ')}.",
    )
    body = "\n".join(code)
    if d.chance(0.3):
        texts, made = _list(d, 1, 4)
        says, body = _join(_items_said(d, name, texts), says), f"{name} = {made}\n{body}"
    if d.chance(0.4):
        return Step(says + d.pick(" Print it.", f" Then print {name}.", " Print the list."), f"{body}\nprint({name})")
    return Step(says, body)


def list_read(d: Draw) -> Step:
    name, n, m, item = d.variable("names", "amounts", "codes"), d.between(2, 9), d.between(10, 30), f'"{d.text()}"'
    noun, code = d.pick(
        (
            d.pick(f"the number of items in {name}", f"the length of the list {name}", f"how many items {name} has"),
            f"len({name})",
        ),
        (f"the first item of {name}", f"{name}[0]"),
        (f"the last item of {name}", f"{name}[-1]"),
        (f"item {n} of the list {name}", f"{name}[{n}]"),
        (f"the first {n} items of {name}", f"{name}[:{n}]"),
        (f"the last {n} items of {name}", f"{name}[-{n}:]"),
        (f"items {n} to {m} of {name}", f"{name}[{n}:{m} + 1]"),
        (f"the position of {item} in the list {name}", f"{name}.index({item})"),
        (f"how often {item} is in the list {name}", f"{name}.count({item})"),
        (d.pick(f"{name} sorted", f"a sorted copy of {name}"), f"sorted({name})"),
        (d.pick(f"{name} sorted backwards", f"a copy of {name} in descending order"), f"sorted({name}, reverse=True)"),
        (f"{name} sorted by length", f"sorted({name}, key=len)"),
        (f"the set of the items of {name}", f"set({name})"),
        (f"the largest item of {name}", f"max({name})"),
        (f"the smallest item of {name}", f"min({name})"),
        (f"the sum of {name}", f"sum({name})"),
        (f"the average of {name}", f"sum({name}) / len({name})"),
        (f"a copy of the list {name}", f"list({name})"),
        (f"the last item taken off {name}", f"{name}.pop()"),
        (f"the first item taken off {name}", f"{name}.pop(0)"),
    )
    return _use(
        d, noun, code, name, _number_list(d) if "sum(" in code or d.chance(0.5) else _list(d)[1] if ".index" not in code else ""
    )


def list_walk(d: Draw) -> Step:
    """A loop over texts with a condition."""
    name, item, (texts, made) = d.variable("names", "codes", "lines"), d.variable("name", "code", "line"), _list(d)
    (said, test), (noun, change) = _test(d, item), _change(d, item)
    intro, first = (_items_said(d, name, texts), f"{name} = {made}\n") if d.chance(0.45) else ("", "")
    kind = d.between(0, 2)
    head = f"for {item} in {name}:\n"
    if kind == 0:
        says = d.pick(
            f"Print {noun} for each {item} of {name}.",
            f"For {item} in {name}: print {noun}.",
            f"Loop over {name} with {item} and print {noun}.",
        )
        return Step(_join(intro, says), f"{first}{head}    print({change})")
    if kind == 1:
        says = d.pick(
            f"Print each {item} of {name} if {said}.",
            f"For {item} in {name}: if {said} print it.",
            f"How do I list only some of {name}? Print {item} if {said}.",
        )
        return Step(_join(intro, says), f"{first}{head}    if {test}:\n        print({item})")
    says = d.pick(
        f"Skip each {item} of {name} when {said}; print {noun} for the rest.",
        f"For {item} in {name}: continue if {said}, else print {noun}.",
    )
    return Step(_join(intro, says), f"{first}{head}    if {test}:\n        continue\n    print({change})")


def list_collect(d: Draw) -> Step:
    """A loop over texts that counts, collects or finds."""
    name, item, (texts, made) = d.variable("names", "codes", "lines"), d.variable("name", "code", "line"), _list(d)
    said, test = _test(d, item)
    intro, first = (_items_said(d, name, texts), f"{name} = {made}\n") if d.chance(0.45) else ("", "")
    kind, other, label = d.between(2, 4), d.variable(), d.text()
    head = f"for {item} in {name}:\n"
    if kind == 2:
        says = d.pick(
            f"Count in {other} each {item} of {name} for which {said}, and print it.",
            f"{other} = how many times {said}, for {item} in {name}; print {other}.",
        )
        return Step(_join(intro, says), f"{first}{other} = 0\n{head}    if {test}:\n        {other} += 1\nprint({other})")
    if kind == 3:
        says = d.pick(
            f"Collect in the new list {other} each {item} of {name} for which {said}; use append.",
            f"Go through {name} ({item}) and append it to {other} if {said}; {other} starts empty.",
        )
        return Step(_join(intro, says), f"{first}{other} = []\n{head}    if {test}:\n        {other}.append({item})")
    says = d.pick(
        f'Find the first {item} of {name} for which {said}; print "{label}" and {item} and stop.',
        f'Go through {name} with {item}; when {said}, print "{label}", {item} and leave the loop.',
    )
    return Step(_join(intro, says), f'{first}{head}    if {test}:\n        print("{label}", {item})\n        break')


def enumerate_list(d: Draw) -> Step:
    name, item, at, n, mark = (
        d.variable("names", "lines"),
        d.variable("name", "line"),
        d.variable("number", "row"),
        d.number(0, 500),
        d.text(),
    )
    (texts, made), start = _list(d), d.chance(0.6)
    intro, first = (_items_said(d, name, texts), f"{name} = {made}\n") if d.chance(0.4) else ("", "")
    count = d.pick(f" starting at {n}", f", counted from {n}", f", numbers from {n}") if start else ""
    joined = d.chance(0.35)
    says = d.pick(
        f"Print {name} with enumerate{count}: {at}" + (f', "{mark}"' if joined else "") + f" and {item}.",
        f"Number the items of {name}{count}; print {at}" + (f', "{mark}"' if joined else "") + f" and {item}.",
        f"How do I get the index in a loop over {name}{count}? Print {at}" + (f', "{mark}"' if joined else "") + f" and {item}.",
    )
    shown = f'{at}, "{mark}", {item}' if joined else f"{at}, {item}"
    return Step(
        _join(intro, says), f"{first}for {at}, {item} in enumerate({name}{f', {n}' if start else ''}):\n    print({shown})"
    )


def zip_lists(d: Draw) -> Step:
    one, two, a, b, mark = (
        d.variable("names", "codes"),
        d.variable("prices", "amounts"),
        d.variable("name", "code"),
        d.variable("price", "amount"),
        d.text(),
    )
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f"Walk over {one} and {two} together with {a} and {b} and print both.",
            f"Print each {a} of {one} with its {b} of {two}.",
            f"How do I loop over two lists at once? {one} gives {a}, {two} gives {b}; print them.",
        )
        return Step(says, f"for {a}, {b} in zip({one}, {two}):\n    print({a}, {b})")
    if kind == 1:
        said, test = _compare(d, b, b, d.value())
        says = d.pick(
            f"Print each {a} of {one} if {said}; {b} comes from {two}.",
            f"For {a}, {b} in {one} and {two} side by side: if {said}, print {a}.",
        )
        return Step(says, f"for {a}, {b} in zip({one}, {two}):\n    if {test}:\n        print({a})")
    says = d.pick(
        f'For {a} of {one} and {b} of {two} print {a}, "{mark}" and {b}.',
        f'Show {one} and {two} in pairs ({a}, {b}) with "{mark}" between.',
    )
    return Step(says, f'for {a}, {b} in zip({one}, {two}):\n    print({a}, "{mark}", {b})')


def zip_dict(d: Draw) -> Step:
    one, two, table = d.variable("names", "codes"), d.variable("prices", "amounts"), d.variable("table", "prices")
    says = d.pick(
        f"Make a dictionary {table} with the keys {one} and the values {two}.",
        f"{table}: {one} as keys, {two} as values, a dictionary made with zip.",
        f"How do I join {one} and {two} to a dictionary {table}? The keys are {one}.",
    )
    return Step(says, f"{table} = dict(zip({one}, {two}))")


def comprehension(d: Draw) -> Step:
    new, name, item = (
        d.variable("result", "short", "chosen"),
        d.variable("names", "codes", "lines"),
        d.variable("name", "code", "line"),
    )
    (noun, change), (said, test) = _change(d, item), _test(d, item)
    made, told = d.pick((change, noun), (item, item))
    full = d.chance(0.6) or made == item
    when, cond = (d.pick(f" if {said}", f" where {said}", f", but only if {said}"), f" if {test}") if full else ("", "")
    kind = d.between(0, 3)
    if kind == 0:
        says = d.pick(
            f"{new} is a set of {told} for {item} in {name}{when}.",
            f"Make the set {new}: {told}, for each {item} of {name}{when}.",
        )
        return Step(says, f"{new} = {{{made} for {item} in {name}{cond}}}")
    if kind == 1:
        says = d.pick(
            f"{new} is a dictionary: {item} as the key, {noun} as the value, for each {item} of {name}.",
            f"Make the dictionary {new} from {name}: {noun} by {item}, in one line.",
        )
        return Step(says, f"{new} = {{{item}: {change} for {item} in {name}}}")
    says = d.pick(
        f"Make the list {new} of {told} for each {item} of {name}{when}; as a comprehension.",
        f"{new} = list of {told} for {item} in {name}{when}.",
        f"With a list comprehension: {new} holds {told} for every {item} of {name}{when}.",
        f"How do I get {told} for every {item} of {name}{when} in one line? Call it {new}.",
    )
    return Step(says, f"{new} = [{made} for {item} in {name}{cond}]")


def number_comprehension(d: Draw) -> Step:
    new, name, item, n = d.variable("result", "large"), d.variable("prices", "amounts"), d.variable("price", "amount"), d.value()
    (said, test), (told, made) = (
        _compare(d, item, item, d.value()),
        d.pick(
            (f"{{}} times {n}", f"{{}} * {n}"),
            (f"{{}} plus {n}", f"{{}} + {n}"),
            ("{}", "{}"),
            (f"{{}} minus {n}", f"{{}} - {n}"),
        ),
    )
    told, made = told.format(item), made.format(item)
    wrap, verb = d.pick(("", ""), ("", ""), ("sum", "the sum of "), ("max", "the largest "), ("min", "the smallest "))
    if wrap:
        says = d.pick(
            f"{new} is {verb}{told} for each {item} of {name} where {said}.",
            f"Put {verb}{told}, over each {item} of {name} if {said}, into {new}.",
        )
        return Step(says, f"{new} = {wrap}({made} for {item} in {name} if {test})")
    says = d.pick(
        f"{new} is the list of {told} for each {item} of {name} where {said}.",
        f"Comprehension: {told} for {item} in {name} if {said}; call it {new}.",
        f"From {name} take each {item} if {said} and put {told} into the list {new}, in one line.",
    )
    return Step(says, f"{new} = [{made} for {item} in {name} if {test}]")


def any_all(d: Draw) -> Step:
    name, item = d.variable("names", "codes"), d.variable("name", "code")
    said, test = _test(d, item)
    word, function = d.pick(("any", "any"), ("at least one", "any"), ("every", "all"), ("each", "all"))
    return _decide(d, f"{said} for {word} {item} of {name}", f"{function}({test} for {item} in {name})")


def sort_key(d: Draw) -> Step:
    name, n, key, item = d.variable("rows", "orders", "members"), d.between(0, 9), d.word(), d.letter()
    noun, code = d.pick(
        (f"item {n}", f"{item}[{n}]"),
        (f'the key "{key}"', f'{item}["{key}"]'),
        (f"the attribute {key}", f"{item}.{key}"),
        ("the lower-case text", f"{item}.lower()"),
        (f"the first {n + 1} characters", f"{item}[:{n + 1}]"),
        ("the length", f"len({item})"),
    )
    down = d.chance(0.4)
    order, arg = (d.pick(" in descending order", ", highest first"), ", reverse=True") if down else ("", "")
    says = d.pick(
        f"Sort the list {name} by {noun}{order}; the lambda takes {item}.",
        f"How do I sort {name} by {noun}{order}? With a lambda of {item}.",
        f"{name}.sort with a key: lambda {item} gives {noun}{order}.",
    )
    if d.chance(0.3):
        target = d.variable("ranking", "result")
        return Step(
            d.pick(
                f"{target} is a copy of {name}, sorted by {noun}{order}; lambda {item}.",
                f"Store {name} sorted by {noun}{order} in {target} (lambda {item}).",
            ),
            f"{target} = sorted({name}, key=lambda {item}: {code}{arg})",
        )
    return Step(says, f"{name}.sort(key=lambda {item}: {code}{arg})")


def set_work(d: Draw) -> Step:
    one, two, item = d.variable("paid", "members", "tags"), d.variable("open", "guests", "codes"), f'"{d.text()}"'
    kind = d.between(0, 2)
    if kind == 0:
        noun, op = d.pick(
            (f"what is in both sets {one} and {two}", "&"),
            (f"what is in the set {one} or in {two}", "|"),
            (f"what is in the set {one} but not in {two}", "-"),
            (f"the difference of the sets {one} and {two}", "-"),
            (f"the union of {one} and {two}", "|"),
            (f"the intersection of {one} and {two}", "&"),
        )
        return _use(d, noun, f"{one} {op} {two}")
    if kind == 1:
        said, call = d.pick(
            (f"Add {item} to the set {one}", f"add({item})"),
            (f"Discard {item} from the set {one}", f"discard({item})"),
            (f"Remove {item} from the set {one}", f"remove({item})"),
            (f"Add all items of {two} to the set {one}", f"update({two})"),
        )
        if d.chance(0.5):
            return Step(said + d.pick(" and print it.", f", then print {one}."), f"{one}.{call}\nprint({one})")
        return Step(f"{said}.", f"{one}.{call}")
    texts, _ = _list(d)
    quoted = _quote(texts)
    says = d.pick(
        f"{one} is a set of {_and(quoted)}; print whether {two} is in it.",
        f"Make the set {one} with {_and(quoted)} and print if {two} is in {one}.",
    )
    return Step(says, f"{one} = {{{', '.join(quoted)}}}\nprint({two} in {one})")


def unique_list(d: Draw) -> Step:
    name, new, item = d.variable("names", "codes"), d.variable("result", "unique"), d.variable("name", "code")
    says = d.pick(
        f"Copy {name} to {new} without duplicates, in the same order; loop with {item}.",
        f"How do I drop duplicates from {name} and keep the order? Each {item} goes to {new} once.",
        f"{new} = every {item} of {name}, only once; use a loop and append.",
    )
    return Step(says, f"{new} = []\nfor {item} in {name}:\n    if {item} not in {new}:\n        {new}.append({item})")


def tuple_work(d: Draw) -> Step:
    name, parts = d.variable("record", "point", "pair"), [d.variable() for _ in range(d.between(2, 5))]
    values = [d.pick(d.value(), f'"{d.text()}"') for _ in parts]
    if d.chance(0.5):
        says = d.pick(
            f"{name} is a tuple of {_and(values)}; unpack it into {_and(parts)}.",
            f"Unpack the tuple {name} ({', '.join(values)}) into {_and(parts)}.",
        )
        return Step(says, f"{name} = ({', '.join(values)})\n{', '.join(parts)} = {name}")
    function = d.name()
    says = d.pick(
        f"{function} returns {_and(values)} together; store them in {_and(parts)}.",
        f"Write {function}(), which returns the tuple {', '.join(values)}; call it and unpack into {_and(parts)}.",
    )
    return Step(says, f"def {function}():\n    return {', '.join(values)}\n\n\n{', '.join(parts)} = {function}()")


def tuple_assign(d: Draw) -> Step:
    parts = [d.variable() for _ in range(d.between(2, 5))]
    values = [d.pick(d.value(), f'"{d.text()}"') for _ in parts]
    if d.chance(0.65):
        return Step(
            d.pick(
                f"Set {_and(parts)} to {_and(values)} in one line.",
                f"In one statement assign {', '.join(values)} to {', '.join(parts)}.",
            ),
            f"{', '.join(parts)} = {', '.join(values)}",
        )
    a, b = parts[:2]
    return Step(
        d.pick(
            f"Swap {a} and {b}.",
            f"Exchange the values of {a} and {b}.",
            f"How do I swap {a} and {b} without a third variable?",
        ),
        f"{a}, {b} = {b}, {a}",
    )


def tuple_list(d: Draw) -> Step:
    name, a, b = d.variable("prices", "rows", "stock"), d.variable("name", "code"), d.variable("price", "amount")
    rows = [(f'"{t}"', d.value()) for t in d.texts(d.between(2, 4))]
    style = d.pick("{t} with {v}", "{t} {v}", "{t}: {v}", "({t}, {v})", "{v} for {t}")
    facts = _and([style.format(t=t, v=v) for t, v in rows])
    made = f"{name} = [{', '.join(f'({t}, {v})' for t, v in rows)}]"
    says = d.pick(
        f"{name} is a list of pairs: {facts}.", f"Make the list of tuples {name}: {facts}.", f"Pairs in {name}: {facts}."
    )
    said, test = _compare(d, b, b, d.value())
    total = d.variable("total", "amount")
    then, code = d.pick(
        (f" Print each {a} and {b}.", f"for {a}, {b} in {name}:\n    print({a}, {b})"),
        (f" For {a} and {b}: print {a} if {said}.", f"for {a}, {b} in {name}:\n    if {test}:\n        print({a})"),
        (
            f" Sum up every {b} in {total}, looping with {a} and {b}, and print it.",
            f"{total} = 0\nfor {a}, {b} in {name}:\n    {total} += {b}\nprint({total})",
        ),
    )
    return Step(says + then, f"{made}\n{code}")


def queue_work(d: Draw) -> Step:
    name, item, end = d.variable("queue", "orders", "jobs"), d.variable("order", "job"), d.text()
    back, texts = d.chance(0.4), d.texts(d.between(2, 4))
    where = "last" if back else "first"
    says = d.pick(
        f'While {name} is not empty, take off the {where} item as {item} and print it; then print "{end}".',
        f"Work off {name}: as long as there is something in it, pop the {where} one "
        f'into {item}, print {item}. At the end "{end}".',
    )
    first = ""
    if d.chance(0.5):
        says, first = _join(_items_said(d, name, texts), says), f"{name} = [{', '.join(_quote(texts))}]\n"
    return Step(says, f'{first}while {name}:\n    {item} = {name}.pop({"" if back else 0})\n    print({item})\nprint("{end}")')


def search_list(d: Draw) -> Step:
    function, name, item, wanted = d.name(), d.variable("rows", "codes"), d.variable("row", "code"), d.variable("wanted", "key")
    at, bad = d.variable("position", "at"), f'"{d.text()}"'
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f"Write {function}({name}, {wanted}) that returns the position {at} of the {item} equal to {wanted}, or -1.",
            f"{function} looks for {wanted} in {name} by {at} and {item} and returns {at}; -1 "
            f"if it is not there. Parameters {name}, {wanted}.",
        )
        return Step(
            says,
            f"def {function}({name}, {wanted}):\n    for {at}, {item} in enumerate({name}):\n        if "
            f"{item} == {wanted}:\n            return {at}\n    return -1",
        )
    if kind == 1:
        says = d.pick(
            f"Store the index of {wanted} in {name} in {at}; on a ValueError print {bad}.",
            f"{at} = place of {wanted} in the list {name}; if it is not in there (ValueError) print {bad}.",
        )
        return Step(says, f"try:\n    {at} = {name}.index({wanted})\nexcept ValueError:\n    print({bad})")
    says = d.pick(
        f"If {wanted} is in {name}, remove it, otherwise print {bad}.",
        f"Remove {wanted} from {name}, but print {bad} if it is not in there.",
        f"How do I remove {wanted} from {name} safely? Message {bad} when it is missing.",
    )
    return Step(says, f"if {wanted} in {name}:\n    {name}.remove({wanted})\nelse:\n    print({bad})")


def grid_work(d: Draw) -> Step:
    name, rows, cols, fill, r, c = (
        d.variable("grid", "board", "seats"),
        d.between(2, 30),
        d.between(2, 30),
        d.pick('"."', '" "', "0", '"-"', '""'),
        d.number(0, 20),
        d.number(0, 20),
    )
    value = d.pick(f'"{d.code()}"', d.value())
    says = d.pick(
        f"Make the list of lists {name} with {rows} rows and {cols} columns of {fill}",
        f"{name}: {rows} by {cols} (rows, columns), all {fill}, as a list of lists",
        f"How do I make a table {name} of {rows} rows with {cols} times {fill}? As a list of lists",
    )
    code = f"{name} = [[{fill}] * {cols} for i in range({rows})]"
    if d.chance(0.6):
        return Step(
            says + d.pick(f"; set row {r}, column {c} to {value}.", f". Put {value} into row {r}, column {c}."),
            f"{code}\n{name}[{r}][{c}] = {value}",
        )
    return Step(says + ".", code)


# Bytes and dates


def byte_work(d: Draw) -> Step:
    name, enc = d.variable("data", "text", "raw"), d.pick("utf-8", "latin-1", "ascii", "cp1252", "utf-16")
    h = d.pick("0d0a", "ff00", "1b45", "48656c6c6f", "00ff10", "e282ac")
    nums = [str(d.between(0, 255)) for _ in range(d.between(1, 5))]
    noun, code = d.pick(
        (d.pick(f'the text {name} encoded as "{enc}"', f'{name} as bytes in "{enc}"'), f'{name}.encode("{enc}")'),
        (d.pick(f'the bytes {name} decoded from "{enc}"', f'{name}, bytes in "{enc}", as a text'), f'{name}.decode("{enc}")'),
        (f'the bytes {name} decoded from "{enc}" with wrong ones ignored', f'{name}.decode("{enc}", "ignore")'),
        (f'how many bytes {name} takes in "{enc}"', f'len({name}.encode("{enc}"))'),
        (f"the bytes {name} as a hex text", f"{name}.hex()"),
        (f'the bytes of the hex text "{h}"', f'bytes.fromhex("{h}")'),
        (f"the bytes {_and(nums)}", f"bytes([{', '.join(nums)}])"),
    )
    return _use(d, noun, code)


def date_pieces(d: Draw) -> Step:
    name, (y, m, t) = d.variable("date", "day"), (d.name("year"), d.name("month"), d.name("day"))
    mark = d.pick("-", "/", ".")
    names = {"y": y, "m": m, "t": t}
    order = d.pick("ymt", "tmy", "mty")
    parts = [names[o] for o in order]
    number = d.chance(0.5)
    if d.chance(0.5):
        conv = "int({})" if number else "{}"
        says = d.pick(
            f'Split the date text {name} at "{mark}" into {_and(parts)}',
            f'{name} is a date with {_and(parts)} and "{mark}" between; take it apart',
            f'How do I get {_and(parts)} from the date text {name} with "{mark}"? Split it',
        )
        code = f'{", ".join(parts)} = {name}.split("{mark}")'
        if number:
            says += d.pick("; make each an int", ", then convert them to int")
            code += "".join(f"\n{p} = {conv.format(p)}" for p in parts)
        return Step(says + ".", code)
    places = [(p, d.between(0, 8), d.pick(2, 4)) for p in parts]
    facts = _and([f"{p} from position {a}, {n} characters" for p, a, n in places], "; ")
    says = d.pick(f"Cut the date {name}: {facts}.", f"{name} is a date as text. Fields: {facts}.") + (
        " As integers." if number else ""
    )
    return Step(
        says, "\n".join(f"{p} = {'int(' if number else ''}{name}[{a}:{a} + {n}]{')' if number else ''}" for p, a, n in places)
    )


def date_build(d: Draw) -> Step:
    names, mark = [d.variable("year"), d.variable("month"), d.variable("day")], d.pick("-", "/", ".", "")
    y, m, t = names
    order = d.pick((y, m, t), (t, m, y), (m, t, y))
    said = f'{_and(order)} with "{mark}" between' if mark else f"{_and(order)} without anything between"
    pad = [f"str({p})" if p == y else f"str({p}).zfill(2)" for p in order]
    code = f' + "{mark}" + '.join(pad) if mark else " + ".join(pad)
    return _use(
        d,
        d.pick(
            f"the date text of the numbers {said} ({m} and {t} with two digits)",
            f"the date {said} ({m} and {t} as two digits, all are numbers)",
        ),
        code,
    )


def date_format(d: Draw) -> Step:
    d.used.update(("date", "datetime", "timedelta"))
    form, label, target, n = d.pick(*FORMS), d.text(), d.variable("due", "day"), d.number(2, 400)
    if d.chance(0.5):
        says = d.pick(
            f'Print "{label}" and the current date and time as "{form}".',
            f'Show now in the format "{form}" after "{label}".',
            f'How do I print the current time like "{form}"? Put "{label}" before it.',
        )
        return Step(says, f'from datetime import datetime\n\nprint("{label}", datetime.now().strftime("{form}"))')
    says = d.pick(
        f'{target} is {n} days after today; print it as "{form}".',
        f'Print the date in {n} days ({target}) in the format "{form}".',
        f'Which day is it in {n} days? Use {target}, format "{form}".',
    )
    return Step(
        says,
        f"from datetime import date, timedelta\n\n{target} = date.today() + "
        f'timedelta(days={n})\nprint({target}.strftime("{form}"))',
    )


def date_read(d: Draw) -> Step:
    d.used.update(("date", "datetime", "timedelta"))
    form, label, target, name = d.pick(*FORMS), d.text(), d.variable("due", "day"), d.variable("today", "now", "day")
    if d.chance(0.5):
        says = d.pick(
            f'{target} is the date in the text {name} with the format "{form}".',
            f'Read {name} as a date of the form "{form}" into {target}.',
        )
        return Step(says, f'from datetime import datetime\n\n{target} = datetime.strptime({name}, "{form}")')
    says = d.pick(
        f'Check whether {name} is a date of the form "{form}"; if not print "{label}".',
        f'Try to read {name} by "{form}" and print "{label}" on a ValueError.',
    )
    return Step(
        says,
        f"from datetime import datetime\n\ntry:\n    datetime.strptime({name}, "
        f'"{form}")\nexcept ValueError:\n    print("{label}")',
    )


def date_convert(d: Draw) -> Step:
    d.used.update(("year", "month", "day"))
    name, target, a, b = d.variable("date", "stamp"), d.variable("result", "short"), *d.rng.sample("-/.", 2)
    says = d.pick(
        f'{name} has year, month and day with "{a}". Turn it into day, month, year with "{b}" as {target}.',
        f'Convert the date text {name} (year, month, day, mark "{a}") to day, month, year with the mark "{b}"; call it {target}.',
    )
    return Step(says, f'year, month, day = {name}.split("{a}")\n{target} = day + "{b}" + month + "{b}" + year')


# Small programs


def blank_lines(d: Draw) -> Step:
    file, line, mark = d.file(), d.variable("line", "row"), d.pick("#", "*", "//", ";", "REM")
    both = d.chance(0.4)
    says = d.pick(
        f'How do I skip blank lines? Show it with "{file}": print each {line} that is not empty',
        f'Print "{file}" without the blank lines, {line} by {line}',
        f'Read "{file}" with {line}, ignore empty lines and print the others',
    )
    says += (
        d.pick(f', and skip those that start with "{mark}".', f'; lines beginning with "{mark}" are skipped too.')
        if both
        else "."
    )
    test = f'if {line} == "" or {line}.startswith("{mark}"):' if both else f'if {line} == "":'
    return Step(
        says, f'for {line} in open("{file}"):\n    {line} = {line}.strip()\n    {test}\n        continue\n    print({line})'
    )


def settings_lines(d: Draw) -> Step:
    """Lines with key and value, comments between them."""
    d.used.update(("key", "value"))
    table, lines, line, mark, note = (
        d.variable("settings", "options"),
        d.name("lines", "rows"),
        d.name("line", "row"),
        d.pick("=", ":", ";"),
        d.pick("#", "//", "!"),
    )
    says = d.pick(
        f'Read the settings in {lines} into the dictionary {table}: key and value with "{mark}" between, '
        f'both stripped; skip each {line} that starts with "{note}".',
        f'{table} is a dictionary of the {lines} "key{mark}value" without blanks around '
        f'them. Ignore every {line} with "{note}" in front.',
        f'How do I parse "key{mark}value" {lines} with comments ("{note}") into '
        f"{table}? Loop with {line} and strip key and value.",
    )
    return Step(
        says,
        f'{table} = {{}}\nfor {line} in {lines}:\n    if {line}.startswith("{note}"):\n        continue\n'
        f'    key, value = {line}.split("{mark}", 1)\n    {table}[key.strip()] = value.strip()',
    )


def initials(d: Draw) -> Step:
    name, result, word, mark = (
        d.variable("name", "title"),
        d.variable("initials", "short"),
        d.variable("word", "part"),
        d.pick("", ".", "-"),
    )
    tail = f' + "{mark}"' if mark else ""
    says = d.pick(
        f"Build {result} from the first letter of each {word} of {name}"
        + (f', each followed by "{mark}"' if mark else "")
        + ", and print it.",
        f"How do I get the initials of {name}? Loop over its words with {word}; {result} takes the first letter"
        + (f' and "{mark}"' if mark else "")
        + ". Print it.",
        f"{result} = first letters of the words of {name} (loop variable {word})"
        + (f', "{mark}" after each' if mark else "")
        + "; print it.",
    )
    return Step(says, f'{result} = ""\nfor {word} in {name}.split():\n    {result} += {word}[0]{tail}\nprint({result})')


def shift_letters(d: Draw) -> Step:
    d.used.update(("char",))
    function, text, result, n = d.name(), d.variable("text", "word"), d.variable("result", "secret"), d.between(1, 25)
    minus = d.chance(0.3)
    says = d.pick(
        f"Write {function}({text}) that {'lowers' if minus else 'raises'} the code "
        f"of every char by {n} and returns the {result}.",
        f"{function} shifts each char of {text} by {n} {'down' if minus else 'up'} into {result} and returns that.",
        f"How do I shift all characters of {text} {'back' if minus else 'on'} by {n}? "
        f"Function {function}, build {result} in a loop over char.",
    )
    return Step(
        says,
        f'def {function}({text}):\n    {result} = ""\n    for char in {text}:\n        {result} += '
        f"chr(ord(char) {'-' if minus else '+'} {n})\n    return {result}",
    )


def translate_codes(d: Draw) -> Step:
    """A table of codes and texts, looked up."""
    table, function, key, pairs, other = (
        d.variable("names", "table"),
        d.name(),
        d.variable("code", "key"),
        _pairs(d, 2, 4),
        f'"{d.text()}"',
    )
    style = d.pick("{k} is {v}", "{v} for {k}", "{k}: {v}", "{k} gives {v}")
    facts = _and([style.format(k=k, v=v) for k, v in pairs])
    made = f"{{{', '.join(f'{k}: {v}' for k, v in pairs)}}}"
    says = d.pick(
        f"{function}({key}) looks {key} up in a dictionary {table}: {facts}. For others it returns {other}.",
        f"Write {function} with the parameter {key} and the table {table} ({facts}); return the entry or {other}.",
        f"Table {table}: {facts}. Function {function} returns the value of {key}, {other} if it is not there.",
    )
    return Step(says, f"{table} = {made}\n\n\ndef {function}({key}):\n    return {table}.get({key}, {other})")


def menu_of_list(d: Draw) -> Step:
    name, (texts, made), item, answer, ask = (
        d.variable("choices", "rooms"),
        _list(d),
        d.variable("choice", "room"),
        d.variable("answer", "number"),
        d.text(),
    )
    bad = d.text()
    says = d.pick(
        f"{_items_said(d, name, texts)}Print each {item} with its number i from 1, ask "
        f'"{ask}" for {answer} as an int and print the chosen one.',
        f"How do I let the user choose from a list by number? {name} is {', '.join(_quote(texts))}; show i (from 1) and "
        f'{item}, prompt "{ask}", int variable {answer}; print the one chosen.',
    )
    if ": Print" in says:
        says = says.replace(": Print", ": print")
    code = f'{name} = {made}\nfor i, {item} in enumerate({name}, 1):\n    print(i, {item})\n{answer} = int(input("{ask}"))\n'
    if d.chance(0.5):
        return Step(
            says + f' Outside of the list print "{bad}".',
            f'{code}if 1 <= {answer} <= len({name}):\n    print({name}[{answer} - 1])\nelse:\n    print("{bad}")',
        )
    return Step(says, f"{code}print({name}[{answer} - 1])")


def next_number(d: Draw) -> Step:
    d.used.update(("number",))
    name, mark, n, new = (
        d.variable("code", "invoice"),
        d.pick(d.code() + "-", d.pick("INV-", "R/", "K", "NO.")),
        d.between(3, 8),
        d.variable("following", "new"),
    )
    says = d.pick(
        f'{name} is "{mark}" and a number. Make {new}: the same with the number one higher, {n} digits with leading zeros.',
        f'Take the number behind "{mark}" in {name}, add 1 and build {new} with "{mark}" and {n} digits.',
        f'How do I count up the number in a code like "{mark}" plus {n} digits? From {name} to {new}.',
    )
    return Step(says, f'number = int({name}[len("{mark}"):]) + 1\n{new} = "{mark}" + str(number).zfill({n})')


def longest(d: Draw) -> Step:
    name, best, item = d.variable("names", "lines"), d.variable("longest", "best"), d.variable("name", "line")
    small = d.chance(0.35)
    word, op = ("shortest", "<") if small else ("longest", ">")
    if d.chance(0.5):
        says = d.pick(
            f"{best} is the {word} text of {name}; print it and its length.",
            f"Put the {word} text of the list {name} into {best} and print it with its length.",
        )
        return Step(says, f"{best} = {'min' if small else 'max'}({name}, key=len)\nprint({best}, len({best}))")
    says = d.pick(
        f"Find the {word} text of {name} with a loop: {best} starts as the first one and "
        f"takes each {item} that is {word[:-2]}r. Print {best}.",
        f"Loop over {name} with {item} and keep the {word} in {best}, beginning with item 0. Print it.",
        f"How do I find the {word} of {name} without {'min' if small else 'max'}? {best} is "
        f"item 0 first, then loop with {item}; print {best}.",
    )
    return Step(
        says,
        f"{best} = {name}[0]\nfor {item} in {name}:\n    if len({item}) {op} "
        f"len({best}):\n        {best} = {item}\nprint({best})",
    )


# Rewriting and mending


def rewrite_join(d: Draw) -> Step:
    result, item, name, mark = (
        d.variable("result", "line"),
        d.variable("part", "name"),
        d.variable("parts", "names"),
        d.pick(", ", ";", " ", "/", "-", "|"),
    )
    before = f'{result} = ""\nfor {item} in {name}:\n    if {result} != "":\n        {result} = {result} + "{mark}"\n'
    before += f"    {result} = {result} + {item}\nprint({result})"
    return Step(
        d.pick(
            "Use join instead of the loop.",
            "Shorten this with join.",
            "Write this in two lines, with join.",
            "Isn't there a method for this loop?",
        ),
        f'{result} = "{mark}".join({name})\nprint({result})',
        before,
    )


def rewrite_index(d: Draw) -> Step:
    name, (_, made), text = d.variable("names", "codes"), _list(d), d.text()
    item, counted = name[:-1] if name.endswith("s") and len(name) > 3 else "item", d.chance(0.5)
    head = f"{name} = {made}\n" if d.chance(0.5) else ""
    if counted:
        says = d.pick(
            f"Use enumerate; the item is {item}.",
            f"Write the loop with enumerate, i and {item}.",
            f"Get rid of range(len()): enumerate with {item}.",
        )
        before, code = (
            f'for i in range(len({name})):\n    print("{text}", i, {name}[i])',
            f'for i, {item} in enumerate({name}):\n    print("{text}", i, {item})',
        )
    else:
        says = d.pick(
            f"Loop over the items themselves, as {item}.",
            f"Remove the index; call the item {item}.",
            f"Write it without range(len()), with {item}.",
        )
        before, code = (
            f'for i in range(len({name})):\n    print("{text}", {name}[i])',
            f'for {item} in {name}:\n    print("{text}", {item})',
        )
    return Step(says, head + code, head + before)


def rewrite_zip(d: Draw) -> Step:
    one, two, a, b, mark = d.variable("names"), d.variable("prices"), d.variable("name"), d.variable("price"), d.text()
    before = f'for i in range(len({one})):\n    print({one}[i], "{mark}", {two}[i])'
    says = d.pick(
        f"Use zip with {a} and {b}.",
        f"Walk over both lists with zip; call the items {a} and {b}.",
        f"Write the loop without an index: {a} of {one}, {b} of {two}.",
    )
    return Step(says, f'for {a}, {b} in zip({one}, {two}):\n    print({a}, "{mark}", {b})', before)


def rewrite_comprehension(d: Draw) -> Step:
    new, name, item = d.variable("result"), d.variable("names"), d.variable("name")
    (_, test), (_, change) = _test(d, item), _change(d, item)
    made = d.pick(item, change)
    full = made == item or d.chance(0.6)
    loop = f"{new} = []\nfor {item} in {name}:\n    " + (f"if {test}:\n        " if full else "") + f"{new}.append({made})"
    short = f"{new} = [{made} for {item} in {name}{f' if {test}' if full else ''}]"
    if d.chance(0.35):
        return Step(
            d.pick(
                "Write the comprehension as a loop with append.",
                "Unfold this into a loop.",
                "I find this hard to read; make a normal loop of it.",
            ),
            loop,
            short,
        )
    return Step(
        d.pick(
            "Make a list comprehension of this.",
            "Write it in one line.",
            "Replace the loop by a comprehension.",
            "How would this be a comprehension?",
        ),
        short,
        loop,
    )


def rewrite_chain_to_dict(d: Draw) -> Step:
    key, target, table = d.variable("code", "unit"), d.variable("name", "text"), d.name("names", "table")
    pairs, other = _pairs(d, 2, 4), f'"{d.text()}"'
    lines = [f"{'el' if i else ''}if {key} == {k}:\n    {target} = {v}" for i, (k, v) in enumerate(pairs)]
    before = "\n".join(lines) + f"\nelse:\n    {target} = {other}"
    code = f"{table} = {{{', '.join(f'{k}: {v}' for k, v in pairs)}}}\n{target} = {table}.get({key}, {other})"
    return Step(
        d.pick(
            f"Use a dictionary {table} instead of the ifs.",
            f"Replace the chain by a lookup in {table}.",
            f"Make a table {table} of this (a dictionary with get).",
        ),
        code,
        before,
    )


def rewrite_format(d: Draw) -> Step:
    text, name, n = d.text().replace("%", ""), d.variable("price", "total"), d.between(1, 4)
    before, code = d.pick(
        (f'print("{text}%.{n}f" % {name})', f'print("{text}" + format({name}, ".{n}f"))'),
        (f'print("{text}%s" % {name})', f'print("{text}" + str({name}))'),
        (f'print("{text}{{:.{n}f}}".format({name}))', f'print("{text}" + format({name}, ".{n}f"))'),
        (f'print("{text}{{}}".format({name}))', f'print("{text}" + str({name}))'),
        (f'print("%s{text}" % {name})', f'print(str({name}) + "{text}")'),
    )
    return Step(
        d.pick(
            "Write it with + and str() or format().",
            "Replace the mask in the text by format() or str() and +.",
            "No % and no braces in the text, please: use + with str() or format().",
        ),
        code,
        before,
    )


def rewrite_prints(d: Draw) -> Step:
    texts, name, item = d.texts(d.between(3, 5)), d.name("lines", "texts"), d.variable("line", "text")
    tail = d.pick("", "", ".upper()", ".center(40)", ".rjust(20)")
    before = "\n".join(f'print("{t}"{tail})' for t in texts)
    code = f"{name} = [{', '.join(_quote(texts))}]\nfor {item} in {name}:\n    print({item}{tail})"
    return Step(
        d.pick(
            f"Put the texts into a list {name} and print them in a loop with {item}.",
            f"Make a loop of this: list {name}, variable {item}.",
            f"Replace the repeated lines by a list {name} and a loop over it ({item}).",
        ),
        code,
        before,
    )


def rewrite_slices(d: Draw) -> Step:
    d.used.update(("name", "start", "length"))
    line, fields, target = d.variable("line"), d.name("fields", "layout"), d.variable("record")
    rows = _layout(d)
    before = f"{target} = {{}}\n" + "\n".join(f'{target}["{f}"] = {line}[{s}:{s} + {n}]' for f, s, n in rows)
    table = ", ".join(f'("{f}", {s}, {n})' for f, s, n in rows)
    code = f"{fields} = [{table}]\n{target} = {{}}\nfor name, start, length in {fields}:\n"
    code += f"    {target}[name] = {line}[start:start + length]"
    return Step(
        d.pick(
            f"Use a table {fields} of name, start and length, and a loop.",
            f"Make a layout {fields} (name, start, length) and one loop of these lines.",
        ),
        code,
        before,
    )


def rewrite_try(d: Draw) -> Step:
    target, source, text, shown = d.variable("number"), d.variable("text"), d.text(), d.variable()
    kind, error, risky = d.pick(
        ("wrong number", "ValueError", f"{target} = int({source})"),
        ("wrong number", "ValueError", f"{target} = float({source})"),
        ("missing key", "KeyError", f'{target} = {source}["{d.word()}"]'),
        ("missing item", "IndexError", f"{target} = {source}[{d.between(1, 9)}]"),
        ("missing item", "ValueError", f'{target} = {source}.index("{d.word()}")'),
    )
    before = f"{risky}\nprint({target}, {shown})"
    first = d.chance(0.35)
    says = (
        d.pick(
            f'Catch the {error} of the first line and print "{text}" then; use else for the other line.',
            f'Only the first line in a try, with "{text}" printed on {error} and the last line in else.',
        )
        if first
        else d.pick(
            f'Catch the {error} and print "{text}" then.',
            f'A {kind} must not stop the program: print "{text}" on {error}.',
            f'Put a try around both lines; {error} prints "{text}".',
        )
    )
    if first:
        return Step(says, f'try:\n    {risky}\nexcept {error}:\n    print("{text}")\nelse:\n    print({target}, {shown})', before)
    return Step(says, f'try:\n    {risky}\n    print({target}, {shown})\nexcept {error}:\n    print("{text}")', before)


def rewrite_old_api(d: Draw) -> Step:
    name, key, a, b, n = d.variable("table"), d.word(), d.variable(), d.variable(), d.between(1, 20)
    text = d.text()
    before, code = d.pick(
        (f'if {name}.has_key("{key}"):\n    print "{text}"', f'if "{key}" in {name}:\n    print("{text}")'),
        (f'print "{text}", {a}', f'print("{text}", {a})'),
        (f'print "{text}"\nprint {a}, {b}', f'print("{text}")\nprint({a}, {b})'),
        (f"for {a}, {b} in {name}.iteritems():\n    print {a}, {b}", f"for {a}, {b} in {name}.items():\n    print({a}, {b})"),
        (f'{a} = raw_input("{text}")\nprint {a}', f'{a} = input("{text}")\nprint({a})'),
        (f"for {a} in xrange({n}):\n    print {a}", f"for {a} in range({n}):\n    print({a})"),
        (f'{a} = string.upper({b})\nprint {a}, "{text}"', f'{a} = {b}.upper()\nprint({a}, "{text}")'),
        (f'if {a} <> "{text}":\n    print {b}', f'if {a} != "{text}":\n    print({b})'),
    )
    return Step(
        d.pick(
            "Bring this up to Python 3.",
            "This is Python 2. Convert it.",
            "Make this run under Python 3.",
            "What is this in today's Python?",
        ),
        code,
        before,
    )


def mend_concat(d: Draw) -> Step:
    name, value, text, other = d.variable("total", "count"), d.value(), d.text(), d.text()
    tail = f' + "{other}"' if d.chance(0.5) else ""
    before = f'{name} = {value}\nprint("{text}" + {name}{tail})'
    code = f'{name} = {value}\nprint("{text}" + str({name}){tail})'
    says = d.pick(
        "This fails: a number cannot be added to a text. Mend it.",
        "TypeError: can only concatenate str. Fix it.",
        "Why does this stop with a TypeError? Correct it with str().",
        "The print does not work with a number; repair it.",
    )
    return Step(says, code, before)


def _break_line(d: Draw, code: str) -> tuple[str, str]:
    """A mistake planted in a program: the broken one, and what a user might say."""
    lines = code.split("\n")
    options: list[tuple[str, str]] = []
    for i, line in enumerate(lines):
        rest = lines[:i], lines[i + 1 :]
        if line.endswith(":"):
            options.append(("\n".join([*rest[0], line[:-1], *rest[1]]), "SyntaxError: expected ':'."))
        if line.endswith(")"):
            options.append(("\n".join([*rest[0], line[:-1], *rest[1]]), "SyntaxError: '(' was never closed."))
        if line.startswith("    ") and i > 0 and lines[i - 1].endswith(":"):
            options.append(("\n".join([*rest[0], line.lstrip(), *rest[1]]), "IndentationError: expected an indented block."))
        if '"' in line and line.count('"') == 2 and line.rstrip(":)]").endswith('"'):
            at = line.rindex('"')
            options.append(
                ("\n".join([*rest[0], line[:at] + line[at + 1 :], *rest[1]]), "SyntaxError: unterminated string literal.")
            )
        if line.strip().startswith("if ") and " == " in line:
            options.append(
                ("\n".join([*rest[0], line.replace(" == ", " = ", 1), *rest[1]]), "SyntaxError: invalid syntax in the if.")
            )
    return d.pick(*options) if options else ("", "")


def mend_syntax(d: Draw) -> Step:
    """Mend a small program that does not compile."""
    make = d.pick(
        text_test,
        count_words,
        dict_loop,
        list_walk,
        count_characters,
        filter_characters,
        shorten,
        cut_prefix,
        enumerate_list,
        to_number,
        initials,
    )
    code = before = error = ""
    while not before:
        code = make(d).code
        before, error = _break_line(d, code)
    says = d.pick(
        "This does not compile. Mend it.",
        "Find the mistake and correct it.",
        error,
        f"{error} Fix it.",
        f'I get "{error[:-1]}". What is wrong?',
        "Something is missing here; repair it.",
    )
    return Step(says, code, before)


def mend_text(d: Draw) -> Step:
    """A mistake with a text that the request describes."""
    item, new, text, n, mark = d.variable("name"), d.variable("result"), d.text(), d.between(2, 20), d.pick(*MARKS)
    good, bad, said = d.pick(
        (
            f'{item} = {item}.upper()\nprint("{text}", {item})',
            f'{item}.upper()\nprint("{text}", {item})',
            "The text is not in upper case.",
        ),
        (
            f'{item} = {item}.replace("{mark}", "")\nprint({item})',
            f'{item}.replace("{mark}", "")\nprint({item})',
            "Nothing gets replaced.",
        ),
        (
            f'if {item}.find("{mark}") >= 0:\n    print("{text}")',
            f'if {item}.find("{mark}"):\n    print("{text}")',
            f'It must be true when "{mark}" is found at any position, 0 included.',
        ),
        (
            f'{new} = {item}.split("{mark}")[{n}]\nprint({new})',
            f'{new} = {item}.split("{mark}")({n})\nprint({new})',
            "TypeError: 'list' object is not callable.",
        ),
    )
    return Step(d.pick(f"{said} Mend it.", f"{said} Correct this.", f"What is wrong here? {said}", f"{said}"), good, bad)


def mend_condition(d: Draw) -> Step:
    """A mistake in a condition or a conversion."""
    name, item, new, text, n = d.variable("names"), d.variable("name"), d.variable("result"), d.text(), d.between(2, 20)
    good, bad, said = d.pick(
        (
            f'if "{text}" in {name}:\n    print({name}.index("{text}"))',
            f'if "{text}" not in {name}:\n    print({name}.index("{text}"))',
            "The condition is the wrong way round.",
        ),
        (
            f"if len({item}) > {n}:\n    {item} = {item}[:{n}]",
            f"if {item} > {n}:\n    {item} = {item}[:{n}]",
            "The length is meant, not the text itself.",
        ),
        (
            f'{new} = int(input("{text}"))\nprint({new} + {n})',
            f'{new} = input("{text}")\nprint({new} + {n})',
            "The input must become an int.",
        ),
    )
    return Step(d.pick(f"{said} Mend it.", f"{said} Correct this.", f"What is wrong here? {said}", f"{said}"), good, bad)


def mend_list(d: Draw) -> Step:
    """A mistake with a list."""
    name, item, new = d.variable("names"), d.variable("name"), d.variable("result")
    good, bad, said = d.pick(
        (f"{name}.sort()\nprint({name})", f"{name} = {name}.sort()\nprint({name})", "It prints None instead of the sorted list."),
        (
            f"for i in range(len({name})):\n    print(i, {name}[i])",
            f"for i in range(len({name}) + 1):\n    print(i, {name}[i])",
            "It stops with an IndexError at the end.",
        ),
        (
            f"{new} = []\nfor {item} in {name}:\n    {new}.append({item}.strip())",
            f"for {item} in {name}:\n    {new} = []\n    {new}.append({item}.strip())",
            "Only the last item is in the list.",
        ),
    )
    return Step(d.pick(f"{said} Mend it.", f"{said} Correct this.", f"What is wrong here? {said}", f"{said}"), good, bad)


def mend_loop(d: Draw) -> Step:
    """A mistake in a loop."""
    name, item, new = d.variable("names"), d.variable("name"), d.variable("result")
    good, bad, said = d.pick(
        (
            f"{new} = 0\nfor {item} in {name}:\n    {new} += len({item})\nprint({new})",
            f"for {item} in {name}:\n    {new} += len({item})\nprint({new})",
            f"{new} has no start value; it should begin at 0.",
        ),
        (
            f"for {item} in {name}:\n    print({item})",
            f"for {item} in {name}:\n    print({name})",
            "It should print each item, not the whole list every time.",
        ),
        (
            f"for i in range(len({name})):\n    print(i, {name}[i])",
            f"for i in range(len({name}) + 1):\n    print(i, {name}[i])",
            "It stops with an IndexError at the end.",
        ),
    )
    return Step(d.pick(f"{said} Mend it.", f"{said} Correct this.", f"What is wrong here? {said}", f"{said}"), good, bad)


def finish_program(d: Draw) -> Step:
    """A half-written program whose rest the request tells."""
    name, (_, made), item, total = d.name("names", "codes"), _list(d), d.name("name", "code"), d.name("count", "total")
    (said, test), label = _test(d, item), d.text()
    head = f"{name} = {made}\n{total} = 0\nfor {item} in {name}:"
    says = d.pick(
        f'Finish it: if {said}, add 1 to {total}; at the end print "{label}" and {total}.',
        f'Complete the loop. It counts in {total} when {said}. Then print "{label}", {total}.',
        f'Write the rest: {total} goes up by 1 if {said}; after the loop "{label}" and {total} are printed.',
    )
    return Step(says, f'{head}\n    if {test}:\n        {total} += 1\nprint("{label}", {total})', head)


def add_to_program(d: Draw) -> Step:
    """Add one thing to a dictionary or list program."""
    name, pairs, k, v = d.name("prices", "stock"), _pairs(d, 2, 3), f'"{d.text()}"', d.value()
    keep, key, item = f"{name} = {{{', '.join(f'{a}: {b}' for a, b in pairs)}}}", d.variable("key"), d.variable("value")
    loop = f"for {key}, {item} in {name}.items():\n    print({key}, {item})"
    says, code = d.pick(
        (
            d.pick(f"Before the loop add {v} under {k}.", f"Also put in {k} with {v}, before printing."),
            f"{keep}\n{name}[{k}] = {v}\n{loop}",
        ),
        (
            d.pick("Print them in the order of the keys.", "Sort the loop by key."),
            f"{keep}\nfor {key}, {item} in sorted({name}.items()):\n    print({key}, {item})",
        ),
        (d.pick(f"After the loop print {k}.", f"At the end also print {k}."), f"{keep}\n{loop}\nprint({k})"),
        (
            d.pick(f"Delete {pairs[0][0]} before the loop.", f"Take {pairs[0][0]} out before printing."),
            f"{keep}\ndel {name}[{pairs[0][0]}]\n{loop}",
        ),
        (
            d.pick(f"Print only those with {item} above {v}.", f"Show an entry only if {item} is more than {v}."),
            f"{keep}\nfor {key}, {item} in {name}.items():\n    if {item} > {v}:\n        print({key}, {item})",
        ),
        (
            d.pick(f"Change {pairs[-1][0]} to {v} in the dictionary.", f"{pairs[-1][0]} should be {v}."),
            keep.replace(f"{pairs[-1][0]}: {pairs[-1][1]}}}", f"{pairs[-1][0]}: {v}}}") + f"\n{loop}",
        ),
    )
    return Step(says, code, f"{keep}\n{loop}")


def program_to_function(d: Draw) -> Step:
    function, name = d.name(), d.name("text", "code")
    values = d.texts(d.between(2, 3))
    _, change = _change(d, name)
    before = "\n".join(f'{name} = "{v}"\nprint({change})' for v in values)
    code = f"def {function}({name}):\n    print({change})\n\n\n" + "\n".join(f'{function}("{v}")' for v in values)
    return Step(
        d.pick(
            f"Move the repeated line into a function {function}({name}).",
            f"Make a function {function} of this, with the parameter {name}.",
            f"Use {function}({name}) to avoid the repetition.",
        ),
        code,
        before,
    )


def names_changed(d: Draw) -> Step:
    """Rename a variable in a program of this module."""
    old, new, other = d.name(parts=1), d.name(), d.variable()
    text, mark = d.text(), d.pick(*MARKS)
    shape = d.pick(
        '{o} = "{t}"\nprint({o}.upper())',
        '{x} = {o}.split("{m}")\nprint({o}, {x}[0])',
        'for i in range(len({o})):\n    if {o}[i] == "{m}":\n        print(i, {x})',
        'if {o} == "{t}":\n    {o} = ""\nprint({o}, {x})',
        "{o} = []\nfor i in range(10):\n    {o}.append({x})\nprint(len({o}))",
    )
    before, code = (shape.format(o=n, x=other, t=text, m=mark) for n in (old, new))
    return Step(
        d.pick(f"Rename {old} to {new}.", f"The variable {old} should be called {new}.", f"Call it {new} instead of {old}."),
        code,
        before,
    )


IDIOMS: Sequence[Callable[[Draw], Step]] = tuple(
    _guard(idiom)
    for idiom in (
        slice_part,
        slice_ends,
        one_character,
        reverse_text,
        several_slices,
        fixed_table,
        fixed_record,
        concatenate,
        label_number,
        append_text,
        join_list,
        repeat_text,
        boxed_title,
        template_fill,
        find_in_text,
        find_then,
        find_all,
        text_test,
        two_tests,
        chain_of_starts,
        one_of,
        ends_any,
        change_text,
        change_itself,
        padding,
        leading_zeros,
        shorten,
        cut_prefix,
        split_names,
        split_item,
        split_loop,
        csv_line,
        csv_sum,
        csv_dict,
        characters,
        character_table,
        number_format,
        to_number,
        numbers_of_list,
        ask_number,
        compare_texts,
        count_characters,
        filter_characters,
        check_code,
        apply_mask,
        mask_function,
        match_mask,
        check_sum,
        report_lines,
        report_columns,
        heading_columns,
        dict_build,
        dict_read,
        dict_change,
        dict_has,
        dict_loop,
        dict_sum,
        count_words,
        group_by,
        dict_record,
        list_change,
        list_read,
        list_walk,
        list_collect,
        enumerate_list,
        zip_lists,
        zip_dict,
        comprehension,
        number_comprehension,
        any_all,
        sort_key,
        set_work,
        unique_list,
        tuple_work,
        tuple_assign,
        tuple_list,
        queue_work,
        search_list,
        grid_work,
        byte_work,
        date_pieces,
        date_build,
        date_format,
        date_read,
        date_convert,
        blank_lines,
        settings_lines,
        initials,
        shift_letters,
        translate_codes,
        menu_of_list,
        next_number,
        longest,
        rewrite_join,
        rewrite_index,
        rewrite_zip,
        rewrite_comprehension,
        rewrite_chain_to_dict,
        rewrite_format,
        rewrite_prints,
        rewrite_slices,
        rewrite_try,
        rewrite_old_api,
        mend_concat,
        mend_syntax,
        mend_text,
        mend_condition,
        mend_list,
        mend_loop,
        finish_program,
        add_to_program,
        program_to_function,
        names_changed,
    )
)
