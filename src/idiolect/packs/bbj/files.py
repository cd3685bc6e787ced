"""File verbs with a form of their own: RENAME and the keyed files. Rules: section 6 of the language facts."""

from __future__ import annotations

from idiolect.packs.bbj.cursor import Cursor
from idiolect.packs.bbj.data import index_bounds
from idiolect.packs.bbj.expressions import at_option, expression, option
from idiolect.packs.bbj.forms import trailing_options


def rename(c: Cursor) -> None:
    """`RENAME a TO b` or `RENAME a, b`."""
    c.i += 1
    expression(c)
    if not (c.skip("TO") or c.skip(",")):
        c.unexpected("TO or ',' after the first name")
    expression(c)
    trailing_options(c)


def keyed_file(c: Cursor) -> None:
    """MKEYED and its kin: a file, its keys by length or as `[f:off:len:flags]+…`, records and size."""
    verb = c.token.text
    c.i += 1
    expression(c)
    c.expect(",", f"after the file of {verb}")
    c.list_of(_keyed_item)


def _keyed_item(c: Cursor) -> None:
    if at_option(c):
        option(c)
    elif c.at("["):
        index_bounds(c)
        while c.skip("+"):
            index_bounds(c)
    else:
        expression(c)
