"""Files, records, databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from idioms.draw import Draw, Step


def read_lines(d: Draw) -> Step:
    file, line = d.file(), d.variable("line", "row")
    says = d.pick(
        f'Print every line of "{file}"; the variable is {line}.', f'Open "{file}", read it line by line into {line} and print each.', f'How do I read "{file}" line by line? Use {line} and print it.',
    )  # fmt: skip
    if d.chance(0.5):
        return Step(says, f'with open("{file}") as f:\n    for {line} in f:\n        print({line})')
    return Step(says + d.pick(" Close it explicitly.", " Close the file at the end."), f'f = open("{file}")\nfor {line} in f:\n    print({line})\nf.close()')


def read_handle(d: Draw) -> Step:
    file, handle, line = d.file(), d.variable("channel", "source", "data"), d.variable("line", "row")
    condition, said = d.pick(
        (f'if {line}.startswith("{(t := d.word())}"):\n        print({line})', f'print the lines that start with "{t}"'), (f"print(len({line}))", "print the length of each line"),
        (f"print({line}.strip())", "print each line without its blanks"), (f'if "{(u := d.word())}" in {line}:\n        print({line})', f'print the lines with "{u}"'),
    )  # fmt: skip
    says = d.pick(f'Open "{file}" as {handle}, loop over it with {line}, {said}; close it.', f'{handle} is the open file "{file}"; for every {line} of it {said}. Close {handle}.')
    return Step(says, f'{handle} = open("{file}")\nfor {line} in {handle}:\n    {condition}\n{handle}.close()')


def write_lines(d: Draw) -> Step:
    file, texts, handle = d.file(), d.texts(d.between(1, 4)), d.variable("out", "report", "target")
    mode, verb = d.pick(("w", "Write"), ("a", "Append"))
    quoted = ", ".join(f'"{t}"' for t in texts[:-1]) + (" and " if len(texts) > 1 else "") + f'"{texts[-1]}"'
    says = d.pick(f'{verb} the lines {quoted} to "{file}", opened as {handle}; close it.', f'{verb} {quoted} to the file "{file}" (handle {handle}), then close it.')
    body = "\n".join(f'print("{t}", file={handle})' for t in texts)
    return Step(says, f'{handle} = open("{file}", "{mode}")\n{body}\n{handle}.close()')


def write_loop(d: Draw) -> Step:
    file, a, b, text = d.file(), d.number(1, 20), d.number(21, 200), d.text()
    says = d.pick(f'Write the numbers from {a} to {b} to "{file}", each after "{text}".', f'Loop i from {a} to {b} and write "{text}" and i to "{file}".')
    return Step(says, f'with open("{file}", "w") as f:\n    for i in range({a}, {b} + 1):\n        print("{text}", i, file=f)')


def copy_lines(d: Draw) -> Step:
    one, two, line = d.file(), d.file(), d.variable("line", "row")
    change, said = d.pick((line, ""), (f"{line}.upper()", " in upper case"), (f'{line}.replace("{(t := d.word())}", "{(u := d.word())}")', f' with "{t}" replaced by "{u}"'))
    says = d.pick(f'Copy "{one}" to "{two}" line by line{said}; use {line}.', f'Read "{one}", write every {line}{said} to "{two}".')
    return Step(says, f'source = open("{one}")\ntarget = open("{two}", "w")\nfor {line} in source:\n    target.write({change})\nsource.close()\ntarget.close()')


def sum_file(d: Draw) -> Step:
    file, total, line = d.file(), d.variable("total", "sum", "turnover"), d.variable("line", "row")
    says = d.pick(f'Add up the numbers in "{file}", one a line ({line}), in {total} and print it.', f'{total} = sum of all lines of "{file}"; loop with {line}. Print {total}.')
    return Step(says, f'{total} = 0\nwith open("{file}") as f:\n    for {line} in f:\n        {total} = {total} + float({line})\nprint({total})')


def count_lines(d: Draw) -> Step:
    file, count, text = d.file(), d.variable("count", "lines"), d.text()
    return Step(d.pick(f'Count the lines of "{file}" in {count} and print "{text}" and {count}.', f'How many lines has "{file}"? Print "{text}", {count}.'), f'{count} = 0\nfor line in open("{file}"):\n    {count} = {count} + 1\nprint("{text}", {count})')


def file_action(d: Draw) -> Step:
    one, two, folder = d.file(), d.file(), d.word()
    said, code = d.pick(
        (d.pick(f'Delete "{one}"', f'Remove the file "{one}"', f'Erase "{one}"'), f'os.remove("{one}")'), (d.pick(f'Rename "{one}" to "{two}"', f'"{one}" gets the name "{two}"'), f'os.rename("{one}", "{two}")'),
        (d.pick(f'Make the folder "{folder}"', f'Create a directory "{folder}"'), f'os.mkdir("{folder}")'), (d.pick(f'Change to the folder "{folder}"', f'Make "{folder}" the current directory'), f'os.chdir("{folder}")'),
    )  # fmt: skip
    kind = d.between(0, 2)
    if kind == 0:
        return Step(f"{said}.", f"import os\n\n{code}")
    text = d.text()
    if kind == 1:
        return Step(d.pick(f'{said}; when that fails print "{text}".', f'{said}, on an error print "{text}".'), f'import os\n\ntry:\n    {code}\nexcept OSError:\n    print("{text}")')
    good = d.text()
    says = d.pick(f'{said} and print "{good}"; if it fails print "{text}".', f'{said}. Success: "{good}"; failure: "{text}".')
    return Step(says, f'import os\n\ntry:\n    {code}\n    print("{good}")\nexcept OSError:\n    print("{text}")')


def file_handler(d: Draw) -> Step:
    file, handler, text = d.file(), d.name(), d.text()
    says = d.pick(f'Open "{file}"; if it is not there run {handler}, which prints "{text}".', f'Open "{file}" with error handling: {handler} prints "{text}".')
    return Step(says, f'def {handler}():\n    print("{text}")\n\n\ntry:\n    f = open("{file}")\nexcept OSError:\n    {handler}()')


def exists(d: Draw) -> Step:
    file, (yes, no) = d.file(), d.texts(2)
    return Step(d.pick(f'Print "{yes}" if "{file}" exists, else "{no}".', f'Is "{file}" there? Say "{yes}" or "{no}".'), f'import os\n\nif os.path.exists("{file}"):\n    print("{yes}")\nelse:\n    print("{no}")')


def store_record(d: Draw) -> Step:
    """A keyed store: open, set fields, write."""
    file, rec, key, opener = d.file(), d.variable("record", "entry"), d.code(), d.pick("shelve.open", "open_store", "open_keyed")
    fields = [(d.name(parts=1), f'"{d.text()}"' if d.chance(0.6) else d.value()) for _ in range(d.between(1, 4))]
    facts = ", ".join(f"{n} {v}" for n, v in fields)
    head = "import shelve\n\n" if opener.startswith("shelve") else ""
    body = "\n".join(f'{rec}["{n}"] = {v}' for n, v in fields)
    says = d.pick(f'Store {rec} with {facts} under the key "{key}" in "{file}" ({opener}).', f'With {opener} open "{file}" and write {rec} ({facts}), key "{key}".')
    return Step(says, f'{head}store = {opener}("{file}")\n{rec} = {{}}\n{body}\nstore["{key}"] = {rec}\nstore.close()')


def fetch_record(d: Draw) -> Step:
    file, rec, key, text, opener = d.file(), d.variable("record", "entry"), d.code(), d.text(), d.pick("shelve.open", "open_store")
    field = d.name(parts=1)
    head = "import shelve\n\n" if opener.startswith("shelve") else ""
    says = d.pick(
        f'Read the record "{key}" of "{file}" ({opener}) into {rec} and print its {field}; if there is none print "{text}".', f'Look up "{key}" in "{file}" with {opener}: print {rec}["{field}"], or "{text}" when the key is missing.',
    )  # fmt: skip
    return Step(says, f'{head}store = {opener}("{file}")\ntry:\n    {rec} = store["{key}"]\n    print({rec}["{field}"])\nexcept KeyError:\n    print("{text}")\nstore.close()')


def walk_records(d: Draw) -> Step:
    file, rec, opener = d.file(), d.variable("record", "entry", "row"), d.pick("shelve.open", "open_store")
    fields = [d.name(parts=1) for _ in range(d.between(1, 3))]
    head = "import shelve\n\n" if opener.startswith("shelve") else ""
    shown = ", ".join(f'{rec}["{n}"]' for n in fields)
    says = d.pick(f'Print {" and ".join(fields)} of every record of "{file}" ({opener}, variable {rec}).', f'Loop over all {rec} in "{file}" with {opener}; print {", ".join(fields)}.')
    return Step(says, f'{head}store = {opener}("{file}")\nfor {rec} in store.values():\n    print({shown})\nstore.close()')


def delete_record(d: Draw) -> Step:
    file, key, text = d.file(), d.code(), d.text()
    return Step(d.pick(f'Open "{file}" with open_store and delete the key "{key}"; if it is missing print "{text}".', f'Delete "{key}" from "{file}" (open_store); "{text}" when it is not there.'), f'store = open_store("{file}")\ntry:\n    del store["{key}"]\nexcept KeyError:\n    print("{text}")\nstore.close()')


def update_record(d: Draw) -> Step:
    file, key, field, amount, rec = d.file(), d.code(), d.name(parts=1), d.value(), d.variable("record", "entry")
    operator, said = d.pick(("+", "raise"), ("-", "lower"))
    says = d.pick(f'Read "{key}" from "{file}" into {rec}, {said} its {field} by {amount} and write it back.', f'In "{file}" {said} {field} of the record "{key}" by {amount}; the variable is {rec}.')
    return Step(says, f'store = open_store("{file}")\n{rec} = store["{key}"]\n{rec}["{field}"] = {rec}["{field}"] {operator} {amount}\nstore["{key}"] = {rec}\nstore.close()')


def _columns(d: Draw, count: int) -> list[str]:
    return [d.name(parts=1).lower() for _ in range(count)]


def _select(d: Draw) -> tuple[str, list[str]]:
    columns, table = _columns(d, d.between(1, 3)), d.name(parts=1).lower()
    sql = f"select {', '.join(columns)} from {table}"
    if d.chance(0.5):
        sql += f" where {d.rng.choice(columns)} {d.pick('>', '<', '=', '>=')} {d.value()}"
    if d.chance(0.4):
        sql += f" order by {d.rng.choice(columns)}{d.pick('', ' desc')}"
    return (sql.upper() if d.chance(0.15) else sql), columns


def sql_loop(d: Draw) -> Step:
    (sql, columns), base, row = _select(d), d.word().capitalize(), d.variable("row", "record")
    shown = ", ".join(f"{row}[{i}]" for i in range(len(columns)))
    says = d.pick(
        f'Run "{sql}" on the database "{base}" and print {" and ".join(columns)} of every {row}.', f'Print the rows of "{sql}" from "{base}"; loop with {row}, show all columns.',
    )  # fmt: skip
    return Step(says, f'import sqlite3\n\ndb = sqlite3.connect("{base}")\nfor {row} in db.execute("{sql}"):\n    print({shown})\ndb.close()')


def sql_sum(d: Draw) -> Step:
    table, column, base, total = d.name(parts=1).lower(), d.name(parts=1).lower(), d.word().capitalize(), d.variable("total", "sum")
    sql = f"select {column} from {table}"
    return Step(d.pick(f'Add up the column of "{sql}" from "{base}" in {total} and print it.', f'{total} = the sum over all rows of "{sql}", database "{base}". Print {total}.'), f'import sqlite3\n\ndb = sqlite3.connect("{base}")\n{total} = 0\nfor row in db.execute("{sql}"):\n    {total} = {total} + row[0]\ndb.close()\nprint({total})')


def sql_one(d: Draw) -> Step:
    table, base, name = d.name(parts=1).lower(), d.word().capitalize(), d.variable("count", "number")
    sql = d.pick(f"select count(*) from {table}", f"select max({d.name(parts=1).lower()}) from {table}")
    return Step(d.pick(f'Get the result of "{sql}" from "{base}" into {name} and print it.', f'{name} is what "{sql}" gives on "{base}"; print it.'), f'import sqlite3\n\ndb = sqlite3.connect("{base}")\n{name} = db.execute("{sql}").fetchone()[0]\nprint({name})\ndb.close()')


def sql_change(d: Draw) -> Step:
    table, base = d.name(parts=1).lower(), d.word().capitalize()
    columns = _columns(d, d.between(1, 3))
    values = [f'"{d.text()}"' if d.chance(0.6) else d.value() for _ in columns]
    marks = ", ".join("?" for _ in columns)
    sql, given = d.pick(
        (f"insert into {table} ({', '.join(columns)}) values ({marks})", values), (f"delete from {table} where {columns[0]} = ?", values[:1]), (f"update {table} set {columns[0]} = ? where {columns[-1]} = ?", [values[0], values[-1]]),
    )  # fmt: skip
    says = d.pick(f'Execute "{sql}" with {", ".join(given)} on "{base}" and commit.', f'On the database "{base}" run "{sql}", values {", ".join(given)}; commit.')
    inner = ", ".join(given) + ("," if len(given) == 1 else "")
    return Step(says, f'import sqlite3\n\ndb = sqlite3.connect("{base}")\ndb.execute("{sql}", ({inner}))\ndb.commit()\ndb.close()')


def sql_safe(d: Draw) -> Step:
    table, base, text = d.name(parts=1).lower(), d.word().capitalize(), d.text()
    sql = f"update {table} set {d.name(parts=1).lower()} = {d.value()}"
    says = d.pick(f'Run "{sql}" on "{base}"; commit, or roll back on an error and print "{text}".', f'"{sql}" on "{base}" in a transaction: on failure roll back and print "{text}".')
    return Step(says, f'import sqlite3\n\ndb = sqlite3.connect("{base}")\ntry:\n    db.execute("{sql}")\n    db.commit()\nexcept sqlite3.Error:\n    db.rollback()\n    print("{text}")\ndb.close()')


def sql_many(d: Draw) -> Step:
    table, base = d.name(parts=1).lower(), d.word().capitalize()
    columns = _columns(d, 2)
    rows = [(f'"{d.text()}"', d.value()) for _ in range(d.between(2, 4))]
    sql = f"insert into {table} ({', '.join(columns)}) values (?, ?)"
    told = " and ".join(f"{a}, {b}" for a, b in rows)
    body = ", ".join(f"({a}, {b})" for a, b in rows)
    return Step(d.pick(f'Insert the pairs {told} into "{base}" with "{sql}" in a loop.', f'Loop over {told}: execute "{sql}" on "{base}"; commit at the end.'), f'import sqlite3\n\ndb = sqlite3.connect("{base}")\nfor row in [{body}]:\n    db.execute("{sql}", row)\ndb.commit()\ndb.close()')


def call_module(d: Draw) -> Step:
    module, function, result = d.word(), d.name(), d.variable("result", "answer")
    values = [f'"{d.text()}"' if d.chance(0.5) else d.value() for _ in range(d.between(1, 3))]
    return Step(d.pick(f"Call {function} of the module {module} with {', '.join(values)}, keep the result in {result} and print it.", f"{result} = {function}({', '.join(values)}) from {module}; print {result}."), f"import {module}\n\n{result} = {module}.{function}({', '.join(values)})\nprint({result})")


def with_statement(d: Draw) -> Step:
    file, line, name = d.file(), d.variable("line", "row"), d.variable("source", "handle")
    before = f'{name} = open("{file}")\nfor {line} in {name}:\n    print({line})\n{name}.close()'
    return Step(d.pick("Use with here.", "Write this with a with statement.", "Make sure the file is closed: use with."), f'with open("{file}") as {name}:\n    for {line} in {name}:\n        print({line})', before)


def add_try(d: Draw) -> Step:
    file, text, name = d.file(), d.text(), d.variable("source", "handle")
    before = f'{name} = open("{file}")\nprint({name}.read())'
    return Step(d.pick(f'Print "{text}" if the file is missing.', f'Add an error branch that prints "{text}".'), f'try:\n    {name} = open("{file}")\n    print({name}.read())\nexcept OSError:\n    print("{text}")', before)


def loop_file(d: Draw) -> Step:
    file, line, name = d.file(), d.variable("line", "row"), d.variable("source", "handle")
    before = f'{name} = open("{file}")\nwhile True:\n    {line} = {name}.readline()\n    if {line} == "":\n        break\n    print({line})\n{name}.close()'
    return Step(d.pick("Loop over the file directly.", "Use a for loop over the file.", "This can be shorter: for over the open file."), f'{name} = open("{file}")\nfor {line} in {name}:\n    print({line})\n{name}.close()', before)


IDIOMS: Sequence[Callable[[Draw], Step]] = (
    read_lines, read_handle, write_lines, write_loop, copy_lines, sum_file, count_lines, file_action, file_action, file_handler, exists, store_record,
    fetch_record, walk_records, delete_record, update_record, sql_loop, sql_sum, sql_one, sql_change, sql_safe, sql_many, call_module, with_statement,
    add_try, loop_file,
)  # fmt: skip
