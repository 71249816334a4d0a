"""The page of explanations: names are text, and nothing is said twice."""

from __future__ import annotations

import pytest

from pawlens.pages._explanations import Card, _logits, render_explanations


def card(*names: str, path: str = "a.jpg") -> Card:
    parts = [
        {"name": name, "contribution": 2.0, "share": 1 / len(names), "mapped": True}
        for name in names
    ]
    row = {"class": "dog", "answer": "dog", "probability": 0.98, "logit": 2.0 * len(names)}
    return Card(path, row, "data:,photo", "data:,map", [(part, "") for part in parts])


def test_of_several_backbones_the_sum_is_told() -> None:
    page = render_explanations([card("paw", "other")], title="x", method="cam")
    assert page.count("+2.00 logits, 50.0\N{NO-BREAK SPACE}%") == 2
    assert "In all +4.00 logits for dog." in page


@pytest.mark.parametrize(("method", "told"), [("cam", 0), ("gradcam", 1)])
def test_of_one_backbone_its_logits_are_told_once(method: str, told: int) -> None:
    page = render_explanations([card("paw")], title="x", method=method)
    assert page.count("+2.00 logits") == 1
    assert page.count("In all") == told


def test_names_are_text_and_nothing_is_asked_for() -> None:
    page = render_explanations(
        [card("<b>", path="<script>.jpg")], title="<i>", method="cam", more=1
    )
    assert "<script>" not in page
    assert "<title>&lt;i&gt;</title>" in page
    assert "default-src 'none'" in page
    assert "1 more photo is explained" in page


def test_less_is_a_minus_sign() -> None:
    assert _logits(-1.5) == "−1.50"
