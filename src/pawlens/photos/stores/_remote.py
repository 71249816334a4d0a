"""Photos at an address: any file system that fsspec knows, read with patience and within bounds."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from ...base import require
from ...errors import MissingExtra, PhotosError, UnreachablePhoto, UnreadablePhoto, UsageError
from ..decoding import HEAD_BYTES, MAX_BYTES
from ._addresses import without_secrets
from ._stores import FolderListing, Skipped

__all__ = ["RemoteStore"]

Result = TypeVar("Result")

_REQUESTS = 16
_TRIES = 5
_NO_SUCH_RANGE = 416  # a status of HTTP
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0  # seconds; doubled from try to try, and spread by chance


class RemoteStore:
    """The files below an address; safe to read from several threads.

    A request that fails is tried again after a while that grows; a photo that still cannot be
    fetched is an `UnreachablePhoto`. No message holds more of an error than its kind: those of
    libraries tell addresses with their signatures.

    Parameters
    ----------
    address : str
        For example ``s3://bucket/folder``. Credentials are those that the environment gives.

    Raises
    ------
    MissingExtra
        No installed package knows this kind of address.
    UsageError
        ``$PAWLENS_REQUESTS`` is no number of requests.
    """

    def __init__(self, address: str) -> None:
        fsspec = require("fsspec", "remote")
        self._shown = without_secrets(address)
        self.location = Path(self._shown)
        self.requests = _requests()
        self._single: str | None = None
        self._budget = threading.BoundedSemaphore(self.requests)
        kind = address.partition("://")[0]
        try:
            self._files, self._root = fsspec.core.url_to_fs(address)
        except ImportError as error:
            raise MissingExtra(
                f"{self._shown}: {' '.join(str(error).split())}; pip install 'pawlens[remote]' "
                "brings s3 and http, gcsfs gs, adlfs az, huggingface_hub hf"
            ) from error
        except ValueError as error:
            raise PhotosError(f"{self._shown}: {kind}:// is no address that is known") from error
        self._root = self._root.rstrip("/")

    def is_file(self) -> bool:
        """Whether the address is a file's, and not a folder's."""
        return bool(self._asked(lambda: self._files.isfile(self._root)))

    def of_one(self, name: str) -> RemoteStore:
        """Return this store where its address is that of one file, which is called `name`."""
        self._single = name
        self.location = self.location.parent
        return self

    def names(self) -> list[str]:
        return self._listing.names

    def folders(self) -> list[str]:
        return self._listing.folders

    def hidden(self) -> list[Skipped]:
        return self._listing.hidden

    @cached_property
    def _listing(self) -> FolderListing:
        """The names of all files, asked for once, when they are first looked for."""
        found = self._asked(lambda: self._files.find(self._root))
        listing = FolderListing()
        for path in found:
            name = self._files._strip_protocol(path)[len(self._root) :].lstrip("/")
            pure = PurePosixPath(name)
            if ".." in pure.parts:
                raise PhotosError(f"{self._shown}: {name!r} leads outside; nothing was read")
            if name and all(
                listing.add_folder(str(folder)) for folder in list(pure.parents)[-2::-1]
            ):
                listing.add_file(name)
        if not found:
            raise PhotosError(f"{self._shown}: nothing is there, or it may not be listed")
        return listing.sorted()

    def head(self, name: str) -> bytes:
        try:
            return self._read(name, HEAD_BYTES)
        except UnreadablePhoto:
            return b""

    def read(self, name: str) -> bytes:
        return self._read(name, MAX_BYTES + 1)

    def _read(self, name: str, limit: int) -> bytes:
        path = self._root if name == self._single else f"{self._root}/{name}"

        def fetch() -> bytes:
            try:
                data: bytes = self._files.cat_file(path, start=0, end=limit)
            except Exception as error:
                if _status(error) == _NO_SUCH_RANGE:  # not even the first byte: the file is empty
                    return b""
                raise
            return data[:limit]

        try:
            return _with_patience(fetch, self._budget)
        except FileNotFoundError as error:
            raise UnreadablePhoto("no longer there") from error
        except Exception as error:  # of whatever library reads this kind of address
            raise UnreachablePhoto(_in_words(error)) from error

    def _asked(self, question: Callable[[], Result]) -> Result:
        try:
            return _with_patience(question, self._budget)
        except FileNotFoundError as error:
            raise PhotosError(f"{self._shown}: nothing is there") from error
        except Exception as error:  # as above
            raise PhotosError(f"{self._shown}: cannot be listed ({_in_words(error)})") from error


def _with_patience(ask: Callable[[], Result], budget: threading.BoundedSemaphore) -> Result:
    """Ask, and ask again where another try may help; the last error is raised as it is."""
    wait = _FIRST_WAIT
    for _ in range(_TRIES - 1):
        try:
            with budget:
                return ask()
        except (FileNotFoundError, PermissionError, MemoryError, ImportError):
            raise
        except Exception:
            time.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, _LONGEST_WAIT)
    with budget:
        return ask()


def _in_words(error: BaseException) -> str:
    """The kind of an error, without its text."""
    if isinstance(error, PermissionError):
        return "access was denied; are the credentials still valid?"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    status = _status(error)
    return f"{type(error).__name__}, status {status}" if status else type(error).__name__


def _status(error: BaseException) -> Any:
    """The status of HTTP that an error tells of, where it does."""
    response: Any = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    if isinstance(response, dict):
        return response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return getattr(error, "status", None)


def _requests() -> int:
    text = os.environ.get("PAWLENS_REQUESTS", str(_REQUESTS))
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise UsageError(f"PAWLENS_REQUESTS={text}: set it to a number from 1 to 1000")
    return int(text)
