# ruff: noqa: E501  cases are read side by side
"""A dataset with planted defects: 9,923 conversations in the proportions of a real attempt, and what is wrong with which line.

Deterministic. The clean part is made of statements put together in ways no two records share, so that nothing in it is near a
duplicate of anything else. Every defect is planted in records of its own; `planted` names their 1-based lines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from random import Random
from typing import Any

SYSTEM = "You are an expert BBj programmer who helps users write and understand BBj code."
Row = dict[str, Any]

STATEMENTS = (
    ("adds the {s} to a running total", "LET {a} = {a} + {n}"),
    ("prints the {s} between two bars", 'PRINT "|", {a}$, "|"'),
    ("asks the user for a {s}", 'INPUT "{s}? ", {a}$'),
    ("counts up to {n} and shows each number", "FOR {a} = 1 TO {n}\n  PRINT {a}\nNEXT {a}"),
    ("halves a value until it is below {n}", "WHILE {a} > {n}\n  {a} = {a} / 2\nWEND"),
    ("puts the {s} into capital letters", "{a}$ = CVS({b}$, 4)"),
    ("cuts a {s} off after {n} characters", "{a}$ = {b}$(1, MIN({n}, LEN({b}$)))"),
    ("dimensions a table of {n} numbers", "DIM {a}[{n}]"),
    ("warns when the {s} is too large", 'IF {a} > {n} THEN PRINT "{s} too large"'),
    ("rounds the result to two places", "{a} = ROUND({b}, 2)"),
    ("opens the file of the {s} on a free channel", '{a} = UNT\nOPEN ({a}) "{s}.dat"'),
    ("closes channel {n} and ignores a fault", "CLOSE ({n}, ERR=*NEXT)"),
    ("finds the position of a comma in the {s}", '{a} = POS("," = {b}$)'),
    ("makes a list of names in memory", '{a}! = new java.util.ArrayList()\n{a}!.add("{s}")'),
    ("shows today's date in the year first", 'PRINT DATE(0:"%Yl-%Mz-%Dz")'),
    ("turns a {s} into a number and checks for a fault", "{a} = NUM({b}$, ERR=*NEXT)"),
    ("writes a {s} with a mask of two decimals", 'PRINT STR({a}:"##,##0.00")'),
    ("picks the greater of two amounts", "{a} = MAX({b}, {n})"),
    ("swaps two values by way of a third", "swap = {a}\n{a} = {b}\n{b} = swap"),
    ("repeats a dash {n} times", '{a}$ = FILL({n}, "-")'),
    ("keeps the {s} in a string template", 'DIM {a}$:"CODE:C(6),QTY:N(7*)"'),
    ("reads the next record of channel {n}", "READ RECORD ({n}, END=*BREAK) {a}$"),
    ("shows a box that says the {s} was saved", '{a} = MSGBOX("{s} saved", 64, "Info")'),
    ("fetches the API object of the interpreter", "{a}! = BBjAPI()"),
    ("waits {n} seconds before it goes on", "WAIT {n}"),
    ("computes the remainder of a division by {n}", "{a} = MOD({b}, {n})"),
    ("joins the code and the {s} with a slash", '{a}$ = {b}$ + "/" + "{s}"'),
    ("takes away blanks on both sides of the {s}", "{a}$ = CVS({b}$, 3)"),
    ("defines a function that doubles its argument", "DEF FN{A}(x) = x * 2"),
    ("stores the length of the {s}", "{a} = LEN({b}$)"),
    (
        "chooses a price by the customer's group",
        "SWITCH {a}\n  CASE 1\n    {b} = {n}\n    BREAK\n  CASE DEFAULT\n    {b} = 0\nSWEND",
    ),
    ("makes a hash map from code to {s}", '{a}! = new java.util.HashMap()\n{a}!.put("{s}", "{t}")'),
    ("squares every number below {n}", "FOR {a} = 0 TO {n} STEP 2\n  PRINT {a} * {a}\nNEXT {a}"),
    ("leaves the loop at the first empty {s}", 'WHILE 1\n  INPUT {a}$\n  IF {a}$ = "" THEN BREAK\nWEND'),
    ("gets the directory the program runs in", '{a}$ = DIR("")'),
    ("writes the {s} to channel {n}", "WRITE ({n}) {a}$, {b}"),
    ("removes the key of the {s} from channel {n}", "REMOVE ({n}, KEY={a}$, DOM=*NEXT)"),
    ("sets the {s} to zero unless it is known", "IF {a} < 0 THEN {a} = 0 ELSE {b} = {a}"),
    ("shows the absolute difference", "PRINT ABS({a} - {b})"),
    ("takes the whole part of the {s}", "{a} = INT({b})"),
    ("prints the ASCII code of a letter", 'PRINT ASC("{S}")'),
    ("turns the {s} into hexadecimal digits", "{a}$ = HTA({b}$)"),
    ("reads three values of a data line", "DATA {n}, {m}, 7\nDREAD {a}, {b}, third"),
    ("creates the {s} file unless it is there", 'STRING "{s}.txt", ERR=*NEXT'),
    ("erases the old {s} file", 'ERASE "{s}.old", ERR=*NEXT'),
    ("shows the time of day with a colon", 'PRINT DATE(0:"%Hz:%mz")'),
    ("gets the square root of the {s}", "{a} = SQR({b})"),
    ("tells an even number from an odd one", 'IF MOD({a}, 2) = 0 THEN PRINT "even" ELSE PRINT "odd"'),
    ("finds the smaller of three numbers", "{a} = MIN({b}, {n}, {m})"),
    ("reports the name of the {s} and its error", 'PRINT "{s} ", ERR, " ", TCB(5)'),
    ("makes a vector and shows its size", "{a}! = BBjAPI().makeVector()\nPRINT {a}!.size()"),
    ("raises a number to the power of three", "{a} = {b} ^ 3"),
    ("shows both the net and the gross amount", 'PRINT "Net ", {a}, " gross ", {a} * 1.{n}'),
    ("replaces every blank of the {s} by a dot", '{a}! = {b}$\n{a}$ = {a}!.replace(" ", ".")'),
    ("asks again until the {s} is filled", 'REPEAT\n  INPUT "{s}: ", {a}$\nUNTIL {a}$ <> ""'),
    ("copies the first letter of the {s}", "{a}$ = {b}$(1, 1)"),
    ("stops the program with a farewell", 'PRINT "Goodbye from {s}"\nRELEASE'),
    ("adds up the first {n} even numbers", "{b} = 0\nFOR {a} = 2 TO {n} * 2 STEP 2\n  {b} = {b} + {a}\nNEXT {a}"),
    ("makes a random number below {n}", "{a} = INT(RND(0) * {n})"),
    ("shows whether a {s} was given at all", 'PRINT IFF(LEN({a}$) > 0, "given", "missing")'),
)
"""What a statement does, and the statement: names {a} {b}, values {n} {m}, a noun {s} and another {t}."""
OPENINGS = (
    "Write a BBj program for {x} that {d}.", "Show BBj code for {x}: it {d}.", "I need a program about {x}. It {d}.",
    "For {x}, create a routine that {d}.", "Our {x} needs a BBj script which {d}.", "Code a short BBj sample for {x} that {d}.",
    "In BBj, build something for {x} that {d}.", "Please program this for {x}: the code {d}.", "Give me BBj for {x}; it {d}.",
    "Task for {x}: a program that {d}.", "Can you write a program for {x}? It {d}.", "Develop a BBj snippet for {x} that {d}.",
)  # fmt: skip
NOUNS = [
    "invoice",
    "order",
    "customer",
    "payment",
    "delivery",
    "supplier",
    "article",
    "warehouse",
    "contract",
    "receipt",
    "voucher",
    "ticket",
    "parcel",
    "batch",
    "ledger",
    "account",
    "machine",
    "project",
    "timesheet",
    "vehicle",
    "tenant",
    "lesson",
    "recipe",
    "patient",
    "harvest",
    "auction",
    "berth",
    "meter",
    "quota",
    "tariff",
]
NAMES = [
    "amount",
    "balance",
    "counter",
    "discount",
    "excess",
    "freight",
    "gross",
    "height",
    "income",
    "joint",
    "kilos",
    "levy",
    "margin",
    "netto",
    "outcome",
    "price",
    "quantity",
    "rate",
    "score",
    "weight",
    "yield",
    "area",
    "bonus",
    "claim",
    "depth",
    "entry",
    "fee",
    "gain",
    "hours",
    "item",
]
SENTENCES = (
    "The statement reads its operands first and then stores the result.",
    "A channel stays open until it is closed or the program ends.",
    "The option after the comma names the line that is taken when a fault occurs.",
    "Strings grow as needed, so no length has to be declared.",
    "A numeric variable holds zero until something is assigned to it.",
    "The loop ends as soon as the condition is no longer met.",
    "Because the function returns a copy, the original is left as it was.",
    "Keys are kept in order, which makes reading in sequence cheap.",
)


@dataclass
class Planted:
    """Lines of a `.jsonl` file, and which of them (1-based) a check must hit."""

    lines: list[str]
    planted: dict[str, set[int]]
    groups: dict[str, int]
    """Groups, of the checks that find groups."""
    tasks: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    @property
    def text(self) -> str:
        """The file."""
        return "".join(line + "\n" for line in self.lines)


class Maker:
    """Makes records no two of which are near one another."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self._programs: set[tuple[int, ...]] = set()
        self._asked: set[tuple[int, ...]] = set()

    def program(self) -> tuple[str, list[int]]:
        """A program and the statements it is made of; no two programs share four statements in one order."""
        while True:
            chosen = self.random.sample(range(len(STATEMENTS)), 6)
            parts = list(combinations(chosen, 5))
            if self._programs.isdisjoint(parts):
                self._programs.update(parts)
                return "\n".join(self.filled(STATEMENTS[at][1]) for at in chosen), chosen

    def filled(self, text: str) -> str:
        """A statement with names and values."""
        a, b = self.random.sample(NAMES, 2)
        s, t = self.random.sample(NOUNS, 2)
        n, m = self.random.randint(3, 60), self.random.randint(3, 60)
        return text.format(a=a, b=b, s=s, t=t, S=s[0].upper(), A=a[:3], n=n, m=m)

    def prompt(self, chosen: list[int]) -> str:
        """A request for a program of these statements; it names three of them."""
        while True:
            told = tuple(self.random.sample(chosen, 3))
            if told in self._asked:
                told = tuple(self.random.sample(range(len(STATEMENTS)), 3))
            if told not in self._asked:
                self._asked.add(told)
                break
        first, second, third = (self.filled(STATEMENTS[at][0]) for at in told)
        subject = f"the {self.random.choice(NOUNS)} {self.random.choice(NOUNS)}"
        return self.random.choice(OPENINGS).format(x=subject, d=f"{first}, {second} and {third}")

    def coded(self) -> tuple[str, str]:
        """A request and a program."""
        code, chosen = self.program()
        return self.prompt(chosen), code

    def explained(self) -> tuple[str, str]:
        """A question and an answer in prose."""
        prompt = self.prompt(self.random.sample(range(len(STATEMENTS)), 6))
        asked = self.random.choice(("Explain how one does this.", "Why is that done so?", "How does it work?"))
        return f"{prompt} {asked}", " ".join(self.random.sample(SENTENCES, 3))


def row(prompt: str, answer: str, system: str | None = SYSTEM, **fields: Any) -> Row:
    """A ChatML row."""
    turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
    return {"messages": turns if system is None else [{"role": "system", "content": system}, *turns], **fields}


def fenced(code: str, tag: str = "bbj") -> str:
    """A program in a fence."""
    return f"```{tag}\n{code}\n```"


def generate(total: int = 9923, seed: int = 375) -> Planted:
    """The dataset. The planted defects do not grow with `total`; the clean part does."""
    maker = Maker(seed)
    rows: list[tuple[Row | str, tuple[str, ...], int]] = []
    groups: dict[str, int] = {}
    tasks: list[tuple[str, str]] = []
    for names, made in _defects(maker, tasks):
        number = 0
        if any(name in GROUPED for name in names):
            for name in names:
                groups[name] = groups.get(name, 0) + 1
            number = sum(groups.values())
        rows += [(each, names, number) for each in made]
    # Of the records without a defect of their own nine in a hundred explain, and four have text around the program.
    for at in range(total - len(rows)):
        if at % 100 < 10:
            rows.append((row(*maker.explained()), (), 0))
        else:
            prompt, code = maker.coded()
            rows.append((row(prompt, fenced(code)), (), 0))
    maker.random.shuffle(rows)
    planted: dict[str, set[int]] = {}
    for at, (_, names, _number) in enumerate(rows, start=1):
        for name in names:
            planted.setdefault(name, set()).add(at)
    lines = [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each, _, _ in rows]
    uniform = {
        at
        for at, (each, _, _) in enumerate(rows, start=1)
        if isinstance(each, dict) and each["messages"][0] == {"role": "system", "content": SYSTEM} and _is_talk(each)
    }
    planted["uniform-system-prompt"] = uniform
    return Planted(lines, planted, {**groups, "uniform-system-prompt": 1}, tasks)


GROUPED = ("duplicate-prompt", "near-duplicate")


def _is_talk(each: Row) -> bool:
    roles = [turn["role"] for turn in each["messages"]]
    return roles[-1] == "assistant" and "user" in roles


def _defects(maker: Maker, tasks: list[tuple[str, str]]) -> Iterator[tuple[tuple[str, ...], list[Row | str]]]:
    """Names of the checks, and rows that they must hit; for a check of groups, one group each time."""
    yield from _repeated(maker)
    yield from _near(maker)
    for name, count, make in _SINGLE:
        for at in range(count):
            yield (name, *_ALSO.get(name, ())), [make(maker, at)]
    for at in range(5):
        prompt, code = maker.coded()
        tasks.append((prompt, code))
        yield ("eval-overlap",), [row(prompt if at % 2 else prompt.lower(), fenced(code))]


def _repeated(maker: Maker) -> Iterator[tuple[tuple[str, ...], list[Row | str]]]:
    """375 prompts over 766 records: 359 pairs and 16 triples, 90 of the pairs with two different answers."""
    for at in range(375):
        prompt, code = maker.coded()
        answers = [fenced(code)] * (3 if at < 16 else 2)
        names: tuple[str, ...] = ("duplicate-prompt",)
        if 100 <= at < 190:
            answers[1] = fenced(maker.program()[0])
            names = ("duplicate-prompt", "conflicting-duplicate")
        elif at % 3 == 0:
            answers[1] = fenced("REM " + "the same with a remark\n" + code)
        yield names, [row(prompt, answer) for answer in answers]


def _near(maker: Maker) -> Iterator[tuple[tuple[str, ...], list[Row | str]]]:
    """40 pairs: a program renamed and laid out anew under another prompt, or a prompt with a word more."""
    for at in range(40):
        prompt, code = maker.coded()
        if at % 2:
            other = code
            for name in NAMES:
                other = other.replace(name, f"{name}x")
            other = "\n".join("  " + line for line in other.split("\n")).lower()
            yield ("near-duplicate",), [row(prompt, fenced(code)), row(maker.coded()[0], fenced(other))]
        else:
            yield ("near-duplicate",), [row(prompt, fenced(code)), row(prompt + " Thanks!", fenced(maker.program()[0]))]


def _code_row(change: Callable[[Maker, int, str], str]) -> Callable[[Maker, int], Row]:
    def make(maker: Maker, at: int) -> Row:
        prompt, code = maker.coded()
        return row(prompt, change(maker, at, code))

    return make


def _escaped(maker: Maker, at: int, code: str) -> str:
    answer = fenced(code)
    if at < 40:
        return answer.replace("\n", "\\n")
    head, _, rest = answer.partition("\n")
    first, _, tail = rest.partition("\n")
    return f"{head}\n{first}\\n" + tail.replace("\n", "\\n", 2)


def _leaked(maker: Maker, at: int) -> Row:
    prompt, code = maker.coded()
    return row(f"{prompt} Use exactly this:\n{fenced(code)}", fenced(code))


def _labelled(maker: Maker, at: int) -> Row:
    prompt, code = maker.coded()
    code = "sysgui! = BBjAPI().getSysGui()\n" + code
    return row(prompt, fenced(code), type="completion", generation=["character"], difficulty="basic")


_KEY = "AKIA" + "Q7ZPLM4XTV2RWK9D"  # in two pieces, or scanners of this repository raise an alarm too
_SINGLE: tuple[tuple[str, int, Callable[[Maker, int], Row | str]], ...] = (
    ("escaped-newline", 60, _code_row(_escaped)),
    ("untagged-fence", 120, _code_row(lambda maker, at, code: fenced(code, ""))),
    ("quoted-code", 37, _code_row(lambda maker, at, code: "\n".join(f">{line}" for line in code.split("\n")))),
    ("unfenced-code", 19, _code_row(lambda maker, at, code: code)),
    ("mixed-format", 441, _code_row(lambda maker, at, code: f"Here is the program.\n\n{fenced(code)}\n\n{SENTENCES[at % 8]}")),
    ("unclosed-fence", 25, _code_row(lambda maker, at, code: f"```bbj\n{code}")),
    ("truncated-response", 30, _code_row(lambda maker, at, code: f"```bbj\n{code}\nPRINT {NAMES[at]} +\n```")),
    ("missing-system-prompt", 14, lambda maker, at: _without(maker, "system")),
    ("missing-role", 8, lambda maker, at: _without(maker, ("user", "assistant")[at % 2])),
    ("empty-response", 12, _code_row(lambda maker, at, code: ("", "  \n", "```bbj\n```")[at % 3])),
    ("length-outlier", 7, _code_row(lambda maker, at, code: fenced("\n".join(maker.program()[0] for _ in range(60 + at))))),
    ("answer-leak", 11, _leaked),
    ("control-token", 9, _code_row(lambda maker, at, code: fenced(code) + ("<|im_end|>", "<|endoftext|>", "<|fim_middle|>")[at % 3])),
    ("bad-encoding", 15, _code_row(lambda maker, at, code: fenced(f'PRINT "{("GrÃ¶ÃŸe", "priceâ€™s", "a" + chr(0xFFFD))[at % 3]}"\n' + code))),
    ("corrupt-record", 6, lambda maker, at: '{"messages": [{"role": "user", "content": ' + ("}", "", "nul]}", "[", '"x"}]', "1")[at]),
    ("secret", 5, _code_row(lambda maker, at, code: fenced(f'key$ = "{_KEY[:-1]}{"ABCDE"[at]}"\n' + code))),
    ("personal-data", 10, _code_row(lambda maker, at, code: fenced(f'mail$ = "anna.{NAMES[at]}@brauer-und-sohn.de"\n' + code))),
    ("wrong-language", 13, _code_row(lambda maker, at, code: fenced(f"def {NAMES[at]}(x):\n    return x * {at}", "python"))),
    ("does-not-compile", 48, _code_row(lambda maker, at, code: fenced(f"{code}\nIF ({NAMES[at % 30]} > {at} THEN PRINT 1"))),
    ("invented-api", 27, _code_row(lambda maker, at, code: fenced(f"api! = BBjAPI()\napi!.makeCoffee({at})\n" + code))),
    ("generation-mismatch", 21, _labelled),
    ("refusal-share", 16, lambda maker, at: row(maker.coded()[0], "I'm sorry, but I cannot help with that request.")),
)  # fmt: skip
"""Check, how many, how one is made."""
_ALSO: dict[str, tuple[str, ...]] = {
    "quoted-code": ("mixed-format",),
    "unfenced-code": ("mixed-format",),
    "truncated-response": ("does-not-compile",),
}
"""What a defect is besides."""


def _without(maker: Maker, role: str) -> Row:
    prompt, code = maker.coded()
    made = row(prompt, fenced(code))
    made["messages"] = [turn for turn in made["messages"] if turn["role"] != role]
    return made
