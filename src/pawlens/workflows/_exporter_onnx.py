"""The built-in exporter: the graph as it is, with what a program needs to know beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..export import GraphFacts
from ._exporter import Exporter

if TYPE_CHECKING:
    import onnx

    from ..models import Model

__all__ = ["OnnxExporter"]

_VERSION = 1  # of signature.json
_GRAPH, _LABELS, _SIGNATURE = "model.onnx", "labels.txt", "signature.json"


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
        content = graph.SerializeToString()
        signature = {"model": _GRAPH, "sha256": hashlib.sha256(content).hexdigest()}
        signature |= _signature(graph, model.facts)
        paths = [folder / name for name in (_GRAPH, _LABELS, _SIGNATURE)]
        paths[0].write_bytes(content)
        paths[1].write_text(_lines(model.classes_), encoding="utf-8", newline="\n")
        text = json.dumps({"version": _VERSION} | signature, ensure_ascii=False, indent=2) + "\n"
        paths[2].write_text(text, encoding="utf-8", newline="\n")
        return paths


def _lines(classes: list[str]) -> str:
    """One class a line, in the order of the probabilities."""
    for name in classes:
        if name.splitlines() != [name]:
            raise UsageError(f"class {name!r} does not fit in one line of {_LABELS}: rename it")
    return "".join(f"{name}\n" for name in classes)


def _signature(graph: onnx.ModelProto, facts: GraphFacts) -> dict[str, Any]:
    """What goes in, what comes out, and what happens to the pixels inside the graph."""
    signature: dict[str, Any] = {
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
        "classes": list(facts.classes),
        "borders": facts.borders,
        "backbones": [
            json.loads(spec.to_json()) | {"weights_sha256": digest}
            for spec, digest in zip(facts.backbones, facts.weights_hashes, strict=True)
        ],
        "pawlens": facts.version,
    }
    if facts.labels is not None:
        signature["thresholds"] = dict(zip(facts.classes, facts.labels.threshold, strict=True))
    return signature
