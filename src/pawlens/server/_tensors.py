"""Tensors of the Open Inference Protocol v2: photos in, answers out, as JSON or as bytes."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._incoming import Incoming, from_base64
from ._refusals import Refused

if TYPE_CHECKING:
    import numpy.typing as npt

    from ._served import Answer, ServedModel

__all__ = ["FURTHER", "HEADER_LENGTH", "IMAGE", "OUTPUTS", "answer_tensors", "photos_in_tensors"]

HEADER_LENGTH = "inference-header-content-length"
"""Header of the binary extension: bytes of JSON before those of the tensors."""

IMAGE = "image"
OUTPUTS = ("probabilities", "label", "status")
"""What a request that asks for no outputs gets."""
FURTHER = ("embedding",)
"""What a request gets that asks for it by name."""
_MOST_PHOTOS = 1000


def photos_in_tensors(body: bytes, header: str | None) -> tuple[list[Incoming], dict[str, Any]]:
    """Read an inference request.

    Parameters
    ----------
    body : bytes
    header : str or None
        Value of `HEADER_LENGTH`, where the request has it.

    Returns
    -------
    (photos, request)
        The photos of the tensor ``image``, and the JSON of the request.

    Raises
    ------
    Refused
        400 where the request is not one of the protocol, or asks for what there is not.
    """
    length = len(body)
    if header is not None:
        if not header.isdecimal() or int(header[:12]) > len(body):
            raise _wrong(f"{HEADER_LENGTH} {header[:20]!r} is no length within the body")
        length = int(header[:12])
    try:
        request = json.loads(body[:length])
    except (ValueError, RecursionError) as error:
        raise _wrong("the request is not JSON") from error
    if not isinstance(request, dict):
        raise _wrong("the request is no object")
    tensor = _only_input(request)
    count = _count(tensor.get("shape"))
    size = _parameters(tensor).get("binary_data_size")
    if size is None:
        elements = [_from_text(text) for text in _flat(tensor.get("data"))]
    else:
        rest = body[length:]
        if not isinstance(size, int) or isinstance(size, bool) or size != len(rest):
            raise _wrong(f"binary_data_size {size!r}, and {len(rest)} bytes follow the JSON")
        elements = _split(rest)
    if len(elements) != count:
        raise _wrong(f"the shape has {count} elements, the data {len(elements)}")
    return [Incoming(str(row), data) for row, data in enumerate(elements)], request


def answer_tensors(
    served: ServedModel, answers: Sequence[Answer], request: dict[str, Any]
) -> tuple[bytes, int | None]:
    """Write the response: its bytes, and how many of them are JSON where bytes of tensors follow.

    Outputs are ``probabilities`` FP64 (n, K), a row of zeros for a photo that cannot be read,
    ``label`` BYTES (n,) and ``status`` BYTES (n,); and by its name alone ``embedding`` FP32 (n, D),
    the pooled features, a row of zeros for a photo that cannot be read.

    Raises
    ------
    Refused
        400 where an output is asked for that there is not.
    """
    everything = _parameters(request).get("binary_data_output") is True
    asked = request.get("outputs") or [{"name": name} for name in OUTPUTS]
    if not isinstance(asked, list) or not all(isinstance(output, dict) for output in asked):
        raise _wrong("outputs is no list of objects")
    described, tail = [], b""
    for output in asked:
        name = output.get("name")
        kind, values = _values(served, answers, name)
        shape = [len(values)] if isinstance(values, list) else list(values.shape)
        tensor: dict[str, Any] = {"name": name, "datatype": kind, "shape": shape}
        if _parameters(output).get("binary_data", everything) is True:
            data = _packed(values)
            tensor["parameters"] = {"binary_data_size": len(data)}
            tail += data
        else:
            tensor["data"] = values if isinstance(values, list) else values.ravel().tolist()
        described.append(tensor)
    response: dict[str, Any] = {
        "model_name": served.name,
        "model_version": served.version,
        "parameters": {"sha256": served.sha256},
        "outputs": described,
    }
    if isinstance(request.get("id"), str):
        response["id"] = request["id"]
    head = json.dumps(response).encode()
    return head + tail, len(head) if tail else None


def _only_input(request: dict[str, Any]) -> dict[str, Any]:
    inputs = request.get("inputs")
    if not isinstance(inputs, list) or len(inputs) != 1 or not isinstance(inputs[0], dict):
        raise _wrong(f"give one input, {IMAGE}")
    tensor: dict[str, Any] = inputs[0]
    if tensor.get("name") != IMAGE or tensor.get("datatype") != "BYTES":
        raise _wrong(f"the input is {IMAGE}, of datatype BYTES: each element a photo's file")
    return tensor


def _count(shape: Any) -> int:
    """The number of elements of a shape [n] or [n, 1]."""
    whole = isinstance(shape, list) and all(type(side) is int and side > 0 for side in shape)
    if not whole or len(shape) not in (1, 2) or shape[1:] not in ([], [1]):
        raise _wrong(f"the shape of {IMAGE} is [n] or [n, 1]")
    if shape[0] > _MOST_PHOTOS:
        raise _wrong(f"{shape[0]} photos: at most {_MOST_PHOTOS} a request")
    return int(shape[0])


def _flat(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise _wrong(f"{IMAGE} has neither data nor binary_data_size")
    return [v for part in data for v in (part if isinstance(part, list) else [part])]


def _from_text(text: Any) -> bytes:
    """A photo from base64, as a string or as KServe writes it, {"b64": ...}."""
    value = text.get("b64") if isinstance(text, dict) else text
    if not isinstance(value, str):
        raise _wrong(f"each element of {IMAGE} is base64")
    return from_base64(value, IMAGE)


def _split(data: bytes) -> list[bytes]:
    """Split elements that follow each other, each behind its length in four bytes."""
    elements: list[bytes] = []
    place = 0
    while place < len(data):
        if len(data) - place < 4 or len(elements) == _MOST_PHOTOS:
            raise _wrong("the bytes after the JSON are no elements with their lengths")
        (size,) = struct.unpack_from("<I", data, place)
        place += 4
        if size > len(data) - place:
            raise _wrong("an element is longer than what follows")
        elements.append(data[place : place + size])
        place += size
    return elements


def _values(
    served: ServedModel, answers: Sequence[Answer], name: Any
) -> tuple[str, npt.NDArray[np.floating] | list[str]]:
    """Return the datatype and the values of one output."""
    if name == "probabilities":
        classes = served.model.classes_
        rows = [[a.probabilities.get(c, 0.0) for c in classes] for a in answers]
        return "FP64", np.array(rows, "<f8")
    if name == "embedding":
        unread = np.zeros(served.width, "<f4")
        return "FP32", np.array(
            [unread if a.embedding is None else a.embedding for a in answers], "<f4"
        )
    if name == "label":
        return "BYTES", [answer.label or "" for answer in answers]
    if name == "status":
        return "BYTES", [answer.status for answer in answers]
    known = ", ".join((*OUTPUTS, *FURTHER))
    raise _wrong(f"no output {str(name)[:100]!r}; there are {known}")


def _packed(values: npt.NDArray[np.floating] | list[str]) -> bytes:
    if isinstance(values, np.ndarray):
        return values.tobytes()
    texts = [value.encode() for value in values]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def _parameters(part: dict[str, Any]) -> dict[str, Any]:
    parameters = part.get("parameters", {})
    return parameters if isinstance(parameters, dict) else {}


def _wrong(line: str) -> Refused:
    return Refused(400, "body", line)
