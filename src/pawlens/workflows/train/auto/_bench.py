"""The bench of a choice: features of candidates on the job's photos, and heads fitted on them."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ....backbones import (
    Backbone,
    TookTooLong,
    find_backbone,
    licence_terms,
    patience,
    split_size,
)
from ....base import Progress
from ....features import FeatureExtractors, FeatureMatrix
from .._default_head import fit_head
from .._method import TrainingJob
from ._candidates import DEFAULT
from ._deadline import OutOfTime

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Bench"]


class Bench:
    """What trials are made on; the features that they compute stay in the job's cache.

    Parameters
    ----------
    job : TrainingJob
        Its recipe gives folds, seed and everything else but the backbones.
    """

    def __init__(self, job: TrainingJob) -> None:
        self._job = job
        self._found: dict[str, Backbone] = {}

    @property
    def rows(self) -> Ints:
        """The rows that train, int64."""
        return self._job.table.rows("train")

    @property
    def label(self) -> Ints:
        """The class of each row of the table, int64."""
        return self._job.table.label

    @property
    def group(self) -> Ints:
        """The group of each row of the table, int64."""
        return self._job.table.group

    def is_ready(self, name: str) -> bool:
        """Whether a backbone was converted before, so that it is opened in a moment."""
        stem, size = split_size(name)
        if stem == DEFAULT or Path(stem).is_file():
            return True
        begins, holds = stem.partition(".")[0], f"-{size}-" if size else "-"
        return any(
            file.name.startswith(begins) and holds in file.name
            for file in (self._job.cache / "onnx").glob("*.onnx")
        )

    def open(self, name: str, seconds: float | None = None) -> None:
        """Find a backbone, convert it the first time, within so many seconds if they are given.

        Raises
        ------
        PawlensError
            It cannot be used; the line says why.
        OutOfTime
            The conversion took too long, and was ended.
        """
        job = self._job
        try:
            with patience(seconds if seconds is None else max(seconds, 0.0)):
                self._found[name] = find_backbone(
                    name, weights_dir=job.options.weights_dir, cache_dir=job.cache
                )
        except TookTooLong as error:
            raise OutOfTime(f"conversion of {name}") from error

    def terms(self, name: str) -> str:
        """What the licence of the weights restricts, in a few words; empty for nothing."""
        return licence_terms(self._found[name].spec.licence)

    def extract(
        self, name: str, rows: Container[int] | None, *, int8: bool, progress: Progress
    ) -> FeatureMatrix:
        """Features of rows, or of every photo, of a backbone that was opened.

        Raises
        ------
        OutOfTime
            By `progress`.
        """
        job = self._job
        precision = "int8" if int8 else job.recipe.precision
        extractors = FeatureExtractors(
            [self._found[name]],
            cache_dir=job.cache,
            precision=precision,
            device=job.options.device,
        )
        if precision == "int8":
            job.calibrate(extractors)
        return extractors.extract(job.pictures(rows), progress=progress)

    def answers(
        self, matrices: Sequence[FeatureMatrix], rows: Ints, *, progress: Progress
    ) -> Floats:
        """Out-of-fold probabilities float64 (k, K) of rows, from features side by side.

        Raises
        ------
        OutOfTime
            By `progress`.
        """
        table, recipe = self._job.table, self._job.recipe
        chosen = set(rows.tolist())
        role = ["train" if row in chosen else "not used" for row in range(len(table.role))]
        values = np.hstack([matrix.values for matrix in matrices])
        backbones = [backbone for matrix in matrices for backbone in matrix.backbones]
        side_by_side = replace(matrices[0], values=values, backbones=backbones)
        plain = recipe.model_copy(update={"clean": "none"})
        return fit_head(replace(table, role=role), side_by_side, plain, progress).calibration.proba
