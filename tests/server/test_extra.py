"""Without the extra the room can be imported, and says what to install."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pawlens.errors import MissingExtra
from pawlens.server import ServerSettings, run_server

NEEDED = ["fastapi", "httptools", "uvicorn", "python_multipart", "prometheus_client"]


@pytest.mark.parametrize("package", NEEDED)
def test_a_missing_package_is_told_with_its_extra(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in NEEDED:
        monkeypatch.setitem(sys.modules, other, None if other == package else sys)
    with pytest.raises(MissingExtra, match=rf"{package} is needed .* 'pawlens\[serve\]'"):
        run_server([str(tmp_path)], ServerSettings(port=0))
