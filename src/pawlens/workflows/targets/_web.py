"""A web app: a folder for any static host, which works offline once it was open."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import ParityError
from ...export import CoreInput
from ._core_exporter import CoreExporter
from ._onnx_core import run_onnx
from ._proof import draw_proof
from ._signature import SIGNATURE, write_json
from ._web_runtime import RUNTIME_VERSION, runtime_files

if TYPE_CHECKING:
    import numpy.typing as npt
    import onnx

    from ...models import Model

__all__ = ["WebExporter", "page_file"]

_PAGE = ("index.html", "app.css", "words.js", "classify.js", "parts.js", "app.js")
_RESIZE = "pawlens_resize.js"
_MANIFEST, _WORKER, _MODEL = "manifest.webmanifest", "sw.js", "model.onnx"
_CHECKED = (_MODEL, "ort-wasm-simd-threaded.wasm")  # by the page, at every start
_ICONS = {"icon-192.png": 192, "icon-512.png": 512}
_ACCENT = "#1565a5"
_PATIENCE = 300  # seconds for the proof in node
_NOT_PROVEN = (
    "converted, not proven: node was not there, so the graph was measured in Python's onnxruntime; "
    "open index.html#proof in the browser"
)


class WebExporter(CoreExporter):
    """``index.html`` and what it loads: the graph, ONNX Runtime, the resize, a service worker."""

    title = "a web app for any static host, offline once it was open"
    runtime = "onnxruntime-web"
    maps = True
    score = True

    def runtime_versions(self) -> dict[str, str]:
        """The version of the npm package."""
        return {self.runtime: RUNTIME_VERSION}

    def convert(
        self, core: onnx.ModelProto, inputs: Sequence[CoreInput], folder: Path
    ) -> list[Path]:
        """Write the graph, and copy ONNX Runtime and the page beside it."""
        contents = {_MODEL: core.SerializeToString(), **runtime_files()}
        contents |= {name: page_file(name) for name in _PAGE}
        contents[_RESIZE] = (files(__package__) / "ports" / _RESIZE).read_bytes()
        contents |= {name: _draw_icon(side) for name, side in _ICONS.items()}
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        return [folder / name for name in contents]

    def prove(
        self, model: Model, file: Path, inputs: Sequence[CoreInput], folder: Path
    ) -> tuple[dict[str, Any], list[Path]]:
        """Measure the agreement in the very files that the page loads, run by node."""
        proof = draw_proof(model, inputs)
        paths = proof.write_vectors(folder / "vectors")
        node = shutil.which("node")
        if node is None:
            agreement = proof.measure(self.runtime, run_onnx(file), model)
            return agreement | {"word": _NOT_PROVEN}, paths
        answers, milliseconds = _run_in_node(node, file.parent, proof.squares)
        each = iter(answers)
        agreement = proof.measure(self.runtime, lambda squares: next(each), model)
        return agreement | {"milliseconds_a_photo": milliseconds}, paths

    def write(self, model: Model, folder: Path) -> list[Path]:
        """Write the app, and last the list of files that its service worker keeps."""
        written = super().write(model, folder)
        manifest = write_json(folder / _MANIFEST, _manifest(model.classes_))
        kept = [*self._converted(written, folder), folder / SIGNATURE, manifest]
        together = hashlib.sha256(b"".join(path.read_bytes() for path in kept)).hexdigest()
        hashes = {
            path.name: "" if path.name in _CHECKED else _sha256(path)
            for path in kept
            if not path.name.startswith("LICENSE")
        }
        hashes["./"] = hashes["index.html"]
        worker = page_file(_WORKER).decode()
        worker = worker.replace("PAWLENS-VERSION", f"pawlens-{together}")
        worker = worker.replace('{ "PAWLENS-FILES": "" }', json.dumps(hashes, indent=2))
        (folder / _WORKER).write_text(worker, encoding="utf-8", newline="\n")
        return list(dict.fromkeys([folder / "index.html", *written, manifest, folder / _WORKER]))

    def _converted(self, written: Sequence[Path], folder: Path) -> list[Path]:
        """The files beside ``index.html`` that the page loads."""
        named = json.loads((folder / SIGNATURE).read_text(encoding="utf-8"))["files"]
        return [path for path in written if path.parent == folder and path.name in named]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def page_file(name: str) -> bytes:
    """Return a file of the page."""
    return (files(__package__) / "web" / name).read_bytes()


def _run_in_node(
    node: str, folder: Path, squares: Sequence[Mapping[str, npt.NDArray[np.uint8]]]
) -> tuple[list[npt.NDArray[np.float64]], float]:
    """Answer squares by the exported files in node: probabilities (K,) each, and milliseconds."""
    asked = [
        {name: base64.b64encode(square.tobytes()).decode() for name, square in each.items()}
        for each in squares
    ]
    script = page_file("prove.cjs").decode()
    done = subprocess.run(
        [node, "-e", script, str(folder)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode:
        raise ParityError(f"the model does not run in onnxruntime-web: {done.stderr.strip()[:300]}")
    answers = json.loads(done.stdout)
    rows = [np.array(answer["probabilities"], np.float64) for answer in answers]
    return rows, round(statistics.median(answer["milliseconds"] for answer in answers), 2)


def _manifest(classes: Sequence[str]) -> dict[str, Any]:
    """What makes the page installable (https://www.w3.org/TR/appmanifest/)."""
    named = ", ".join(classes[:4]) + (" …" if len(classes) > 4 else "")
    icons = [
        {"src": name, "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        for name, side in _ICONS.items()
        for purpose in ("any", "maskable")
    ]
    return {
        "id": "./",
        "name": f"pawlens: {named}",
        "short_name": "pawlens",
        "description": f"Says what photos show: {named}. Photos stay on the device.",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": _ACCENT,
        "icons": icons,
    }


def _draw_icon(side: int) -> bytes:
    """Draw a paw, white on blue, with room around it for icons that are cut round."""
    from PIL import Image, ImageDraw

    large = 4 * side  # drawn large and made smaller, so that edges are smooth
    icon = Image.new("RGB", (large, large), _ACCENT)
    pen = ImageDraw.Draw(icon)
    pad_and_toes = [
        (0.5, 0.62, 0.17, 0.14),
        (0.28, 0.47, 0.07, 0.09),
        (0.42, 0.33, 0.075, 0.1),
        (0.58, 0.33, 0.075, 0.1),
        (0.72, 0.47, 0.07, 0.09),
    ]
    for x, y, across, down in pad_and_toes:
        box = (x - across, y - down, x + across, y + down)
        pen.ellipse([round(share * large) for share in box], fill="white")
    file = io.BytesIO()
    icon.resize((side, side), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()
