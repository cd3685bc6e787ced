"""What stands in a message: the programs in its fences, each under its name if it has one, and the text before and after them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from idiolect.data.lesson import SourceFile
from idiolect.packs.spec import LanguagePack

_FENCE: Final = re.compile(
    r"^(?:`(?P<name>[^`\n]+)`:\n\n)?(?P<mark>`{3,}|~{3,})(?P<tag>[^\s`]*)[ \t]*\n(?P<text>.*?)^(?P=mark)[ \t]*$\n*",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A message taken apart: text, then programs with nothing between them, then text."""

    whole: str
    before: str = ""
    files: tuple[SourceFile, ...] = ()
    """The programs; one without a name, or several with names. None where the message does not have this form."""
    after: str = ""
    problem: str = ""
    """Why it does not have this form, where it has fences."""

    @property
    def is_program(self) -> bool:
        """Nothing but programs."""
        return bool(self.files) and not self.before and not self.after

    @property
    def begins_with_program(self) -> bool:
        """Programs, then text."""
        return bool(self.files) and not self.before and bool(self.after)

    @property
    def ends_with_program(self) -> bool:
        """Text, then programs."""
        return bool(self.files) and bool(self.before) and not self.after


def parts_of(text: str, pack: LanguagePack) -> Parts:
    """Take a message apart."""
    found = list(_FENCE.finditer(text))
    if not found:
        return Parts(text, problem="a fence is not closed" if re.search(r"^(```|~~~)", text, re.MULTILINE) else "")
    if any(one.end() != other.start() for one, other in pairwise(found)):
        return Parts(text, problem="text stands between the programs")
    names = [each["name"] for each in found]
    if len(found) > 1 and (None in names or len(set(names)) < len(names)):
        return Parts(text, problem=f"there are {len(found)} programs without a name of their own")
    files = tuple(SourceFile(each["name"] or "", each["text"].strip("\n"), each["tag"]) for each in found)
    if not any(each.tag == pack.fence for each in files):
        said = found[0]["tag"]
        return Parts(text, problem=f"the fence is tagged {said}, not {pack.fence}" if said else "the fence has no tag")
    return Parts(text, text[: found[0].start()].strip(), files, text[found[-1].end() :].strip())
