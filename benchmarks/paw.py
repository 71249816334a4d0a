"""Photos a second of the bundled ``paw`` from JPEG files, beside mobilenetv2_100, in one run.

Engine, decoder, pawlens and limit are those of ``extraction.py``; the engine takes 160 px for paw
and 224 px for mobilenetv2_100 (random weights: the arithmetic is the same). The photos are
500 x 375 pixels; on a machine with more cores, `taskset -c 0,1` gives two.

    python benchmarks/paw.py [--photos FOLDER] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from drawn import textured_folder
from extraction import Samples, in_precision, machine_facts, measure_once, show

from pawlens import Photos
from pawlens.backbones import Backbone, find_backbone, open_engine, random_backbone

TARGET = 500  # photos a second on two cores
PEER = "mobilenetv2_100"


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="pawlens-bench-") as scratch:
        folder = options.photos or Path(scratch, "photos")
        if options.photos is None:
            textured_folder(folder, options.count)
        photos = Photos.read(folder, labels=False)[: options.count]
        facts = machine_facts(photos, options.rounds)
        backbones = _backbones(Path(scratch))
        facts["input_size"] = {b.spec.name: b.spec.input_size for b in backbones}
        facts["bytes"] = {b.spec.name: b.path.stat().st_size for b in backbones}
        rows = measure(photos, backbones, options, Path(scratch))
    facts["load_average_after"] = os.getloadavg()
    report = {"facts": facts, "rates_per_second": rows}
    show(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(
    photos: Photos, backbones: list[Backbone], options: argparse.Namespace, scratch: Path
) -> dict[str, Samples]:
    """Rates of both networks in every precision in turn, one value a round."""
    engines = {
        f"{one.spec.name} {engine.precision}": (one, engine)
        for precision in options.precision
        for backbone in backbones
        for one in [in_precision(backbone, precision, photos, scratch)]
        for engine in [open_engine(one, precision=precision, device="cpu")]
    }
    rows: dict[str, Samples] = {label: defaultdict(list) for label in engines}
    for number in range(options.rounds):
        for label, (backbone, engine) in engines.items():
            measure_once(photos, backbone, engine, scratch / f"cache-{number}", rows[label])
        for label, row in rows.items():
            if label.startswith("paw"):
                peer = rows[label.replace("paw", PEER)]
                row["times_mobilenetv2_100"].append(row["pawlens"][-1] / peer["pawlens"][-1])
                row["share_of_target"].append(row["pawlens"][-1] / TARGET)
    return rows


def _backbones(scratch: Path) -> list[Backbone]:
    peer = random_backbone(f"{PEER}@224", seed=0, cache_dir=scratch / "graphs")
    return [find_backbone("paw", cache_dir=scratch), peer]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--count", type=int, default=2000, help="photos, drawn or of --photos")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--precision", nargs="+", default=["auto", "int8"])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
