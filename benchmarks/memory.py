"""Peak memory: photos listed once and ten times, and ten times as many photos streamed.

- fit: a whole `Classifier(...).fit` without a cache on N photos, then on a list that names every
  one of them ten times (as other files with the same content);
- extract: `extract_features` of contents that all differ, few and many; the matrix of features,
  which is what the caller asked for, is shown beside it.

Each figure is the largest resident memory of a process of its own.

    python benchmarks/memory.py [--photos ZIP_OR_FOLDER] [--backbone NAME --weights-dir FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from drawn import textured_jpeg

TIMES = 10
FEW, MANY = 2_000, 20_000
PATTERNS = 200  # drawn photos; what follows the end of a JPEG makes contents differ

FIT = """
from pawlens import Classifier, Photos
photos = Photos.read(options["photos"])
weights = options["weights_dir"]
Classifier(options["backbone"], weights_dir=weights, cache_dir=False).fit(photos, options["out"])
result = {"photos": len(photos)}
"""
EXTRACT = """
from pathlib import Path
from pawlens import Photos
from pawlens.backbones import find_backbone, open_engine
from pawlens.features import extract_features
photos, cache = Photos.read(options["photos"], labels=False), Path(options["out"])
weights = options["weights_dir"] and Path(options["weights_dir"])
backbone = find_backbone(options["backbone"][0], weights_dir=weights, cache_dir=cache)
found = extract_features(photos, backbone, open_engine(backbone), cache_dir=cache)
assert found.extracted == len(photos)
result = {"photos": len(photos), "matrix_mb": round(found.matrix.nbytes / 1e6, 1)}
"""
# A child's ru_maxrss starts at its parent's size; VmHWM is its own.
_FRAME = """
import json, resource, sys
from pathlib import Path
options = json.loads(sys.argv[1])
{work}
status = Path("/proc/self/status")
if status.exists():
    peak = int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps(result | {{"peak_mb": round(peak / 1e6, 1)}}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=Path, default=os.environ.get("PHOTOS"))
    parser.add_argument("--count", type=int, default=1000, help="photos that are drawn")
    parser.add_argument("--backbone", nargs="+", default=["paw"])
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--only", choices=["fit", "extract"])
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    figures: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="pawlens-memory-") as name:
        scratch = Path(name)
        if options.only != "extract":
            folder = _fit_folder(options, scratch / "fit")
            for times in (1, TIMES):
                source = _listed(folder, times)
                figures[f"fit, listed {times} times"] = _measure(FIT, source, options, scratch)
        if options.only != "fit":
            for count in (FEW, MANY):
                source = _distinct(scratch / f"distinct-{count}", count)
                figures[f"extract {count}"] = _measure(EXTRACT, source, options, scratch)
                shutil.rmtree(source)
    _print(figures, options)


def _measure(
    work: str, photos: Path, options: argparse.Namespace, scratch: Path
) -> dict[str, float]:
    out = Path(tempfile.mkdtemp(dir=scratch))
    given = {
        "photos": str(photos),
        "backbone": options.backbone,
        "weights_dir": options.weights_dir and str(options.weights_dir),
        "out": str(out),
    }
    command = [sys.executable, "-c", _FRAME.format(work=work), json.dumps(given)]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    shutil.rmtree(out)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures | {"seconds": round(time.perf_counter() - start, 1)}


def _fit_folder(options: argparse.Namespace, folder: Path) -> Path:
    """A folder with everything in ``0``: drawn, unpacked or linked."""
    first = folder / "0"
    first.mkdir(parents=True)
    if options.photos is None:
        for i in range(options.count):
            (first / f"{('cat', 'dog')[i % 2]}.{i // 2}.jpg").write_bytes(textured_jpeg(i))
    elif Path(options.photos).is_dir():
        shutil.copytree(options.photos, first, dirs_exist_ok=True)
    else:
        zipfile.ZipFile(options.photos).extractall(first)
    return folder


def _listed(folder: Path, times: int) -> Path:
    """A list that names every photo of the folder `times` times, by hard links."""
    from pawlens import Photos

    rows = [(photo.path, photo.labels) for photo in Photos.read(folder / "0")]
    path = folder / f"{times}.tsv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t")
        table.writerow(["path", "label"])
        for i in range(times):
            if i:
                shutil.copytree(folder / "0", folder / str(i), copy_function=os.link)
            table.writerows((f"{i}/{name}", ";".join(labels)) for name, labels in rows)
    return path


def _distinct(folder: Path, count: int) -> Path:
    """Photos of which no two have the same bytes."""
    folder.mkdir()
    patterns = [textured_jpeg(seed, width=240, height=180) for seed in range(PATTERNS)]
    for i in range(count):
        (folder / f"{i}.jpg").write_bytes(patterns[i % PATTERNS] + str(i).encode())
    return folder


def _print(figures: dict[str, dict[str, float]], options: argparse.Namespace) -> None:
    for label, row in figures.items():
        print(f"{label:22} " + "  ".join(f"{name} {value}" for name, value in row.items()))
    peaks = {label.partition(" ")[0].rstrip(","): [] for label in figures}
    for label, row in figures.items():
        peaks[label.partition(" ")[0].rstrip(",")].append(row["peak_mb"])
    for kind, (few, many) in peaks.items():
        print(f"{kind}: {many - few:+.1f} MB")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
