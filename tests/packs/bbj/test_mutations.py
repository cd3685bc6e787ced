"""The mutations of the pack: draws are reproducible, and the checker says of each kind what the compiler is known to say."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from idiolect.packs.bbj.checker import check_source
from idiolect.packs.bbj.mutations import MUTATIONS, Mutation, mutate

PROGRAM = """use java.util.HashMap
rem a program that has a place for every kind of mutation
class public Shop
    field public BBjNumber total
    field private HashMap stock!
    method public Shop()
        #stock! = new HashMap()
        declare HashMap other!
        other! = cast(HashMap, #stock!)
    methodend
    method public BBjString price(BBjNumber amount, BBjString unit$)
        if amount<>0 and unit$<>"" then
            text$ = str(amount:"##0.00") + " " + unit$
        else
            text$ = "none"
        fi
        methodret text$
    methodend
    method public void empty()
        for i = 1 to 3
            #total = #total + i
        next i
    methodend
classend

start:
shop! = new Shop()
a = 1; b = 2; rem two of them
while a < 3
    a = a + b * 2
wend
if a = 3 then b = 4 fi; print "always", "done"
window!.setCallback(window!.ON_CLOSE, "bye", err=*next)
flags$ = $00010003$
print "one", "two"
print shop!.price(a,
:"piece"); gosub bye
total = (
:a + b)
def fnx(n)
return n
fnend
goto start
bye: return
"""

MARKS = {True: "flags", False: "accepts"}


def errors(source: str) -> list[int]:
    return [found.line for found in check_source(source) if found.severity == "error"]


def test_the_program_to_mutate_is_right() -> None:
    assert errors(PROGRAM) == []


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=lambda mutation: f"{mutation.kind}-{MARKS[mutation.flagged]}")
def test_every_place_of_every_kind_gets_the_verdict_the_compiler_gives_it(mutation: Mutation) -> None:
    mutants = {mutation.apply(PROGRAM, Random(seed)) for seed in range(40)} - {None}
    assert mutants, "the program has no place for this kind"
    for mutant in mutants:
        assert mutant is not None
        assert mutant.source != PROGRAM
        found = errors(mutant.source)
        assert bool(found) is mutation.flagged, mutant
        assert not found or min(abs(line - mutant.line) for line in found) <= 1, mutant


def test_the_same_seed_draws_the_same_mutant() -> None:
    assert mutate("drop-paren", PROGRAM, Random(7)) == mutate("drop-paren", PROGRAM, Random(7))
    assert len({mutate("drop-paren", PROGRAM, Random(seed)) for seed in range(20)}) > 5


def test_a_program_without_a_place_has_no_mutant() -> None:
    assert mutate("drop-next", "print 1\n", Random(1)) is None
    assert all(mutation.apply("", Random(1)) is None for mutation in MUTATIONS.values())


def test_whole_lines_do_not_come_or_go_in_a_numbered_program() -> None:
    source = "10 for i=1 to 3\n20 next i\n30 end\n"
    assert mutate("drop-next", source, Random(1)) is None
    assert mutate("bare-call", source, Random(1)) is None


@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=lambda mutation: mutation.kind)
def test_mutants_of_the_example_programs_get_the_verdict_the_compiler_gives_them(mutation: Mutation) -> None:
    rng = Random(mutation.kind)
    folder = Path(__file__).parents[3] / "examples" / "bbj" / "corpus"
    for path in sorted(folder.glob("*.bbj")):
        mutant = mutation.apply(path.read_text(encoding="utf-8"), rng)
        if mutant is not None:
            assert bool(errors(mutant.source)) is mutation.flagged, (path.name, mutant)
