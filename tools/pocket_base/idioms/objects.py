"""Classes and the objects made of them; programs against a given object: windows, controls, pages, requests; tkinter."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from idioms.draw import Draw, Step

CONTROLS = (
    "button",
    "edit box",
    "list box",
    "check box",
    "label",
    "static text",
    "radio button",
    "list button",
    "slider",
    "tool button",
    "image",
    "text area",
    "spinner",
    "link",
    "group box",
    "combo box",
    "password box",
    "date field",
    "progress bar",
    "html view",
)
EVENTS = (
    "click",
    "change",
    "select",
    "close",
    "key press",
    "resize",
    "double click",
    "focus",
    "check",
    "uncheck",
    "enter",
    "leave",
    "scroll",
)
PROPERTIES = (
    "text", "title", "enabled", "visible", "width", "height", "background", "font size", "tool tip", "tab index", "editable",
    "checked", "border", "opacity",
)  # fmt: skip
COLOURS = ("red", "navy", "white", "black", "gray", "orange", "#336699", "#ffffff", "#f0e0d0", "lightblue", "darkgreen", "yellow")
FONTS = ("Arial", "Courier", "Verdana", "Helvetica", "Georgia", "Consolas", "Tahoma")
COMPARISONS = (
    (">", ("above {v}", "more than {v}", "greater than {v}", "over {v}")),
    (">=", ("at least {v}", "{v} or more", "not below {v}")),
    ("<", ("below {v}", "less than {v}", "under {v}")),
    ("<=", ("at most {v}", "no more than {v}", "{v} or less")),
    ("==", ("{v}", "equal to {v}", "exactly {v}")),
    ("!=", ("not {v}", "other than {v}", "different from {v}")),
)
RESULTS = (("*", "product"), ("+", "sum"), ("-", "difference"), ("/", "quotient"))
CAMEL = re.compile(r"\b[a-z]+[0-9]*[A-Z]")


def _and(items: Sequence[str], last: str = " and ") -> str:
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + last + items[-1]


def _a(noun: str, article: str = "a") -> str:
    """The noun with its article."""
    vowel = noun[0].lower() in "aeiou" and not noun.lower().startswith(("uni", "use", "usu", "uti", "eu", "one"))
    return f"{article}{'n' if vowel else ''} {noun}"


def _m(d: Draw, words: str) -> str:
    """A name made of words in the style of the program."""
    return d.join(words.split())


def _q(text: str) -> str:
    return f'"{text}"'


def _step(d: Draw, says: str, code: str, before: str = "") -> Step:
    """A step whose request shows in which style names are to be spelt when its code has names formed from the wording."""
    says = (
        says[0].upper() + says[1:]
        if re.match(r"[a-z]+ [a-z]", says) and d.chance(0.5) and says.split(maxsplit=1)[0] not in code
        else says
    )
    plain = re.sub(r'"[^"]*"', '""', code)
    if d.style == "camel" and CAMEL.search(plain) and not CAMEL.search(says + before):
        note = d.pick(
            "The methods are camelCase.",
            "Names are in camelCase.",
            "The API is camelCase.",
            "Use camelCase names, such as setTitle.",
        )
        says = f"{says} {note}" if d.chance(0.7) else f"{note} {says}"
    elif d.style == "snake" and re.search(r"\.[a-z]+_[a-z]", plain) and d.chance(0.05):
        says += d.pick(" Method names are snake_case.", " The API is snake_case.")
    return Step(says, code, before)


def _value(d: Draw) -> str:
    return _q(d.text()) if d.chance(0.5) else d.value()


def _fields(d: Draw, low: int, high: int) -> list[str]:
    return [d.name(parts=1) for _ in range(d.between(low, high))]


def _test(d: Draw, name: str, value: str) -> tuple[str, str]:
    operator, spoken = d.pick(*COMPARISONS[4 if value.startswith('"') else 0 :])
    return f"{name} {operator} {value}", f"is {d.pick(*spoken).format(v=value)}"


def _kind(d: Draw) -> str:
    return d.pick(*CONTROLS) if d.chance(0.5) else d.word()


def _host(d: Draw) -> str:
    return d.variable("window", "win", "form", "panel", "main window", "dialog", "page", "screen")


def _place(d: Draw) -> tuple[list[str], str]:
    """The ways to tell four numbers (place and size, either may come first) and the numbers in the order x, y, width, height."""
    x, y, w, h = d.number(0, 600), d.number(0, 600), d.number(5, 700), d.number(5, 500)
    place = d.pick(
        f"at {x},{y}",
        f"at {x}, {y}",
        f"at x {x} and y {y}",
        f"x {x}, y {y}",
        f"y {y}, x {x}",
        f"position {x},{y}",
        f"at ({x}, {y})",
        f"left {x}, top {y}",
        f"{x} from the left and {y} from the top",
    )
    size = d.pick(
        f"size {w} by {h}",
        f"{w} by {h}",
        f"{w} wide and {h} high",
        f"width {w}, height {h}",
        f"{w}x{h}",
        f"W {w}, H {h}",
        f"{h} high and {w} wide",
        f"H {h}, W {w}",
        f"height {h} and width {w}",
    )
    return [place, size], f"{x}, {y}, {w}, {h}"


def _control(d: Draw, host: str, name: str = "", texted: bool = True) -> tuple[str, str, str]:
    """A control in English as a noun phrase with its facts, in code, and its kind."""
    kind, number, text, (parts, place) = _kind(d), d.number(1, 999), d.text(), _place(d)
    parts = d.rng.sample([d.pick(f"id {number}", f"ID {number}", f"with id {number}", f"number {number}"), *parts], 3)
    label = (
        d.pick(f"with the text {_q(text)}", _q(text), f"labelled {_q(text)}", f"saying {_q(text)}", f"with {_q(text)} on it")
        if texted
        else ""
    )
    noun = " ".join(p for p in (kind, name, label) if p)
    shape = d.between(0, 2)
    said = (
        f"{noun} ({', '.join(parts)})"
        if shape == 0
        else f"{noun}, {', '.join(parts)}"
        if shape == 1
        else f"{noun}: {'; '.join(parts)}"
    )
    call = f"{host}.{_m(d, 'add ' + kind)}({number}, {place}" + (f", {_q(text)})" if texted else ")")
    return said, f"{name + ' = ' if name else ''}{call}", kind


def _deed(d: Draw, name: str = "") -> tuple[str, str]:
    """Something that a handler does: a line of code, and English in the third person."""
    other, text = name or d.variable(), _q(d.text())
    return d.pick(
        (f"print({text})", f"prints {text}"),
        (f"{other}.{_m(d, 'set text')}({text})", f"sets the text of {other} to {text}"),
        (f"{other}.hide()", f"hides {other}"),
        (f"{other}.show()", d.pick(f"shows the control {other}", f"shows the window {other}")),
        (f"{other}.clear()", f"clears {other}"),
        (f"{other}.close()", f"closes {other}"),
        (f"{other}()", f"calls {other}"),
        (f"{other}.{_m(d, 'set enabled')}(False)", f"disables {other}"),
        (f"{other}.{_m(d, 'set enabled')}(True)", f"enables {other}"),
        (f"{other}.{_m(d, 'add item')}({text})", f"adds the item {text} to {other}"),
    )


def _deeds(d: Draw, most: int = 2) -> tuple[str, str]:
    found = [_deed(d) for _ in range(d.between(1, most))]
    return "\n".join("    " + code for code, _ in found), _and([said for _, said in found])


def _handler(name: str, body: str, rest: str) -> str:
    return f"def {name}():\n{body}\n\n\n{rest}"


def _stores(fields: Sequence[str]) -> str:
    return "\n".join(f"        self.{f} = {f}" for f in fields)


def _init(fields: Sequence[str]) -> str:
    return f"    def __init__(self, {', '.join(fields)}):\n{_stores(fields)}"


# Classes -------------------------------------------------------------------------------------------------------------------


def class_start(d: Draw) -> Step:
    name, fields, obj = d.klass(), _fields(d, 1, 4), d.variable()
    values = [d.pick(_value(d), _value(d), "0", '""', "[]", "None", "False") for _ in fields]
    words = {"[]": "an empty list", "None": "nothing yet (None)", '""': "the empty text", "False": "False"}
    told = [words.get(v, v) if d.chance(0.7) else v for v in values]
    style = d.pick("{f} = {v}", "{f}: {v}", "{f} ({v})", "{f} starting as {v}")
    facts = _and([style.format(f=f, v=v) for f, v in zip(fields, told, strict=True)])
    code = f"class {name}:\n    def __init__(self):\n" + "\n".join(
        f"        self.{f} = {v}" for f, v in zip(fields, values, strict=True)
    )
    says = d.pick(
        f"Write a class {name} with the fields {facts}.",
        f"class {name}, start values: {facts}.",
        f"Every new {name} has {facts}; write the class.",
        f"How do I give a class start values? Take {name} with {facts}.",
        f"I need a class called {name}. Its constructor sets {facts}.",
    )
    if d.chance(0.4):
        shown = d.rng.choice(fields)
        code += f"\n\n\n{obj} = {name}()\nprint({obj}.{shown})"
        says += d.pick(
            f" Make one as {obj} and print its {shown}.",
            f" Then make {obj} from it and print {obj}.{shown}.",
            f" Create {obj}; print {obj}.{shown}.",
        )
    return Step(says, code)


def class_constructor(d: Draw) -> Step:
    name, fields, obj = d.klass(), _fields(d, 1, 4), d.variable()
    says = d.pick(
        f"Write a class {name} whose constructor takes {_and(fields)} and stores {'it' if len(fields) == 1 else 'them'}.",
        f"Class {name} with {_and(fields)}, all from the constructor."
        if len(fields) > 1
        else f"Class {name} with {fields[0]} from the constructor.",
        f"{name}({', '.join(fields)}): keep what the constructor gets in fields of the same name.",
        f"To make {_a(name)} you pass {_and(fields)}; the object remembers {'it' if len(fields) == 1 else 'all of it'}.",
    )
    code = f"class {name}:\n{_init(fields)}"
    if d.chance(0.6):
        values, shown = [_value(d) for _ in fields], d.rng.choice(fields)
        order = d.rng.sample(range(len(fields)), len(fields))
        facts = _and([f"{fields[i]} {values[i]}" for i in order])
        says += d.pick(
            f" Make {obj} with {facts} and print its {shown}.",
            f" {obj} has {facts}; print {obj}.{shown}.",
            f" Then create {obj} ({facts}) and show {shown}.",
        )
        code += f"\n\n\n{obj} = {name}({', '.join(values)})\nprint({obj}.{shown})"
    return Step(says, code)


def class_mixed(d: Draw) -> Step:
    """Some fields from parameters, others with start values."""
    name, given, fixed = d.klass(), _fields(d, 1, 2), _fields(d, 1, 2)
    values = [_value(d) for _ in fixed]
    facts = _and([f"{f} {d.pick('as', '=', 'with')} {v}" for f, v in zip(fixed, values, strict=True)])
    says = d.pick(
        f"Class {name}: the constructor takes {_and(given)}; it also sets {facts}.",
        f"Write a class {name} that gets {_and(given)} when it is made and starts {facts}.",
        f"{name} stores {_and(given)} from its constructor. Besides that it has {facts}.",
        f"{_a(name, 'A')} is created with {_and(given)}, and in the constructor it gets {facts}.",
    )
    return Step(
        says,
        f"class {name}:\n{_init(given)}\n" + "\n".join(f"        self.{f} = {v}" for f, v in zip(fixed, values, strict=True)),
    )


def class_default(d: Draw) -> Step:
    name, (one, two), value, first, obj = d.klass(), _fields(d, 2, 2), _value(d), _value(d), d.variable()
    says = d.pick(
        f"Class {name} takes {one} and {two}, where {two} may be left out and is then {value}.",
        f"Write {name} with {one} and an optional {two} (default {value}) in the constructor.",
        f"{name}: constructor with {one} and {two}; {value} is the default of {two}.",
        f"How do I give a constructor parameter a default? {name} has {one}, and {two} which "
        f"is {value} if nobody says otherwise.",
    )
    code = f"class {name}:\n    def __init__(self, {one}, {two}={value}):\n{_stores((one, two))}"
    if d.chance(0.6):
        code += f"\n\n\n{obj} = {name}({first})\nprint({obj}.{two})"
        says += d.pick(
            f" Make {obj} with only {first} and print its {two}.", f" {obj} is made with {first} alone; print {obj}.{two}."
        )
    return Step(says, code)


def class_accessors(d: Draw) -> Step:
    name, fields = d.klass(), _fields(d, 1, 2)
    start = [d.pick(_value(d), "None") for _ in fields]
    facts = _and(
        [f if v == "None" else f"{f} ({d.pick('at first', 'starts as')} {v})" for f, v in zip(fields, start, strict=True)]
    )
    says = d.pick(
        f"Write a class {name} with a getter and a setter for {facts}.",
        f"Class {name}: {facts}, each with get and set." if len(fields) > 1 else f"Class {name}: {facts} with get and set.",
        f"{name} keeps {facts}. Give it the accessors {_and([_m(d, 'get ' + f) + ' and ' + _m(d, 'set ' + f) for f in fields])}.",
        f"How do I write getters and setters? Class {name}, {facts}.",
    )
    code = f"class {name}:\n    def __init__(self):\n" + "\n".join(
        f"        self.{f} = {v}" for f, v in zip(fields, start, strict=True)
    )
    for f in fields:
        code += (
            f"\n\n    def {_m(d, 'get ' + f)}(self):\n        return self.{f}\n\n    def "
            f"{_m(d, 'set ' + f)}(self, value):\n        self.{f} = value"
        )
    return _step(d, says, code)


def accessor_use(d: Draw) -> Step:
    obj, pairs, shown = d.variable(), [(f, _value(d)) for f in _fields(d, 1, 3)], d.variable()
    facts = _and([f"{f} {d.pick('to', 'to', 'to be')} {v}" for f, v in pairs])
    last = d.rng.choice(pairs)[0]
    says = d.pick(
        f"{obj} has setters and getters. Set {facts} and put {last} into {shown}; print {shown}.",
        f"Use the setters of {obj} to set {facts}, then get {last} as {shown} and print it.",
        f"With {obj}: set {facts}. {shown} is what its getter for {last} returns; print {shown}.",
    )
    sets = "\n".join(f"{obj}.{_m(d, 'set ' + f)}({v})" for f, v in pairs)
    return _step(d, says, f"{sets}\n{shown} = {obj}.{_m(d, 'get ' + last)}()\nprint({shown})")


def method_english(d: Draw) -> Step:
    """Parameters that are told as nouns of a sentence."""
    name, method, (a, b), (operator, result) = d.klass(), d.name(), _fields(d, 2, 2), d.pick(*RESULTS)
    one = d.pick(f"the number of {a}", f"the {a}", _a(a), f"a {a} value", a)
    two = d.pick(f"the {b}", _a(b), f"the number of {b}", b)
    says = d.pick(
        f"The class {name} has a method {method} that takes {one} and {two} and gives back their {result}.",
        f"Write a class {name} with {method}: it gets {one} and {two} and returns the {result}.",
        f"class {name}, method {method}, parameters {a} and {b}, result: their {result}.",
        f"To work out the {result} of {a} and {b}, {name} has a method {method}. Write it.",
        f"I need {name}.{method}({a}, {b}), which returns the {result} of the two.",
    )
    code = f"class {name}:\n    def {method}(self, {a}, {b}):\n        return {a} {operator} {b}"
    if d.chance(0.5):
        x, y, obj = d.value(), d.value(), d.variable()
        says += d.pick(
            f" Make {obj} of it and print the result for {a} {x} and {b} {y}.",
            f" With {obj} = {name}() print it for {x} and {y}.",
            f" Try it with {b} {y} and {a} {x}: make {obj} and print the result.",
        )
        code += f"\n\n\n{obj} = {name}()\nprint({obj}.{method}({x}, {y}))"
    return Step(says, code)


def method_changes(d: Draw) -> Step:
    name, field, start, obj = d.klass(), d.name(parts=1), d.value(), d.variable()
    chosen = d.rng.sample(
        [("+", "adds {p} to {f}"), ("-", "takes {p} off {f}"), ("*", "multiplies {f} by {p}"), ("/", "divides {f} by {p}")],
        d.between(1, 2),
    )
    methods = [(d.name(), d.name("amount", "count", "factor", "value"), o, s) for o, s in chosen]
    facts = _and([f"{m}({p}) {s.format(p=p, f=field)}" for m, p, _, s in methods])
    says = d.pick(
        f"Class {name} starts {field} with {start}; {facts}.",
        f"Write a class {name}: {field} is {start} at first, {facts}.",
        f"{name} has a field {field} (start value {start}) and these methods: {facts}.",
        f"{facts}, where {field} begins at {start}: write this as a class {name}.",
    )
    code = f"class {name}:\n    def __init__(self):\n        self.{field} = {start}"
    for m, p, o, _ in methods:
        code += f"\n\n    def {m}(self, {p}):\n        self.{field} {o}= {p}"
    if d.chance(0.5):
        calls = [(d.rng.choice(methods)[0], d.value()) for _ in range(d.between(1, 3))]
        says += d.pick(
            f" Make {obj}, call {_and([f'{m} with {v}' for m, v in calls], ', then ')}; print its {field}.",
            f" {obj}: {', '.join(f'{m} {v}' for m, v in calls)}, print {field}.",
        )
        code += f"\n\n\n{obj} = {name}()\n" + "\n".join(f"{obj}.{m}({v})" for m, v in calls) + f"\nprint({obj}.{field})"
    return Step(says, code)


def method_condition(d: Draw) -> Step:
    name, field, method, limit, (yes, no) = d.klass(), d.name(parts=1), d.name(), d.value(), d.texts(2)
    test, said = _test(d, f"self.{field}", limit)
    says = d.pick(
        f"Class {name} gets {field} in its constructor. {method} returns {_q(yes)} if {field} {said}, otherwise {_q(no)}.",
        f"{name} stores {field}; its method {method} gives {_q(yes)} when it {said} and {_q(no)} when not.",
        f"Write {name}({field}) with a method {method}: {_q(no)}, except that it is {_q(yes)} when {field} {said}.",
    )
    code = (
        f"class {name}:\n{_init((field,))}\n\n    def {method}(self):\n        if {test}:\n          "
        f"  return {_q(yes)}\n        return {_q(no)}"
    )
    if d.chance(0.5):
        value = d.value()
        says += d.pick(f" Print it for {value}.", f" Print {method} of {_a(name)} with {value}.")
        code += f"\n\n\nprint({name}({value}).{method}())"
    return Step(says, code)


def method_true(d: Draw) -> Step:
    name, field, limit, adjective = d.klass(), d.name(parts=1), d.value(), d.word()
    method = _m(d, f"is {adjective}")
    test, said = _test(d, f"self.{field}", limit)
    says = d.pick(
        f"Write a class {name} with {field}; {method} tells whether {field} {said}.",
        f"{name} keeps {field} from its constructor. {method} is true if {field} {said}.",
        f"class {name}({field}): method {method} returns whether {field} {said}.",
        f"How do I ask {_a(name)} whether its {field} {said}? Write the class, with the constructor and {method}.",
    )
    return Step(says, f"class {name}:\n{_init((field,))}\n\n    def {method}(self):\n        return {test}")


def method_calls_method(d: Draw) -> Step:
    name, one, two, text, (a,), (operator, word) = (
        d.klass(),
        d.name(),
        d.name(),
        d.text(),
        _fields(d, 1, 1),
        d.pick(("*", "times"), ("+", "plus"), ("-", "minus")),
    )
    value = d.value()
    says = d.pick(
        f"In class {name}, {one} takes {a} and returns {a} {word} {value}; {two} takes {a} too "
        f"and prints {_q(text)} and what {one} gives.",
        f"Class {name} with two methods: {one}({a}) returns {a} {operator} {value}, {two}({a}) "
        f"prints {_q(text)} followed by {one} of {a}.",
        f"{name}: {two}({a}) prints {_q(text)} and the result of {one}({a}), which is {a} {word} "
        f"{value}. Write both methods, {one} first.",
    )
    return Step(
        says,
        f"class {name}:\n    def {one}(self, {a}):\n        return {a} {operator} {value}\n\n    def "
        f"{two}(self, {a}):\n        print({_q(text)}, self.{one}({a}))",
    )


def method_prints(d: Draw) -> Step:
    name, fields, method, text, obj = d.klass(), _fields(d, 1, 3), d.name("show", "report", "describe"), d.text(), d.variable()
    values, shown = [_value(d) for _ in fields], d.rng.sample(fields, len(fields))
    says = d.pick(
        f"Class {name} takes {_and(fields)}; {method} prints {_q(text)} and {_and(shown)}.",
        f"{name} has {_and(fields)} from its constructor and a method {method} printing {_q(text)}, then {_and(shown)}.",
        f"Write {name}({', '.join(fields)}) with {method}, which shows {_and([_q(text), *shown])}.",
    ) + d.pick(f" Make {obj} with {_and(values)} and call {method}.", f" {obj} = {name}({', '.join(values)}); call its {method}.")
    body = ", ".join(f"self.{f}" for f in shown)
    return Step(
        says,
        f"class {name}:\n{_init(fields)}\n\n    def {method}(self):\n        print({_q(text)}, "
        f"{body})\n\n\n{obj} = {name}({', '.join(values)})\n{obj}.{method}()",
    )


def inherit_super(d: Draw) -> Step:
    base, child, (one, two) = d.klass(), d.klass(), _fields(d, 2, 2)
    says = d.pick(
        f"{base} stores {one}. {child} extends it and has {two} as well; its constructor takes both and uses super.",
        f"Write the class {base} with {one} and the subclass {child}, which passes {one} on to {base} and stores {two} itself.",
        f"class {child} is {_a(base)} with {two} in addition; {_a(base)} has {one}. Both are set in the constructors.",
        f"How do I call the constructor of the base class? Base {base} ({one}), child {child} ({one} and {two}).",
    )
    code = (
        f"class {base}:\n{_init((one,))}\n\n\nclass {child}({base}):\n    def __init__(self, {one}, {two}):\n    "
        f"    super().__init__({one})\n        self.{two} = {two}"
    )
    if d.chance(0.5):
        x, y, obj = _value(d), _value(d), d.variable()
        says += d.pick(
            f" Make {obj}, {_a(child)} with {one} {x} and {two} {y}, and print both.",
            f" {obj} is {_a(child)} whose {two} is {y} and whose {one} is {x}; print its {one} and {two}.",
        )
        code += f"\n\n\n{obj} = {child}({x}, {y})\nprint({obj}.{one}, {obj}.{two})"
    return Step(says, code)


def inherit_fixed(d: Draw) -> Step:
    """A child that hands a fixed value to its base."""
    base, field = d.klass(), d.name(parts=1)
    kids = [(d.klass(), _value(d)) for _ in range(d.between(1, 3))]
    facts = _and([f"{k} with {v}" for k, v in kids])
    says = d.pick(
        f"{base} takes {field} and stores it. Its subclasses fix it: {facts}.",
        f"Write {base}({field}) and the subclasses {facts}; they take no parameters and pass the value with super.",
        f"Base class {base} has {field}; derive {facts} as its {field}.",
    )
    code = f"class {base}:\n{_init((field,))}" + "".join(
        f"\n\n\nclass {k}({base}):\n    def __init__(self):\n        super().__init__({v})" for k, v in kids
    )
    return Step(says, code)


def inherit_override(d: Draw) -> Step:
    base, child, method, (one, two) = d.klass(), d.klass(), d.name(), d.texts(2)
    says = d.pick(
        f"{base} has a method {method} that returns {_q(one)}; {child} extends it and returns {_q(two)}. Print both.",
        f"Class {base}: {method} gives {_q(one)}. Subclass {child}: {method} gives {_q(two)}. Call both and print.",
        f"{child} overrides {method} of {base}: {_q(two)} instead of {_q(one)}. Write both classes "
        f"and print what each returns, {base} first.",
    )
    return Step(
        says,
        f"class {base}:\n    def {method}(self):\n        return {_q(one)}\n\n\nclass {child}({base}):\n    def "
        f"{method}(self):\n        return {_q(two)}\n\n\nprint({base}().{method}())\nprint({child}().{method}())",
    )


def inherit_extend(d: Draw) -> Step:
    base, child, method, (one, two) = d.klass(), d.klass(), d.name(), d.texts(2)
    first = d.chance(0.5)
    does, calls = f"prints {_q(two)}", ("does what the base does", "calls it through super")
    order = "{1} and then {0}" if first else "{0} and then {1}"
    says = d.pick(
        f"{method} of {base} prints {_q(one)}. In the subclass {child} it {order.format(does, calls[0])}.",
        f"{child} extends {base}. {base}.{method} prints {_q(one)}; {child}.{method} {order.format(does, calls[1])}.",
    )
    lines = [f"        super().{method}()", f"        print({_q(two)})"]
    body = "\n".join(lines if first else lines[::-1])
    return Step(
        says,
        f"class {base}:\n    def {method}(self):\n        print({_q(one)})\n\n\nclass "
        f"{child}({base}):\n    def {method}(self):\n{body}",
    )


def interface(d: Draw) -> Step:
    base, method = d.klass(), d.name()
    kids = list(zip([d.klass() for _ in range(d.between(1, 3))], d.texts(3), strict=False))
    facts = _and([f"{k} returns {_q(t)}" for k, t in kids])
    says = d.pick(
        f"Write an interface {base} with the method {method}; {facts}.",
        f"{method} of the abstract class {base} is not implemented; in its subclasses {facts}.",
        f"Base {base} only declares {method} (NotImplementedError). {facts}.",
        f"How do I write an interface? {base} demands {method}; {facts}.",
    )
    code = f"class {base}:\n    def {method}(self):\n        raise NotImplementedError" + "".join(
        f"\n\n\nclass {k}({base}):\n    def {method}(self):\n        return {_q(t)}" for k, t in kids
    )
    if len(kids) > 1 and d.chance(0.6):
        says += d.pick(
            f" Loop over one of each as item and print {method}.", f" Print {method} of each in a loop; the variable is item."
        )
        code += f"\n\n\nfor item in [{', '.join(k + '()' for k, _ in kids)}]:\n    print(item.{method}())"
    return Step(says, code)


def static_method(d: Draw) -> Step:
    name, method, a, value, given = d.klass(), d.name(), d.name(parts=1), d.value(), d.value()
    operator, said = d.pick(("*", "times"), ("+", "plus"), ("-", "minus"), ("/", "divided by"))
    says = d.pick(
        f"Give the class {name} a static method {method} that takes {a} and returns {a} {said} {value}; print it for {given}.",
        f"{name}.{method}({a}), static: {a} {said} {value}. Print {name}.{method}({given}).",
        f"Print {method} for {given}, a static method of the class {name}; for {a} it gives {a} {said} {value}.",
        f"How do I call a method without an object? Class {name}, {method}({a}) is {a} "
        f"{operator} {value}; print it with {given}.",
    )
    return Step(
        says,
        f"class {name}:\n    @staticmethod\n    def {method}({a}):\n        return {a} {operator} "
        f"{value}\n\n\nprint({name}.{method}({given}))",
    )


def class_counter(d: Draw) -> Step:
    """Counts the objects in a field of the class."""
    name, field, start, times = d.klass(), d.name("count", "total", "made"), d.pick(0, 0, d.number(1, 900)), d.between(1, 3)
    made = {1: "one object", 2: "two objects", 3: "three objects"}[times]
    says = d.pick(
        f"Class {name} counts its objects in the class field {field}, which starts at {start}. "
        f"Make {made} and print {name}.{field}.",
        f"How do I count how many objects were made? {name}.{field} begins at {start} and grows by 1 "
        f"in the constructor; make {made} and print it.",
        f"Every new {name} adds 1 to {name}.{field} (at first {start}). Create {made}, then print the counter.",
    )
    return Step(
        says,
        f"class {name}:\n    {field} = {start}\n\n    def __init__(self):\n        {name}.{field} += 1\n\n\n"
        + f"{name}()\n" * times
        + f"print({name}.{field})",
    )


def class_constant(d: Draw) -> Step:
    name, fields = d.klass(), [d.name(parts=1).upper() for _ in range(d.between(1, 4))]
    values = [_value(d) for _ in fields]
    facts = _and([f"{f} {d.pick('=', 'is')} {v}" for f, v in zip(fields, values, strict=True)])
    shown = d.rng.choice(fields)
    says = d.pick(
        f"Keep constants in the class {name}: {facts}. Print {shown}.",
        f"class {name} with the constants {facts}; print {name}.{shown}.",
        f"{facts}: put this into a class {name} as constants and print its {shown}.",
    )
    body = "\n".join(f"    {f} = {v}" for f, v in zip(fields, values, strict=True))
    return Step(says, f"class {name}:\n{body}\n\n\nprint({name}.{shown})")


def step_counter(d: Draw) -> Step:
    name, field, method, start, step, obj, times = (
        d.klass(),
        d.name(parts=1),
        d.name(),
        d.number(0, 90),
        d.number(1, 30),
        d.variable(),
        d.number(2, 20),
    )
    says = d.pick(
        f"Class {name}: {field} starts at {start}, the method {method} adds {step} and returns it. Call {method} "
        f"of {obj} {times} times in a loop, then print {obj}.{field}.",
        f"Write {name} with {field} = {start} and a method {method} that raises {field} by {step} and returns it. "
        f"Make {obj}, run {method} {times} times and print the {field}.",
        f"{method} of {_a(name)} adds {step} to {field} and gives {field} back; {field} is {start} at first. For "
        f"{obj} do it {times} times, and print {field} at the end.",
    )
    return Step(
        says,
        f"class {name}:\n    def __init__(self):\n        self.{field} = {start}\n\n    def {method}(self):\n        "
        f"self.{field} += {step}\n        return self.{field}\n\n\n"
        f"{obj} = {name}()\nfor i in range({times}):\n    {obj}.{method}()\nprint({obj}.{field})",
    )


def list_wrapper(d: Draw) -> Step:
    name, field, add, item, obj, texts = d.klass(), d.name(parts=1), d.name(), d.word(), d.variable(), d.texts(d.between(1, 3))
    add = _m(d, f"add {item}") if d.chance(0.5) else add
    count = d.name("count", "size")
    counted = d.chance(0.5)
    told = _and([_q(t) for t in texts])
    says = d.pick(
        f"Write a class {name} that keeps a list {field}; {add} appends an item to it",
        f"{name} wraps a list {field} with the method {add}(item)",
        f"class {name}: empty list {field}, {add} puts an item at its end",
    )
    says += d.pick(f", {count} tells how many there are.", f" and {count} returns the length.") if counted else "."
    says += d.pick(
        f" Make {obj}, add {told} and print {'the ' + count if counted else obj + '.' + field}.",
        f" With {obj}: {add} {told}; print its {count if counted else field}.",
    )
    code = (
        f"class {name}:\n    def __init__(self):\n        self.{field} = []\n\n    def {add}(self, "
        f"item):\n        self.{field}.append(item)"
    )
    code += f"\n\n    def {count}(self):\n        return len(self.{field})" if counted else ""
    code += f"\n\n\n{obj} = {name}()\n" + "\n".join(f"{obj}.{add}({_q(t)})" for t in texts)
    return Step(says, code + f"\nprint({obj}.{count if counted else field}{'()' if counted else ''})")


def dict_wrapper(d: Draw) -> Step:
    name, field, put, get, obj = (
        d.klass(),
        d.name(parts=1),
        d.name("put", "store", "save"),
        d.name("get", "find", "look up"),
        d.variable(),
    )
    pairs, default = (
        list(zip(d.texts(3), [_value(d) for _ in range(d.between(1, 3))], strict=False)),
        d.pick("", "", _q(d.text()), d.value()),
    )
    told = _and([f"{v} under {_q(k)}" for k, v in pairs])
    last = d.rng.choice(pairs)[0]
    says = d.pick(
        f"Class {name} wraps a dict {field}: {put}(key, value) stores, {get}(key) returns it",
        f"Write {name} with a dict {field} inside; {put} takes key and value, {get} takes the key and gives the value back",
        f"{name} hides a dict {field} behind {put}(key, value) and {get}(key)",
    ) + (d.pick(f"; a key that is missing gives {default}.", f" ({default} if there is none).") if default else ".")
    says += d.pick(
        f" In {obj} {put} {told} and print {get} of {_q(last)}.",
        f" Make {obj}, {put} {told}, then print what {get} says for {_q(last)}.",
    )
    found = f"self.{field}.get(key, {default})" if default else f"self.{field}[key]"
    code = (
        f"class {name}:\n    def __init__(self):\n        self.{field} = {{}}\n\n    def {put}(self, key, value):\n   "
        f"     self.{field}[key] = value\n\n    def {get}(self, key):\n        return {found}"
    )
    return Step(
        says,
        code
        + f"\n\n\n{obj} = {name}()\n"
        + "\n".join(f"{obj}.{put}({_q(k)}, {v})" for k, v in pairs)
        + f"\nprint({obj}.{get}({_q(last)}))",
    )


def stack_class(d: Draw) -> Step:
    name, field, push, pop, obj, values = (
        d.klass("Stack", "Pile"),
        d.name(parts=1),
        d.name("push", "put"),
        d.name("pop", "take"),
        d.variable("stack", "pile"),
        [_value(d) for _ in range(d.between(1, 3))],
    )
    queue = d.chance(0.4)
    kind = "queue (first in, first out)" if queue else "stack (last in, first out)"
    says = d.pick(
        f"Write {name}, {_a(kind)} on the list {field}, with {push}(item) and {pop}(). {push} "
        f"{_and(values)} on {obj} and print {pop}.",
        f"class {name}: {_a(kind)}; the list is {field}, the methods are {push} and {pop}. Make {obj}, "
        f"{push} {_and(values)}, print what {pop} gives.",
    )
    code = (
        f"class {name}:\n    def __init__(self):\n        self.{field} = []\n\n    def {push}(self, item):\n        "
        f"self.{field}.append(item)\n\n    def {pop}(self):\n        return self.{field}.pop({'0' if queue else ''})"
    )
    return Step(
        says, code + f"\n\n\n{obj} = {name}()\n" + "\n".join(f"{obj}.{push}({v})" for v in values) + f"\nprint({obj}.{pop}())"
    )


def str_method(d: Draw) -> Step:
    name, (a, b), text, (x, y), obj = d.klass(), _fields(d, 2, 2), d.text(), (_q(d.text()), _q(d.text())), d.variable()
    number = d.chance(0.5)
    y = d.value() if number else y
    says = d.pick(
        f"{_a(name, 'A')} has {a} (a text) and {b} (a {'number' if number else 'text'}). As a string "
        f"it is {a}, {_q(text)} and {b} put together.",
        f"Write {name} with {a} and {b}, where {b} is a {'number' if number else 'text'}; "
        f"__str__ joins {a}, then {_q(text)}, then {b}.",
        f"How do I choose what print shows for an object? Class {name} with the text {a} and the "
        f"{'number' if number else 'text'} {b}: {a}, {_q(text)}, {b} in one string.",
    )
    second = f"str(self.{b})" if number else f"self.{b}"
    says += d.pick(
        f" Print {obj}, made with {x} and {y}.",
        f" Then {obj} = {name}({x}, {y}); print it.",
        f" Make {obj} with {b} {y} and {a} {x} and print it.",
    )
    return Step(
        says,
        f"class {name}:\n{_init((a, b))}\n\n    def __str__(self):\n        return self.{a} + {_q(text)} + "
        f"{second}\n\n\n{obj} = {name}({x}, {y})\nprint({obj})",
    )


def property_read(d: Draw) -> Step:
    name, (a, b), prop, (operator, result), (x, y), obj = (
        d.klass(),
        _fields(d, 2, 2),
        d.name("total", "amount", "rest"),
        d.pick(*RESULTS),
        (d.value(), d.value()),
        d.variable(),
    )
    says = d.pick(
        f"{name} has {a} and {b} and a property {prop}: the {result} of {a} and {b}. Print "
        f"{prop} of {obj}, which has {x} and {y}.",
        f"Write a class {name} that takes {a} and {b}; the property {prop} is their {result}. Make {obj} "
        f"with {a} {x} and {b} {y} and print its {prop}.",
        f"Property {prop} in class {name}({a}, {b}) returns {a} {operator} {b}. {obj} is made with {x}, {y}; print {obj}.{prop}.",
    )
    return Step(
        says,
        f"class {name}:\n{_init((a, b))}\n\n    @property\n    def {prop}(self):\n        return self.{a} {operator} "
        f"self.{b}\n\n\n{obj} = {name}({x}, {y})\nprint({obj}.{prop})",
    )


def len_method(d: Draw) -> Step:
    name, field, obj, texts = d.klass(), d.name(parts=1), d.variable(), d.texts(d.between(2, 4))
    told = _and([_q(t) for t in texts])
    says = d.pick(
        f"{name} takes a list {field}; len of it is the length of the list. Print len of {obj}, made with {told}.",
        f"Write a class {name}({field}) that works with len(). {obj} gets the list {told}; print its length.",
        f"How do I make len() work for my class? {name} stores {field}; make {obj} with a list of {told} and print len.",
    )
    return Step(
        says,
        f"class {name}:\n{_init((field,))}\n\n    def __len__(self):\n        return len(self.{field})\n\n\n{obj} = "
        f"{name}([{', '.join(_q(t) for t in texts)}])\nprint(len({obj}))",
    )


def equal_method(d: Draw) -> Step:
    name, fields, (x, y) = d.klass(), _fields(d, 1, 2), (_q(d.text()), _q(d.text()))
    test = " and ".join(f"self.{f} == other.{f}" for f in fields)
    says = d.pick(
        f"Two objects of the class {name} are equal when {_and(fields)} "
        f"{'is' if len(fields) == 1 else 'are'} the same. Write it, with a constructor.",
        f"class {name}({', '.join(fields)}): compare with == by {_and(fields)}.",
        f"How do I compare two {name} objects by {_and(fields)}? Write the class with constructor and __eq__.",
    )
    code = f"class {name}:\n{_init(fields)}\n\n    def __eq__(self, other):\n        return {test}"
    if len(fields) == 1 and d.chance(0.5):
        says += f" Print whether one with {x} equals one with {y}."
        code += f"\n\n\nprint({name}({x}) == {name}({y}))"
    return Step(says, code)


def list_of_objects(d: Draw) -> Step:
    name, (a, b), things, item = (
        d.klass(),
        _fields(d, 2, 2),
        d.variable("items", "orders", "members"),
        d.name("item", "entry", "each"),
    )
    rows = [(_q(d.text()), d.value()) for _ in range(d.between(2, 4))]
    limit = d.value()
    test, said = _test(d, f"{item}.{b}", limit)
    told = d.pick("; ", ", ").join(f"{x} with {y}" for x, y in rows)
    says = d.pick(
        f"Class {name} has {a} and {b}. The list {things} holds {told}; loop over it with {item}",
        f"Write {name}({a}, {b}), make a list {things} of {told}, and go through it with {item}",
        f"{things} is a list of {name} objects ({a}, {b}): {told}. For every {item} in it",
    )
    made = ",\n".join(f"    {name}({x}, {y})" for x, y in rows)
    code = f"class {name}:\n{_init((a, b))}\n\n\n{things} = [\n{made},\n]\n"
    kind = d.between(0, 2)
    if kind == 0:
        return Step(
            says + d.pick(f", print {a} and {b}.", f"; print its {a} and its {b}."),
            code + f"for {item} in {things}:\n    print({item}.{a}, {item}.{b})",
        )
    if kind == 1:
        return Step(
            says + d.pick(f", print {a} if {b} {said}.", f"; show the {a} when {b} {said}."),
            code + f"for {item} in {things}:\n    if {test}:\n        print({item}.{a})",
        )
    total = d.name("total", "amount")
    says += d.pick(f", add {b} to {total}, and print {total}.", f"; sum up {b} in {total} and print it.")
    return Step(says, code + f"{total} = 0\nfor {item} in {things}:\n    {total} += {item}.{b}\nprint({total})")


def filter_objects(d: Draw) -> Step:
    """A given list of objects, by a condition."""
    things, item, found = d.variable("orders", "items", "members"), d.name("item", "entry"), d.variable("found", "chosen")
    attr, other, value = d.name(parts=1), d.name(parts=1), d.value()
    test, said = _test(d, f"{item}.{attr}", value)
    if d.chance(0.5):
        says = d.pick(
            f"Collect every {item} of {things} whose {attr} {said} in {found}.",
            f"{found}: each {item} in {things} where {attr} {said}.",
            f"How do I pick the objects of {things} whose {attr} {said}? The list is {found}, the loop variable {item}.",
        )
        return Step(says, f"{found} = [{item} for {item} in {things} if {test}]")
    new = _value(d)
    says = d.pick(
        f"For each {item} in {things} whose {attr} {said}, set its {other} to {new}.",
        f"Go through {things} as {item}; if {attr} {said}, {other} becomes {new}.",
        f"Set {other} to {new} for every {item} in {things} whose {attr} {said}.",
    )
    return Step(says, f"for {item} in {things}:\n    if {test}:\n        {item}.{other} = {new}")


def sort_objects(d: Draw) -> Step:
    things, item, key = d.variable("orders", "items", "members"), d.name("item", "entry"), d.name(parts=1)
    found = d.variable("found", "values")
    if d.chance(0.5):
        down = d.chance(0.4)
        says = d.pick(
            f"Sort {things} by their {key}", f"Put {things} in the order of {key}", f"{things}: sort the objects by {key}"
        )
        says += d.pick(", largest first.", ", descending.") if down else "."
        return Step(says, f"{things}.sort(key=lambda item: item.{key}{', reverse=True' if down else ''})")
    says = d.pick(
        f"Put the {key} of every {item} in {things} into the list {found}.",
        f"Make a list {found} of the {key} of each {item} in {things}.",
        f"{found} holds the {key} of each {item} in {things}.",
    )
    return Step(says, f"{found} = [{item}.{key} for {item} in {things}]")


def object_in_object(d: Draw) -> Step:
    inner, outer, (a, b), value, text, (one, two) = (
        d.klass(),
        d.klass(),
        _fields(d, 2, 2),
        d.value(),
        d.text(),
        (d.variable(), d.variable()),
    )
    part = d.name(parts=1)
    says = d.pick(
        f"{inner} has {a}; {outer} has {b} and {part}, which is {_a(inner)}. Make {one}, {_a(inner)} with {value}, "
        f"and {two}, {_a(outer)} with {_q(text)} and {one}; print the {a} of its {part}.",
        f"Classes {inner}({a}) and {outer}({b}, {part}). {one} = {inner}({value}), {two} = "
        f"{outer}({_q(text)}, {one}); print {two}.{part}.{a}.",
        f"Write {inner} with {a} and {outer} with {b} and {part}. Then put {one} ({_a(inner)}, {a} {value}) as {part} "
        f"into {two} ({_a(outer)}, {b} {_q(text)}) and print {two}.{part}.{a}.",
    )
    return Step(
        says,
        f"class {inner}:\n{_init((a,))}\n\n\nclass {outer}:\n{_init((b, part))}\n\n\n{one} = "
        f"{inner}({value})\n{two} = {outer}({_q(text)}, {one})\nprint({two}.{part}.{a})",
    )


def own_error(d: Draw) -> Step:
    name, function, value, limit, text = d.klass() + "Error", d.name(), d.name("amount", "count", "value"), d.value(), d.text()
    test, said = _test(d, value, limit)
    given = d.value()
    says = d.pick(
        f"Define an exception {name}. {function} takes {value} and raises it with {_q(text)} if {value} "
        f"{said}. Call it with {given}, catch the error and print it.",
        f"How do I make my own error? {name}, raised by {function}({value}) with the message {_q(text)} when "
        f"{value} {said}; try {function} with {given} and print the error.",
        f"Own error class {name}: {function}({value}) raises it, text {_q(text)}, when {value} "
        f"{said}. Try {given} and print what is caught.",
    )
    return Step(
        says,
        f"class {name}(Exception):\n    pass\n\n\ndef {function}({value}):\n    if {test}:\n        raise "
        f"{name}({_q(text)})\n\n\ntry:\n    {function}({given})\nexcept {name} as error:\n    print(error)",
    )


def checked_setter(d: Draw) -> Step:
    name, field, limit, text, start = d.klass(), d.name(parts=1), d.value(), d.text(), d.value()
    setter = _m(d, "set " + field)
    test, said = _test(d, "value", limit)
    raises = d.chance(0.5)
    does = f"raises a ValueError {_q(text)}" if raises else f"prints {_q(text)} and changes nothing"
    says = d.pick(
        f"{name} starts {field} with {start}. {setter} {does} if the new {field} {said}; otherwise it stores it.",
        f"Write a class {name} with {field} = {start} and {setter}(value), which {does} when {field} {said}.",
        f"class {name}, {field} at first {start}: the setter {setter} {does} for {_a(field)} "
        f"that {said}, else it keeps the new one.",
    )
    body = (
        f"            raise ValueError({_q(text)})\n        self.{field} = value"
        if raises
        else f"            print({_q(text)})\n            return\n        self.{field} = value"
    )
    return Step(
        says,
        f"class {name}:\n    def __init__(self):\n        self.{field} = {start}\n\n    def "
        f"{setter}(self, value):\n        if {test}:\n{body}",
    )


def kind_check(d: Draw) -> Step:
    obj, (one, two), texts = d.variable(), (d.klass(), d.klass()), d.texts(3)
    says = d.pick(
        f"If {obj} is {_a(one)} print {_q(texts[0])}, if it is {_a(two)} print {_q(texts[1])}, otherwise {_q(texts[2])}.",
        f"Depending on the class of {obj}: {one} -> {_q(texts[0])}, {two} -> {_q(texts[1])}, "
        f"anything else -> {_q(texts[2])}; print it.",
        f"How do I test of which class {obj} is? Print {_q(texts[0])} for {one}, {_q(texts[1])} "
        f"for {two} and {_q(texts[2])} for the rest.",
    )
    return Step(
        says,
        f"if isinstance({obj}, {one}):\n    print({_q(texts[0])})\nelif isinstance({obj}, {two}):\n    "
        f"print({_q(texts[1])})\nelse:\n    print({_q(texts[2])})",
    )


def make_function(d: Draw) -> Step:
    """A function that makes and returns an object."""
    name, function, fields, obj = d.klass(), d.name(), _fields(d, 1, 3), d.variable()
    values = [_value(d) for _ in fields]
    arg = d.name(parts=1)
    sets = "\n".join(f"    {obj}.{f} = {v}" for f, v in zip(fields, values, strict=True))
    facts = _and([f"{f} to {v}" for f, v in zip(fields, values, strict=True)])
    says = d.pick(
        f"The function {function} takes {arg}, makes {obj} as {_a(name)} of {arg}, sets its {facts} and returns it.",
        f"Write {function}({arg}): {obj} = {name}({arg}), set {facts}, return {obj}.",
        f"To get a ready {name}, {function} creates {obj} from {arg}, sets {facts} on it and gives it back.",
    )
    return Step(says, f"def {function}({arg}):\n    {obj} = {name}({arg})\n{sets}\n    return {obj}")


def use_object(d: Draw) -> Step:
    package, name, obj, shown = ".".join(d.name(parts=1) for _ in range(d.between(1, 3))), d.klass(), d.variable(), d.variable()
    values = [_value(d) for _ in range(d.between(0, 3))]
    calls = [(d.name(), [_value(d) for _ in range(d.between(0, 2))]) for _ in range(d.between(1, 3))]
    last = d.name()
    given = f" with {_and(values)}" if values else ""
    told = _and([f"{m} with {_and(v)}" if v else m for m, v in calls], ", then ")
    says = d.pick(
        f"Import {name} from {package}, make {obj}{given}, call {told}, and print what {last} returns, kept in {shown}.",
        f"From {package} take {name}. {obj} is a new one{given}; call {told}. {shown} = its {last}(); print {shown}.",
        f"With {name} of {package} create {obj}{given}, run {told}, store {last} in {shown} and print that.",
    )
    return Step(
        says,
        f"from {package} import {name}\n\n{obj} = {name}({', '.join(values)})\n"
        + "\n".join(f"{obj}.{m}({', '.join(v)})" for m, v in calls)
        + f"\n{shown} = {obj}.{last}()\nprint({shown})",
    )


# Classes, rewritten --------------------------------------------------------------------------------------------------------


def dict_to_class(d: Draw) -> Step:
    name, obj, fields = d.klass(), d.variable(), _fields(d, 2, 3)
    values, shown = [_value(d) for _ in fields], d.rng.choice(fields)
    before = f"{obj} = {{{', '.join(f'{_q(f)}: {v}' for f, v in zip(fields, values, strict=True))}}}\nprint({obj}[{_q(shown)}])"
    says = d.pick(
        f"Make a class {name} of this dict.",
        f"Use a class {name} with a constructor instead of the dict.",
        f"Turn the dict into an object of a class {name}.",
    )
    return Step(says, f"class {name}:\n{_init(fields)}\n\n\n{obj} = {name}({', '.join(values)})\nprint({obj}.{shown})", before)


def function_to_method(d: Draw) -> Step:
    name, function, (a, b), obj = d.klass(), d.name(), _fields(d, 2, 2), d.variable()
    operator, (x, y) = d.pick("*", "+", "-", "/"), (d.value(), d.value())
    before = f"def {function}({a}, {b}):\n    return {a} {operator} {b}\n\n\nprint({function}({x}, {y}))"
    says = d.pick(
        f"Make this a method of a class {name} and call it on {obj}.",
        f"Move the function into the class {name}; the object is {obj}.",
        f"Object style please: class {name}, object {obj}.",
    )
    return Step(
        says,
        f"class {name}:\n    def {function}(self, {a}, {b}):\n        return {a} {operator} "
        f"{b}\n\n\n{obj} = {name}()\nprint({obj}.{function}({x}, {y}))",
        before,
    )


def mend_class(d: Draw) -> Step:
    """One planted mistake."""
    name, (a, b), method, text, obj, value = d.klass(), _fields(d, 2, 2), d.name(), d.text(), d.variable(), _value(d)
    second = _value(d)
    code = (
        f"class {name}:\n{_init((a, b))}\n\n    def {method}(self):\n        print({_q(text)}, self.{a}, "
        f"self.{b})\n\n\n{obj} = {name}({value}, {second})\n{obj}.{method}()"
    )
    old, new = d.pick(
        (f"def {method}(self):", f"def {method}():"),
        (f"def {method}(self):", f"def {method}(self)"),
        (f"        self.{b} = {b}\n", ""),
        (f"self.{a}, self.{b})", f"{a}, self.{b})"),
        (f"self.{a}, self.{b})", f"self.{a}, {b})"),
        (f"        self.{a} = {a}", f"        {a} = {a}"),
        (f"class {name}:", f"class {name}"),
        ("def __init__(self, ", "def __init__("),
        (f"\n{obj}.{method}()", f"\n{obj}.{method}"),
        (f"\n{obj}.{method}()", f"\n{name}.{method}()"),
        ("def __init__(", "def init("),
        (f"self.{a}, self.{b})", f"self.{a}, self.{b}"),
    )
    return Step(
        d.pick(
            "There is a mistake in this class. Mend it.",
            "This does not work; what is wrong? Correct it.",
            "Fix the error.",
            f"Why does {name} fail? Give me the right program.",
            "Please repair this.",
        ),
        code,
        code.replace(old, new, 1),
    )


def mend_child(d: Draw) -> Step:
    base, child, (a, b), (x, y), obj = d.klass(), d.klass(), _fields(d, 2, 2), (_value(d), _value(d)), d.variable()
    code = (
        f"class {base}:\n{_init((a,))}\n\n\nclass {child}({base}):\n    def __init__(self, {a}, {b}):\n        "
        f"super().__init__({a})\n        self.{b} = {b}\n\n\n{obj} = {child}({x}, {y})\nprint({obj}.{a}, {obj}.{b})"
    )
    old, new = d.pick(
        (f"        super().__init__({a})\n", ""),
        (f"({base}):", ":"),
        (f"super().__init__({a})", f"super().__init__({b})"),
        (f"super().__init__({a})", "super().__init__()"),
        (f"super().__init__({a})", f"super.__init__({a})"),
    )
    return Step(
        d.pick(f"{obj}.{a} does not work. Mend it.", "Correct the subclass.", "What is wrong with the inheritance here? Fix it."),
        code,
        code.replace(old, new, 1),
    )


def add_method(d: Draw) -> Step:
    """A class gets one method more."""
    name, field, start, method, text = d.klass(), d.name(parts=1), d.value(), d.name(), d.text()
    step = d.value()
    before = f"class {name}:\n    def __init__(self):\n        self.{field} = {start}"
    body, said = d.pick(
        (f"self.{field} = {start}", f"sets {field} back to {start}"),
        (f"print({_q(text)}, self.{field})", f"prints {_q(text)} and {field}"),
        (f"self.{field} += {step}", f"adds {step} to {field}"),
        (f"self.{field} -= {step}", f"takes {step} off {field}"),
        (f"return self.{field} * {step}", f"returns {field} times {step}"),
        (f"return self.{field} > {step}", f"tells whether {field} is above {step}"),
    )
    says = d.pick(
        f"Add a method {method} that {said}.",
        f"This class needs a method {method}; it {said}.",
        f"Complete {name} with {method}, which {said}.",
    )
    return Step(says, f"{before}\n\n    def {method}(self):\n        {body}", before)


def add_child(d: Draw) -> Step:
    """A base class is given, its child is asked for."""
    base, child, method, (one, two) = d.klass(), d.klass(), d.name(), d.texts(2)
    before = f"class {base}:\n    def {method}(self):\n        print({_q(one)})"
    says = d.pick(
        f"Add a subclass {child} whose {method} prints {_q(two)}.",
        f"Derive {child} from it: there {method} prints {_q(two)}.",
        f"I need {_a(child)} that is {_a(base)} too but prints {_q(two)} in {method}.",
    )
    return Step(says, f"{before}\n\n\nclass {child}({base}):\n    def {method}(self):\n        print({_q(two)})", before)


def finish_init(d: Draw) -> Step:
    name, fields = d.klass(), _fields(d, 2, 4)
    done = d.between(0, len(fields) - 1)
    head = f"class {name}:\n    def __init__(self, {', '.join(fields)}):"
    before = head + "".join(f"\n        self.{f} = {f}" for f in fields[:done])
    return Step(
        d.pick(
            "Finish the constructor: every parameter goes into a field.",
            "Complete this class, all parameters are stored.",
            "Write the rest of the constructor.",
        ),
        f"{head}\n{_stores(fields)}",
        before,
    )


def globals_to_class(d: Draw) -> Step:
    name, field, function, start, step, obj = d.klass(), d.name(parts=1), d.name(), d.value(), d.value(), d.variable()
    operator = d.pick("+=", "-=", "*=")
    before = (
        f"{field} = {start}\n\n\ndef {function}():\n    global {field}\n    {field} {operator} "
        f"{step}\n\n\n{function}()\nprint({field})"
    )
    says = d.pick(
        f"Get rid of the global variable: class {name}, object {obj}.",
        f"Rewrite it with a class {name} and an object {obj} of it.",
        f"Turn this into a class {name}; use it through {obj}.",
    )
    return Step(
        says,
        f"class {name}:\n    def __init__(self):\n        self.{field} = {start}\n\n    def {function}(self):\n       "
        f" self.{field} {operator} {step}\n\n\n{obj} = {name}()\n{obj}.{function}()\nprint({obj}.{field})",
        before,
    )


# A given object ------------------------------------------------------------------------------------------------------------


def component(d: Draw) -> Step:
    host, name = _host(d), d.variable() if d.chance(0.5) else ""
    said, code, kind = _control(d, host, name)
    says = d.pick(
        f"Add {_a(said)} to {host}.",
        f"{host}: {said}.",
        f"Put {_a(said)} on {host}.",
        f"On {host} I want {_a(said)}.",
        f"How do I add {_a(kind)} to {host}? It is {_a(said)}.",
        f"{host} needs {_a(said)}.",
        f"Create {_a(said)} in {host}.",
        f"New {kind} for {host}: {said}.",
    )
    return _step(d, says, code)


def component_plain(d: Draw) -> Step:
    """A control without a text; now and then only an id, or only a text."""
    host, kind, number, text, name = _host(d), _kind(d), d.number(1, 999), d.text(), d.variable() if d.chance(0.5) else ""
    if d.chance(0.4):
        said, code, _ = _control(d, host, name, texted=False)
        return _step(d, d.pick(f"Add {_a(said)} to {host}.", f"{host} gets {_a(said)}.", f"Place {_a(said)} on {host}."), code)
    arguments, facts = d.pick(
        (f"{number}", f"with id {number}"),
        (_q(text), f"with the text {_q(text)}"),
        (f"{number}, {_q(text)}", f"{_q(text)} with id {number}"),
        ("", "without any arguments"),
    )
    noun = f"{kind} {name}".strip()
    says = d.pick(
        f"Add {_a(noun)} {facts} to {host}.",
        f"{host}: add {_a(noun)}, {facts}.",
        f"I want {_a(noun)} on {host}, {facts}.",
        f"How do I put {_a(noun)} {facts} on {host}?",
    )
    return _step(d, says, f"{name + ' = ' if name else ''}{host}.{_m(d, 'add ' + kind)}({arguments})")


def component_signature(d: Draw) -> Step:
    """The order of the arguments is told, the facts come in another order."""
    host, kind, name = _host(d), _kind(d), d.variable() if d.chance(0.5) else ""
    method = d.pick(_m(d, "add " + kind), _m(d, "create " + kind), d.name())
    roles = d.rng.sample(
        ["id", "x", "y", "width", "height", "text", "color", "row", "column", "size", "title", "level", "key", "unit"],
        d.between(3, 7),
    )
    values = {r: _q(d.text()) if r in {"text", "color", "title", "key", "unit"} else str(d.number(0, 700)) for r in roles}
    told = d.rng.sample(roles, len(roles))
    style = d.pick("{r} {v}", "{r} = {v}", "{r}: {v}", "the {r} is {v}", "{v} as {r}")
    facts = _and([style.format(r=r, v=values[r]) for r in told], d.pick(" and ", ", "))
    noun = f"{kind} {name}".strip()
    signature = f"{method}({', '.join(roles)})"
    says = d.pick(
        f"The call is {host}.{signature}. Make {_a(noun)}: {facts}.",
        f"Make {_a(noun)} with {host}.{signature}: {facts}.",
        f"{facts}: {noun} on {host}, by {signature}.",
        f"I need {_a(noun)} on {host}; {facts}. Arguments of {method} in order: {', '.join(roles)}.",
    )
    return _step(d, says, f"{name + ' = ' if name else ''}{host}.{method}({', '.join(values[r] for r in roles)})")


def component_many(d: Draw) -> Step:
    host, names = _host(d), [d.variable() for _ in range(d.between(2, 4))]
    made = [_control(d, host, name if d.chance(0.8) else "", d.chance(0.7)) for name in names]
    told = [said for said, _, _ in made]
    says = d.pick(
        f"{host} has these controls: {'; '.join(told)}.",
        f"Add to {host}: {'; '.join(told)}.",
        f"Build {host} with {'; and '.join(_a(t) for t in told)}.",
        f"First {_a(told[0])}, then {'; then '.join(_a(t) for t in told[1:])}, all on {host}.",
    )
    return _step(d, says, "\n".join(code for _, code, _ in made))


def component_handler(d: Draw) -> Step:
    host, name, handler, event, (body, does) = _host(d), d.variable(), d.name(), d.pick("click", *EVENTS), _deeds(d)
    said, code, _ = _control(d, host, name)
    on = _m(d, "on " + event)
    says = d.pick(
        f"Add {_a(said)} to {host}. On {event} it runs {handler}, which {does}.",
        f"{host} gets {_a(said)}; its {event} event calls {handler}: it {does}.",
        f"{host}: {said}. {event} -> {handler}, which {does}.",
        f"{handler} {does}. It runs on {event} of the {said}; that is on {host}.",
        f"When there is a {event} on {name}, {handler} {does}; {name} is {_a(said)} on {host}.",
    )
    return _step(d, says, _handler(handler, body, f"{code}\n{name}.{on}({handler})"))


def handler_only(d: Draw) -> Step:
    name, handler, event, (body, does) = d.variable(), d.name(), d.pick("click", "click", *EVENTS, d.word()), _deeds(d, 3)
    says = d.pick(
        f"When {name} gets {_a(event)}, run {handler}; it {does}.",
        f"{handler} {does}. Register it for the {event} event of {name}.",
        f"On {event} of {name}: {handler}, which {does}.",
        f"How do I react to {_a(event)} on {name}? The function {handler} {does}.",
        f"{name}, {event} -> {handler} ({does}).",
        f"To handle the {event} of {name}, write {handler}, which {does}.",
    )
    return _step(d, says, _handler(handler, body, f"{name}.{_m(d, 'on ' + event)}({handler})"))


def handler_argument(d: Draw) -> Step:
    """A handler that gets the event object."""
    name, handler, event, attr, text = (
        d.variable(),
        d.name(),
        d.pick(*EVENTS, d.word()),
        d.name("key", "text", "index", "value", "row"),
        d.text(),
    )
    value, (body, does) = _value(d), _deed(d)
    kind = d.chance(0.5)
    rest = f"prints {_q(text)} and its {attr}" if kind else f"{does} if the {attr} of the event is {value}"
    lines = f"    print({_q(text)}, event.{attr})" if kind else f"    if event.{attr} == {value}:\n        {body}"
    says = d.pick(
        f"On {event} {name} calls {handler} with the event; it {rest}.",
        f"{handler}(event) {rest}. Register it for {event} of {name}.",
        f"The {event} event of {name} goes to {handler}, which gets the event and {rest}.",
    )
    return _step(
        d, says, _handler(f"{handler}(event", lines, f"{name}.{_m(d, 'on ' + event)}({handler})").replace("(event()", "(event)")
    )


def handlers_many(d: Draw) -> Step:
    rows = [(d.variable(), d.name(), _deed(d)) for _ in range(d.between(2, 3))]
    event = d.pick("click", "click", *EVENTS)
    facts = "; ".join(f"{n} -> {h}, which {s}" for n, h, (_, s) in rows)
    says = d.pick(
        f"Register {event} handlers: {facts}.",
        f"On {event}: {facts}.",
        f"Write the {event} handlers of {_and([n for n, _, _ in rows])}: {facts}.",
    )
    code = "".join(f"def {h}():\n    {c}\n\n\n" for _, h, (c, _) in rows) + "\n".join(
        f"{n}.{_m(d, 'on ' + event)}({h})" for n, h, _ in rows
    )
    return _step(d, says, code)


def handler_counts(d: Draw) -> Step:
    name, handler, count, label, start, step = (
        d.variable(),
        d.name(),
        d.name("count", "clicks", "total"),
        d.variable("label", "info"),
        d.pick(0, d.number(0, 50)),
        d.between(1, 20),
    )
    says = d.pick(
        f"{count} starts at {start}. Every click on {name} runs {handler}: it adds {step} to "
        f"{count} and shows {count} as the text of {label}.",
        f"On click {name} calls {handler}, which raises the global {count} (first {start}) by "
        f"{step} and sets the text of {label} to it.",
        f"Count the clicks on {name} in {count}, from {start} in steps of {step}; the handler "
        f"{handler} writes the count as text into {label}.",
    )
    return _step(
        d,
        says,
        f"{count} = {start}\n\n\n"
        + _handler(
            handler,
            f"    global {count}\n    {count} += {step}\n    {label}.{_m(d, 'set text')}(str({count}))",
            f"{name}.{_m(d, 'on click')}({handler})",
        ),
    )


def handler_reads(d: Draw) -> Step:
    """Takes what was typed and shows it or says that it is missing."""
    button, box, label, handler, texts, entered = (
        d.variable(),
        d.variable("box", "field", "edit"),
        d.variable("label", "info"),
        d.name(),
        d.texts(2),
        d.variable("text", "value", "entry"),
    )
    get, put = _m(d, "get text"), _m(d, "set text")
    says = d.pick(
        f"A click on {button} runs {handler}: it reads the text of {box} into {entered}; if that is empty, {label} "
        f"shows {_q(texts[0])}, otherwise {_q(texts[1])} and the text.",
        f"{handler} gets the text of {box} as {entered} and sets the text of {label} to {_q(texts[1])} plus "
        f"{entered}, or to {_q(texts[0])} if nothing was typed. It is the click handler of {button}.",
    )
    body = (
        f'    {entered} = {box}.{get}()\n    if {entered} == "":\n        {label}.{put}({_q(texts[0])})\n    '
        f"else:\n        {label}.{put}({_q(texts[1])} + {entered})"
    )
    return _step(d, says, _handler(handler, body, f"{button}.{_m(d, 'on click')}({handler})"))


def window(d: Draw) -> Step:
    app, name, title, (parts, place), (body, does) = d.variable("app", "gui", "desktop"), _host(d), d.text(), _place(d), _deeds(d)
    parts = d.rng.sample([f"titled {_q(title)}", *parts], 3) if d.chance(0.5) else [f"with the title {_q(title)}", *parts]
    facts = ", ".join(parts)
    code, handler = f"{name} = {app}.{_m(d, 'add window')}({place}, {_q(title)})", d.name()
    says = d.pick(
        f"Open the window {name} of {app}, {facts}",
        f"{app}: add a window {name}, {facts}",
        f"{name} is a window of {app} {facts}",
        f"With {app} I want a window, {facts}; it is kept in {name}",
        f"How do I open a window in {app}? {name}, {facts}",
    )
    if d.chance(0.5):
        return _step(d, says + ".", code)
    says += d.pick(
        f". Closing it runs {handler}, which {does}.",
        f". When it is closed, {handler} {does}.",
        f"; its close handler is {handler} and {does}.",
        f"; close -> {handler} ({does}).",
    )
    return _step(d, says, _handler(handler, body, f"{code}\n{name}.{_m(d, 'on close')}({handler})"))


def list_control(d: Draw) -> Step:
    host, name, kind, number, (parts, place), items = (
        _host(d),
        d.variable(),
        d.pick("list box", "list button", "combo box", "drop down", d.word()),
        d.number(1, 999),
        _place(d),
        d.texts(d.between(1, 5)),
    )
    facts = ", ".join(d.rng.sample([f"id {number}", *parts], 3))
    told, lines = _and([_q(t) for t in items], d.pick(" and ", ", ")), [f"{name}.{_m(d, 'add item')}({_q(t)})" for t in items]
    says = d.pick(
        f"Put {_a(kind)} {name} ({facts}) on {host} and add the items {told}",
        f"{host}: {kind} {name}, {facts}, items {told}",
        f"The items {told} are in {_a(kind)} {name} on {host}, {facts}",
        f"Add {_a(kind)} to {host}: {name}, {facts}; its items are {told}",
    )
    if len(items) > 2 and d.chance(0.3):
        lines = [f"for item in [{', '.join(_q(t) for t in items)}]:\n    {name}.{_m(d, 'add item')}(item)"]
        says += d.pick(", added in a loop", " (use a loop)")
    if d.chance(0.5):
        at = d.between(0, len(items) - 1)
        lines.append(f"{name}.{_m(d, 'select index')}({at})")
        says += d.pick(f". Select index {at}", f"; index {at} is selected")
    if d.chance(0.4):
        handler, (body, does) = d.name(), _deed(d)
        says += d.pick(f". A select event runs {handler}, which {does}", f"; on select {handler} {does}")
        return _step(
            d,
            says + ".",
            _handler(
                handler,
                f"    {body}",
                "\n".join(
                    [
                        f"{name} = {host}.{_m(d, 'add ' + kind)}({number}, {place})",
                        *lines,
                        f"{name}.{_m(d, 'on select')}({handler})",
                    ]
                ),
            ),
        )
    return _step(d, says + ".", "\n".join([f"{name} = {host}.{_m(d, 'add ' + kind)}({number}, {place})", *lines]))


def items_only(d: Draw) -> Step:
    """Things done to a list that is there already."""
    name, items = d.variable(), d.texts(3)
    number, shown = d.number(0, 40), d.variable()
    rows = [
        (f"{name}.{_m(d, 'add item')}({_q(items[0])})", d.pick(f"add the item {_q(items[0])}", f"add item {_q(items[0])}")),
        (f"{name}.{_m(d, 'insert item')}({number}, {_q(items[1])})", f"insert the item {_q(items[1])} at {number}"),
        (f"{name}.{_m(d, 'remove item')}({number})", f"remove item {number}"),
        (f"{name}.{_m(d, 'remove all items')}()", "remove all items"),
        (f"{name}.{_m(d, 'select index')}({number})", f"select index {number}"),
        (f"{name}.{_m(d, 'set item')}({number}, {_q(items[2])})", f"set item {number} to {_q(items[2])}"),
        (f"{name}.{_m(d, 'deselect all')}()", "deselect all"),
        (f"print({name}.{_m(d, 'get selected index')}())", "print the selected index"),
        (f"{shown} = {name}.{_m(d, 'get selected item')}()", f"get the selected item into {shown}"),
        (f"print({name}.{_m(d, 'get item count')}())", "print the item count"),
    ]
    chosen = d.rng.sample(rows, d.between(1, 4))
    told = _and([s for _, s in chosen], d.pick(" and ", ", then "))
    return _step(
        d,
        d.pick(f"In the list {name} {told}.", f"{name} is a list box: {told}.", f"On {name}, {told}."),
        "\n".join(c for c, _ in chosen),
    )


def grid(d: Draw) -> Step:
    host, name, kind, number, (parts, place), columns, rows = (
        _host(d),
        d.variable("grid", "table", "sheet"),
        d.pick("grid", "grid", "table", d.word()),
        d.number(1, 999),
        _place(d),
        d.between(1, 12),
        d.between(1, 60),
    )
    cells = [(d.between(0, rows - 1), d.between(0, columns - 1), d.text()) for _ in range(d.between(0, 3))]
    lines = [f"{name} = {host}.{_m(d, 'add ' + kind)}({number}, {place})"]
    facts = ", ".join(d.rng.sample([f"id {number}", *parts], 3))
    rows_first = d.chance(0.5)
    size = (
        d.pick(f"{rows} rows and {columns} columns", f"{rows} rows, {columns} columns")
        if rows_first
        else d.pick(f"{columns} columns and {rows} rows", f"{columns} columns, {rows} rows")
    )
    says = d.pick(
        f"Add {_a(kind)} {name} with {size} to {host}: {facts}",
        f"{host}: {kind} {name}, {facts}, {size}",
        f"{_a(kind, 'A')} named {name} ({size}) goes on {host}, {facts}",
        f"Put {_a(kind)} on {host}, {facts}; {name} has {size}",
    )
    pair = [f"{name}.{_m(d, 'set rows')}({rows})", f"{name}.{_m(d, 'set columns')}({columns})"]
    lines += pair if rows_first else pair[::-1]
    headers = d.texts(d.between(2, 3)) if d.chance(0.3) else []
    if headers:
        lines += [f"{name}.{_m(d, 'set header')}({i}, {_q(t)})" for i, t in enumerate(headers)]
        says += d.pick("; the headers are ", ", headers ") + ", ".join(f"{i} {_q(t)}" for i, t in enumerate(headers))
    style = d.pick("{t} in row {r}, column {c}", "row {r} column {c} {t}", "column {c} of row {r} {t}", "cell {r},{c} {t}")
    if cells:
        lines += [f"{name}.{_m(d, 'set cell text')}({r}, {c}, {_q(t)})" for r, c, t in cells]
        says += d.pick(". Cell texts: ", "; the cell texts are ") + "; ".join(
            style.format(r=r, c=c, t=_q(t)) for r, c, t in cells
        )
    return _step(d, says + ".", "\n".join(lines))


def grid_cells(d: Draw) -> Step:
    name = d.variable("grid", "table", "sheet")
    r, c, text, colour, shown = d.number(0, 90), d.number(0, 30), d.text(), d.pick(*COLOURS), d.variable()
    rows = [
        (
            f"{name}.{_m(d, 'set cell text')}({r}, {c}, {_q(text)})",
            d.pick(
                f"set the cell text in row {r}, column {c} to {_q(text)}",
                f"put the cell text {_q(text)} into row {r}, column {c}",
                f"the cell text of column {c} in row {r} becomes {_q(text)}",
            ),
        ),
        (
            f"{name}.{_m(d, 'set cell color')}({r}, {c}, {_q(colour)})",
            f"set the cell color at row {r}, column {c} to {_q(colour)}",
        ),
        (f"{name}.{_m(d, 'set column width')}({c}, {r})", f"set the column width of column {c} to {r}"),
        (f"{name}.{_m(d, 'set row height')}({r}, {c})", f"set the row height of row {r} to {c}"),
        (f"{name}.{_m(d, 'delete row')}({r})", f"delete row {r}"),
        (f"{name}.{_m(d, 'insert row')}({r})", f"insert a row at {r}"),
        (f"{name}.{_m(d, 'select cell')}({r}, {c})", d.pick(f"select the cell in row {r}, column {c}", f"select cell {r},{c}")),
        (
            f"{shown} = {name}.{_m(d, 'get cell text')}({r}, {c})\nprint({shown})",
            f"get the cell text of row {r}, column {c} as {shown} and print it",
        ),
    ]
    chosen = d.rng.sample(rows, d.between(1, 3))
    return _step(
        d,
        d.pick(
            f"In {name}: {'; '.join(s for _, s in chosen)}.",
            f"{name} is a grid; {_and([s for _, s in chosen], ', and ')}.",
            f"For the grid {name}, {'; then '.join(s for _, s in chosen)}.",
        ),
        "\n".join(c for c, _ in chosen),
    )


def grid_fill(d: Draw) -> Step:
    """A list of rows goes into a grid."""
    name, rows, columns, data = (
        d.variable("grid", "table", "sheet"),
        d.between(2, 3),
        d.between(1, 3),
        d.variable("data", "rows", "lines"),
    )
    values = [[_q(d.text()) for _ in range(columns)] for _ in range(rows)]
    told = d.pick("; ", ", then ").join(_and(v, ", ") for v in values)
    says = d.pick(
        f"{data} holds the rows {told}. Fill the grid {name} with them; the loops use row and column.",
        f"Write the rows {told} ({data}) into the cells of {name}, with a loop over row and "
        f"column and the method that sets the cell text.",
        f"How do I fill {name} from the list {data}? Rows: {told}; loop variables row and column.",
    )
    body = ",\n".join(f"    [{', '.join(v)}]" for v in values)
    return _step(
        d,
        says,
        f"{data} = [\n{body},\n]\nfor row in range(len({data})):\n    for column in range(len({data}[row])):\n        "
        f"{name}.{_m(d, 'set cell text')}(row, column, {data}[row][column])",
    )


def menu_bar(d: Draw) -> Step:
    host, bar, name, number, title = (
        _host(d),
        d.variable("bar", "menu bar"),
        d.variable("menu", "file menu"),
        d.number(1, 900),
        d.text(),
    )
    items = list(zip(d.rng.sample(range(1, 999), 4), d.texts(d.between(1, 4)), strict=False))
    told = d.pick(", ", "; ").join(d.pick(f"{n} {_q(t)}", f"{_q(t)} (id {n})", f"{_q(t)} with id {n}") for n, t in items)
    lines = [
        f"{bar} = {host}.{_m(d, 'add menu bar')}()",
        f"{name} = {bar}.{_m(d, 'add menu')}({number}, {_q(title)})",
        *(f"{name}.{_m(d, 'add item')}({n}, {_q(t)})" for n, t in items),
    ]
    says = d.pick(
        f"Give {host} a menu bar {bar} with the menu {name} (id {number}, {_q(title)}); add the items {told}",
        f"{host}: menu bar {bar}, menu {name} {_q(title)} with id {number}, items {told}",
        f"A menu {_q(title)}, id {number}, called {name}, belongs to the menu bar {bar} of {host}. Its items: {told}",
    )
    if d.chance(0.5):
        handler, (body, does) = d.name(), _deed(d)
        says += d.pick(f". On select of {name}, {handler} {does}.", f"; a select event of {name} runs {handler}, which {does}.")
        return _step(d, says, _handler(handler, f"    {body}", "\n".join([*lines, f"{name}.{_m(d, 'on select')}({handler})"])))
    return _step(d, says + ".", "\n".join(lines))


def tree(d: Draw) -> Step:
    host, name, number, (parts, place), root, nodes = (
        _host(d),
        d.variable("tree", "folders"),
        d.number(1, 999),
        _place(d),
        d.text(),
        d.texts(d.between(1, 4)),
    )
    ids = d.rng.sample(range(1, 900), 5)
    facts = ", ".join(d.rng.sample([f"id {number}", *parts], 3))
    told = d.pick(", ", "; ").join(d.pick(f"{n} {_q(t)}", f"{_q(t)} as {n}") for n, t in zip(ids[1:], nodes, strict=False))
    says = d.pick(
        f"Add a tree {name} ({facts}) to {host}; its root is node {ids[0]} {_q(root)}, and under it come the nodes {told}",
        f"{host}: tree {name}, {facts}; root {ids[0]} {_q(root)}, nodes below the root: {told}",
    )
    lines = [
        f"{name} = {host}.{_m(d, 'add tree')}({number}, {place})",
        f"{name}.{_m(d, 'set root')}({ids[0]}, {_q(root)})",
        *(f"{name}.{_m(d, 'add node')}({n}, {ids[0]}, {_q(t)})" for n, t in zip(ids[1:], nodes, strict=False)),
    ]
    says += (
        " (set_root takes id and text, add_node id, parent id and text)."
        if d.style == "snake"
        else " (setRoot takes id and text, addNode id, parent id and text)."
    )
    if d.chance(0.4):
        lines.append(f"{name}.{_m(d, 'expand node')}({ids[0]})")
        says += d.pick(f" Then expand node {ids[0]}.", " Expand the root node.")
    return _step(d, says, "\n".join(lines))


def tabs(d: Draw) -> Step:
    host, name, number, (parts, place), pages = (
        _host(d),
        d.variable("tabs", "pages"),
        d.number(1, 999),
        _place(d),
        [(d.variable(), t) for t in d.texts(d.between(1, 4))],
    )
    facts = ", ".join(d.rng.sample([f"id {number}", *parts], 3))
    told = _and([d.pick(f"{_q(t)} with {p}", f"{_q(t)} ({p})", f"{_q(t)} showing {p}") for p, t in pages])
    says = d.pick(
        f"Put a tab control {name} on {host}, {facts}, and add the tabs {told}",
        f"{host}: tab control {name} ({facts}); tabs {told}",
        f"On the tab control {name} of {host} ({facts}) add the tabs {told}",
    )
    lines = [
        f"{name} = {host}.{_m(d, 'add tab control')}({number}, {place})",
        *(f"{name}.{_m(d, 'add tab')}({_q(t)}, {p})" for p, t in pages),
    ]
    if d.chance(0.5):
        at = d.between(0, len(pages) - 1)
        lines.append(f"{name}.{_m(d, 'select index')}({at})")
        says += f"; select index {at}"
    return _step(d, says + ".", "\n".join(lines))


def bounded(d: Draw) -> Step:
    """A slider or another control with a minimum, a maximum and a value."""
    host, name, kind, number, (parts, place) = (
        _host(d),
        d.variable(),
        d.pick("slider", "progress bar", "spinner", "scroll bar", "gauge", d.word()),
        d.number(1, 999),
        _place(d),
    )
    facts = ", ".join(d.rng.sample([f"id {number}", *parts], 3))
    settings = [
        ("minimum", d.number(0, 50)),
        ("maximum", d.number(51, 900)),
        ("value", d.number(0, 900)),
        ("step", d.number(1, 30)),
        ("interval", d.number(1, 30)),
    ]
    chosen = d.rng.sample(settings, d.between(1, 4))
    told = _and([d.pick(f"{r} {v}", f"a {r} of {v}", f"{r} = {v}") for r, v in chosen])
    says = d.pick(
        f"Add {_a(kind)} {name} to {host}, {facts}; set {told}.",
        f"{host}: {kind} {name} ({facts}), {told}.",
        f"{name} is {_a(kind)} on {host} ({facts}) with {told}.",
        f"With {told}, put {_a(kind)} {name} on {host}: {facts}.",
    )
    return _step(
        d,
        says,
        "\n".join(
            [
                f"{name} = {host}.{_m(d, 'add ' + kind)}({number}, {place})",
                *(f"{name}.{_m(d, 'set ' + r)}({v})" for r, v in chosen),
            ]
        ),
    )


def progress(d: Draw) -> Step:
    name, things, item, call, step = (
        d.variable("bar", "progress", "gauge"),
        d.variable("files", "orders", "rows"),
        d.name("item", "entry", "each"),
        d.name(),
        d.between(1, 20),
    )
    says = d.pick(
        f"For every {item} in {things} call {call} and raise the value of {name} by {step}.",
        f"Show the progress of a loop in {name}: for each {item} of {things}, {call} works on it "
        f"and the value of {name} goes up by {step}.",
        f"Loop over {things} with {item}: {call}({item}), then set the value of {name} to its value plus {step}.",
    )
    return _step(
        d,
        says,
        f"for {item} in {things}:\n    {call}({item})\n    {name}.{_m(d, 'set value')}({name}.{_m(d, 'get value')}() + {step})",
    )


def timer(d: Draw) -> Step:
    app, name, seconds, handler, (body, does) = (
        d.variable("app", "gui"),
        d.variable("timer", "clock"),
        d.value(),
        d.name(),
        _deeds(d),
    )
    says = d.pick(
        f"Let {app} create a timer {name} of {seconds} seconds that runs {handler}, which {does}",
        f"Every {seconds} seconds {handler} {does}: timer {name}, created by {app}",
        f"{app}: create timer {name}, interval {seconds}, handler {handler}; it {does}",
        f"How do I do something every {seconds} seconds? With {app} create a timer {name}; {handler} {does}",
    )
    code = f"{name} = {app}.{_m(d, 'create timer')}({seconds}, {handler})"
    if d.chance(0.4):
        code += f"\n{name}.start()"
        says += d.pick(f". Then start {name}", "; start it")
    return _step(d, says + ".", _handler(handler, body, code))


def styled_text(d: Draw) -> Step:
    host, name = _host(d), d.variable("info", "label", "heading")
    said, code, _ = _control(d, host, name)
    font, size, colour, other = d.pick(*FONTS), d.between(6, 48), d.pick(*COLOURS), d.pick(*COLOURS)
    settings = [
        (
            f"{name}.{_m(d, 'set font')}({_q(font)}, {size})",
            d.pick(f"font {_q(font)}, {size} points", f"{size} point font {_q(font)}", f"the font {_q(font)} {size}"),
        ),
        (f"{name}.{_m(d, 'set color')}({_q(colour)})", d.pick(f"color {_q(colour)}", f"the color {_q(colour)}")),
        (f"{name}.{_m(d, 'set background')}({_q(other)})", d.pick(f"background {_q(other)}", f"{_q(other)} as background")),
    ]
    chosen = d.rng.sample(settings, d.between(1, 3))
    told = _and([s for _, s in chosen])
    says = d.pick(
        f"Add {_a(said)} to {host}; it has {told}.", f"{host}: {said}; {told}.", f"On {host} comes {_a(said)}. Give it {told}."
    )
    return _step(d, says, "\n".join([code, *(c for c, _ in chosen)]))


def message(d: Draw) -> Step:
    app, text, title, (yes, no), name = (
        d.variable("app", "gui", "win", "page"),
        d.text(),
        d.text(),
        d.texts(2),
        d.variable("answer", "reply"),
    )
    kind = d.between(0, 2)
    if kind == 0:
        says = d.pick(
            f"Show the message {_q(text)} with {app}, title {_q(title)}.",
            f"{app} shows a message titled {_q(title)}: {_q(text)}.",
            f"Message box of {app}: text {_q(text)}, title {_q(title)}.",
            f"How do I show a message with {app}? Title {_q(title)}, text {_q(text)}.",
        )
        return _step(d, says, f"{app}.{_m(d, 'show message')}({_q(text)}, {_q(title)})")
    (one, does), (two, other) = (
        (_deed(d), _deed(d))
        if kind == 1
        else ((f"print({_q(yes)})", f"prints {_q(yes)}"), (f"print({_q(no)})", f"prints {_q(no)}"))
    )
    says = d.pick(
        f"Let {app} ask yes or no: {_q(text)}, title {_q(title)}. The answer goes to {name}; if it is "
        f'"yes" the program {does}, otherwise it {other}.',
        f"{name} is what {app} gets when it asks yes or no with the text {_q(text)} and the title "
        f'{_q(title)}. "yes" {does}, anything else {other}.',
        f'Ask yes or no with {app} (title {_q(title)}, question {_q(text)}) into {name}; on "yes" it {does}, else it {other}.',
    )
    return _step(
        d,
        says,
        f'{name} = {app}.{_m(d, "ask yes no")}({_q(text)}, {_q(title)})\nif {name} == "yes":\n    {one}\nelse:\n    {two}',
    )


def ask_input(d: Draw) -> Step:
    app, name, text, start, shown = (
        d.variable("app", "gui", "win"),
        d.variable("answer", "name", "amount"),
        d.text(),
        _q(d.text()),
        d.text(),
    )
    with_start = d.chance(0.5)
    also = d.pick(f" with {start} filled in", f", start value {start}") if with_start else ""
    says = d.pick(
        f"Let {app} ask for a text: {_q(text)}{also}; keep it in {name} and print {_q(shown)} and {name}.",
        f"{name} comes from an input box of {app} ({_q(text)}{also}), by asking for a text. Print {_q(shown)}, {name}.",
        f"Ask for a text with {app}, prompt {_q(text)}{also}, as {name}. If it is not empty print {_q(shown)} and {name}.",
    )
    call = f"{name} = {app}.{_m(d, 'ask text')}({_q(text)}{', ' + start if with_start else ''})"
    line = f"print({_q(shown)}, {name})"
    return _step(d, says, f'{call}\nif {name} != "":\n    {line}' if "not empty" in says else f"{call}\n{line}")


def _setting(d: Draw, prop: str) -> tuple[str, str]:
    """A value for a property, and the property with the value in English."""
    if prop in {"enabled", "visible", "editable", "checked"}:
        value = d.pick("True", "False")
        if d.chance(0.7):
            return value, prop if value == "True" else f"not {prop}"
    elif prop in {"text", "title", "background", "tool tip"}:
        value = _q(d.text())
    else:
        value = str(d.number(1, 400)) if " " in prop or prop in {"width", "height"} else _value(d)
    return value, d.pick(f"{prop} {value}", f"{prop} = {value}", f"{prop}: {value}")


def set_properties(d: Draw) -> Step:
    name, lines, told = d.variable(), [], []
    pool = [*PROPERTIES, d.word(), f"{d.word()} {d.word()}"]
    for prop in d.rng.sample(pool, d.between(1, 4)):
        value, said = _setting(d, prop)
        lines.append(f"{name}.{_m(d, 'set ' + prop)}({value})")
        told.append(said)
    facts = _and(told)
    says = d.pick(
        f"Set these on {name}: {facts}.",
        f"{name}: {facts}; by its setters.",
        f"Call the setters of {name} for {facts}.",
        f"{name} is to have {facts}; use its setters.",
    )
    return _step(d, says, "\n".join(lines))


def get_properties(d: Draw) -> Step:
    name, shown, text, value = d.variable(), d.variable(), _q(d.text()), _value(d)
    prop = d.pick("text", "title", "width", "height", "font size", "selected index", d.word(), f"{d.word()} {d.word()}")
    call = f"{name}.{_m(d, 'get ' + prop)}()"
    if d.chance(0.5):
        test, said = _test(d, shown, value)
        says = d.pick(
            f"Get the {prop} of {name} into {shown}; if {shown} {said} print {text}.",
            f"{shown} = the {prop} from the getter of {name}. When {shown} {said}, print {text}.",
            f"Print {text} if {shown}, which the {prop} getter of {name} returns, {said}.",
        )
        return _step(d, says, f"{shown} = {call}\nif {test}:\n    print({text})")
    says = d.pick(
        f"Get the {prop} of {name} as {shown} and print it.",
        f"How do I read the {prop} of {name}? Put it into {shown} with the getter and print it.",
        f"{shown} comes from the {prop} getter of {name}; print {shown}.",
    )
    return _step(d, says, f"{shown} = {call}\nprint({shown})")


def copy_property(d: Draw) -> Step:
    name, other, text = d.variable(), d.variable(), _q(d.text())
    prop = d.pick("text", "title", "width", "height", "font size", d.word(), f"{d.word()} {d.word()}")
    call = f"{name}.{_m(d, 'get ' + prop)}()"
    if d.chance(0.4):
        says = d.pick(
            f"Print the {prop} of {name} after {text}; use the getter.",
            f"Print {text} and what the {prop} getter of {name} returns.",
        )
        return _step(d, says, f"print({text}, {call})")
    says = d.pick(
        f"Copy the {prop} of {name} to {other}, with getter and setter.",
        f"Set the {prop} of {other} to the {prop} of {name}; both have getters and setters.",
        f"{other} gets the {prop} that {name} has; use their getter and setter.",
    )
    return _step(d, says, f"{other}.{_m(d, 'set ' + prop)}({call})")


def simple_calls(d: Draw) -> Step:
    """Verbs that become methods without arguments."""
    verbs = (
        "show",
        "hide",
        "close",
        "clear",
        "focus",
        "refresh",
        "destroy",
        "minimize",
        "maximize",
        "center",
        "reload",
        "start",
        "stop",
        "lock",
        "unlock",
    )
    rows = [(d.variable(), d.pick(*verbs)) for _ in range(d.between(1, 4))]
    told = _and([f"{v} {n}" for n, v in rows], d.pick(" and ", ", then ", " and then "))
    says = d.pick(
        f"{told}; these are methods of the controls.",
        f"Use the methods of the controls: {told}.",
        f"Controls: please {told}.",
        f"How do I {told}? They are all controls of a window.",
        f"With the control methods {told}.",
    )
    return _step(d, says, "\n".join(f"{n}.{v}()" for n, v in rows))


def attributes(d: Draw) -> Step:
    thing, pairs = d.variable(), [(d.name(), _value(d)) for _ in range(d.between(1, 5))]
    style = d.pick("{n} to {v}", "{n} = {v}", "{n} is {v}", "{n}: {v}")
    facts = _and([style.format(n=n, v=v) for n, v in pairs])
    says = d.pick(
        f"Set these attributes of {thing}: {facts}.",
        f"Attributes of {thing}: {facts}.",
        f"Change the attributes of {thing}: {facts}.",
        f"How do I set attributes of {thing}? {facts}.",
    )
    code = "\n".join(f"{thing}.{n} = {v}" for n, v in pairs)
    if d.chance(0.4):
        shown = d.rng.choice(pairs)[0]
        return Step(says + d.pick(f" Print {thing}.{shown}.", f" Then print its {shown}."), f"{code}\nprint({thing}.{shown})")
    return Step(says, code)


def styles(d: Draw) -> Step:
    name, setter = d.variable("box", "card", "page"), d.pick("style", "style", "attribute", "property", "data")
    pool = [
        ("margin", f"{d.between(0, 40)}px"),
        ("color", d.pick(*COLOURS)),
        ("display", d.pick("flex", "grid", "none", "block")),
        ("width", f"{d.between(1, 100)}%"),
        ("font-weight", d.pick("bold", "600")),
        ("padding", f"{d.between(0, 30)}px {d.between(0, 30)}px"),
        ("flex-direction", d.pick("row", "column")),
        ("gap", f"{d.between(1, 30)}px"),
        ("border", f"{d.between(1, 9)}px solid {d.pick('black', 'gray')}"),
        (d.word(), d.word()),
        ("aria-label", d.text()),
        ("max-width", f"{d.between(50, 999)}px"),
        (f"data-{d.word()}", d.code()),
    ]
    pairs = d.rng.sample(pool, d.between(1, 4))
    form = d.pick('"{k}" to "{v}"', '"{k}" "{v}"', '"{k}" = "{v}"', '"{v}" for "{k}"')
    told = _and([form.format(k=k, v=v) for k, v in pairs])
    says = d.pick(
        f"Set the {setter} {told} of {name}.",
        f"Give {name} the {setter} {told}.",
        f"{name}: {setter} {told}.",
        f"How do I set the {setter} of {name}? {told}, please.",
        f"On {name} set {setter} {told}.",
    )
    return _step(d, says, "\n".join(f'{name}.{_m(d, "set " + setter)}("{k}", "{v}")' for k, v in pairs))


def style_names(d: Draw) -> Step:
    """CSS classes added and removed."""
    name, (one, two) = d.variable("box", "card", "button"), (f"{d.word()}-{d.word()}", d.word())
    add, remove = f"{name}.{_m(d, 'add class')}({_q(one)})", f"{name}.{_m(d, 'remove class')}({_q(two)})"
    kind = d.between(0, 2)
    if kind == 0:
        return _step(d, d.pick(f"Add the class {_q(one)} to {name}.", f"{name} gets the class {_q(one)} added."), add)
    if kind == 1:
        return _step(
            d,
            d.pick(
                f"Add the class {_q(one)} to {name} and remove the class {_q(two)}.",
                f"{name}: add class {_q(one)}, remove class {_q(two)}.",
            ),
            f"{add}\n{remove}",
        )
    test = d.variable("active", "open", "valid")
    return _step(
        d,
        d.pick(
            f"If {test}, add the class {_q(one)} to {name}; otherwise remove the class {_q(two)}.",
            f"{name}: add class {_q(one)} if {test}, else remove class {_q(two)}.",
        ),
        f"if {test}:\n    {add}\nelse:\n    {remove}",
    )


def page_things(d: Draw) -> Step:
    page, title, script, html, url = (
        d.variable("page", "browser", "web", "view"),
        d.text(),
        d.pick(
            f"window.scrollTo({d.number(0, 900)},{d.number(0, 900)})",
            f"document.title='{d.word()}'",
            f"console.log('{d.word()}')",
            f"{d.word()}({d.number(0, 99)})",
        ),
        f"<{(t := d.pick('p', 'h1', 'b', 'h2', 'li'))}>{d.phrase()}</{t}>",
        f"https://{d.word()}.example.com/{d.word()}",
    )
    key, value, shown = d.word(), d.text(), d.variable()
    rows = [
        (f"{page}.{_m(d, 'set title')}({_q(title)})", d.pick(f"set the title to {_q(title)}", f"set title {_q(title)}")),
        (f"{page}.{_m(d, 'run script')}({_q(script)})", f"run the script {_q(script)}"),
        (f"{page}.{_m(d, 'set html')}({_q(html)})", f"set the html to {_q(html)}"),
        (f"{page}.{_m(d, 'open url')}({_q(url)})", f"open the url {_q(url)}"),
        (
            f"{page}.{_m(d, 'set cookie')}({_q(key)}, {_q(value)})",
            d.pick(f"set the cookie {_q(key)} to {_q(value)}", f"set cookie {_q(key)} = {_q(value)}"),
        ),
        (
            f"{shown} = {page}.{_m(d, 'get cookie')}({_q(key)})\nprint({shown})",
            f"get the cookie {_q(key)} as {shown} and print it",
        ),
        (f"{page}.{_m(d, 'delete cookie')}({_q(key)})", f"delete the cookie {_q(key)}"),
        (f"{page}.{_m(d, 'add style sheet')}({_q(key + '.css')})", f"add the style sheet {_q(key + '.css')}"),
        (f"{page}.{_m(d, 'set favicon')}({_q(key + '.ico')})", f"set the favicon to {_q(key + '.ico')}"),
        (f"{shown} = {page}.{_m(d, 'get title')}()\nprint({shown})", f"get the title into {shown} and print it"),
        (f"{page}.reload()", "reload it"),
    ]
    chosen = d.rng.sample(rows, d.between(1, 4))
    told = _and([s for _, s in chosen], d.pick(", ", ", then "))
    return _step(
        d,
        d.pick(f"On {page}: {told}.", f"{page}: {told}.", f"With {page}, {told}.", f"{page} is the web page; {told}."),
        "\n".join(c for c, _ in chosen),
    )


def page_handler(d: Draw) -> Step:
    page, name, handler, script = d.variable("page", "browser", "view"), d.variable(), d.name(), f"{d.word()}({d.number(0, 99)})"
    html, event = f"<{(t := d.pick('p', 'h1', 'b'))}>{d.phrase()}</{t}>", d.pick("click", *EVENTS)
    call, does = d.pick(
        (f"{page}.{_m(d, 'run script')}({_q(script)})", f"runs the script {_q(script)} on {page}"),
        (f"{page}.{_m(d, 'set html')}({_q(html)})", f"sets the html of {page} to {_q(html)}"),
        (f"{page}.reload()", f"reloads {page}"),
    )
    says = d.pick(
        f"On {event} of {name}, {handler} {does}.",
        f"{name} {event} -> {handler}: it {does}.",
        f"{handler} {does}; register it for the {event} event of {name}.",
    )
    return _step(d, says, _handler(handler, f"    {call}", f"{name}.{_m(d, 'on ' + event)}({handler})"))


def http_get(d: Draw) -> Step:
    client, reply, bad, key, value = (
        d.variable("client", "http", "api"),
        d.variable("reply", "response"),
        d.text(),
        d.word(),
        d.text(),
    )
    url, status = f"https://{d.word()}.example.com/{d.word()}", d.pick(200, 201, 204)
    get = f"{reply} = {client}.get({_q(url)})"
    if d.chance(0.6):
        says = d.pick(
            f"Get {_q(url)} with {client} into {reply}; if its status is {status} print its text, otherwise {_q(bad)}.",
            f"{reply} = {client}.get of {_q(url)}. Status {status}: print the text of it. Else print {_q(bad)}.",
            f"With {client} get {_q(url)} as {reply}. Print {_q(bad)} unless the status is {status}; then print its text.",
        )
        return Step(says, f"{get}\nif {reply}.status == {status}:\n    print({reply}.text)\nelse:\n    print({_q(bad)})")
    says = d.pick(
        f"Set the header {_q(key)} of {client} to {_q(value)}, then get {_q(url)} into {reply} and print its text.",
        f"{client} needs the header {_q(key)} = {_q(value)}, so set it. After that get {_q(url)} as {reply}; print its text.",
    )
    return _step(d, says, f"{client}.{_m(d, 'set header')}({_q(key)}, {_q(value)})\n{get}\nprint({reply}.text)")


def http_send(d: Draw) -> Step:
    client, reply, good = d.variable("client", "http", "api"), d.variable("reply", "response", "answer"), d.text()
    url, status = f"https://{d.word()}.example.com/{d.word()}", d.pick(200, 201, 204)
    verb, pairs = d.pick("post", "put"), list(zip(d.texts(2), [_value(d) for _ in range(d.between(1, 2))], strict=False))
    if d.chance(0.6):
        facts = _and([f"{_q(k)}: {v}" for k, v in pairs])
        says = d.pick(
            f"{verb.capitalize()} a dict with {facts} to {_q(url)} through {client}; print the status of {reply}.",
            f"{client}: {verb} to {_q(url)} the dict {facts}. The result is {reply}; print its status.",
            f"How do I {verb} data? With {client} to {_q(url)}: a dict with {facts}. Keep {reply} and print its status.",
        )
        body = ", ".join(f"{_q(k)}: {v}" for k, v in pairs)
        return Step(says, f"{reply} = {client}.{verb}({_q(url)}, {{{body}}})\nprint({reply}.status)")
    says = d.pick(
        f"Delete {_q(url)} with {client} ({reply}); print {_q(good)} if the status is {status}.",
        f"{client} deletes {_q(url)}. The result is {reply}; with status {status} print {_q(good)}.",
    )
    return Step(says, f"{reply} = {client}.delete({_q(url)})\nif {reply}.status == {status}:\n    print({_q(good)})")


def http_retry(d: Draw) -> Step:
    client, url, reply, times, status, text = (
        d.variable("client", "http", "api"),
        f"https://{d.word()}.example.com/{d.word()}",
        d.variable("reply", "response"),
        d.between(2, 9),
        d.pick(200, 201),
        d.text(),
    )
    says = d.pick(
        f"Try up to {times} times to get {_q(url)} with {client} as {reply}; stop when the "
        f"status is {status}, else print {_q(text)}.",
        f"Get {_q(url)} through {client} ({reply}), at most {times} times: leave the loop at "
        f"status {status}, print {_q(text)} otherwise.",
    )
    return Step(
        says,
        f"for i in range({times}):\n    {reply} = {client}.get({_q(url)})\n    if {reply}.status == "
        f"{status}:\n        break\n    print({_q(text)})",
    )


def event_loop(d: Draw) -> Step:
    """Reads events and branches on code and id."""
    channel, event, leave = d.variable("events", "queue", "channel"), d.variable("event"), d.pick("X", "Q", "Z")
    rows = [(d.pick("B", "C", "K", "T", "L", "M"), d.number(1, 400), _deed(d)) for _ in range(d.between(1, 3))]
    style = d.pick('code "{c}" with id {n} {s}', 'code "{c}", id {n}: it {s}', 'id {n} and code "{c}" {s}')
    facts = "; ".join(style.format(c=c, n=n, s=s) for c, n, (_, s) in rows)
    says = d.pick(
        f'Read {event} from {channel} in a loop; code "{leave}" ends it. {facts}.',
        f'An event loop over {channel} (variable {event}): {facts}; code "{leave}" leaves the loop.',
        f'Until the code is "{leave}", read {event} from {channel}. {facts}.',
    )
    lines = [f"while True:\n    {event} = {channel}.read()", f'    if {event}.code == "{leave}":\n        break']
    lines += [f'    if {event}.code == "{c}" and {event}.id == {n}:\n        {code}' for c, n, (code, _) in rows]
    return _step(d, says, "\n".join(lines))


def event_ids(d: Draw) -> Step:
    """One branch for each id."""
    event, ids, texts = d.variable("event"), d.rng.sample(range(1, 400), 3), d.texts(4)
    count = d.between(2, 3)
    facts = d.pick("; ", ", ").join(f"{n} prints {_q(t)}" for n, t in zip(ids[:count], texts, strict=False))
    other = d.chance(0.5)
    says = d.pick(
        f"Branch on the id of {event}: {facts}", f"{event}.id: {facts}", f"Which control sent {event}? Look at its id: {facts}"
    ) + (f"; any other id prints {_q(texts[3])}." if other else ".")
    lines = [
        f"{'elif' if i else 'if'} {event}.id == {n}:\n    print({_q(t)})"
        for i, (n, t) in enumerate(zip(ids[:count], texts, strict=False))
    ]
    return Step(says, "\n".join([*lines, f"else:\n    print({_q(texts[3])})"] if other else lines))


def radio(d: Draw) -> Step:
    host, group, names = _host(d), d.variable("group", "choice"), [d.variable() for _ in range(d.between(2, 3))]
    facts, lines = [], []
    for name in names:
        number, (parts, place), text = d.number(1, 900), _place(d), d.text()
        facts.append(f"{name} {_q(text)} ({', '.join(d.rng.sample([f'id {number}', *parts], 3))})")
        lines.append(f"{name} = {host}.{_m(d, 'add radio button')}({number}, {place}, {_q(text)})")
    lines += [f"{group} = {host}.{_m(d, 'add radio group')}()", *(f"{group}.add({name})" for name in names)]
    says = d.pick(
        f"Radio buttons on {host}: {'; '.join(facts)}. Put them all into a new radio group {group} of {host}",
        f"{host} gets the radio buttons {'; '.join(facts)}, and then the radio group {group}, to which they are added",
    )
    if d.chance(0.5):
        chosen = d.between(0, len(names) - 1)
        lines.append(f"{names[chosen]}.select()")
        says += d.pick(f"; select {names[chosen]}", f". Then select {names[chosen]}")
    return _step(d, says + ".", "\n".join(lines))


def check_boxes(d: Draw) -> Step:
    box, (yes, no), other = d.variable("box", "check", "option"), d.texts(2), d.variable()
    is_checked = f"{box}.{_m(d, 'is checked')}()"
    kind = d.between(0, 2)
    if kind == 0:
        return _step(
            d,
            d.pick(
                f"If {box} is checked print {_q(yes)}, otherwise {_q(no)}.",
                f"Print {_q(yes)} or {_q(no)}, depending on whether {box} is checked.",
            ),
            f"if {is_checked}:\n    print({_q(yes)})\nelse:\n    print({_q(no)})",
        )
    if kind == 1:
        return _step(
            d,
            d.pick(
                f"{other} is enabled only if {box} is checked; use its method to set enabled.",
                f"Set {other} enabled when {box} is checked, and not enabled when it is not.",
            ),
            f"{other}.{_m(d, 'set enabled')}({is_checked})",
        )
    handler = d.name()
    says = d.pick(
        f"When {box} changes, {handler} shows {other} if the box is checked and hides it otherwise.",
        f"{box} change -> {handler}: show {other} when {box} is checked, else hide it.",
    )
    return _step(
        d,
        says,
        _handler(
            handler,
            f"    if {is_checked}:\n        {other}.show()\n    else:\n        {other}.hide()",
            f"{box}.{_m(d, 'on change')}({handler})",
        ),
    )


def buttons_loop(d: Draw) -> Step:
    """Controls made in a loop from a list of texts."""
    host, kind, texts, names, number, x, y, w, h = (
        _host(d),
        _kind(d),
        d.texts(d.between(2, 4)),
        d.variable("texts", "labels"),
        d.number(1, 900),
        d.number(0, 300),
        d.number(0, 300),
        d.number(5, 200),
        d.number(5, 90),
    )
    step = d.number(5, 120)
    across = d.chance(0.5)
    told, place = _and([_q(t) for t in texts]), (f"{x} + i * {step}, {y}" if across else f"{x}, {y} + i * {step}")
    says = d.pick(
        f"For each text in {names} ({told}) add {_a(kind)} to {host}; the first has id {number} and is at {x},{y}, "
        f"each next one has the next id and is {step} further {'right' if across else 'down'}, size {w} by {h}.",
        f"{names} holds {told}. In a loop put {_a(kind)} for each on {host}: ids from {number}, start {x},{y}, "
        f"{'x' if across else 'y'} grows by {step}, {w} by {h}.",
    )
    return _step(
        d,
        says,
        f"{names} = [{', '.join(_q(t) for t in texts)}]\nfor i in range(len({names})):\n    "
        f"{host}.{_m(d, 'add ' + kind)}({number} + i, {place}, {w}, {h}, {names}[i])",
    )


def nested_panel(d: Draw) -> Step:
    """A container in a host and a control in the container."""
    host, kind, name, number, (parts, place) = (
        _host(d),
        d.pick("panel", "child window", "frame", "group box", "card", d.word()),
        d.variable(),
        d.number(1, 900),
        _place(d),
    )
    inner = d.variable()
    said, code, _ = _control(d, name, inner)
    facts = ", ".join(d.rng.sample([f"id {number}", *parts], 3))
    says = d.pick(
        f"{host} gets {_a(kind)} {name} ({facts}); in {name} add {_a(said)}.",
        f"Add {_a(kind)} {name} to {host}, {facts}, and to {name} {_a(said)}.",
        f"Inside {host}: {kind} {name}, {facts}. Inside {name}: {said}.",
    )
    return _step(d, says, f"{name} = {host}.{_m(d, 'add ' + kind)}({number}, {place})\n{code}")


def builder(d: Draw) -> Step:
    """A function that builds a control and returns it."""
    host, function, name = d.name("window", "form", "panel"), d.name(), d.variable()
    said, code, _ = _control(d, host, name)
    says = d.pick(
        f"Write a function {function} with the parameter {host} that adds {_a(said)} to {host} and returns it.",
        f"{function}({host}) puts {_a(said)} on {host} and gives it back.",
        f"I want {function}({host}): it makes {_a(said)} on {host}, and returns {name}.",
    )
    return _step(d, says, f"def {function}({host}):\n    {code}\n    return {name}")


def window_class(d: Draw) -> Step:
    """A class that owns a control and handles its event."""
    name, field, host, handler, text = d.klass(), d.name(parts=1), d.name("window", "form", "panel"), d.name(), d.text()
    said, code, _ = _control(d, host, "")
    says = d.pick(
        f"A class {name} takes {host} in its constructor, keeps as {field} {_a(said)} added to it, and on "
        f"click of {field} its method {handler} prints {_q(text)}.",
        f"Write {name}({host}): the field {field} is {_a(said)}, on {host}. A click on it runs the "
        f"method {handler}, which prints {_q(text)}.",
    )
    return _step(
        d,
        says,
        f"class {name}:\n    def __init__(self, {host}):\n        self.{field} = {code}\n        "
        f"self.{field}.{_m(d, 'on click')}(self.{handler})\n\n    def {handler}(self):\n        print({_q(text)})",
    )


def shortcut(d: Draw) -> Step:
    host, key, handler, (body, does) = (
        _host(d),
        d.pick("F1", "F5", "Ctrl+S", "Ctrl+P", "Escape", "Alt+X", "Shift+F3", "Enter"),
        d.name(),
        _deeds(d),
    )
    says = d.pick(
        f"Add the shortcut {_q(key)} to {host}; it runs {handler}, which {does}.",
        f"Shortcut {_q(key)} of {host} -> {handler}: it {does}.",
        f"{handler} {does}; add it as the shortcut {_q(key)} of {host}.",
    )
    return _step(d, says, _handler(handler, body, f"{host}.{_m(d, 'add shortcut')}({_q(key)}, {handler})"))


def ledger(d: Draw) -> Step:
    """An invented business object: its methods follow from the wording."""
    obj, noun, verb, other = (
        d.variable(),
        d.word(),
        d.pick("add", "add", "remove", "find", "update", "create", "delete", "open", "send", "cancel", "print"),
        d.variable(),
    )
    roles = d.rng.sample(
        ["code", "name", "price", "amount", "date", "weight", "city", "customer", "discount", "level"], d.between(1, 4)
    )
    values = [d.value() if r in {"price", "amount", "weight", "discount", "level"} else _q(d.text()) for r in roles]
    facts = _and([f"{r} {v}" for r, v in zip(roles, values, strict=True)])
    keep = d.chance(0.4)
    says = d.pick(
        f"{verb.capitalize()} {_a(noun)} with {facts} on {obj}",
        f"{obj}: {verb} {noun}, {facts}",
        f"Tell {obj} to {verb} {_a(noun)} ({facts})",
        f"How does {obj} {verb} {_a(noun)} with {facts}",
        f"{verb.capitalize()} {_a(noun)} in {obj}: {facts}",
    )
    says += ("?" if says.startswith("How") else ".") + (
        d.pick(f" Keep the result in {other}.", f" The result is {other}; print it.") if keep else ""
    )
    code = f"{other + ' = ' if keep else ''}{obj}.{_m(d, f'{verb} {noun}')}({', '.join(values)})"
    return _step(d, says, code + (f"\nprint({other})" if says.endswith("print it.") else ""))


def named_arguments(d: Draw) -> Step:
    target, what, roles = (
        d.name(parts=1),
        d.name(),
        d.rng.sample(
            ["id", "x", "y", "width", "height", "title", "text", "color", "font", "size", "row", "column", "mode", "limit"],
            d.between(2, 5),
        ),
    )
    values = {r: _q(d.text()) if r in {"title", "text", "color", "font", "mode"} else d.value() for r in roles}
    style = d.pick("{r} {v}", "{r} = {v}", "{r}: {v}", "{v} as {r}")
    facts = _and([style.format(r=r, v=v) for r, v in values.items()])
    says = d.pick(
        f"Call {target}.{what} with named arguments: {facts}.",
        f"{target}.{what} with keywords, {facts}.",
        f"Use keyword arguments for {what} of {target}: {facts}.",
        f"How do I name the arguments of {target}.{what}? {facts}.",
    )
    return Step(says, f"{target}.{what}({', '.join(f'{r}={v}' for r, v in values.items())})")


def chain(d: Draw) -> Step:
    start, names = d.variable(), [(d.name(), [_value(d) for _ in range(d.between(0, 2))]) for _ in range(d.between(2, 4))]
    result = d.variable()
    told = _and([f"{n} with {_and(v)}" if v else n for n, v in names], ", then ")
    says = d.pick(
        f"Chain on {start}: {told}; the result is {result}.",
        f"{result} is {start} with {told} called in one chain.",
        f"In one chained line call on {start} {told}. Store it in {result}.",
    )
    return Step(says, f"{result} = {start}" + "".join(f".{n}({', '.join(v)})" for n, v in names))


# tkinter -------------------------------------------------------------------------------------------------------------------


def _tk(root: str, title: str = "", body: str = "") -> str:
    head = f"import tkinter as tk\n\n{root} = tk.Tk()\n"
    return head + (f'{root}.title("{title}")\n' if title else "") + body + f"\n{root}.mainloop()"


def tk_window(d: Draw) -> Step:
    root, title, w, h, text, colour = (
        d.variable("root", "window"),
        d.text(),
        d.number(80, 1200),
        d.number(60, 900),
        d.text(),
        d.pick(*COLOURS),
    )
    label, coloured = d.chance(0.5), d.chance(0.3)
    says = d.pick(
        f"Open a tkinter window {root} titled {_q(title)}, {w} wide and {h} high",
        f"tkinter: {root}, title {_q(title)}, size {w}x{h}",
        f"How do I open a tkinter window? {root}, {w} by {h}, with the title {_q(title)}",
        f"With tkinter make the window {root} ({h} high, {w} wide) and call it {_q(title)}",
    )
    body = f'{root}.geometry("{w}x{h}")'
    if coloured:
        body += f"\n{root}.configure(bg={_q(colour)})"
        says += f", background {_q(colour)}"
    if label:
        body += f"\ntk.Label({root}, text={_q(text)}).pack()"
        says += d.pick(f"; a label in it says {_q(text)}", f", with the label {_q(text)}")
    return Step(says + ".", _tk(root, title, body))


def tk_button(d: Draw) -> Step:
    root, name, handler, text, said = d.variable("root", "window"), d.variable("button"), d.name(), d.text(), d.text()
    does, body = d.pick(
        (f"prints {_q(said)}", f"print({_q(said)})"),
        (f"closes {root}", f"{root}.destroy()"),
        (f"shows the info box {_q(said)} titled {_q(text)}", f"messagebox.showinfo({_q(text)}, {_q(said)})"),
    )
    says = d.pick(
        f"In the tkinter window {root} put a button {name} with {_q(text)}; a click runs {handler}, which {does}.",
        f"tkinter, {root}: button {name} {_q(text)} -> {handler}, it {does}.",
        f"How do I react to a button in tkinter? Window {root}, button {name} saying {_q(text)}; {handler} {does}.",
    )
    head = "import tkinter as tk\n" + ("from tkinter import messagebox\n" if "messagebox" in body else "")
    return Step(
        says,
        f"{head}\n\ndef {handler}():\n    {body}\n\n\n{root} = tk.Tk()\n{name} = tk.Button({root}, "
        f"text={_q(text)}, command={handler})\n{name}.pack()\n{root}.mainloop()",
    )


def tk_entry(d: Draw) -> Step:
    root, entry, label, handler, (text, said) = (
        d.variable("root", "window"),
        d.variable("entry", "field"),
        d.variable("label", "info"),
        d.name(),
        d.texts(2),
    )
    says = d.pick(
        f"tkinter window {root} with an entry {entry}, a button {_q(text)} and a label {label}: the button runs "
        f"{handler}, which sets {label} to {_q(said)} and the text of {entry}.",
        f"In {root} (tkinter): entry {entry}, label {label}, button {_q(text)}. A click calls {handler}; {label} then "
        f"shows {_q(said)} plus the text of {entry}. The order is entry, button, label.",
    )
    code = (
        f"import tkinter as tk\n\n\ndef {handler}():\n    {label}.config(text={_q(said)} + {entry}.get())\n\n\n{root} "
        f"= tk.Tk()\n{entry} = tk.Entry({root})\n{entry}.pack()\ntk.Button({root}, text={_q(text)}, command={handler}).pack()\n"
        f"{label} = tk.Label({root})\n{label}.pack()\n{root}.mainloop()"
    )
    return Step(says, code)


def tk_list(d: Draw) -> Step:
    root, name, items = d.variable("root", "frame"), d.variable("listbox", "choices"), d.texts(d.between(2, 5))
    told, at = _and([_q(t) for t in items]), d.between(0, len(items) - 1)
    loop, select = d.chance(0.5), d.chance(0.5)
    says = d.pick(
        f"Put a tkinter list box {name} with {told} on {root}",
        f"tkinter: list box {name} on {root}, items {told}",
        f"How do I fill a list box in tkinter? {name} on {root} holds {told}",
    )
    says += (", filled in a loop" if loop else "") + (d.pick(f"; select number {at}", f"; {at} is selected") if select else "")
    fill = (
        f"for item in [{', '.join(_q(t) for t in items)}]:\n    {name}.insert(tk.END, item)"
        if loop
        else "\n".join(f"{name}.insert(tk.END, {_q(t)})" for t in items)
    )
    return Step(
        says + ".",
        f"import tkinter as tk\n\n{name} = tk.Listbox({root})\n{fill}"
        + (f"\n{name}.selection_set({at})" if select else "")
        + f"\n{name}.pack()",
    )


def tk_place(d: Draw) -> Step:
    """Widgets at a place, in a cell or packed at a side."""
    root, name, (kind, widget), text = (
        d.variable("root", "window", "frame"),
        d.variable(),
        d.pick(("button", "Button"), ("label", "Label"), ("check box", "Checkbutton")),
        d.text(),
    )
    x, y, w, h, r, c, side = (
        d.number(0, 500),
        d.number(0, 500),
        d.number(10, 400),
        d.number(10, 200),
        d.between(0, 20),
        d.between(0, 9),
        d.pick("left", "right", "top", "bottom"),
    )
    pad = d.number(1, 40)
    where, said = d.pick(
        (
            f"place(x={x}, y={y}, width={w}, height={h})",
            d.pick(f"placed at {x},{y}, {w} by {h}", f"placed at x {x}, y {y}, width {w}, height {h}"),
        ),
        (f"grid(row={r}, column={c})", d.pick(f"in grid row {r}, column {c}", f"in column {c} and row {r} of the grid")),
        (f'pack(side="{side}")', f'packed at side "{side}"'),
        (f'pack(side="{side}", padx={pad})', f'packed at side "{side}" with padx {pad}'),
        (f"grid(row={r}, column={c}, pady={pad})", f"in grid row {r}, column {c}, pady {pad}"),
        (f"pack(pady={pad})", f"packed with pady {pad}"),
    )
    says = d.pick(
        f"tkinter: {_a(kind)} {name} {_q(text)} on {root}, {said}.",
        f"Put the tkinter {kind} {name} with the text {_q(text)} on {root}, {said}.",
        f"On {root} I need a tkinter {kind} {name}, {said}, text {_q(text)}.",
    )
    return Step(says, f"import tkinter as tk\n\n{name} = tk.{widget}({root}, text={_q(text)})\n{name}.{where}")


def tk_options(d: Draw) -> Step:
    name = d.variable("label", "button", "entry")
    pool = [
        ("text", _q(d.text())),
        ("fg", _q(d.pick(*COLOURS))),
        ("bg", _q(d.pick(*COLOURS))),
        ("width", str(d.number(1, 90))),
        ("font", f"({_q(d.pick(*FONTS))}, {d.between(6, 40)})"),
        ("state", _q(d.pick("disabled", "normal"))),
        ("height", str(d.number(1, 20))),
    ]
    chosen = d.rng.sample(pool, d.between(1, 4))
    facts = _and([f"{k} {v.strip('()')}" for k, v in chosen], d.pick(" and ", ", "))
    return Step(
        d.pick(
            f"Configure the tkinter widget {name}: {facts}.",
            f"tkinter: config {name} with {facts}.",
            f"Change {name}, a tkinter widget, to {facts}.",
        ),
        f"{name}.config({', '.join(f'{k}={v}' for k, v in chosen)})",
    )


def tk_check(d: Draw) -> Step:
    root, var, name, text, (yes, no), handler = (
        d.variable("root", "frame"),
        d.variable("state", "flag"),
        d.variable("box", "check"),
        d.text(),
        d.texts(2),
        d.name(),
    )
    says = d.pick(
        f"tkinter check box {name} {_q(text)} on {root} with the IntVar {var}; when it changes "
        f"{handler} prints {_q(yes)} if it is on, else {_q(no)}.",
        f"On {root} put a tkinter check box {name}, text {_q(text)}, variable {var} (IntVar), command "
        f"{handler}: on prints {_q(yes)}, off prints {_q(no)}.",
    )
    return Step(
        says,
        f"import tkinter as tk\n\n\ndef {handler}():\n    if {var}.get() == 1:\n        print({_q(yes)})\n    else:\n "
        f"       print({_q(no)})\n\n\n{var} = tk.IntVar()\n"
        f"{name} = tk.Checkbutton({root}, text={_q(text)}, variable={var}, command={handler})\n{name}.pack()",
    )


def tk_radio(d: Draw) -> Step:
    root, var, texts = d.variable("root", "frame"), d.variable("choice", "mode"), d.texts(d.between(2, 3))
    values = d.rng.sample(range(60), len(texts))
    told = _and([d.pick(f"{_q(t)} = {v}", f"{_q(t)} with {v}") for t, v in zip(texts, values, strict=True)])
    says = d.pick(
        f"tkinter radio buttons on {root} for the IntVar {var}: {told}; {var} starts at {values[0]}.",
        f"On {root}, tkinter radio buttons {told}, all on the IntVar {var}, whose start value is {values[0]}.",
    )
    return Step(
        says,
        f"import tkinter as tk\n\n{var} = tk.IntVar(value={values[0]})\n"
        + "\n".join(
            f"tk.Radiobutton({root}, text={_q(t)}, variable={var}, value={v}).pack()" for t, v in zip(texts, values, strict=True)
        ),
    )


def tk_menu(d: Draw) -> Step:
    root, bar, menu, title = d.variable("root", "window"), d.variable("bar"), d.variable("menu"), d.text()
    rows = [(t, d.name()) for t in d.texts(d.between(1, 3))]
    told = _and([d.pick(f"{_q(t)} runs {h}", f"{_q(t)} -> {h}") for t, h in rows], ", ")
    says = d.pick(
        f"Give the tkinter window {root} a menu bar {bar} with a menu {menu} {_q(title)}: {told}.",
        f"tkinter menus: {bar} on {root}, in it {menu} labelled {_q(title)}; {told}.",
    )
    return Step(
        says,
        f"import tkinter as tk\n\n{bar} = tk.Menu({root})\n{menu} = tk.Menu({bar})\n"
        + "\n".join(f"{menu}.add_command(label={_q(t)}, command={h})" for t, h in rows)
        + f"\n{bar}.add_cascade(label={_q(title)}, menu={menu})\n{root}.config(menu={bar})",
    )


def tk_after(d: Draw) -> Step:
    root, handler, ms, text, again = (
        d.variable("root", "window"),
        d.name("tick", "update", "refresh"),
        d.number(10, 9000),
        d.text(),
        d.chance(0.6),
    )
    says = (
        d.pick(
            f"Every {ms} milliseconds {handler} prints {_q(text)}, with after of the tkinter window {root}.",
            f"tkinter: {handler} prints {_q(text)} and calls itself again after {ms} ms through {root}; start it.",
        )
        if again
        else d.pick(
            f"After {ms} milliseconds {root} (tkinter) runs {handler} once; it prints {_q(text)}.",
            f"How do I run something later in tkinter? {root}, {ms} ms, once: {handler} prints {_q(text)}.",
        )
    )
    body = f"    print({_q(text)})" + (f"\n    {root}.after({ms}, {handler})" if again else "")
    return Step(says, f"def {handler}():\n{body}\n\n\n" + (f"{handler}()" if again else f"{root}.after({ms}, {handler})"))


def tk_bind(d: Draw) -> Step:
    name, key, handler, text = (
        d.variable("root", "entry", "canvas"),
        d.pick("<Return>", "<Escape>", "<Button-1>", "<F5>", "<Control-s>", "<Double-1>"),
        d.name(),
        d.text(),
    )
    attr = d.pick("", "x", "y", "keysym", "char")
    also = f" and the event's {attr}" if attr else ""
    says = d.pick(
        f"Bind {_q(key)} of {name} to {handler}, which prints {_q(text)}{also} (tkinter).",
        f"tkinter: {name}, {_q(key)} -> {handler}; it prints {_q(text)}{also}.",
        f"On {_q(key)} {name} calls {handler}, which prints {_q(text)}{also}. Use bind.",
    )
    return Step(
        says,
        f"def {handler}(event):\n    print({_q(text)}{', event.' + attr if attr else ''})\n\n\n{name}.bind({_q(key)}, {handler})",
    )


def tk_scale(d: Draw) -> Step:
    root, name, low, high, start, way = (
        d.variable("root", "frame"),
        d.variable("scale", "slider"),
        d.number(0, 40),
        d.number(41, 900),
        d.number(0, 900),
        d.pick("horizontal", "vertical"),
    )
    says = d.pick(
        f"A {way} tkinter scale {name} on {root}, from {low} to {high}, set to {start}.",
        f"tkinter: scale {name} ({low} to {high}, {way}) on {root}, value {start}.",
        f"Set the {way} tkinter scale {name} to {start}; it is on {root} and goes from {low} to {high}.",
    )
    return Step(
        says,
        f"import tkinter as tk\n\n{name} = tk.Scale({root}, from_={low}, to={high}, "
        f"orient={_q(way)})\n{name}.set({start})\n{name}.pack()",
    )


def tk_question(d: Draw) -> Step:
    text, title, (yes, no) = d.text(), d.text(), d.texts(2)
    name = d.variable("answer", "sure")
    says = d.pick(
        f"Ask {_q(text)} with tkinter's yes/no box (title {_q(title)}) into {name}; on yes print {_q(yes)}, else {_q(no)}.",
        f"tkinter yes/no box {_q(text)}, titled {_q(title)}: {name}. Yes prints {_q(yes)}, no prints {_q(no)}.",
    )
    return Step(
        says,
        f"from tkinter import messagebox\n\n{name} = messagebox.askyesno({_q(title)}, {_q(text)})\nif "
        f"{name}:\n    print({_q(yes)})\nelse:\n    print({_q(no)})",
    )


def tk_canvas(d: Draw) -> Step:
    root, name, w, h, shapes = d.variable("root", "frame"), d.variable("canvas"), d.number(50, 900), d.number(50, 900), []
    for _ in range(d.between(1, 3)):
        (kind, x1, y1, x2, y2), colour, text = (
            (d.pick("line", "rectangle", "oval"), *(d.number(0, 400) for _ in range(4))),
            d.pick(*COLOURS),
            d.text(),
        )
        plain = (
            f"{name}.create_{kind}({x1}, {y1}, {x2}, {y2}, fill={_q(colour)})",
            f"{_a(kind)} from {x1},{y1} to {x2},{y2} in {_q(colour)}",
        )
        shapes.append(
            plain if d.chance(0.7) else (f"{name}.create_text({x1}, {y1}, text={_q(text)})", f"the text {_q(text)} at {x1},{y1}")
        )
    told = _and([s for _, s in shapes])
    says = d.pick(
        f"tkinter canvas {name} on {root}, {w} wide, {h} high; draw {told}.",
        f"Draw {told} on a tkinter canvas {name} (width {w}, height {h}) in {root}.",
    )
    return Step(
        says,
        f"import tkinter as tk\n\n{name} = tk.Canvas({root}, width={w}, height={h})\n{name}.pack()\n"
        + "\n".join(c for c, _ in shapes),
    )


# A given object, rewritten -------------------------------------------------------------------------------------------------


def old_control(d: Draw) -> Step:
    """An old call with a code for the kind becomes a method."""
    kind, host, number = _kind(d), _host(d), d.number(1, 900)
    rows = [(d.pick(kind, _kind(d)), d.variable(), number + i, _place(d)[1], d.text()) for i in range(d.between(1, 3))]
    old = d.pick("send", "create", "control", "make")
    before = "\n".join(f'{old}("{k.upper().replace(" ", "")}", {n}, {p}, {_q(t)})' for k, _, n, p, t in rows)
    names = _and([v for _, v, _, _, _ in rows])
    kinds = _and([k for k, _, _, _, _ in rows])
    says = d.pick(
        f"Convert this to methods of {host} ({kinds}); keep the objects in {names}.",
        f"Use the object {host}: it adds {kinds}, stored in {names}.",
        f"Rewrite it for {host}, which adds {kinds}; the results go to {names}.",
    )
    return _step(d, says, "\n".join(f"{v} = {host}.{_m(d, 'add ' + k)}({n}, {p}, {_q(t)})" for k, v, n, p, t in rows), before)


def old_events(d: Draw) -> Step:
    """Branches of an event loop become handlers."""
    rows = [(d.variable(), n, d.name(), _deed(d)[0]) for n in d.rng.sample(range(1, 400), d.between(1, 3))]
    branches = "\n".join(f'    if event.code == "B" and event.id == {n}:\n        {c}' for _, n, _, c in rows)
    before = f"while True:\n    event = read_event()\n{branches}"
    facts = _and([d.pick(f"id {n} is {v} with the handler {h}", f"{v} (id {n}) with {h}") for v, n, h, _ in rows])
    says = d.pick(
        f"Use click handlers instead of the event loop: {facts}.",
        f"Convert it to callbacks on click; {facts}.",
        f"Replace the loop by handlers for click: {facts}.",
    )
    return _step(
        d,
        says,
        "".join(f"def {h}():\n    {c}\n\n\n" for _, _, h, c in rows)
        + "\n".join(f"{v}.{_m(d, 'on click')}({h})" for v, _, h, _ in rows),
        before,
    )


def repeated_adds(d: Draw) -> Step:
    name, texts, item = d.variable(), d.texts(d.between(3, 6)), d.name("item", "text", "entry")
    method = _m(d, d.pick("add item", "add " + d.word(), "append row"))
    before = "\n".join(f"{name}.{method}({_q(t)})" for t in texts)
    return Step(
        d.pick(
            f"Make this a loop; the loop variable is {item}.",
            f"Shorten it with a loop over a list ({item}).",
            f"Write these calls as one loop with {item}.",
        ),
        f"for {item} in [{', '.join(_q(t) for t in texts)}]:\n    {name}.{method}({item})",
        before,
    )


def other_style(d: Draw) -> Step:
    """The same calls in the other style of names."""
    name = d.name(parts=1)
    calls = [
        (
            [d.pick("set", "add", "get", "show", "remove"), *(d.word() for _ in range(d.between(1, 2)))],
            [_value(d) for _ in range(d.between(0, 4))],
        )
        for _ in range(d.between(1, 4))
    ]
    camel = "\n".join(f"{name}.{w[0] + ''.join(p.capitalize() for p in w[1:])}({', '.join(v)})" for w, v in calls)
    snake = "\n".join(f"{name}.{'_'.join(w)}({', '.join(v)})" for w, v in calls)
    if d.chance(0.5):
        return Step(
            d.pick(
                "Use snake_case method names.",
                "The API has changed to snake_case; adapt the calls.",
                "Write the methods with underscores.",
            ),
            snake,
            camel,
        )
    return Step(
        d.pick(
            "Use camelCase method names.",
            "The API has changed to camelCase; adapt the calls.",
            "Write the methods without underscores, in camelCase.",
        ),
        camel,
        snake,
    )


def mend_handler(d: Draw) -> Step:
    host, name, handler, event, (body, _) = _host(d), d.variable(), d.name(), d.pick("click", "change", "close"), _deed(d)
    _, code, _ = _control(d, host, name)
    on = _m(d, "on " + event)
    whole = _handler(handler, f"    {body}", f"{code}\n{name}.{on}({handler})")
    old, new = d.pick(
        (f"{on}({handler})", f"{on}({handler}())"),
        (f"def {handler}():", f"def {handler}()"),
        (f"def {handler}():", f"{handler}():"),
        (f"{name}.{on}", f"{host}.{on}"),
        (f"{name} = {host}", host),
        (f"{on}({handler})", f"{on}({handler}"),
        (f"{on}({handler})", f'{on}("{handler}")'),
        (f"    {body}", body),
    )
    says = d.pick(
        f"A {event} on {name} should run {handler}, but it does not. Mend it.",
        f"Correct this: {handler} is the {event} handler of {name}.",
        f"What is wrong here? {name} should call {handler} on {event}.",
    )
    return Step(says, whole, whole.replace(old, new, 1))


def move_control(d: Draw) -> Step:
    """One fact of a call changes."""
    host, name, kind, number, text = _host(d), d.variable(), _kind(d), d.number(1, 900), d.text()
    x, y, w, h, new, label = *(d.number(0, 400) for _ in range(5)), d.text()
    facts = [str(number), str(x), str(y), str(w), str(h), _q(text)]
    before = f"{name} = {host}.{_m(d, 'add ' + kind)}({', '.join(facts)})"
    at = d.between(0, 5)
    role = ("id", "x", "y", "width", "height", "text")[at]
    facts[at] = _q(label) if at == 5 else str(new)
    says = d.pick(
        f"The arguments are id, x, y, width, height and text. Change the {role} to {facts[at]}.",
        f"Make the {role} {facts[at]} (order: id, x, y, width, height, text).",
        f"{name} is to have the {role} {facts[at]}; the call takes id, x, y, width, height, text.",
    )
    return Step(says, f"{name} = {host}.{_m(d, 'add ' + kind)}({', '.join(facts)})", before)


def add_to_program(d: Draw) -> Step:
    """A given program gets a control or a handler more."""
    host, app, name, title, (_, place) = _host(d), d.variable("app", "gui"), d.variable(), d.text(), _place(d)
    before = f"{host} = {app}.{_m(d, 'add window')}({place}, {_q(title)})"
    said, code, _ = _control(d, host, name)
    handler, (body, does) = d.name(), _deed(d)
    if d.chance(0.5):
        return Step(
            d.pick(f"Add {_a(said)} to it.", f"The window needs {_a(said)}.", f"Put {_a(said)} into the window."),
            f"{before}\n{code}",
            before,
        )
    before += f"\n{code}"
    says = d.pick(
        f"Add a click handler {handler} for {name} that {does}.",
        f"On click of {name}, {handler} {does}. Add that.",
        f"Let {handler} run when {name} is clicked; it {does}.",
    )
    return Step(says, _handler(handler, f"    {body}", f"{before}\n{name}.{_m(d, 'on click')}({handler})"), before)


def positional_to_names(d: Draw) -> Step:
    target, what = d.name(parts=1), d.name()
    roles = d.rng.sample(["id", "x", "y", "width", "height", "title", "text", "color", "row", "column"], d.between(2, 5))
    values = [_q(d.text()) if r in {"title", "text", "color"} else d.value() for r in roles]
    plain, named = (
        f"{target}.{what}({', '.join(values)})",
        f"{target}.{what}({', '.join(f'{r}={v}' for r, v in zip(roles, values, strict=True))})",
    )
    if d.chance(0.5):
        return Step(
            d.pick(f"Name the arguments; they are {_and(roles)}.", f"Use keyword arguments: {_and(roles)} in this order."),
            named,
            plain,
        )
    return Step(
        d.pick(
            "Write it with positional arguments in this order.",
            "Drop the names of the arguments, the order is right.",
            "No keyword arguments, please.",
        ),
        plain,
        named,
    )


def calls_to_function(d: Draw) -> Step:
    """Pairs of calls become a function and its calls."""
    host, function, param = d.variable("page", "form"), d.name(), d.name("text", "name", "label")
    texts, (one, two) = d.texts(d.between(2, 3)), (_m(d, "add " + d.word()), d.name())
    before = "\n".join(f"{host}.{one}({_q(t)})\n{host}.{two}({_q(t)})" for t in texts)
    says = d.pick(
        f"Put the repeated calls into a function {function} with the parameter {param}.",
        f"Make a function {function}({param}) of this and call it for each text.",
    )
    return Step(
        says,
        f"def {function}({param}):\n    {host}.{one}({param})\n    {host}.{two}({param})\n\n\n"
        + "\n".join(f"{function}({_q(t)})" for t in texts),
        before,
    )


IDIOMS: Sequence[Callable[[Draw], Step]] = (
    class_start, class_constructor, class_mixed, class_default, class_accessors, accessor_use, method_english, method_changes,
    method_condition, method_true, method_calls_method, method_prints, inherit_super, inherit_fixed, inherit_override,
    inherit_extend, interface, static_method, class_counter, class_constant, step_counter, list_wrapper, dict_wrapper,
    stack_class, str_method, property_read, len_method, equal_method, list_of_objects, filter_objects, sort_objects,
    object_in_object, own_error, checked_setter, kind_check, make_function, use_object, dict_to_class, function_to_method,
    mend_class, mend_child, add_method, add_child, finish_init, globals_to_class, component, component_plain,
    component_signature, component_many, component_handler, handler_only, handler_argument, handlers_many, handler_counts,
    handler_reads, window, list_control, items_only, grid, grid_cells, grid_fill, menu_bar, tree, tabs, bounded, progress,
    timer, styled_text, message, ask_input, set_properties, get_properties, copy_property, simple_calls, attributes, styles,
    style_names, page_things, page_handler, http_get, http_send, http_retry, event_loop, event_ids, radio, check_boxes,
    buttons_loop, nested_panel, builder, window_class, shortcut, ledger, named_arguments, chain, tk_window, tk_button,
    tk_entry, tk_list, tk_place, tk_options, tk_check, tk_radio, tk_menu, tk_after, tk_bind, tk_scale, tk_question, tk_canvas,
    old_control, old_events, repeated_adds, other_style, mend_handler, move_control, add_to_program, positional_to_names,
    calls_to_function,
)  # fmt: skip
