"""The file ``model.onnx``: written with a seal, and read only where it is as it was written.

The seal tells a damaged or altered file. Whether a graph may be run is another
question, which `admit` answers.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from ..base import SEAL_KEY, read_regular, sealed, unsealed
from ..errors import RunError
from ._admit import admit, vouch
from ._facts import GraphFacts, read_facts

if TYPE_CHECKING:
    import onnx

__all__ = ["read_model_file", "write_model_file"]

_LONGEST = 2**30  # bytes


def write_model_file(path: Path, model: onnx.ModelProto) -> None:
    """Write a graph that this process has made, sealed; this machine runs it without a trial."""
    data = sealed(model.SerializeToString())
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
        data = read_regular(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror or error})") from error
    try:
        body = unsealed(data, must=False)
    except ValueError as error:
        raise RunError(
            f"{path}: damaged, or changed after pawlens wrote it; copy it again"
        ) from error
    try:
        model = onnx.load_from_string(body)
    except (DecodeError, ValueError) as error:
        raise RunError(f"{path}: not an ONNX file, or damaged") from error
    if any(one.key == SEAL_KEY for one in model.metadata_props):  # and yet not at the end
        raise RunError(f"{path}: changed after pawlens wrote it; export it again from its run")
    try:
        facts = read_facts(model)
    except ValueError as error:
        raise RunError(f"{path}: not a classifier of pawlens ({error})") from error
    sha256 = hashlib.sha256(data).hexdigest()
    admit(path, data, sha256)
    return model, facts, sha256
