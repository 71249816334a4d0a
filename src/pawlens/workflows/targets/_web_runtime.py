"""ONNX Runtime for browsers: the files of one version of its npm package, known by their hashes."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from ...base import make_folder, user_cache, write_atomic
from ...errors import UsageError

__all__ = ["RUNTIME_VERSION", "runtime_files"]

RUNTIME_VERSION = "1.26.0"
"""The newest version with which `paw` and the page stay under 6.5 MB as they are transferred."""

_FILES = {
    "ort.wasm.min.js": "b6efa5a95615ba3ebd4ca81d503eb7dc5725382b3c1b464ae46eb0c64a771f8d",
    "ort-wasm-simd-threaded.mjs": (
        "2de262ca1fe2d6e0ef9236bf77632fa01de232ce7b6a33071c37637ee53f4669"
    ),
    "ort-wasm-simd-threaded.wasm": (
        "040d52ce5066707a10d45cb9500c35e70a9c2fb33c4fb63428da9ae45b956b97"
    ),
}
_PACKAGE = f"onnxruntime-web@{RUNTIME_VERSION}"
_VARIABLE = "PAWLENS_ORT_WEB"
_MOST_BYTES = 64 * 1024 * 1024  # of one file; its hash is compared afterwards
_PATIENCE = 600  # seconds for the download
_LICENCE = """\
ONNX Runtime Web {version}
MIT License
Copyright (c) Microsoft Corporation

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def runtime_files() -> dict[str, bytes]:
    """Return the files of ONNX Runtime for browsers, and its licence, by their names.

    They are taken from the cache, from the folder or archive that ``$PAWLENS_ORT_WEB`` names, or
    by ``npm pack``, which runs nothing of the package. Each must have the hash that is known of it.

    Raises
    ------
    UsageError
        They are not there and cannot be had, or are others.
    """
    kept = user_cache() / "onnxruntime-web" / RUNTIME_VERSION
    given = os.environ.get(_VARIABLE)
    if given:
        files = _read(Path(given))
    elif all((kept / name).is_file() for name in _FILES):
        files = {name: (kept / name).read_bytes() for name in _FILES}
    else:
        files = _pack()
    for name, sha256 in _FILES.items():
        if hashlib.sha256(files.get(name, b"")).hexdigest() != sha256:
            place = given or f"{kept} (delete it)"
            raise UsageError(f"{place}: {name} is not that of {_PACKAGE}; get the package again")
    make_folder(kept)
    for name, data in files.items():
        if not (kept / name).is_file():
            write_atomic(kept / name, data)
    return {**files, "LICENSE-onnxruntime.txt": _LICENCE.format(version=RUNTIME_VERSION).encode()}


def _pack() -> dict[str, bytes]:
    """Get the package by npm, into a folder that is gone afterwards."""
    npm = shutil.which("npm")
    if npm is None:
        raise UsageError(
            f"--to web needs the npm package {_PACKAGE}: install npm, or set {_VARIABLE} to the "
            "package's .tgz or to a folder with its files"
        )
    with TemporaryDirectory() as folder:
        command = [npm, "pack", _PACKAGE, "--ignore-scripts", "--silent"]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise UsageError(f"npm pack {_PACKAGE} did not end in {_PATIENCE} s") from error
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            reason = (done.stderr or done.stdout).strip().splitlines()
            raise UsageError(
                f"npm pack {_PACKAGE} failed ({reason[0] if reason else 'no word why'}); set "
                f"{_VARIABLE} to the package's .tgz where there is no network"
            )
        return _read(archives[0])


def _read(place: Path) -> dict[str, bytes]:
    """Read the files from an archive of npm, or from a folder that holds them."""
    if place.is_dir():
        folder = next(
            (f for f in (place, place / "dist") if (f / "ort.wasm.min.js").is_file()), place
        )
        return {name: (folder / name).read_bytes() for name in _FILES if (folder / name).is_file()}
    files = {}
    try:
        with tarfile.open(place) as archive:
            for name in _FILES:
                member = archive.extractfile(f"package/dist/{name}")
                if member is not None:
                    files[name] = member.read(_MOST_BYTES)
    except (OSError, tarfile.TarError, KeyError) as error:
        raise UsageError(f"{place}: is no archive of {_PACKAGE}") from error
    return files
