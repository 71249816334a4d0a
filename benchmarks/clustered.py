"""A local Ray cluster of three nodes against one machine with the same cores, and with deaths.

Computes features of the photos (`pawlens embed`), each time by commands in processes of their own:
by one process; on a cluster of three nodes that is up already (a head node that computes nothing,
as is usual, and a node for each of two cores); on it again, while a node is killed three times and
the driver once; and in six parts by xargs, two at a time, each of which is killed once and begun
again. Says whether the merged rows have the same bytes, and how fast each was. Seconds and
processor seconds are of whole commands, those of Ray's own processes (which take as much whether
there is work or not) by themselves; with --more, a folder of more photos, those of the further
photos alone are told too, without any start.

    python benchmarks/clustered.py PHOTOS [--more PHOTOS] [--turns 2] [--only-rate] [--folder WHERE]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

PARTS = 6
NODES = 3
PAWLENS = [sys.executable, "-m", "pawlens"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--more", type=Path, help="a folder of more photos")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--only-rate", action="store_true")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        measure(options, Path(folder))


def measure(options: argparse.Namespace, base: Path) -> None:
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(NODES - 1)]
    photos = options.photos
    try:
        spent = [rate(cluster, one, base, options.turns) for one in (photos, options.more) if one]
        if len(spent) == 2:
            names = ("one process", f"{NODES} nodes")
            further = [
                [more - less for less, more in zip(*pair, strict=True)]
                for pair in zip(*spent, strict=True)
            ]
            told("the further photos", names, further)
        rows = merged(base / f"{photos.name}-alone-0")
        check("the cluster", merged(base / f"{photos.name}-ray-0"), rows)
        if options.only_rate:
            return
        seconds = with_deaths(cluster, nodes, photos, base / "deaths")
        check(
            f"3 nodes and a driver killed ({seconds:.0f} s)",
            merged(base / "deaths"),
            rows,
        )
        seconds = in_parts(photos, base / "parts")
        check(
            f"{PARTS} parts by xargs, each killed ({seconds:.0f} s)",
            merged(base / "parts"),
            rows,
        )
    finally:
        cluster.shutdown()


def on_ray(cluster: Any, photos: Path, out: Path) -> list[Any]:
    return [*PAWLENS, "embed", photos, "--on", f"ray:{cluster.address}", "--out", out]


Spent = list[float]  # photos, seconds, processor seconds, those of Ray's own processes


def rate(cluster: Any, photos: Path, base: Path, turns: int) -> tuple[Spent, Spent]:
    """Let one process and the cluster embed photos, in turn, so that both see the same machine."""
    alone, clustered = [], []
    for turn in range(turns):
        out = base / f"{photos.name}-alone-{turn}"
        alone.append(timed([*PAWLENS, "embed", photos, "--shard", "1/1", "--out", out]))
        clustered.append(timed(on_ray(cluster, photos, base / f"{photos.name}-ray-{turn}")))
    rows = float(merged(base / f"{photos.name}-alone-0")[0])
    best = [[rows, *map(min, zip(*each, strict=True))] for each in (alone, clustered)]
    told(photos.name, ("one process", f"{NODES} nodes"), best)
    return best[0], best[1]


def told(what: str, names: tuple[str, str], spent: list[Spent]) -> None:
    for name, (rows, seconds, busy, rays) in zip(names, spent, strict=True):
        print(
            f"{what}, {name}: {rows / seconds:.0f} photos/s ({seconds:.1f} s), "
            f"{rows / busy:.0f} photos per processor second ({busy:.1f} s; Ray {rays:.1f} s)",
            flush=True,
        )
    one, other = spent
    print(f"{what}: {one[1] / other[1]:.0%} of the rate, {one[2] / other[2]:.0%} by processor time")


def timed(command: list[Any]) -> tuple[float, float, float]:
    """Seconds of a command, and processor seconds of its processes and of Ray's own meanwhile."""
    with Watch() as watch:
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stderr)
    return seconds, watch.busy(rays=False), watch.busy(rays=True)


class Watch:
    """Adds up the processor time of this process and all below it, looked at every 0.2 seconds.

    Ray's nodes let their workers go without waiting for them, so that no sum is left of these.
    """

    def __enter__(self) -> Watch:
        self._first, self._last = ticks_below(os.getpid()), dict[int, int]()
        self._rays = set(self._first)  # what is there before work is given keeps the cluster up
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self._last |= ticks_below(os.getpid())
        self._last |= ticks_below(os.getpid())

    def busy(self, *, rays: bool) -> float:
        """Processor seconds in the block, of Ray's own processes or of the others."""
        mine = os.getpid()  # what it took to look is nobody's
        which = (p for p in self._last if p != mine and (p in self._rays) == rays)
        ticks = sum(self._last[p] - self._first.get(p, 0) for p in which)
        return ticks / os.sysconf("SC_CLK_TCK")


def ticks_below(ancestor: int) -> dict[int, int]:
    """Processor time so far of a process and of all below it."""
    parents, ticks = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
        ticks[int(path.parent.name)] = int(fields[11]) + int(fields[12])

    def is_below(number: int) -> bool:
        while number and number != ancestor:
            number = parents.get(number, 0)
        return number == ancestor

    return {number: n for number, n in ticks.items() if is_below(number)}


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
