"""Control flow: loops, conditions, functions, menus, errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from idioms.draw import Draw, Step

COMPARISONS = (
    (">", ("above {v}", "more than {v}", "greater than {v}", "over {v}")),
    (">=", ("at least {v}", "{v} or more", "not below {v}")),
    ("<", ("below {v}", "less than {v}", "under {v}", "smaller than {v}")),
    ("<=", ("at most {v}", "no more than {v}", "{v} or less", "up to {v}")),
    ("==", ("{v}", "equal to {v}", "exactly {v}")),
    ("!=", ("not {v}", "other than {v}", "different from {v}")),
)


def _compare(d: Draw, name: str, value: str) -> tuple[str, str]:
    """A condition in code and in English."""
    operator, spoken = d.pick(*COMPARISONS)
    said = f"{name} {operator} {value}" if d.chance(0.25) else f"{name} is {d.pick(*spoken).format(v=value)}"
    return f"{name} {operator} {value}", said


def _range(d: Draw) -> tuple[str, str]:
    """A range in code and in English; counts up or down."""
    a, b, s = d.number(0, 50), d.number(51, 300), d.between(2, 25)
    kind = d.between(0, 3)
    if kind == 0:
        return f"range({a}, {b} + 1)", d.pick(f"from {a} to {b}", f"{a} to {b}", f"between {a} and {b}", f"{a}..{b}")
    if kind == 1:
        step = d.pick(f"in steps of {s}", f"step {s}", f"by {s}", f"every {s}", f"with an interval of {s}")
        return f"range({a}, {b} + 1, {s})", f"from {a} to {b} {step}"
    if kind == 2:
        return f"range({b}, {a} - 1, -1)", d.pick(f"from {b} down to {a}", f"{b} down to {a}", f"backwards from {b} to {a}")
    return f"range({b}, {a} - 1, -{s})", d.pick(f"from {b} down to {a} in steps of {s}", f"down from {b} to {a} by {s}")


def loop_print(d: Draw) -> Step:
    name, (code, said) = d.variable("number", "row", "day", "page"), _range(d)
    text = d.text() if d.chance(0.4) else ""
    shown = f'"{text}", {name}' if text else name
    also = f' after the text "{text}"' if text else ""
    says = d.pick(
        f"Print {name} {said}{also}.", f"Loop {name} {said} and print it{also}.", f"Write a loop that prints the numbers {said}{also}; the variable is {name}.",
        f"For {name} {said} print {name}{also}.", f"{name} runs {said}; show it{also}.",
    )  # fmt: skip
    return Step(says, f"for {name} in {code}:\n    print({shown})")


def loop_plain(d: Draw) -> Step:
    code, said = _range(d)
    says = d.pick(f"Print every number {said}.", f"Count {said} and print each number.", f"Write a loop that counts {said}.", f"How do I print the numbers {said}?")
    return Step(says, f"for i in {code}:\n    print(i)")


def loop_sum(d: Draw) -> Step:
    total, (code, said) = d.variable("total", "sum", "amount"), _range(d)
    what = d.pick(("i", "them"), ("i * i", "their squares"), ("i * 2", "the double of each"))
    says = d.pick(
        f"Add up {what[1]} in {total} for i {said}, then print {total}.", f"Sum {what[1]} in {total}: i {said}. Print the result.",
        f"{total} starts at 0; loop i {said}, add {what[1]} to {total}, print {total} at the end.",
    )  # fmt: skip
    return Step(says, f"{total} = 0\nfor i in {code}:\n    {total} = {total} + {what[0]}\nprint({total})")


def loop_condition(d: Draw) -> Step:
    name, (code, said) = d.variable(), _range(d)
    condition, spoken = _compare(d, name, str(d.number(5, 200)))
    text = d.text()
    says = d.pick(
        f'Loop {name} {said} and print "{text}" when {spoken}.', f'For {name} {said}: if {spoken}, print "{text}".', f'Go through {name} {said}; print "{text}" if {spoken}.',
    )  # fmt: skip
    return Step(says, f'for {name} in {code}:\n    if {condition}:\n        print("{text}")')


def loop_leave(d: Draw) -> Step:
    name, (code, said) = d.variable(), _range(d)
    condition, spoken = _compare(d, name, str(d.number(5, 200)))
    word = d.pick(("break", "leave the loop"), ("break", "stop"), ("continue", "skip it"))
    says = d.pick(f"Print {name} {said}, but {word[1]} when {spoken}.", f"Loop {name} {said}; {word[1]} if {spoken}, else print {name}.")
    return Step(says, f"for {name} in {code}:\n    if {condition}:\n        {word[0]}\n    print({name})")


def while_change(d: Draw) -> Step:
    name, start, limit = d.variable(), d.number(1, 900), d.number(1, 900)
    operator, spoken = d.pick(("-", ("subtract {v}", "take away {v}", "minus {v}", "reduce it by {v}")), ("+", ("add {v}", "plus {v}", "raise it by {v}")), ("*", ("multiply it by {v}",)))
    change = d.number(2, 60)
    compare, words = d.pick((">", "above"), ("<", "below"), (">=", "at least"), ("<=", "at most"))
    says = d.pick(
        f"Start {name} at {start}; while it is {words} {limit}, print it and {d.pick(*spoken).format(v=change)}.",
        f"{name} = {start}. As long as {name} {compare} {limit} print {name}, then {d.pick(*spoken).format(v=change)}.",
        f"Use a while loop: {name} begins with {start}, each time print {name} and {d.pick(*spoken).format(v=change)}, while {name} is {words} {limit}.",
    )  # fmt: skip
    return Step(says, f"{name} = {start}\nwhile {name} {compare} {limit}:\n    print({name})\n    {name} = {name} {operator} {change}")


def until(d: Draw) -> Step:
    name, start, limit, change = d.variable(), d.number(0, 50), d.number(60, 900), d.between(2, 40)
    says = d.pick(
        f"Repeat: print {name} and add {change}, until {name} is over {limit}. It starts at {start}.",
        f"{name} starts with {start}. Add {change} and print {name} until it is over {limit}.",
        f"Do-until loop: {name} from {start}, plus {change} each time, until above {limit}; print {name}.",
    )
    first = "add" in says.split("print")[0].lower() and "Repeat" not in says and "plus" not in says
    body = [f"    {name} = {name} + {change}", f"    print({name})"] if first else [f"    print({name})", f"    {name} = {name} + {change}"]
    return Step(says, "\n".join([f"{name} = {start}", "while True:", *body, f"    if {name} > {limit}:", "        break"]))


def if_else(d: Draw) -> Step:
    name, value = d.variable(), d.value()
    condition, spoken = _compare(d, name, value)
    yes, no = d.texts(2)
    start = d.value() if d.chance(0.5) else ""
    head = f"{name} = {start}\n" if start else ""
    given = d.pick(f"Set {name} to {start}. ", f"{name} = {start}. ", f"With {name} at {start}: ") if start else ""
    says = given + d.pick(
        f'Print "{yes}" if {spoken}, otherwise "{no}".', f'If {spoken} print "{yes}", else print "{no}".', f'When {spoken} say "{yes}", if not say "{no}".',
        f'{spoken}: "{yes}"; else: "{no}".',
    )  # fmt: skip
    return Step(says, f'{head}if {condition}:\n    print("{yes}")\nelse:\n    print("{no}")')


def if_steps(d: Draw) -> Step:
    name, (a, b), texts = d.variable(), sorted(d.rng.sample(range(1, 500), 2)), d.texts(3)
    says = d.pick(
        f'Print "{texts[0]}" for {name} below {a}, "{texts[1]}" below {b} and "{texts[2]}" from there on.',
        f'{name} under {a}: "{texts[0]}"; under {b}: "{texts[1]}"; all others: "{texts[2]}". Print the right one.',
        f'If {name} is less than {a} print "{texts[0]}", else if it is less than {b} print "{texts[1]}", else print "{texts[2]}".',
    )
    return Step(says, f'if {name} < {a}:\n    print("{texts[0]}")\nelif {name} < {b}:\n    print("{texts[1]}")\nelse:\n    print("{texts[2]}")')


def if_both(d: Draw) -> Step:
    one, two, word = d.variable(), d.variable(), d.pick("and", "or")
    first, said_first = _compare(d, one, d.value())
    second, said_second = _compare(d, two, f'"{d.text()}"') if d.chance(0.4) else _compare(d, two, d.value())
    target, value = d.variable(), d.value()
    says = d.pick(
        f"If {said_first} {word} {said_second}, set {target} to {value}.", f"Set {target} to {value} when {said_first} {word} {said_second}.",
        f"{target} becomes {value} if {said_first} {word} {said_second}.",
    )  # fmt: skip
    return Step(says, f"if {first} {word} {second}:\n    {target} = {value}")


def if_print_set(d: Draw) -> Step:
    name, target = d.variable(), d.variable()
    condition, spoken = _compare(d, name, d.value())
    value, text = d.value(), d.text()
    says = d.pick(f'If {spoken}, set {target} to {value} and print "{text}".', f'When {spoken}: {target} = {value}, print "{text}".')
    return Step(says, f'if {condition}:\n    {target} = {value}\n    print("{text}")')


def function_formula(d: Draw) -> Step:
    name, a, b = d.name(), d.variable(), d.variable()
    operator, spoken = d.pick(("*", "times"), ("+", "plus"), ("-", "minus"), ("/", "divided by"))
    x, y = d.value(), d.value()
    body, said = d.pick(
        (f"{a} {operator} {b}", f"{a} {spoken} {b}"),
        (f"({a} {operator} {b}) / {x}", f"{a} {spoken} {b}, divided by {x}"),
        (f"{a} {operator} {b} + {x}", f"{a} {spoken} {b} plus {x}"),
    )
    p, q = d.value(), d.value()
    call = d.pick(f"print it for {p} and {q}", f"print {name}({p}, {q})", f"call it with {p} and {q} and print the result")
    says = d.pick(f"Define {name}({a}, {b}) as {said}; {call}.", f"Write a function {name} of {a} and {b} that returns {said}, then {call}.", f"{name}({a}, {b}) = {said}; {call}.")
    return Step(says, f"def {name}({a}, {b}):\n    return {body}\n\n\nprint({name}({p}, {q}))")


def function_case(d: Draw) -> Step:
    name, a, limit = d.name(), d.variable(), d.value()
    low, high = (f'"{t}"' for t in d.texts(2)) if d.chance(0.5) else (d.value(), d.value())
    given = d.value()
    says = d.pick(
        f"Write {name}({a}): it returns {low} up to {limit} and {high} above. Print {name}({given}).",
        f"A function {name} gives {low} when {a} is at most {limit}, else {high}; print it for {given}.",
        f"{name}({a}) is {low} for {a} <= {limit}, otherwise {high}. Show the value for {given}.",
    )
    return Step(says, f"def {name}({a}):\n    if {a} <= {limit}:\n        return {low}\n    return {high}\n\n\nprint({name}({given}))")


def function_text(d: Draw) -> Step:
    name, a, before, after = d.name(), d.variable(), d.text(), d.text()
    given = d.text()
    says = d.pick(
        f'{name}({a}) puts "{before}" before and "{after}" behind {a} and returns it; print {name}("{given}").',
        f'Define {name} with the parameter {a}: "{before}", then {a}, then "{after}". Print it for "{given}".',
    )
    return Step(says, f'def {name}({a}):\n    return "{before}" + {a} + "{after}"\n\n\nprint({name}("{given}"))')


def routine(d: Draw) -> Step:
    name, texts, times = d.name(), d.texts(d.between(1, 3)), d.between(1, 3)
    quoted = " and ".join(f'"{t}"' for t in texts)
    calls = ("once", "twice", "three times")[times - 1]
    says = d.pick(f"Write a routine {name} that prints {quoted} and call it {calls}.", f"{name} prints {quoted}. Call it {calls}.", f"Put the printing of {quoted} into {name}, called {calls}.")
    body = "\n".join(f'    print("{t}")' for t in texts)
    return Step(says, f"def {name}():\n{body}\n\n\n" + "\n".join([f"{name}()"] * times))


def routine_values(d: Draw) -> Step:
    name, a, b, x, y = d.name(), d.variable(), d.variable(), d.value(), d.value()
    operator, spoken = d.pick(("*", "times"), ("+", "plus"), ("-", "minus"))
    text = d.text()
    shown = f'"{text}", ' if d.chance(0.5) else ""
    also = f' after "{text}"' if shown else ""
    says = d.pick(
        f"Set {a} to {x} and {b} to {y}, then call {name}, which prints {a} {spoken} {b}{also}.",
        f"{name} prints {a} {spoken} {b}{also}. Call it with {a} = {x} and {b} = {y} set before.",
    )
    return Step(says, f"{a} = {x}\n{b} = {y}\n\n\ndef {name}():\n    print({shown}{a} {operator} {b})\n\n\n{name}()")


def list_walk(d: Draw) -> Step:
    name, item = d.variable(), d.pick("item", "entry", "value")
    values = [f'"{t}"' for t in d.texts(d.between(2, 5))] if d.chance(0.6) else [d.value() for _ in range(d.between(2, 5))]
    said = ", ".join(values[:-1]) + " and " + values[-1]
    says = d.pick(
        f"Put {said} into the list {name} and print each {item} in a loop.", f"{name} = {', '.join(values)}; loop over it with {item} and print.",
        f"Loop over {said} (list {name}, loop variable {item}) and print them.",
    )  # fmt: skip
    return Step(says, f"{name} = [{', '.join(values)}]\nfor {item} in {name}:\n    print({item})")


def list_index(d: Draw) -> Step:
    name, values = d.variable(), d.texts(d.between(2, 5))
    at = d.between(0, len(values) - 1)
    said = ", ".join(f'"{v}"' for v in values)
    says = d.pick(f"Make a list {name} of {said} and print element {at}.", f"{name} holds {said}; print {name}[{at}].", f"Store {said} in {name} and show the one at index {at}.")
    return Step(says, f"{name} = [{said}]\nprint({name}[{at}])")


def array_fill(d: Draw) -> Step:
    name, size = d.variable(), d.number(3, 60)
    pairs = [(at, f'"{d.text()}"') for at in d.rng.sample(range(size), min(3, d.between(1, 3)))]
    said = ", ".join(f"{v} at {d.pick('', 'index ', 'position ')}{at}" for at, v in pairs)
    says = d.pick(f"Create {name} with {size} empty places and put {said}.", f"{name} has {size} elements of None; then {said}.")
    return Step(says, "\n".join([f"{name} = [None] * {size}", *(f"{name}[{at}] = {v}" for at, v in pairs)]))


def menu(d: Draw) -> Step:
    name, prompt, count = d.variable("choice", "answer", "pick"), d.text(), d.between(2, 3)
    keys, lines = d.rng.sample("123456789abcxq", count), d.texts(count * 2)
    entries, results = lines[:count], lines[count:]
    shown = "\n".join(f'print("{k} {e}")' for k, e in zip(keys, entries, strict=True))
    told = ", ".join(f'"{k} {e}"' for k, e in zip(keys, entries, strict=True))
    outcome = ", ".join(f'"{k}" prints "{r}"' for k, r in zip(keys, results, strict=True))
    branches = "".join(f'{"elif" if at else "if"} {name} == "{k}":\n    print("{r}")\n' for at, (k, r) in enumerate(zip(keys, results, strict=True)))
    says = d.pick(
        f'Show a menu {told}, ask "{prompt}" into {name}: {outcome}.', f'Print the menu lines {told}. Read {name} with the prompt "{prompt}"; {outcome}.',
        f'A text menu: {told}; input {name} ("{prompt}"); {outcome}.',
    )  # fmt: skip
    return Step(says, f'{shown}\n{name} = input("{prompt}")\n{branches.rstrip()}')


def ask_print(d: Draw) -> Step:
    name, prompt, text = d.variable(), d.text(), d.text()
    number = d.chance(0.3)
    read = f'int(input("{prompt}"))' if number else f'input("{prompt}")'
    kind = d.pick("the number ", "a number ") if number else ""
    says = d.pick(
        f'Ask for {kind}{name} with "{prompt}" and print "{text}" and {name}.', f'Input {kind}{name}, prompt "{prompt}", then print "{text}", {name}.',
        f'Prompt "{prompt}", read {kind}{name}, show it behind "{text}".',
    )  # fmt: skip
    return Step(says, f'{name} = {read}\nprint("{text}", {name})')


def try_fallback(d: Draw) -> Step:
    name, source, text, fallback = d.variable(), d.variable(), d.text(), d.value()
    says = d.pick(
        f'Set {name} to {fallback}, then to the number in {source}, which is "{text}"; keep the default if it is not numeric. Print {name}.',
        f'{source} = "{text}". {name} is {fallback} unless {source} is a number. Print {name}.',
        f'How do I keep a default when a text is no number? {source} is "{text}", {name} defaults to {fallback}; print {name}.',
    )
    return Step(says, f'{source} = "{text}"\n{name} = {fallback}\ntry:\n    {name} = float({source})\nexcept ValueError:\n    pass\nprint({name})')


def try_message(d: Draw) -> Step:
    name, what, handler, text = d.variable(), d.variable(), d.name(), d.text()
    value = f'"{d.text()}"'
    says = d.pick(
        f'Call {what} with {value} and keep it in {name}; if that fails call {handler}, which prints "{text}".',
        f'{name} = {what}({value}); on an error go to {handler}: print "{text}".',
        f'When {what}({value}) raises an error, {handler} prints "{text}"; otherwise the result is in {name}.',
    )
    return Step(says, f'def {handler}():\n    print("{text}")\n\n\ntry:\n    {name} = {what}({value})\nexcept Exception:\n    {handler}()')


def nested(d: Draw) -> Step:
    a, b = d.letter(), d.letter()
    (one, said_one), (two, said_two) = _range(d), _range(d)
    operator, spoken = d.pick(("*", "product"), ("+", "sum"), ("-", "difference"))
    says = d.pick(f"Two nested loops: {a} {said_one}, {b} {said_two}; print the {spoken}.", f"For {a} {said_one} and inside it {b} {said_two} print {a} {operator} {b}.")
    return Step(says, f"for {a} in {one}:\n    for {b} in {two}:\n        print({a} {operator} {b})")


def place_text(d: Draw) -> Step:
    places = [(d.number(0, 79), d.number(0, 24), d.text()) for _ in range(d.between(1, 3))]
    said = " and ".join(f'"{t}" at {d.pick("column", "col")} {c}, row {r}' for c, r, t in places)
    says = d.pick(f"Put {said} on the screen; first clear it.", f"Clear the screen, then show {said}.")
    return Step(says, "screen.clear()\n" + "\n".join(f'screen.put({c}, {r}, "{t}")' for c, r, t in places))


def while_to_for(d: Draw) -> Step:
    name, a, b, s = d.variable(), d.number(0, 50), d.number(60, 400), d.between(1, 20)
    shown = f'"{d.text()}", {name}' if d.chance(0.4) else name
    before = f"{name} = {a}\nwhile {name} <= {b}:\n    print({shown})\n    {name} = {name} + {s}"
    step = f", {s}" if s > 1 else ""
    return Step(d.pick("Write this as a for loop.", "Turn the while loop into a for loop.", "How would this look with for and range?"), f"for {name} in range({a}, {b} + 1{step}):\n    print({shown})", before)


def for_to_while(d: Draw) -> Step:
    name, a, b, s = d.variable(), d.number(0, 50), d.number(60, 400), d.between(1, 20)
    step = f", {s}" if s > 1 else ""
    before = f"for {name} in range({a}, {b} + 1{step}):\n    print({name})"
    return Step(d.pick("Write this with a while loop.", "Convert it to while."), f"{name} = {a}\nwhile {name} <= {b}:\n    print({name})\n    {name} = {name} + {s}", before)


def ifs_to_elif(d: Draw) -> Step:
    name, count = d.variable(), d.between(2, 4)
    keys, texts = d.texts(count), d.texts(count)
    before = "\n".join(f'if {name} == "{k}":\n    print("{t}")' for k, t in zip(keys, texts, strict=True))
    code = "\n".join(f'{"elif" if at else "if"} {name} == "{k}":\n    print("{t}")' for at, (k, t) in enumerate(zip(keys, texts, strict=True)))
    return Step(d.pick("Make one if with elif of this.", "Join these conditions with elif.", "Only one of them can be true: use elif."), code, before)


def nested_to_and(d: Draw) -> Step:
    one, two = d.variable(), d.variable()
    first, second = _compare(d, one, d.value())[0], _compare(d, two, d.value())[0]
    text = d.text()
    before = f'if {first}:\n    if {second}:\n        print("{text}")'
    return Step(d.pick("Use one condition with and.", "Join the two ifs.", "Write it without nesting."), f'if {first} and {second}:\n    print("{text}")', before)


def numbered_steps(d: Draw) -> Step:
    """Old-style code with a flag and jumps by state becomes if ... else."""
    name, limit = d.variable(), d.value()
    yes, no = d.texts(2)
    before = f'state = 1\nif {name} > {limit}:\n    state = 2\nif state == 1:\n    print("{no}")\nif state == 2:\n    print("{yes}")'
    return Step(d.pick("Simplify this to one if with else.", "Rewrite it without the state variable.", "Make a plain if ... else of it."), f'if {name} > {limit}:\n    print("{yes}")\nelse:\n    print("{no}")', before)


def to_routine(d: Draw) -> Step:
    name, count = d.name(), d.between(2, 4)
    texts, values = d.texts(count), [d.value() for _ in range(count)]
    before = "\n".join(f'print("{t}:", {v})' for t, v in zip(texts, values, strict=True))
    code = f'def {name}(text, value):\n    print(text + ":", value)\n\n\n' + "\n".join(f'{name}("{t}", {v})' for t, v in zip(texts, values, strict=True))
    return Step(d.pick(f"Move the printing into a function {name} with text and value.", f"Use a routine {name}(text, value) for these lines."), code, before)


def mend(d: Draw) -> Step:
    """One planted mistake."""
    name, total, (code, _) = d.variable(), d.variable("total", "sum"), _range(d)
    right = f"{total} = 0\nfor {name} in {code}:\n    {total} = {total} + {name}\nprint({total})"
    wrong, told = d.pick(
        (right.replace(f"{total} = 0\n", ""), f"{total} has no start value."), (right.replace(f"+ {name}", f"- {name}"), "It should add, not subtract."),
        (right.replace(f"print({total})", f"print({name})"), f"It should print {total}."), (right.replace(f"{code}:", code), "It does not compile."),
        (right.replace(f"print({total})", f"print({total}"), "A bracket is missing."),
    )  # fmt: skip
    return Step(d.pick(f"Mend this. {told}", f"What is wrong here? {told} Show the right program.", f"Fix it: {told}"), right, wrong)


def date_text(d: Draw) -> Step:
    mask = d.pick("%d/%m/%Y", "%Y-%m-%d", "%d.%m.%y", "%m/%d/%Y", "%H:%M", "%Y%m%d", "%d %B %Y", "%H:%M:%S")
    name, text = d.variable("today", "stamp", "day"), d.text()
    kind = d.between(0, 1)
    if kind:
        says = d.pick(f'Print today\'s date with the mask "{mask}" after the text "{text}".', f'Print "{text}" and the current date as "{mask}".')
        return Step(says, f'from datetime import datetime\n\nprint("{text}", datetime.now().strftime("{mask}"))')
    says = d.pick(f'Store the date in the format "{mask}" in {name} and print it.', f'{name} = now as "{mask}"; print {name}.')
    return Step(says, f'from datetime import datetime\n\n{name} = datetime.now().strftime("{mask}")\nprint({name})')


def whole_and_rest(d: Draw) -> Step:
    total, unit = d.number(50, 9000), d.pick(60, 12, 24, 7, 100, 16)
    whole, rest = d.variable("hours", "boxes", "weeks"), d.variable("rest", "left")
    says = d.pick(
        f"Split {total} by {unit}: the whole part goes to {whole}, the remainder to {rest}; print both.", f"{whole} is {total} // {unit} and {rest} is {total} % {unit}. Print {whole} and {rest}.",
        f"How many times does {unit} go into {total} ({whole}), and what is left ({rest})? Print them.",
    )  # fmt: skip
    return Step(says, f"{whole} = {total} // {unit}\n{rest} = {total} % {unit}\nprint({whole}, {rest})")


def rounding(d: Draw) -> Step:
    name, value, places = d.variable(), f"{d.number(1, 900)}.{d.between(1001, 9999)}", d.between(0, 3)
    says = d.pick(f"Round {value} to {places} places in {name} and print it.", f"{name} is {value} rounded to {places} decimals; print {name}.")
    return Step(says, f"{name} = round({value}, {places})\nprint({name})")


IDIOMS: Sequence[Callable[[Draw], Step]] = (
    loop_print, loop_plain, loop_sum, loop_condition, loop_leave, while_change, until, if_else, if_steps, if_both, if_print_set, function_formula,
    function_case, function_text, routine, routine_values, list_walk, list_index, array_fill, menu, ask_print, try_fallback, try_message, nested,
    place_text, while_to_for, for_to_while, ifs_to_elif, nested_to_and, numbered_steps, to_routine, mend, date_text, whole_and_rest, rounding,
)  # fmt: skip
