"""In which order programs stand that use one another."""

from __future__ import annotations

from idiolect.core.records import Document, Provenance
from idiolect.data.dependencies import by_dependency
from idiolect.packs.registry import get_pack
from idiolect.packs.spec import LanguagePack


def ordered(pack: LanguagePack, **files: str) -> list[str]:
    """Names of programs in their new order; `_` in a name is a folder's `/`."""
    documents = [Document(f"{text}\n", Provenance(f"shop/{name.replace('_', '/')}.bbj")) for name, text in files.items()]
    return [d.provenance.file.removeprefix("shop/").removesuffix(".bbj") for d in by_dependency(documents, pack)]


def test_a_used_file_stands_before_its_user_and_the_rest_where_it_was(pack: LanguagePack) -> None:
    order = ordered(
        pack,
        a="print 1",
        b="use ::lib/Tax.bbj::Tax\ntax! = new Tax()",
        c="print 3",
        lib_base="class public Base\nclassend",
        lib_tax="use ::base.bbj::Base\nclass public Tax extends Base\nclassend",
    )
    assert order == ["a", "lib/base", "lib/tax", "b", "c"]


def test_a_class_named_without_use_counts_and_a_comment_does_not(pack: LanguagePack) -> None:
    assert ordered(pack, a="x! = new ::z.bbj::Z()", b="rem use ::y.bbj::Y", y="print 2", z="print 1") == ["z", "a", "b", "y"]


def test_a_ring_keeps_its_order_and_a_long_chain_is_no_trouble(pack: LanguagePack) -> None:
    assert ordered(pack, a="use ::b.bbj::B", b="use ::a.bbj::A", c="use ::c.bbj::C") == ["b", "a", "c"]
    chain = {f"n{i}": f"use ::n{i + 1}.bbj::N" for i in range(3000)}
    assert ordered(pack, **chain) == list(reversed(chain))


def test_a_name_that_two_files_answer_to_is_nobodys(pack: LanguagePack) -> None:
    assert ordered(pack, a="use ::tax.bbj::T", x_tax="print 1", y_tax="print 2") == ["a", "x/tax", "y/tax"]
    assert ordered(pack, a="use ::y\\TAX.bbj::T", x_tax="print 1", y_tax="print 2") == ["y/tax", "a", "x/tax"]


def test_a_pack_that_does_not_tell_leaves_all_as_it_was() -> None:
    assert ordered(get_pack("cobol"), a="use ::b.bbj::B", b="print 1") == ["a", "b"]
