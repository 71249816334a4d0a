"""The example's audit check and metrics, found as those of an installed package."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from sklearn.metrics import matthews_corrcoef

from pawlens import Classifier, Photos
from pawlens.audit import audit
from pawlens.cli import app
from pawlens.metrics import Interval, evaluate
from pawlens.pages import render_audit
from pawlens.pages._report import metric_rows
from pawlens.testing import check_audit_check, check_metric
from pawlens.workflows import write_audit

SOURCE = Path(__file__).resolve().parents[2] / "examples" / "plugin" / "src"
NAMES = "top_two", "matthews", "typical_loss"


@pytest.fixture(autouse=True)
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installs the example, as pip lays it out."""
    site = tmp_path / "site"
    info = site / "pawlens_example_plugin-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: pawlens-example-plugin\nVersion: 0.1.0\n"
    )
    (info / "entry_points.txt").write_text(
        "[pawlens.checks]\ngreyscale = pawlens_example_plugin.check:GreyCheck\n"
        "[pawlens.metrics]\n"
        "matthews = pawlens_example_plugin.metric:Matthews\n"
        "top_two = pawlens_example_plugin.metric:TopTwo\n"
        "typical_loss = pawlens_example_plugin.metric:typical_loss\n"
    )
    monkeypatch.syspath_prepend(SOURCE)
    monkeypatch.syspath_prepend(site)


@pytest.fixture
def photos(photo_folder: Callable[..., Path]) -> Photos:
    """Twelve photos of either class, one cat in grey."""
    folder = photo_folder(cat=12, dog=12)
    with Image.open(folder / "cat" / "3.jpg") as photo:
        photo.convert("L").save(folder / "cat" / "3.jpg")
    return Photos.read(folder)


def test_the_check_finds_what_is_grey_and_its_kind_is_everywhere(
    photos: Photos, tmp_path: Path
) -> None:
    found = audit(photos)
    assert [photos[row].path for row in found.rows("greyscale")] == ["cat/3.jpg"]
    assert [kind.name for kind in found.kinds][-2:] == ["traceable", "greyscale"]
    write_audit(found, tmp_path / "audited")
    facts = json.loads((tmp_path / "audited" / "audit.json").read_text(encoding="utf-8"))
    assert facts["counts"]["greyscale"] == 1
    table = pq.read_table(tmp_path / "audited" / "audit.parquet")
    assert sum(table["is_greyscale"].to_pylist()) == 1
    page = render_audit(found)
    assert "Black and white among photos in colour." in page
    assert "its colours differ by 0.0 of 255 levels" in page


def test_the_check_is_left_out_where_all_is_grey(photo_folder: Callable[..., Path]) -> None:
    folder = photo_folder(cat=6, dog=6)
    for file in folder.rglob("*.jpg"):
        with Image.open(file) as photo:
            photo.convert("L").save(file)
    found = audit(Photos.read(folder))
    assert found.left_out["greyscale"] == "most photos are grey, so none is odd for being so"
    assert "greyscale" not in found.detections
    assert "Not looked for: greyscale (most photos are grey" in render_audit(found)


def test_the_metrics_have_intervals_and_the_values_of_others() -> None:
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(4), 300)
    y = (proba.cumsum(axis=1) > rng.random((300, 1))).argmax(axis=1)
    found = evaluate(y, proba, list("abcd"))
    assert list(found)[-3:] == sorted(NAMES)
    assert found["matthews"].value == pytest.approx(matthews_corrcoef(y, proba.argmax(axis=1)))
    second = np.sort(proba, axis=1)[:, -2]
    assert found["top_two"].value == (proba[np.arange(300), y] >= second).mean()
    losses = -np.log(proba[np.arange(300), y])
    assert found["typical_loss"].value == pytest.approx(np.median(losses))
    draws = [np.median(losses[rng.integers(300, size=300)]) for _ in range(2000)]
    ends = found["typical_loss"].low, found["typical_loss"].high
    assert ends == pytest.approx(np.quantile(draws, (0.025, 0.975)), abs=0.05)


def test_a_run_tells_the_metrics(
    photos: Photos,
    photo_folder: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = Classifier().fit(photos, tmp_path / "run")
    written = json.loads((run.path / "metrics.json").read_text(encoding="utf-8"))
    assert set(NAMES) <= set(written["out_of_fold"])
    report = run.report_path.read_text(encoding="utf-8")
    for words in ("Top-2 accuracy", "Matthews correlation", "Typical loss", "The median loss of"):
        assert words in report
    others = photo_folder("others", seed=1, cat=4, dog=4)
    app(["evaluate", str(run.path / "model.onnx"), str(others)], standalone_mode=False)
    assert "  matthews           1.0000  (" in capsys.readouterr().out


def test_without_the_package_its_numbers_are_still_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "path", [p for p in sys.path if not p.endswith("site")])
    rows = metric_rows({"log_loss": Interval(1, 0, 2), "top_two": Interval(0.5, 0.25, 0.75)})
    assert rows[1] == ("top two", "0.5000", "0.2500 to 0.7500", "")


def test_the_parts_pass_their_checks() -> None:
    check_audit_check(import_module("pawlens_example_plugin.check").GreyCheck, name="greyscale")
    metrics = import_module("pawlens_example_plugin.metric")
    for metric in (metrics.Matthews, metrics.TopTwo, metrics.typical_loss):
        check_metric(metric)


@pytest.mark.parametrize(("part", "page"), [("check", "checks"), ("metric", "metrics")])
def test_the_documentation_shows_the_example_as_it_is(part: str, page: str) -> None:
    code = (SOURCE / "pawlens_example_plugin" / f"{part}.py").read_text(encoding="utf-8")
    text = (SOURCE.parents[2] / "docs" / "plugins" / f"{page}.md").read_text(encoding="utf-8")
    assert f"```python\n{code}```" in text
