"""Ensembling: several runs combined to one model, and what each of them adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from ...base import Clock, Progress, Watcher, tell, watched
from ...errors import UsageError
from ...heads import CombineMethod, combine_out_of_fold, fit_combiner
from ...metrics import Calibration, Difference, calibrate_out_of_fold, compare_models, holm
from ...photos import assign_folds
from ...runs import LEARNT_FROM, Joined, Run, claimed, join_runs, stored_photos
from .._promises import check_promises
from ._combination import Ensemble
from ._run import write_ensemble
from ._trust import with_trust

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["ensemble"]

_FOLDS = 5  # of one held-out fold, where that is all that the members have in common


def ensemble(
    runs: Sequence[Run | str | Path],
    out: str | Path | None = None,
    *,
    method: CombineMethod = "stack",
    photos: str | Path | None = None,
    sets: float | None = None,
    sets_by_class: bool = False,
    risk: float | None = None,
    coverage: float | None = None,
    seed: int = 0,
    progress: Watcher = None,
) -> Run:
    """Combine runs to one run with one ``model.onnx``.

    The weights behind a photo's answer are fitted on the other folds, as temperature and clip are,
    so that the ensemble's numbers are as honest as those of its members. What ships is fitted on
    all photos.

    Parameters
    ----------
    runs : sequence of Run or path
        Two or more, trained on the same photos in the same folds.
    out : path, optional
        A new folder; ``runs/ensemble`` by default.
    method : {"stack", "blend", "greedy"}
        See `pawlens.heads.fit_combiner`.
    photos : path, optional
        The folder or zip of the photos, if it is no longer where the first run read it.
    sets, sets_by_class, risk, coverage
        What its answers promise, as in `pawlens.predict`; the members' own promises are not kept.
        It answers *neither* where all members do.
    seed : int
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    UsageError
        An unknown method, fewer than two runs, or runs with other photos, labels, classes or folds;
        or a promise that cannot be made.
    RunError
        A run is not finished, or the folder cannot be written.
    PhotosError
        A photo that the ensemble is to answer is missing, or another one now.
    ParityError
        The exported graph does not give the answers of its members.

    Examples
    --------
    >>> run = ensemble(["runs/first", "runs/second"], "runs/both", method="blend")
    >>> run.classes, run.model_path.name
    (['cat', 'dog'], 'model.onnx')
    """
    if method not in get_args(CombineMethod):
        raise UsageError(f"method = {method!r}: use one of {', '.join(get_args(CombineMethod))}")
    if len(runs) < 2:
        raise UsageError(f"{len(runs)} run to combine; name two or more run folders")
    asked = check_promises(sets=sets, sets_by_class=sets_by_class, risk=risk, coverage=coverage)
    place = None if out is None else Path(out)
    with watched(progress) as told:
        return _ensemble(runs, place, method, photos, asked, seed, told)


def _ensemble(
    runs: Sequence[Run | str | Path],
    out: Path | None,
    method: CombineMethod,
    photos: str | Path | None,
    asked: Mapping[str, Any],
    seed: int,
    progress: Progress | None,
) -> Run:
    clock = Clock()
    members = [run if isinstance(run, Run) else Run(run) for run in runs]
    with clock.step("ensemble"):
        joined = join_runs(members)
        _check_members(joined)
        combined = with_trust(_combined(joined, method, seed, progress), asked)
    source = stored_photos(members[0], photos)
    if source is None:
        noted = members[0].environment.get("photos", "a place that was not noted")
        raise UsageError(
            f"{members[0].path}: its photos are no longer where it read them, {noted}; name their "
            "folder or zip with --photos"
        )
    with claimed(out, "ensemble", combined) as path:
        write_ensemble(path, combined, source, clock, progress)
    return Run(path)


def _check_members(joined: Joined) -> None:
    first, *others = joined.names
    trained = [_trained(run) for run in joined.runs]
    for name, rows in zip(others, trained[1:], strict=True):
        if rows != trained[0]:
            raise UsageError(
                f"{first} and {name} were trained on different photos or labels; train members on "
                "the same photos"
            )
    if joined.unknown:
        raise UsageError(f"not all members know {joined.unknown[0]!r}; train them on one set")
    if any(a != b for a, b in pairwise(map(_dealt, joined.runs))):
        raise UsageError(
            f"{', '.join(joined.names)}: their folds differ; train members with the same --folds "
            "and --seed"
        )


def _trained(run: Run) -> set[tuple[str, tuple[str, ...]]]:
    """Return contents and labels of the photos that a run trained on or was measured on."""
    table = run.photos().to_pydict()
    rows = zip(table["sha256"], table["labels"], table["role"], strict=True)
    return {(sha, tuple(labels)) for sha, labels, role in rows if role in LEARNT_FROM}


def _dealt(run: Run) -> set[tuple[str, int]]:
    """Return contents and folds of the photos that a run trained on or was measured on.

    A held-out fold has number 0 in every run, so its photos must agree.
    """
    table = run.photos().to_pydict()
    rows = zip(table["sha256"], table["fold"], table["role"], strict=True)
    return {(sha, fold) for sha, fold, role in rows if role in LEARNT_FROM}


def _combined(
    joined: Joined, method: CombineMethod, seed: int, progress: Progress | None
) -> Ensemble:
    y, proba = joined.y, joined.proba
    fold, trained = _folds(joined, seed), joined.fold[0]
    calibration = _calibrated(proba, y, fold, method)
    alone = [calibration.proba, *proba]
    against_members = compare_models(
        y, alone, against=0, folds=np.tile(trained, (len(alone), 1)), seed=seed, groups=joined.group
    )
    adds = []
    for number in range(len(proba)):
        others = np.delete(proba, number, axis=0)
        without = _calibrated(others, y, fold, method).proba
        (difference,) = compare_models(
            y,
            [calibration.proba, without],
            against=1,
            folds=np.tile(trained, (2, 1)),
            seed=seed,
            groups=joined.group,
        )
        adds.append(difference)
        tell(progress, "what each member adds", number + 1, len(proba))
    return Ensemble(
        joined=joined,
        method=method,
        seed=seed,
        fold=fold,
        combiner=fit_combiner(proba, y, method),
        calibration=calibration,
        members=against_members,
        adds=_corrected(adds),
    )


def _corrected(adds: Sequence[Difference]) -> list[Difference]:
    """Correct the p values for several tests (Holm), so that the joint error rate holds."""
    loss = holm([difference.p_log_loss for difference in adds])
    right = holm([difference.p_accuracy for difference in adds])
    return [
        replace(difference, p_log_loss=float(p), p_accuracy=float(q), tests=len(adds))
        for difference, p, q in zip(adds, loss, right, strict=True)
    ]


def _folds(joined: Joined, seed: int) -> Ints:
    """Return the folds to fit over: the members' own, or parts of a single held-out fold."""
    fold = joined.fold[0]
    if len(np.unique(fold)) > 1:
        return np.asarray(fold)
    return assign_folds(joined.y, joined.group, n_folds=_FOLDS, seed=seed)


def _calibrated(proba: Floats, y: Ints, fold: Ints, method: CombineMethod) -> Calibration:
    return calibrate_out_of_fold(y, combine_out_of_fold(proba, y, fold, method), fold, clip="auto")
