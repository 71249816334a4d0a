"""A model read back from its file: what it is, what it shows, and how it treats borders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from pawlens import Photos, Run, load
from pawlens.backbones import Backbone
from pawlens.errors import RunError, UsageError
from pawlens.export import TrainedOn, note_photos, write_model_file
from pawlens.metrics import LabelRules
from pawlens.models import (
    ExportedModel,
    LabelPredictions,
    answer_closely,
    answer_rows,
    as_model,
)

from ..small_models import graph_parts, linear_head, picture, saved, small_model


def test_a_run_a_folder_and_a_file_are_the_same_model(paw: Backbone, tmp_path: Path) -> None:
    path = saved(graph_parts(paw)[0], tmp_path)
    (tmp_path / "report.html").write_text("")  # a run that is finished
    for source in (Run(tmp_path), tmp_path, str(tmp_path), path):
        model = load(source)
        assert isinstance(model, ExportedModel)
        assert model.classes_ == ["cat", "dog", "猫头鹰"]
    assert as_model(model) is model
    assert as_model(path).classes_ == model.classes_


def test_a_file_of_another_ending_is_read_as_what_it_is(paw: Backbone, tmp_path: Path) -> None:
    path = tmp_path / "model.textproto"
    write_model_file(path, graph_parts(paw)[0])
    assert len(load(path).classes_) == 3
    with pytest.raises(RunError, match="no such model"):
        load(tmp_path / "missing.onnx")


def test_the_graph_that_is_handed_out_is_a_copy(paw: Backbone) -> None:
    graph, facts, _, _ = graph_parts(paw)
    model = ExportedModel(graph, facts)
    copy = model.to_onnx()
    assert copy == graph
    del copy.graph.node[:]
    assert len(model.graph.node) == len(graph.graph.node) > 0


@pytest.mark.parametrize("borders", ["keep", "trim"])
def test_a_notebook_tells_what_the_model_is(paw: Backbone, borders: str) -> None:
    model = small_model(paw, linear_head(paw.spec.feature_dim), borders=borders, clip=0.02)
    card = model._repr_html_() or ""
    told = ["Model of pawlens 0", "classes: cat, dog, owl", "temperature 1.500, clip 0.02"]
    told += ["paw", f"{paw.spec.input_size} px", str(paw.spec.feature_dim), paw.spec.licence]
    told += ["photos that it learnt from: not noted"]
    told += ["borders: cut off" if borders == "trim" else "borders: kept"]
    assert [text for text in told if text not in card] == []
    assert repr(model) == "ExportedModel(cat, dog, owl; paw)"


def test_it_knows_how_many_photos_it_learnt_from(paw: Backbone) -> None:
    graph, facts, _, _ = graph_parts(paw)
    note_photos(graph, TrainedOn.of([f"{i:064x}" for i in range(1234)]))
    card = ExportedModel(graph, facts)._repr_html_() or ""
    assert "photos that it learnt from: 1,234" in card


def test_several_labels_are_answered_by_their_rules(
    paw: Backbone, photo_folder: Callable[..., Path]
) -> None:
    rules = LabelRules((0.5, 1.0, 2.0), (0.02, 0.0, 0.2), (0.1, 0.25, 0.65))
    model = small_model(paw, linear_head(paw.spec.feature_dim), labels=rules)
    photos = Photos.read(photo_folder(cat=4, dog=4), labels=False)
    plain = model.answer(photos, precision="f32")
    assert isinstance(plain, LabelPredictions)
    assert plain.rules == rules
    assert "labels, several a photo: cat, dog, owl" in (model._repr_html_() or "")
    assert "calibration: of each label" in (model._repr_html_() or "")
    assert [set(labels or ()) for labels in plain.label_sets] == [
        {name for name, p, t in zip(model.classes_, row, rules.threshold, strict=True) if p >= t}
        for row in plain.proba
    ]
    for views in (["flip"], ["rotations"]):
        found = model.answer(photos, precision="f32", views=views)
        assert found.proba.shape == (8, 3)
        assert 1e-5 < np.abs(found.proba - plain.proba).max() < 0.5


def framed(folder: Path) -> tuple[Photos, Photos]:
    """The same three pictures, alone and in a white frame."""
    folder.mkdir()
    for number in range(3):
        inner = picture(number, (300, 420))
        canvas = np.full((1500, 420, 3), 255, np.uint8)
        canvas[110:410] = inner
        Image.fromarray(inner).save(folder / f"{number}-inner.png")
        Image.fromarray(canvas).save(folder / f"{number}-framed.png")
    alone = [folder / f"{number}-inner.png" for number in range(3)]
    in_frame = [folder / f"{number}-framed.png" for number in range(3)]
    return Photos.read(alone, labels=False), Photos.read(in_frame, labels=False)


def test_borders_are_cut_off_in_the_rows_that_say_so(paw: Backbone, tmp_path: Path) -> None:
    model = small_model(paw, linear_head(paw.spec.feature_dim, seed=3), temperature=4.0)
    graph, facts = model.to_onnx(), model.facts
    alone, in_frame = framed(tmp_path / "photos")
    inner = answer_rows(graph, facts, alone, (), None, [0, 1, 2])
    cut = answer_rows(graph, facts, in_frame, {1, 2}, None, [2, 0, 1])
    assert cut.shape == (3, 3)
    np.testing.assert_allclose(cut[[0, 2]], inner[[2, 1]], atol=5e-3)
    assert np.abs(cut[1] - inner[0]).max() > 5e-3
    every = answer_rows(graph, facts, in_frame, range(3), None, [0, 1, 2])
    np.testing.assert_allclose(every, inner, atol=5e-3)


def test_a_closer_look_is_the_same_in_company(paw: Backbone, tmp_path: Path) -> None:
    model = small_model(paw, linear_head(paw.spec.feature_dim))
    for number in range(3):
        canvas = np.full((600, 600, 3), 60 * number, np.uint8)
        canvas[360:540, 60:240] = picture(number, (180, 180))
        Image.fromarray(canvas).save(tmp_path / f"{number}.png")
    photos = Photos.read(sorted(tmp_path.glob("*.png")), labels=False)
    found = answer_closely(model, photos)
    alone = [answer_closely(model, photos.subset([row])).subject[0] for row in range(3)]
    assert found.subject == alone
    assert any(alone)
    assert found.turned.shape == found.parts.shape == (4, 3, 3)
    np.testing.assert_allclose(found.turned.sum(axis=2), 1, atol=1e-5)
    np.testing.assert_allclose(found.parts.sum(axis=2), 1, atol=1e-5)
    whole = model.answer(photos, precision="f32").proba
    np.testing.assert_allclose(found.turned[0], whole, atol=2e-2)


def test_its_nodes_are_those_of_the_file(paw: Backbone, tmp_path: Path) -> None:
    path = saved(graph_parts(paw)[0], tmp_path)
    model = load(path)
    assert isinstance(model, ExportedModel)
    assert model.graph == onnx.load(str(path)).graph


def test_explanations_have_the_model_s_clip_and_borders(paw: Backbone) -> None:
    head = linear_head(paw.spec.feature_dim)
    canvas = np.full((1500, 420, 3), 255, np.uint8)
    canvas[110:410] = picture(1, (300, 420))
    boxes = {}
    for borders in ("keep", "trim"):
        model = small_model(paw, head, borders=borders, temperature=0.01, clip=0.04)
        found = model.explainer().explain(canvas)
        assert found.probability == pytest.approx(0.96 / 1.04, abs=1e-3)
        boxes[borders] = found.box
    assert boxes == {"keep": (0, 0, 420, 1500), "trim": (0, 110, 420, 410)}
    with pytest.raises(UsageError, match="saliency"):
        model.explainer("saliency")  # type: ignore[arg-type]


def test_a_closer_look_cuts_borders_off_everywhere(paw: Backbone, tmp_path: Path) -> None:
    model = small_model(paw, linear_head(paw.spec.feature_dim, seed=3), temperature=4.0)
    alone, in_frame = framed(tmp_path / "photos")
    inner = answer_closely(model, alone)
    cut = answer_closely(model, in_frame, trimmed=range(3))
    np.testing.assert_allclose(cut.turned, inner.turned, atol=1e-2)
    np.testing.assert_allclose(cut.parts, inner.parts, atol=1e-2)
    whole = answer_closely(model, in_frame)
    assert np.abs(whole.parts - inner.parts).max() > 0.02


def test_the_subject_is_looked_at_again(paw: Backbone, tmp_path: Path) -> None:
    model = small_model(paw, linear_head(paw.spec.feature_dim, seed=5), temperature=4.0)
    canvas = np.full((600, 600, 3), 128, np.uint8)
    canvas[360:540, 60:240] = picture(1, (180, 180))
    Image.fromarray(canvas).save(tmp_path / "0.png")
    photos = Photos.read([tmp_path / "0.png"], labels=False)
    (window,) = answer_closely(model, photos).subject
    assert window is not None
    left, top, right, bottom = (round(600 * share) for share in window)
    Image.fromarray(canvas[top:bottom, left:right].copy()).save(tmp_path / "1.png")
    part = Photos.read([tmp_path / "1.png"], labels=False)
    plain, nearer, both = (
        model.answer(each, precision="f32", views=views).proba
        for each, views in ((photos, ()), (part, ()), (photos, ["subject"]))
    )
    mean = np.sqrt(plain * nearer)
    np.testing.assert_allclose(both, mean / mean.sum(), atol=1e-6)
    assert np.abs(both - plain).max() > 5e-3


def test_rows_are_told_of_while_they_are_answered(paw: Backbone, tmp_path: Path) -> None:
    graph, facts, _, _ = graph_parts(paw)
    alone, _ = framed(tmp_path / "photos")
    steps: list[tuple[str, int, int]] = []
    answer_rows(graph, facts, alone, (), lambda *step: steps.append(step), [0, 2])
    assert steps[-1] == ("predicting", 2, 2)
