"""Scores of photos that are unlike all those of training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pawlens.trust import Examples, NeitherScore, fit_neither, free_energy
from pawlens.trust import _neither as module

_D = 40


def _unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _photos(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit features that vary in few directions, and logits that are sure of one of two classes."""
    wide = np.zeros((n, _D))
    wide[:, :8] = rng.standard_normal((n, 8))
    features = _unit(np.eye(_D)[0] * 4 + wide + 0.1 * rng.standard_normal((n, _D)))
    side = 3 * rng.choice([-1.0, 1.0], n) + rng.standard_normal(n)
    return features, np.column_stack([side, -side])


def _fitted(n: int = 400, false_alarms: float = 0.05) -> NeitherScore | None:
    features, logits = _photos(np.random.default_rng(0), n)
    return fit_neither(features, logits, np.arange(n) % 5, false_alarms=false_alarms)


def test_false_alarms_are_as_promised_on_new_photos() -> None:
    rng, found = np.random.default_rng(1), []
    fresh = _photos(rng, 3000)
    for _ in range(6):
        features, logits = _photos(rng, 200)
        score = fit_neither(features, logits, np.arange(200) % 5, false_alarms=0.05)
        assert score is not None
        found.append(np.mean(score(*fresh) >= 0.5))
    assert 0.025 < np.mean(found) < 0.065


def test_strange_features_and_unsure_logits_are_called_neither() -> None:
    score = _fitted()
    assert score is not None
    rng = np.random.default_rng(2)
    features, logits = _photos(rng, 300)
    strange = _unit(features + 0.5 * np.eye(_D)[30:31])
    assert np.mean(score(strange, logits) >= 0.5) > 0.95
    assert np.mean(score(features, 0 * logits) >= 0.5) > np.mean(score(features, logits) >= 0.5)


def test_without_logits_the_distance_alone_counts() -> None:
    features, logits = _photos(np.random.default_rng(0), 400)
    score = fit_neither(features, logits[:, :0], np.arange(400) % 5, false_alarms=0.05)
    assert score is not None
    assert score(features, logits).tolist() == score(features, 9 * logits).tolist()


def test_too_few_photos_promise_nothing() -> None:
    assert _fitted(98, 0.01) is None
    assert _fitted(99, 0.01) is not None
    assert _fitted(400, 0.0) is None


def test_directions_come_from_other_photos_where_those_are_given() -> None:
    features, logits = _photos(np.random.default_rng(0), 400)
    half = {"false_alarms": 0.05, "learn": features[:200]}
    score = fit_neither(features[200:], logits[200:], np.zeros(200, np.int64), **half)  # type: ignore[arg-type]
    assert score is not None
    assert score.mean.tolist() == pytest.approx(features[:200].mean(axis=0).tolist(), abs=1e-6)
    half["learn"] = features[:10]
    assert fit_neither(features, logits, np.zeros(400, np.int64), **half) is None  # type: ignore[arg-type]


def test_free_energy_is_minus_the_log_of_the_summed_exponentials() -> None:
    assert free_energy(np.array([[0.0, 0.0], [1000.0, 0.0]])).tolist() == pytest.approx(
        [-np.log(2), -1000]
    )


def _examples(rng: np.random.Generator, n: int) -> Examples:
    """Photos that no distance from the others finds: they lie where those vary most."""
    features, logits = _photos(rng, n)
    features[:, 1] = 0.8 + 0.05 * rng.standard_normal(n)
    return Examples(_unit(features), logits, np.arange(n) % 5)


def test_examples_teach_their_kind_and_the_false_alarms_are_kept() -> None:
    rng = np.random.default_rng(4)
    fresh, new = _photos(rng, 3000), _examples(rng, 400)
    alarms = []
    for _ in range(6):
        features, logits = _photos(rng, 200)
        fold = np.arange(200) % 5
        plain = fit_neither(features, logits, fold, false_alarms=0.05)
        taught = fit_neither(features, logits, fold, false_alarms=0.05, examples=_examples(rng, 60))
        assert plain is not None
        assert taught is not None
        found = [np.mean(one(new.features, new.logits) >= 0.5) for one in (plain, taught)]
        assert found[1] > found[0] + 0.3
        assert taught.found is not None
        assert np.mean(taught.found) == pytest.approx(found[1], abs=0.2)
        strange = _unit(fresh[0][:300] + 0.5 * np.eye(_D)[30:31])
        assert np.mean(taught(strange, fresh[1][:300]) >= 0.5) > 0.8  # other kinds still are
        alarms.append(np.mean(taught(*fresh) >= 0.5))
    assert 0.025 < np.mean(alarms) < 0.065


def test_what_is_told_of_examples_is_what_was_not_learnt_by_heart() -> None:
    found = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        features, logits = _photos(rng, 100)
        alike = Examples(*_photos(rng, 15), np.arange(15) % 5)
        fold = np.arange(100) % 5
        score = fit_neither(features, logits, fold, false_alarms=0.05, examples=alike)
        assert score is not None
        assert score.found is not None
        by_heart = np.mean(score(alike.features, alike.logits) >= 0.5)
        found.append((np.mean(score.found), by_heart))
    told, by_heart = np.mean(found, axis=0)
    assert told < 0.15
    assert by_heart > told + 0.1


def test_photos_in_blocks_score_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with examples, and with photos that the directions are fitted on apart."""
    features, logits = _photos(np.random.default_rng(0), 400)
    theirs = _unit(np.random.default_rng(1).standard_normal((60, _D)))
    examples = Examples(theirs, np.zeros((60, 2)), np.arange(60) % 4)

    def scores(rows: int, **options: Any) -> list[float]:
        monkeypatch.setattr(module, "BLOCK_ROWS", rows)
        score = fit_neither(features, logits, np.arange(400) % 4, false_alarms=0.05, **options)
        assert score is not None
        return [score.threshold, *score(features, logits)]

    for options in ({}, {"examples": examples}, {"learn": features[:200]}):
        assert scores(7, **options) == pytest.approx(scores(4096, **options), abs=1e-4)
