"""The card of a model: Markdown with the metadata that model hubs read, from a run's own files."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..backbones import BackboneSpec, licence_terms
from ..base import plain
from ..metrics import Interval, clopper_pearson, metric_words, percent, sorted_metrics
from ..runs import CROISSANT, MODEL, PHOTOS, REPORT, Run, beside
from . import _words as words
from ._trust import trust_lines

__all__ = ["CardFacts", "dataset_name", "escaped", "hub_licence", "render_model_card"]

_CLASSES = 60  # most in one table
_ON_HUBS = {  # what a licence is called there
    "apache-2.0": "apache-2.0",
    "bsd-3-clause": "bsd-3-clause",
    "cc-by-4.0": "cc-by-4.0",
    "cc-by-nc-4.0": "cc-by-nc-4.0",
    "cc-by-sa-4.0": "cc-by-sa-4.0",
    "cc0-1.0": "cc0-1.0",
    "mit": "mit",
}
_MARKS = re.compile(r"([\\`*_{}\[\]<>|#~])")
# Green Algorithms (Lannelongue, Grealey and Inouye 2021): watts of a busy core, and of a GB.
_WATTS_CORE, _WATTS_GB = 12.0, 0.3725


@dataclass(frozen=True, kw_only=True)
class CardFacts:
    """What the papers of a run are made from.

    Attributes
    ----------
    run : Run
        The run, whose report need not be written yet.
    backbones : sequence of BackboneSpec
        The backbones inside its model.
    name : str
        A short name of the photos.
    licence, creator, citation : str
        Licence of the photos, who made the set and how to cite it; empty where nobody said.
    """

    run: Run
    backbones: Sequence[BackboneSpec]
    name: str
    licence: str = ""
    creator: str = ""
    citation: str = ""


def render_model_card(card: CardFacts) -> str:
    """Render the model card as Markdown; the same run gives the same text.

    Nothing of the machine's folders is in it, and no photo.
    """
    parts = [
        f"---\n{_header(card)}---\n",
        f"# {escaped(card.name)}: {_kinds(card.run)}\n",
        _intended(card),
        _data(card),
        _method(card),
        _figures(card.run),
        _answers(card.run),
        _slices(card.run),
        _limits(card.run),
        _licences(card),
        _costs(card.run),
        f"## Files\n\n`{MODEL}` is the model, `{REPORT}` the report with photos and plots, "
        f"`{PHOTOS}` the table of photos with their SHA-256, which `{CROISSANT}` describes.\n",
    ]
    return "\n".join(part for part in parts if part)


def escaped(text: str) -> str:
    """Write a text so that Markdown shows it as it is, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(plain(text).split()))


def _header(card: CardFacts) -> str:
    import yaml

    run, right = card.run, card.run.standing.right
    shown = {name: one.value for name, one in run.out_of_fold.items() if math.isfinite(one.value)}
    result = {
        "task": {"type": "image-classification", "name": "Image classification"},
        "dataset": {"type": "imagefolder", "name": card.name, "args": run.metrics["evaluated"]},
        "metrics": [
            {"type": name, "value": round(value, 6), "name": metric_words(name).title}
            for name, value in sorted(shown.items())
        ],
    }
    licence = hub_licence(card.backbones)
    values: dict[str, Any] = {"license": licence}
    if licence == "other":
        values["license_name"] = "licences-of-the-weights"
    values |= {
        "library_name": "pawlens",
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "onnx", "pawlens"],
        "metrics": [right],
        "model-index": [{"name": card.name, "results": [result]}],
    }
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)


def hub_licence(backbones: Sequence[BackboneSpec]) -> str:
    """Return what hubs call the one licence of all weights; ``other`` for several or another."""
    found = {_ON_HUBS.get(one.licence.casefold().split(" ")[0], "other") for one in backbones}
    return found.pop() if len(found) == 1 else "other"


def _kinds(run: Run) -> str:
    several = run.standing.right == "subset_accuracy"
    return f"a classifier of {len(run.classes)} {'labels' if several else 'classes'}"


def _intended(card: CardFacts) -> str:
    names = ", ".join(escaped(one) for one in card.run.classes[:_CLASSES])
    more = len(card.run.classes) - _CLASSES
    return (
        "## Intended use\n\n"
        f"Photos like those that it was trained on, each of which shows: {names}"
        f"{f' and {more} more' if more > 0 else ''}. It gives a calibrated probability of each. "
        f"It is not meant for photos of anything else, {_of_anything_else(card.run)}, nor for a "
        "decision about people that nobody looks at.\n\n"
        "```\n"
        f"pip install pawlens\npawlens predict {MODEL} PHOTOS\n"
        "```\n"
    )


def _of_anything_else(run: Run) -> str:
    """Say what the model answers to photos that show none of its classes."""
    if _false_alarms(run):
        return "which it may answer with one of these names instead of `neither`"
    return "to which it answers with one of these names all the same"


def _data(card: CardFacts) -> str:
    run = card.run
    table = run.photos().to_pydict()
    counts: Counter[tuple[str, str]] = Counter()
    for labels, role in zip(table["labels"], table["role"], strict=True):
        for label in labels or ["no label"]:
            counts[label, role] += 1
    roles = sorted({role for _, role in counts})
    rows = [name for name in [*run.classes, "no label"] if any(counts[name, r] for r in roles)]
    lines = _table(
        ["class", *roles],
        [[escaped(name), *(f"{counts[name, role]:,}" for role in roles)] for name in rows],
    )
    groups = len(set(table["group"]))
    return (
        "## Data\n\n"
        f"{len(table['path']):,} photos, named {escaped(card.name)}; licence: "
        f"{escaped(card.licence) or 'not stated'}"
        f"{f'; made by {escaped(card.creator)}' if card.creator else ''}. Photos that show the "
        f"same picture are kept together: {groups:,} are different. What was set aside, and why, "
        f"says `{PHOTOS}`.\n\n{lines}"
        f"{f'{chr(10)}{escaped(card.citation)}{chr(10)}' if card.citation else ''}"
    )


def _method(card: CardFacts) -> str:
    run = card.run
    rows = [
        [escaped(b.name), f"{b.input_size} px", f"{b.feature_dim:,}", escaped(b.source)]
        for b in card.backbones
    ]
    metrics = run.metrics
    calibration = (
        f" Probabilities are calibrated: temperature {metrics['temperature']:.3f}, clip "
        f"{metrics['clip']:g}."
        if isinstance(metrics.get("temperature"), float) and "clip" in metrics
        else ""
    )
    return (
        "## Method\n\n"
        f"Head: {escaped(metrics['head'])}. Measured {escaped(metrics['evaluated']['on'])}."
        f"{calibration} `recipe.yaml` has every setting.\n\n"
        f"{_table(['backbone', 'input', 'features', 'origin'], rows)}"
    )


def _figures(run: Run) -> str:
    standing, evaluated = run.standing, run.metrics["evaluated"]
    parts = [
        "## Figures\n",
        f"On {evaluated['photos']:,} photos, {escaped(evaluated['on'])}: the model behind each "
        "answer did not train on the photo. Ranges are 95 % intervals; the last column is what is "
        "reached without a look at a photo.\n",
        _metric_table(run.out_of_fold, standing.baseline),
    ]
    for split in standing.held_out:
        parts += [
            f"On {split.photos:,} photos of the split {escaped(split.split)}, which was kept from "
            "training:\n",
            _metric_table(split.metrics, split.baseline),
        ]
    return "\n".join([*parts, _by_class(run)])


def _metric_table(metrics: Mapping[str, Interval], baseline: Any) -> str:
    rows = [
        [metric_words(n).title, *words.measure(n, metrics[n]), escaped(beside(n, baseline))]
        for n in sorted_metrics(metrics)
    ]
    return _table(["measure", "value", "95 % interval", "base rate"], rows)


def _by_class(run: Run) -> str:
    """Return how many photos of each class are right, where photos have one label."""
    confusion = np.array(run.metrics.get("confusion", []))
    if confusion.shape != (len(run.classes),) * 2:
        return ""
    right, photos = confusion.diagonal(), confusion.sum(axis=1)
    low, high = clopper_pearson(right, photos)
    rows = [
        [escaped(name), f"{n:,}", percent(r / max(n, 1)), f"{percent(a)} to {percent(b)}"]
        for name, n, r, a, b in zip(run.classes, photos, right, low, high, strict=True)
    ]
    return _table(["class", "photos", "right", "95 % interval"], rows[:_CLASSES])


def _answers(run: Run) -> str:
    """Tell what else than the most probable class an answer can be, and how that did."""
    trust = run.metrics.get("trust", {})
    lines = [f"- {escaped(line)}\n" for line in trust_lines(trust)]
    if alarms := _false_alarms(run):
        lines.insert(
            0,
            f"- `neither` is answered to at most {percent(alarms)} of photos like those of "
            "training, and to others that the model recognises as strange\n",
        )
    return f"## Answers\n\n{''.join(lines)}" if lines else ""


def _false_alarms(run: Run) -> float | None:
    """Return the share of photos like those of training that may be answered with neither."""
    share = (run.metrics.get("trust", {}).get("neither") or {}).get("false_alarms")
    return share if isinstance(share, float) and share > 0 else None


def _slices(run: Run) -> str:
    found = run.metrics.get("slices", {})
    if not found:
        return ""
    rows = [
        [
            escaped(f"{one['trait']}: {one['value']}"),
            f"{one['photos']:,}",
            f"{Interval(**one['accuracy']):.1%}",
            escaped(one["verdict"]),
        ]
        for one in found.get("slices", [])
    ]
    lines = _table(["photos with", "photos", "right", "beside the others"], rows) if rows else ""
    return f"## Slices\n\n{escaped(found.get('in_words', ''))}\n\n{lines}"


def _limits(run: Run) -> str:
    notes = [
        "Figures hold for photos from the same source; on others, measure: `pawlens evaluate`. "
        "Whether new photos are still of the same kind tells `pawlens monitor`.",
        *(escaped(note) for note in run.standing.notes),
    ]
    return "## Limits\n\n" + "".join(f"- {note}\n" for note in notes)


def _licences(card: CardFacts) -> str:
    rows = [
        [
            escaped(b.name),
            escaped(b.licence),
            licence_terms(b.licence) or "nothing that forbids to sell",
        ]
        for b in card.backbones
    ]
    header = ["backbone", "licence", "what it restricts"]
    return "## Licences of the weights\n\n" + _table(header, rows)


def _costs(run: Run) -> str:
    facts = run.environment
    seconds = sum(facts.get("seconds", {}).values())
    text = (
        f"## Time and energy\n\n{seconds:.0f} s in all on {facts.get('processors', '?')} "
        f"processors ({escaped(str(facts.get('system', '')))}), "
        f"{escaped(', '.join(facts.get('precision', [])))}."
    )
    busy, memory = facts.get("processor_seconds"), facts.get("peak_memory_mb")
    if busy is None:
        return text + " Energy was not noted.\n"
    watt_hours = (busy * _WATTS_CORE + seconds * (memory or 0) / 1000 * _WATTS_GB) / 3600
    return (
        f"{text} Energy, estimated from {busy:.0f} s of busy processors at {_WATTS_CORE:g} W a core"
        f" and {_WATTS_GB:g} W a GB of memory (Green Algorithms, Lannelongue et al. 2021): "
        f"{watt_hours:.2g} Wh, without a GPU, cooling, or what was computed in an earlier run.\n"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in lines)


def dataset_name(run: Run) -> str:
    """Return a short name of a run's photos: that of their folder or archive alone."""
    return Path(str(run.environment.get("photos") or "photos").replace("\\", "/")).stem or "photos"
