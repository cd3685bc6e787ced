"""The vocabulary of BBj at the syntax level. Source of every table: sections 3, 5 and 6 of the language facts."""

from __future__ import annotations

from typing import Final


def words(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


SUFFIXES: Final = "$%!"

RESERVED: Final = words(
    """
    ALL ARGC BEGIN CALLBACK CASE CHN CSOFF CSON CTL DAY DREAD DSZ ELSE ENDIF ERR EXITTO FI FNEND FNERR FOR FROM GOSUB GOTO
    IF IOL IOLIST LET LIST LOAD NEW ON OPTS PFX PROCESS_EVENTS PSZ READ_RESOURCE REMOVE_CALLBACK RESTORE REV SETERR SETESC
    SQLCHN SQLUNT SSN SWEND SWITCH SYS TABLE TBL THEN TIM UNT UNTIL WEND WHERE WHILE FNEND$ FNERR$ FNEND! FNERR!
    """
)
"""Words that cannot be a variable. Every other word may be one, by position: `print=7` assigns."""

SYSTEM_VARIABLES: Final = words("ARGC CHN CTL DAY DSZ ERR OPTS PFX PSZ REV SQLCHN SQLUNT SSN SYS TIM UNT")
"""Reserved words that may be read without parentheses."""

OBJECT_FUNCTIONS: Final = frozenset(("BBJAPI", "CAST", "NULL"))
"""Functions that return an object: a `.` may follow their result."""

MASKING_FUNCTIONS: Final = frozenset(("STR", "DATE"))
"""Functions whose argument may carry a mask: `str(x:"##0")`, `date(0:"%Yd-%Mz-%Dz")`. Source of DATE: programs in use."""

FUNCTIONS: Final = OBJECT_FUNCTIONS | words(
    """
    ABS ADJN AND ARGV ASC ATH ATN BIN BSZ CHANOPT CHR CLIENTENV CLIPISFORMAT CLIPREGFORMAT CLIPTOSTR COS CPL CRC CRC16
    CTRL CVS CVT DATE DEC DECRYPT DIMS DIR DSK ENCRYPT ENV EPT ERR ERRMES EVAL FATTR FBIN FDEC FID FIELD FILEOPEN FILEOPT
    FILESAVE FILL FIN FPT GAP HSA HSH HTA IFF IND INFO INT IOR JUL KEY KEYF KEYL KEYN KEYP KEYR KGEN LCHECKOUT LEN
    LEVENSHTEIN LINFO LOG LRC LST MASK MAX MENUINFO MIN MOD MSGBOX NEVAL NFIELD NOT NOTICE NOTICETPL NUM PAD PCK PGM POS
    PROMPT PUB RESFIRST RESGET RESINFO RESNEXT RESOPEN RND ROUND SCALL SENDMSG SERVERENV SEVAL SGN SIN SQLERR SQLFETCH
    SQLLIST SQLTABLES SQLTMPL SQR SSORT SSZ STBL STR SWAP TBL TCB TIME TMPL TOPEN TSK UPK WINFIRST WININFO WINNEXT XFID
    XFIN XKGEN XOR XSSORT
    """
)
"""Built-in functions: a numeric name before `(` is one of these, or `FN…`. Source: the API listing; of EVAL, programs in use."""

SYMBOLIC_LABELS: Final = words("NEXT SAME RETRY BREAK CONTINUE PROCEED ESCAPE RETURN STOP END EXIT ENDIF")
"""`*NEXT` and its kin: line references that need no label."""

LINE_OPTIONS: Final = frozenset(("ERR", "END", "DOM"))
"""Options whose value is a line reference."""

OPTIONS: Final = LINE_OPTIONS | words("IND KEY KNUM DIR SIZ TIM LEN TBL ISZ MODE IOL")
"""Every option of a channel or an argument list."""

ACCESS: Final = frozenset(("PUBLIC", "PRIVATE", "PROTECTED"))

TYPE_SUFFIXES: Final = {"BBJNUMBER": ("", "!"), "BBJSTRING": ("$", "!"), "BBJINT": ("%", "!")}
"""Suffixes a variable of a type may have; every type that is not here is an object and needs `!`."""

JAVA_INTERFACES: Final = words(
    """
    JAVA.UTIL.COLLECTION JAVA.UTIL.COMPARATOR JAVA.UTIL.DEQUE JAVA.UTIL.ENUMERATION JAVA.UTIL.ITERATOR JAVA.UTIL.LIST
    JAVA.UTIL.LISTITERATOR JAVA.UTIL.MAP JAVA.UTIL.MAP.ENTRY JAVA.UTIL.NAVIGABLEMAP JAVA.UTIL.QUEUE JAVA.UTIL.SET
    JAVA.UTIL.SORTEDMAP JAVA.UTIL.SORTEDSET JAVA.LANG.CHARSEQUENCE JAVA.LANG.COMPARABLE JAVA.LANG.ITERABLE
    JAVA.LANG.RUNNABLE JAVA.SQL.CONNECTION JAVA.SQL.PREPAREDSTATEMENT JAVA.SQL.RESULTSET JAVA.SQL.STATEMENT
    """
)
"""Interfaces `DECLARE AUTO` is known to refuse: the common ones of the JDK."""

FOREIGN_SOURCES: Final = words(
    """
    ENTER CALL XCALL EXECUTE GETNAMESPACE GETGLOBALNAMESPACE GETGROUPNAMESPACE GETNEWNAMESPACE GETEXISTINGNAMESPACE
    GETOBJECTTABLE GETUSERPROPERTIES GETCLIENTPROPERTY GETOBJECT GETNEWVALUE GETOLDVALUE GETSERVLETDATA GETSESSION
    """
)
"""Words with which an object of another program, and so of any class, can come into this one."""
