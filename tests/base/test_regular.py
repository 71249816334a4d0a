"""Only regular files are opened; what would be waited for is told at once."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pawlens.base import check_regular, open_regular, read_regular


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_no_regular_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    os.mkfifo("pipe")
    Path("link").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        for name, kind in (
            ("pipe", "a named pipe"),
            ("link", "a named pipe"),
            ("socket", "a socket"),
            ("/dev/null", "a device"),
            (".", "a folder"),
        ):
            for look in (check_regular, open_regular):
                with pytest.raises(OSError, match=f"{kind}, not a regular file"):
                    look(Path(name))


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"\r\nall of it")
    assert read_regular(tmp_path / "file") == b"\r\nall of it"
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "none")
