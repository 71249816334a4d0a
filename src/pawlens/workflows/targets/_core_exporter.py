"""What all exporters of the core graph have in common: everything but the conversion."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ...errors import UsageError
from ...export import NEITHER_OUTPUT, PARITY_LIMITS, CoreInput, core_graph, core_inputs
from .._exporter import Exporter
from ._proof import CoreRun, draw_proof
from ._signature import (
    LABELS,
    SIGNATURE,
    describe_answers,
    describe_model,
    hashed,
    versions,
    write_json,
    write_labels,
)

if TYPE_CHECKING:
    import onnx

    from ...export import GraphFacts
    from ...models import Model

__all__ = ["PORTS", "CoreExporter", "OpenedExporter", "copy_ports"]

_VERSION = 1  # of this signature.json
_RESIZE_VERSION = 1  # of docs/resize.md
PORTS = ("pawlens_resize.js", "pawlens_resize.h", "PawlensResize.java", "PawlensResize.swift")
"""The resize in other languages, which lies beside every core graph."""


class CoreExporter(Exporter):
    """A target that runs the core graph: squares of pixels in, the resize outside.

    Attributes
    ----------
    runtime : str
        The package whose runtime proves the export, as pip knows it.
    maps : bool
        Whether the graph gives class activation maps too; see `core_graph`.
    score : bool
        Whether the graph gives the score of *neither* too.
    planes : bool
        Whether the graph takes float32 (1, 3, S, S) in place of bytes.
    """

    runtime: ClassVar[str]
    maps: ClassVar[bool] = False
    score: ClassVar[bool] = False
    planes: ClassVar[bool] = False

    @abstractmethod
    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Write the model into the folder; the file that a runtime opens comes first."""

    @abstractmethod
    def prove(
        self, model: Model, file: Path, inputs: Sequence[CoreInput], folder: Path
    ) -> tuple[dict[str, Any], list[Path]]:
        """Write the test vectors and measure the agreement with the whole graph.

        Returns
        -------
        (agreement, paths)
            What ``parity.json`` says of the runtime, and the files that were written.
        """

    def input_facts(self, tensor: CoreInput) -> dict[str, Any]:
        """What the signature says of an input, beside its name, size and filter."""
        return {"dtype": "uint8", "shape": list(tensor.shape), "layout": "NHWC"}

    def runtime_versions(self) -> dict[str, str]:
        """The version of the runtime."""
        return versions({self.runtime})

    def write(self, model: Model, folder: Path) -> list[Path]:
        """Write the model, its signature, the ports of the resize, test vectors and the proof.

        Raises
        ------
        UsageError
            The model trims borders, or a class name does not fit in one line.
        ParityError
            The answers in the runtime are not those of ``model.onnx``.
        """
        refuse_borders(model.facts)
        inputs = core_inputs(model.facts.backbones)
        labels = write_labels(folder / LABELS, model.classes_)
        graph = core_graph(
            model.to_onnx(), model.facts, maps=self.maps, planes=self.planes, score=self.score
        )
        converted = self.convert(graph, inputs, folder)
        agreement, vectors = self.prove(model, converted[0], inputs, folder)
        used = versions({"onnx", "onnxruntime", *self.needs}) | self.runtime_versions()
        parity = {
            "limits": PARITY_LIMITS,
            "compared": "drawn photos, resized by pawlens, with model.onnx in onnxruntime",
            self.runtime: agreement,
            "versions": used,
        }
        outputs = [output.name for output in graph.graph.output]
        signature = {
            "version": _VERSION,
            "model": converted[0].relative_to(folder).parts[0],
            "files": hashed(converted, folder),
            "resize": {"specification": "docs/resize.md of pawlens", "version": _RESIZE_VERSION},
            "inputs": [
                {"name": tensor.name, "size": tensor.size, "filter": tensor.interpolation}
                | {"channels": "rgb", "values": "0 to 255, whole", "normalisation": "inside"}
                | self.input_facts(tensor)
                for tensor in inputs
            ],
            "outputs": [
                {
                    "name": "probabilities",
                    "dtype": "float32",
                    "shape": [1, len(model.classes_)],
                    "meaning": "a probability for each class, which sum to 1"
                    if model.facts.labels is None
                    else "a probability for each label; a label is given from its threshold on",
                }
            ],
            **describe_model(model.facts),
            **describe_answers(model.answer_rules, score=NEITHER_OUTPUT in outputs),
            "made_with": used,
        }
        return [
            *converted,
            labels,
            write_json(folder / SIGNATURE, signature),
            write_json(folder / "parity.json", parity),
            *copy_ports(folder / "resize"),
            *vectors,
        ]


class OpenedExporter(CoreExporter):
    """A target whose runtime can be opened in Python, which proves the export."""

    @abstractmethod
    def open(self, file: Path, inputs: Sequence[CoreInput]) -> CoreRun:
        """Open a converted model in its own runtime."""

    def prove(
        self, model: Model, file: Path, inputs: Sequence[CoreInput], folder: Path
    ) -> tuple[dict[str, Any], list[Path]]:
        """Run the test vectors and more in the runtime; see `CoreExporter.prove`."""
        proof = draw_proof(model, inputs)
        paths = proof.write_vectors(folder / "vectors")
        return proof.measure(self.runtime, self.open(file, inputs), model), paths


def refuse_borders(facts: GraphFacts) -> None:
    """Refuse a model that trims borders, which happens before the resize.

    Raises
    ------
    UsageError
        It does.
    """
    if facts.borders == "trim":
        raise UsageError(
            "this model cuts plain borders off before it resizes, which a graph without the "
            "resize cannot: export it --to onnx, or train with --borders keep"
        )


def copy_ports(folder: Path) -> list[Path]:
    """Copy the resize in other languages into a new folder."""
    folder.mkdir()
    source = files(__package__) / "ports"
    paths = [folder / name for name in PORTS]
    for path in paths:
        path.write_bytes((source / path.name).read_bytes())
    return paths
