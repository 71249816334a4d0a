"""Photos as requests bring them: raw, as a form, or as JSON with base64."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ._refusals import Refused

__all__ = ["Incoming", "from_base64", "photos_of"]

_JSON = "application/json"
_FORM = "multipart/form-data"
_RAW = (
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "",
)  # curl sends the second
_MOST_PHOTOS = 1000
_LONGEST_NAME = 1024
_SHAPE = 'send {"photos": [{"name": "1.jpg", "data": "..."}]}, with the bytes as base64'


@dataclass(frozen=True)
class Incoming:
    """One photo of a request.

    Attributes
    ----------
    name : str
        What the client calls it; only handed back.
    data : bytes
        Content of the file.
    """

    name: str
    data: bytes

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


async def photos_of(body: bytes, headers: Headers) -> list[Incoming]:
    """Return the photos of a request, in its order.

    Raises
    ------
    Refused
        415 where the type of the content is none that is read, 400 where the content is not what
        its type says, or holds no photo, or more than 1,000.
    """
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == _JSON:
        photos = _from_json(body)
    elif kind == _FORM:
        photos = await _from_form(body, headers)
    elif kind in _RAW or kind.startswith("image/"):
        photos = [Incoming("photo", body)] if body else []
    else:
        raise Refused(415, "type", f"content type {kind[:100]!r}: send image/*, {_FORM} or {_JSON}")
    if not photos:
        raise Refused(400, "body", "no photo in the request")
    if len(photos) > _MOST_PHOTOS:
        raise Refused(400, "body", f"{len(photos)} photos: at most {_MOST_PHOTOS} a request")
    return photos


def _from_json(body: bytes) -> list[Incoming]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "body", "the body is not JSON") from error
    entries = content.get("photos") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise Refused(400, "body", f"the JSON has no list photos: {_SHAPE}")
    return [_entry(entry, number) for number, entry in enumerate(entries, start=1)]


def _entry(entry: Any, number: int) -> Incoming:
    """Read one photo of a JSON list: an object with its data, or the data alone."""
    fields = entry if isinstance(entry, dict) else {"data": entry}
    name, data = fields.get("name", str(number)), fields.get("data")
    if not isinstance(name, str) or not isinstance(data, str):
        raise Refused(400, "body", f"photo {number} is not a name and its data: {_SHAPE}")
    return Incoming(_printable(name), from_base64(data, f"photo {number}"))


def from_base64(text: str, what: str) -> bytes:
    """Decode base64; Refused with 400 where it is not."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(400, "body", f"{what}: the data is not base64") from error


async def _from_form(body: bytes, headers: Headers) -> list[Incoming]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        headers,
        stream(),
        max_files=_MOST_PHOTOS,
        max_fields=_MOST_PHOTOS,
        max_part_size=len(body),
    )
    # In memory, which the limit of the body bounds: the disk is not the clients'.
    parser.spool_max_size = len(body) + 1
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError, ValueError) as error:
        raise Refused(400, "body", "the body is not a form with files") from error
    try:
        photos = []
        for field, value in form.multi_items():
            if not isinstance(value, UploadFile):
                name = _printable(field)
                raise Refused(400, "body", f"the field {name!r} is no file; send files")
            photos.append(Incoming(_printable(value.filename or ""), await value.read()))
        return photos
    finally:
        await form.close()


def _printable(name: str) -> str:
    """A name without what a terminal or a page might take for more than a name."""
    return "".join(c if c.isprintable() else "?" for c in name[:_LONGEST_NAME])
