"""The table of checks in docs/reference/audit.md, made from the registry.

python tools/audit_reference.py          # writes it into the page
python tools/audit_reference.py --check  # exit code 1 when the page says something else
"""

from __future__ import annotations

import argparse
import sys
import textwrap
from pathlib import Path

from idiolect.data.audit.checks import CHECKS, Check

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "audit.md"
NEEDS = {
    "validator": "a validator",
    "levels": "a validator of several levels",
    "tokenizer": "`--base`",
    "suite": "`--suite`",
    "split": "a split",
}
BEGIN, END = "<!-- checks: python tools/audit_reference.py -->\n", "<!-- end of the checks -->\n"


def main() -> None:
    """Write the table, or compare it."""
    parser = argparse.ArgumentParser(description="The table of checks in docs/reference/audit.md.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    old = PAGE.read_text(encoding="utf-8")
    new = with_table(old)
    if options.check:
        sys.exit(old != new)
    PAGE.write_text(new, encoding="utf-8")


def with_table(page: str) -> str:
    """The page with the table as the registry has it."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


def table() -> str:
    """One section a check."""
    return "\n".join(_section(check) for check in CHECKS)


def _section(check: Check) -> str:
    kind = (
        check.severity + (", groups records" if check.groups else "") + (f", needs {NEEDS[check.needs]}" if check.needs else "")
    )
    fixer = f"`clean`: {check.fixer}." if check.fixer else "`clean` leaves it alone."
    text = textwrap.fill(f"{check.finds} {check.why} {fixer}", 130, break_on_hyphens=False, break_long_words=False)
    return f"### `{check.id}` ({kind})\n\n{text}\nSource: {check.source}\n"


if __name__ == "__main__":
    main()
