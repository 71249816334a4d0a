"""Loading a classifier by its file, its run folder or its name."""

from __future__ import annotations

from pathlib import Path

from ._bundled import BUNDLED, BundledModel
from ._exported import read_model
from ._model import Model

__all__ = ["load"]


def load(path: str | Path = BUNDLED) -> Model:
    """Load a classifier from ``model.onnx`` or from the run folder that holds it.

    Without a path, or by the name ``"cats-vs-dogs"``, it is the one that comes with pawlens and
    answers cat, dog, neither or both. A file or folder of that name goes first.

    Nothing in the file is run but its graph; the metadata is plain JSON.

    Parameters
    ----------
    path : str or Path
        File, run folder or name.

    Returns
    -------
    Model

    Raises
    ------
    RunError
        The file is missing, is not ONNX, or was not written by pawlens.

    Examples
    --------
    >>> import pawlens
    >>> pawlens.load("runs/first").classes_
    ['cat', 'dog']
    """
    file = Path(path)
    if str(path) == BUNDLED and not file.exists():
        return BundledModel()
    return read_model(file)
