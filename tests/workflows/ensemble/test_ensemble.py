"""Runs combined to one: one graph, proven, in a folder that reads like every run's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from pawlens import Classifier, Photos, Recipe, Run, compare, ensemble, load
from pawlens.errors import PhotosError, UsageError
from pawlens.heads import Combiner
from pawlens.metrics import Interval, apply_clip, apply_temperature, compare_models, holm
from pawlens.models import answer_rows
from pawlens.photos import trim
from pawlens.runs._join import join_runs
from pawlens.workflows.ensemble._ensemble import _calibrated, _combined
from pawlens.workflows.ensemble._run import _oof_columns

from ...striped import fill
from ...written_runs import answers, write_run


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of the same photos in the same folds, and one of other folds."""
    folder = tmp_path_factory.mktemp("members")
    photos = Photos.read(fill(folder / "photos", 12))
    for name, l2, seed in (("loose", 0.001, 0), ("strict", 1.0, 0), ("folded", 0.001, 3)):
        recipe = Recipe(folds=3, l2=[l2], seed=seed)
        Classifier(recipe=recipe, cache_dir=folder / "cache").fit(photos, folder / name)
    return folder


@pytest.fixture(scope="module", params=["stack", "blend", "greedy"])
def combined(members: Path, request: pytest.FixtureRequest) -> Run:
    parts = [members / "loose", members / "strict"]
    return ensemble(parts, members / f"ensemble-{request.param}", method=request.param)


def test_it_reads_like_every_run(members: Path, combined: Run) -> None:
    assert combined.classes == ["cat", "dog"]
    assert combined.metrics["evaluated"] == {"photos": 24, "on": "out-of-fold, 3 folds"}
    told = combined.metrics["ensemble"]
    assert [one["member"] for one in told["members"]] == ["loose", "strict"]
    assert set(told["members"][0]["adds"]) >= {"log_loss", "p_log_loss", "verdict"}
    assert "weight" in combined.report_path.read_text(encoding="utf-8")
    found = compare([combined, members / "loose"])
    assert len(found.joined.y) == 24


def test_the_graph_is_what_the_members_say_combined(members: Path, combined: Run) -> None:
    photos = Photos.read(members / "photos")
    told = combined.metrics["ensemble"]
    combiner = Combiner(
        told["method"],
        np.array([one["weight"] for one in told["members"]]),
        np.array(list(told["bias"].values())),
    )
    parts = [
        load(members / name).answer(photos, precision="f32").proba for name in ("loose", "strict")
    ]
    logits = combiner.logits(np.stack(parts))
    expected = apply_temperature(logits, combined.metrics["temperature"])
    answers = load(combined.path).answer(photos, precision="f32").proba
    np.testing.assert_allclose(answers, apply_clip(expected, combined.metrics["clip"]), atol=1e-4)
    parity = json.loads((combined.path / "parity.json").read_text())
    assert parity["onnxruntime"]["passed"]
    assert parity["openvino"]["passed"]


def test_a_shared_backbone_is_in_the_graph_once(members: Path, combined: Run) -> None:
    graph = onnx.load(str(combined.model_path))
    assert len(load(combined.path).facts.backbones) == 1
    alone = onnx.load(str(members / "loose" / "model.onnx"))
    count = [sum(n.op_type == "Conv" for n in one.graph.node) for one in (graph, alone)]
    assert count[0] == count[1]
    assert combined.model_path.stat().st_size < 1.1 * (members / "loose/model.onnx").stat().st_size


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["loose"], "1 run to combine"),
        (["loose", "folded"], "their folds differ"),
        (["loose", "other"], "trained on different photos"),
    ],
)
def test_members_that_do_not_fit(
    members: Path, tmp_path: Path, names: list[str], words: str
) -> None:
    if "other" in names and not (members / "other").exists():
        more = Photos.read(fill(members / "more", 14))
        Classifier(recipe=Recipe(folds=3), cache_dir=members / "cache").fit(more, members / "other")
    with pytest.raises(UsageError, match=words):
        ensemble([members / name for name in names], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_method_is_refused(members: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="use one of blend, greedy, stack"):
        ensemble([members / "loose", members / "strict"], tmp_path, method="vote")  # type: ignore[arg-type]


def held_out(
    folder: Path, names: Sequence[str], *, seeds: Sequence[int] | None = None, tested: int = -1
) -> list[Run]:
    """Runs of the same 300 photos that held out fold 0 of five."""
    truth = np.random.default_rng(0).integers(0, 2, 300)
    runs = []
    for number, name in enumerate(names):
        fold = np.random.default_rng(seeds[number] if seeds else 0).permutation(300) % 5
        noise = np.random.default_rng([9, number]).normal(size=300)
        runs.append(
            write_run(
                folder / name,
                truth,
                answers(truth, 1.5, noise),
                contents=[hashlib.sha256(b"photo %d" % i).hexdigest() for i in range(300)],
                role=["test" if i == tested else "train" for i in range(300)],
                fold=fold,
                answered=np.flatnonzero(fold == 0),
                on="one held-out fold of 5",
            )
        )
    return runs


def test_held_out_folds_of_other_photos_are_told_apart(tmp_path: Path) -> None:
    runs = held_out(tmp_path, ["one", "two"], seeds=[0, 1])
    assert 0 < len(join_runs(runs).y) < 30
    with pytest.raises(UsageError, match="their folds differ"):
        ensemble(runs, tmp_path / "out")


def test_parts_of_one_held_out_fold_are_not_the_luck_of_several_trainings(tmp_path: Path) -> None:
    joined = join_runs(held_out(tmp_path, ["one", "two"]))
    found = _combined(joined, "stack", 0, None)
    assert len(np.unique(found.fold)) == 5
    assert found.on == "one held-out fold, in 5 parts"
    alone = [found.calibration.proba, *joined.proba]
    assert found.members == compare_models(joined.y, alone, against=0, groups=joined.group)
    assert not np.any(_oof_columns(found)["fold"])


def test_what_members_add_is_corrected_for_their_number(tmp_path: Path) -> None:
    joined = join_runs(held_out(tmp_path, ["one", "two", "three"]))
    found = _combined(joined, "blend", 0, None)
    adds, fold = found.adds, found.fold
    assert [one.tests for one in adds] == [3, 3, 3]
    full = _calibrated(joined.proba, joined.y, fold, "blend").proba
    alone = []
    for number in range(3):
        rest = _calibrated(np.delete(joined.proba, number, axis=0), joined.y, fold, "blend").proba
        alone += compare_models(joined.y, [full, rest], against=1, groups=joined.group)
    assert [one.p_log_loss for one in adds] == [*holm([one.p_log_loss for one in alone])]
    assert [one.p_accuracy for one in adds] == [*holm([one.p_accuracy for one in alone])]
    assert adds[0].p_log_loss >= alone[0].p_log_loss


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("better", "two alone is better than the ensemble: ship that run instead"),
        ("no real difference", "no real difference to two alone, which is smaller"),
        ("worse", "better than its best member, two"),
    ],
)
def test_it_says_whether_it_is_worth_its_members(tmp_path: Path, verdict: str, words: str) -> None:
    found = _combined(join_runs(held_out(tmp_path, ["one", "two"])), "blend", 0, None)
    gap, p = {"better": (-0.1, 0.01), "worse": (0.1, 0.01)}.get(verdict, (0.1, 0.5))
    first, second = (
        replace(one, log_loss=Interval(at, at - 0.05, at + 0.05), p_log_loss=p)
        for one, at in zip(found.members, (gap + 0.3, gap), strict=True)
    )
    assert second.verdict == verdict
    assert replace(found, members=[first, second]).conclusion == words


def test_photos_that_are_other_ones_now_are_named_before_anything_is_written(
    tmp_path: Path,
) -> None:
    runs = held_out(tmp_path, ["one", "two"], tested=1)
    photos = tmp_path / "photos"
    photos.mkdir()
    for i in range(300):
        (photos / f"photo.{i}.jpg").write_bytes(b"photo %d" % i)
    assert "photo.1.jpg" not in join_runs(runs).paths
    for content, words in ((b"another", "no longer the photo"), (None, "missing or unreadable")):
        (photos / "photo.1.jpg").unlink()
        if content is not None:
            (photos / "photo.1.jpg").write_bytes(content)
        with pytest.raises(PhotosError, match=f"'photo.1.jpg' is {words}") as caught:
            ensemble(runs, tmp_path / "out", photos=photos)
        assert "\n" not in str(caught.value)
        assert not (tmp_path / "out").exists()


def test_a_border_that_was_decided_upon_is_cut_off(
    members: Path, combined: Run, tmp_path: Path
) -> None:
    """Answers to framed photos are those to the photos inside, but only where it was decided."""
    model = load(combined.path)
    inside = np.asarray(Photos.read(members / "photos").decode(0))
    framed = np.pad(inside, ((40, 40), (40, 40), (0, 0)))
    for name, pixels in (("a", framed), ("b", framed), ("c", trim(framed))):
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    photos = Photos.read(tmp_path, labels=False)
    graph = onnx.load(str(combined.model_path))
    found = answer_rows(graph, model.facts, photos, {1}, None, [2, 0, 1])
    np.testing.assert_allclose(found[2], found[0], atol=1e-3)
    assert abs(found[1] - found[0]).max() > 0.01
