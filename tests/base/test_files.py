"""Files are wholly there or not at all, after a crash and after a power cut too."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pawlens.audit import Decision
from pawlens.audit._decisions import Journal
from pawlens.backbones import find_backbone
from pawlens.base._files import PARTIAL, draft_of, write_atomic
from pawlens.errors import RunError
from pawlens.photos import Photos
from pawlens.recipes import Recipe
from pawlens.runs import RunFolder


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What is synced and what is renamed, by inode, in the order in which it happens."""
    happened: list[tuple[str, int]] = []
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        happened.append(("synced", os.fstat(handle).st_ino))
        fsync(handle)

    def renamed(path: Path, target: Path) -> Path:
        happened.append(("renamed", path.stat().st_ino))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", renamed)
    return happened


def is_safe(path: Path, order: list[tuple[str, int]]) -> bool:
    file, folder = path.stat().st_ino, path.parent.stat().st_ino
    return order == [("synced", file), ("renamed", file), ("synced", folder)]


def test_a_file_is_on_disk_before_it_has_its_name(
    tmp_path: Path, order: list[tuple[str, int]]
) -> None:
    write_atomic(tmp_path / "a.bin", b"whole")
    assert (tmp_path / "a.bin").read_bytes() == b"whole"
    assert is_safe(tmp_path / "a.bin", order)


def test_a_model_is_on_disk_before_it_has_its_name(
    tmp_path: Path, order: list[tuple[str, int]]
) -> None:
    with RunFolder(tmp_path / "run", Recipe()).proven("model.onnx") as draft:
        draft.write_bytes(b"model")
    assert is_safe(tmp_path / "run" / "model.onnx", order)


def test_stored_pixels_are_on_disk_before_they_have_their_name(
    photo_folder: Callable[..., Path], tmp_path: Path, order: list[tuple[str, int]]
) -> None:
    pytest.importorskip("torch")
    from pawlens.training._pixels import store_pixels

    photos = Photos.read(photo_folder(cat=2, dog=2))
    spec = find_backbone("paw", cache_dir=tmp_path / "cache").spec
    order.clear()
    store = store_pixels(photos, spec, tmp_path / "work")
    assert is_safe(store.path, order)
    assert store.array.shape == (4, spec.input_size, spec.input_size, 3)
    assert os.listdir(tmp_path / "work") == [store.path.name]


def test_stored_features_are_on_disk_before_they_have_their_name(
    tmp_path: Path, order: list[tuple[str, int]]
) -> None:
    pytest.importorskip("torch")
    from pawlens.training._activations import _write

    _write(tmp_path / "features-0.npy", np.eye(3, dtype=np.float32))
    assert is_safe(tmp_path / "features-0.npy", order)
    assert np.array_equal(np.load(tmp_path / "features-0.npy"), np.eye(3))


def test_a_new_journal_and_a_torn_row_are_on_disk(
    tmp_path: Path, order: list[tuple[str, int]]
) -> None:
    path = tmp_path / "decisions.jsonl"
    Journal(path).decide(Decision("a" * 64, "drop"))
    assert ("synced", tmp_path.stat().st_ino) in order
    with path.open("ab") as file:
        file.write(b'{"sha256":')
    Journal(path).decide(Decision("b" * 64, "drop"))
    torn = path.with_name("decisions.jsonl.torn")
    assert torn.read_bytes() == b'{"sha256":\n'
    assert ("synced", torn.stat().st_ino) in order


@pytest.fixture(params=[0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_the_umask_holds_and_is_never_touched(
    tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It belongs to the whole process: other threads make files meanwhile."""

    def touched(mask: int) -> int:
        pytest.fail("another thread's files would have other rights")

    with monkeypatch.context() as patch:
        patch.setattr(os, "umask", touched)
        write_atomic(tmp_path / "a.bin", b"")
    assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == 0o666 & ~umask


def test_what_was_there_stays_if_the_block_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fail(error: Exception, *, alone: bool) -> None:
        with draft_of(path, alone=alone) as draft:
            draft.write_bytes(b"half")
            raise error

    for alone in (True, False):
        with pytest.raises(ValueError, match="no"):
            fail(ValueError("no"), alone=alone)
        with pytest.raises(RunError, match=r"a\.bin: cannot be written \(full\)"):
            fail(OSError(28, "full"), alone=alone)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.bin"]


def test_a_large_draft_that_a_crash_left_is_taken_again(tmp_path: Path) -> None:
    (tmp_path / f"{PARTIAL}pixels.npy").write_bytes(b"left by a crash")
    with draft_of(tmp_path / "pixels.npy", alone=True) as draft:
        assert draft.read_bytes() == b""
    assert os.listdir(tmp_path) == ["pixels.npy"]
