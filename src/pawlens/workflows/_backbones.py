"""The backbones that can be had."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..backbones import (
    find_backbone,
    known_backbones,
    licence_terms,
    offered_backbones,
    open_engine,
    timm_names,
    weights_at_hand,
)
from ..base import Progress, Watcher, user_cache, watched
from ..errors import UsageError
from ._speed import measure_speed

__all__ = ["backbones"]


def backbones(
    *,
    weights_dir: str | Path | None = None,
    every: bool = False,
    measure: bool = False,
    progress: Watcher = None,
) -> list[dict[str, Any]]:
    """List the backbones that can be had.

    Parameters
    ----------
    weights_dir : path, optional
        Folder with safetensors of timm networks: those that pawlens does not know are listed too.
    every : bool
        Whether timm's other names are listed too; there are none without ``pawlens[torch]``.
    measure : bool
        Whether photos per second of those at hand are measured on this machine, ten seconds each.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Returns
    -------
    list of dict
        A row each: ``name``, ``at_hand`` (whether weights are here), and for those that pawlens
        knows their facts, among them ``input_size``, ``feature_dim``, ``parameters``, ``macs``
        (multiply-adds for a photo), ``licence``, ``terms`` (what the licence restricts: empty,
        ``"non-commercial"``, ``"terms of its own"`` or ``"not stated"``) and ``purpose``
        (``"tiny"``, ``"fast"``, ``"balanced"``, ``"best"``; empty for those of the published
        systems); ``photos_per_second`` where it was measured; for those of an installed package
        its name, as ``package``.

    Raises
    ------
    UsageError
        `weights_dir` is no folder.

    Examples
    --------
    >>> rows = {row["name"]: row for row in backbones()}
    >>> rows["paw"]["at_hand"], rows["paw"]["input_size"]
    (True, 160)
    """
    folder = None if weights_dir is None else Path(weights_dir)
    if folder is not None and not folder.is_dir():
        raise UsageError(f"{folder} is not a folder: --weights-dir names one with safetensors")
    rows: list[dict[str, Any]] = [
        {
            **asdict(row.spec),
            "parameters": row.parameters,
            "macs": row.macs,
            "purpose": row.purpose,
            "terms": licence_terms(row.spec.licence),
            "at_hand": bool(
                weights_at_hand(row.spec.name, weights_dir=folder, cache_dir=user_cache())
            ),
        }
        for row in known_backbones()
    ]
    if measure:
        with watched(progress) as told:
            for row in rows:
                if row["at_hand"]:
                    row["photos_per_second"] = _rate(row["name"], folder, told)
    names = {row["name"] for row in rows}
    files = sorted(folder.glob("*.safetensors")) if folder is not None else []
    stems = [file.stem for file in files if file.stem.partition(".")[0] not in names]
    rows += [{"name": stem, "at_hand": True} for stem in stems]
    rows += [{"name": name, "package": package} for name, package in offered_backbones()]
    others = [name for name in timm_names() if name not in names] if every else []
    return rows + [{"name": name, "at_hand": False} for name in others]


def _rate(name: str, folder: Path | None, progress: Progress | None) -> float:
    """Measure how many photos a second the engine of a backbone takes from JPEG files."""
    backbone = find_backbone(name, weights_dir=folder, cache_dir=user_cache())
    speed = measure_speed(backbone, open_engine(backbone), progress=progress)
    return round(speed.from_jpeg.median, 1)
