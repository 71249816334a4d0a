"""Exports: the folder appears whole or not at all, and says what is in it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pawlens
from pawlens.backbones import find_backbone
from pawlens.errors import PluginError, RunError, UsageError
from pawlens.export import GraphFacts, compose_graph, write_model_file
from pawlens.heads import Head
from pawlens.metrics import LabelRules
from pawlens.models import Model, load
from pawlens.workflows import Exporter, export, exporters, write_export

CLASSES = ("cat", "dog", "野猫, wild")


def make_model(
    cache: Path, *, classes: tuple[str, ...] = CLASSES, labels: LabelRules | None = None
) -> Model:
    """A model on the bundled backbone with weights drawn by chance."""
    cache.mkdir(exist_ok=True)
    paw = find_backbone("paw", cache_dir=cache)
    weights = np.random.default_rng(0).standard_normal((512, len(classes))).astype(np.float32)
    head = Head.linear(weights, np.zeros(len(classes), np.float32))
    facts = GraphFacts(classes, (paw.spec,), (paw.weights_hash,), 1.5, 0.01, "1", labels=labels)
    path = cache / "model.onnx"
    write_model_file(path, compose_graph([paw], head, facts))
    return load(path)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return make_model(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def file(model: Model, tmp_path: Path) -> Path:
    """The model as a file of its own."""
    path = tmp_path / "run" / "model.onnx"
    path.parent.mkdir()
    write_model_file(path, model.to_onnx())
    return path


class TestOnnx:
    def test_the_graph_is_the_model_and_the_signature_describes_it(
        self, model: Model, tmp_path: Path
    ) -> None:
        graph, labels, signature = export(model, out=tmp_path / "out")
        assert [path.name for path in (graph, labels, signature)] == [
            "model.onnx",
            "labels.txt",
            "signature.json",
        ]
        assert load(graph).to_onnx() == model.to_onnx()
        assert labels.read_text(encoding="utf-8").splitlines() == list(CLASSES)
        said: dict[str, Any] = json.loads(signature.read_text(encoding="utf-8"))
        assert said["version"] == 1
        assert said["sha256"] == hashlib.sha256(graph.read_bytes()).hexdigest()
        assert (said["opset"], said["classes"]) == (18, list(CLASSES))
        assert "thresholds" not in said
        (backbone,) = said["backbones"]
        spec = model.facts.backbones[0]
        assert (backbone["licence"], backbone["input_size"]) == (spec.licence, spec.input_size)
        assert backbone["mean"] == list(spec.mean)
        assert backbone["weights_sha256"] == model.facts.weights_hashes[0]

    def test_the_signature_is_enough_to_run_it(self, model: Model, tmp_path: Path) -> None:
        ort = pytest.importorskip("onnxruntime")
        graph, labels, signature = export(model, out=tmp_path / "out")
        said = json.loads(signature.read_text(encoding="utf-8"))
        session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
        photo = np.random.default_rng(1).integers(0, 256, (50, 70, 3), dtype=said["input"]["dtype"])
        (proba,) = session.run([said["output"]["name"]], {said["input"]["name"]: photo})
        assert list(proba.shape) == said["output"]["shape"]
        assert proba.dtype == said["output"]["dtype"]
        assert proba.sum() == pytest.approx(1, abs=1e-5)
        assert len(labels.read_text(encoding="utf-8").splitlines()) == len(proba)

    def test_several_labels_have_thresholds(self, tmp_path: Path) -> None:
        rules = LabelRules((1.0, 1.0, 1.0), (0.01,) * 3, (0.5, 0.25, 0.75))
        files = export(make_model(tmp_path / "cache", labels=rules), out=tmp_path / "out")
        said = json.loads(files[2].read_text(encoding="utf-8"))
        assert said["thresholds"] == dict(zip(CLASSES, (0.5, 0.25, 0.75), strict=True))
        assert "label is given" in said["output"]["meaning"]

    @pytest.mark.parametrize("name", ["two\nlines", "two\u2028lines"])
    def test_a_class_that_is_no_line_is_refused(self, tmp_path: Path, name: str) -> None:
        strange = make_model(tmp_path / "cache", classes=("cat", name))
        with pytest.raises(UsageError, match=r"does not fit in one line of labels\.txt"):
            export(strange, out=tmp_path / "out")
        assert not (tmp_path / "out").exists()


class TestPlaces:
    def test_a_run_has_a_place_for_exports(self, file: Path) -> None:
        expected = file.parent / "exported" / "onnx"
        assert export(file)[0] == expected / "model.onnx"
        with pytest.raises(RunError, match=r"holds other files.*--out"):
            export(str(file.parent))
        assert sorted(path.name for path in expected.parent.iterdir()) == ["onnx"]

    def test_paths_are_told_as_they_were_given(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(file.parent.parent)
        assert export("run")[0] == Path("run/exported/onnx/model.onnx")
        assert export("run", out="../" + file.parent.parent.name + "/more")[0].is_file()

    def test_a_loaded_model_has_none(self, model: Model) -> None:
        with pytest.raises(UsageError, match="name one with out"):
            export(model)

    def test_an_empty_folder_is_filled(self, model: Model, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        assert export(model, out=tmp_path / "out")[0].is_file()

    def test_a_file_in_the_way(self, model: Model, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("mine")
        with pytest.raises(RunError, match=r"out: holds other files"):
            export(model, out=tmp_path / "out")
        with pytest.raises(RunError, match=r"out: cannot be created"):
            export(model, out=tmp_path / "out" / "deeper")
        assert (tmp_path / "out").read_text() == "mine"

    def test_an_unknown_target_names_the_known_ones(self, file: Path) -> None:
        with pytest.raises(UsageError, match="--to onxx: no such exporter; there are: onnx"):
            export(file, to="onxx")
        assert next(iter(exporters())) == "onnx"

    def test_the_bundled_classifier_is_no_single_graph(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cats-vs-dogs is no single graph"):
            export(pawlens.load(), out=tmp_path / "out")
        assert list(tmp_path.iterdir()) == []


class Odd(Exporter):
    """Writes one file, and names those that it is told to name."""

    title = "odd"

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def write(self, model: Model, folder: Path) -> list[Path]:
        (folder / "some.txt").write_text("words")
        return [folder / name for name in self._names]


class TestDraft:
    @pytest.mark.parametrize(
        "wrong", [ValueError("odd"), OSError(28, "No space left"), KeyboardInterrupt("stop")]
    )
    def test_nothing_is_left_of_an_export_that_failed(
        self, model: Model, tmp_path: Path, wrong: BaseException
    ) -> None:
        class Failing(Exporter):
            title = "failing"

            def write(self, model: Model, folder: Path) -> list[Path]:
                (folder / "some.txt").write_text("words")
                raise wrong

        expected = RunError if isinstance(wrong, OSError) else type(wrong)
        with pytest.raises(expected):
            write_export("failing", Failing(), model, tmp_path / "out")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("names", "words"),
        [
            ([], "'odd' returned no file"),
            (["other.txt"], r"other\.txt, which is no file in its folder"),
            (["/"], "which is no file in its folder"),
            (["some.txt", __file__], "which is no file in its folder"),
            (["../../mine.txt"], "which is no file in its folder"),
        ],
    )
    def test_an_exporter_must_tell_the_truth(
        self, model: Model, tmp_path: Path, names: list[str], words: str
    ) -> None:
        (tmp_path / "mine.txt").write_text("mine")
        with pytest.raises(PluginError, match=words):
            write_export("odd", Odd(names), model, tmp_path / "out")
        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]

    def test_every_file_is_on_disk_before_the_folder_has_its_name(
        self, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        synced: list[bool] = []
        monkeypatch.setattr("os.fsync", lambda _: synced.append((tmp_path / "out").exists()))
        export(model, out=tmp_path / "out")
        assert synced[:3] == [False] * 3

    def test_missing_packages_are_told_before_anything_is_written(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from pawlens.workflows.targets import OnnxExporter

        needs = ["numpy", "no-such-package", "nor-this"]
        monkeypatch.setattr(OnnxExporter, "needs", needs)
        words = "--to onnx needs no-such-package and nor-this: pip install no-such-package nor-this"
        with pytest.raises(UsageError, match=f"^{words}$"):
            export(file)
        monkeypatch.setattr(OnnxExporter, "extra", "onnx")
        with pytest.raises(UsageError, match=r"nor-this: pip install 'pawlens\[onnx\]'$"):
            export(file)
        assert not (file.parent / "exported").exists()


def test_the_exported_graph_is_a_copy(model: Model) -> None:
    nodes = len(model.to_onnx().graph.node)
    del model.to_onnx().graph.node[:]
    assert len(model.to_onnx().graph.node) == nodes > 0


def test_the_function_is_public_though_a_room_has_its_name() -> None:
    import pawlens.export

    assert pawlens.export is export
