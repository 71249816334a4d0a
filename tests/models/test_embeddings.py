"""Pooled features of photos: those of the graph, with a row for each photo, and as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pyarrow.parquet as pq
import pytest

import pawlens
from pawlens.backbones import Backbone
from pawlens.errors import UsageError
from pawlens.models import Embeddings, ExportedModel, load
from pawlens.photos import Photos, decode

from ..small_models import linear_head, small_model


@pytest.fixture
def folder(photo_folder: Callable[..., Path]) -> Path:
    """Two photos of each class, one of which is empty."""
    made = photo_folder(cat=2, dog=2)
    (made / "cat" / "1.jpg").write_bytes(b"")
    return made


@pytest.fixture
def model(paw: Backbone) -> ExportedModel:
    return small_model(paw, linear_head(2 * paw.spec.feature_dim), count=2)


def test_the_rows_are_the_second_output_of_the_graph(model: ExportedModel, folder: Path) -> None:
    found = model.embed(folder)
    assert found.paths == ["cat/0.jpg", "cat/1.jpg", "dog/0.jpg", "dog/1.jpg"]
    assert found.values.shape == (4, 1024)
    assert found.values.dtype == np.float32
    assert found.unreadable == [("cat/1.jpg", "unreadable: the file is empty (0 bytes)")]
    assert np.isnan(found.values[1]).all()
    session = ort.InferenceSession(
        model.to_onnx().SerializeToString(), providers=["CPUExecutionProvider"]
    )
    pixels = decode((folder / "dog" / "0.jpg").read_bytes())
    whole = session.run(["embedding"], {"image": pixels})[0]
    scale = np.abs(whole).max()
    np.testing.assert_allclose(found.values[2], whole, atol=0.03 * scale)  # bf16 where there is it


def test_readers_that_name_no_output_get_the_probabilities_first(
    model: ExportedModel, folder: Path
) -> None:
    session = ort.InferenceSession(
        model.to_onnx().SerializeToString(), providers=["CPUExecutionProvider"]
    )
    pixels = decode((folder / "dog" / "0.jpg").read_bytes())
    proba, embedding = session.run(None, {"image": pixels})
    assert (proba.shape, embedding.shape) == ((3,), (1024,))
    assert proba.sum() == pytest.approx(1, abs=1e-5)


def test_a_model_of_before_has_embeddings_too(model: ExportedModel, folder: Path) -> None:
    older = model.to_onnx()
    del older.graph.output[1]
    kept = [node for node in older.graph.node if not node.name.startswith("embedding/")]
    del older.graph.node[:]
    older.graph.node.extend(kept)
    found = ExportedModel(older, model.facts).embed(folder)
    np.testing.assert_array_equal(found.values, model.embed(folder).values)


def test_without_a_model_they_are_those_of_paw(folder: Path) -> None:
    found = pawlens.embed(folder)
    assert found.values.shape == (4, load().facts.backbones[0].feature_dim)
    assert np.isfinite(found.values[[0, 2, 3]]).all()


def test_files_hold_paths_status_and_values(model: ExportedModel, folder: Path) -> None:
    found = model.embed(Photos.read(folder))
    (parquet,) = found.save(folder.parent / "new" / "some.parquet")
    table = pq.read_table(parquet)
    assert table.column_names == ["path", "status", "embedding"]
    assert table["embedding"].to_pylist()[1] is None
    read = np.array(table["embedding"].to_pylist()[3], np.float32)
    np.testing.assert_array_equal(read, found.values[3])
    array, listed = found.save(folder.parent / "some.npy")
    np.testing.assert_array_equal(np.load(array, allow_pickle=False), found.values)
    assert listed.read_text().splitlines()[:3] == [
        "path,status",
        "cat/0.jpg,ok",
        "cat/1.jpg,unreadable: the file is empty (0 bytes)",
    ]
    with pytest.raises(UsageError, match=r"some\.txt: its ending .* \.parquet or \.npy"):
        found.save(folder.parent / "some.txt")


def test_a_notebook_shows_the_first_values() -> None:
    values = np.arange(24, dtype=np.float32).reshape(12, 2)
    found = Embeddings([f"{i}.jpg" for i in range(12)], values, ["ok"] * 12)
    shown = found._repr_html_()
    assert shown is not None
    assert "0, 1 ..." in shown
    assert "and 2 more" in shown
