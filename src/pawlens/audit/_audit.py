"""The audit of a table of photos, step by step, and its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import Device, Precision, find_backbone
from ..base import (
    Bar,
    Clock,
    Progress,
    Tabular,
    bar_chart,
    data_uri,
    notebook_card,
    or_plain_text,
    user_cache,
)
from ..features import FeatureExtractors, FeatureMatrix, Neighbours, WholePhotos, nearest
from ..photos import (
    Photos,
    Scan,
    Shapes,
    Shortcut,
    assign_roles,
    find_shortcuts,
    given_groups,
    join_groups,
    make_thumbnail,
    measure_shapes,
    near_duplicate_groups,
    pinned,
    read_headers,
    scan_photos,
    shortcut_notes,
    suggest_groups,
)
from ._appearance import Appearance, measure_appearance
from ._beliefs import Beliefs
from ._checks import CHECKS, run_checks
from ._copies import join_cut_outs
from ._detection import Detection
from ._kind import Kind
from ._view import AuditView

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Ints = npt.NDArray[np.int64]

__all__ = ["Audit", "audit", "prepare_view"]

_NEAREST = 32
_SHOWN_NEAREST = 6
_PICTURES = 6  # shown in a notebook
_LOST = "changed or vanished during the audit; start it again"


@dataclass(frozen=True)
class Audit(Tabular):
    """What was found in a table of photos.

    Attributes
    ----------
    photos : Photos
    classes : list of str
    backbones : list of str
    scans : list of Scan
    shapes : Shapes
        Widths and heights of the readable photos, upright.
    appearances : list of Appearance or None
    group : ndarray of int64, shape (n,)
        Photos that show the same picture share a number.
    role : list of str
        See `Table`.
    kinds : list of Kind
        Everything that was to be looked for, in the order in which it is told.
    detections : dict of str to Detection
        By kind, in that order; kinds that were left out are absent.
    neighbours : list of list of int
        Rows of the photos nearest to each photo, by what the backbones see.
    beliefs : Beliefs or None
        None without two classes to learn from.
    left_out : dict of str to str
        Why it was not looked for: by kind, or by the name of a check of another package that
        cannot be used.
    seconds : dict of str to float
    shortcuts : list of Shortcut
        Traits of files that tell the classes apart.
    notes : list of str
        How photos were understood, and what suggests that some belong together.

    Examples
    --------
    >>> from pawlens import audit
    >>> found = audit("photos")
    >>> len(found.photos), found.classes
    (27, ['cat', 'dog'])
    >>> found.counts["unreadable"], found.counts["exact_duplicate"]
    (0, 0)
    >>> found.rows("unreadable").tolist()
    []
    """

    photos: Photos
    classes: list[str]
    backbones: list[str]
    scans: list[Scan]
    shapes: Shapes
    appearances: list[Appearance | None]
    group: Ints
    role: list[str]
    kinds: list[Kind]
    detections: dict[str, Detection]
    neighbours: list[list[int]]
    beliefs: Beliefs | None
    left_out: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    shortcuts: list[Shortcut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Number of photos found of each kind."""
        return {kind: int(one.found.sum()) for kind, one in self.detections.items()}

    def rows(self, kind: str) -> Ints:
        """Return the rows of the photos of a kind, the most suspicious first."""
        one = self.detections[kind]
        found = np.flatnonzero(one.found)
        return np.asarray(found[np.argsort(-one.score[found], kind="stable")], np.int64)

    def to_arrow(self) -> pa.Table:
        """Return the table that ``audit.parquet`` holds, one row for each photo."""
        import pyarrow as pa

        from ._columns import audit_columns

        return pa.table(audit_columns(self))

    def __repr__(self) -> str:
        counts = ", ".join(f"{kind}={count}" for kind, count in self.counts.items() if count)
        return f"Audit({str(self.photos.location)!r}, {len(self.photos)} photos, {counts})"

    @or_plain_text
    def _repr_html_(self) -> str:
        kinds = [
            (kind, self.counts[kind.name]) for kind in self.kinds if self.counts.get(kind.name)
        ]
        pictures = [(bar_chart([Bar(kind.title, count) for kind, count in kinds]), "")]
        for kind, _ in kinds[::-1]:  # the last kinds are those of labels, which matter most
            row = int(self.rows(kind.name)[0])
            thumbnail = make_thumbnail(self.photos, row)
            if thumbnail.jpeg and len(pictures) <= _PICTURES:
                why = self.detections[kind.name].why.get(row, "")
                caption = f"{kind.title}: {self.photos.paths[row]}: {why}".removesuffix(": ")
                pictures.append((data_uri(thumbnail.jpeg), caption))
        return notebook_card(
            f"Audit of {len(self.photos)} photos: {self.photos.location}",
            facts=[("classes", ", ".join(self.classes)), ("backbones", ", ".join(self.backbones))],
            header=("found", "photos"),
            rows=[(kind.title, f"{count:,}") for kind, count in kinds],
            pictures=pictures if kinds else [],
            notes=shortcut_notes(self.shortcuts)
            + [
                f"not looked for: {name.replace('_', ' ')}: {why}"
                for name, why in self.left_out.items()
            ],
        )


def audit(
    photos: Photos,
    *,
    backbones: Sequence[str] = ("paw",),
    weights_dir: Path | None = None,
    cache_dir: Path | None = None,
    precision: Precision = "auto",
    device: Device = "auto",
    folds: int = 5,
    seed: int = 0,
    progress: Progress | None = None,
) -> Audit:
    """Look for everything that may be wrong with photos; nothing is changed.

    Parameters
    ----------
    photos : Photos
        Photos to audit, with their labels as far as they have any.
    backbones : sequence of str
        Names of backbones; see `find_backbone`. The better they are, the more label errors are
        found, and the fewer right labels are suspected.
    weights_dir : Path, optional
        Folder of the backbones' weights.
    cache_dir : Path, optional
        Folder that keeps scans, appearances and features; the user's cache folder by default.
    precision, device : str
        Number format and device of the extraction; see `open_engine`.
    folds, seed : int
        Number of folds of the cross-validation, and the seed of its random numbers.
    progress : callable, optional
        Called with a text, how much is done, and how much there is.

    Returns
    -------
    Audit
        Everything that was found.

    Raises
    ------
    BackboneError
        A backbone is unknown or its weights do not fit.
    PluginError
        Another package offers a check under a name that is taken. One that fails is left out.
    """
    CHECKS.names()  # a package that offers a taken name is refused before any work
    clock = Clock()
    cache = cache_dir or user_cache()
    extractors = FeatureExtractors(
        [find_backbone(name, weights_dir=weights_dir, cache_dir=cache) for name in backbones],
        cache_dir=cache,
        precision=precision,
        device=device,
    )
    view = prepare_view(
        photos, extractors, clock, cache=cache, folds=folds, seed=seed, progress=progress
    )
    findings = run_checks(view, clock)
    with clock.step("shortcuts"):
        shortcuts = find_shortcuts(view.photos, view.scans, cache_dir=cache, progress=progress)
    headers = read_headers(view.photos, view.scans, cache_dir=cache)
    return Audit(
        view.photos,
        view.classes,
        list(backbones),
        view.scans,
        view.shapes,
        view.appearances,
        view.group,
        view.role,
        list(findings.kinds.values()),
        findings.detections,
        _near_rows(view.features, view.neighbours),
        view.beliefs if view.has_beliefs else None,
        findings.left_out,
        clock.seconds,
        shortcuts,
        list(dict.fromkeys([*photos.notes, *suggest_groups(view.photos, headers)])),
    )


def prepare_view(
    photos: Photos,
    extractors: FeatureExtractors,
    clock: Clock,
    *,
    cache: Path,
    folds: int,
    seed: int,
    progress: Progress | None,
) -> AuditView:
    """Measure everything that checks look at."""
    with clock.step("scan"):
        scans = scan_photos(photos, cache_dir=cache, progress=progress)
        hashes = [scan.sha256 if not scan.problem else "" for scan in scans]
        photos = pinned(photos, [scan.sha256 for scan in scans])
        group = near_duplicate_groups(scans)
        shapes = measure_shapes(scans, read_headers(photos, scans, cache_dir=cache))
    with clock.step("appearances"):
        appearances = measure_appearance(photos, hashes, cache_dir=cache, progress=progress)
    with clock.step("features"):
        features = extractors.extract(WholePhotos(photos, hashes), progress=progress)
    for row, appearance in enumerate(appearances):
        if hashes[row] and (appearance is None or features.row[row] < 0):
            scans[row] = replace(scans[row], problem=_LOST)
            hashes[row] = ""
    with clock.step("neighbours"):
        neighbours = nearest(features.values, _NEAREST, progress=progress)
    if len(features.values) > 1:
        with clock.step("copies"):
            group = join_cut_outs(photos, group, features, neighbours, progress=progress)
    role, _ = assign_roles(photos, scans, group, [None] * len(photos))
    return AuditView(
        photos,
        scans,
        hashes,
        shapes,
        appearances,
        group,
        join_groups(group, given_groups(photos)),
        role,
        features,
        neighbours,
        extractors,
        folds=folds,
        seed=seed,
        progress=progress,
    )


def _near_rows(vectors: FeatureMatrix, neighbours: Neighbours) -> list[list[int]]:
    """Find the rows of the nearest photos of each photo; of equal contents the first."""
    first = np.full(len(vectors.values), -1, np.int64)
    seen = np.flatnonzero(vectors.row >= 0)[::-1]
    first[vectors.row[seen]] = seen
    near = first[neighbours.row[:, :_SHOWN_NEAREST]]
    return [near[row].tolist() if row >= 0 else [] for row in vectors.row]
