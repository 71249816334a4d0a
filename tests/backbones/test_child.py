from __future__ import annotations

from pathlib import Path

import pytest

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
