"""The page of explanations: names are text, and nothing is said twice."""

from __future__ import annotations

import pytest

from pawlens.pages._explanations import Card, _logits, render_explanations


def card(*names: str, path: str = "a.jpg", method: str = "cam", instead: str | None = None) -> Card:
    parts = [
        {"name": n, "contribution": 2.0, "share": 1 / len(names), "mapped": True, "method": method}
        for n in names
    ]
    row = {"class": "dog", "answer": "dog", "probability": 0.98, "logit": 2.0 * len(names)}
    row |= {"instead": instead}
    return Card(path, row, "data:,photo", "data:,map", [(part, "") for part in parts])


def test_of_several_backbones_the_sum_is_told() -> None:
    page = render_explanations([card("paw", "other")], title="x")
    assert page.count("+2.00 logits, 50.0\N{NO-BREAK SPACE}%") == 2
    assert "In all +4.00 logits for dog." in page


@pytest.mark.parametrize(("method", "told"), [("cam", 0), ("gradcam", 1)])
def test_of_one_backbone_its_logits_are_told_once(method: str, told: int) -> None:
    page = render_explanations([card("paw", method=method)], title="x")
    assert page.count("+2.00 logits") == 1
    assert page.count("In all") == told


def test_names_are_text_and_nothing_is_asked_for() -> None:
    page = render_explanations([card("<b>", path="<script>.jpg")], title="<i>", more=1)
    assert "<script>" not in page
    assert "<title>&lt;i&gt;</title>" in page
    assert "default-src 'none'" in page
    assert "1 more photo is explained" in page


def test_less_is_a_minus_sign() -> None:
    assert _logits(-1.5) == "−1.50"


def test_how_maps_are_made_is_told() -> None:
    page = render_explanations([card("a", method="occlusion"), card("b")], title="x")
    assert "places of the photo are covered" in page
    assert "A class activation map is exact" in page
    assert "class token" not in page
    assert "+2.00 logits, occlusion" in page
    page = render_explanations([card("a", method="relevance")], title="x")
    assert "class token" in page
    assert "exact" not in page


def test_the_class_that_it_is_not_is_named() -> None:
    page = render_explanations([card("a", "b", instead="<cat>")], title="x")
    assert "dog and not &lt;cat&gt;" in page
    assert "for dog and against &lt;cat&gt;" in page
