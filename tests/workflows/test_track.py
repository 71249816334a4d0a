"""Experiment trackers: what they are given is read back by their own clients."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from pawlens import Run, track
from pawlens.errors import MissingExtra, RunError, UsageError
from pawlens.workflows import _track as module
from pawlens.workflows import check_tracker

from ..written_runs import answers, train_rows, write_run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with two epochs of a phase, and metrics one of which is no number."""
    rng = np.random.default_rng(0)
    y = np.arange(40) % 2
    history = train_rows(3, [0.5, 0.25], [0.1] * 4)
    found = write_run(
        tmp_path / "run", y, answers(y, 2.0, rng.normal(0, 1, 40)), history=history, l2=[0.5]
    )
    metrics = {
        "out_of_fold": {
            "log_loss": {"value": 0.125, "low": 0.1, "high": 0.15},
            "accuracy": {"value": 0.9, "low": 0.8, "high": float("nan")},
        },
        "evaluated": {"photos": 40, "on": "out-of-fold"},
    }
    (found.path / "metrics.json").write_text(json.dumps(metrics))
    return found


def test_mlflow_has_settings_figures_curves_and_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracking = pytest.importorskip("mlflow.tracking", reason="needs mlflow")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "mlruns").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    where = track(run, "mlflow")
    client = tracking.MlflowClient()
    (logged,) = client.search_runs([client.get_experiment_by_name("pawlens").experiment_id])
    assert logged.info.run_id in where
    assert (logged.info.run_name, logged.info.status) == ("run", "FINISHED")
    assert logged.data.params["l2"] == "0.5"
    assert logged.data.params["backbones"] == "paw"
    assert logged.data.metrics["out_of_fold/log_loss"] == 0.125
    assert logged.data.metrics["out_of_fold/log_loss_high"] == 0.15
    assert "out_of_fold/accuracy_high" not in logged.data.metrics
    curve = client.get_metric_history(logged.info.run_id, "phase 3/valid_loss")
    assert [(one.step, one.value) for one in curve] == [(1, 0.5), (2, 0.25)]
    files = {one.path for one in client.list_artifacts(logged.info.run_id)}
    assert files == {"report.html", "model.onnx", "metrics.json", "recipe.yaml"}
    track(run, "mlflow")  # a second one goes to the same experiment
    assert len(client.search_runs([logged.info.experiment_id])) == 2


def test_tensorboard_has_settings_figures_and_curves(run: Run) -> None:
    pytest.importorskip("tensorboard", reason="needs tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (run.path / "model-card.md").write_text("---\nlicense: mit\n---\n# My card\n")
    folder = track(run, "tensorboard")
    assert Path(folder) == run.path / "tensorboard"
    read = EventAccumulator(folder)
    read.Reload()
    assert [(e.step, e.value) for e in read.Scalars("phase 3/valid_loss")] == [(1, 0.5), (2, 0.25)]
    assert read.Scalars("out_of_fold/log_loss")[0].value == 0.125
    assert "out_of_fold/accuracy_high" not in read.Tags()["scalars"]
    (settings,) = read.Tensors("settings")
    assert b"| l2 | 0.5 |" in settings.tensor_proto.string_val[0]
    (about,) = read.Tensors("model card")
    assert about.tensor_proto.string_val[0] == b"# My card\n"
    assert read.SummaryMetadata("settings").plugin_data.plugin_name == "text"


def test_what_a_tracker_refuses_leaves_the_run_whole(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(module._Tracker):
        def log(self, *given: object) -> str:
            raise OSError("no\nroute")

    monkeypatch.setattr(module, "_CLIENTS", {"mlflow": Broken})
    with pytest.raises(RunError, match=r"the run is whole, but mlflow did not take it \(no route"):
        track(run, "mlflow")


def test_a_tracker_that_cannot_be_used_is_told_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UsageError, match="use mlflow or tensorboard"):
        check_tracker("wandb")
    monkeypatch.setitem(__import__("sys").modules, "mlflow.tracking", None)
    with pytest.raises(MissingExtra, match=r"pawlens\[mlflow\]"):
        check_tracker("mlflow")
