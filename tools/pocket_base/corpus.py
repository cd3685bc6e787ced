"""The pocket base's corpus: Python source and documentation that a Python installation carries.

Only distributions whose metadata names a permissive licence are read, plus the standard library (PSF). Files are deduplicated by
content, generated and vendored code is left out, and so is every file that mentions BBj or another BASIC: the base must not have
seen the language it is going to learn.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import re
import sysconfig
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HELD_OUT = frozenset(
    {
        "requests",
        "werkzeug",
        "humanize",
        "tabulate",
        "sortedcontainers",
        "portalocker",
        "aiofiles",
        "imageio",
        "markdown",
        "formulaic",
    }
)
"""Distributions never trained on: bits per byte and FIM are measured on them."""

PERMISSIVE = re.compile(r"\b(MIT|BSD|Apache|PSF|Python Software Foundation|ISC|Unlicense|0BSD|Zlib|HPND)\b", re.IGNORECASE)
RESTRICTED = re.compile(r"GPL|Proprietary|NVIDIA|Mozilla|MPL|EUPL|Commercial|CC-BY", re.IGNORECASE)
BASIC = re.compile(r"\bbbj|bbx\b|business basic|visual pro/5|\bgosub\b|\bwend\b|basiclexer|qbasic", re.IGNORECASE)
SKIP_PARTS = frozenset(
    {"_vendor", "vendor", "vendored", "third_party", "_vendored_packages", "node_modules", "lib2to3", "idlelib", "__pycache__"}
)
MAX_FILE = 200_000


@dataclass(frozen=True)
class Package:
    """One distribution: what the model card lists."""

    name: str
    version: str
    licence: str
    files: int
    bytes: int
    held_out: bool


@dataclass(frozen=True)
class Source:
    """One text: a Python module or a documentation file."""

    package: str
    path: str
    text: str


def licence_of(dist: importlib.metadata.Distribution) -> str:
    """The licence a distribution declares: SPDX expression, else classifiers, else the first line of the old field."""
    meta = dist.metadata
    expression = meta.get("License-Expression")
    if expression:
        return expression
    classifiers = [c.split("::")[-1].strip() for c in meta.get_all("Classifier") or [] if c.startswith("License ::")]
    if classifiers:
        return "; ".join(classifiers)
    return (meta.get("License") or "").strip().splitlines()[0][:80] if meta.get("License") else ""


def is_permissive(licence: str) -> bool:
    """True when a permissive licence is named and no restricted one is."""
    return bool(PERMISSIVE.search(licence)) and not RESTRICTED.search(licence)


def collect() -> tuple[list[Source], list[Package]]:
    """All texts of this installation, in a stable order, and the packages they come from."""
    seen: set[bytes] = set()
    sources: list[Source] = []
    packages: list[Package] = []
    with ProcessPoolExecutor() as pool:
        for name, version, licence, files in _origins():
            texts = list(_texts(files, seen))
            wanted = pool.map(_wanted, texts, chunksize=32)
            kept = [Source(name, path, text) for (path, text), keep in zip(texts, wanted, strict=True) if keep]
            if not kept:
                continue
            size = sum(len(s.text.encode()) for s in kept)
            packages.append(Package(name, version, licence, len(kept), size, name in HELD_OUT))
            sources.extend(kept)
    return sources, packages


def _origins() -> Iterator[tuple[str, str, str, list[tuple[str, Path]]]]:
    stdlib = Path(sysconfig.get_paths()["stdlib"])
    files = [
        (str(p.relative_to(stdlib)), p)
        for p in sorted(stdlib.rglob("*.py"))
        if "site-packages" not in p.parts and "dist-packages" not in p.parts
    ]
    yield "python", sysconfig.get_python_version(), "PSF-2.0", files
    dists = {(d.metadata["Name"] or "").lower(): d for d in importlib.metadata.distributions()}
    for name in sorted(dists):
        dist, licence = dists[name], licence_of(dists[name])
        if name and name not in {"pip", "setuptools", "idiolect"} and is_permissive(licence):
            listed = [(str(f), Path(str(dist.locate_file(f)))) for f in dist.files or [] if f.suffix in {".py", ".rst", ".md"}]
            yield name, dist.version, licence, sorted(listed)


def _texts(files: list[tuple[str, Path]], seen: set[bytes]) -> Iterator[tuple[str, str]]:
    for path, file in files:
        if SKIP_PARTS & set(Path(path).parts) or not file.is_file() or file.stat().st_size > MAX_FILE:
            continue
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        digest = hashlib.sha256(" ".join(text.split()).encode()).digest()
        if digest in seen:
            continue
        seen.add(digest)
        yield path, text.replace("\r\n", "\n")


def _wanted(item: tuple[str, str]) -> bool:
    """Whether a text is human-written prose or Python: no BASIC, no tables of numbers, and it parses."""
    path, text = item
    letters = sum(c.isalpha() or c.isspace() for c in text)
    if len(text) < 200 or letters < 0.6 * len(text) or max(map(len, text.splitlines() or [""])) > 400 or BASIC.search(text):
        return False
    if not path.endswith(".py"):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
