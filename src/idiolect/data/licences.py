"""Under which licence a program stands, by what it says itself or by the licence file of its source tree, as SPDX names it.

SPDX identifiers and expressions: SPDX specification 2.3, annexes A, D and E.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final

from idiolect.core.files import decode_source, os_failure

UNLISTED: Final = "LicenseRef-unlisted"
"""A licence that is there and has no name that is known here."""

_NAME: Final = r"\(*[A-Za-z0-9][A-Za-z0-9.+:-]*\)*"
_HEADER: Final = re.compile(rf"SPDX-License-Identifier:[ \t]*({_NAME}(?:[ \t]+(?:AND|OR|WITH)[ \t]+{_NAME})*)")
_HEAD: Final = 4096
"""Characters at the top in which a header is looked for."""
_FILES: Final = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[.-][\w.-]*)?", re.IGNORECASE)
_LARGEST: Final = 1_000_000
"""Bytes above which a file is no licence's text."""
_TEXTS: Final[tuple[tuple[str, str], ...]] = (
    ("AGPL-3.0-only", r"GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3\b"),
    ("LGPL-3.0-only", r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3\b"),
    ("LGPL-2.1-only", r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1\b"),
    ("GPL-3.0-only", r"GNU GENERAL PUBLIC LICENSE\s+Version 3\b"),
    ("GPL-2.0-only", r"GNU GENERAL PUBLIC LICENSE\s+Version 2\b"),
    ("Apache-2.0", r"Apache License,?\s+Version 2\.0\b"),
    ("MPL-2.0", r"Mozilla Public License,?\s+(?:Version|v\.?) ?2\.0\b"),
    ("EPL-2.0", r"Eclipse Public License\s+-?\s*v ?2\.0\b"),
    ("BSL-1.0", r"Boost Software License\s+-?\s*Version 1\.0\b"),
    ("CC0-1.0", r"CC0 1\.0 Universal"),
    ("Unlicense", r"This is free and unencumbered software released into the public domain"),
    ("MIT", r"Permission is hereby granted, free of charge, to any person obtaining a copy"),
    ("ISC", r"Permission to use, copy, modify, and(?:/or)? distribute this software for any purpose with or without fee"),
    ("BSD-3-Clause", r"Redistribution and use in source and binary forms[\s\S]*Neither the names? of"),
    ("BSD-2-Clause", r"Redistribution and use in source and binary forms"),
)
"""What only one licence's text says. The first that fits is it: the order tells the longer from the shorter."""


def licence_of(text: str) -> str | None:
    """What the program says at its top, e.g. `MIT` or `GPL-2.0-only OR MIT`; None when it says nothing."""
    found = _HEADER.search(text, 0, _HEAD)
    return found[1] if found else None


def licence_text(text: str) -> str:
    """The licence that a licence file holds; `LicenseRef-unlisted` for one whose text has no name here."""
    said = licence_of(text)
    if said is not None:
        return said
    plain = re.sub(r"[ \t]*\r?\n[ \t#*/;]*", "\n", text)
    for name, words in _TEXTS:
        if re.search(words.replace(" ", r"\s+"), plain, re.IGNORECASE):
            return name
    return UNLISTED


def tree_licences(root: Path) -> Callable[[Path], str | None]:
    """What tells the licence of a file of the tree `root`: that of the nearest folder above it that has a licence file, `root`
    the last that is looked at. Several licence files in one folder are joined with AND, because none says which file is whose.

    Raises:
        InfrastructureError: (the function that is returned) a folder or a licence file cannot be read.
    """

    @cache
    def of_folder(folder: Path) -> str | None:
        names = sorted({licence_text(decode_source(_bytes(file))) for file in _licence_files(folder)})
        if names:
            return " AND ".join(f"({name})" if len(names) > 1 and " " in name else name for name in names)
        return None if folder in (root, folder.parent) else of_folder(folder.parent)

    return lambda file: of_folder(file.parent)


def _licence_files(folder: Path) -> list[Path]:
    try:
        found = [each for each in folder.iterdir() if _FILES.fullmatch(each.name) and each.is_file()]
        return sorted(each for each in found if each.stat().st_size <= _LARGEST)
    except OSError as error:
        raise os_failure(error, folder, "read") from error


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise os_failure(error, file, "read") from error
