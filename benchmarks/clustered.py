"""A local Ray cluster of three nodes against one machine with the same cores, and with deaths.

Computes features of the photos (`pawlens embed`), each time by commands in processes of their own:
by one process; on a cluster of three nodes that is up already; on it again, while a node is killed
three times and the driver once; and in six parts by xargs, two at a time, each of which is killed
once and begun again. Says how fast each was, and whether the merged rows have the same bytes.

    python benchmarks/clustered.py PHOTOS [--turns 2] [--folder WHERE]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PARTS = 6
NODES = 3
PAWLENS = [sys.executable, "-m", "pawlens"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        measure(options.photos, Path(folder), options.turns)


def measure(photos: Path, base: Path, turns: int) -> None:
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(NODES - 1)]
    try:
        alone, clustered = [], []
        for turn in range(turns):  # in turn, so that both see the same machine
            out = base / f"alone-{turn}"
            alone.append(timed([*PAWLENS, "embed", photos, "--shard", "1/1", "--out", out]))
            out = base / f"ray-{turn}"
            clustered.append(timed(on_ray(cluster, photos, out)))
        rows, expected = merged(base / "alone-0")
        print(f"{rows:,} photos")
        print(f"one process: {shown(alone, rows)}")
        print(f"{NODES} nodes: {shown(clustered, rows)}: {min(alone) / min(clustered):.0%}")
        check("the cluster", merged(base / "ray-0"), (rows, expected))
        seconds = with_deaths(cluster, nodes, photos, base / "deaths")
        check(
            f"3 nodes and a driver killed ({seconds:.0f} s)",
            merged(base / "deaths"),
            (rows, expected),
        )
        seconds = in_parts(photos, base / "parts")
        check(
            f"{PARTS} parts by xargs, each killed ({seconds:.0f} s)",
            merged(base / "parts"),
            (rows, expected),
        )
    finally:
        cluster.shutdown()


def on_ray(cluster: Any, photos: Path, out: Path) -> list[Any]:
    return [*PAWLENS, "embed", photos, "--on", f"ray:{cluster.address}", "--out", out]


def timed(command: list[Any]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return time.perf_counter() - start


def shown(seconds: list[float], rows: int) -> str:
    return f"{rows / min(seconds):.0f} photos/s (seconds {', '.join(f'{s:.1f}' for s in seconds)})"


def merged(parts: Path) -> tuple[int, str]:
    """Rows of the parts, and the SHA-256 of the file that they are merged to."""
    import pyarrow.parquet as pq

    done = subprocess.run([*PAWLENS, "merge", parts], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    path = parts / "merged.parquet"
    table = pq.read_table(path)
    assert len(set(table["path"].to_pylist())) == table.num_rows
    digest = hashlib.sha256()
    for name in table.column_names:
        column = table[name].combine_chunks()
        if hasattr(column, "flatten"):
            digest.update(column.flatten().to_numpy().tobytes())
        else:
            digest.update("\0".join(map(str, column.to_pylist())).encode())
    return table.num_rows, digest.hexdigest()


def check(what: str, found: tuple[int, str], expected: tuple[int, str]) -> None:
    same = "the same rows, bit by bit" if found == expected else f"OTHER ROWS: {found[0]:,}"
    print(f"{what}: {same}", flush=True)
    if found != expected:
        raise SystemExit(1)


def with_deaths(cluster: Any, nodes: list[Any], photos: Path, out: Path) -> float:
    """Kill a node each time that another part is done, and the driver between them."""
    start = time.perf_counter()
    driver = begun(on_ray(cluster, photos, out))
    for death in range(4):
        wait_for_parts(out, death + 1, driver)
        if death == 1:
            driver.send_signal(signal.SIGKILL)
            driver.wait()
            driver = begun(on_ray(cluster, photos, out))
        else:
            cluster.remove_node(nodes.pop(0), allow_graceful=False)
            nodes.append(cluster.add_node(num_cpus=1, wait=False))
    if driver.wait():
        raise SystemExit("the last driver failed")
    return time.perf_counter() - start


def begun(command: list[Any]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([str(word) for word in command], stderr=subprocess.DEVNULL)


def wait_for_parts(out: Path, count: int, driver: subprocess.Popen[bytes]) -> None:
    while len(list(out.glob("part-*/manifest.json"))) < count:
        if driver.poll() is not None:
            raise SystemExit(f"the driver ended before part {count} was done")
        time.sleep(0.05)


def in_parts(photos: Path, out: Path) -> float:
    """Run parts by xargs; a first run of each is killed after a while."""
    start = time.perf_counter()
    command = " ".join([*PAWLENS, "embed", str(photos), "--out", str(out), "--shard"])
    script = f"timeout -s KILL 4 {command} {{}}/{PARTS}; {command} {{}}/{PARTS}"
    numbers = "\n".join(str(number) for number in range(1, PARTS + 1))
    subprocess.run(
        ["xargs", "-P", "2", "-I", "{}", "sh", "-c", script],
        input=numbers,
        text=True,
        check=True,
        capture_output=True,
        env=os.environ,
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
