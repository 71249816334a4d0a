"""The audit, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from ..audit import (
    DECISIONS,
    LEAST_PRECISION,
    RULES,
    Audit,
    AuditTable,
    Journal,
    audit_columns,
    audit_facts,
    automatic_decisions,
    write_audit_files,
)
from ..audit import audit as look_for_flaws
from ..backbones import Device, Precision
from ..base import Watcher, in_use, watched
from ..errors import RunError
from ..pages import render_audit
from ..photos import Photos, PhotosLike, as_photos
from ._recipe import as_names

__all__ = ["audit", "check_apart", "decide_automatically", "write_audit"]


def audit(
    photos: PhotosLike,
    out: str | Path | None = None,
    *,
    backbones: str | Sequence[str] = "paw",
    weights_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    precision: Precision = "auto",
    device: Device = "auto",
    folds: int = 5,
    seed: int = 0,
    group: str | None = None,
    group_name: str | None = None,
    progress: Watcher = None,
) -> Audit:
    """Look for everything that may be wrong with photos; the photos are not changed.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
        With labels, as far as there are any.
    out : path, optional
        The audit folder, with a table and a page; by default nothing is written. Decisions that
        lie in it stay.
    backbones : str or sequence of str
        ``"paw"`` (bundled), names of timm networks, or paths of ONNX files. The better they are,
        the more label errors are found, and the fewer right labels are suspected.
    weights_dir : path, optional
        Folder with safetensors of timm networks.
    cache_dir : path, optional
        Where scans and features are kept; the user's cache folder by default.
    precision : {"auto", "f32", "bf16", "int8"}
    device : {"auto", "cpu", "cuda"}
        Where backbones run; auto takes a GPU only where torch sees one.
    folds, seed : int
        The folds of cross-validation, by which no photo is judged by a model that trained on it.
    group, group_name : str, optional
        How photos of one subject are known, so that none is judged by a model that trained on
        others of its subject; see `Photos.read`.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    PhotosError
        The photos are missing, or are none.
    BackboneError
        A backbone is unknown or its weights do not fit.
    RunError
        The folder lies among the photos, or cannot be written.

    Examples
    --------
    >>> found = audit("photos", "audits/pets")
    >>> sum(found.counts[kind] for kind in ("unreadable", "exact_duplicate", "blank"))
    0
    >>> from pathlib import Path
    >>> sorted(path.name for path in Path("audits/pets").iterdir() if path.suffix == ".html")
    ['audit.html']
    """
    table = as_photos(photos, group=group, group_name=group_name)
    folder = None if out is None else Path(out)
    if folder is not None:
        check_apart(folder, table)
    with nullcontext() if folder is None else in_use(folder), watched(progress) as told:
        result = look_for_flaws(
            table,
            backbones=as_names(backbones),
            weights_dir=None if weights_dir is None else Path(weights_dir),
            cache_dir=None if cache_dir is None else Path(cache_dir),
            precision=precision,
            device=device,
            folds=folds,
            seed=seed,
            progress=told,
        )
        if folder is not None:
            write_audit(result, folder, source=table.source)
    return result


def decide_automatically(folder: str | Path) -> dict[str, int]:
    """Decide what needs no person in an audit's folder: how many photos, by action and reason.

    What was decided before stays. A rule that was not right often enough where it was measured is
    named with 0 photos.

    Raises
    ------
    UsageError
        The folder is not an audit's.

    Examples
    --------
    >>> import shutil
    >>> from pathlib import Path
    >>> from PIL import Image, ImageOps
    >>> from pawlens import audit, read_decisions
    >>> photos = Path(shutil.copytree("photos/train", "framed"))
    >>> with Image.open(photos / "cat.1.jpg") as photo:
    ...     ImageOps.expand(photo, border=120, fill="white").save(photos / "cat.99.jpg")
    >>> found = audit(photos, "audits/framed")
    >>> sum(decide_automatically("audits/framed").values())
    1
    >>> decisions = read_decisions("audits/framed").values()
    >>> [(decision.path, decision.action) for decision in decisions]
    [('cat.99.jpg', 'trim')]
    """
    journal = Journal(Path(folder) / DECISIONS)
    columns = AuditTable.read(Path(folder)).columns
    counts = {
        f"nothing about {rule.kind}: {rule.in_words}": 0
        for rule in RULES
        if rule.precision < LEAST_PRECISION
    }
    for decision in automatic_decisions(columns, decided=journal.current()):
        done = journal.decide(decision)
        name = f"{done.action}, {done.reason}"
        counts[name] = counts.get(name, 0) + 1
    return counts


def write_audit(found: Audit, folder: Path, *, source: str | Path | None = None) -> Path:
    """Write an audit; decisions that lie in the folder stay.

    Parameters
    ----------
    found : Audit
    folder : Path
        Created if it is missing; what an earlier audit wrote there is replaced.
    source : path, optional
        What `Photos.read` was given, for whoever goes on from here: a list says more than the
        folder that it lies in.

    Returns
    -------
    Path
        The page, which is written last.

    Raises
    ------
    RunError
        The folder lies among the photos, or cannot be written.
    """
    check_apart(folder, found.photos)
    return write_audit_files(
        folder, audit_columns(found), audit_facts(found, source), render_audit(found)
    )


def check_apart(folder: Path, photos: Photos) -> None:
    """Refuse a folder to write that lies among the photos.

    Raises
    ------
    RunError
        It does; what is written there would be read as photos, or as a list of them.
    """
    location = photos.location.resolve()
    if location.is_dir() and location != Path.cwd() and folder.resolve().is_relative_to(location):
        raise RunError(f"{folder}: lies among the photos; choose another folder with --out")
