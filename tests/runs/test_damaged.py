"""Damaged run folders: one line that names the file, from whatever reads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pawlens import Run, compare
from pawlens.errors import RunError
from pawlens.runs import RunFolder
from pawlens.runs._files import VERSION as RUN_VERSION

from ..written_runs import answers, write_run

INTERVAL = {"value": 0.5, "low": 0.4, "high": 0.6}


def written(folder: Path) -> Run:
    y = np.arange(40) % 2
    noise = np.random.default_rng(0).normal(size=40)
    rows = [
        {"phase": 1, "do": "train", "epoch": e, "epochs": 2, "step": e, "train_loss": 0.5}
        for e in range(2)
    ]
    run = write_run(folder, y, answers(y, 1.0, noise), history=rows)
    change(run, "metrics.json", out_of_fold={"log_loss": INTERVAL, "accuracy": INTERVAL})
    return Run(run.path)


def change(run: Run, name: str, **values: Any) -> None:
    """Set keys of a JSON file; None takes a key away."""
    path = run.path / name
    content = json.loads(path.read_text(encoding="utf-8")) | values
    kept = {key: value for key, value in content.items() if value is not None}
    path.write_text(json.dumps(kept), encoding="utf-8")


def one_line(error: pytest.ExceptionInfo[RunError], name: str) -> None:
    text = str(error.value)
    assert "\n" not in text
    assert name in text
    assert text.endswith("copy the whole run folder again, or train the run again")


def cut(path: Path) -> None:
    """A copy that ended too early."""
    path.write_bytes(path.read_bytes()[:-9])


FILES = [
    ("classes.json", lambda run: run.classes),
    ("metrics.json", lambda run: run.metrics),
    ("environment.json", lambda run: run.environment),
    ("history.jsonl", lambda run: run.history),
    ("oof.parquet", lambda run: run.oof()),
    ("photos.parquet", lambda run: run.photos()),
]


@pytest.mark.parametrize(("name", "read"), FILES)
def test_files_that_are_cut_off_or_gone(
    tmp_path: Path, name: str, read: Callable[[Run], Any]
) -> None:
    run = written(tmp_path / "run")
    read(Run(run.path))
    cut(run.path / name)
    with pytest.raises(RunError) as error:
        read(Run(run.path))
    one_line(error, name)
    (run.path / name).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RunError) as error:
        read(Run(run.path))
    one_line(error, name)
    (run.path / name).unlink()
    with pytest.raises(RunError) as error:
        read(Run(run.path))
    one_line(error, name)


@pytest.mark.parametrize(
    "name", ["classes.json", "metrics.json", "environment.json", "history.jsonl", "recipe.yaml"]
)
@pytest.mark.parametrize("text", ["", "7", "[[[", '{"a": }', "[" * 100_000])
def test_compare_refuses_what_is_no_run(tmp_path: Path, name: str, text: str) -> None:
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    (second.path / name).write_text(text, encoding="utf-8")
    if (name, text) in (("history.jsonl", ""), ("recipe.yaml", '{"a": }')):
        return  # nothing was tried; YAML reads an empty value
    with pytest.raises(RunError) as error:
        compare([first.path, second.path]).write(tmp_path / "page.html")
    one_line(error, name)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"evaluated": None}, "'evaluated' is missing"),
        ({"evaluated": {"photos": 3}}, "evaluated.on"),
        ({"evaluated": "out-of-fold"}, "evaluated"),
    ],
)
def test_metrics_without_a_key(tmp_path: Path, values: dict[str, Any], said: str) -> None:
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    change(second, "metrics.json", **values)
    with pytest.raises(RunError, match=said) as error:
        compare([first.path, second.path]).write(tmp_path / "page.html")
    one_line(error, "metrics.json")


@pytest.mark.parametrize(
    "found",
    [None, {}, {"log_loss": INTERVAL}, {"log_loss": {"value": 1}, "accuracy": INTERVAL}, "0.5"],
)
def test_a_run_always_shows_itself(tmp_path: Path, found: Any) -> None:
    run = written(tmp_path / "run")
    assert "log_loss=0.5000, accuracy=0.5000" in repr(run)
    change(run, "metrics.json", out_of_fold=found)
    assert repr(Run(run.path)) == f"Run({str(run.path)!r}, metrics.json is damaged)"
    with pytest.raises(RunError) as error:
        print(Run(run.path).log_loss)
    one_line(error, "metrics.json")


@pytest.mark.parametrize("key", ["seconds", "extracted"])
def test_an_environment_without_a_key(tmp_path: Path, key: str) -> None:
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    change(second, "environment.json", **{key: None})
    with pytest.raises(RunError, match=f"'{key}' is missing") as error:
        compare([first.path, second.path]).to_json()
    one_line(error, "environment.json")


def test_a_history_without_a_key(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    (run.path / "history.jsonl").write_text('{"phase": 1, "do": "train"}\n', encoding="utf-8")
    with pytest.raises(RunError, match="line 1: 'epoch' is missing") as error:
        print(run.history)
    one_line(error, "history.jsonl")


def test_a_model_that_is_gone(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    second.model_path.unlink()
    with pytest.raises(RunError) as error:
        compare([first.path, second.path]).to_json()
    one_line(error, "model.onnx")


@pytest.mark.parametrize(
    ("name", "column", "values"),
    [
        ("oof.parquet", "p:cat", None),
        ("oof.parquet", "p:cat", [float("nan")] * 40),
        ("oof.parquet", "p:cat", [1.5] * 40),
        ("oof.parquet", "fold", ["first"] * 40),
        ("oof.parquet", "label", [None, *["cat"] * 39]),
        ("oof.parquet", "label", ["cow", *["cat"] * 39]),
        ("photos.parquet", "sha256", None),
        ("photos.parquet", "group", [None] * 40),
        ("photos.parquet", "labels", ["cat"] * 40),
    ],
)
def test_tables_of_other_columns(
    tmp_path: Path, name: str, column: str, values: list[Any] | None
) -> None:
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    columns = pq.read_table(second.path / name).to_pydict()
    del columns[column]
    if values is not None:
        columns[column] = pa.array(values)
    pq.write_table(pa.table(columns), second.path / name)
    with pytest.raises(RunError) as error:
        compare([first.path, second.path])
    one_line(error, name)
    assert repr(column) in str(error.value)


def test_columns_of_later_versions_are_asked_for_by_name(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    assert run.photos("reason", "decision")["reason"].to_pylist() == [""] * 40
    table = run.photos().drop_columns(["decision"])
    pq.write_table(table, run.path / "photos.parquet")
    assert "role" in run.photos("reason").column_names
    with pytest.raises(RunError, match="'decision' is missing"):
        run.photos("decision")


def test_versions_of_the_folder(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    assert "version" not in run.metrics  # the first format
    change(run, "metrics.json", version=RUN_VERSION)
    assert Run(run.path).metrics["version"] == RUN_VERSION
    change(run, "metrics.json", version=RUN_VERSION + 1)
    with pytest.raises(RunError, match="written by a newer pawlens") as error:
        Run(run.path)
    assert "\n" not in str(error.value)


def test_a_recipe_that_is_no_text_is_another_recipe(tmp_path: Path) -> None:
    from pawlens.recipes import Recipe

    folder = tmp_path / "run"
    RunFolder(folder, Recipe()).start()
    (folder / "decisions.jsonl").write_bytes(b"\xff")
    with pytest.raises(RunError, match="other decisions"):
        RunFolder(folder, Recipe()).start()
    (folder / "recipe.yaml").write_bytes(b"\xff")
    with pytest.raises(RunError, match="another recipe"):
        RunFolder(folder, Recipe())


def test_answers_without_rows(tmp_path: Path) -> None:
    run = written(tmp_path / "run")
    pq.write_table(pq.read_table(run.path / "oof.parquet").slice(0, 0), run.path / "oof.parquet")
    with pytest.raises(RunError, match="it has no rows") as error:
        run.oof()
    one_line(error, "oof.parquet")


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"slices": "x"}, "slices"),
        ({"slices": {"in_words": "x", "slices": [1]}}, "slices.slices.0"),
        ({"slices": {"in_words": "x", "slices": [{"trait": "a"}]}}, "slices.slices.0.value"),
        ({"trust": "x"}, "trust"),
        ({"trust": {"neither": {"examples": {"photos": 1}}}}, "trust.neither.examples.found"),
        ({"trust": {"sets": {"promised": 0.9}}}, "trust.sets.by_class"),
        ({"trust": {"costs": {"mean": INTERVAL}}}, "trust.costs.most_probable"),
        ({"trust": {"splits": {"test": 1}}}, "trust.splits.test"),
    ],
)
def test_what_was_measured_of_answers_is_checked(
    tmp_path: Path, values: dict[str, Any], key: str
) -> None:
    run = written(tmp_path / "run")
    change(run, "metrics.json", **values)
    with pytest.raises(RunError, match=f"{key}: ") as error:
        _ = run.metrics
    one_line(error, "metrics.json")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("answer", ["cow"] * 4),
        ("embedding", [[1.0, float("nan")]] * 4),
        ("embedding", [[1.0], *[[1.0, 2.0]] * 3]),
    ],
)
def test_references_of_other_content(tmp_path: Path, column: str, values: list[Any]) -> None:
    run = written(tmp_path / "run")
    measures = {name: [1.0] * 4 for name in ("brightness", "sharpness", "entropy", "pixels")}
    columns = {"embedding": [[1.0, 2.0]] * 4, "answer": ["cat"] * 4} | measures
    pq.write_table(pa.table(columns), run.path / "reference.parquet")
    assert run.reference() is not None
    pq.write_table(pa.table(columns | {column: values}), run.path / "reference.parquet")
    with pytest.raises(RunError, match=f"'{column}'") as error:
        run.reference()
    one_line(error, "reference.parquet")
