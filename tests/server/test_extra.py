"""Without the extra the room can be imported, and says what to install."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pawlens.errors import MissingExtra
from pawlens.server import ServerSettings, run_server


@pytest.mark.parametrize("package", ["fastapi", "uvicorn", "python_multipart", "prometheus_client"])
def test_a_missing_package_is_told_with_its_extra(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("fastapi", "uvicorn", "python_multipart", "prometheus_client"):
        monkeypatch.setitem(sys.modules, other, None if other == package else sys)
    with pytest.raises(MissingExtra, match=rf"{package} is needed .* 'pawlens\[serve\]'"):
        run_server([str(tmp_path)], ServerSettings(port=0))
