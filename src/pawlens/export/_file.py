"""The file ``model.onnx``: written with a seal, and read only where it is as it was written.

The seal is the SHA-256 of all bytes before it, as a last entry of the metadata, which parsers of
ONNX read like any other. It tells a damaged or altered file. Whether a graph may be run is another
question, which `admit` answers.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RunError
from ._admit import admit, vouch
from ._facts import GraphFacts, read_facts

if TYPE_CHECKING:
    import onnx

__all__ = ["read_model_file", "write_model_file"]

_KEY = "pawlens.sha256"
_LONGEST = 2**30  # bytes


def write_model_file(path: Path, model: onnx.ModelProto) -> None:
    """Write a graph that this process has made, sealed; this machine runs it without a trial."""
    body = model.SerializeToString()
    data = body + _seal(body)
    path.write_bytes(data)
    vouch(hashlib.sha256(data).hexdigest())


def read_model_file(path: Path) -> tuple[onnx.ModelProto, GraphFacts, str]:
    """Read a graph, its facts, and the SHA-256 of its file in hexadecimal.

    Raises
    ------
    RunError
        The file cannot be read, is not as it was written, was not written by pawlens, or holds a
        graph that this machine cannot run within limits.
    """
    import onnx
    from google.protobuf.message import DecodeError

    try:
        if path.stat().st_size > _LONGEST:
            raise RunError(f"{path}: more than {_LONGEST:,} bytes, which no model of pawlens has")
        data = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror or error})") from error
    end = len(data) - len(_seal(b""))
    sealed = data[end:].startswith(_seal(b"")[:-64])
    if sealed and data[end:] != _seal(data[:end]):
        raise RunError(f"{path}: damaged, or changed after pawlens wrote it; copy it again")
    try:
        model = onnx.load_from_string(data)
    except (DecodeError, ValueError) as error:
        raise RunError(f"{path}: not an ONNX file, or damaged") from error
    noted = [one for one in model.metadata_props if one.key == _KEY]
    if noted and not sealed:
        raise RunError(f"{path}: changed after pawlens wrote it; export it again from its run")
    for one in noted:  # it is of the file, not of graphs that are made of this one
        model.metadata_props.remove(one)
    try:
        facts = read_facts(model)
    except ValueError as error:
        raise RunError(f"{path}: not a classifier of pawlens ({error})") from error
    sha256 = hashlib.sha256(data).hexdigest()
    admit(path, data, sha256)
    return model, facts, sha256


def _seal(body: bytes) -> bytes:
    """Encode an entry of the metadata of an ONNX file, of the same length for all files."""
    import onnx

    entry = onnx.ModelProto()
    entry.metadata_props.add(key=_KEY, value=hashlib.sha256(body).hexdigest())
    return bytes(entry.SerializeToString())
