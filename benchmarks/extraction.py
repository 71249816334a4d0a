"""How fast features are extracted: against the limit of the parts, and against fastai.

For each network, with random weights, on every core that this process may use:

- engine: uint8 batches that lie in memory already, through the inference engine;
- decoder: read, decode and resize JPEG files in threads, no inference;
- pawlens: `extract_features` from the files to an empty cache, hashing and writing included;
- limit: 1 / (1 / engine + 1 / decoder), what the same cores could do if nothing else cost time;
- fastai: `get_preds` of the same architecture on the same files, in its own virtual environment.

Everything is measured in turn, several rounds in one run; medians, smallest and largest are shown.

    python benchmarks/extraction.py [--photos FOLDER] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from drawn import textured_folder

from pawlens import Photos
from pawlens.backbones import Backbone, Engine, open_engine, quantise, random_backbone
from pawlens.base._parallel import cores
from pawlens.features import WholePhotos, extract_features, picture_batches

HERE = Path(__file__).resolve().parent
NETWORKS = ("resnet50", "mobilenetv2_100")
PEER_NETWORK = "resnet50"
SIZE = 224

Samples = dict[str, list[float]]


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="pawlens-bench-") as scratch:
        folder = options.photos or Path(scratch, "photos")
        if options.photos is None:
            textured_folder(folder, options.count)
        photos = Photos.read(folder, labels=False)[: options.count]
        peer = None if options.no_fastai else fastai_python(options.fastai)
        facts = machine_facts(photos, options.rounds)
        rows = measure(photos, options, Path(scratch), peer)
    facts["load_average_after"] = os.getloadavg()
    report = {"facts": facts, "rates_per_second": rows}
    show(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(
    photos: Photos, options: argparse.Namespace, scratch: Path, peer: Path | None
) -> dict[str, Samples]:
    """Rates in photos a second of every network and precision, one value a round."""
    engines: dict[str, tuple[Backbone, Engine]] = {}
    for name in options.network:
        backbone = random_backbone(f"{name}@{SIZE}", seed=0, cache_dir=scratch / "graphs")
        for precision in options.precision:
            used = in_precision(backbone, precision, photos, scratch)
            engine = open_engine(used, precision=precision, device="cpu")
            engines[f"{name} {engine.precision}"] = (used, engine)
    rows: dict[str, Samples] = {label: defaultdict(list) for label in engines}
    for number in range(options.rounds):
        for label, (backbone, engine) in engines.items():
            measure_once(photos, backbone, engine, scratch / f"cache-{number}", rows[label])
        if peer is not None:
            rate = _fastai_rate(peer, photos[: options.peer_count])
            for label, row in rows.items():
                if label.startswith(PEER_NETWORK):
                    row["fastai"].append(rate)
                    row["times_fastai"].append(row["pawlens"][-1] / rate)
    return rows


def in_precision(backbone: Backbone, precision: str, photos: Photos, scratch: Path) -> Backbone:
    """The backbone, quantised on the photos where eight-bit integers are asked for."""
    if precision != "int8":
        return backbone
    seen = picture_batches(WholePhotos(photos), range(len(photos)), [backbone.spec], 8)
    return quantise(backbone, (pixels for _, (pixels,) in seen), cache_dir=scratch)


def measure_once(
    photos: Photos, backbone: Backbone, engine: Engine, cache: Path, row: Samples
) -> None:
    """Add one round's rates of one engine to its row."""
    _engine_rate(backbone, engine, 64)  # the first requests allocate
    row["engine"].append(_engine_rate(backbone, engine, len(photos)))
    row["decoder"].append(_decoder_rate(photos, backbone))
    row["pawlens"].append(_pawlens_rate(photos, backbone, engine, cache))
    row["limit"].append(1 / (1 / row["engine"][-1] + 1 / row["decoder"][-1]))
    row["share_of_limit"].append(row["pawlens"][-1] / row["limit"][-1])


def _engine_rate(backbone: Backbone, engine: Engine, count: int) -> float:
    rng = np.random.default_rng(0)
    shape = (engine.batch_size, backbone.spec.input_size, backbone.spec.input_size, 3)
    kept = [rng.integers(0, 256, shape, dtype=np.uint8) for _ in range(16)]
    batches = -(-count // engine.batch_size)
    start = time.perf_counter()
    _drain(engine.run((i, [kept[i % len(kept)]]) for i in range(batches)))
    return batches * engine.batch_size / (time.perf_counter() - start)


def _decoder_rate(photos: Photos, backbone: Backbone) -> float:
    start = time.perf_counter()
    _drain(picture_batches(WholePhotos(photos), range(len(photos)), [backbone.spec], 8))
    return len(photos) / (time.perf_counter() - start)


def _pawlens_rate(photos: Photos, backbone: Backbone, engine: Engine, cache: Path) -> float:
    start = time.perf_counter()
    found = extract_features(WholePhotos(photos), backbone, engine, cache_dir=cache)
    seconds = time.perf_counter() - start
    if found.extracted != len(photos):
        raise SystemExit(f"{found.extracted} of {len(photos)} photos were distinct: give others")
    return len(photos) / seconds


def _drain(results: Iterable[object]) -> None:
    for _ in results:
        pass


def fastai_python(folder: Path) -> Path:
    """The Python of fastai's own environment, made with plain pip where it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "fastai", "timm"], check=True)
    return python


def _fastai_rate(python: Path, photos: Photos) -> float:
    listed = "\n".join(str(photos.location / path) for path in photos.paths)
    command = [python, HERE / "fastai_rate.py", PEER_NETWORK, str(SIZE), str(cores())]
    answer = subprocess.run(command, input=listed, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise SystemExit(f"fastai failed:\n{answer.stderr}")
    return float(json.loads(answer.stdout.splitlines()[-1])["photos_per_second"])


def machine_facts(photos: Photos, rounds: int) -> dict[str, object]:
    sizes = [len(photos.read_bytes(row)) for row in range(min(100, len(photos)))]
    return {
        "processor": _processor(),
        "cores": cores(),
        "threads_of_each": cores(),
        "python": platform.python_version(),
        "photos": len(photos),
        "median_kilobytes": round(statistics.median(sizes) / 1000, 1),
        "input_size": SIZE,
        "rounds": rounds,
        "load_average_before": os.getloadavg(),
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def show(report: dict[str, dict[str, object]]) -> None:
    for name, value in report["facts"].items():
        print(f"{name.replace('_', ' '):22} {value}")
    for label, row in report["rates_per_second"].items():
        print(f"\n{label}: photos/s, median (smallest to largest)")
        for name, values in row.items():
            middle = statistics.median(values)
            print(
                f"  {name.replace('_', ' '):20} {middle:9.2f}  "
                f"({min(values):.2f} to {max(values):.2f})"
            )


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=os.environ.get("PHOTOS"))
    parser.add_argument("--count", type=int, default=1000, help="photos, drawn or of --photos")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", nargs="+", default=NETWORKS)
    parser.add_argument("--precision", nargs="+", default=["auto"])
    parser.add_argument("--peer-count", type=int, default=256, help="photos given to fastai")
    parser.add_argument("--fastai", type=Path, default=HERE.parent / ".venv-fastai")
    parser.add_argument("--no-fastai", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    options.photos = Path(options.photos) if options.photos else None
    return options


if __name__ == "__main__":
    sys.exit(main())
