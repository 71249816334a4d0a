"""Examples of neither class: read, told from the photos of training, and given features."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Progress
from ...errors import PhotosError, UsageError
from ...features import FeatureExtractors, WholePhotos
from ...metrics import mean_interval
from ...photos import Photos, scan_photos
from ...trust import NEITHER, Examples, NeitherScore
from ._method import Fitted, TrainingJob
from ._results_one_label import OneLabelResults

if TYPE_CHECKING:
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

__all__ = ["NeitherExamples", "read_examples"]

_FEWEST = 10
_FOLDS = 5


@dataclass(frozen=True)
class NeitherExamples:
    """Photos of neither class from which a run learns.

    Attributes
    ----------
    photos : Photos
    hashes : list of str
        SHA-256 of each photo's bytes.
    group : ndarray of int64, shape (m,)
        Photos that look the same have the same number.
    set_aside : list of (path, reason)
    """

    photos: Photos
    hashes: list[str]
    group: Ints
    set_aside: list[tuple[str, str]]

    def features(
        self, job: TrainingJob, fitted: Fitted, progress: Progress | None = None
    ) -> Examples:
        """Compute features and logits as those of the photos of training were."""
        matrix, results = fitted.matrix, fitted.results
        extractors = FeatureExtractors(
            matrix.backbones,
            cache_dir=job.cache,
            precision=job.recipe.precision,
            device=job.options.device,
        )
        if any(words.startswith("int8") for words in matrix.precisions):
            job.calibrate(extractors)
        rows = range(len(self.photos))
        pictures = WholePhotos(
            self.photos, self.hashes, trimmed=rows if job.recipe.borders == "trim" else ()
        )
        found = extractors.extract(pictures, complete=True, progress=progress)
        features = found.of(np.arange(len(rows)))
        logits = np.empty((len(rows), 0))
        if isinstance(results, OneLabelResults):
            logits = results.head.logits(features) / results.calibration.temperature
        order = np.random.default_rng(job.recipe.seed).permutation(int(self.group.max()) + 1)
        return Examples(features, logits, np.asarray(order[self.group] % _FOLDS, np.int64))

    def facts(self, score: NeitherScore) -> dict[str, Any]:
        """Tell how many were found by a score that had not learnt from them."""
        assert score.found is not None
        share = mean_interval(score.found.astype(np.float64), least=0, most=1, groups=self.group)
        aside = [list(pair) for pair in self.set_aside]
        return {"photos": len(self.photos), "found": asdict(share), "set_aside": aside}


def read_examples(job: TrainingJob, progress: Progress | None) -> NeitherExamples | None:
    """Read the examples of a job, where it has any, before anything is trained.

    Raises
    ------
    UsageError
        The run can have no answer *neither* that learns.
    PhotosError
        Too few examples are left.
    """
    photos = job.options.neither
    if photos is None:
        return None
    _check(job)
    scans = scan_photos(photos, cache_dir=job.cache, progress=progress)
    contents = {scan.sha256 for scan in job.table.scans if scan.sha256}
    looks = {scan.phash for scan in job.table.scans if scan.phash}
    kept, aside = [], []
    for row, scan in enumerate(scans):
        reason = ""
        if scan.problem:
            reason = scan.problem
        elif scan.sha256 in contents:
            reason = "is a photo of training, or there twice"
        elif scan.phash in looks:
            reason = "looks like a photo of training"
        contents.add(scan.sha256)
        if reason:
            aside.append((photos.paths[row], reason))
        else:
            kept.append(row)
    _, group = np.unique([scans[row].phash for row in kept], return_inverse=True)
    if len(np.unique(group)) < _FEWEST:
        why = "; ".join(f"{count}: {one}" for one, count in Counter(r for _, r in aside).items())
        raise PhotosError(
            f"{photos.location}: {len(np.unique(group))} different examples of neither can be "
            f"used, and {_FEWEST} are needed{f' (set aside: {why})' if why else ''}"
        )
    hashes = [scans[row].sha256 for row in kept]
    return NeitherExamples(photos.subset(kept), hashes, np.asarray(group, np.int64), aside)


def _check(job: TrainingJob) -> None:
    recipe, n = job.recipe, len(job.table.rows("train"))
    if recipe.phases:
        raise UsageError(
            "--neither: a recipe with phases learns from no examples of neither; leave one out"
        )
    if NEITHER in job.table.classes:
        raise UsageError(
            "--neither: there is a class of that name; its photos are examples already"
        )
    if recipe.neither <= 0:
        raise UsageError(
            "--neither needs false alarms above 0; leave it out, or --false-alarms 0.01"
        )
    fewest = max(40, int(np.ceil(1 / recipe.neither - 1 - 1e-9)))
    if n < fewest:
        raise UsageError(
            f"--neither: {n} photos train, and {fewest} are needed for false alarms of "
            f"{recipe.neither:g}; add photos, or raise --false-alarms"
        )
