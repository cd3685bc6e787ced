"""Under which licence a program stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from idiolect.data.licences import UNLISTED, licence_of, licence_text, tree_licences
from idiolect.data.sources import read_corpus
from idiolect.packs.spec import LanguagePack

MakeFolder = Callable[[dict[str, str | bytes]], Path]
MIT = "MIT License\n\n(c) A Shop\n\nPermission is hereby granted, free\nof charge, to any person obtaining a copy\n"
BSD = "Redistribution and use in source and binary forms, with or without\nmodification, are permitted\n"


@pytest.mark.parametrize(
    ("head", "licence"),
    [
        ("rem SPDX-License-Identifier: MIT", "MIT"),
        ("rem SPDX-License-Identifier: GPL-2.0-only OR MIT", "GPL-2.0-only OR MIT"),
        ("/* SPDX-License-Identifier: (MIT AND ISC) OR 0BSD */", "(MIT AND ISC) OR 0BSD"),
        ("rem SPDX-License-Identifier: GPL-2.0-or-later WITH Classpath-exception-2.0", None),
        ("rem Licensed as the owner likes", ""),
        ("print 1\n" * 1000 + "rem SPDX-License-Identifier: MIT", ""),
    ],
)
def test_a_header_at_the_top_says_it(head: str, licence: str | None) -> None:
    expected = head.partition(": ")[2] if licence is None else licence or None
    assert licence_of(head + "\nprint 1\n") == expected


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        (MIT, "MIT"),
        (BSD, "BSD-2-Clause"),
        (BSD + "Neither the name of the copyright holder\n", "BSD-3-Clause"),
        ("                    GNU GENERAL PUBLIC LICENSE\n                       Version 3, 29 June 2007\n", "GPL-3.0-only"),
        ("        GNU LESSER GENERAL PUBLIC LICENSE\n           Version 3, 29 June 2007\n", "LGPL-3.0-only"),
        ("                                 Apache License\n                           Version 2.0, January 2004\n", "Apache-2.0"),
        ("SPDX-License-Identifier: EUPL-1.2\n", "EUPL-1.2"),
        ("All rights are with the shop.\n", UNLISTED),
    ],
)
def test_a_licence_file_is_known_by_its_text(text: str, licence: str) -> None:
    assert licence_text(text) == licence


def test_the_nearest_licence_file_of_the_tree_counts_and_none_above_it(folder: MakeFolder) -> None:
    root = folder({
        "LICENSE": MIT,
        "tree/COPYING.txt": BSD,
        "tree/a/b/x.bbj": "end",
        "tree/own/LICENCE.md": MIT,
        "tree/own/LICENSE-OTHER": BSD,
        "bare/x.bbj": "end",
    })  # fmt: skip
    tree, bare = root / "tree", root / "bare"
    assert tree_licences(tree)(tree / "a" / "b" / "x.bbj") == "BSD-2-Clause"
    assert tree_licences(tree)(tree / "own" / "x.bbj") == "BSD-2-Clause AND MIT"
    assert tree_licences(bare)(bare / "x.bbj") is None


def test_the_corpus_carries_it_and_a_files_own_word_goes_first(folder: MakeFolder, pack: LanguagePack) -> None:
    root = folder({
        "corpus/LICENSE": MIT,
        "corpus/a.bbj": "print 1\n",
        "corpus/b.bbj": "rem SPDX-License-Identifier: ISC\nprint 2\n",
        "c.bbj": "print 3\n",
    })  # fmt: skip
    documents = read_corpus(["corpus", "c.bbj", "corpus/a.bbj"], pack, root)
    assert [(d.provenance.file, d.provenance.licence) for d in documents] == [
        ("corpus/a.bbj", "MIT"),
        ("corpus/b.bbj", "ISC"),
        ("c.bbj", None),
    ]
    assert [type(d).from_json(d.to_json()) for d in documents] == list(documents)
    assert "licence" not in documents[2].to_json()["provenance"], "a record without one has the bytes it always had"
