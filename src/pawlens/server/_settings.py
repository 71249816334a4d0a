"""What a server is asked to do, checked before anything is opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..backbones import Precision
from ..errors import UsageError
from ..photos import MAX_PIXELS

__all__ = ["BACKLOG", "TOKEN_VARIABLE", "ServerSettings", "read_token"]

BACKLOG = 2048
"""Connections that wait to be taken."""

TOKEN_VARIABLE = "PAWLENS_TOKEN"
_PORTS = 1 << 16
_LONGEST_TOKEN = 1024
_LOCAL = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class ServerSettings:
    """Settings of a server; see `serve`.

    Attributes
    ----------
    host : str
        Address that the server listens on.
    port : int
        0 takes a free port.
    precision : {"auto", "f32", "bf16", "int8"}
    workers : int
        Processes that answer.
    queue : int
        Photos that one process has accepted and not yet answered; more are refused with 503.
    max_bytes : int
        Bytes of one request.
    max_pixels : int
        Width times height of one photo.
    timeout : float
        Seconds that a request may take, from its first byte to its answer.
    token : str or None
        Secret that every request must bring; None asks for none.
    cors : tuple of str
        Origins whose pages may ask, as ``https://example.org``.
    root_path : str
        Path under which a proxy shows the server.
    allow_load : bool
        Whether a request may have a model read again.
    record : Path or None
        Folder for hashes, answers and embeddings of photos.
    keep_photos : bool
        Whether the photos are kept there too.
    quiet : bool
        Whether requests leave no line in the log.

    Raises
    ------
    UsageError
        A value is out of range; the message names the option.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    precision: Precision = "auto"
    workers: int = 1
    queue: int = 256
    max_bytes: int = 32 * 1024 * 1024
    max_pixels: int = MAX_PIXELS
    timeout: float = 30.0
    token: str | None = None
    cors: tuple[str, ...] = ()
    root_path: str = ""
    allow_load: bool = False
    record: Path | None = None
    keep_photos: bool = False
    quiet: bool = False

    def __post_init__(self) -> None:
        limits = {
            "port": (self.port, 0, _PORTS - 1),
            "workers": (self.workers, 1, 64),
            "queue": (self.queue, 1, 100_000),
            "max-bytes": (self.max_bytes, 1024, 1 << 30),
            "max-pixels": (self.max_pixels, 1024, MAX_PIXELS),
            "timeout": (self.timeout, 0.1, 3600),
        }
        for option, (value, least, most) in limits.items():
            if not least <= value <= most:  # a NaN fails too
                raise UsageError(f"--{option} {value:g}: choose from {least:g} to {most:g}")
        for origin in self.cors:
            if origin != "*" and not origin.startswith(("http://", "https://")):
                raise UsageError(f"--cors {origin}: give an origin, as https://example.org, or *")
        if self.root_path and not self.root_path.startswith("/"):
            raise UsageError(f"--root-path {self.root_path}: it must start with /")
        if self.keep_photos and self.record is None:
            raise UsageError("--keep-photos belongs to --record; add it or leave it out")

    @property
    def is_local(self) -> bool:
        """Whether only this machine can connect."""
        return self.host in _LOCAL


def read_token(file: Path | None) -> str | None:
    """Read the token from a file, or from ``$PAWLENS_TOKEN`` where no file is given.

    Raises
    ------
    UsageError
        The file cannot be read, or the token is empty, too long or not printable ASCII.
    """
    if file is None:
        text, place = os.environ.get(TOKEN_VARIABLE), f"${TOKEN_VARIABLE}"
        if text is None:
            return None
    else:
        place = f"--token {file}"
        if not file.is_file():
            raise UsageError(f"{place}: no such file; write the token into one")
        try:
            with file.open(encoding="utf-8") as opened:
                text = opened.read(_LONGEST_TOKEN + 2)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{place}: cannot be read as text") from error
    token = text.strip()
    if not 1 <= len(token) <= _LONGEST_TOKEN or not token.isascii() or not token.isprintable():
        raise UsageError(f"{place}: a token has 1 to {_LONGEST_TOKEN} printable ASCII characters")
    return token
