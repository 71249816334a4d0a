"""Photos that vanish after the training: they are named, and no page is lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import numpy as np
import pytest

from pawlens import Classifier, Photos, Run, ensemble
from pawlens.errors import PhotosError, UnreadablePhoto
from pawlens.metrics import mean_interval
from pawlens.runs import _photos as sources
from pawlens.workflows.ensemble import _run as written
from pawlens.workflows.train import _examine
from pawlens.workflows.train import _run as fit
from pawlens.workflows.train._phases import with_views


def with_wrong_labels(folder: Path) -> None:
    for name, other in (("cat", "dog"), ("dog", "cat")):
        (folder / name / "0.jpg").replace(folder / other / "moved.jpg")


@pytest.mark.parametrize("when", ["compose_graph", "examine", "find_failures", "environment"])
@pytest.mark.parametrize("labels", ["one", "several"])
def test_a_run_keeps_its_report(
    photo_folder: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
    labels: Literal["one", "several"],
) -> None:
    folder = photo_folder(cat=14, dog=14)
    with_wrong_labels(folder)
    module: Any = _examine if when == "find_failures" else fit
    step = getattr(module, when)
    if labels == "several" and when == "find_failures":
        pytest.skip("several labels have no groups of failures")

    def after_a_loss(*given: Any, **named: Any) -> Any:
        (folder / "cat" / "moved.jpg").unlink(missing_ok=True)
        (folder / "dog" / "moved.jpg").write_bytes(b"no photo any more")
        return step(*given, **named)

    monkeypatch.setattr(module, when, after_a_loss)
    classifier = Classifier(folds=2, labels=labels, cache_dir=tmp_path / "cache")
    run = classifier.fit(Photos.read(folder), tmp_path / "run")
    page = run.report_path.read_text(encoding="utf-8")
    for path in ("cat/moved.jpg", "dog/moved.jpg"):
        assert f"{path}: " in page
    assert 'src=""' not in page
    assert 'src="data:image/jpeg;base64,"' not in page
    if when == "compose_graph":
        assert json.loads((run.path / "parity.json").read_text())["onnxruntime"]["photos"] == 26
        assert run.environment["no longer readable"] == ["cat/moved.jpg", "dog/moved.jpg"]
        assert re.search(r"no longer readable.*?cat/moved\.jpg, dog/moved\.jpg", page, re.DOTALL)
    if labels == "one" and when != "environment":
        assert run.metrics["failures"]["unread"] == 2
        assert "label" not in run.metrics["failures"]


def test_a_photo_that_vanishes_while_the_model_is_proven(
    photo_folder: Callable[..., Path],
) -> None:
    folder = photo_folder(cat=3)
    photos = Photos.read(folder, labels=False)
    seen = []

    def prove(rows: list[int]) -> str:
        seen.append(rows)
        if len(seen) == 1:
            (folder / "cat" / "1.jpg").unlink()
        for row in rows:
            photos.decode(row)
        return "proven"

    assert sources.on_readable(photos, [0, 1, 2], prove) == ("proven", ["cat/1.jpg"])
    assert seen == [[0, 1, 2], [0, 2]]


def test_no_model_is_written_that_nothing_proves(photo_folder: Callable[..., Path]) -> None:
    folder = photo_folder(cat=2)
    photos = Photos.read(folder, labels=False)

    def never(rows: list[int]) -> None:
        for row in rows:
            (folder / photos.paths[row]).unlink(missing_ok=True)
        raise UnreadablePhoto("gone")

    with pytest.raises(PhotosError, match="none of the photos that are to prove"):
        sources.on_readable(photos, [0, 1], never)


def test_an_ensemble_keeps_its_report(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = photo_folder(cat=14, dog=14)
    with_wrong_labels(folder)
    photos = Photos.read(folder)
    members = [
        Classifier(folds=2, class_weights=weights, cache_dir=tmp_path / "cache").fit(
            photos, tmp_path / weights
        )
        for weights in ("none", "balanced")
    ]
    step = vars(written)["ensemble_graph"]

    def after_a_loss(*given: Any, **named: Any) -> Any:
        (folder / "cat" / "moved.jpg").unlink()
        return step(*given, **named)

    monkeypatch.setattr(written, "ensemble_graph", after_a_loss)
    run = ensemble(members, tmp_path / "ensemble")
    page = Run(run.path).report_path.read_text(encoding="utf-8")
    assert "cat/moved.jpg: " in page
    assert 'src="data:image/jpeg;base64,"' not in page
    assert run.environment["no longer readable"] == ["cat/moved.jpg"]
    assert np.isfinite(run.log_loss)


@dataclass(frozen=True)
class _Measured:
    """As much of the results of a run as other views are measured with."""

    table: Any
    evaluated: Any

    def log_loss(self, proba: Any) -> Any:
        assert len(proba) == len(self.evaluated)
        return mean_interval(-np.log(proba[:, 0]), least=0.0, most=9.0)

    def difference(self, proba: Any, other: Any) -> Any:
        return mean_interval(np.log(other[:, 0] / proba[:, 0]), least=-9.0, most=9.0)


def test_other_views_are_measured_without_it(photo_folder: Callable[..., Path]) -> None:
    photos = Photos.read(photo_folder(cat=4), labels=False)
    results: Any = _Measured(SimpleNamespace(photos=photos), np.arange(4))
    gone: list[tuple[int, ...]] = [(), (2,)]  # the photo vanishes between the two looks

    def answer(some: Photos, **_: Any) -> Any:
        proba = np.full((len(some), 2), 0.5)
        proba[list(gone.pop(0))] = np.nan
        return SimpleNamespace(proba=proba)

    model: Any = SimpleNamespace(answer=answer)
    found = with_views(model, results, ["flip"], None)
    assert found["no longer readable"] == ["cat/2.jpg"]
    assert found["log_loss"]["views"]["value"] == pytest.approx(np.log(2))
    gone[:] = [(0, 1, 2, 3), ()]
    assert with_views(model, results, ["flip"], None) == {}
