"""Classes, and programs against given objects: windows, controls, pages, events."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from idioms.draw import Draw, Step

CONTROLS = ("button", "edit box", "list box", "check box", "label", "static text", "radio button", "list button", "slider", "grid", "tree", "menu", "tab", "gauge", "image")
EVENTS = ("click", "push", "change", "select", "close", "key press", "resize", "double click", "focus", "timer", "check", "uncheck", "enter", "leave")


def _kind(d: Draw) -> str:
    """A kind of control: a usual one or a random noun."""
    return d.pick(*CONTROLS) if d.chance(0.65) else d.word()


def _adder(d: Draw, kind: str) -> str:
    return d.join(["add", *kind.split()])


def _place(d: Draw) -> tuple[str, str]:
    """Four numbers in code, and in English with the size first or the place first."""
    x, y, w, h = d.number(0, 600), d.number(0, 600), d.number(5, 700), d.number(5, 500)
    place = d.pick(f"at {x},{y}", f"at {x}, {y}", f"at x={x}, y={y}", f"position {x},{y}", f"({x}, {y})")
    size = d.pick(f"size {w} by {h}", f"{w} by {h}", f"{w} wide and {h} high", f"width {w}, height {h}", f"{w}x{h}", f"W {w}, H {h}")
    return f"{x}, {y}, {w}, {h}", d.pick(f"{place}, {size}", f"{size}, {place}", f"{place}, {size}", f"{place} ({size})")


def window(d: Draw) -> Step:
    gui, name, title, (code, said) = d.variable("gui", "app", "desktop"), d.variable("window", "form", "dialog"), d.text(), _place(d)
    handler = d.name() if d.chance(0.6) else ""
    ends = d.pick(("ends the program", "app.quit()"), (f'prints "{(t := d.text())}"', f'print("{t}")'))
    method, on = d.join(["add", "window"]), d.join(["on", "close"])
    body = f'{name} = {gui}.{method}({code}, "{title}")'
    says = d.pick(f'Open a window {name} of {gui} titled "{title}" {said}', f'{gui}: a window "{title}", {said}; keep it in {name}', f'Add the window {name} with the title "{title}" to {gui}, {said}')
    if handler:
        says += d.pick(f"; closing it runs {handler}, which {ends[0]}.", f". When it is closed, {handler} {ends[0]}.", f"; on close call {handler}, it {ends[0]}.")
        return Step(says, f"def {handler}():\n    {ends[1]}\n\n\n{body}\n{name}.{on}({handler})")
    return Step(says + ".", body)


def control(d: Draw) -> Step:
    host, name, kind, number, text, (code, said) = d.variable("window", "form", "page"), d.variable(), _kind(d), d.number(1, 999), d.text(), _place(d)
    says = d.pick(
        f'Add the {kind} {name} with id {number} and the text "{text}" to {host}, {said}.', f'Put a {kind} "{text}" on {host} {said}, id {number}; call it {name}.', f'{host}: {kind} {name}, id {number}, {said}, "{text}".',
        f'On {host} create a {kind} (id {number}) {said} with the text "{text}" in {name}.',
    )  # fmt: skip
    return Step(says, f'{name} = {host}.{_adder(d, kind)}({number}, {code}, "{text}")')


def control_event(d: Draw) -> Step:
    host, name, kind, number, text, (code, said), handler = d.variable("window", "form"), d.variable(), _kind(d), d.number(1, 999), d.text(), _place(d), d.name()
    event, shown = d.pick(*EVENTS), d.text()
    on = d.join(["on", *event.split()])
    says = d.pick(
        f'Add the {kind} {name} "{text}" (id {number}) to {host} {said}; on {event} it runs {handler}, which prints "{shown}".', f'{host} gets a {kind} {name} with id {number}, {said}, text "{text}". Its {event} event calls {handler}: print "{shown}".',
    )  # fmt: skip
    return Step(says, f'def {handler}():\n    print("{shown}")\n\n\n{name} = {host}.{_adder(d, kind)}({number}, {code}, "{text}")\n{name}.{on}({handler})')


def event_only(d: Draw) -> Step:
    name, event, handler = d.variable(), d.pick(*EVENTS), d.name()
    on = d.join(["on", *event.split()])
    other, value = d.variable(), f'"{d.text()}"'
    setter = d.join(["set", "text"])
    body, said = d.pick((f"print({value})", f"prints {value}"), (f"{other}.{setter}({value})", f"sets the text of {other} to {value}"), (f"{other} = {value}", f"puts {value} into {other}"))
    body = body if "=" not in body else f"global {other}\n    {body}"
    says = d.pick(f"When {name} gets a {event}, run {handler}; it {said}.", f"{handler} {said}; register it for the {event} event of {name}.", f"On {event} of {name}: {handler}, which {said}.")
    return Step(says, f"def {handler}():\n    {body}\n\n\n{name}.{on}({handler})")


def list_control(d: Draw) -> Step:
    host, name, number, (code, said), items = d.variable("window", "form"), d.variable(), d.number(1, 999), _place(d), d.texts(d.between(2, 4))
    kind = d.pick("list box", "list button", "combo box", "tree", "menu")
    add, select = d.join(["add", "item"]), d.join(["select", "index"])
    quoted = ", ".join(f'"{t}"' for t in items[:-1]) + f' and "{items[-1]}"'
    lines = [f"{name} = {host}.{_adder(d, kind)}({number}, {code})", *(f'{name}.{add}("{t}")' for t in items)]
    says = d.pick(f"Put a {kind} {name} (id {number}) on {host} {said}, add the items {quoted}", f"{host}: {kind} {name}, id {number}, {said}, with {quoted}")
    if d.chance(0.5):
        at = d.between(0, len(items) - 1)
        lines.append(f"{name}.{select}({at})")
        says += d.pick(f", and select index {at}", f"; item {at} is selected")
    return Step(says + ".", "\n".join(lines))


def grid(d: Draw) -> Step:
    host, name, number, (code, said) = d.variable("window", "form"), d.variable("grid", "table"), d.number(1, 999), _place(d)
    columns, rows = d.between(1, 9), d.between(1, 30)
    cells = [(d.between(0, rows - 1), d.between(0, columns - 1), d.text()) for _ in range(d.between(1, 3))]
    told = " and ".join(f'"{t}" into row {r} column {c}' for r, c, t in cells)
    sets = "\n".join(f'{name}.{d.join(["set", "cell", "text"])}({r}, {c}, "{t}")' for r, c, t in cells)
    says = d.pick(f"Add a grid {name} id {number} {said} to {host} with {columns} columns and {rows} rows, and put {told}.", f"{host}: grid {name} ({number}), {said}, {rows} rows, {columns} columns; write {told}.")
    return Step(says, f"{name} = {host}.{d.join(['add', 'grid'])}({number}, {code})\n{name}.{d.join(['set', 'columns'])}({columns})\n{name}.{d.join(['set', 'rows'])}({rows})\n{sets}")


def menu_bar(d: Draw) -> Step:
    host, bar, name, number, title = d.variable("window", "form"), d.variable("bar", "menu bar"), d.variable("menu"), d.number(1, 900), d.text()
    items = [(number + n + 1, d.text()) for n in range(d.between(1, 3))]
    handler, shown = d.name(), d.text()
    told = ", ".join(f'{n} "{t}"' for n, t in items)
    adds = "\n".join(f'{name}.{d.join(["add", "item"])}({n}, "{t}")' for n, t in items)
    says = d.pick(f'Give {host} a menu bar {bar} with the menu {name} {number} "{title}" and the items {told}; choosing one runs {handler}, which prints "{shown}".')
    return Step(says, f'def {handler}():\n    print("{shown}")\n\n\n{bar} = {host}.{d.join(["add", "menu", "bar"])}()\n{name} = {bar}.{d.join(["add", "menu"])}({number}, "{title}")\n{adds}\n{name}.{d.join(["on", "select"])}({handler})')


def question(d: Draw) -> Step:
    name, text, title, (yes, no) = d.variable("answer", "reply"), d.text(), d.text(), d.texts(2)
    says = d.pick(
        f'Ask "{text}" with yes and no (title "{title}") into {name}; on yes print "{yes}", else "{no}".', f'A yes/no box "{text}", titled "{title}": {name}. Yes prints "{yes}", no prints "{no}".',
    )  # fmt: skip
    return Step(says, f'{name} = messagebox.askyesno("{title}", "{text}")\nif {name}:\n    print("{yes}")\nelse:\n    print("{no}")')


def timer(d: Draw) -> Step:
    name, seconds, handler, text, gui = d.variable("timer", "clock"), d.value(), d.name(), d.text(), d.variable("app", "gui")
    make = d.join(["create", "timer"])
    says = d.pick(f'Let {gui} create a timer {name} of {seconds} seconds that runs {handler}, which prints "{text}".', f'Every {seconds} seconds {handler} prints "{text}": timer {name} of {gui}.')
    return Step(says, f'def {handler}():\n    print("{text}")\n\n\n{name} = {gui}.{make}({seconds}, {handler})')


def set_things(d: Draw) -> Step:
    name, lines, told = d.variable(), [], []
    for _ in range(d.between(1, 4)):
        prop = d.pick("text", "title", "enabled", "visible", "width", "height", "background", "font size", "tool tip", "tab index", d.word())
        value = f'"{d.text()}"' if prop in ("text", "title", "background", "tool tip") else d.pick("True", "False") if prop in ("enabled", "visible") else str(d.number(1, 400))
        lines.append(f"{name}.{d.join(['set', *prop.split()])}({value})")
        told.append(f"{prop} {value}" if value[0] != "T" and value[0] != "F" else (prop if value == "True" else f"not {prop}"))
    facts = ", ".join(told[:-1]) + (" and " if len(told) > 1 else "") + told[-1]
    return Step(d.pick(f"Set {facts} on {name}.", f"{name}: {facts}.", f"Make {name} {facts}."), "\n".join(lines))


def styles(d: Draw) -> Step:
    name, setter = d.variable("box", "panel", "page"), d.pick("style", "attribute", "style", "property")
    pairs = d.rng.sample(
        [("margin", f"{d.between(0, 40)}px"), ("color", d.pick("red", "#336699", "navy")), ("display", d.pick("flex", "grid", "none")), ("width", f"{d.between(1, 100)}%"), ("font-weight", d.pick("bold", "600")),
         ("flex-direction", d.pick("row", "column")), ("gap", f"{d.between(1, 30)}px"), ("border", f"{d.between(1, 9)}px solid {d.pick('black', 'gray')}"), (d.word(), d.word()), ("aria-label", d.text())], d.between(1, 3),
    )  # fmt: skip
    told = d.pick(" and ", ", ").join(f'"{k}" {d.pick("to ", "", "= ")}"{v}"' for k, v in pairs)
    method = d.join(["set", setter])
    return Step(d.pick(f"Set the {setter} {told} of {name}.", f"Give {name} the {setter} {told}.", f"{name}: {setter} {told}."), "\n".join(f'{name}.{method}("{k}", "{v}")' for k, v in pairs))


def run_script(d: Draw) -> Step:
    page, handler, name = d.variable("page", "browser", "web"), d.name(), d.variable()
    script = d.pick(f"window.scrollTo({d.number(0, 900)},{d.number(0, 900)})", f"document.title='{d.word()}'", f"console.log('{d.word()}')", f"{d.word()}({d.number(0, 99)})")
    method = d.join(["run", "script"])
    says = d.pick(f'When {name} is clicked, {handler} runs the script "{script}" on {page}.', f'{name} click -> {handler}: {page} runs "{script}".')
    return Step(says, f'def {handler}():\n    {page}.{method}("{script}")\n\n\n{name}.{d.join(["on", "click"])}({handler})')


def event_loop(d: Draw) -> Step:
    channel, event, code, number, text = d.variable("events", "queue"), d.variable("event"), d.pick("B", "X", "C", "K", "T"), d.number(1, 300), d.text()
    leave = d.pick("X", "Q", "Z")
    says = d.pick(f'Read {event} from {channel} in a loop; code "{code}" with id {number} prints "{text}", code "{leave}" ends the loop.', f'An event loop over {channel} ({event}): "{code}" and id {number} -> print "{text}"; "{leave}" -> leave.')
    return Step(says, f'while True:\n    {event} = {channel}.read()\n    if {event}.code == "{code}" and {event}.id == {number}:\n        print("{text}")\n    if {event}.code == "{leave}":\n        break')


def radio(d: Draw) -> Step:
    host, group, names = d.variable("window", "form"), d.variable("group"), [d.variable() for _ in range(2)]
    facts, lines = [], []
    for name in names:
        number, (code, said), text = d.number(1, 900), _place(d), d.text()
        facts.append(f'{name} (id {number}, "{text}", {said})')
        lines.append(f'{name} = {host}.{d.join(["add", "radio", "button"])}({number}, {code}, "{text}")')
    lines += [f"{group} = {host}.{d.join(['add', 'radio', 'group'])}()", *(f"{group}.add({name})" for name in names)]
    return Step(d.pick(f"Two radio buttons on {host}: {' and '.join(facts)}, together in the group {group}.", f"Make {' and '.join(facts)} radio buttons of {host} and add both to {group}."), "\n".join(lines))


def _fields(d: Draw, count: int) -> list[str]:
    return [d.name(parts=1) for _ in range(count)]


def class_constructor(d: Draw) -> Step:
    name, fields = d.klass(), _fields(d, d.between(1, 4))
    said = ", ".join(fields[:-1]) + (" and " if len(fields) > 1 else "") + fields[-1]
    body = "\n".join(f"        self.{f} = {f}" for f in fields)
    code = f"class {name}:\n    def __init__(self, {', '.join(fields)}):\n{body}"
    says = d.pick(f"Write a class {name} whose constructor takes {said} and stores {'it' if len(fields) == 1 else 'them'}.", f"Class {name} with the fields {said}, set by the constructor.", f"{name}: a class with {said} from its constructor.")
    if d.chance(0.5):
        values, obj = [f'"{d.text()}"' if d.chance(0.5) else d.value() for _ in fields], d.variable()
        shown = d.rng.choice(fields)
        code += f"\n\n\n{obj} = {name}({', '.join(values)})\nprint({obj}.{shown})"
        says += d.pick(f" Make {obj} with {', '.join(values)} and print its {shown}.", f" Then {obj} = {name}({', '.join(values)}); print {obj}.{shown}.")
    return Step(says, code)


def class_accessors(d: Draw) -> Step:
    name, field = d.klass(), d.name(parts=1)
    getter, setter = d.join(["get", field]), d.join(["set", field])
    start = d.value() if d.chance(0.5) else "None"
    also = f" that starts as {start}" if start != "None" else ""
    says = d.pick(f"Write a class {name} with the field {field}{also} and the methods {getter} and {setter}.", f"Class {name}: field {field}{also}, {getter} and {setter} for it.", f"{name} keeps {field}{also}; give it {getter}() and {setter}(value).")
    return Step(says, f"class {name}:\n    def __init__(self):\n        self.{field} = {start}\n\n    def {getter}(self):\n        return self.{field}\n\n    def {setter}(self, value):\n        self.{field} = value")


def class_method(d: Draw) -> Step:
    name, method, (a, b) = d.klass(), d.name(), _fields(d, 2)
    operator, said = d.pick(("*", "product"), ("+", "sum"), ("-", "difference"), ("/", "quotient"))
    extra = d.value() if d.chance(0.4) else ""
    written, spoken = (f"{a} {operator} {b} / {extra}", f"{said} over {extra}") if extra else (f"{a} {operator} {b}", said)
    says = d.pick(f"In a class {name} write a method {method} that takes {a} and {b} and gives back their {spoken}.", f"Class {name} has {method}({a}, {b}): it returns the {spoken}.", f"Give the class {name} a method {method} with the parameters {a}, {b}; result: their {spoken}.")
    code = f"class {name}:\n    def {method}(self, {a}, {b}):\n        return {written}"
    if d.chance(0.4):
        x, y, obj = d.value(), d.value(), d.variable()
        code += f"\n\n\n{obj} = {name}()\nprint({obj}.{method}({x}, {y}))"
        says += d.pick(f" Make {obj} of it and print {method} for {x} and {y}.", f" Print {obj}.{method}({x}, {y}) with {obj} = {name}().")
    return Step(says, code)


def class_child(d: Draw) -> Step:
    base, child, field = d.klass(), d.klass(), d.name(parts=1)
    says = d.pick(f"Class {child} extends {base}. Its constructor takes {field} and passes it on; {base} stores it. Write both.", f"Write {base}, which stores {field} in its constructor, and its subclass {child}, which hands {field} on with super.")
    return Step(says, f"class {base}:\n    def __init__(self, {field}):\n        self.{field} = {field}\n\n\nclass {child}({base}):\n    def __init__(self, {field}):\n        super().__init__({field})")


def class_override(d: Draw) -> Step:
    base, child, method, (one, two) = d.klass(), d.klass(), d.name(), d.texts(2)
    says = d.pick(f'{base} has a method {method} that returns "{one}"; {child} extends it and returns "{two}". Print both.', f'Class {base}: {method} gives "{one}". Subclass {child}: {method} gives "{two}". Call both and print.')
    return Step(says, f'class {base}:\n    def {method}(self):\n        return "{one}"\n\n\nclass {child}({base}):\n    def {method}(self):\n        return "{two}"\n\n\nprint({base}().{method}())\nprint({child}().{method}())')


def interface(d: Draw) -> Step:
    base, child, method, text = d.klass(), d.klass(), d.name(), d.text()
    says = d.pick(f'Write an interface {base} with the method {method} and a class {child} that implements it by returning "{text}".', f'{child} implements {base}; its method {method} returns "{text}". Write both.')
    return Step(says, f'class {base}:\n    def {method}(self):\n        raise NotImplementedError\n\n\nclass {child}({base}):\n    def {method}(self):\n        return "{text}"')


def static_method(d: Draw) -> Step:
    name, method, a, value, given = d.klass(), d.name(), d.name(parts=1), d.value(), d.value()
    operator, said = d.pick(("*", "times"), ("+", "plus"), ("-", "minus"), ("/", "divided by"))
    says = d.pick(f"Give the class {name} a static method {method} that returns {a} {said} {value}; print it for {given}.", f"{name}.{method}({a}), static: {a} {said} {value}. Print {name}.{method}({given}).")
    return Step(says, f"class {name}:\n    @staticmethod\n    def {method}({a}):\n        return {a} {operator} {value}\n\n\nprint({name}.{method}({given}))")


def class_counter(d: Draw) -> Step:
    name, field, method, start, step = d.klass(), d.name(parts=1), d.name(), d.number(0, 90), d.number(1, 30)
    says = d.pick(f"Class {name}: {field} starts at {start}, the method {method} adds {step} and prints it.", f"Write {name} with {field} = {start} and a method {method} that raises {field} by {step} and prints it.")
    return Step(says, f"class {name}:\n    def __init__(self):\n        self.{field} = {start}\n\n    def {method}(self):\n        self.{field} = self.{field} + {step}\n        print(self.{field})")


def class_list(d: Draw) -> Step:
    name, field, add, texts, obj = d.klass(), d.name(parts=1), d.join(["add", d.word()]), d.texts(2), d.variable()
    says = d.pick(f'Write a class {name} that keeps a list {field}; {add} appends to it. Make {obj}, add "{texts[0]}" and "{texts[1]}" and print {obj}.{field}.', f'{name} wraps a list {field} with the method {add}. {obj}: add "{texts[0]}", "{texts[1]}", print the list.')
    return Step(says, f'class {name}:\n    def __init__(self):\n        self.{field} = []\n\n    def {add}(self, item):\n        self.{field}.append(item)\n\n\n{obj} = {name}()\n{obj}.{add}("{texts[0]}")\n{obj}.{add}("{texts[1]}")\nprint({obj}.{field})')


def use_object(d: Draw) -> Step:
    name, obj, result = d.klass(), d.variable(), d.variable()
    values = [f'"{d.text()}"' if d.chance(0.5) else d.value() for _ in range(d.between(0, 3))]
    setter, value, getter = d.join(["set", d.word()]), f'"{d.text()}"', d.join(["get", d.word()])
    given = f" with {', '.join(values)}" if values else ""
    says = d.pick(f"Create {obj} as a new {name}{given}, call {setter} with {value} and store {getter} in {result}; print {result}.", f"{obj} = new {name}{given}; {obj}.{setter}({value}); print {obj}.{getter}() through {result}.")
    return Step(says, f"{obj} = {name}({', '.join(values)})\n{obj}.{setter}({value})\n{result} = {obj}.{getter}()\nprint({result})")


def import_use(d: Draw) -> Step:
    package, name, obj = ".".join(d.word() for _ in range(d.between(1, 3))), d.klass(), d.variable()
    pairs = [(d.text(), d.text()) for _ in range(d.between(1, 3))]
    told = " and ".join(f'"{v}" under "{k}"' for k, v in pairs)
    last = pairs[d.between(0, len(pairs) - 1)][0]
    body = "\n".join(f'{obj}.put("{k}", "{v}")' for k, v in pairs)
    says = d.pick(f'Import {name} from {package}, put {told} into {obj} and print the value for "{last}".', f'With {name} of {package} make {obj}; put {told}, then print get "{last}".')
    return Step(says, f'from {package} import {name}\n\n{obj} = {name}()\n{body}\nprint({obj}.get("{last}"))')


def old_control(d: Draw) -> Step:
    """An old positional call with codes becomes a method."""
    kind, host, name, number, text, (code, _) = d.pick(*CONTROLS), d.variable("window", "form"), d.variable(), d.number(1, 999), d.text(), _place(d)
    before = f'send("{kind.upper().replace(" ", "")}", {number}, {code}, "{text}")'
    says = d.pick(f"Convert this to a method of {host}; call the object {name}.", f"Use {host} and keep the {kind} in {name}.", f"Rewrite it for the object {host}, result in {name}.")
    return Step(says, f'{name} = {host}.{_adder(d, kind)}({number}, {code}, "{text}")', before)


def old_event(d: Draw) -> Step:
    """A branch of an event loop becomes a handler."""
    name, number, text, handler = d.variable(), d.number(1, 500), d.text(), d.name()
    before = f'event = read_event()\nif event.code == "B" and event.id == {number}:\n    print("{text}")'
    on = d.join(["on", "click"])
    says = d.pick(f"Use a handler {handler} for the button {name} instead of the event loop.", f"Convert it: a click on {name} runs {handler}.")
    return Step(says, f'def {handler}():\n    print("{text}")\n\n\n{name}.{on}({handler})', before)


def dict_to_class(d: Draw) -> Step:
    name, obj, fields = d.klass(), d.variable(), _fields(d, d.between(2, 3))
    values = [f'"{d.text()}"' if d.chance(0.5) else d.value() for _ in fields]
    before = f"{obj} = {{{', '.join(f'{chr(34)}{f}{chr(34)}: {v}' for f, v in zip(fields, values, strict=True))}}}"
    body = "\n".join(f"        self.{f} = {f}" for f in fields)
    return Step(d.pick(f"Make a class {name} of this dict.", f"Use a class {name} with a constructor instead of the dict."), f"class {name}:\n    def __init__(self, {', '.join(fields)}):\n{body}\n\n\n{obj} = {name}({', '.join(values)})", before)


def function_to_method(d: Draw) -> Step:
    name, function, (a, b) = d.klass(), d.name(), _fields(d, 2)
    operator = d.pick("*", "+", "-", "/")
    before = f"def {function}({a}, {b}):\n    return {a} {operator} {b}"
    return Step(d.pick(f"Make this a method of a class {name}.", f"Move the function into the class {name}."), f"class {name}:\n    def {function}(self, {a}, {b}):\n        return {a} {operator} {b}", before)


IDIOMS: Sequence[Callable[[Draw], Step]] = (
    window, window, control, control, control_event, event_only, list_control, grid, menu_bar, question, timer, set_things, styles, run_script,
    event_loop, radio, class_constructor, class_accessors, class_method, class_child, class_override, interface, static_method, class_counter, class_list,
    use_object, import_use, old_control, old_event, dict_to_class, function_to_method,
)  # fmt: skip
