"""An exporter: what a C program has to know of a model, as a header beside the graph."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pawlens.plugins import Exporter, Model

__all__ = ["HeaderExporter"]

_HEADER = """\
/* Written by pawlens export --to c-header: {title}. */
#ifndef PAWLENS_CLASSES_H
#define PAWLENS_CLASSES_H

#define PAWLENS_MODEL "model.onnx"
#define PAWLENS_MODEL_SHA256 "{sha256}"
#define PAWLENS_CLASS_COUNT {count}

static const char *const pawlens_classes[PAWLENS_CLASS_COUNT] = {{
{classes}
}};

#endif
"""


class HeaderExporter(Exporter):
    """``classes.h`` and the ``model.onnx`` that it describes."""

    title = "the graph and a C header with its classes"

    def write(self, model: Model, folder: Path) -> list[Path]:
        """Write both files."""
        content = model.to_onnx().SerializeToString()
        graph, header = folder / "model.onnx", folder / "classes.h"
        graph.write_bytes(content)
        text = _HEADER.format(
            title=self.title,
            sha256=hashlib.sha256(content).hexdigest(),
            count=len(model.classes_),
            classes=",\n".join(f"    {_c_string(name)}" for name in model.classes_),
        )
        header.write_text(text, encoding="utf-8", newline="\n")
        return [header, graph]


def _c_string(text: str) -> str:
    """A string literal of C in UTF-8: quotes and backslashes are escaped as in JSON."""
    return json.dumps(text, ensure_ascii=False)
