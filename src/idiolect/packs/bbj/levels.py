"""The levels `types` and `api` over one parsed program: which rule looks at which expression.

Both need the same outline and the same inference, so one pass finds everything and each finding names its level.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from idiolect.packs.bbj.cursor import MAX_FINDINGS, Fault
from idiolect.packs.bbj.inference import Inference
from idiolect.packs.bbj.level_api import is_closed, joined, member, unknown_functions
from idiolect.packs.bbj.level_types import assignment, method_return, own_member, unknown_types
from idiolect.packs.bbj.members import API_LEVEL, TYPES_LEVEL, Advisor, Context, Finding
from idiolect.packs.bbj.outline import Passage, outline
from idiolect.packs.bbj.parser import Parser
from idiolect.packs.bbj.scopes import MAX_JUDGED
from idiolect.packs.bbj.table import api_table
from idiolect.packs.bbj.trees import ASSIGNMENT_NODE, MEMBER_NODE, OPERATION_NODE, OWN_NODE, walk


def faults_of_level(parser: Parser, level: str) -> list[Fault]:
    """What `level` adds to the parser's own faults. The parser must have run and read what is TYPED; a line it rejected is not
    judged again. A program with more than MAX_JUDGED tokens in such lines gets one hint instead.
    """
    if parser.judged > MAX_JUDGED:
        return [_too_large(parser.lines[-1].first.start, level)]
    wanted = (TYPES_LEVEL,) if level == TYPES_LEVEL else (TYPES_LEVEL, API_LEVEL)
    found = (finding.fault for finding in _findings(parser, level) if finding.level in wanted)
    faults = list(islice(found, MAX_FINDINGS + 1))
    if len(faults) > MAX_FINDINGS:
        faults[-1] = Fault(faults[-1].start, "too-many-errors", "the rest of the program is not judged")
    return faults


def _findings(parser: Parser, level: str) -> Iterator[Finding]:
    table = api_table()
    roles = {name.token.start: name.role for name in parser.names}
    program = outline(parser.lines, {line.first.start for line in parser.rejected}, roles, parser.assigned)
    inference = Inference(program, table)
    asked = Context(inference, table, Advisor(table), is_closed(program, inference))
    yield from unknown_types(program, asked)
    for passage in program.passages:
        yield from _passage(passage, asked)
    if level == API_LEVEL:
        yield from unknown_functions(parser.names, parser.faults, parser.lines, asked)


def _too_large(start: int, level: str) -> Fault:
    message = f"level {level} judges programs of up to {MAX_JUDGED} tokens: from here on, and before, only the syntax was checked"
    return Fault(start, "too-large", message, None, "hint")


def _passage(passage: Passage, asked: Context) -> Iterator[Finding]:
    scope = passage.scope
    if passage.returns and len(passage.nodes) == 1:
        yield from method_return(passage.nodes[0], scope, asked)
    for outer in passage.nodes:
        for node in walk(outer):
            kind = node.kind
            if kind == MEMBER_NODE:
                yield from member(node, scope, asked)
            elif kind == OWN_NODE:
                yield from own_member(node, scope, asked)
            elif kind == OPERATION_NODE:
                yield from joined(node, scope, asked)
            elif kind == ASSIGNMENT_NODE:
                yield from assignment(node.parts[0], node.parts[1], scope, asked)
