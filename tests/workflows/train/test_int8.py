"""``precision: auto`` takes int8 where it is faster and the folds show that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pawlens import Classifier, Run
from pawlens.backbones import _openvino, int8_is_faster
from pawlens.workflows.train import _frozen, _int8


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor on which int8 pays, for as few photos as tests have."""
    monkeypatch.setattr(_int8, "int8_is_faster", lambda: True)
    monkeypatch.setattr(_int8, "_PHOTOS", 20)
    monkeypatch.setattr(_int8, "_WORK", 20 * 100e6)


def train(folder: Path, out: Path, **settings: str) -> tuple[Run, list[str], str]:
    run = Classifier(folds=2, **settings).fit(folder, out)  # type: ignore[arg-type]
    return run, run.environment["precision"], " ".join(run.metrics["notes"])


@pytest.mark.usefixtures("fast")
def test_int8_is_taken_where_it_loses_nothing(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = photo_folder(cat=10, dog=10)
    run, precision, notes = train(folder, tmp_path / "run")
    assert precision == ["int8 on cpu"]
    assert "Features are computed in int8, which is faster here and loses nothing" in notes
    assert "on 20 photos" in notes
    assert run.recipe["precision"] == "auto"
    assert "precision" in run.environment["seconds"]


@pytest.mark.usefixtures("fast")
def test_floats_stay_where_int8_loses(
    photo_folder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_int8, "loses_by_int8", lambda gap, floats: True)
    _, precision, notes = train(photo_folder(cat=10, dog=10), tmp_path / "run")
    assert "int8 on cpu" not in precision
    assert "Features are computed in floats: int8 loses by it (log loss " in notes


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("settings", [{"precision": "f32"}, {"time": "1m"}, {"photos": "few"}])
def test_it_is_not_tried_where_it_cannot_help(
    photo_folder: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
) -> None:
    monkeypatch.setattr(_frozen, "try_int8", None)
    count = 9 if settings.pop("photos", "") else 10
    _, precision, notes = train(photo_folder(cat=count, dog=10), tmp_path / "run", **settings)
    assert precision in (["f32 on cpu"], ["bf16 on cpu"])
    assert "int8" not in notes


@pytest.mark.parametrize(
    ("cpu", "wanted", "faster"),
    [("f32", None, True), ("bf16", None, False), ("f32", "f32", False)],
)
def test_processors_on_which_it_pays(
    monkeypatch: pytest.MonkeyPatch, cpu: str, wanted: str | None, faster: bool
) -> None:
    monkeypatch.setattr(_openvino, "cpu_precision", lambda: cpu)
    if wanted:
        monkeypatch.setenv("PAWLENS_PRECISION", wanted)
    assert int8_is_faster() is faster
