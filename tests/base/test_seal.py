"""Seals and sums: what was written is what is read."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from pawlens.base import SUMS, check_sum, is_intact, seal_file, sealed, unsealed, write_sums


def test_a_seal_holds_what_it_closes(tmp_path: Path) -> None:
    for data in (b"", b"content", bytes(range(256)) * 9000):
        assert unsealed(sealed(data)) == data
        path = tmp_path / "file"
        path.write_bytes(data)
        assert not is_intact(path)
        seal_file(path)
        assert path.read_bytes() == sealed(data)
        assert is_intact(path)


def test_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    whole = sealed(b"weights")
    for bit in range(8 * len(whole)):
        data = bytearray(whole)
        data[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError, match="checksum is"):
            unsealed(bytes(data))
        path = tmp_path / str(bit)
        path.write_bytes(data)
        assert not is_intact(path)


def test_what_has_no_seal(tmp_path: Path) -> None:
    assert unsealed(b"of an earlier version", must=False) == b"of an earlier version"
    with pytest.raises(ValueError, match="missing"):
        unsealed(b"of an earlier version")
    assert not is_intact(tmp_path / "none")


def test_a_file_that_is_written_again_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(sealed(b"one"))
    assert is_intact(path)
    path.unlink()
    path.write_bytes(sealed(b"one")[:-1] + b"!")
    assert not is_intact(path)


def test_a_sealed_graph_and_a_sealed_array_are_what_they_were(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    model = onnx.helper.make_model(onnx.helper.make_graph([], "empty", [], []))
    again = onnx.load_model_from_string(sealed(model.SerializeToString()))
    assert [entry.key for entry in again.metadata_props] == ["pawlens.sha256"]
    del again.metadata_props[:]
    assert again == model
    path = tmp_path / "array.npy"
    np.save(path, np.arange(6.0))
    seal_file(path)
    assert np.load(path, mmap_mode="r").tolist() == [0, 1, 2, 3, 4, 5]


def test_sums_are_those_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    write_sums(tmp_path, {"a.json": None, "page.html": b"later"})
    with pytest.raises(OSError, match="No such file"):
        check_sum(tmp_path / "page.html")
    (tmp_path / "page.html").write_bytes(b"later")
    check_sum(tmp_path / "a.json")
    check_sum(tmp_path / "page.html")
    done = subprocess.run(["sha256sum", "--check", SUMS], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0
    (tmp_path / "a.json").write_text("[]")
    with pytest.raises(ValueError, match=r"checksum is not that in SHA256SUMS"):
        check_sum(tmp_path / "a.json")
    with pytest.raises(ValueError, match="does not list it"):
        check_sum(tmp_path / "b.json")
    (tmp_path / SUMS).unlink()
    check_sum(tmp_path / "a.json")  # a folder of an earlier version
