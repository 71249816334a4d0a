"""A metric of a package that cannot be used ends a training before it begins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pawlens import Classifier, Photos
from pawlens.errors import PluginError


def test_a_metric_that_cannot_be_used_is_told_before_any_work(
    install_package: Callable[..., None], photo_folder: Callable[..., Path], tmp_path: Path
) -> None:
    install_package("raise OSError('no licence')", "pawlens.metrics", best="Best")

    def never(*_: object) -> None:
        pytest.fail("work has begun")

    photos = Photos.read(photo_folder(cat=6, dog=6))
    with pytest.raises(PluginError, match=r"acme 2\.0: its metric 'best' .*OSError: no licence"):
        Classifier().fit(photos, tmp_path / "run", progress=never)
    assert not (tmp_path / "run").exists()
