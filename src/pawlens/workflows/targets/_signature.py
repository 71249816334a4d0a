"""What lies beside a model that is written for another program: its classes and its signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...export import NEITHER_OUTPUT
from ...trust import ALARM, ASK, NEITHER, AnswerRules

if TYPE_CHECKING:
    from ...export import GraphFacts

__all__ = [
    "LABELS",
    "SIGNATURE",
    "describe_answers",
    "describe_model",
    "hashed",
    "versions",
    "write_json",
    "write_labels",
]

LABELS, SIGNATURE = "labels.txt", "signature.json"


def write_labels(path: Path, classes: Sequence[str]) -> Path:
    """Write one class a line, in the order of the probabilities.

    Raises
    ------
    UsageError
        A class name does not fit in one line.
    """
    for name in classes:
        if name.splitlines() != [name]:
            raise UsageError(f"class {name!r} does not fit in one line of {LABELS}: rename it")
    path.write_text("".join(f"{name}\n" for name in classes), encoding="utf-8", newline="\n")
    return path


def write_json(path: Path, data: Any) -> Path:
    """Write JSON for people and programs: indented, in UTF-8."""
    text = json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def describe_model(facts: GraphFacts) -> dict[str, Any]:
    """The part of a signature that is the same for every target.

    Classes, calibration and backbones with the licences of their weights; `thresholds` where a
    photo may have several labels.
    """
    rules = facts.labels
    described: dict[str, Any] = {
        "classes": list(facts.classes),
        "borders": facts.borders,
        "calibration": {"inside": True}
        | (
            {"temperature": facts.temperature, "clip": facts.clip}
            if rules is None
            else {
                "temperature": dict(zip(facts.classes, rules.temperature, strict=True)),
                "clip": dict(zip(facts.classes, rules.clip, strict=True)),
            }
        ),
        "backbones": [
            json.loads(spec.to_json()) | {"weights_sha256": digest}
            for spec, digest in zip(facts.backbones, facts.weights_hashes, strict=True)
        ],
        "licences": sorted({spec.licence for spec in facts.backbones}),
        "pawlens": facts.version,
    }
    if rules is not None:
        described["thresholds"] = dict(zip(facts.classes, rules.threshold, strict=True))
    return described


def describe_answers(rules: AnswerRules, *, score: bool) -> dict[str, Any]:
    """The part of a signature on answers beside probabilities; empty where there is none.

    Parameters
    ----------
    rules : AnswerRules
    score : bool
        Whether the graph has the output ``neither``.
    """
    answers: dict[str, Any] = {}
    if rules.sets is not None:
        answers["sets"] = rules.sets.as_json() | {
            "meaning": "a label is in the set from its threshold on; the likeliest always is"
        }
    if rules.least_confidence is not None:
        answers["ask"] = {"below": rules.least_confidence, "label": ASK, "promise": rules.promise}
    if rules.costs is not None:
        answers["costs"] = {
            "by_truth_and_answer": [list(row) for row in rules.costs],
            "meaning": "the answer has the least expected cost; confidence is one less that cost",
        }
    if score:
        answers["neither"] = {
            "output": NEITHER_OUTPUT,
            "from": ALARM,
            "label": NEITHER,
            "false_alarms": rules.false_alarms,
        }
    return {"answers": answers} if answers else {}


def hashed(paths: Iterable[Path], folder: Path) -> dict[str, dict[str, Any]]:
    """The size and SHA-256 of files, by their names inside a folder."""
    return {
        path.relative_to(folder).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in paths
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The installed version of each package."""
    return {name: version(name) for name in packages}
