"""Small changes that most validators reject."""

from __future__ import annotations

from itertools import islice
from random import Random

import pytest

from idiolect.packs.registry import get_pack
from idiolect.packs.slips import Slips, slips_of


@pytest.mark.parametrize("name", ["bbj", "cobol"])
def test_slips_change_one_place_and_come_in_the_order_of_the_seed(name: str) -> None:
    pack = get_pack(name)
    source = pack.samples.right
    found = list(islice(slips_of(source, pack, Random(1)), 12))
    assert found == list(islice(slips_of(source, pack, Random(1)), 12))
    assert found != list(islice(slips_of(source, pack, Random(2)), 12))
    assert all(slip.source != source for slip in found)
    assert len({slip.kind for slip in found}) > 1


def test_a_pack_with_slips_of_its_own_gives_those() -> None:
    pack = get_pack("bbj")
    assert isinstance(pack, Slips)
    found = list(slips_of(pack.samples.right, pack, Random(0)))
    verdicts = pack.validator().check([slip.source for slip in found], "syntax")
    assert len(found) > 10
    assert not any(verdict.ok for verdict in verdicts)
    assert len({slip.kind for slip in found}) == len(found)


def test_a_pack_without_them_loses_a_line_or_a_mark() -> None:
    pack = get_pack("cobol")
    assert not isinstance(pack, Slips)
    found = {slip.source: slip.kind for slip in slips_of('       DISPLAY "A".\n\n       STOP RUN.\n', pack, Random(0))}
    assert found["       \n\n       STOP RUN.\n"] == "drop-line"
    assert found['       DISPLAY "A"\n\n       STOP RUN.\n'] == "drop-mark"
    assert len(found) == 6
