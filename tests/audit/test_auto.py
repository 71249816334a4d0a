from __future__ import annotations

from typing import Any

from pawlens.audit import LEAST_PRECISION, RULES, automatic_decisions

SHA = [f"{i:064x}" for i in range(6)]


def table(**changed: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "path": [f"{i}.jpg" for i in range(6)],
        "sha256": [*SHA[:4], "", SHA[0]],
        "labels": [["cat"]] * 3 + [["cat", "dog"], ["dog"], ["cat"]],
        "is_border": [True, False, False, True, True, True],
        "is_label_error": [True, True, True, True, True, False],
        "p:cat": [0.9, 0.001, 0.3, 0.001, 0.999, 0.9],
        "p:dog": [0.1, 0.999, 0.7, 0.999, None, 0.1],
    }
    return columns | changed


def test_only_rules_that_were_right_often_enough() -> None:
    found = automatic_decisions(table())
    assert [(one.sha256, one.action, one.path) for one in found] == [
        (SHA[0], "trim", "0.jpg"),
        (SHA[3], "trim", "3.jpg"),
    ]
    assert {one.by for one in found} == {"auto"}
    assert found[0].reason.startswith("border: right in 95.6 %")


def test_a_person_may_ask_for_less() -> None:
    found = automatic_decisions(table(), least_precision=0.5)
    assert [(one.sha256, one.action) for one in found] == [
        (SHA[0], "trim"),
        (SHA[3], "trim"),
        (SHA[1], "drop"),
    ]


def test_only_a_label_that_is_all_but_excluded_is_dropped() -> None:
    columns = table(is_border=[False] * 6)
    columns["p:cat"] = [0.019, 0.021, 0.15, 0.001, 0.5, 0.9]
    found = automatic_decisions(columns, least_precision=0.5)
    assert [(one.sha256, one.action) for one in found] == [(SHA[0], "drop")]


def test_what_was_decided_is_left_alone() -> None:
    assert automatic_decisions(table(), decided={SHA[0], SHA[3]}) == []


def test_a_kind_that_was_not_looked_for() -> None:
    columns = table()
    del columns["is_border"]
    assert automatic_decisions(columns) == []


def test_every_rule_says_where_it_was_measured() -> None:
    assert all(rule.measured and 0 < rule.precision <= 1 for rule in RULES)
    assert any(rule.precision >= LEAST_PRECISION for rule in RULES)
