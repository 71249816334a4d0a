"""Whether answers keep their promises: sets of labels and abstention, on real features.

    python benchmarks/trust.py sets FEATURES.npz dvc|cat12 [--splits 200] [--save HALVES.npz]
    python benchmarks/trust.py risk FEATURES.npz dvc|cat12 [--draws 1000]
    PYTHONPATH=src PYTHON benchmarks/trust.py mapie HALVES.npz

Features are those of ``neither.py``. ``sets`` splits photos at random again and again: out-of-fold
answers of one half give the rules, and a head that is fitted on all of that half answers the other
half, as a run answers new photos. ``risk`` draws photos with their out-of-fold answers from all of
them, with replacement, so that the true risk of a threshold is known: that of all. ``mapie`` makes
sets of some of the same halves with MAPIE (LAC, APS, RAPS), in a PYTHON that has it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from pawlens.heads import fit_logistic
from pawlens.metrics import apply_temperature, calibrate_out_of_fold, clopper_pearson
from pawlens.trust import AnswerRules, find_rules, least_confidence_for_risk

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FOLDS = 5
_PROMISES = (0.9, 0.95, 0.99)
_RISKS = (0.005, 0.01, 0.02, 0.05)
_L2 = (1e-2,)  # one strength: that of a run on these photos, for the sake of time


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    jobs = parser.add_subparsers(required=True)
    sets = jobs.add_parser("sets")
    sets.add_argument("file", type=Path)
    sets.add_argument("name", choices=("dvc", "cat12"))
    sets.add_argument("--splits", type=int, default=200)
    sets.add_argument("--heads", type=int, default=10, help="splits with heads of their own")
    sets.add_argument("--save", type=Path, help="write answers for MAPIE here")
    sets.set_defaults(job=simulate)
    risk = jobs.add_parser("risk")
    risk.add_argument("file", type=Path)
    risk.add_argument("name", choices=("dvc", "cat12"))
    risk.add_argument("--draws", type=int, default=1000)
    risk.set_defaults(job=resample_risk)
    mapie = jobs.add_parser("mapie")
    mapie.add_argument("file", type=Path)
    mapie.set_defaults(job=compare_with_mapie)
    args = parser.parse_args()
    args.job(args)


def fitted(x: Any, y: Ints, seed: int) -> tuple[Any, Any, Ints]:
    """Fit a head in folds, and calibrate it: fit, calibration, folds."""
    fold = np.random.default_rng(seed).permutation(len(y)) % _FOLDS
    fit = fit_logistic(x, y, fold, n_classes=int(y.max()) + 1, grid=_L2)
    return fit, calibrate_out_of_fold(y, fit.logits, fold, clip=0.0), fold


def answered_halves(x: Any, y: Ints, args: argparse.Namespace) -> Any:
    """Yield out-of-fold answers of one half, and those to another half, split after split.

    Heads are fitted for some halves; of each, random parts of both halves make further splits.
    """
    rng = np.random.default_rng(0)
    for head in range(args.heads):
        order = rng.permutation(len(y))
        known, fresh = np.split(order, [len(y) // 2])
        fit, calibration, _ = fitted(x[known], y[known], head)
        logits = fit.head.logits(x[fresh])
        proba = apply_temperature(logits, calibration.temperature)
        for _ in range(args.splits // args.heads):
            a = rng.permutation(len(known))[: int(0.8 * len(known))]
            b = rng.permutation(len(fresh))[: int(0.8 * len(fresh))]
            yield y[known][a], calibration.proba[a], y[fresh][b], proba[b]


def simulate(args: argparse.Namespace) -> None:
    """Count how often sets hold the truth, and how often the promised risk is kept."""
    stored = np.load(args.file)
    x, y = unit(stored[args.name]), stored[f"{args.name}_y"].astype(np.int64)
    halves = list(answered_halves(x, y, args))
    if args.save:
        np.savez(
            args.save, *[part for half in halves[:: max(1, len(halves) // 20)] for part in half]
        )
    print(
        f"{args.name}: {len(halves)} splits of {len(halves[0][0])} and {len(halves[0][2])} photos"
    )
    print(
        "promised  by class  covered  within band  least class  within band  mean size  one label"
    )
    for promise in _PROMISES:
        for by_class in (False, True):
            _sets_row(halves, promise, by_class)
    for risk in _RISKS:
        _risk_row(halves, risk)


def _sets_row(halves: Any, promise: float, by_class: bool) -> None:
    found, least, size, alone, kept, kept_classes = [], [], [], [], 0, []
    for y, proba, fresh, answers in halves:
        sets = find_rules(y, proba, sets=promise, sets_by_class=by_class).sets
        assert sets is not None
        members = sets.members(answers)
        inside = members[np.arange(len(fresh)), fresh]
        found.append(inside.mean())
        kept += _not_under(inside, promise, len(y))
        classes = [inside[fresh == k] for k in np.unique(fresh)]
        least.append(min(one.mean() for one in classes))
        kept_classes += [
            _not_under(one, promise, int((y == k).sum()))
            for k, one in zip(np.unique(fresh), classes, strict=True)
        ]
        size.append(members.sum(axis=1).mean())
        alone.append((answers.argmax(axis=1) == fresh).mean())
    print(
        f"{promise:8.0%}  {by_class!s:8}  {np.mean(found):.4f}  {kept / len(halves):11.1%}"
        f"  {np.mean(least):11.4f}  {np.mean(kept_classes):11.1%}  {np.mean(size):9.3f}"
        f"  {np.mean(alone):.4f}"
    )


def _not_under(inside: Any, promise: float, known: int) -> bool:
    """Say whether the count lies within the band of luck, that of a finite calibration included."""
    n = len(inside)
    spread = np.sqrt(promise * (1 - promise) * (1 / n + 1 / known))
    lowest = binom.ppf(0.025, n, promise) / n
    return bool(inside.mean() >= min(lowest, promise - 1.96 * spread))


def _risk_row(halves: Any, risk: float) -> None:
    broken, above, given, wrong = 0, 0, [], []
    for y, proba, fresh, answers in halves:
        rules = find_rules(y, proba, risk=risk)
        assert rules.least_confidence is not None
        some = rules.confidence(answers) >= rules.least_confidence
        errors = (answers.argmax(axis=1) != fresh)[some]
        given.append(some.mean())
        if len(errors):
            wrong.append(errors.mean())
            above += errors.mean() > risk
            # New photos have luck of their own: broken where their count says so.
            broken += binom.sf(errors.sum() - 1, len(errors), risk) < 0.05
    rate = f"{np.mean(wrong):.4f}" if wrong else "-"
    kept, under = 1 - broken / len(halves), 1 - above / len(halves)
    print(
        f"risk {risk:.3f}: kept in {kept:.1%} of splits, found at or under it in {under:.1%}, "
        f"answers {np.mean(given):.1%}, wrong {rate}"
    )


def resample_risk(args: argparse.Namespace) -> None:
    """Count how often the true risk of a threshold is at most the promised one."""
    stored = np.load(args.file)
    x, y = unit(stored[args.name]), stored[f"{args.name}_y"].astype(np.int64)
    proba = fitted(x, y, 0)[1].proba
    plain = AnswerRules()
    confidence = plain.confidence(proba)
    wrong = (plain.answers(proba) != y).astype(np.float64)
    for n in (1000, len(y) // 2, len(y)):
        for risk in _RISKS:
            found = [
                _true_risk(confidence, wrong, risk, np.random.default_rng([seed, n]), n)
                for seed in range(args.draws)
            ]
            _resampled_row(f"{args.name} {n:5} photos, risk {risk:.1%}", found, risk)


def _true_risk(
    confidence: Floats, wrong: Floats, risk: float, rng: np.random.Generator, n: int
) -> tuple[float, float]:
    """Find a threshold on n photos: the share of all that it answers, and that of wrong answers."""
    rows = rng.integers(0, len(wrong), n)
    least = least_confidence_for_risk(confidence[rows], wrong[rows], risk)
    given = confidence >= (np.inf if least is None else least)
    return float(given.mean()), float(wrong[given].mean()) if given.any() else 0.0


def _resampled_row(title: str, found: list[tuple[float, float]], risk: float) -> None:
    answered, errors = np.array(found).T
    kept = int((errors <= risk).sum())
    low, high = clopper_pearson(kept, len(errors))
    some = answered > 0
    told = "no photo is answered"
    if some.any():
        told = f"then {answered[some].mean():.1%} with {errors[some].mean():.2%} wrong"
    print(
        f"{title}: kept in {kept / len(errors):.1%} ({low:.1%} to {high:.1%}), "
        f"at most {errors.max():.2%}; answers in {some.mean():.0%}, {told}",
        flush=True,
    )


def compare_with_mapie(args: argparse.Namespace) -> None:
    """Print coverage, least class and mean size of our sets, and of those of MAPIE."""
    from mapie.classification import SplitConformalClassifier
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Given(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        """A classifier whose input is its answer."""

        def __init__(self, classes: int = 2) -> None:
            self.classes = classes
            self.classes_ = np.arange(classes)

        def fit(self, x: Any, y: Any) -> Any:
            return self

        def predict_proba(self, x: Any) -> Any:
            return np.asarray(x)

        def predict(self, x: Any) -> Any:
            return np.asarray(x).argmax(axis=1)

        def __sklearn_is_fitted__(self) -> bool:
            return True

    parts = [
        part for _, part in sorted(np.load(args.file).items(), key=lambda one: int(one[0][4:]))
    ]
    halves = [tuple(parts[i : i + 4]) for i in range(0, len(parts), 4)]
    for promise in _PROMISES:
        _sets_row(halves, promise, False)
        # It wants more photos for RAPS at 99 %: a fifth of them chooses the penalty.
        for score in ("lac", "aps", "raps") if promise < 0.99 else ("lac", "aps"):
            found, least, size, empty = [], [], [], []
            for y, proba, fresh, answers in halves:
                rule = SplitConformalClassifier(
                    Given(proba.shape[1]),
                    confidence_level=promise,
                    conformity_score=score,
                    prefit=True,
                    random_state=0,
                )
                rule.conformalize(proba, y)
                members = rule.predict_set(answers)[1][:, :, 0]
                inside = members[np.arange(len(fresh)), fresh]
                found.append(inside.mean())
                least.append(min(inside[fresh == k].mean() for k in np.unique(fresh)))
                size.append(members.sum(axis=1).mean())
                empty.append((~members.any(axis=1)).mean())
            print(
                f"{promise:8.0%}  MAPIE {score}: covered {np.mean(found):.4f}, least class "
                f"{np.mean(least):.4f}, mean size {np.mean(size):.3f}, empty {np.mean(empty):.2%}"
            )


def unit(values: Any) -> Any:
    """Scale the features (n, D) of one backbone to unit length."""
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return (values / np.maximum(length, 1e-6)).astype(np.float32)


if __name__ == "__main__":
    main()
