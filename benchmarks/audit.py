"""What the audit finds of flaws that were planted in real photos, beside cleanlab and cleanvision.

Photos of two classes are copied into training and validation folders, and flaws are planted. In the
first set 3 % of the labels are changed, copies of training photos (saved again, resized, mirrored,
cropped) are put into validation, and photos get white borders. In the second set photos are
blurred, darkened, bleached and emptied, two photos of different classes are joined into one, and
pictures of other things are put among them. Then `pawlens.audit` looks at the folder, and on the
same photos, in the same run, cleanlab judges out-of-fold probabilities of the same features, and
cleanvision the files.

Everything that is found and was not planted counts as wrong, also where it is a flaw that the
photos had before. Intervals are Wilson's, 95 %.

    python benchmarks/audit.py --photos ZIP_OR_FOLDER [--neither FOLDER]
        [--backbone NAME ... --weights-dir FOLDER]

Peers: pip install cleanlab cleanvision (both Apache-2.0).
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from planted_flaws import copy, join, spoil

from pawlens import Photos
from pawlens.audit import Audit, audit
from pawlens.base._files import user_cache
from pawlens.features import extract_features
from pawlens.heads import fit_logistic, unit_rows
from pawlens.metrics import clopper_pearson
from pawlens.workflows import write_audit

COPIES = {"saved again": 67, "resized": 67, "mirrored": 66, "cropped": 50}
QUALITY = ("blurred", "dark", "light", "blank")


@dataclass
class Plan:
    """The folder and what was planted in it, by kind: paths as the audit names them."""

    folder: Path
    planted: dict[str, set[str]] = field(default_factory=dict)
    original: dict[str, str] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, path: str) -> None:
        self.planted.setdefault(kind, set()).add(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", required=True)
    parser.add_argument("--neither", type=Path, help="a folder with pictures of neither class")
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--backbone", nargs="+", default=["paw"])
    parser.add_argument("--weights-dir", type=Path)
    parser.add_argument("--keep", type=Path, help="keep the planted photos and the audit here")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory(prefix="pawlens-audit-") as scratch:
        for name, planter in (("first set", plant_first), ("second set", plant_second)):
            place = (options.keep or Path(scratch)) / name.replace(" ", "-")
            shutil.rmtree(place / "photos", ignore_errors=True)
            plan = planter(options, place / "photos")
            start = time.perf_counter()
            found = audit(
                Photos.read(plan.folder),
                backbones=options.backbone,
                weights_dir=options.weights_dir,
            )
            seconds = time.perf_counter() - start
            write_audit(found, place / "audit")
            rows = [*ours(found, plan), *cleanlab(found, plan, options), *cleanvision(plan)]
            report[name] = rows
            backbones = " + ".join(options.backbone)
            print(f"{name}: {len(found.photos)} photos, {backbones}, audit {seconds:.0f} s")
            for row in rows:
                print(
                    f"  {row['who']:32} {row['kind']:15} planted {row['planted']:4}  found "
                    f"{row['found']:4}  precision {_text(row['precision'])}  recall "
                    f"{_text(row['recall'])}"
                )
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def plant_first(options: argparse.Namespace, folder: Path) -> Plan:
    """Changed labels, copies across splits, white borders; the same seed plants the same."""
    rng = np.random.default_rng(options.seed)
    source, rows = _chosen(options, rng)
    plan = Plan(folder)
    wrong = round(0.03 * len(rows))
    flipped, bordered, rest = rows[:wrong], rows[wrong : wrong + 100], rows[wrong + 100 :]
    ways = [way for way, count in COPIES.items() for _ in range(count)]
    for row in flipped:
        path = f"{_split(rng)}/{_other(source, row, rng)}/{row}.jpg"
        _write(folder / path, source.read_bytes(row))
        plan.add("label_error", path)
    for row in bordered:
        path = f"{_split(rng)}/{source[row].label}/{row}.jpg"
        _write(folder / path, _jpeg(spoil("border", _picture(source, row), rng), rng))
        plan.add("border", path)
    for number, row in enumerate(rest):
        split = "train" if number < len(ways) else _split(rng)
        _write(folder / f"{split}/{source[row].label}/{row}.jpg", source.read_bytes(row))
    for row, way in zip(rest, ways, strict=False):
        path = f"valid/{source[row].label}/copy.{row}.jpg"
        _write(folder / path, _jpeg(copy(way, _picture(source, row), rng), rng))
        plan.add("near_duplicate", path)
        plan.add("leak", path)
        plan.original[path] = f"train/{source[row].label}/{row}.jpg"
        plan.how[path] = way
    return plan


def plant_second(options: argparse.Namespace, folder: Path) -> Plan:
    """Photos that are blurred, dark, light or blank, that show both, or neither."""
    rng = np.random.default_rng(options.seed + 1)
    source, rows = _chosen(options, rng)
    plan = Plan(folder)
    kinds = [kind for kind in QUALITY for _ in range(50)]
    for row, kind in zip(rows, kinds, strict=False):
        path = f"train/{source[row].label}/{row}.jpg"
        _write(folder / path, _jpeg(spoil(kind, _picture(source, row), rng), rng))
        plan.add(kind, path)
    for row in rows[len(kinds) :]:
        _write(folder / f"train/{source[row].label}/{row}.jpg", source.read_bytes(row))
    _plant_both(plan, source, rows[len(kinds) :], rng)
    if options.neither:
        others = Photos.read(options.neither, labels=False)
        for number in range(len(others)):
            path = f"train/{rng.choice(source.classes)}/neither.{number}.jpg"
            picture = _picture(others, number).resize((200, 200))
            _write(folder / path, _jpeg(picture, rng))
            plan.add("neither", path)
    return plan


def _chosen(options: argparse.Namespace, rng: np.random.Generator) -> tuple[Photos, list[int]]:
    source = Photos.read(options.photos)
    labelled = [i for i, photo in enumerate(source) if photo.label]
    return source, rng.permutation(labelled)[: options.count].tolist()


def _split(rng: np.random.Generator) -> str:
    return "valid" if rng.random() < 0.2 else "train"


def _other(source: Photos, row: int, rng: np.random.Generator) -> str:
    return str(rng.choice([name for name in source.classes if name != source[row].label]))


def _plant_both(plan: Plan, source: Photos, rows: list[int], rng: np.random.Generator) -> None:
    by_class = {name: [r for r in rows if source[r].label == name] for name in source.classes}
    for number in range(100):
        names = rng.permutation(source.classes)[:2].tolist()
        one, other = (_picture(source, int(rng.choice(by_class[name]))) for name in names)
        path = f"train/{rng.choice(names)}/both.{number}.jpg"
        _write(plan.folder / path, _jpeg(join(one, other, number % 3), rng))
        plan.add("both", path)


def ours(found: Audit, plan: Plan) -> list[dict[str, Any]]:
    paths = np.array(found.photos.paths)
    rows = []
    for kind, planted in plan.planted.items():
        named = set(paths[found.rows(kind)])
        if kind == "near_duplicate":  # of a pair, either may be named
            pairs = {frozenset(pair) for pair in plan.original.items()}
            copies = _pairs(found, "near_duplicate") | _pairs(found, "exact_duplicate")
            rows.append(_row("pawlens", kind, len(pairs & copies), len(planted), len(copies)))
            for way in COPIES:
                some = {frozenset((c, o)) for c, o in plan.original.items() if plan.how[c] == way}
                rows.append(_row(f"pawlens, {way}", kind, len(some & copies), len(some), None))
            continue
        rows.append(_row("pawlens", kind, len(named & planted), len(planted), len(named)))
    return rows


def _pairs(found: Audit, kind: str) -> set[frozenset[str]]:
    """Each copy found with its original, as the reasons name it."""
    why = found.detections[kind].why
    names = {row: text.split(" ", 2)[2].removeprefix("of ") for row, text in why.items()}
    return {frozenset((found.photos.paths[row], other)) for row, other in names.items()}


def cleanlab(found: Audit, plan: Plan, options: argparse.Namespace) -> list[dict[str, Any]]:
    """cleanlab's recipe: out-of-fold probabilities, then `find_label_issues`."""
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.outlier import OutOfDistribution
    except ImportError:
        return []
    from sklearn.model_selection import StratifiedKFold

    photos = found.photos
    hashes = [scan.sha256 if not scan.problem else "" for scan in found.scans]
    values = np.hstack([_features(photos, hashes, name, options) for name in options.backbone])
    label = np.array([found.classes.index(str(photo.label)) for photo in photos], np.int64)
    fold = np.empty(len(label), np.int64)
    folds = StratifiedKFold(5, shuffle=True, random_state=options.seed)
    for number, (_, held) in enumerate(folds.split(label, label)):
        fold[held] = number
    logits = fit_logistic(values, label, fold, n_classes=len(found.classes)).logits
    proba = np.exp(logits - logits.max(axis=1, keepdims=True))
    proba /= proba.sum(axis=1, keepdims=True)
    paths, rows = np.array(photos.paths), []
    ways = ("prune_by_noise_rate", "both", "confident_learning")
    for way in ways if "label_error" in plan.planted else ():
        flags = find_label_issues(label, proba, filter_by=way, n_jobs=1)
        rows.append(_overlap(f"cleanlab, {way}", "label_error", paths[flags], plan))
    if "neither" in plan.planted:
        quality = OutOfDistribution().fit_score(features=values, verbose=False)
        count = int(found.detections["neither"].found.sum())
        worst = paths[np.argsort(quality)[:count]]
        rows.append(_overlap("cleanlab OOD, as many as ours", "neither", worst, plan))
    return rows


def _features(
    photos: Photos, hashes: list[str], name: str, options: argparse.Namespace
) -> np.ndarray[Any, np.dtype[np.float32]]:
    from pawlens.backbones import find_backbone, open_engine

    cache = user_cache()
    backbone = find_backbone(name, weights_dir=options.weights_dir, cache_dir=cache)
    seen = extract_features(photos, backbone, open_engine(backbone), hashes=hashes, cache_dir=cache)
    return unit_rows(seen.matrix)[seen.index]


def cleanvision(plan: Plan) -> list[dict[str, Any]]:
    """cleanvision on the same files, with its own settings."""
    try:
        from cleanvision import Imagelab
    except ImportError:
        return []
    lab = Imagelab(data_path=str(plan.folder))
    lab.find_issues(n_jobs=1, verbose=False)
    relative = {
        name: str(Path(name).relative_to(plan.folder.resolve())) for name in lab.issues.index
    }
    rows = []
    names = {"blurred": "blurry", "dark": "dark", "light": "light", "blank": "low_information"}
    for kind, theirs in names.items():
        if kind not in plan.planted:
            continue
        flagged = [relative[n] for n in lab.issues.index[lab.issues[f"is_{theirs}_issue"]]]
        rows.append(_overlap("cleanvision", kind, flagged, plan))
    pairs = {frozenset(pair) for pair in plan.original.items()}
    if not pairs:
        return rows
    sets = [s for kind in ("near_duplicates", "exact_duplicates") for s in lab.info[kind]["sets"]]
    copies = {
        frozenset((relative[one], relative[other]))
        for members in sets
        for i, one in enumerate(members)
        for other in members[:i]
    }
    rows.append(_row("cleanvision", "near_duplicate", len(pairs & copies), len(pairs), len(copies)))
    return rows


def _overlap(who: str, kind: str, named: Iterable[str], plan: Plan) -> dict[str, Any]:
    one, planted = set(named), plan.planted[kind]
    return _row(who, kind, len(one & planted), len(planted), len(one))


def _row(who: str, kind: str, right: int, planted: int, found: int | None) -> dict[str, Any]:
    return {
        "who": who,
        "kind": kind,
        "planted": planted,
        "found": right if found is None else found,
        "precision": None if not found else _share(right, found),
        "recall": _share(right, planted),
    }


def _share(right: int, of: int) -> tuple[float, float, float]:
    low, high = clopper_pearson(right, of)
    return right / of, float(low), float(high)


def _text(share: tuple[float, float, float] | None) -> str:
    if share is None:
        return f"{'':24}"
    value, low, high = (100 * one for one in share)
    return f"{value:5.1f} % ({low:4.1f} to {high:5.1f})"


def _picture(photos: Photos, row: int) -> Image.Image:
    return Image.fromarray(photos.decode(row))


def _jpeg(picture: Image.Image, rng: np.random.Generator) -> bytes:
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=int(rng.integers(60, 96)))
    return sink.getvalue()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


if __name__ == "__main__":
    main()
