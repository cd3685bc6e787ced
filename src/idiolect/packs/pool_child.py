"""A process of the pool: reads a pickled validator, level and sources from stdin, writes the pickled verdicts to stdout.

Both ends are this package; nothing from outside is ever unpickled.
"""

from __future__ import annotations

import pickle
import sys


def main() -> None:
    """Judge what is asked, and end."""
    validator, level, sources = pickle.load(sys.stdin.buffer)
    pickle.dump(validator.check(sources, level), sys.stdout.buffer)


if __name__ == "__main__":
    main()
