"""The backbones that can be had."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..backbones import known_backbones, offered_backbones, timm_names, weights_at_hand
from ..base import user_cache
from ..errors import UsageError

__all__ = ["backbones"]


def backbones(
    *, weights_dir: str | Path | None = None, every: bool = False
) -> list[dict[str, Any]]:
    """List the backbones that can be had.

    Parameters
    ----------
    weights_dir : path, optional
        Folder with safetensors of timm networks: those that pawlens does not know are listed too.
    every : bool
        Whether timm's other names are listed too; there are none without ``pawlens[torch]``.

    Returns
    -------
    list of dict
        A row each: ``name``, ``at_hand`` (whether weights are here), and for those that pawlens
        knows their facts, among them ``input_size``, ``feature_dim``, ``licence`` and
        ``parameters``; for those of an installed package its name, as ``package``.

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
            "at_hand": bool(
                weights_at_hand(row.spec.name, weights_dir=folder, cache_dir=user_cache())
            ),
        }
        for row in known_backbones()
    ]
    names = {row["name"] for row in rows}
    files = sorted(folder.glob("*.safetensors")) if folder is not None else []
    stems = [file.stem for file in files if file.stem.partition(".")[0] not in names]
    rows += [{"name": stem, "at_hand": True} for stem in stems]
    rows += [{"name": name, "package": package} for name, package in offered_backbones()]
    others = [name for name in timm_names() if name not in names] if every else []
    return rows + [{"name": name, "at_hand": False} for name in others]
