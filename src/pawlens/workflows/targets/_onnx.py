"""The plainest exporter: the graph as it is, with what a program needs to know beside it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...base import sealed
from ...export import has_score
from .._exporter import Exporter
from ._signature import (
    LABELS,
    SIGNATURE,
    describe_answers,
    describe_model,
    write_json,
    write_labels,
)

if TYPE_CHECKING:
    import onnx

    from ...models import Model

__all__ = ["OnnxExporter"]

_VERSION = 1  # of this signature.json
_GRAPH = "model.onnx"


class OnnxExporter(Exporter):
    """``model.onnx``, ``labels.txt`` and ``signature.json``."""

    title = "ONNX, with its classes and its signature as files of their own"

    def write(self, model: Model, folder: Path) -> list[Path]:
        """See `Exporter.write`.

        Raises
        ------
        UsageError
            A class name does not fit in one line of ``labels.txt``.
        """
        graph = model.to_onnx()
        content = sealed(graph.SerializeToString())
        labels = write_labels(folder / LABELS, model.classes_)
        path = folder / _GRAPH
        path.write_bytes(content)
        told = {"version": _VERSION, "model": _GRAPH, "sha256": hashlib.sha256(content).hexdigest()}
        signature = write_json(folder / SIGNATURE, told | _signature(graph, model))
        return [path, labels, signature]


def _signature(graph: onnx.ModelProto, model: Model) -> dict[str, Any]:
    """What goes in, what comes out, and what happens to the pixels inside the graph."""
    facts = model.facts
    return {
        "opset": next(entry.version for entry in graph.opset_import if not entry.domain),
        "input": {
            "name": graph.graph.input[0].name,
            "dtype": "uint8",
            "shape": ["H", "W", 3],
            "meaning": "one upright RGB photo of any size; the graph resizes and normalises it",
        },
        "output": {
            "name": graph.graph.output[0].name,
            "dtype": "float32",
            "shape": [len(facts.classes)],
            "meaning": "a probability for each class, which sum to 1"
            if facts.labels is None
            else "a probability for each label; a label is given from its threshold on",
        },
        **describe_model(facts),
        **describe_answers(model.answer_rules, score=has_score(graph.graph)),
    }
