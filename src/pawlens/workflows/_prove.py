"""Proof of an augmentation: the same folds and seeds with and without it.

The backbone is frozen. It extracts features of every photo and of some varied copies of it; the
logistic head trains on the photos of the other folds, with or without their copies, and answers
the photos of its own fold as they are. Only the training differs, so every difference is that of
the augmentation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backbones import Device, find_backbone
from ..base import (
    Progress,
    Watcher,
    make_folder,
    require,
    tell,
    user_cache,
    watched,
    write_atomic,
)
from ..errors import RecipeError
from ..features import FeatureExtractors, FeatureMatrix, PictureSource, WholePhotos
from ..heads import L2_GRID, fit_logistic
from ..metrics import (
    apply_temperature,
    calibrate_out_of_fold,
    compare_models,
    evaluate,
    photo_losses,
)
from ..pages import Arm, Proof, render_proof
from ..photos import Photos, PhotosLike, Table, as_photos, assign_folds, prepare_table
from ..recipes import Augment
from ..training import VariedCopies
from ._alike import joiner
from ._augment import make_augmentation

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float32]

__all__ = ["PLAIN", "prove", "prove_augmentations"]

PLAIN = "plain"
"""The name of the arm without augmentation."""


_USUAL = ("flip", "light", "medium", "strong")


def prove(
    photos: PhotosLike,
    augmentations: Sequence[str] | Mapping[str, Augment] = _USUAL,
    *,
    out: str | Path | None = None,
    backbone: str = "paw",
    copies: int = 2,
    folds: int = 5,
    seeds: int = 2,
    group: str | None = None,
    group_name: str | None = None,
    group_alike: bool = False,
    weights_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    device: Device = "auto",
    progress: Watcher = None,
) -> Proof:
    """Prove whether augmentations help: with and without, on the same folds and seeds.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
        With labels.
    augmentations : sequence of str, or mapping of str to Augment
        Presets, or values such as ``"flip=0.5,rotate=20"``.
    out : path, optional
        The page; by default none is written.
    backbone, copies, folds, seeds
        See `prove_augmentations`.
    group, group_name, group_alike
        See `Classifier.fit`.
    weights_dir, cache_dir, device
        See `Classifier`.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    RecipeError
        A preset or a value is unknown or out of range.
    PhotosError
        There are too few photos of a class, or none that can be read.
    MissingExtra
        torch, which varies the photos, is not installed.
    RunError
        The page cannot be written.

    Examples
    --------
    >>> proof = prove("photos", ["flip"], copies=1, folds=2, seeds=1)
    >>> len(proof.rows), proof.plain.metrics.keys() == proof.arms[0].metrics.keys()
    (24, True)
    >>> [(arm.name, arm.values.flip) for arm in proof.arms]
    [('flip', 0.5)]
    """
    require("torch", extra="torch")  # told before any photo is read
    if not isinstance(augmentations, Mapping):
        augmentations = {text: _augmentation(text) for text in augmentations}
    if out is not None:  # a wrong path is told before any photo is read
        make_folder(Path(out).parent)
    table = as_photos(photos, group=group, group_name=group_name)
    with watched(progress) as told:
        proof = prove_augmentations(
            table,
            augmentations,
            backbone=backbone,
            copies=copies,
            folds=folds,
            seeds=seeds,
            group_alike=group_alike,
            weights_dir=None if weights_dir is None else Path(weights_dir),
            cache_dir=user_cache() if cache_dir is None else Path(cache_dir),
            device=device,
            progress=told,
        )
        if out is not None:
            write_atomic(Path(out), render_proof(proof, progress=told).encode())
    return proof


def _augmentation(text: str) -> Augment:
    """Read what is asked for by name: ``flip``, ``rotate=20,erase=0.5`` or ``light,rotate=20``."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    preset = parts.pop(0) if parts and "=" not in parts[0] else None
    if preset is None and not parts:
        raise RecipeError(f"--augment {text!r}: give a preset, or values as in rotate=20")
    values = {name: value for name, _, value in (part.partition("=") for part in parts)}
    return make_augmentation(preset, values, option="--augment", setting="--augment")


def prove_augmentations(
    photos: Photos,
    augmentations: Mapping[str, Augment],
    *,
    backbone: str = "paw",
    copies: int = 2,
    folds: int = 5,
    seeds: int = 2,
    group_alike: bool = False,
    weights_dir: Path | None = None,
    cache_dir: Path,
    device: Device = "auto",
    progress: Progress | None = None,
) -> Proof:
    """Train with and without each augmentation, and compare.

    Parameters
    ----------
    photos : Photos
        Labelled photos.
    augmentations : mapping of str to Augment
        Augmentations by the name that they are shown under.
    backbone : str
        Name of a backbone, as `find_backbone` takes it.
    copies : int
        Number of augmented copies of each training photo, besides the photo itself.
    folds, seeds : int
        Number of folds of cross-validation, and how often photos are dealt to folds anew.
    group_alike : bool
        See `Classifier.fit`.
    weights_dir, cache_dir, device, progress
        Parameters of `Classifier`.

    Raises
    ------
    PhotosError
        There are too few photos of a class, or none of them can be read.
    MissingExtra
        torch, which varies the photos, is not installed.
    """
    table = prepare_table(
        photos,
        n_folds=folds,
        seed=0,
        decisions={},
        join_alike=joiner(cache_dir, device, progress) if group_alike else None,
        cache_dir=cache_dir,
        progress=progress,
    )
    chosen = find_backbone(backbone, weights_dir=weights_dir, cache_dir=cache_dir)
    extractors = FeatureExtractors([chosen], cache_dir=cache_dir, device=device)
    extractors.open()
    source = _Source(table, extractors, progress)
    rows, plain = source.plain()
    label, group = table.label[rows], table.group[rows]
    deals = [assign_folds(label, group, n_folds=folds, seed=seed) for seed in range(seeds)]
    y, groups = np.tile(label, seeds), np.tile(group, seeds)
    fit = _Fits(plain, label, deals, table.classes, groups, progress)
    base = fit.arm(PLAIN, Augment(), None)
    arms = [
        fit.arm(name, values, source.copies(rows, values, copies))
        for name, values in augmentations.items()
    ]
    fold = np.concatenate([deal + seed * folds for seed, deal in enumerate(deals)])
    compared = _compared(arms, base, y, groups, fold)
    return Proof(table, rows, y, groups, base, compared, chosen, copies, seeds, folds)


class _Source:
    """A source of features of photos and of their copies, from the cache or extracted now."""

    def __init__(self, table: Table, extractors: FeatureExtractors, progress: Progress | None):
        self._table, self._extractors, self._progress = table, extractors, progress

    def plain(self) -> tuple[Ints, Matrix]:
        """Return a row for each content that trains, and its features, unit length, (n, D)."""
        table = self._table
        train = table.rows("train")
        pairs = [(table.scans[row].sha256, int(table.label[row])) for row in train]
        first = {pair: int(row) for pair, row in zip(pairs[::-1], train[::-1], strict=True)}
        rows = np.array(sorted(first.values()), np.int64)
        wanted = set(rows.tolist())
        keys = [scan.sha256 if i in wanted else "" for i, scan in enumerate(table.scans)]
        return rows, self._extract(WholePhotos(table.photos, keys)).of(rows)

    def copies(self, rows: Ints, values: Augment, copies: int) -> Matrix:
        """Return the features of the copies, unit length, float32 (copies, n, D)."""
        varied = VariedCopies(
            self._table.photos,
            rows.tolist(),
            [scan.sha256 for scan in self._table.scans],
            values=values,
            spec=self._extractors.backbones[0].spec,
            copies=copies,
            seed=0,
        )
        features = self._extract(varied).of(np.arange(len(varied)))
        return features.reshape(copies, len(rows), -1)

    def _extract(self, pictures: PictureSource) -> FeatureMatrix:
        return self._extractors.extract(pictures, complete=True, progress=self._progress)


class _Fits:
    """The fits of the head under every seed, for one arm after the other."""

    def __init__(
        self,
        plain: Matrix,
        label: Ints,
        deals: list[Ints],
        classes: list[str],
        groups: Ints,
        progress: Progress | None,
    ) -> None:
        self._plain, self._label, self._deals = plain, label, deals
        self._classes, self._groups, self._progress = classes, groups, progress
        self._grid: tuple[float, ...] = L2_GRID

    def arm(self, name: str, values: Augment, copies: Matrix | None) -> Arm:
        """Fit an arm; the strengths tried are those around the first fit's choice."""
        blocks = [self._plain, *([] if copies is None else copies)]
        features, count = np.concatenate(blocks), len(blocks)
        judged = np.arange(len(features)) < len(self._plain)
        label = np.tile(self._label, count)
        n = len(self._plain)
        proba, train, valid, strengths = [], [], [], []
        for seed, fold in enumerate(self._deals):
            fit = fit_logistic(
                features,
                label,
                np.tile(fold, count),
                n_classes=len(self._classes),
                judged=judged,
                grid=self._grid,
            )
            if self._grid is L2_GRID:
                self._grid = _about(fit.l2)
            logits = fit.logits[:n]
            proba.append(calibrate_out_of_fold(self._label, logits, fold, clip="auto").proba)
            valid.append(_loss(self._label, logits))
            train.append(_loss(self._label, fit.head.logits(self._plain)))
            strengths.append(fit.l2)
            tell(self._progress, f"training {name}", seed + 1, len(self._deals))
        stacked = np.concatenate(proba)
        return Arm(
            name=name,
            values=values,
            proba=stacked,
            metrics=evaluate(
                np.tile(self._label, len(self._deals)), stacked, self._classes, groups=self._groups
            ),
            train_loss=float(np.mean(train)),
            valid_loss=float(np.mean(valid)),
            l2=strengths,
            features=self._plain if copies is None else copies[0],
        )


def _about(l2: float) -> tuple[float, ...]:
    """Return one strength above a choice, and two below: more photos need a weaker one."""
    chosen = L2_GRID.index(l2)
    return L2_GRID[max(chosen - 1, 0) : chosen + 3]


def _loss(label: Ints, logits: npt.NDArray[np.floating[Any]]) -> float:
    proba = apply_temperature(np.asarray(logits, np.float64), 1.0)
    return float(photo_losses(label, proba).mean())


def _compared(arms: list[Arm], base: Arm, y: Ints, groups: Ints, fold: Ints) -> list[Arm]:
    """Add to each arm its differences to the plain arm."""
    proba = np.stack([base.proba, *(arm.proba for arm in arms)])
    folds = np.tile(fold, (len(proba), 1))
    differences = compare_models(y, proba, against=0, groups=groups, folds=folds)
    plain, compared = photo_losses(y, base.proba), []
    for arm, difference in zip(arms, differences, strict=True):
        gain = np.bincount(fold, photo_losses(y, arm.proba) - plain)
        compared.append(
            replace(
                arm,
                difference=difference.log_loss,
                accuracy=difference.accuracy,
                verdict=difference.verdict,
                better_folds=int((gain < 0).sum()),
                folds=len(gain),
            )
        )
    return compared
