"""A few striped cats and dogs, and what is made of them once for all tests of the public API."""

from __future__ import annotations

from pathlib import Path

import pytest

import pawlens

from ..striped import fill


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the features of the photos are kept, so that only the first test computes them."""
    return tmp_path_factory.mktemp("api-cache")


@pytest.fixture(scope="session")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Class folders with ten photos each; not to be written to."""
    return fill(tmp_path_factory.mktemp("api") / "pets", 10)


@pytest.fixture(scope="session")
def run(pets: Path, cache: Path) -> pawlens.Run:
    """A finished run; not to be written to."""
    return pawlens.Classifier(folds=2, cache_dir=cache).fit(pets, pets.parent / "run")


@pytest.fixture(scope="session")
def other_run(pets: Path, cache: Path) -> pawlens.Run:
    """Another run on the same photos and folds."""
    recipe = pawlens.Recipe(folds=2, l2=[1e-2])
    return pawlens.Classifier(recipe=recipe, cache_dir=cache).fit(pets, pets.parent / "other")


@pytest.fixture(scope="session")
def audited(pets: Path, cache: Path) -> pawlens.Audit:
    """An audit, whose folder is ``audit`` beside the photos; not to be written to."""
    return pawlens.audit(pets, pets.parent / "audit", cache_dir=cache, folds=2)


@pytest.fixture(scope="session")
def grid(pets: Path, cache: Path) -> Path:
    """The folder of finished experiments with one point; not to be written to."""
    out = pets.parent / "grid"
    vary = {"l2": [[1.0]]}
    pawlens.experiments(pets, vary, settings={"folds": 2}, out=out, cache_dir=cache)
    return out
