"""What the classifier that comes with pawlens says of cats and dogs: a second opinion.

It learned *neither* and *both* from other photos than those of any folder (``docs/paw.md``), so it
knows of things that nothing in the folder's own labels tells. Drawings, thermal cameras or puppies
may all look strange to it, so what counts is how far a photo stands out among those of its folder,
and only together with what the folder's own head says of the photo and its parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BackboneError
from ..features import PARTS
from ..heads import CatDogHead, Head
from ._cut_outs import cut_up
from ._detection import Detection, from_ratio
from ._view import AuditView

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats32 = npt.NDArray[np.float32]
    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["SecondOpinion", "second_opinion"]

_PAW = "paw"  # the backbone whose features the bundled head reads
_NEITHER_FROM, _BOTH_FROM = 2.75, 1.4  # chosen on drawn photos of seeds 0, 1, 3, 8 and 9
_ASKED_SHARE, _ASKED_LEAST = 0.08, 50  # photos that are cut up at most
_FEWEST = 20
_NAMES = tuple(PARTS)
_SIDES = ((0, 1), (2, 3))  # left and right, top and bottom


@dataclass(frozen=True)
class SecondOpinion:
    """The bundled head beside the beliefs about a folder of cats and dogs.

    Attributes
    ----------
    view : AuditView
    head : CatDogHead
    columns : slice
        Where the features of ``paw`` stand.
    seen : ndarray of int64, shape (m,)
        Rows of the photos with features.
    neither, both : ndarray of float64, shape (m,)
        Log odds of the bundled head, as far above the median of the folder as quartiles are apart.
    doubt : ndarray of float64, shape (m,)
        How little the folder's own beliefs speak for a class, in the same units.
    """

    view: AuditView
    head: CatDogHead
    columns: slice
    seen: Ints
    neither: Floats
    both: Floats
    doubt: Floats

    def find_neither(self) -> Detection:
        """Detect photos that are strange as a whole and in every part, and show no class surely."""
        bordered = np.array([_has_border(self.view, row) for row in self.seen.tolist()])
        asked = _most(np.where(bordered, -np.inf, self.neither))  # a border is strange by itself
        asked = asked[~bordered[asked]]
        parts = self._parts(asked)
        strange = self._strangeness(parts)
        own = np.abs(_margin(self.view.beliefs.head, parts)).max(axis=1)
        whole = self._whole()
        sure = np.maximum(own, np.abs(whole[asked]))
        middle, unit = _spread(np.abs(whole))
        value = self.neither[asked] + np.minimum(self.neither[asked], strange)
        value -= (sure - middle) / unit
        why = "no part of it shows a class, and it is strange to the classifier of cats and dogs"
        return self._detection("neither", asked, value / _NEITHER_FROM, [why] * len(asked))

    def find_both(self) -> Detection:
        """Detect photos that look like two animals, and whose sides speak for different classes."""
        doubted = self.both + self.doubt
        asked = _most(doubted)
        margin = _margin(self.view.beliefs.head, self._parts(asked))
        _, unit = _spread(np.abs(self._whole()))
        sides = np.stack([_opposed(margin[:, a], margin[:, b]) for a, b in _SIDES])
        value = doubted[asked] + sides.max(axis=0) / unit
        why = []
        for row, place in enumerate(sides.argmax(axis=0).tolist()):
            one, other = _SIDES[place]
            first = int(margin[row, one] > 0)
            names = self.view.classes
            why.append(
                f"{names[first]} in its {_NAMES[one]}, {names[1 - first]} in its {_NAMES[other]}"
                if sides[place, row] > 0
                else "looks like two animals"
            )
        return self._detection("both", asked, value / _BOTH_FROM, why)

    def _whole(self) -> Floats:
        """Return the margin of the folder's head on whole photos, (m,)."""
        features, view = self.view.features, self.view
        return _margin(view.beliefs.head, features.values[features.row[self.seen]])

    def _parts(self, asked: Ints) -> Floats32:
        view = self.view
        return cut_up(
            view.photos, view.hashes, self.seen[asked], view.extractors, progress=view.progress
        )

    def _strangeness(self, parts: Floats32) -> Floats:
        """Return the score of the least strange part of each photo, in the units of `neither`."""
        flat = parts.reshape(-1, parts.shape[-1])[:, self.columns]
        odds = _log_odds(self.head(flat).neither).reshape(len(parts), -1)
        values = self.view.features.values[self.view.features.row[self.seen], self.columns]
        middle, unit = _spread(_log_odds(self.head(values).neither))
        return np.asarray((odds.min(axis=1) - middle) / unit)

    def _detection(self, kind: str, asked: Ints, ratio: Floats, why: list[str]) -> Detection:
        score = np.full(len(self.view), np.nan)
        score[self.seen] = 0.0
        rows = self.seen[asked]
        known = np.isfinite(ratio)  # a photo may have vanished meanwhile
        score[rows[known]] = from_ratio(np.maximum(ratio[known], 0))
        found = np.zeros(len(self.view), bool)
        found[rows[known]] = ratio[known] > 1
        told = {row: words for row, words in zip(rows.tolist(), why, strict=True) if found[row]}
        return Detection(kind, score, found, told)


def second_opinion(view: AuditView) -> SecondOpinion | None:
    """Ask the bundled head, where photos are of cats and dogs and ``paw`` has seen them.

    Parameters
    ----------
    view : AuditView

    Returns
    -------
    SecondOpinion or None
        None for other classes, other backbones, and photos too few to stand out among.
    """
    names = sorted(name.casefold().removesuffix("s") for name in view.classes)
    ends = np.cumsum([0, *(one.spec.feature_dim for one in view.extractors.backbones)]).tolist()
    place = next(
        (n for n, one in enumerate(view.extractors.backbones) if one.spec.name == _PAW), None
    )
    if names != ["cat", "dog"] or place is None or not view.has_beliefs:
        return None
    proba = view.beliefs.proba
    seen = np.flatnonzero(np.isfinite(proba[:, 0]))
    if len(seen) < _FEWEST:
        return None
    try:
        head = CatDogHead(view.extractors.backbones[place].weights_hash)
    except BackboneError:
        return None
    columns = slice(ends[place], ends[place + 1])
    answers = head(view.features.values[view.features.row[seen], columns])
    _, sure = _spread(margin := np.abs(_log_odds(proba[seen, 1])))
    return SecondOpinion(
        view,
        head,
        columns,
        seen,
        neither=_standing_out(_log_odds(answers.neither)),
        both=_standing_out(_log_odds(answers.both)),
        doubt=-margin / sure,
    )


def _has_border(view: AuditView, row: int) -> bool:
    appearance = view.appearances[row]
    return appearance is not None and appearance.width > 0


def _most(values: Floats) -> Ints:
    """Choose the photos to cut up."""
    most = max(_ASKED_LEAST, int(_ASKED_SHARE * len(values)))
    return np.asarray(np.argsort(-values, kind="stable")[:most], np.int64)


def _margin(head: Head, features: Floats32) -> Floats:
    """Return the logits of the second class less those of the first, for features (..., D)."""
    flat = head.logits(features.reshape(-1, features.shape[-1]))
    return np.asarray((flat[:, 1] - flat[:, 0]).reshape(features.shape[:-1]))


def _opposed(one: Floats, other: Floats) -> Floats:
    """Return by how much two sides speak for different classes; negative for the same one."""
    return np.asarray(-np.sign(one * other) * np.minimum(np.abs(one), np.abs(other)))


def _log_odds(proba: Floats) -> Floats:
    kept = np.clip(proba, 1e-9, 1 - 1e-9)
    return np.asarray(np.log(kept / (1 - kept)))


def _standing_out(values: Floats) -> Floats:
    middle, unit = _spread(values)
    return np.asarray((values - middle) / unit)


def _spread(values: Floats) -> tuple[float, float]:
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75)).tolist()
    return middle, max(high - low, 1e-9)
