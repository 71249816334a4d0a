"""Experiment trackers: the settings, figures, curves and files of a run, by their own clients."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..base import one_line, require
from ..errors import RunError, UsageError
from ..runs import Run

__all__ = ["TRACKERS", "check_tracker", "track"]

_FILES = ("report.html", "model.onnx", "model-card.md", "metrics.json", "recipe.yaml")
_EXPERIMENT = "pawlens"
_LONGEST = 500  # characters of a setting that trackers take


class _Reading(NamedTuple):
    """One figure at one step."""

    name: str
    step: int
    value: float


class _Tracker(ABC):
    """Where a run is logged; to make one imports its client, or says which extra brings it."""

    @abstractmethod
    def log(self, run: Run, settings: Mapping[str, str], readings: Iterable[_Reading]) -> str:
        """Log a run, and return where it can be seen."""


class _MLflow(_Tracker):
    """MLflow, at ``$MLFLOW_TRACKING_URI`` or where MLflow itself would write."""

    def __init__(self) -> None:
        self._mlflow = require("mlflow.tracking", extra="mlflow")

    def log(self, run: Run, settings: Mapping[str, str], readings: Iterable[_Reading]) -> str:
        client = self._mlflow.MlflowClient()
        known = client.get_experiment_by_name(_EXPERIMENT)
        experiment = known.experiment_id if known else client.create_experiment(_EXPERIMENT)
        logged = client.create_run(experiment, run_name=run.path.resolve().name).info.run_id
        for name, value in settings.items():
            client.log_param(logged, name, value)
        for one in readings:
            client.log_metric(logged, _plain_name(one.name), one.value, step=one.step)
        for file in _FILES:
            if (run.path / file).is_file():
                client.log_artifact(logged, str(run.path / file))
        client.set_terminated(logged)
        return f"run {logged} at {self._mlflow.get_tracking_uri()}"


class _TensorBoard(_Tracker):
    """TensorBoard: event files in the folder ``tensorboard`` of the run."""

    def __init__(self) -> None:
        self._writer = require("tensorboard.summary.writer.event_file_writer", extra="tensorboard")
        self._event = require("tensorboard.compat.proto.event_pb2", extra="tensorboard")
        self._summary = require("tensorboard.compat.proto.summary_pb2", extra="tensorboard")
        self._tensor = require("tensorboard.compat.proto.tensor_pb2", extra="tensorboard")

    def log(self, run: Run, settings: Mapping[str, str], readings: Iterable[_Reading]) -> str:
        folder = run.path / "tensorboard"
        writer = self._writer.EventFileWriter(str(folder))
        try:
            for one in readings:
                self._add(writer, one.step, tag=one.name, simple_value=one.value)
            rows = "".join(f"| {name} | {value} |\n" for name, value in settings.items())
            self._add_text(writer, "settings", f"| setting | value |\n| --- | --- |\n{rows}")
            if (run.path / "model-card.md").is_file():
                text = (run.path / "model-card.md").read_text(encoding="utf-8")
                self._add_text(writer, "model card", text.split("---\n", 2)[-1])
        finally:
            writer.close()
        return str(folder)

    def _add(self, writer: Any, step: int, **value: Any) -> None:
        summary = self._summary.Summary(value=[self._summary.Summary.Value(**value)])
        writer.add_event(self._event.Event(wall_time=time.time(), step=step, summary=summary))

    def _add_text(self, writer: Any, tag: str, text: str) -> None:
        plugin = self._summary.SummaryMetadata.PluginData(plugin_name="text")
        about = self._summary.SummaryMetadata(plugin_data=plugin)
        tensor = self._tensor.TensorProto(dtype="DT_STRING", string_val=[text.encode()])
        self._add(writer, 0, tag=tag, metadata=about, tensor=tensor)


_CLIENTS: Mapping[str, Callable[[], _Tracker]] = {"mlflow": _MLflow, "tensorboard": _TensorBoard}
TRACKERS = tuple(_CLIENTS)
"""Names of the trackers that a run can be logged to."""


def check_tracker(name: str) -> None:
    """Refuse a tracker that is not known or not installed, before any work is done.

    Raises
    ------
    UsageError
        There is no such tracker.
    MissingExtra
        Its client is not installed.
    """
    _open(name)


def track(run: Run | str | Path, to: str) -> str:
    """Log a finished run to an experiment tracker by the tracker's own client.

    Logged are every setting of the recipe, every metric with both ends of its interval, the curves
    of each phase and of the search, and the files that others look at. No photo is among them but
    the thumbnails inside the report.

    Parameters
    ----------
    run : Run or path
    to : {"mlflow", "tensorboard"}
        MLflow, at ``$MLFLOW_TRACKING_URI`` or where MLflow would write by itself; or TensorBoard,
        whose event files go to the folder ``tensorboard`` of the run.

    Returns
    -------
    str
        Where it was logged.

    Raises
    ------
    UsageError
        There is no such tracker.
    MissingExtra
        Its client is not installed.
    RunError
        There is no finished run, or the tracker does not take it; the run stays as it is.

    Examples
    --------
    >>> from pawlens import track
    >>> track("runs/second", "tensorboard")
    'runs/second/tensorboard'
    """
    tracker = _open(to)
    found = run if isinstance(run, Run) else Run(run)
    settings = dict(_settings("", found.recipe))
    try:
        return tracker.log(found, settings, _readings(found))
    except Exception as error:  # a client has errors of its own, and of the network
        raise RunError(
            f"{found.path}: the run is whole, but {to} did not take it ({one_line(error)}); mend "
            f"that, then log it: pawlens.track({str(found.path)!r}, {to!r})"
        ) from error


def _open(name: str) -> _Tracker:
    if name not in _CLIENTS:
        raise UsageError(f"no tracker is called {name!r}; use {' or '.join(TRACKERS)}")
    return _CLIENTS[name]()


def _settings(prefix: str, value: Any) -> Iterable[tuple[str, str]]:
    """Yield every setting of a recipe as ``phases.2.epochs`` and its value as text."""
    if isinstance(value, Mapping):
        pairs: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        pairs = enumerate(value)
    else:
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield prefix, text[:_LONGEST]
        return
    for key, inner in pairs:
        yield from _settings(f"{prefix}.{key}" if prefix else str(key), inner)


def _readings(run: Run) -> Iterable[_Reading]:
    """Yield the finite figures: metrics with their ends, and the curves of ``history.jsonl``."""
    sets = {"out_of_fold": run.out_of_fold, **run.held_out}
    for split, metrics in sets.items():
        for name, one in metrics.items():
            yield from _finite(f"{split}/{name}", 0, one.value)
            yield from _finite(f"{split}/{name}_low", 0, one.low)
            yield from _finite(f"{split}/{name}_high", 0, one.high)
    for number, row in enumerate(run.history):
        where = f"phase {row['phase']}" if "phase" in row else "search"
        step = row.get("epoch", row.get("trial", number))
        for name, value in row.items():
            curve = name not in ("phase", "epoch", "epochs", "trial", "step")
            if curve and isinstance(value, float) and isinstance(step, int):
                yield from _finite(f"{where}/{name}", step, value)


def _finite(name: str, step: int, value: float) -> Iterable[_Reading]:
    if math.isfinite(value):
        yield _Reading(name, step, float(value))


def _plain_name(name: str) -> str:
    """A name of a metric that MLflow takes."""
    return "".join(c if c.isalnum() or c in "_-./ " else "_" for c in name)
