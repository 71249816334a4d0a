"""The features of photos as a model's backbones see them."""

from __future__ import annotations

from ..base import Watcher
from ..models import BUNDLED, Embeddings, ModelLike, as_model
from ..photos import PhotosLike

__all__ = ["embed"]


def embed(
    photos: PhotosLike, model: ModelLike = BUNDLED, *, progress: Watcher = None
) -> Embeddings:
    """Compute the pooled features of photos: the numbers from which a model's head answers.

    Photos that look alike to the model lie near each other, so that the rows serve to find similar
    photos, to group them, or to train a model of one's own on few photos.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
        Their labels, if there are any, are not looked at.
    model : Model, Run or path
        A run folder or a ``model.onnx``; ``paw``, the backbone that comes with pawlens, by default.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Returns
    -------
    Embeddings
        A row for each photo, also for one that cannot be read. `Embeddings.save` writes Parquet or
        NumPy's format, `Embeddings.to_pandas` gives a table.

    Raises
    ------
    PhotosError
        The photos are missing, or are none.
    RunError
        There is no such model.

    Examples
    --------
    >>> found = embed("photos/test", "runs/first")
    >>> found.paths, found.values.shape
    (['1.jpg', '2.jpg', '3.jpg'], (3, 512))
    >>> unit = found.values / (found.values**2).sum(axis=1, keepdims=True) ** 0.5
    >>> (unit @ unit.T).shape  # cosine similarity of every pair
    (3, 3)
    """
    return as_model(model).embed(photos, progress=progress)
