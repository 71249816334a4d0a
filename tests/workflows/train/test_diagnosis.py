"""Failures of a whole run: planted ones are named, and the report shows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from pawlens import Classifier, Photos, Recipe


def test_planted_failures_are_grouped(photo_folder: Callable[..., Path], tmp_path: Path) -> None:
    folder = photo_folder(cat=40, dog=40)
    planted = set()
    for label in ("cat", "dog"):  # turned by a quarter, each looks like the other
        for number in range(2):
            with Image.open(folder / label / f"{number}.jpg") as photo:
                photo.rotate(90, expand=True).save(folder / label / f"turned{number}.png")
            planted.add(f"{label}/turned{number}.png")
    # With so strong a penalty the head does not learn the few photos by heart.
    recipe = Recipe(l2=[10.0], clip=0.0)
    run = Classifier(recipe=recipe, cache_dir=tmp_path / "cache").fit(
        Photos.read(folder), tmp_path / "run"
    )
    answers = run.oof().to_pylist()
    wrong = {row["path"] for row in answers if row[f"p:{row['label']}"] < 0.5}
    assert wrong == planted
    found = run.metrics["failures"]
    assert sum(found.values()) == len(planted)
    assert found["turned"] >= 1
    assert not {"both", "label", "quality"} & set(found)

    page = run.report_path.read_text(encoding="utf-8")
    section = page.partition('<section id="failures">')[2].partition("</section>")[0]
    assert "Where it fails" in section
    groups = re.split("<h3>", section)[1:]
    assert len(groups) == len(found)
    shown = [set(re.findall(r"(?:cat|dog)/\w+\.\w+", group)) for group in groups]
    assert set().union(*shown) == planted
    count = found["turned"]
    assert groups[0].startswith(f"Turned: {count} photo{'s' if count > 1 else ''}</h3>")
    assert len(shown[0]) == count
    assert "What to do next" in page
    assert "pawlens train PHOTOS --recipe best" in page
    assert run.environment["seconds"]["failures"] > 0
