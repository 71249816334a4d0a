"""An audit written to its folder."""

from __future__ import annotations

from pathlib import Path

from ..audit import Audit, audit_columns, audit_facts, write_audit_files
from ..errors import RunError
from ..pages import render_audit

__all__ = ["write_audit"]


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
    location = found.photos.location.resolve()
    if location.is_dir() and location != Path.cwd() and folder.resolve().is_relative_to(location):
        raise RunError(f"{folder}: lies among the photos; choose another folder with --out")
    return write_audit_files(
        folder, audit_columns(found), audit_facts(found, source), render_audit(found)
    )
