"""A model's answers to photos."""

from __future__ import annotations

from collections.abc import Sequence

from ..backbones import Precision
from ..base import Watcher
from ..errors import UsageError
from ..models import BUNDLED, ModelLike, Predictions, as_model, ask_server, is_address
from ..photos import PhotosLike
from ._promises import find_promises

__all__ = ["predict"]


def predict(
    photos: PhotosLike,
    model: ModelLike = BUNDLED,
    *,
    precision: Precision = "auto",
    rotations: bool = False,
    views: Sequence[str] = (),
    sets: float | None = None,
    sets_by_class: bool = False,
    risk: float | None = None,
    coverage: float | None = None,
    progress: Watcher = None,
) -> Predictions:
    """Answer photos with a model: probabilities, a label and a status for each of them.

    Parameters
    ----------
    photos : Photos, path, or sequence of paths
        Their labels, if there are any, are not looked at.
    model : Model, Run or path
        A run folder or a ``model.onnx``; the classifier that comes with pawlens by default, which
        answers cat, dog, neither or both. Where it is the address of a server, as
        ``http://127.0.0.1:8000``, the photos are sent there.
    precision, rotations, views
        See `Model.answer`.
    sets : float, optional
        Give a set of labels with each answer that holds the true one for this share of photos, as
        0.95; by default as the run was trained. Of a run alone: thresholds are found on its
        out-of-fold answers.
    sets_by_class : bool
        Whether `sets` promises its share within each class.
    risk, coverage : float, optional
        Answer only where at most this share of answers is wrong, or this share of photos, and say
        ``ask a person`` otherwise; by default as the run was trained. One of them at most.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Returns
    -------
    Predictions
        A row for each photo, also for one that cannot be read. `Predictions.to_csv` and
        `Predictions.to_pandas` turn them into what you like.

    Raises
    ------
    PhotosError
        The photos are missing, or are none.
    RunError
        There is no such model, or no such server.
    UsageError
        A view is unknown, or is asked of a server; or sets, risk or coverage are asked of a model
        without out-of-fold answers.

    Examples
    --------
    >>> predictions = predict("photos/test", "runs/first")
    >>> predictions.paths, predictions.proba.shape
    (['1.jpg', '2.jpg', '3.jpg'], (3, 2))
    >>> set(predictions.labels) <= {"cat", "dog"}
    True
    >>> predictions = predict("photos/test", "runs/first", sets=0.9)
    >>> {len(labels) for labels in predictions.sets} <= {1, 2}
    True
    """
    promises = find_promises(
        model, sets=sets, sets_by_class=sets_by_class, risk=risk, coverage=coverage
    )
    if isinstance(model, str) and is_address(model):
        if rotations or views or precision != "auto":
            raise UsageError(f"{model}: a server has its own precision, and one look at each photo")
        return ask_server(model, photos, progress=progress)
    answers = as_model(model).answer(
        photos, precision=precision, rotations=rotations, views=views, progress=progress
    )
    return answers if promises is None else promises.kept_by(answers)
