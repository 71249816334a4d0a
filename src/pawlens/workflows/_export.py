"""Writing a trained model for a target: the folder appears whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from ..base import PARTIAL, Door, make_folder, sync_folder
from ..errors import PluginError, RunError, UsageError
from ..models import Model, load
from ..runs import Run
from ._exporter import Exporter, accept_exporter, check_packages
from .targets import (
    CoreMlExporter,
    ExecuTorchExporter,
    LiteRtExporter,
    NcnnExporter,
    OnnxCoreExporter,
    OnnxExporter,
    OpenVinoExporter,
    OrtExporter,
    SingleFileExporter,
    WebExporter,
)

__all__ = ["export", "exporters", "write_export"]

_BUILT_IN: dict[str, Exporter] = {
    "onnx": OnnxExporter(),
    "onnx-core": OnnxCoreExporter(),
    "ort": OrtExporter(),
    "openvino": OpenVinoExporter(),
    "litert": LiteRtExporter(),
    "executorch": ExecuTorchExporter(),
    "ncnn": NcnnExporter(),
    "coreml": CoreMlExporter(),
    "web": WebExporter(),
    "web-single-file": SingleFileExporter(),
}
_EXPORTERS = Door("pawlens.exporters", "exporter", _BUILT_IN, accept=accept_exporter)


def export(
    model: Run | Model | str | Path, to: str = "onnx", out: str | Path | None = None
) -> list[Path]:
    """Write a trained model for a target.

    Parameters
    ----------
    model : Run, Model, str or Path
        A finished run, its folder, a ``model.onnx``, or a model that `load` gave.
    to : str
        The name of an exporter: ``"onnx"``, or one of an installed package.
    out : str or Path, optional
        A folder that is new or empty. Without it, it is ``exported/NAME`` in the run folder or
        beside the ``model.onnx``; a loaded model has no such place.

    Returns
    -------
    list of Path
        The files, the most important one first.

    Raises
    ------
    UsageError
        There is no such exporter, it needs a package that is not installed, or the model cannot be
        written for this target.
    RunError
        There is no such model, or the folder holds files or cannot be written.
    PluginError
        The package that offers the exporter cannot be used.

    Examples
    --------
    >>> import pawlens
    >>> pawlens.export("runs/pets", to="onnx")  # doctest: +SKIP
    [PosixPath('runs/pets/exported/onnx/model.onnx'), ...]
    """
    names = _EXPORTERS.names()
    if to not in names:
        raise UsageError(f"--to {to}: no such exporter; there are: {', '.join(names)}")
    exporter = _EXPORTERS.get(to)
    check_packages(to, exporter)
    if isinstance(model, Model):
        if out is None:
            raise UsageError("a loaded model has no folder of its own: name one with out")
        return write_export(to, exporter, model, Path(out))
    path = model.path if isinstance(model, Run) else Path(model)
    beside = path if path.is_dir() else path.parent
    folder = beside / "exported" / to if out is None else Path(out)
    return write_export(to, exporter, load(path), folder)


def exporters() -> dict[str, str]:
    """The title of every exporter by its name, the built-in ones first."""
    return {name: _EXPORTERS.get(name).title for name in _EXPORTERS.names()}


def write_export(name: str, exporter: Exporter, model: Model, folder: Path) -> list[Path]:
    """Let an exporter write into a draft, and give it its name when it is whole and on disk.

    Parameters
    ----------
    name : str
        The exporter's, for messages.
    exporter : Exporter
    model : Model
    folder : Path
        New or empty.

    Raises
    ------
    RunError
        The folder holds files or cannot be written.
    PluginError
        The exporter names a file that it did not write, or that lies elsewhere.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RunError(f"{folder}: holds other files; choose a new or an empty folder with --out")
    place = folder.resolve()
    make_folder(place.parent)
    try:
        with TemporaryDirectory(prefix=PARTIAL, dir=place.parent) as drafts:
            draft = Path(drafts) / place.name
            draft.mkdir()
            names = _checked_names(name, exporter.write(model, draft), draft)
            _sync(draft)
            if place.exists():
                place.rmdir()  # Windows renames to a new name only
            draft.rename(place)
        sync_folder(place.parent)
    except OSError as error:
        raise RunError(
            f"{folder}: cannot be written ({error.strerror}); free space or choose another folder "
            "with --out"
        ) from error
    return [folder / each for each in names]


def _checked_names(name: str, paths: list[Path], draft: Path) -> list[Path]:
    """The names of the written files inside the draft."""
    paths = [Path(path).resolve() for path in paths]
    outside = [path for path in paths if not (path.is_relative_to(draft) and path.is_file())]
    if outside or not paths:
        which = f"{outside[0]}, which is no file in its folder" if outside else "no file"
        raise PluginError(f"exporter {name!r} returned {which}; ask its author to mend it")
    return [path.relative_to(draft) for path in paths]


def _sync(folder: Path) -> None:
    """Wait until all files of a folder are on disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
