"""The check of the maps, on a model whose answer hangs on known places."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pawlens import Photos
from pawlens.backbones import Backbone
from pawlens.errors import UsageError
from pawlens.explain import Explainer, MapCheck, centred_map, check_maps, deletion, insertion
from pawlens.explain._check import shuffled_graph, shuffled_head
from pawlens.pages import check_section, check_sentences

from ..small_models import linear_head, picture, small_model


@pytest.fixture
def explainer(paw: Backbone) -> Explainer:
    found = small_model(paw, linear_head(paw.spec.feature_dim)).explainer()
    assert isinstance(found, Explainer)
    return found


def test_every_photo_has_its_curves(explainer: Explainer, tmp_path: Path) -> None:
    for i in range(3):
        Image.fromarray(picture(i)).save(tmp_path / f"{i}.png")
    (tmp_path / "0-bad.jpg").write_bytes(b"\xff\xd8\xff nothing")
    seen: list[tuple[str, int, int]] = []
    photos = Photos.read(tmp_path, labels=False)
    found = check_maps(explainer, photos, 2, progress=lambda *step: seen.append(step))
    assert found.photos == 2
    assert seen[-1] == ("checking maps", 2, 2)
    for curves in (found.deletion, found.insertion):
        begins = [curve[:, 0] for curve in curves.values()]
        np.testing.assert_allclose(begins[0], begins[1], atol=1e-6)
    assert json.dumps(found.as_json()).count('"low"') == 2 + 6 + 4
    again = check_maps(explainer, photos, 2)
    np.testing.assert_array_equal(found.deletion["random"], again.deletion["random"])


def test_each_curve_is_that_of_its_kind_and_order(explainer: Explainer, tmp_path: Path) -> None:
    """Worked out again: what is taken away, what is shown, and in which order."""
    pixels = picture(5)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    found = check_maps(explainer, Photos.read(tmp_path, labels=False), 1)
    explained = explainer.explain(pixels)
    chosen = explainer.classes.index(explained.class_name)

    def answer(changed: np.typing.NDArray[np.uint8]) -> float:
        return float(explainer.probabilities(changed)[chosen])

    shape = pixels.shape[0], pixels.shape[1]
    orders = {"map": explained.map, "middle": centred_map(shape)}
    for order, values in orders.items():
        for kind, curve in (("deletion", deletion), ("insertion", insertion)):
            expected = curve(answer, pixels, values)
            np.testing.assert_allclose(getattr(found, kind)[order][0], expected, atol=1e-6)
    assert set(found.deletion) == set(found.insertion) == {"map", "random", "middle"}
    whole = pytest.approx(answer(pixels), abs=1e-6)
    for order in found.deletion:  # a photo loses everything, and gets everything back
        assert found.deletion[order][0, 0] == found.insertion[order][0, -1] == whole
    assert not np.allclose(found.deletion["random"], found.deletion["middle"])


def test_nothing_to_check_on_is_told(explainer: Explainer, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff nothing")
    with pytest.raises(UsageError, match="no photo that can be read"):
        check_maps(explainer, Photos.read(tmp_path, labels=False), 2)


def test_shuffling_keeps_the_numbers_and_changes_the_map(explainer: Explainer) -> None:
    rng = np.random.default_rng(0)
    head = shuffled_head(explainer.head, rng)
    (before, _), (after, _) = explainer.head.layers[-1], head.layers[-1]
    np.testing.assert_array_equal(np.sort(before.ravel()), np.sort(after.ravel()))
    one = explainer.explain(picture(1), "cat")
    other = explainer.with_graph(shuffled_graph(explainer.graph, rng), explainer.head)
    assert not np.allclose(one.map, other.explain(picture(1), "cat").map)
    np.testing.assert_array_equal(explainer.explain(picture(1), "cat").map, one.map)


def curves(height: float, n: int = 30) -> np.typing.NDArray[np.float64]:
    return np.full((n, 11), height) + np.random.default_rng(1).normal(0, 0.01, (n, 1))


def test_the_words_follow_the_intervals() -> None:
    found = MapCheck(
        correlation={"head": np.zeros(30), "everything": np.linspace(-0.1, 0.1, 30)},
        deletion={"map": curves(0.3), "random": curves(0.6), "middle": curves(0.1)},
        insertion={"map": curves(0.8), "random": curves(0.5), "middle": curves(0.8)},
    )
    _, deletion, insertion = check_sentences(found)
    assert "better than chance, worse than the middle first" in deletion
    assert "better than chance, no real difference to the middle first" in insertion
    section = check_section(found)
    assert len(section["plots"]) == 3
    assert all(str(svg).startswith("<svg") for svg, _ in section["plots"])
