"""Parts on a Ray cluster of several nodes, one of which is killed."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.conftest import paint

from pawlens import merge, write_part
from pawlens.errors import PhotosError, RunError, UsageError
from pawlens.workflows.parts import _cluster as module
from pawlens.workflows.parts import write_parts

ray = pytest.importorskip("ray")
PHOTOS = 36

pytestmark = [  # Ray leaves the files of its processes' output open
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(PHOTOS):
        paint(rng, "cat" if number % 2 else "dog").save(place / f"{number:02}.jpg")
    (place / "07.jpg").write_bytes(b"no photo")
    return place


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:  # a busy machine starts processes slowly
        patch.setenv("RAY_worker_register_timeout_seconds", "600")
        patch.setenv("RAY_health_check_failure_threshold", "20")
        found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        for _ in range(2):
            found.add_node(num_cpus=1, wait=False)
        ray.init(address=found.address, logging_level="ERROR", log_to_driver=False)
        wait_for_nodes(3)
        yield found
        ray.shutdown()
        found.shutdown()


def wait_for_nodes(count: int) -> None:
    end = time.monotonic() + 300
    while sum(node["Alive"] for node in ray.nodes()) < count:
        assert time.monotonic() < end, f"{count} nodes have not come"
        time.sleep(0.5)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PART_ROWS", 3)
    monkeypatch.setattr(module, "_LOOK", 0.2)


def whole(folder: Path, out: Path) -> list[Any]:
    write_part("embed", folder, "1/1", out)
    rows: list[Any] = pq.read_table(merge(out).path).to_pylist()
    return rows


@pytest.mark.timeout(1200)
def test_a_node_is_killed_and_nothing_is_lost(cluster: Any, folder: Path, tmp_path: Path) -> None:
    """The same bytes as on one machine, and the parts that were done are not done again."""
    victim = cluster.add_node(num_cpus=1, wait=False)
    wait_for_nodes(4)

    def kill() -> None:
        while not list((tmp_path / "parts").glob("part-*/manifest.json")):
            time.sleep(0.05)
        cluster.remove_node(victim, allow_graceful=False)

    killer = threading.Thread(target=kill)
    killer.start()
    found = write_parts("embed", folder, tmp_path / "parts")
    killer.join()
    assert (found.rows, found.parts, found.unreadable) == (PHOTOS, PHOTOS // 3, 1)
    rows = pq.read_table(merge(tmp_path / "parts").path).to_pylist()
    assert rows == whole(folder, tmp_path / "whole")
    again = write_parts("embed", folder, tmp_path / "parts")
    assert (again.rows, again.computed) == (PHOTOS, 0)


@pytest.mark.timeout(600)
def test_what_is_wrong_is_told_as_on_one_machine(
    cluster: Any, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(RunError, match="no such model"):
        write_parts("embed", folder, tmp_path / "parts", model=tmp_path / "model.onnx")
    shutil.rmtree(tmp_path / "parts", ignore_errors=True)
    with pytest.raises(PhotosError, match="no such file or folder"):
        write_parts("audit", tmp_path / "nowhere", tmp_path / "parts")
    with pytest.raises(UsageError, match="write it as ray"):
        write_parts("audit", folder, tmp_path / "parts", on="dask")
