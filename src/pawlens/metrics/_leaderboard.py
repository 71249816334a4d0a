"""An estimate of a cat-or-dog model's place on Kaggle's Dogs vs. Cats Redux.

The leaderboard's labels are not public, so the place cannot be checked offline. What is public:
some places of the final leaderboard, and systems that state both their validation loss and their
leaderboard loss. The leaderboard's photos are noisier than held-out training photos (wrong labels,
both animals, neither), which is why every one of those systems did worse there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ._interval import Interval

__all__ = [
    "ENTRIES",
    "PLACES",
    "PUBLISHED",
    "PlaceEstimate",
    "Published",
    "estimate_place",
    "is_cat_or_dog",
]

ENTRIES = 1314

# place -> log loss. Source: the competition's public leaderboard,
# kaggle.com/c/dogs-vs-cats-redux-kernels-edition/leaderboard; the last one is approximate.
PLACES = {
    1: 0.03302,
    2: 0.03305,
    3: 0.03483,
    4: 0.03507,
    5: 0.03518,
    10: 0.03807,
    12: 0.03882,
    13: 0.03923,
    20: 0.04183,
    65: 0.05038,
    131: 0.06127,
    657: 0.122,
}


@dataclass(frozen=True)
class Published:
    """A published system that states its log loss on held-out photos and on the leaderboard."""

    system: str
    validation: float
    leaderboard: float


PUBLISHED = (
    Published("ResNet34 fine-tuned, test-time augmentation", 0.02048, 0.06183),
    Published("VGG16 features", 0.04961, 0.06628),
    Published("ResNet50 features", 0.03230, 0.05291),
    Published("Xception features", 0.02063, 0.0407),
    Published("InceptionV3 features", 0.01913, 0.0407),
    Published("InceptionResNetV2 features", 0.02019, 0.0381),
    Published("ResNet50 + InceptionV3 features", 0.01817, 0.04100),
    Published("ResNet50 + Xception features", 0.01920, 0.03980),
    Published("ResNet50 + InceptionV3 + Xception features", 0.01647, 0.03964),
    Published("the same three, searched head", 0.01112, 0.03923),
    Published("ResNet50 + InceptionV3, last blocks trained", 0.0302, 0.06085),
)


@dataclass(frozen=True)
class PlaceEstimate:
    """The range of leaderboard losses that the published systems suggest, and its places.

    Attributes
    ----------
    log_loss : float
        Leaderboard loss on the line through the published systems.
    low, high : float
        Losses on the line, shifted by the luckiest and the unluckiest of them.
    best_place, worst_place : int
        Places of `low` and `high` among 1,314 entries, between known places by interpolation.
    """

    log_loss: float
    low: float
    high: float
    best_place: int
    worst_place: int


def is_cat_or_dog(classes: Sequence[str]) -> bool:
    """Tell whether the two classes are cat and dog, under their usual names."""
    names = {name.strip().casefold().removesuffix("s") for name in classes}
    return len(classes) == 2 and names in ({"cat", "dog"}, {"猫", "狗"})


def estimate_place(classes: Sequence[str], metrics: Mapping[str, Interval]) -> PlaceEstimate | None:
    """Estimate leaderboard loss and place from a log loss on held-out training photos.

    A least-squares line goes through the published pairs; the range is that of its residuals, with
    no claim of probability: the pairs are few, not independent, and split differently.

    Parameters
    ----------
    classes : sequence of str
        Names of the classes.
    metrics : mapping of str to Interval
        Metrics with the ``log_loss`` of photos that the model did not train on.

    Returns
    -------
    PlaceEstimate or None
        The estimate; None where the classes are not cat and dog, or where the loss is more than
        twice the worst published one, about which the pairs say nothing.
    """
    if not is_cat_or_dog(classes) or "log_loss" not in metrics:
        return None
    log_loss = metrics["log_loss"].value
    if log_loss > 2 * max(one.validation for one in PUBLISHED):
        return None
    validation = np.array([one.validation for one in PUBLISHED])
    leaderboard = np.array([one.leaderboard for one in PUBLISHED])
    slope, offset = np.polyfit(validation, leaderboard, 1)
    residuals = leaderboard - (offset + slope * validation)
    middle = float(offset + slope * log_loss)
    low, high = middle + float(residuals.min()), middle + float(residuals.max())
    best, worst = np.interp([low, high], list(PLACES.values()), list(PLACES), right=ENTRIES)
    return PlaceEstimate(middle, low, high, int(np.floor(best)), int(np.ceil(worst)))
