from idiolect.packs.conformance import conformance
from idiolect.packs.registry import get_pack


def test_the_pack_keeps_what_every_pack_must_keep() -> None:
    broken = [found for found in conformance("@NAME@", get_pack("@NAME@"), checks=100) if found.kept is False]
    assert broken == []
