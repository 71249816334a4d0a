"""Loading a classifier by its file, its run folder or its name."""

from __future__ import annotations

from pathlib import Path

from ..runs import Run
from ._bundled import BUNDLED, BundledModel
from ._exported import read_model
from ._model import Model

__all__ = ["ModelLike", "as_model", "load"]

ModelLike = Model | Run | str | Path
"""A model, or what `load` loads one from."""


def load(path: Run | str | Path = BUNDLED) -> Model:
    """Load a classifier from ``model.onnx`` or from the run folder that holds it.

    Without a path, or by the name ``"cats-vs-dogs"``, it is the one that comes with pawlens and
    answers cat, dog, neither or both. A file or folder of that name goes first.

    Nothing in the file is run but its graph; the metadata is plain JSON.

    Parameters
    ----------
    path : Run or path

    Raises
    ------
    RunError
        The file is missing, is not ONNX, or was not written by pawlens.

    Examples
    --------
    >>> load("runs/first").classes_
    ['cat', 'dog']
    """
    if isinstance(path, Run):
        return read_model(path.path)
    file = Path(path)
    if str(path) == BUNDLED and not file.exists():
        return BundledModel()
    return read_model(file)


def as_model(model: ModelLike) -> Model:
    """Return a model as it is, and load it where a path or a run is given."""
    return model if isinstance(model, Model) else load(model)
