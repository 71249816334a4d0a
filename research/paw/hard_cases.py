"""Where cat or dog fails: photos that lie on a side, and small animals. And what turns give.

``python research/paw/hard_cases.py --shared ../shared --out research/paw/out``

Each network gets a logistic head on the training photos, as `pawlens train` fits it. How the turns
of a photo are joined was first looked at on held-out photos, then confirmed on training photos that
the head had not seen. What is reported is from the held-out fifth. Writes ``hard-cases.json`` here.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pictures import Album, Extractor

from pawlens.backbones import find_backbone
from pawlens.heads import CatDogHead, LinearHead, fit_logistic
from pawlens.metrics import apply_temperature, evaluate, fit_temperature
from pawlens.models import join_turns
from pawlens.models._bundled import join_answers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Rule = Callable[[Floats], Floats]

VIEWS = ("whole", "turned 90", "turned 180", "turned 270")
EVERY = 4  # of the training photos, for the choice of the rule
SHARES = (1 / 2, 1 / 4, 1 / 8)  # of a scene's sides, for small animals
SMALL = 800  # photos made small


def weighted(power: float, upright: float) -> Rule:
    """Mean of probabilities, a turn weighing as its odds to a power; the first one more."""

    def rule(turns: Floats) -> Floats:
        best = np.clip(turns.max(axis=2, keepdims=True), 1e-6, 1 - 1e-6)
        weights = (best / (1 - best)) ** power
        weights[0] *= upright
        joined: Floats = (weights * turns).sum(axis=0) / weights.sum(axis=0)
        return joined

    return rule


def mean_logits(upright: float) -> Rule:
    """Softmax of the mean of the logits; the first turn weighs more."""

    def rule(turns: Floats) -> Floats:
        weights = np.array([upright, 1, 1, 1])[:, None, None]
        logs = np.log(np.clip(turns, 1e-9, 1))
        return apply_temperature((weights * logs).sum(axis=0) / weights.sum(), 1.0)

    return rule


def surest(upright: float) -> Rule:
    """The one turn with the highest odds, those of the first turn counting more."""

    def rule(turns: Floats) -> Floats:
        best = np.clip(turns.max(axis=2), 1e-6, 1 - 1e-6)
        odds = best / (1 - best)
        odds[0] *= upright
        chosen: Floats = turns[odds.argmax(axis=0), np.arange(turns.shape[1])]
        return chosen

    return rule


RULES = {
    f"{name}, upright {upright:g} times": make(float(upright))
    for upright in (1, 3, 9)
    for name, make in {
        "mean of logits": mean_logits,
        "mean of probabilities": lambda u: weighted(0, u),
        "weighted by the root of the odds": lambda u: weighted(0.5, u),
        "weighted by the odds": lambda u: weighted(1, u),
        "the surest turn": surest,
    }.items()
}


def figures(truth: Ints, proba: Floats) -> dict[str, Any]:
    """Accuracy and log loss with their intervals."""
    found = evaluate(truth, proba, ["cat", "dog"])
    return {
        name: {end: round(getattr(found[name], end), 4) for end in ("value", "low", "high")}
        for name in ("accuracy", "log_loss")
    }


def plain_figures(truth: Ints, proba: Floats) -> dict[str, float]:
    """Accuracy and log loss alone: for a choice among rules, not for a claim."""
    own = np.clip(proba[np.arange(len(truth)), truth], 1e-6, 1)
    right = proba.argmax(axis=1) == truth
    loss = -float(np.log(own).mean())
    return {"accuracy": round(float(right.mean()), 4), "log_loss": round(loss, 4)}


def fit_head(features: npt.NDArray[np.float32], labels: Ints) -> LinearHead:
    """A head with its temperature inside, both by out-of-fold answers."""
    fold = np.random.default_rng(0).permutation(len(labels)) % 5
    fit = fit_logistic(features, labels, fold, n_classes=2)
    temperature = fit_temperature(labels, fit.logits)
    return LinearHead(fit.head.weights / temperature, fit.head.bias / temperature)


def turns_of(album: Album, extract: Extractor, rows: list[int], head: LinearHead) -> Floats:
    """Probabilities float64 [4, n, 2] of photos at 0, 90, 180 and 270 degrees."""
    photos = album.whole(rows)
    return np.stack([apply_temperature(head.logits(extract(photos, v)), 1.0) for v in VIEWS])


def compare_rules(album: Album, extract: Extractor) -> dict[str, Any]:
    """Every rule on training photos that the head has not seen, as they stand and turned."""
    rows = album.animals("train")
    some = rows[::EVERY]
    rest = [row for number, row in enumerate(rows) if number % EVERY]
    head = fit_head(extract(album.whole(rest)), album.is_dog(rest))
    turns, truth = turns_of(album, extract, some, head), album.is_dog(some)
    return {
        name: {
            angle: plain_figures(truth, rule(np.roll(turns, -quarter, axis=0)))
            for quarter, angle in ((0, "upright"), (1, "turned 90"), (2, "turned 180"))
        }
        for name, rule in {"none": lambda t: t[0], **RULES}.items()
    }


def turned(album: Album, extract: Extractor) -> dict[str, Any]:
    """Held-out photos at each angle, without and with `--rotations`."""
    rows = album.animals("train")
    head = fit_head(extract(album.whole(rows)), album.is_dog(rows))
    held = album.animals("held-out")
    turns, truth = turns_of(album, extract, held, head), album.is_dog(held)
    found: dict[str, Any] = {"photos": len(held)}
    for quarter in range(len(VIEWS)):
        seen = np.roll(turns, -quarter, axis=0)  # a photo at 90 degrees is next seen at 180
        found[f"{90 * quarter}"] = {
            "without": figures(truth, seen[0]),
            "with": figures(truth, join_turns(seen)),
        }
    return found


def bundled(album: Album, extract: Extractor, head: CatDogHead) -> dict[str, Any]:
    """The same of the bundled classifier, and how many were taken for neither or both."""
    held = album.animals("held-out")
    photos, truth = album.whole(held), album.is_dog(held)
    answers = [head(extract(photos, view)) for view in VIEWS]
    found: dict[str, Any] = {"photos": len(held)}
    for quarter in range(len(VIEWS)):
        seen = answers[quarter:] + answers[:quarter]
        row: dict[str, Any] = {}
        for name, used in (("without", seen[:1]), ("with", seen)):
            joined = join_answers(used)
            labels = joined.labels()
            row[name] = figures(truth, joined.proba) | {
                name: round(float((labels == name).mean()), 4) for name in ("neither", "both")
            }
        found[f"{90 * quarter}"] = row
    return found


def small(album: Album, extract: Extractor, head: CatDogHead) -> dict[str, Any]:
    """Held-out photos, small in a drawn scene."""
    held = album.animals("held-out")[:: len(album.animals("held-out")) // SMALL][:SMALL]
    truth = album.is_dog(held)
    found: dict[str, Any] = {"photos": len(held)}
    for share in (1.0, *SHARES):
        pictures = album.whole(held) if share == 1 else album.in_scenes(held, share)
        answers = head(extract(pictures))
        labels = answers.labels()
        found[f"{share:g} of the side"] = figures(truth, answers.proba) | {
            name: round(float((labels == name).mean()), 4) for name in ("neither", "both")
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where train.py worked")
    options = parser.parse_args()
    album = Album(options.shared, options.out)
    cache = options.out / "cats-vs-dogs"
    paw = find_backbone("paw", cache_dir=cache)
    weights = options.shared / "weights"
    peer = find_backbone("mobilenetv2_100", weights_dir=weights, cache_dir=cache)
    extract, head = Extractor(paw, cache), CatDogHead(paw.weights_hash)
    report = {
        "rules, paw, training photos": compare_rules(album, extract),
        "paw": turned(album, extract),
        "mobilenetv2_100": turned(album, Extractor(peer, cache)),
        "cats-vs-dogs": bundled(album, extract, head),
        "small": small(album, extract, head),
    }
    text = json.dumps(report, indent=1) + "\n"
    (Path(__file__).parent / "hard-cases.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
