"""The API table: what the data promises and how it is asked."""

from __future__ import annotations

import json
from importlib.resources import files

from idiolect.core.records import sha256_text
from idiolect.packs.bbj.checker import VERSION
from idiolect.packs.bbj.table import api_table

DATA = ("4", "156fbf52109d")
"""The checker's version and the beginning of the data's hash. When the data changes a verdict may: raise the version."""


def read(name: str) -> str:
    return files("idiolect.packs.bbj").joinpath(name).read_text(encoding="utf-8")


def test_the_version_of_the_checker_is_raised_with_the_data() -> None:
    assert (VERSION, sha256_text(read("api.json") + read("api_types.json"))[:12]) == DATA


def test_the_table_is_read_once() -> None:
    assert api_table() is api_table()


def test_every_parent_is_in_the_table() -> None:
    table = api_table()
    assert not {parent for known in table.classes.values() for parent in known.parents} - set(table.classes)


def test_no_class_inherits_from_itself() -> None:
    table = api_table()
    for name in table.classes:
        assert not [up for up in table.ancestors(name)[1:] if up.name.upper() == name]


def test_every_result_belongs_to_a_method_and_is_a_known_type() -> None:
    table = api_table()
    plain = {"string", "number", "boolean", "void", "Object"}
    for class_name, results in json.loads(read("api_types.json"))["results"].items():
        for method, (_, result) in results.items():
            assert method.upper() in table.classes[class_name.upper()].methods
            assert result in plain or result.upper() in table.classes


def test_every_entry_names_its_source() -> None:
    data = json.loads(read("api_types.json"))
    sources = set(data["sources"])
    assert {entry[0] for entry in data["extends"].values()} <= sources
    assert {entry[0] for results in data["results"].values() for entry in results.values()} <= sources
    assert {entry["source"] for entry in data["methods"].values()} <= sources
    assert {entry[0] for entry in data["event_owners"].values()} <= sources


def test_the_results_of_the_most_used_methods_are_known() -> None:
    results = json.loads(read("api_types.json"))["results"]
    assert sum(len(methods) for methods in results.values()) >= 500


def test_no_advice_is_a_name_bbj_has_not() -> None:
    table = api_table()
    known = table.method_names | {name.upper() for name in table.functions}
    plain = {**table.foreign_methods, **table.foreign_functions}
    verbs = {"PRINT", "WAIT", "RELEASE", "NEW"}
    assert not {advice for advice in plain.values() if advice.isalpha() and advice.upper() not in known | verbs}


def test_no_name_of_bbj_counts_as_foreign() -> None:
    table = api_table()
    assert not {name for name in table.foreign_functions if name in table.functions}
    assert "ADDEVENTLISTENER" not in table.method_names | table.java_methods


def test_a_method_is_found_in_the_class_in_its_parents_and_on_demand_below() -> None:
    table = api_table()
    assert [form.name for form in table.overloads("BBJBUTTON", "SETIMAGE", below=False)] == ["setImage"]
    assert [form.name for form in table.overloads("BBJBUTTON", "SETTEXT", below=False)] == ["setText"]
    assert table.overloads("BBJCONTROL", "SETCELLTEXT", below=False) == []
    assert table.overloads("BBJCONTROL", "SETCELLTEXT", below=True) != []
    assert table.overloads("NOSUCHCLASS", "SETTEXT", below=True) == []


def test_classes_are_related_through_parents_and_through_children() -> None:
    table = api_table()
    assert table.may_be("BBJCONTROL", "BBJBUTTON")
    assert table.may_be("BBJBUTTON", "BBJCONTROL")
    assert table.may_be("BBJCONTROL", "LISTBEHAVIOR")
    assert not table.may_be("BBJBUTTON", "BBJEDITBOX")
    assert not table.may_be("BBJBUTTON", "NOSUCHCLASS")
