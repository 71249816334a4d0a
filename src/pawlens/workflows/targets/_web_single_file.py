"""The web app as one HTML file, which works from a disk, without any network."""

from __future__ import annotations

import base64
import gzip
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .._exporter import Exporter
from ._signature import SIGNATURE
from ._web import WebExporter, page_file

if TYPE_CHECKING:
    from ...models import Model

__all__ = ["SingleFileExporter"]

_PARTS = {
    "signature": SIGNATURE,
    "model": "model.onnx",
    "wasm": "ort-wasm-simd-threaded.wasm",
    "glue": "ort-wasm-simd-threaded.mjs",
}
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
    "style-src 'unsafe-inline'; img-src blob: data:; base-uri 'none'; form-action 'none'"
)


class SingleFileExporter(Exporter):
    """``pawlens.html``, with the model and ONNX Runtime inside it, and the proof beside it."""

    title = "the web app as one HTML file that works from a disk"

    def write(self, model: Model, folder: Path) -> list[Path]:
        """Write the web app elsewhere, prove it, and put its files into one.

        Raises
        ------
        UsageError, ParityError
            As of the exporter ``web``.
        """
        with TemporaryDirectory(dir=folder) as place:
            app = Path(place)
            WebExporter().write(model, app)
            page = folder / "pawlens.html"
            page.write_text(_joined(app), encoding="utf-8", newline="\n")
            for name in ("labels.txt", SIGNATURE, "parity.json", "LICENSE-onnxruntime.txt"):
                (app / name).rename(folder / name)
        return [page, *sorted(path for path in folder.iterdir() if path != page)]


def _joined(app: Path) -> str:
    """Put everything that the page loads into it."""
    html = page_file("index.html").decode()
    html = re.sub(
        r'(http-equiv="Content-Security-Policy" content=)"[^"]*"', rf'\1"{_POLICY}"', html
    )
    html = re.sub(r'<link rel="(?:manifest|apple-touch-icon)"[^>]*>\n', "", html)
    icon = base64.b64encode((app / "icon-192.png").read_bytes()).decode()
    html = html.replace('href="icon-192.png"', f'href="data:image/png;base64,{icon}"')
    style = (app / "app.css").read_text(encoding="utf-8")
    html = html.replace('<link rel="stylesheet" href="app.css">', f"<style>\n{style}</style>")
    scripts = re.findall(r'<script src="([^"]+)" defer></script>\n', html)
    html = re.sub(r'<script src="[^"]+" defer></script>\n', "", html)
    parts = "".join(
        f'<script type="text/plain" id="part-{name}">{_packed(app / file)}</script>\n'
        for name, file in _PARTS.items()
    )
    code = "".join(f"<script>\n{_script(app, name)}\n</script>\n" for name in scripts)
    return html.replace("</body>", f"{parts}{code}</body>")


def _script(app: Path, name: str) -> str:
    """A script as it may stand inside a page."""
    if name == "parts.js":
        text = page_file("parts_inline.js").decode()
    else:
        text = (app / name).read_text(encoding="utf-8")
    return text.replace("</script", "<\\/script")


def _packed(file: Path) -> str:
    return base64.b64encode(gzip.compress(file.read_bytes(), 9, mtime=0)).decode()
