"""What the embedded checker accepts and rejects, case by case, each with the evidence it rests on.

The tag before a case is the one of the language facts: C = a recorded run of the compiler, D = documentation, G = grammar of the
open language server, K = seen in a corpus of programs. X marks a case that follows from the grammar as written down there.
"""

from __future__ import annotations

import pytest

from idiolect.core.errors import ConfigError
from idiolect.packs.bbj.checker import check_source

ACCEPTED = [
    # lines, comments, labels
    ("C", ""),
    ("C", "rem alone\nREM\nrem\tafter a tab"),
    ("C", "print 1; rem x"),
    ("C", "lbl: rem x"),
    ("C", "if x then rem the rest is in the block\nfi"),
    ("C", 'print "rem is text here"'),
    ("G", "rem15 = 1\nremark = 2\nrem! = 3"),
    ("G", 'print "one,\n: two"'),
    ("G", "tot\n:al = 5\nprint total"),
    ("C", "x = 1;\n: rem said after a semicolon"),
    ("C", "if x then\n: rem said after THEN\nfi"),
    ("K", "x = 1;"),
    ("C", "x = 1\r\nprint x\r\n"),
    ("C", 'print "é"\nrem \xe9\xff'),
    ("K", "x = 1\r\nprint x\nx = 2\r\n"),
    ("C", "0010 print 1\n0020 goto 0010"),
    ("C", "10 on x goto 10,20\n20 read(1,iol=10)"),
    ("D", '1020 print "a",\n1020:"b"\n1030 end'),
    ("X", "start: goto start"),
    ("X", "_a1: gosub _A1"),
    ("C", "print=7\nstr=7\nuse=1\ndeclare=1\nauto=1\nvar=1\nstart=1\nnext=1\nclass=1\nlabel=1\ndata=1\nto=1\nstep=1"),
    ("C", "a = b - start"),
    ("C", 'day$ = date(0)\nif! = null()\ndread$ = ""'),
    ("G", "x = err + tim + day + unt"),
    # lexical
    ("C", "x = 1.5e2 + 12. + .5"),
    ("C", 'x$ = "back\\slash" + "a ""quoted"" word"'),
    ("X", "x$ = $0A1E$ + $$"),
    ("X", "x$ = 'CS' + 'FONT'(\"x\") + @(1,2)"),
    ("X", "print 'WINDOW'(1,2,3,4,\"title\",$$,$$), 'BR', @(5), \"x\""),
    ("X", "if a$<>b$ and (c<=1 or d>=2) then x=-1"),
    ("X", "if !x then y=1"),
    ("X", 'x! = new java.lang.String@("x")\ndeclare java.lang.String@ s!'),
    # expressions
    ("D", "x$ = a$(1,5) + y$[1](2,1) + fid(1)(1,1)"),
    ("X", 'x = num(a$,err=*next)\ny$ = msgbox("a",1,tim=5,err=oops)\noops:'),
    ("X", 'x$ = str(n:"###,##0.00")'),
    ("K", 'x$ = date(0:"%Yd-%Mz-%Dz")'),
    ("X", "x! = cast(java.util.HashMap, y!)\nz! = cast(String[], y!, err=*next)"),
    ("X", "x! = ::lib/My Tools.bbj::Helper.create(1)\n#x = java.lang.Math.PI"),
    ("C", "x! = bbjapi().getSysGui()\ny! = cast(Foo, z!).bar()"),
    ("C", 'p$[] = q$[]\nl![] = s!.split(",")'),
    ("X", 'rec.name$ = "a"\nrec$.city$ = "b"\nrec.count = rec.f$[1] + 1'),
    ("X", "x$ = and(a$,b$) + ior(a$,b$) + not(a$)"),
    ("X", 'x = pos(","=a$) + pos(" "<>a$,1,2)'),
    ("X", "x = iff(a>b,a,b)"),
    ("X", "x = a * *next"),
    ("X", "x$ = (a$+b$)(1,3)"),
    # flow
    ("D", 'if x=1 then print "a"; y=2 else print "b" fi; print "always"'),
    ("C", "if a then if b then x=1 fi fi"),
    ("G", "if x=1 goto done\ndone: end"),
    ("K", "if x\n  y=1\nfi"),
    ("D", "if x=1 then\n  y=1\nelse\n  y=2\nendif"),
    ("X", "if a then b=1 else if c then d=2 else e=3"),
    ("C", "for i=1 to 10 step 2\n  print i\nnext i"),
    ("X", "for i=1 to 3; print i; next i"),
    ("X", "while x<5\n  x=x+1\n  if x=3 then break\n  continue\nwend"),
    ("X", "repeat\n  x=x+1\nuntil x>5"),
    ("D", 'switch x$\n  case "a"\n  case "b"; print 1; break\n  case default; print 2\nswend'),
    ("X", "gosub work\nend\nwork:\nreturn"),
    ("X", "on x gosub a,b\na: return\nb: return"),
    ("X", "seterr handler\nseterr 0\nsetesc handler\nhandler: retry"),
    ("X", 'throw "bad",17,err=*next'),
    ("X", "exit\nexit 5\nrelease\nrelease 0\nstop\nbye\nescape"),
    ("C", "return 5"),
    ("X", "exitto out\nout:"),
    # accepted although it looks wrong
    ("C", "for i=1 to 3\nprint i"),
    ("C", "if x then\nprint x"),
    ("C", "def fnx(a)\nreturn a"),
    ("C", "case 5"),
    ("C", "class public A\nmethod public BBjString go()\nmethodend\nclassend"),
    ("C", "class public A\nmethod public void go()\nmethodret 5\nmethodend\nclassend"),
    ("C", "declare BBjString x!\ndeclare BBjNumber x!"),
    ("C", "class public A\ndeclare BBjString x$\nclassend"),
    ("C", "#x = 5\n#go()"),
    ("X", 'window = bbjapi().openSysGui("X0")'),
    # classes
    ("X", "use java.util.HashMap\nuse ::tools/grid.bbj::Grid; rem a grid"),
    ("D", "class public static A extends B implements C, D\nclassend"),
    ("D", "interface public I extends J, K\nmethod public void go(BBjString a$, int b!)\ninterfaceend"),
    ("D", 'class public A\nfield private static BBjString n$ = "x"\nfield public BBjInt i%\nfield public BBjNumber x!\nclassend'),
    (
        "D",
        "class public A\nmethod public A()\n#super!()\nmethodend\nmethod public A(BBjString n$)\n#this!()\nmethodend\nclassend",
    ),
    ("D", "class public A\nmethod public static String[] go(String[] a!, BBjNumber b[all])\nmethodret a!\nmethodend\nclassend"),
    ("C", "class public A\nmethod public void a()\nx: goto x\nmethodend\nmethod public void b()\nx: goto x\nmethodend\nclassend"),
    ("X", "declare auto BBjVector v!\ndeclare java.util.Map m!"),
    ("K", "new Worker()"),
    ("X", "x!.go()\n#go()\n#this!.go()\nMath.max(1,2)\n ::f.bbj::C.go()\nbbjapi().go()"),
    ("X", 'a=1, b$="x", #f!=y!'),
    ("X", "let a=1, b=2"),
    # functions, data
    ("D", 'def fna(x)=x*2\ndef fnb$(x$,n)\nreturn x$(1,n)\nfnend\nprint fna(2), fnb$("abc",2)'),
    ("X", 'dim a[10], b[0:5,1:3], c$[3](10," "), d$(20), r$:"name:c(10)", err=*next'),
    ("C", "clear x![]"),
    ("X", "clear\nclear except a,b$\nbegin except c\nredim r$"),
    ("X", 'data 1,"two"\ndread a,b$,err=*next\nrestore\nrestore here\nhere: iolist a,b$:"00",*,@(1,2)'),
    ("X", "tb: table 00 01 0A FF 1E5C"),
    ("X", 'field rec$,name$ = "x",err=*next'),
    ("X", "precision 4\nprecision 2,1\nfloatingpoint"),
    # input and output
    ("X", 'print a,b$:"00",\'CS\',@(1,2),*,\nprint\n? "x"'),
    ("X", "print (1,err=oops)a$,b\noops: write record(1,key=k$)rec$"),
    ("X", "print (a+b)/2\nprint (a)*b"),
    ("X", "read record(1,key=k$,dom=*next,err=oops)rec$\noops: readrecord(1)rec$"),
    ("X", 'read(1,end=done,tim=5,siz=10)a$,*,b\ndone: read(1,key="",dom=*next)'),
    ("X", 'input @(1,2),"name: ",n$:("a"=one,"b"=two,len=1,5)\none: input x:(1,10)\ntwo:'),
    ("X", "input (0,err=*same)'CS',\"x\",a$\ninput@(0,0),v$\nextract record(1,ind=2)r$\nfind(1,key=k$)a$"),
    ("X", "read(1,iol=fields)\nfields: iolist a$,b"),
    ("X", 'open(unt,mode="O_CREATE",err=*next)"file"\nclose(1,err=*next)\nlock(1)\nunlock(1)'),
    ("X", "remove(1,key=k$,dom=*next,err=*next)"),
    ("X", 'select(1,err=*next)rec$:rec.name$,rec.x from "file" where rec.x>5 sortby rec.name$ limit 1,10'),
    ("X", "erase f$,err=*next\ninitfile f$\nrename a$ to b$,err=*next\nrename a$,b$"),
    ("X", 'string "f"\nserial "f",100,80\ndirect "f",10,0,80\nsort "f",5,0'),
    ("C", 'vkeyed "f",[1:1:10]+[2:1:5:"D"],[3:1:2],0,128,mode="x",err=*next\nmkeyed "f",10,0,64'),
    ("C", 'fulltext f$,t$,k$,err=*next,mode="m"\nfulltext f$,t$,k$,mode="m",err=*next'),
    ("X", 'mkdir "a",err=*next\nrmdir "a"\nchdir "b"\nprefix "a b"'),
    (
        "X",
        'sqlopen(1,mode="x",err=oops)"dsn"\nsqlprep(1)"select"\nsqlexec(1)a$,b\nsqlcommit(1)\nsqlrollback(1)\nsqlclose(1)\noops:',
    ),
    ("X", "r$ = sqlfetch(1,err=*break)\ndim x$:sqltmpl(1)"),
    ("X", 'call "prog::entry",a,(x!),b[all],c$[all],err=*next\nenter a,b$[all],err=*next'),
    ("X", 'run "next"\nexecute "x=1"\nwait 5\nsetopts $00$\nsetday "x"\nbackground "x"\naddr "p"\ndrop "p"'),
    ("X", "callback(on_close,bye,ctx)\nremove_callback(on_close,ctx)\nbye: release"),
    ("C", "process_events\nprocess_events,err=*next,tim=5\nprocess_events,tim=5,err=*next"),
    ("X", 'begin\nsetterm "x"\nclearp\ndump(1)\nsettrace(1,mode="x")\nendtrace'),
    ("X", 'print (a)*b:"00", c\nprint (a$)+b$'),
    ("X", "print iol=fields\nread *,iol=fields\nfields: iolist a$"),
    ("X", 'dim #name$(5), rec.f$[3](5), x$[2]:"a:c(1)"'),
    ("X", "restore 5\nx = ctl + dsz"),
    ("X", "x! = new int[3][2]\ny! = String@.valueOf(5)"),
    ("X", "if iff(err=11,1,0) then x=1"),
    ("X", 'callback(x!.ON_CLICK,#this!,"go",err=*next)\ncallback(on_close,bye,ctx,5)\nbye:'),
    ("X", "case 1+2\nx = a^-2"),
    ("X", "if a then if b then c=1 else c=2 else c=3"),
    ("X", "read_resource(1,err=*next)\nlcheckin(b,err=*next)"),
    ("X", "print print\nread read\ninput input"),
]

REJECTED = [
    # (evidence, code, line, source)
    ("C", "comment-form", 1, "print 1 rem x"),
    ("C", "comment-form", 1, "! a comment"),
    ("X", "comment-form", 1, "x = 1 ! a comment"),
    ("X", "comment-form", 1, "// a comment"),
    ("X", "comment-form", 1, "x = 1 // a comment"),
    ("X", "comment-form", 1, "' a comment"),
    ("X", "comment-form", 1, "# a comment"),
    ("X", "comment-form", 1, "/* a comment */"),
    ("C", "label-separator", 1, "lbl: ; rem x"),
    ("C", "colon", 1, "a = f(1) : b = f(2)"),
    ("X", "continuation", 1, ":x = 1"),
    ("C", "line-number", 2, "x = 1\n20 y = 2\nz = 3"),
    ("X", "line-number", 2, "10 x = 1\ny = 2\n30 z = 3"),
    ("C", "line-number", 1, "9500: x = 1\ny = 1"),
    ("X", "line-number", 1, "goto 100"),
    ("C", "undefined-label", 1, "goto nowhere"),
    ("C", "undefined-label", 2, "x = 1\nread(1,err=nowhere)a"),
    ("C", "undefined-label", 4, "out:\nclass public A\nmethod public void go()\ngoto out\nmethodend\nclassend"),
    ("C", "undefined-label", 1, "goto inside\nclass public A\nmethod public void go()\ninside:\nmethodend\nclassend"),
    ("X", "undefined-label", 1, "callback(on_close,nowhere,1)"),
    ("X", "undefined-label", 1, 'input a$:("y"=nowhere)'),
    ("X", "undefined-label", 1, "x = num(a$,err=nowhere)"),
    # reserved names
    ("C", "reserved-name", 1, "day = 1"),
    ("C", "reserved-name", 1, "list = 1"),
    ("C", "reserved-name", 1, "x = load + 1"),
    ("C", "reserved-name", 1, "for new=1 to 3"),
    ("C", "reserved-name", 1, 'fnend$ = "x"'),
    ("C", "reserved-name", 1, "fnerr! = null()"),
    ("X", "reserved-name", 1, "while: goto while"),
    ("X", "reserved-name", 1, "dim all[3]"),
    # lexical
    ("X", "unterminated-string", 1, 'print "abc'),
    ("C", "unexpected-token", 1, 'print "say \\"hi\\" now"'),
    ("X", "hex-string", 1, "x$ = $0A1$"),
    ("X", "unexpected-character", 1, "x = 5 ~ 2"),
    ("X", "unexpected-character", 1, "x\0 = 5"),
    ("X", "operator", 1, "if x == 3 then y=1"),
    ("X", "operator", 1, 'if (x$) != "a" then y=1'),
    ("X", "operator", 1, "if a && b then y=1"),
    ("X", "operator", 1, "if a || b then y=1"),
    ("X", "operator", 1, "x += 1"),
    ("X", "operator", 1, "x -= 1"),
    ("X", "operator", 1, "i++"),
    ("X", "operator", 1, "i--"),
    ("X", "operator", 1, "x = a > b ? 1 : 2"),
    ("X", "operator", 1, "x$ = a$ & b$"),
    ("X", "operator", 1, "if not x then y=1"),
    ("X", "operator", 1, "x = a mod b"),
    ("X", "brace", 1, "if x then {"),
    ("X", "brace", 1, "}"),
    # expressions
    ("C", "method-on-function", 1, "x$ = str(x).trim()"),
    ("C", "whole-array", 1, 'p$[all] = "a"'),
    ("X", "unexpected-token", 1, "x$ = mid$(a$,1,2)"),
    ("X", "unexpected-token", 1, "x$ = a$()"),
    ("X", "else-if", 1, "if a then b=1 elseif c then d=1"),
    ("D", "stray-classend", 2, "interface public I\nclassend"),
    ("X", "incomplete", 1, "x = (1 + 2"),
    ("X", "unexpected-token", 1, "x = 1)"),
    ("X", "reserved-name", 1, "x = new 5"),
    ("X", "incomplete", 1, "x! = new Foo"),
    ("X", "unexpected-token", 1, "x = a b"),
    ("X", "assignment-target", 1, '"a" = 1'),
    ("X", "assignment-target", 1, "x!.go() = 1"),
    ("X", "assignment-target", 1, "(x) = 1"),
    # statement-level expressions
    ("C", "bare-call", 1, "foo(x)"),
    ("X", "bare-call", 1, 'alert("hello")'),
    ("X", "bare-call", 1, 'msgbox("hello")'),
    ("X", "bare-call", 1, 'println("hello")'),
    ("X", "bare-expression", 1, "a$(1,5)"),
    ("X", "bare-expression", 1, "name$"),
    ("X", "bare-expression", 1, "cast(Foo, x!)"),
    ("X", "bare-expression", 1, "x!.name!"),
    ("X", "bare-expression", 1, 'print "a"; b$'),
    ("X", "unexpected-token", 1, '"text" 5'),
    # flow
    ("C", "else-if", 2, "if a then b=1\nelse if c then d=1"),
    ("C", "else-if", 2, "if a then b=1\nelseif c then d=1"),
    ("X", "else-if", 3, "if a then\nb=1\nelse if c then\nd=1\nfi"),
    ("X", "else", 3, "if a then\nb=1\nelse b=2\nfi"),
    ("X", "end-if", 3, "if a then\nb=1\nend if"),
    ("X", "foreign-end", 3, "while a\nb=1\nend while"),
    ("X", "foreign-end", 3, "while a\nb=1\nendwhile"),
    ("D", "fi-separator", 1, "if a then b=1; fi"),
    ("X", "fi", 1, "print 1 fi"),
    ("D", "own-line", 2, "switch x\nprint 1; case 2\nswend"),
    ("X", "colon", 2, "switch x\ncase 1:\nswend"),
    ("X", "empty-statement", 1, "x = 1;; y = 2"),
    ("X", "unexpected-token", 1, "for i=1, 10"),
    ("X", "unexpected-token", 1, "for (i=0; i<5; i=i+1)"),
    ("X", "incomplete", 1, "goto"),
    ("X", "unexpected-token", 1, "if a then goto else b=1"),
    ("X", "incomplete", 1, "sqlexec(1)a,"),
    ("X", "incomplete", 1, "process_events,tim=5,"),
    ("X", "foreign-word", 1, "function add(a,b)"),
    ("X", "foreign-word", 1, "sub work"),
    ("X", "foreign-word", 1, "var x = 5"),
    ("X", "unexpected-token", 1, "int x = 5"),
    # classes
    ("D", "missing-classend", 1, "class public A\nfield public BBjString n$"),
    ("D", "missing-methodend", 2, "class public A\nmethod public void go()\nclassend"),
    ("D", "missing-methodend", 2, "class public A\nmethod public void a()\nmethod public void b()\nmethodend\nclassend"),
    ("D", "method-outside-class", 1, "method public void go()\nmethodend"),
    ("D", "missing-interfaceend", 1, "interface public I"),
    ("X", "stray-classend", 1, "classend"),
    ("C", "stray-methodend", 2, "class public A\nmethodend\nclassend"),
    ("D", "missing-classend", 1, "class public A\nclass public B\nclassend"),
    ("C", "use-name", 1, "use BBjWindow"),
    ("C", "own-line", 1, "use java.util.HashMap; x = 1"),
    ("X", "own-line", 1, "x = 1; use java.util.HashMap"),
    ("X", "unexpected-token", 1, "use java.util.*"),
    ("C", "suffix", 2, "class public A\nfield public BBjWindow w\nclassend"),
    ("C", "suffix", 2, "class public A\nfield public BBjWindow w$\nclassend"),
    ("K", "suffix", 2, "class public A\nfield public BBjString n\nclassend"),
    ("K", "suffix", 1, "declare BBjNumber n$"),
    ("K", "suffix", 2, "class public A\nmethod public void go(BBjString n)\nmethodend\nclassend"),
    ("C", "duplicate-field", 3, "class public A\nfield public BBjString n$\nfield private BBjString n$\nclassend"),
    ("C", "auto-interface", 2, "use java.util.Map\ndeclare auto Map m!"),
    ("D", "return-type", 2, "class public A\nmethod public go()\nmethodend\nclassend"),
    ("X", "outside-method", 2, "class public A\nprint 1\nclassend"),
    ("X", "unexpected-token", 2, "class public A\nfield BBjString n$\nclassend"),
    ("X", "misplaced-field", 1, "field public BBjString n$"),
    # functions, data, input and output
    ("X", "function-name", 1, "def add(a,b)=a+b"),
    ("D", "own-line", 1, "lbl: def fna(x)=x"),
    ("X", "dim-as", 1, "dim x as integer"),
    ("X", "incomplete", 1, "dim x"),
    ("X", "dim-array", 1, "dim x(10)"),
    ("X", "dim-template", 1, 'dim r:"a:c(5)"'),
    ("X", "incomplete", 1, 'mkeyed "f"'),
    ("X", "unknown-option", 1, 'open(1,encoding="utf-8")"f"'),
    ("X", "incomplete", 1, "open(1)"),
    ("X", "too-many-values", 1, 'close(1)"f"'),
    ("X", "input-item", 1, "read(1)5"),
    ("X", "unexpected-token", 1, "print a b"),
    ("X", "unexpected-token", 1, "print a,,b"),
    ("X", "incomplete", 1, "rename a$"),
    ("X", "incomplete", 1, 'throw "x"'),
    ("X", "unexpected-token", 1, "select(1)r$ where x=1"),
    ("X", "unexpected-token", 1, 'open(1,"x")"f"'),
    ("X", "reserved-name", 1, "declare BBjNumber list"),
    ("X", "comment-form", 1, "x = 1 'done'"),
    ("X", "hex-string", 1, "table 00 0G"),
    ("X", "reserved-name", 1, "x = where(1)"),
    ("X", "unexpected-token", 1, "x! = cast(Foo, y!, 5)"),
    ("X", "unexpected-token", 1, "on x print 1"),
    ("X", "assignment-target", 1, 'for "x"=1 to 2'),
    ("X", "too-many-values", 1, "return 1,2"),
    ("X", "variable-expected", 1, "enter 5"),
    ("X", "incomplete", 1, "remove_callback"),
    ("X", "unexpected-token", 1, "process_events 5"),
    ("X", "unexpected-token", 1, "rename a$ to b$, 5"),
    ("X", "unexpected-token", 1, "if x; y=1"),
    ("X", "comment-form", 1, "if x rem y"),
    ("X", "else", 1, "print 1; else"),
    ("X", "else", 1, "if a then b=1 else c=1 else d=1"),
    ("X", "own-line", 1, "lbl: use java.util.Map"),
    ("X", "own-line", 1, "if x then class public A"),
    ("X", "bare-call", 1, "fnx(1)"),
    ("X", "unexpected-token", 1, "declare BBjString a$, b$"),
    ("X", "unexpected-token", 1, "next i, j"),
    ("X", "unexpected-token", 1, "while a, b"),
    ("C", "tokenised-program", 1, "<<bbj>>\x00\x01"),
    ("X", "too-deep", 1, "x = " + "(" * 10_000 + "1" + ")" * 10_000),
    ("X", "too-deep", 1, "x = " + "str(" * 10_000),
]


def errors(source: str) -> list[tuple[int, str]]:
    return [(found.line, found.code) for found in check_source(source) if found.severity == "error"]


@pytest.mark.parametrize(("evidence", "source"), ACCEPTED)
def test_a_program_the_compiler_takes_is_accepted(evidence: str, source: str) -> None:
    assert errors(source) == []


@pytest.mark.parametrize(("evidence", "code", "line", "source"), REJECTED)
def test_a_program_the_compiler_refuses_has_one_error_at_its_line(evidence: str, code: str, line: int, source: str) -> None:
    assert errors(source) == [(line, code)]


RESERVED = [
    "all", "argc", "begin", "callback", "case", "chn", "csoff", "cson", "ctl", "day", "dread", "dsz", "else", "endif",
    "err", "exitto", "fi", "fnend", "fnerr", "for", "from", "gosub", "goto", "if", "iol", "iolist", "let", "list",
    "load", "new", "on", "opts", "pfx", "process_events", "psz", "read_resource", "remove_callback", "restore", "rev",
    "seterr", "setesc", "sqlchn", "sqlunt", "ssn", "swend", "switch", "sys", "table", "tbl", "then", "tim", "unt",
    "until", "wend", "where", "while",
]  # fmt: skip


@pytest.mark.parametrize("word", RESERVED)
def test_a_reserved_word_is_no_numeric_variable_but_a_string_variable(word: str) -> None:
    assert errors(f"{word} = 1") == [(1, "reserved-name")]
    if word not in ("fnend", "fnerr"):
        assert errors(f'{word}$ = "x"\n{word}! = null()') == []


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        ("if x == 3 then y=1", "="),
        ("if (x) != 3 then y=1", "<>"),
        ('alert("x")', "x = msgbox(…)"),
        ("// x", "rem"),
        ("print 1 rem x", "; rem"),
        ("while a\nend while", "wend"),
        ("declare BBjString name", "name$"),
        ("if x then\nend if", "fi"),
    ],
)
def test_a_known_habit_of_another_language_comes_with_its_fix(source: str, fix: str) -> None:
    assert [found.fix for found in check_source(source) if found.severity == "error"] == [fix]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("x = 1\n  y == 2", (2, 5)),
        ('print "a",\n:"b" ~', (2, 6)),
        ("x = 1\r\ny = 2\r\nfoo(1)", (3, 1)),
        ("x = to\n:tal ++", (2, 6)),
        ("1020 print 1,\n1020:2 3", (2, 8)),
    ],
)
def test_a_diagnostic_stands_at_its_physical_line_and_column(source: str, place: tuple[int, int]) -> None:
    assert [(found.line, found.column) for found in check_source(source)] == [place]


def test_every_wrong_line_is_reported_once_and_the_lines_between_are_read() -> None:
    source = "foo(1)\nx = 1\ny == 2\ngoto nowhere\nz = (\nhere: goto here"
    assert errors(source) == [(1, "bare-call"), (3, "operator"), (4, "undefined-label"), (5, "incomplete")]


@pytest.mark.parametrize("source", ["x = 1 +\n2", "x!.go(a,\nb)", "x = 1 _\n+ 2", "if a and \nb then"])
def test_only_a_colon_in_column_one_continues_a_line(source: str) -> None:
    """Evidence: C."""
    assert [line for line, _ in errors(source)] == [1, 2]
    assert errors(source.replace("_", "").replace("\n", "\n:")) == []


def test_a_wrong_method_header_does_not_condemn_its_end() -> None:
    assert errors("class public A\nmethod public void go(\nx = 1\nmethodend\nclassend") == [(2, "incomplete")]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("for i=1 to 3", "unclosed-block"),
        ("if x then\ny=1", "unclosed-block"),
        ("next i", "stray-closer"),
        ("a:\na:", "duplicate-label"),
        ("class A\nclassend", "missing-access"),
        ("methodend", "stray-methodend"),
        ("map! = HashMap()", "unknown-function"),
    ],
)
def test_what_compiles_but_looks_wrong_is_only_a_hint(source: str, code: str) -> None:
    assert [(found.code, found.severity) for found in check_source(source)] == [(code, "hint")]


def test_a_rejected_line_has_no_hints() -> None:
    assert [found.code for found in check_source("x = foo(1) == 2")] == ["operator"]


def test_a_rejected_line_casts_no_doubt_on_the_blocks_around_it() -> None:
    assert [found.code for found in check_source("for i=1 to 3\nif x == 1 then\ny=1\nfi\nnext i")] == ["operator"]
    assert [found.code for found in check_source("if x then\nend if")] == ["end-if"]


def test_a_printed_value_behind_a_semicolon_says_what_ended_the_print() -> None:
    (found,) = check_source('print "a"; b$')
    assert "separated by ','" in found.message


def test_an_unknown_level_is_a_configuration_error() -> None:
    with pytest.raises(ConfigError, match="no level 'style'"):
        check_source("x = 1", "style")
