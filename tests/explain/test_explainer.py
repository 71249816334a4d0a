"""Maps out of the exported graph: exact sums, the photo's own frame, any number of backbones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PIL import Image

from pawlens import Photos, load
from pawlens.backbones import Backbone, OpenVinoEngine
from pawlens.errors import UnreadablePhoto, UsageError
from pawlens.explain import Explainer, Explanation, explain, explain_photos
from pawlens.export import GraphFacts, compose_graph, read_head
from pawlens.heads import unit_rows
from pawlens.models import ExportedModel
from pawlens.photos import find_border, resize

from ..small_models import dense_head, linear_head, picture, small_model

CLASSES = ("cat", "dog", "owl")


def opened(classifier: ExportedModel) -> Explainer:
    found = classifier.explainer()
    assert isinstance(found, Explainer)
    return found


@pytest.mark.parametrize("kind", ["linear", "dense", "dense unit"])
@pytest.mark.parametrize("count", [1, 2])
def test_the_map_adds_up_to_the_logit(paw: Backbone, kind: str, count: int) -> None:
    dim = count * paw.spec.feature_dim
    head = linear_head(dim) if kind == "linear" else dense_head(dim, unit=kind == "dense unit")
    explainer = opened(small_model(paw, head, count=count))
    for name in CLASSES:
        one = explainer.explain(picture(), name)
        logits = np.log(explainer.probabilities(picture()))
        k = CLASSES.index(name)
        expected = logits[k] - np.delete(logits, k).mean()
        assert one.logit == pytest.approx(expected, abs=1e-3)
        assert sum(part.contribution for part in one.parts) == pytest.approx(expected, abs=1e-3)
        for part in one.parts:
            assert part.grid is not None
            assert part.grid.mean() == pytest.approx(part.contribution, abs=1e-3)
        assert one.map.shape == (90, 140)
        assert sum(one.shares) == pytest.approx(1)


def test_the_graph_gives_the_map_that_python_computes(paw: Backbone) -> None:
    """The backbone alone, features from OpenVINO, and the head in NumPy: another way."""
    head = linear_head(paw.spec.feature_dim)
    pixels = picture(3)
    one = small_model(paw, head).explainer().explain(pixels, "dog")
    graph = onnx.load(str(paw.path))
    cells_name = [n.input[0] for n in graph.graph.node if n.op_type == "ReduceMean"][-1]
    graph.graph.output.insert(0, onnx.ValueInfoProto(name=cells_name))
    side = paw.spec.input_size
    import onnxruntime as ort

    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    small: Any = resize(pixels, side, paw.spec.interpolation).astype(np.float32)
    small = (small - np.array(paw.spec.mean, np.float32)) / np.array(paw.spec.std, np.float32)
    given = {graph.graph.input[0].name: small.transpose(2, 0, 1)[None]}
    (cells,) = session.run([cells_name], given)
    engine = OpenVinoEngine(paw.path, [paw.spec], precision="f32", batch_size=1)
    ((_, features),) = engine.run([(0, [resize(pixels, side, paw.spec.interpolation)[None]])])
    weights = (head.weights[:, 1] - head.weights[:, [0, 2]].mean(1)) / 1.5
    bias = (head.bias[1] - head.bias[[0, 2]].mean()) / 1.5
    expected = np.tensordot(weights, cells[0], 1) / np.linalg.norm(features) + bias
    (part,) = one.parts
    assert part.grid is not None
    np.testing.assert_allclose(part.grid, expected, atol=2e-3 * np.abs(expected).max())
    logits = (head.logits(unit_rows(features.copy())) / 1.5)[0]
    assert one.logit == pytest.approx(logits[1] - logits[[0, 2]].mean(), abs=5e-3)


def test_without_a_class_the_answer_is_explained(paw: Backbone) -> None:
    classifier = small_model(paw, linear_head(paw.spec.feature_dim))
    one = explain(classifier, picture(4))
    proba = opened(classifier).probabilities(picture(4))
    assert one.class_name == one.answer == CLASSES[int(proba.argmax())]
    assert one.probability == pytest.approx(proba.max(), abs=1e-6)
    with pytest.raises(UsageError, match=r"no class 'cow'.*cat, dog, owl"):
        explain(classifier, picture(4), "cow")


def test_a_border_that_is_cut_off_has_no_colour(paw: Backbone) -> None:
    framed = np.full((150, 200, 3), 255, np.uint8)
    framed[30:120, 40:180] = picture(5)
    one = (
        small_model(paw, linear_head(paw.spec.feature_dim), borders="trim")
        .explainer()
        .explain(framed)
    )
    assert one.box == find_border(framed) != (0, 0, 200, 150)
    left, top, right, bottom = one.box
    outside = np.ones((150, 200), bool)
    outside[top:bottom, left:right] = False
    assert not one.map[outside].any()
    assert one.map[~outside].any()
    kept = small_model(paw, linear_head(paw.spec.feature_dim)).explainer().explain(framed)
    assert kept.box == (0, 0, 200, 150)


def test_the_head_in_the_graph_is_read_back(paw: Backbone) -> None:
    dim = paw.spec.feature_dim
    for head in (linear_head(dim), dense_head(dim, unit=True), dense_head(dim, unit=False)):
        facts = GraphFacts(CLASSES, (paw.spec,), ("x",), 2.0, 0.01, "0")
        found = read_head(compose_graph([paw], head, facts))
        assert found.unit == head.unit
        features = np.random.default_rng(0).normal(size=(4, dim)).astype(np.float32)
        np.testing.assert_allclose(
            found.logits(features), head.logits(features) / 2, rtol=1e-5, atol=1e-4
        )


def test_unreadable_photos_are_told_and_the_others_explained(paw: Backbone, tmp_path: Path) -> None:
    Image.fromarray(picture()).save(tmp_path / "good.png")
    (tmp_path / "bad.jpg").write_bytes(b"\xff\xd8\xff nothing")
    explainer = small_model(paw, linear_head(paw.spec.feature_dim)).explainer()
    seen: list[tuple[str, int, int]] = []
    found = dict(
        explain_photos(
            explainer,
            Photos.read(tmp_path, labels=False),
            progress=lambda *step: seen.append(step),
        )
    )
    assert isinstance(found[0], UnreadablePhoto)
    assert isinstance(found[1], Explanation)
    assert seen == [("explaining", 1, 2), ("explaining", 2, 2)]


def test_features_that_cannot_be_followed_are_covered(paw: Backbone) -> None:
    classifier = small_model(paw, linear_head(paw.spec.feature_dim))
    graph = classifier._graph
    pool = [n for n in graph.graph.node if n.op_type == "ReduceMean"][-1]
    pool.op_type = "ReduceMax"
    head = read_head(graph)
    with pytest.raises(UsageError, match=r"no map can be read.*--method occlusion"):
        Explainer(graph, head, ["paw"], CLASSES, method="cam")
    explainer = Explainer(graph, head, ["paw"], CLASSES)
    assert explainer.methods == ["occlusion"]
    assert (explainer.covered, explainer.unmapped) == (["paw"], [])
    one = explainer.explain(picture())
    assert one.method == one.parts[0].method == "occlusion"
    assert one.parts[0].grid is not None
    assert one.parts[0].grid.mean() == pytest.approx(one.parts[0].contribution, abs=1e-3)
    assert one.parts[0].contribution == pytest.approx(one.logit)
    assert one.parts[0].grid.std() > 0


def test_of_two_backbones_one_is_read_and_one_covered(paw: Backbone) -> None:
    head = linear_head(2 * paw.spec.feature_dim)
    graph = small_model(paw, head, count=2)._graph
    pools = [n for n in graph.graph.node if n.op_type == "ReduceMean" and "head" not in n.name]
    pools[-1].op_type = "ReduceMax"
    one = Explainer(graph, read_head(graph), ["a", "b"], CLASSES).explain(picture())
    assert [part.method for part in one.parts] == ["cam", "occlusion"]
    assert one.method == "cam + occlusion"
    assert sum(part.contribution for part in one.parts) == pytest.approx(one.logit, abs=1e-3)
    strict = Explainer(graph, read_head(graph), ["a", "b"], CLASSES, method="cam")
    assert strict.unmapped == ["b"]
    assert strict.explain(picture()).parts[1].grid is None


@pytest.mark.parametrize("kind", ["linear", "dense"])
def test_why_one_class_and_not_another(paw: Backbone, kind: str) -> None:
    """The map of one class against another is the difference of their maps."""
    dim = paw.spec.feature_dim
    head = linear_head(dim) if kind == "linear" else dense_head(dim, unit=True)
    explainer = opened(small_model(paw, head))
    pixels = picture(2)
    one = explainer.explain(pixels, "cat", "owl")
    logits = np.log(explainer.probabilities(pixels))
    assert (one.class_name, one.instead) == ("cat", "owl")
    assert one.logit == pytest.approx(logits[0] - logits[2], abs=1e-3)
    cat, owl = (explainer.explain(pixels, name) for name in ("cat", "owl"))
    both = (cat.map - owl.map) * 2 / 3  # each against the mean of the two others
    np.testing.assert_allclose(one.map, both, atol=1e-3)
    second = explainer.explain(pixels, None, cat.answer)
    assert second.class_name == CLASSES[int(np.argsort(-logits)[1])]
    with pytest.raises(UsageError, match="must be another class"):
        explainer.explain(pixels, "cat", "cat")


def test_the_bundled_classifier_explains_cat_against_dog() -> None:
    one = explain(load(), picture(6), "dog")
    assert one.class_name == "dog"
    assert one.logit == pytest.approx(np.log(one.probability / (1 - one.probability)), abs=1e-2)


def test_a_large_photo_is_answered_whole_and_drawn_smaller(paw: Backbone, tmp_path: Path) -> None:
    pixels = picture(5, (1400, 1300))
    Image.fromarray(pixels).save(tmp_path / "large.jpg", quality=80)
    explainer = opened(small_model(paw, linear_head(paw.spec.feature_dim)))
    photos = Photos.read([tmp_path / "large.jpg"], labels=False)
    ((_, one),) = explain_photos(explainer, photos)
    assert isinstance(one, Explanation)
    whole, smaller = (photos.decode(0, min_side=side) for side in (None, 640))
    assert one.probability == explainer.probabilities(whole).max()
    assert one.probability != explainer.probabilities(smaller).max()
    assert one.pixels.shape == one.overlay().shape == (689, 640, 3)
