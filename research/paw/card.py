"""Fill the tables of the model card from the files that the measurements wrote.

``python research/paw/card.py``

Reads ``paw.onnx``, ``evaluation.json``, ``cats-vs-dogs.json``, ``hard-cases.json`` and, where it is
there, ``speed.json`` (``python benchmarks/paw.py --json research/paw/speed.json``). In
``docs/paw.md`` everything between ``<!-- figures: NAME -->`` and ``<!-- end -->`` is written anew.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import onnx

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "paw.md"
PAW = ROOT / "src" / "pawlens" / "backbones" / "paw.onnx"
NETWORKS = ("paw", "mobilenetv2_100")
MISSING = "Not measured for this file yet."
ANGLES = ("0", "90", "180", "270")


def percent(one: dict[str, float]) -> str:
    """``98.3 % (97.1 to 99.0)``."""
    return f"{one['value']:.1%} ({one['low']:.1%} to {one['high']:.1%})".replace("%", " %")


def number(one: dict[str, float]) -> str:
    """``0.123 (0.110 to 0.140)``."""
    return f"{one['value']:.3f} ({one['low']:.3f} to {one['high']:.3f})"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def data_table(record: dict[str, Any]) -> str:
    """How many photos of each source were learned from, held out and dropped."""
    rows = [
        [name, *(str(counts[role]) for role in ("train", "held-out", "dropped"))]
        for name, counts in record["photos"].items()
    ]
    return table(["photos", "learned from", "held out", "dropped"], rows)


def training_table(model: onnx.ModelProto, record: dict[str, Any]) -> str:
    """What the file is and what its training took."""
    weights = sum(
        int(onnx.numpy_helper.to_array(one).size)
        for one in model.graph.initializer
        if one.data_type in (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16)
    )
    spec = json.loads(_metadata(model)["pawlens.backbone"])
    minutes = record.get("training_minutes")
    rows = [
        ["file", f"{PAW.stat().st_size / 2**20:.2f} MiB, {weights / 1e6:.2f} million weights"],
        ["input, features", f"{spec['input_size']} px, {spec['feature_dim']}"],
        ["teacher", f"{record['teacher']['name']} at {record['teacher']['size']} px"],
        ["epochs", str(record["epochs"])],
        ["training", "not recorded" if minutes is None else f"{minutes:.0f} minutes"],
    ]
    return table(["", ""], rows)


def features_table(found: dict[str, Any]) -> str:
    """Frozen features under the logistic head, on photos never seen."""
    rows = []
    for name in ("dogs-vs-cats", "cat-12", "pets"):
        for protocol in ("held out", "five folds"):
            cells = [found.get(network, {}).get(name, {}).get(protocol) for network in NETWORKS]
            if all(cells):
                pairs = [f"{number(c['log_loss'])}, {percent(c['accuracy'])}" for c in cells]
                photos = found["paw"][name]["photos"]
                rows.append([f"{name}, {photos} photos", protocol, *pairs])
    return table(["photos", "protocol", *NETWORKS], rows) if rows else MISSING


def animals_table(found: dict[str, Any]) -> str:
    """Cat or dog, and the answers as they come."""
    rows = []
    for name, one in found["cat or dog"].items():
        said = found["answers"][name]
        rows.append(
            [
                f"{name}, {one['photos']} photos",
                percent(one["accuracy"]),
                number(one["log_loss"]),
                number(one["calibration_error"]),
                percent(said["neither"]),
                percent(said["both"]),
            ]
        )
    head = ["held out", "accuracy", "log loss", "calibration error"]
    return table([*head, "answered neither", "answered both"], rows)


def neither_table(found: dict[str, Any]) -> str:
    """Area by subject, detection, false alarms."""
    one = found["neither"]
    subjects = one["photo"]["area by subject"].items()
    rows = [[f"photos of a subject never learned: {name}", number(v)] for name, v in subjects]
    rows += [
        ["**mean of these**", f"**{number(one['photo']['area'])}**"],
        [
            f"only the {one['photos that paw never saw']['photos']} photos that paw never saw",
            number(one["photos that paw never saw"]),
        ],
        [
            f"**{one['kinds learned']['photos']} photos of kinds that were learned from others**",
            f"**{number(one['kinds learned'])}**",
        ],
        ["cartoons of the same subjects, mean", number(one["cartoon"]["area"])],
        ["drawn scenes without an animal", number(one["drawn scenes"]["area"])],
        ["distance alone, photos", number(one["distance alone"])],
        ["doubt alone, photos", number(one["doubt alone"])],
    ]
    areas = table(["against held-out cats and dogs", "area under the ROC"], rows)
    alarms = one["false alarms"]["all"]
    dogs = ", ".join(f"{count} {name}" for name, count in one["drawn dogs"].items() if count)
    return (
        f"{areas}\n\nAt the threshold that ships, {percent(one['photo']['detected'])} of those "
        f"photos and {percent(one['cartoon']['detected'])} of the cartoons are answered neither, "
        f"and so are {percent(alarms)} of {alarms['of']} held-out cats and dogs. "
        f"Eight cartoons of dogs, which no part learned from, are answered: {dogs}."
    )


def both_table(found: dict[str, Any]) -> str:
    """Collages by layout."""
    one = found["both"]
    rows = [
        [
            name,
            number(row["area against photos"]),
            number(row["area against two of a kind"]),
            percent(row["detected"]),
            percent(row["two of a kind taken for both"]),
        ]
        for name, row in one.items()
        if name != "false alarms"
    ]
    head = ["layout", "area against photos", "area against two of a kind", "found"]
    alarms = one["false alarms"]["all"]
    return (
        f"{table([*head, 'two of a kind taken for both'], rows)}\n\nOf {alarms['of']} held-out "
        f"photos of one animal, {percent(alarms)} are taken for both."
    )


def turned_table(found: dict[str, Any]) -> str:
    """Accuracy and log loss at four angles, without and with turns."""
    rows = []
    for name in (*NETWORKS, "cats-vs-dogs"):
        for way in ("without", "with"):
            cells = [found[name][angle][way] for angle in ANGLES]
            rows.append([name, way, *(percent(c["accuracy"]) for c in cells)])
            rows.append(["", "", *(number(c["log_loss"]) for c in cells)])
    return table(["", "`--rotations`", *(f"{angle}°" for angle in ANGLES)], rows)


def small_table(found: dict[str, Any]) -> str:
    """Small animals."""
    rows = [
        [
            name,
            percent(one["accuracy"]),
            number(one["log_loss"]),
            f"{one['neither']:.1%}".replace("%", " %"),
            f"{one['both']:.1%}".replace("%", " %"),
        ]
        for name, one in found["small"].items()
        if name != "photos"
    ]
    head = ["photo's side in the scene", "accuracy", "log loss"]
    return table([*head, "answered neither", "answered both"], rows)


def speed_table(path: Path) -> str:
    """Photos a second, where they were measured."""
    if not path.is_file():
        return MISSING
    report = json.loads(path.read_text(encoding="utf-8"))
    shown = ("pawlens", "engine", "decoder")
    rows = []
    for name, row in report["rates_per_second"].items():
        cells = [
            f"{statistics.median(row[key]):.0f} ({min(row[key]):.0f} to {max(row[key]):.0f})"
            for key in shown
        ]
        rows.append([name, *cells])
    facts = report["facts"]
    return (
        table(["", "from files", "engine alone", "decoding alone"], rows)
        + f"\n\n{facts['processor']}, {facts['cores']} cores, {facts['photos']} JPEG files of "
        f"500 x 375 pixels, {facts['rounds']} rounds; photos a second, median (range)."
    )


def main() -> None:
    model = onnx.load(PAW)
    record = json.loads(_metadata(model)["pawlens.training"])
    evaluation, bundled = _read("evaluation.json"), _read("cats-vs-dogs.json")
    hard = _read("hard-cases.json")
    figures = {
        "data": data_table(record),
        "training": training_table(model, record),
        "features": features_table(evaluation),
        "animals": animals_table(bundled),
        "neither": neither_table(bundled),
        "both": both_table(bundled),
        "turned": turned_table(hard) if hard else MISSING,
        "small": small_table(hard) if hard else MISSING,
        "speed": speed_table(HERE / "speed.json"),
    }
    page = PAGE.read_text(encoding="utf-8")
    for name, text in figures.items():
        mark = f"<!-- figures: {name} -->"
        if mark not in page:
            raise SystemExit(f"{PAGE}: no place for {name}")
        place = re.escape(mark) + r".*?<!-- end -->"
        filled = f"{mark}\n{text}\n<!-- end -->"
        page = re.sub(place, lambda _, filled=filled: filled, page, count=1, flags=re.DOTALL)
    PAGE.write_text(page, encoding="utf-8")


def _read(name: str) -> dict[str, Any]:
    file = HERE / name
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def _metadata(model: onnx.ModelProto) -> dict[str, str]:
    return {entry.key: entry.value for entry in model.metadata_props}


if __name__ == "__main__":
    main()
