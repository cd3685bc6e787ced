"""The programs that `idiolect pack check bbj` holds the pack to."""

from __future__ import annotations

from typing import Final

from idiolect.packs.spec import Case, Samples

SAMPLES: Final = Samples(
    right="""\
rem adds up what is read, until an empty line
total = 0
while 1
    read (0,end=*break) line$
    if len(line$) = 0 then break
    total = total + num(line$,err=*continue)
wend
print "total",total
release
""",
    wrong="""\
rem doubles a number
input "Number: ",n
if n == 0 then
    print "nothing"
fi
print n * 2
""",
    wrong_line=3,
    empty_ok=True,
    cases=(Case("4\n5\n\n", "total 9\n"), Case("\n", "total 0\n")),
)
