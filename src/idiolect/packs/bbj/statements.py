"""The table of verbs: how each statement with a verb is read. A statement without one is an assignment or a call.

Source: section 6 of the language facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from idiolect.packs.bbj.assignment import assignment_or_call, let
from idiolect.packs.bbj.channels import (
    channel_then_values,
    input_statement,
    item_list,
    optional_channel,
    print_statement,
    select,
)
from idiolect.packs.bbj.cursor import Cursor, Statement
from idiolect.packs.bbj.data import clear, dim, field_verb, restore, table
from idiolect.packs.bbj.files import keyed_file, rename
from idiolect.packs.bbj.flow import (
    callback,
    case,
    define_function,
    end,
    for_loop,
    line_target,
    next_loop,
    on_branch,
    trap,
)
from idiolect.packs.bbj.forms import in_parentheses, nothing, one_value, options_only, values, variables
from idiolect.packs.bbj.lexer import NAME


def _table() -> Mapping[str, Statement]:
    found: dict[str, Statement] = {}

    def add(words: str, statement: Statement) -> None:
        found.update(dict.fromkeys(words.split(), statement))

    add("BREAK CONTINUE WEND REPEAT SWEND RETRY ESCAPE STOP BYE FNEND ENDTRACE FLOATINGPOINT CSON CSOFF", nothing)
    add("END", end)
    add("LET", let)
    add("GOTO GOSUB EXITTO", line_target)
    add("SETERR SETESC", trap)
    add("ON", on_branch)
    add("FOR", for_loop)
    add("NEXT", next_loop)
    add("WHILE UNTIL SWITCH FNERR", one_value)
    add("WAIT EXECUTE ADDR DROP BACKGROUND SETDAY SETTIME SETTERM SETOPTS", values(1))
    add("EXIT RELEASE RETURN METHODRET", values(0, 1))
    add("CASE", case)
    add("THROW", values(2, 2))
    add("DIM", dim)
    add("REDIM DREAD", variables(1))
    add("ENTER", variables(0))
    add("CLEAR BEGIN", clear)
    add("DATA", values(1))
    add("PRECISION", values(1, 2))
    add("RESTORE", restore)
    add("IOLIST", item_list)
    add("TABLE", table)
    add("FIELD", field_verb)
    add("DEF", define_function)
    add("PRINT WRITE PRINTRECORD WRITERECORD INPUTE INPUTN ?", print_statement)
    add("READ INPUT EXTRACT FIND READRECORD INPUTRECORD EXTRACTRECORD FINDRECORD", input_statement)
    add("OPEN JOPEN SQLOPEN SQLPREP", channel_then_values(1, 1))
    add("CLOSE LOCK UNLOCK REMOVE SQLCLOSE SQLCOMMIT SQLROLLBACK", channel_then_values(0, 0))
    add("SQLEXEC SQLSET CHANOPT", channel_then_values(0))
    add("DUMP SETTRACE", optional_channel)
    add("SELECT", select)
    add("ERASE INITFILE STRING SERIAL INDEXED DIRECT SORT FILE XFILE FILEOPT FULLTEXT PROGRAM MKDIR RMDIR CHDIR", values(1))
    add("CALL XCALL", values(1))
    add("SETDRIVE PREFIX CISAM JERASE RUN LOAD SAVE SAVEP START DELETE LIST EDIT DENUM CLEARP UPDATELIC MERGE", values(0))
    add("RENUM RESCLOSE RESERVE RESET TCLOSE TCOMMIT TROLLBACK DISABLE ENABLE AUTO", values(0))
    add("CLIPCLEAR CLIPFROMFILE CLIPFROMSTR CLIPLOCK CLIPTOFILE CLIPUNLOCK", values(0))
    add("RENAME", rename)
    add("MKEYED VKEYED XKEYED JKEYED", keyed_file)
    add("CALLBACK", callback)
    add("REMOVE_CALLBACK READ_RESOURCE LCHECKIN", in_parentheses)
    add("PROCESS_EVENTS", options_only)
    return found


VERBS: Final = _table()


def find_verb(c: Cursor) -> Statement:
    """The reader of the statement at hand: by its verb, or an assignment or a call when the verb is used as a name."""
    token = c.token
    verb = VERBS.get(token.word)
    if verb is None or (token.kind == NAME and c.following.word in ("=", ".", "[")):
        return assignment_or_call
    return verb
