"""Maps of the most wrong photos in the report of a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image

from pawlens import Classifier, Photos
from pawlens.backbones import Backbone
from pawlens.explain import Explanation, explain_photos
from pawlens.photos import Side, jpeg
from pawlens.workflows.train._diagnosis import answer_maps

from ...small_models import linear_head, picture, small_model


def test_the_report_shows_where_wrong_answers_come_from(
    photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    folder = photo_folder(cat=14, dog=14)
    for name in ("cat", "dog"):  # a wrong label each, which no model should follow
        other = "dog" if name == "cat" else "cat"
        (folder / name / "0.jpg").replace(folder / other / "moved.jpg")
    run = Classifier(folds=2).fit(Photos.read(folder), tmp_path / "run")
    page = run.report_path.read_text(encoding="utf-8")
    wrong = round((1 - run.accuracy) * 28)
    assert wrong >= 2
    assert page.count('<div class="pair">') == min(wrong, 24)
    assert re.search(r"what speaks for the answer \(orange\)", page)
    assert len(page) < 10_000_000


def test_a_map_of_the_report_is_that_of_explain_also_of_a_large_photo(
    paw: Backbone, tmp_path: Path
) -> None:
    Image.fromarray(picture(3, (1300, 1700))).save(tmp_path / "large.jpg", quality=95)
    photos = Photos.read(tmp_path, labels=False)
    model = small_model(paw, linear_head(paw.spec.feature_dim, 2), classes=("cat", "dog"))
    table = SimpleNamespace(photos=photos, label=np.array([1]), classes=["cat", "dog"])
    recipe = SimpleNamespace(borders="keep")
    job: Any = SimpleNamespace(table=table, trimmed=frozenset(), recipe=recipe)
    calibration = SimpleNamespace(proba=np.array([[0.9, 0.1]]))
    results: Any = SimpleNamespace(evaluated=np.array([0]), calibration=calibration)
    (shown,) = answer_maps(model, job, results).values()
    whole = model.explainer().explain(photos.decode(0), "cat")
    assert shown == jpeg(whole.shrunk(Side.SHEET).overlay())
    (explained,) = (one for _, one in explain_photos(model.explainer(), photos, "cat"))
    assert isinstance(explained, Explanation)
    assert explained.probability == whole.probability
