"""Programs in the order of who uses whom: a file stands before those that use it, as far as the language tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from idiolect.core.records import Document
from idiolect.packs.spec import LanguagePack, Linking

_UNIQUE: Final = 1
"""Files that may answer to a name that is not found beside its user: with more, nobody knows which is meant."""


def by_dependency(documents: Sequence[Document], pack: LanguagePack) -> list[Document]:
    """The documents, each used file before its first user, everything else in the order it had. Files that use one another in a
    ring stay in their order. A pack that does not tell what a program uses leaves all as it was."""
    if not isinstance(pack, Linking):
        return list(documents)
    used = _used(documents, pack)
    if not any(used.values()):
        return list(documents)
    order: list[int] = []
    state: dict[int, bool] = {}  # False: its own files are being looked at; True: it has its place
    for index in range(len(documents)):
        _place(index, used, state, order)
    return [documents[index] for index in order]


def _place(start: int, used: Mapping[int, Sequence[int]], state: dict[int, bool], order: list[int]) -> None:
    """Depth first, on a stack of its own: a chain of files may be longer than Python's."""
    if start in state:
        return
    state[start] = False
    stack = [(start, iter(used[start]))]
    while stack:
        index, rest = stack[-1]
        following = next((each for each in rest if each not in state), None)
        if following is None:
            stack.pop()
            state[index] = True
            order.append(index)
        else:
            state[following] = False
            stack.append((following, iter(used[following])))


def _used(documents: Sequence[Document], pack: Linking) -> dict[int, list[int]]:
    """Which documents each uses, by their place, in the order in which it names them."""
    places: dict[str, int] = {}
    by_name: dict[str, list[int]] = {}
    for index, document in enumerate(documents):
        path = _folded(document.provenance.file)
        places.setdefault(path, index)
        by_name.setdefault(PurePosixPath(path).name, []).append(index)
    found: dict[int, list[int]] = {}
    for index, document in enumerate(documents):
        user = PurePosixPath(_folded(document.provenance.file))
        targets = [_resolved(_folded(name), user, places, by_name, documents) for name in pack.uses(document.text)]
        found[index] = list(dict.fromkeys(each for each in targets if each is not None and each != index))
    return found


def _resolved(
    name: str, user: PurePosixPath, places: Mapping[str, int], by_name: Mapping[str, list[int]], documents: Sequence[Document]
) -> int | None:
    """The document that is meant: the one beside its user or at that path, else the only one whose path ends so."""
    parts = [part for part in PurePosixPath(name).parts if part not in ("/", ".", "..")]
    if not parts:
        return None
    tail = "/".join(parts)
    for path in (str(user.parent / tail), tail):
        if path in places:
            return places[path]
    ending = [each for each in by_name.get(parts[-1], ()) if f"/{_folded(documents[each].provenance.file)}".endswith(f"/{tail}")]
    return ending[0] if len(ending) == _UNIQUE else None


def _folded(path: str) -> str:
    """Shops write paths for Windows, in any case."""
    return path.replace("\\", "/").lower()
