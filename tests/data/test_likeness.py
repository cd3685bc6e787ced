"""Which records are alike."""

from __future__ import annotations

from itertools import combinations

from idiolect.data.likeness import Content, clusters_of, pairs_of
from idiolect.packs.spec import LanguagePack

PROGRAM = (
    "open (1)name$\nwhile 1\n  read (1,end=*break)row$\n  print row$,len(row$)\n  count=count+1\nwend\nclose (1)\nprint count"
)
CONTENTS = [
    Content("Print every line of the file and how long it is, please.", ("end",)),
    Content("print every line of the FILE and how long it is , please.", (PROGRAM,)),
    Content("Something else that is asked for in another way altogether.", (PROGRAM.replace("row$", "line$"),)),
    Content(programs=("print 1", PROGRAM.upper().replace("COUNT", "number"))),
    Content("", ("for i=1 to 9; print i; next i",)),
    Content("", ("for seat=1 to 9; print seat; next seat",)),
    Content("", ("for I = 2 to 7\n  print I\nnext I",)),
    Content(),
    Content("  ", ("",)),
]


def test_records_are_alike_by_prompt_or_by_any_program_and_by_names_too_in_an_idiom(pack: LanguagePack) -> None:
    assert clusters_of(CONTENTS, pack) == [[0, 1, 2, 3], [4, 6], [5], [7], [8]]


def test_pairs_are_those_that_are_alike_themselves(pack: LanguagePack) -> None:
    assert pairs_of(CONTENTS, pack) == {(0, 1), *combinations((1, 2, 3), 2), (4, 6)}
