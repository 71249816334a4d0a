"""Maps of the most wrong photos in the report of a run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pawlens import Classifier, Photos


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
