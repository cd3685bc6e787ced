"""How long the embedded BBj checker takes for a megabyte of one thing again and again: which texts are the worst.

    python benchmarks/bbj_megabytes.py [--level api] [--worst 20] [--random 0] [--seed 1] [--only TEXT] [--json FILE]

The texts are short lines of every kind of statement: alone, in blocks, in methods, with numbers, with names that differ from line
to line, behind one another on a line, and cut short. `--random` adds so many mixtures of them. Times are processor time, the best
of two where the first took more than half a second; a fixed job, the sum of a million squares, says how fast the machine was.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from random import Random

from idiolect.packs.bbj.checker import LEVELS, NAME, VERSION, check_source
from idiolect.packs.bbj.table import api_table

MEGABYTE = 1_000_000

STATEMENTS = """\
x=1|a$=b$|x!=y!|x=a+b*c|x=(1+2)*3|x=a[1]|a[1]=2|a[]=b[]|x$=a$(1,2)|a$(1,1)="x"|x$=a$+"b"|x$="a"+1|let x=1|a=1,b=2,c=3
print a|print a$,b$|print a:"##"|print 'CS',@(1,2),a$|print(1)a|?a|write(1)a,b|print *|read a|read(1,key=a$)b,c$|input a
input "x",a$:("Y"=b,"N"=b)|extract(1)a|find(1,dom=*next)a|read record(1)a$|enter a|enter|call a$|call "a",b|run|run a$
goto a|gosub a|return|exit|exitto a|end|stop|escape|retry|seterr 0|seterr a|setesc a|on a goto b,c|on a gosub b|wait 1
if a then b=1|if a then b=1 else c=2|if a then b=1 fi|if a|if a then|else|fi|endif|for i=1 to 2|for i=1 to 2 step 3|next|next i
while a|wend|repeat|until a|switch a|case 1|case default|break|continue|swend|def fna(x)=x|def fna(x)|fnend|x=fna(1)
dim a[1]|dim a$(1)|dim a$:"b:c(1)"|redim a|clear|clear a|begin|clear except a|restore|restore 1|dread a|data 1|iolist a,b
open(1)a$|open(1,err=a)a$|close(1)|lock(1)|unlock(1)|erase a$|initfile a$|string a$|mkeyed a$,1,2|mkeyed a$,[1:1:2],0,1
rename a$ to b$|mkdir a$|sqlopen(1)a$|sqlprep(1)a$|sqlexec(1)|field a$,b$=c$|table 00FF|callback(ON_X,a,b)|process_events
select(1)a from b where c|precision 2|setopts a$|dump|settrace|list|delete|load a$|save a$|merge a$|throw "a",1|execute a$
use a.b|use ::a.b::c|use java.util.Iterator|declare A b!|declare BBjString a$|declare auto A b!|declare BBjNumber a
x!.a()|x!.a().b().c()|x!.a(1,b$,c!)|#a!=b!|#a()|#a$=b$|x!=#a!|#this!.a()|x!=new A()|x!=new A(b!)|x!=new A[1]|x!=cast(A,b!)
x=a.b|x$=a.b$|x!=bbjapi()|x!=bbjapi().getSysGui()|x!.setText("a")|x!.setCallback(x!.ON_CLOSE,"a")|x!=null()|x=y!.ON_A
x=len(a$)|x=num(a$,err=*next)|x$=str(a:"#")|x$=str(a)|x=pos(a$=b$)|x=int(a/b)|x=mod(a,b)|x=f(1)|x=len$(a)|x$=$00FF$
class public A|class public A extends B|classend|interface public A|interfaceend|method public void a()|method public A a(B c!)
method private BBjString a$(BBjNumber b)|methodend|methodret a|methodret|field public A b!|field private BBjString a$
field public BBjNumber n
rem|rem a|; rem a|x=1; rem a|a: rem a|rem a a a a a|   x=1|x = 1 |a:|a: x=1|x=1;y=2|print a;|10|10 x=1|10 goto 10|10 rem
x==1|x=1;;|x=|x=(|if|a b|alert("x")|// a|'a|"a|x++|x=a b|else if a|end if|endmethod|day=1|1:|:|{|}|~|é|a$|(a)|x=1 rem|%|&|\\|(
)|[|]|,|.|#|@|!|=|*|-
"""

BLOCKS = """\
class public A~classend|class public A~method public void m()~methodend~classend
interface public A~method public void m()~interfaceend
class public A~field public A a!~classend|method public void a()~methodend|class public A~x=1~classend
class public A~methodend~classend
class public A extends A~classend|class public A~method public A a()~methodret #this!~methodend~classend
class public A~rem a~classend
class public A~method public void m()~goto a~a:~methodend~classend
class public A~method public void m()~x!=#a!~methodend~classend
class public A~method public void m(A b!)~b!.m(b!)~methodend~classend
class public A~method public void m()~x=1~y=2~methodend~classend
class public A~method public BBjNumber m()~methodend~classend|class public A~field public BBjString a$=b$~classend
class public A~a:~classend
if a then~x=1~fi|if a then~x=1~else~x=2~fi|for i=1 to 2~x=i~next i|while a~wend|repeat~until a|switch a~case 1~break~swend
if x~fi
def fna(x)~return x~fnend|goto a~a:|gosub a~a:~return|x!=y!~y!=x!|x!=y!~x!.a()|declare A a!~a!.b()|declare BBjString a$~a$=1
x!=bbjapi()~x!.a()|x!=new A()~x!.b()|class A~method a()~methodend~classend|use a.b~use c.d|x=1~ :+2|x=1~:+2|a:~b:~c:~d:|rem~~
10 x=1~20 y=2
"""

DIFFERING = """\
x$n=1|x$n!=y!.a()|a$n:|goto a$n|gosub a$n;x=1|x=a$n+$n|x$n=fn$n($n)|use a.b$n|print a$n,$n|rem $n|if a$n then b$n=1
declare A$n a$n!
x!.a$n($n)|#a$n=b$n|class public A$n~classend|x$="$n"|n$n=$n,m$n=$n
"""
"""`$n` is a number that grows."""

IN_A_CLASS = """\
method public void m$n()~methodend|field public A a$n!|method public A m$n(A b!)~methodret b!~methodend
method public void m$n()~#m$n()~methodend
"""
IN_A_METHOD = "x=1|x!=y!|goto a|a$n:|if a|print a|rem a|x!.b()|#b()|#b!=c!|x=fna(1)|fi|methodret 1"
NUMBERED = "x=1|goto 10|print a|rem|a: x=1|if a then b=1|x!.a()"
PIECES = "x=1;|a: |if a then |x!.a(|x=1,|+1|x!.a().|[1]|a,|print a;|;|x=1;rem|(|a(|'a'|\"\"|$00$"
REPEATED = "x=1;|+a|+a$|.b()|(b!)|,c!=d!|*[1]|+fn(1)|,a,b"


def _rows(text: str) -> list[str]:
    return text.replace("\n", "|").strip("|").split("|")


def patterns() -> dict[str, Callable[[], Iterator[str]]]:
    """Every text by its name, as an endless row of pieces."""
    found: dict[str, Callable[[], Iterator[str]]] = {}
    for statement in _rows(STATEMENTS):
        found[statement] = _same(statement + "\n")
    for block in _rows(BLOCKS):
        found[block] = _same(block.replace("~", "\n") + "\n")
    for statement in _rows(DIFFERING):
        found[statement + " differing"] = _counted(statement.replace("~", "\n") + "\n")
    for part in _rows(IN_A_CLASS):
        found[part + " of one class"] = _within("class public A\n", part.replace("~", "\n") + "\n")
    for part in _rows(IN_A_METHOD):
        found[part + " of one method"] = _within("class public A\nmethod public BBjNumber m()\n", part + "\n")
    for part in (*_rows(NUMBERED), ""):
        found[f"numbered {part}"] = _counted(f"$n {part}\n")
    for part in (*_rows(PIECES), "\r", "\t", "\n", "\r\n", "\n:", " \n"):
        found[f"again and again {part!r}"] = _same(part)
    for width in (50, 500, 5_000, 50_000):
        for part in _rows(REPEATED):
            found[f"lines of {width} {part!r}"] = _same("x=a" + part * (width // len(part)) + "\n")
            found[f"calls of {width} {part!r}"] = _same("x!.a(b" + part * (width // len(part)) + ")\n")
    return found


def _same(piece: str) -> Callable[[], Iterator[str]]:
    return lambda: iter(lambda: piece, None)


def _counted(piece: str) -> Callable[[], Iterator[str]]:
    return lambda: (piece.replace("$n", str(number)) for number in count(10))


def _within(header: str, piece: str) -> Callable[[], Iterator[str]]:
    def pieces() -> Iterator[str]:
        yield header
        yield from _counted(piece)()

    return pieces


def mixtures(number: int, seed: int) -> dict[str, Callable[[], Iterator[str]]]:
    """So many texts of two to six statements each, joined by line breaks or `;`."""
    rng = Random(seed)
    parts = _rows(STATEMENTS + BLOCKS)
    found: dict[str, Callable[[], Iterator[str]]] = {}
    for _ in range(number):
        text = rng.choice(("\n", "\n", "\n", ";")).join(rng.choice(parts) for _ in range(rng.randint(2, 6)))
        found[text.replace("\n", "~")] = _same(text.replace("~", "\n") + "\n")
    return found


def megabyte(pieces: Iterator[str]) -> str:
    """The first million characters."""
    found: list[str] = []
    length = 0
    while length < MEGABYTE:
        part = "".join(islice(pieces, 1_000))
        found.append(part)
        length += len(part)
    return "".join(found)[:MEGABYTE]


def seconds(source: str, level: str) -> float:
    """Processor time of one check, the best of two if it was not short."""
    taken = _once(source, level)
    return taken if taken < 0.5 else min(taken, _once(source, level))


def _once(source: str, level: str) -> float:
    begun = time.process_time()
    check_source(source, level)
    return time.process_time() - begun


def spin() -> float:
    """Processor time of the sum of a million squares."""
    begun = time.process_time()
    sum(number * number for number in range(1_000_000))
    return time.process_time() - begun


def main() -> None:
    """Measure, print the worst, and write all of them as JSON where `--json` says."""
    parser = argparse.ArgumentParser(description="Megabytes the embedded BBj checker takes longest for.")
    parser.add_argument("--level", default="api", choices=LEVELS)
    parser.add_argument("--worst", type=int, default=20, help="how many are printed")
    parser.add_argument("--random", type=int, default=0, help="so many mixtures besides")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="only texts whose name has this in it")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    api_table()
    speed = min(spin() for _ in range(5))
    texts = {**patterns(), **mixtures(options.random, options.seed)}
    times = {name: seconds(megabyte(make()), options.level) for name, make in texts.items() if options.only in name}
    worst = sorted(times.items(), key=lambda row: -row[1])
    print(
        f"{NAME} {VERSION}, level {options.level}: {len(times)} texts, a fixed job takes {speed:.3f} s before, {spin():.3f} after"
    )
    for name, taken in worst[: options.worst]:
        print(f"{taken:6.2f} s  {name[:90]}")
    if options.json:
        figures = {"checker": f"{NAME} {VERSION}", "level": options.level, "spin_s": round(speed, 3)}
        rows = [{"text": name, "seconds": round(taken, 2)} for name, taken in worst]
        options.json.write_text(json.dumps({**figures, "texts": rows}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
