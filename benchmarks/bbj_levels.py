"""What the BBj levels say of programs in use: how many they reject, how much they can judge, and how long they take.

    python benchmarks/bbj_levels.py [FOLDER...]

A method call is judged when the class of its object and all methods of that class are known. The times are processor time a
program, without the verdict cache, after the table is read. Tokenised programs are left out.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from idiolect.core.files import decode_source, tree_files
from idiolect.packs.bbj.checker import LEVELS, check_source
from idiolect.packs.bbj.inference import API, TEXT, Inference, Type
from idiolect.packs.bbj.level_api import is_closed
from idiolect.packs.bbj.lexer import TOKENISED_MAGIC, lex
from idiolect.packs.bbj.outline import Outline, outline
from idiolect.packs.bbj.pack import BBjPack
from idiolect.packs.bbj.parser import Parser
from idiolect.packs.bbj.table import api_table
from idiolect.packs.bbj.trees import MEMBER_NODE, VARIABLE_NODE, Node, walk

PROGRAMS = Path(__file__).parent.parent / "examples/bbj/corpus"
"""What is measured when no folder is named."""


def main() -> None:
    """Measure and print the figures as JSON."""
    sources = list(read_programs(Path(folder) for folder in sys.argv[1:] or [PROGRAMS]))
    api_table()
    figures = {level: timed(sources, level) for level in LEVELS}
    print(json.dumps({"programs": len(sources), **figures, "method_calls": judged_calls(sources)}, indent=1))


def read_programs(folders: Iterable[Path]) -> Iterator[str]:
    """The text of every program under the folders, in the order of their paths."""
    suffixes = BBjPack().suffixes
    for folder in folders:
        for path in tree_files(folder):
            if path.suffix.lower() in suffixes and not any(part.startswith(".") for part in path.relative_to(folder).parts):
                source = decode_source(path.read_bytes())
                if not source.startswith(TOKENISED_MAGIC):
                    yield source


def timed(sources: Sequence[str], level: str) -> dict[str, float]:
    """Programs with an error, and milliseconds a program."""
    rejected = 0
    times: list[float] = []
    for source in sources:
        begun = time.process_time()
        found = check_source(source, level)
        times.append((time.process_time() - begun) * 1e3)
        rejected += any(diagnostic.severity == "error" for diagnostic in found)
    p95 = statistics.quantiles(times, n=20)[-1]
    return {"rejected": rejected, "median_ms": round(statistics.median(times), 2), "p95_ms": round(p95, 2)}


def judged_calls(sources: Sequence[str]) -> dict[str, int]:
    """Method calls on an object, by how the class of the object is known."""
    counts: Counter[str] = Counter()
    for source in sources:
        text = lex(source)
        parser = Parser(text)
        parser.run()
        roles = {name.token.start: name.role for name in parser.names}
        program = outline(text.lines, {line.first.start for line in parser.rejected}, roles, parser.assigned)
        counts.update(_calls(program))
    return dict(sorted(counts.items()))


def _calls(program: Outline) -> Iterator[str]:
    inference = Inference(program, api_table())
    closed = is_closed(program, inference)
    for passage in program.passages:
        for node in (node for outer in passage.nodes for node in walk(outer)):
            if node.kind == MEMBER_NODE and node.call and node.base is not None:
                found = None if _is_static(node.base) else inference.type_of(node.base, passage.scope)
                if found is not None and _is_known(found, inference):
                    yield "declared" if found.declared else "inferred"
                else:
                    yield "by name" if closed and found is None else "not judged"


def _is_static(base: Node) -> bool:
    return base.kind == VARIABLE_NODE and base.word[-1] not in "$%!"


def _is_known(found: Type, inference: Inference) -> bool:
    own = inference.own_class(found)
    if own is not None:
        return inference.members(own).whole
    return found.kind == TEXT or (found.kind == API and not api_table().is_open(found.name))


if __name__ == "__main__":
    main()
