"""The audit, and its files: ``audit.json``, ``audit.parquet`` and ``audit.html``."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..audit import DECISIONS, LEAST_PRECISION, RULES, Audit, Journal, automatic_decisions
from ..audit import audit as look_for_flaws
from ..backbones import Device, Precision
from ..base import Watcher, make_folder, watched, write_atomic
from ..errors import RunError, UsageError
from ..pages import render_audit
from ..photos import PhotosLike, as_photos
from ._recipe import as_names

__all__ = ["AUDIT_PAGE", "audit", "decide_automatically", "write_audit"]

AUDIT_PAGE = "audit.html"
_TABLE = "audit.parquet"
_VERSION = 1


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
    """
    table = as_photos(photos)
    with watched(progress) as told:
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
    if out is not None:
        source = Path(photos) if isinstance(photos, str | os.PathLike) else None
        write_audit(result, Path(out), source=source)
    return result


def decide_automatically(folder: str | Path) -> dict[str, int]:
    """Decide what needs no person in an audit's folder: how many photos, by action and reason.

    What was decided before stays. A rule that was not right often enough where it was measured is
    named with 0 photos.

    Raises
    ------
    UsageError
        The folder is not an audit's.
    """
    import pyarrow.parquet as pq

    file = Path(folder) / _TABLE
    if not file.is_file():
        raise UsageError(f"{file}: no such file; make it with pawlens audit PHOTOS")
    journal = Journal(Path(folder) / DECISIONS)
    columns = pq.read_table(file).to_pydict()
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
        Created if it is missing; what an earlier audit wrote there is replaced. Broken off in
        between, the folder holds no ``audit.json``, so that nobody takes it for an audit.
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
    location = found.photos.location.resolve()
    if location.is_dir() and location != Path.cwd() and folder.resolve().is_relative_to(location):
        raise RunError(f"{folder}: lies among the photos; choose another folder with --out")
    make_folder(folder)
    page, facts_file = folder / AUDIT_PAGE, folder / "audit.json"
    _remove(page, facts_file)  # a table must never be read with the facts of another audit
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(found.to_arrow(), sink, compression="zstd")
    write_atomic(folder / _TABLE, sink.getvalue().to_pybytes())
    facts = json.dumps(_facts(found, source), ensure_ascii=False, indent=2) + "\n"
    write_atomic(facts_file, facts.encode())
    write_atomic(page, render_audit(found).encode())
    return page


def _remove(*paths: Path) -> None:
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(
                f"{path}: cannot be replaced ({error.strerror}); choose another folder with --out"
            ) from error


def _facts(found: Audit, source: str | Path | None) -> dict[str, Any]:
    labels = [photo.label for photo in found.photos]
    return {
        "version": _VERSION,
        "photos": str(Path(source or found.photos.location).resolve()),
        "name": found.photos.name,
        "classes": found.classes,
        "backbones": found.backbones,
        "counts": found.counts,
        "left_out": found.left_out,
        "photos_of_class": {name: labels.count(name) for name in found.classes},
        "imbalance": imbalance(found),
        "wrong_labels": None if found.beliefs is None else round(found.beliefs.noise, 5),
        "seconds": found.seconds,
    }


def imbalance(found: Audit) -> float | None:
    """Photos of the largest class by those of the smallest; None without two classes."""
    labels = [photo.label for photo in found.photos]
    counts = [labels.count(name) for name in found.classes]
    if len(counts) < 2:
        return None
    return round(max(counts) / max(min(counts), 1), 3)
