"""What the head answers on photos that neither it nor paw has seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt
from collages import LAYOUTS
from outliers import OutlierFit, outlier_logits
from pictures import SEED, SUBJECTS, Album, Extractor, layout, scenes

from pawlens.heads import CatDogHead
from pawlens.metrics import clopper_pearson, evaluate

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Sides = tuple[Floats, Floats]  # scores of what is not and of what is to be found
Numbers = dict[str, float]

COLLAGES = 1600  # held-out ones of each kind
SOURCES = ("dogs-vs-cats", "pets", "cat-12", "original-size")
_DRAWS = 1000
_LEVEL = 0.5  # of a score, where the answer turns


def area(*sides: Sides) -> Numbers:
    """Mean area under the ROC, with its bootstrap interval: both sides are drawn anew."""
    rng = np.random.default_rng(SEED)
    draws = [
        np.mean([_area(_drawn(first, rng), _drawn(second, rng)) for first, second in sides])
        for _ in range(_DRAWS)
    ]
    low, high = np.quantile(draws, (0.025, 0.975))
    value = np.mean([_area(*one) for one in sides])
    return _rounded({"value": value, "low": low, "high": high})


def share(hits: Bools) -> Numbers:
    """A share with its 95 % interval (Wilson)."""
    low, high = clopper_pearson(int(hits.sum()), len(hits))
    return _rounded({"value": hits.mean(), "low": low, "high": high}) | {"of": len(hits)}


def _rounded(values: Mapping[str, Any]) -> Numbers:
    return {name: round(float(value), 4) for name, value in values.items()}


def _area(negative: Floats, positive: Floats) -> float:
    order = np.sort(negative)
    below = [np.searchsorted(order, positive, side).mean() for side in ("left", "right")]
    return float(sum(below)) / (2 * len(order))


def _drawn(values: Floats, rng: np.random.Generator) -> Floats:
    return values[rng.integers(len(values), size=len(values))]


class Measures:
    """Figures of the head on the held-out fifth, and of *neither* subject by subject.

    Parameters
    ----------
    album : Album
    extract : Extractor
    head : CatDogHead
        Read back from its file: what ships is what is measured.
    """

    def __init__(self, album: Album, extract: Extractor, head: CatDogHead) -> None:
        self._album, self._extract, self._head = album, extract, head
        self._rows = album.animals("held-out")
        self._pets = extract(album.whole(self._rows))

    def animals(self) -> dict[str, Any]:
        """Log loss, accuracy and calibration of cat or dog, by source."""
        found: dict[str, Any] = {}
        for source in SOURCES[:2]:
            own = self._from(source)
            truth = self._album.is_dog(self._rows)[own]
            metrics = evaluate(truth, self._head(self._pets[own]).proba, ["cat", "dog"])
            found[source] = {"photos": int(own.sum())} | {
                name: _rounded(asdict(one)) for name, one in metrics.items()
            }
        return found

    def neither(
        self,
        fit: OutlierFit,
        evidence: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]],
        threshold: float,
    ) -> dict[str, Any]:
        """Each subject by the regression that saw nothing of it, against held-out cats and dogs."""
        pets = [outlier_logits(head, evidence(self._pets)) for head in fit.heads]

        def scores(rows: Sequence[int], fold: int) -> Floats:
            features = self._extract(self._album.whole(rows))
            return outlier_logits(fit.heads[fold], evidence(features))

        found: dict[str, Any] = {"cats and dogs": len(self._rows)}
        unseen: list[Sides] = []
        for style in ("photo", "cartoon"):
            sides: dict[str, Sides] = {}
            for fold, name in enumerate(SUBJECTS):
                rows = self._album.neither(style, name)
                sides[name] = pets[fold], scores(rows, fold)
                new = np.array([self._album.photos[row].role == "held-out" for row in rows])
                if style == "photo" and new.any():
                    unseen.append((pets[fold], sides[name][1][new]))
            found[style] = {
                "area": area(*sides.values()),
                "area by subject": {name: area(one) for name, one in sides.items()},
                "detected": share(np.concatenate([p for _, p in sides.values()]) >= threshold),
            }
        found["photos that paw never saw"] = area(*unseen) | {
            "photos": sum(len(positive) for _, positive in unseen),
            "subjects": len(unseen),
        }
        found["drawn scenes"] = self._scenes(fit, evidence, pets, threshold)
        found["distance alone"] = self._alone(evidence, -2)
        found["doubt alone"] = self._alone(evidence, -1)
        return found | {"false alarms": self._alarms(0), "drawn dogs": self._drawn_dogs()}

    def kinds_learned(
        self,
        fit: OutlierFit,
        evidence: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]],
        fold: Mapping[int, int],
    ) -> Numbers:
        """Photos by the regression that saw others of their subject, but not them or a crop."""
        sides: list[Sides] = []
        for number in range(len(SUBJECTS)):
            rows = [
                row
                for name in SUBJECTS
                for row in self._album.neither("photo", name)
                if fold[row] == number
            ]
            features = self._extract(self._album.whole(rows))
            positive = outlier_logits(fit.heads[number], evidence(features))
            sides.append((outlier_logits(fit.heads[number], evidence(self._pets)), positive))
        return area(*sides) | {"photos": sum(len(positive) for _, positive in sides)}

    def both(self) -> dict[str, Any]:
        """Collages by layout, against single photos and against collages of one kind."""
        album, rows = self._album, self._rows
        pairs = self._head(self._extract(album.collages(rows, COLLAGES, both=True))).both
        alike = self._head(self._extract(album.collages(rows, COLLAGES, both=False))).both
        single = self._head(self._pets).both
        names = np.array([layout(number) for number in range(COLLAGES)])
        found: dict[str, Any] = {}
        for name in LAYOUTS:
            own = names == name
            found[name] = {
                "area against photos": area((single, pairs[own])),
                "area against two of a kind": area((alike[own], pairs[own])),
                "detected": share(pairs[own] >= _LEVEL),
                "two of a kind taken for both": share(alike[own] >= _LEVEL),
            }
        return found | {"false alarms": self._alarms(1)}

    def answers(self) -> dict[str, Any]:
        """The answers to held-out photos as they come: right, wrong, neither, both."""
        found: dict[str, Any] = {}
        for source in SOURCES:
            own = self._from(source)
            said = self._head(self._pets[own])
            label = said.labels()
            truth = np.where(self._album.is_dog(self._rows)[own] == 1, "dog", "cat")
            found[source] = {
                "right": share(label == truth),
                "neither": share(label == "neither"),
                "both": share(label == "both"),
            }
        return found

    def _from(self, source: str) -> Bools:
        return np.array([self._album.photos[row].source == source for row in self._rows])

    def _alarms(self, which: int) -> dict[str, Numbers]:
        said = self._head(self._pets)
        hits = (said.neither, said.both)[which] >= _LEVEL
        return {s: share(hits[self._from(s)]) for s in SOURCES} | {"all": share(hits)}

    def _drawn_dogs(self) -> dict[str, int]:
        """Answers to cartoons of dogs, which no head learned from."""
        rows = self._album.neither("cartoon", "dog")
        label = self._head(self._extract(self._album.whole(rows))).labels()
        return {name: int((label == name).sum()) for name in ("cat", "dog", "neither", "both")}

    def _scenes(
        self, fit: OutlierFit, evidence: Any, pets: list[Floats], threshold: float
    ) -> dict[str, Any]:
        drawn = evidence(self._extract(scenes()))
        turn = np.arange(len(drawn)) % len(SUBJECTS)
        scores = [outlier_logits(head, drawn)[turn == f] for f, head in enumerate(fit.heads[:-1])]
        return {
            "area": area(*zip(pets[:-1], scores, strict=True)),
            "detected": share(np.concatenate(scores) >= threshold),
        }

    def _alone(self, evidence: Any, column: int) -> Numbers:
        """The area of one classic score by itself, which saw no picture of neither at all."""
        rows = [row for name in SUBJECTS for row in self._album.neither("photo", name)]
        features = self._extract(self._album.whole(rows))
        return area((evidence(self._pets)[:, column], evidence(features)[:, column]))
