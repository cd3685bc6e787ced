"""The file that says which side every example of a dataset is on. It belongs to the dataset: keep it, and commit it beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args

from idiolect.core.errors import DataError
from idiolect.core.files import os_failure

Side = Literal["train", "validation", "test"]
SIDES: Final[tuple[Side, ...]] = get_args(Side)
HELD_BACK: Final[tuple[Side, ...]] = ("validation", "test")

SPLIT: Final = "split.json"
"""The file's name in the folder of a dataset."""
VERSION: Final = 1
_REMEMBERED: Final = 100


@dataclass(frozen=True, slots=True)
class Member:
    """Where one record is."""

    cluster: str
    """The id of the oldest member of its cluster."""
    side: Side


@dataclass(frozen=True, slots=True)
class Frozen:
    """Every record that ever had a side, by its id; also those that are no longer there, in case they come back."""

    members: Mapping[str, Member] = field(default_factory=dict[str, Member])

    def to_text(self, made: Mapping[str, str] | None = None) -> str:
        """The file: one member a line, ordered by id, so that a difference shows what is new.

        Args:
            made: what has been divided so far: digests of inputs, each with the digest of the file that was continued (empty
                where there was none), by which a run recognises its own result. The last hundred are kept. A dataset's own file
                says nothing of it: equal datasets have equal files.
        """
        lines = [f'  "{id}": ["{member.cluster}", "{member.side}"]' for id, member in sorted(self.members.items())]
        head = (
            f'{{"version": {VERSION},\n "made": {json.dumps(dict(list((made or {}).items())[-_REMEMBERED:]))},\n "members": {{\n'
        )
        return head + ",\n".join(lines) + "\n}}\n"


def read_frozen(file: Path) -> Frozen:
    """Read the file; one that is not there says nothing.

    Raises:
        DataError: it is no such file.
        InfrastructureError: it cannot be read.
    """
    tree = _tree(file)
    if tree is None:
        return Frozen()
    members: dict[str, Member] = {}
    for id, entry in cast("dict[str, Any]", tree["members"]).items():
        match entry:
            case [str(cluster), "train" | "validation" | "test" as side]:
                members[id] = Member(cluster, side)
            case _:
                raise _damaged(file, f"{id!r} has no cluster and side")
    return Frozen(members)


def made_from(file: Path) -> Mapping[str, str]:
    """What the file says has been divided; empty where there is none. Raises as `read_frozen`."""
    tree = _tree(file)
    made: Any = {} if tree is None else tree.get("made", {})
    return cast("Mapping[str, str]", made) if isinstance(made, dict) else {}


def _tree(file: Path) -> dict[str, Any] | None:
    try:
        tree: Any = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise os_failure(error, file, "read") from error
    except (ValueError, RecursionError):
        raise _damaged(file, "it is not valid JSON") from None
    if not isinstance(tree, dict):
        raise _damaged(file, "it is no object")
    found = cast("dict[str, Any]", tree)
    if found.get("version") != VERSION or not isinstance(found.get("members"), dict):
        raise _damaged(file, "it is not of this release")
    return found


def _damaged(file: Path, why: str) -> DataError:
    return DataError(
        f"the frozen split cannot be read: {why}",
        file=file,
        expected=f"what idiolect wrote there: version {VERSION}, members by id with their cluster and side",
        hint="bring back the file from version control; without it, delete it and the next run divides everything anew",
    )
