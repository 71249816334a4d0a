"""Train and measure ``cats-vs-dogs.onnx``: cat, dog, neither or both, from paw's features.

``python research/paw/cats_vs_dogs.py --shared ../shared --out research/paw/out``

Writes the head into the package, and ``cats-vs-dogs.json`` with all figures beside this file.
Photos that paw never saw (see `data.held_out`) have no part in the fit, the temperature or the
thresholds. Pictures of neither are measured by heads that saw nothing of their subject.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from cats_vs_dogs_graph import Parts, compose
from cats_vs_dogs_measures import Measures
from outliers import OutlierFit, fit_geometry, fit_outliers, joined
from pair_finder import PairFinder, fit_pair_finder
from pictures import AGAIN, SEED, SUBJECTS, Album, Extractor, scenes

import pawlens
from pawlens.backbones import Backbone, find_backbone
from pawlens.heads import BUNDLED_HEAD, CatDogHead, LinearHead, fit_logistic
from pawlens.metrics import fit_temperature

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

FALSE_ALARMS = 0.01  # of neither, and again of both, on training photos out-of-fold
PAIRS = 6000  # collages of each kind
QUARTER = 4  # every fourth training photo is also seen turned
FOLDS = 5
SHARE_OF_NEITHER = 1 / 3  # of the weight of all cats and dogs
SHARE_OF_COLLAGES = 1 / 4  # they are animals too: what is odd about them is not for this score


@dataclass(frozen=True)
class Training:
    """Unit features of everything that is learned from.

    Attributes
    ----------
    whole, mirrored : ndarray of float32, shape (n, D)
    labels : ndarray of int64, shape (n,)
        1 for a dog.
    fold : ndarray of int64, shape (n,)
        By perceptual hash, so that copies share one.
    unlearned : ndarray of bool, shape (n,)
        What paw itself did not learn from: the temperature is fitted on it alone.
    turned : ndarray of float32, shape (m, D)
        Of some photos, turned by 90, 180 and 270 degrees.
    both, one : ndarray of float32, shape (k, D)
        Collages of a cat and a dog, and of two of a kind.
    """

    whole: Floats
    mirrored: Floats
    labels: Ints
    fold: Ints
    unlearned: npt.NDArray[np.bool_]
    turned: Floats
    both: Floats
    one: Floats


def training(album: Album, extract: Extractor) -> Training:
    """Extract what is learned from."""
    rows = album.animals("train")
    photos, some = album.whole(rows), album.whole(rows[::QUARTER])
    unlearned = album.unlearned()
    views = ("turned 90", "turned 180", "turned 270")
    return Training(
        extract(photos),
        extract(photos, "mirrored"),
        album.is_dog(rows),
        np.array([int(album.photos[row].phash, 16) % FOLDS for row in rows], np.int64),
        np.array([row in unlearned for row in rows]),
        np.concatenate([extract(some, view) for view in views]),
        extract(album.collages(rows, PAIRS, both=True)),
        extract(album.collages(rows, PAIRS, both=False)),
    )


def fit_animal(known: Training) -> tuple[LinearHead, float]:
    """The head of cat and dog, and the temperature of photos that paw did not learn from."""
    used = ~known.unlearned
    features = np.concatenate([known.whole[used], known.mirrored[used]])
    fold = np.tile(known.fold[used], 2)
    fit = fit_logistic(features, np.tile(known.labels[used], 2), fold, n_classes=2)
    rest = known.unlearned
    temperature = fit_temperature(known.labels[rest], fit.head.logits(known.whole[rest]))
    return LinearHead(fit.head.weights / temperature, fit.head.bias / temperature), temperature


def fit_upright(known: Training) -> LinearHead:
    """The head that tells upright photos from turned ones."""
    upright = known.whole[::QUARTER]
    features = np.concatenate([upright, known.turned])
    labels = np.r_[np.ones(len(upright)), np.zeros(len(known.turned))].astype(np.int64)
    fold = np.tile(known.fold[::QUARTER], 4)
    return fit_logistic(features, labels, fold, n_classes=2).head


def fit_neither(
    known: Training, negatives: Negatives, evidence: Evidence
) -> tuple[OutlierFit, float]:
    """The regressions of *neither*, and the threshold with `FALSE_ALARMS` on training photos."""
    animals = [known.whole, known.turned, known.both, known.one]
    rng = np.random.default_rng(SEED)
    weights = [np.ones(len(known.whole)), np.full(len(known.turned), 1 / 8)]
    weights += [np.full(len(part), SHARE_OF_COLLAGES) for part in animals[2:]]
    total = sum(float(part.sum()) for part in weights)
    weights.append(negatives.weights * SHARE_OF_NEITHER * total / negatives.weights.sum())
    counts = [len(part) for part in animals]
    others = rng.integers(0, len(SUBJECTS), sum(counts[1:]))
    folds = np.concatenate([known.fold % len(SUBJECTS), others, negatives.fold])
    fit = fit_outliers(
        np.concatenate([evidence(part) for part in (*animals, negatives.features)]),
        np.r_[np.zeros(sum(counts)), np.ones(len(negatives.fold))].astype(np.int64),
        np.concatenate(weights).astype(np.float32),
        folds,
    )
    return fit, float(np.quantile(fit.out_of_fold[: counts[0]], 1 - FALSE_ALARMS))


def fit_both(known: Training, negatives: Negatives) -> tuple[PairFinder, float]:
    """The network of *both*; each fold's photos are scored by a network that did not see them."""
    scores = np.empty(len(known.whole))
    for fold in range(FOLDS):
        own = known.fold == fold
        scores[own] = _pairs(known, negatives, ~own).logits(known.whole[own])
    everyone = np.ones(len(known.whole), bool)
    return _pairs(known, negatives, everyone), float(np.quantile(scores, 1 - FALSE_ALARMS))


def _pairs(known: Training, negatives: Negatives, used: npt.NDArray[np.bool_]) -> PairFinder:
    parts = [known.whole[used], known.mirrored[used], known.one, negatives.features, known.both]
    features = np.concatenate(parts)
    positive = np.r_[np.zeros(len(features) - len(known.both)), np.ones(len(known.both))] > 0
    return fit_pair_finder(features, positive, np.ones(len(features), np.float32), seed=SEED)


@dataclass(frozen=True)
class Negatives:
    """Pictures of neither that are learned from: real ones, crops of them, drawn scenes.

    Attributes
    ----------
    features : ndarray of float32, shape (n, D)
    weights : ndarray of float64, shape (n,)
        A real picture counts two, one of them its crops'; all scenes count as much as a subject.
    fold : ndarray of int64, shape (n,)
        The number of its subject; scenes take turns.
    rows : list of int
        The real pictures, which come first.
    """

    features: Floats
    weights: npt.NDArray[np.float64]
    fold: Ints
    rows: list[int]

    def dealt(self) -> Negatives:
        """The same with every subject in all folds; a picture and its crops share one."""
        turns = np.arange(len(self.rows)) % len(SUBJECTS)
        crops = np.repeat(turns, AGAIN)
        scenes = self.fold[len(turns) + len(crops) :]
        return replace(self, fold=np.concatenate([turns, crops, scenes]))


def negatives_of(album: Album, extract: Extractor) -> Negatives:
    """All but the drawn dogs, which are dogs."""
    by_subject = [
        [row for style in ("photo", "cartoon") for row in album.neither(style, name)]
        for name in SUBJECTS
    ]
    rows = [row for of_it in by_subject for row in of_it]
    fold = np.repeat(np.arange(len(SUBJECTS)), [len(of_it) for of_it in by_subject])
    drawn = extract(scenes())
    features = [extract(album.whole(rows)), extract(album.again(rows)), drawn]
    alike = 2 * len(rows) / len(SUBJECTS) / len(drawn)
    weights = [
        np.ones(len(rows)),
        np.full(AGAIN * len(rows), 1 / AGAIN),
        np.full(len(drawn), alike),
    ]
    turns = np.arange(len(drawn)) % len(SUBJECTS)
    return Negatives(
        np.concatenate(features),
        np.concatenate(weights),
        np.concatenate([fold, np.repeat(fold, AGAIN), turns]),
        rows,
    )


class Evidence:
    """Joins unit features with their distance and the doubt between the classes."""

    def __init__(self, known: Training, animal: LinearHead) -> None:
        self.geometry = fit_geometry(known.whole, known.labels)
        self._animal = animal

    def __call__(self, features: Floats) -> Floats:
        logits = self._animal.logits(features)
        doubt = -np.abs(logits[:, 1] - logits[:, 0])
        return joined(features, self.geometry.distance(features), doubt)


@dataclass(frozen=True)
class Foreign:
    """*Neither*, for its measures: folds of subjects, and folds of pictures of every subject."""

    by_subject: OutlierFit
    by_picture: OutlierFit
    evidence: Evidence
    picture_fold: dict[int, int]


def fit(album: Album, extract: Extractor) -> tuple[Parts, Foreign, dict[str, Any]]:
    """Fit all parts; also what chose them."""
    known, negatives = training(album, extract), negatives_of(album, extract)
    animal, temperature = fit_animal(known)
    evidence = Evidence(known, animal)
    outliers, outlier_threshold = fit_neither(known, negatives, evidence)
    pairs, pair_threshold = fit_both(known, negatives)
    upright = fit_upright(known)
    parts = Parts(
        animal,
        evidence.geometry,
        outliers.heads[-1],
        outlier_threshold,
        pairs,
        pair_threshold,
        upright,
    )
    dealt = negatives.dealt()
    fold = dict(zip(dealt.rows, dealt.fold.tolist(), strict=False))  # crops and scenes follow
    by_picture = fit_neither(known, dealt, evidence)[0]
    chosen = {"temperature": temperature, "l2_of_neither": outliers.l2, "seed": SEED}
    chosen |= {"false_alarms_aimed_at": FALSE_ALARMS}
    return parts, Foreign(outliers, by_picture, evidence, fold), chosen


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="where train.py worked")
    parser.add_argument("--head", type=Path, default=BUNDLED_HEAD)
    options = parser.parse_args()
    backbone: Backbone = find_backbone("paw", cache_dir=options.out)
    album = Album(options.shared, options.out)
    extract = Extractor(backbone, options.out / "cats-vs-dogs")
    parts, foreign, chosen = fit(album, extract)
    facts = {"classes": ["cat", "dog"], "weights_hash": backbone.weights_hash, **chosen}
    model = compose(parts, facts | {"version": pawlens.__version__})
    options.head.write_bytes(model.SerializeToString())
    report = {"head": facts | {"bytes": options.head.stat().st_size}}
    measures = Measures(album, extract, CatDogHead(backbone.weights_hash, options.head))
    report |= {
        "cat or dog": measures.animals(),
        "neither": measures.neither(foreign.by_subject, foreign.evidence, parts.outlier_threshold)
        | {
            "kinds learned": measures.kinds_learned(
                foreign.by_picture, foreign.evidence, foreign.picture_fold
            )
        },
        "both": measures.both(),
        "answers": measures.answers(),
    }
    text = json.dumps(report, indent=1) + "\n"
    (Path(__file__).parent / "cats-vs-dogs.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
