from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pawlens.backbones import TookTooLong, patience
from pawlens.backbones._child import in_child
from pawlens.errors import MissingExtra, PawlensError


@pytest.mark.parametrize(
    ("torch", "error", "words"),
    [
        ("raise ImportError", MissingExtra, r"pip install 'pawlens\[torch\]'$"),
        ("raise ValueError('two\\nlines')", PawlensError, "random of resnet50 failed: lines$"),
        ("import os; os.kill(os.getpid(), 9)", PawlensError, "perhaps for want of memory$"),
    ],
)
def test_what_goes_wrong_in_the_child_is_one_line_here(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    torch: str,
    error: type[PawlensError],
    words: str,
) -> None:
    (tmp_path / "torch.py").write_text(torch, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)  # the child finds modules where its parent does
    with pytest.raises(error, match=words) as caught:
        in_child("random", "resnet50", 0, None, None, str(tmp_path / "graph.onnx"), "random-0")
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)


def test_a_child_is_ended_where_patience_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "pid"
    code = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    (tmp_path / "torch.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    arguments = ("random", "resnet50", 0, None, None, str(tmp_path / "graph.onnx"), "random-0")
    start = time.monotonic()
    with patience(3), pytest.raises(TookTooLong):
        in_child(*arguments)
    assert time.monotonic() - start < 60
    if told.exists():  # on a busy machine it may not have come so far
        with pytest.raises(ProcessLookupError):
            os.kill(int(told.read_text()), 0)
    (tmp_path / "torch.py").write_text("raise ImportError", encoding="utf-8")
    with pytest.raises(MissingExtra):  # outside, there is as much time as it takes
        in_child(*arguments)
