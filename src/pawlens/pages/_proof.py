"""The page that says whether augmentations helped, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base import Progress, tell
from ..errors import UnreadablePhoto
from ..metrics import Interval, act_on_all, clopper_pearson, decision_curve, decision_gain
from ..photos import Thumbnail, make_thumbnail, thumbnail_of
from ..training import VariedCopies
from ._html import fill_page
from ._proof_data import Arm, Proof
from ._proof_plots import benefit_plot, difference_plot, gain_plot, map_plot
from ._words import percent

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float32]

__all__ = ["in_words", "render_proof"]

_ON_MAP = 300  # photos, and as many copies
_SHOWN = 3  # photos of each contact sheet
_AT_ONCE = 512  # photos that are held against all others: 51 MB for 25,000


class _Neighbours(NamedTuple):
    """The share of photos whose nearest neighbour is of their class, before and after."""

    before: Interval
    after: Interval


def in_words(arm: Arm) -> str:
    """Write whether the augmentation is better than none, by how much, and how sure that is."""
    return (
        f"{arm.verdict}: log loss {arm.difference:+.4f}, accuracy {arm.accuracy:+.2p}; "
        f"log loss was lower in {arm.better_folds} of {arm.folds} folds."
    )


def render_proof(proof: Proof, *, progress: Progress | None = None) -> str:
    """Render the page, self-contained; names are escaped, and it forbids itself any request."""
    from markupsafe import Markup

    differences = {arm.name: arm.difference for arm in proof.arms}
    verdicts = [arm.verdict for arm in proof.arms]
    title = "log loss less plain training"
    sections = []
    for number, arm in enumerate(proof.arms):
        sections.append(_section(proof, arm, number))
        tell(progress, "drawing", number + 1, len(proof.arms))
    best = min(proof.arms, key=lambda arm: arm.difference.value)
    return fill_page(
        "proof.html.j2",
        title=proof.table.photos.name,
        proof=proof,
        best=best,
        overview=Markup(difference_plot(differences, verdicts, title, "overview")),
        rows=[_row(arm) for arm in (proof.plain, *proof.arms)],
        sections=sections,
        photos=len(proof.rows),
        classes=len(proof.table.classes),
    )


def _row(arm: Arm) -> dict[str, Any]:
    loss, right = arm.metrics["log_loss"], arm.metrics["accuracy"]
    return {
        "arm": arm,
        "loss": f"{loss.value:.4f}",
        "loss_ends": loss.ends(".4f"),
        "accuracy": percent(right.value, 2),
        "accuracy_ends": right.ends(".2%"),
        "gap": f"{arm.valid_loss - arm.train_loss:.4f}",
        "train": f"{arm.train_loss:.4f}",
        "valid": f"{arm.valid_loss:.4f}",
    }


def _section(proof: Proof, arm: Arm, number: int) -> dict[str, Any]:
    from markupsafe import Markup

    y, groups = proof.y, proof.groups
    plain, own = (decision_curve(y, one.proba, groups=groups) for one in (proof.plain, arm))
    everyone = act_on_all(y, len(proof.table.classes))
    gain = decision_gain(y, arm.proba, proof.plain.proba, groups=groups)
    svg, near = _map(proof, arm, number)
    return {
        "arm": arm,
        "words": in_words(arm).capitalize(),
        "varied": ", ".join(f"{k} {v:g}" for k, v in arm.values.model_dump().items() if v),
        "benefit": Markup(benefit_plot(plain, own, everyone, f"benefit-{number}", arm.name)),
        "gain": Markup(gain_plot(gain, f"gain-{number}", arm.name)),
        "map": Markup(svg),
        "near": near,
        "sheet": _sheet(proof, arm),
        "gap": _gap_in_words(proof.plain, arm),
    }


def _gap_in_words(plain: Arm, arm: Arm) -> str:
    before, after = (one.valid_loss - one.train_loss for one in (plain, arm))
    how = "smaller" if after < before else "larger"
    return (
        f"Validation less training loss: {after:.3f} instead of {before:.3f} without it, {how}. "
        f"Loss on the photos that the head trained on is {arm.train_loss:.3f} instead of "
        f"{plain.train_loss:.3f}: how much is learned by heart, not how good it is."
    )


def _map(proof: Proof, arm: Arm, number: int) -> tuple[str, _Neighbours]:
    """Plot t-SNE (van der Maaten and Hinton 2008) of some photos and one copy of each."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    label = proof.y[: len(proof.rows)]
    near = [
        label[_nearest(one, proof.plain.features)] == label
        for one in (proof.plain.features, arm.features)
    ]
    count = min(_ON_MAP, len(label))
    chosen = np.sort(np.random.default_rng(0).choice(len(label), count, replace=False))
    both = np.concatenate([proof.plain.features[chosen], arm.features[chosen]])
    few = PCA(min(50, *both.shape), random_state=0).fit_transform(both)
    perplexity = min(30.0, (len(both) - 1) / 3)
    places = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(few)
    places = np.asarray(places, np.float64)
    strays = [~one[chosen] for one in near]
    svg = map_plot(places[:count], places[count:], strays, f"map-{number}", arm.name)
    return svg, _Neighbours(*(_share(one) for one in near))


def _nearest(features: Matrix, photos: Matrix) -> npt.NDArray[np.int64]:
    """Find the nearest other photo of each photo or copy, by cosine similarity."""
    nearest = np.empty(len(features), np.int64)
    for start in range(0, len(features), _AT_ONCE):
        likeness = features[start : start + _AT_ONCE] @ photos.T
        rows = np.arange(len(likeness))
        likeness[rows, start + rows] = -2.0
        nearest[start + rows] = likeness.argmax(axis=1)
    return nearest


def _share(hits: npt.NDArray[np.bool_]) -> Interval:
    low, high = clopper_pearson(hits.sum(), len(hits))
    return Interval(float(hits.mean()), float(low), float(high))


def _sheet(proof: Proof, arm: Arm) -> list[list[Thumbnail]]:
    """Make thumbnails of a few photos, each with its copies."""
    spread = proof.rows[:: max(len(proof.rows) // _SHOWN, 1)][:_SHOWN].tolist()
    hashes = [one.sha256 for one in proof.table.scans]
    varied = VariedCopies(
        proof.table.photos,
        spread,
        hashes,
        values=arm.values,
        spec=proof.backbone.spec,
        copies=proof.copies,
        seed=0,
    )
    return [
        [
            make_thumbnail(proof.table.photos, row),
            *(_drawn(varied, copy * len(spread) + i) for copy in range(proof.copies)),
        ]
        for i, row in enumerate(spread)
    ]


def _drawn(copies: VariedCopies, item: int) -> Thumbnail:
    try:
        return thumbnail_of(copies.draw(item))
    except UnreadablePhoto as error:
        return Thumbnail(b"", problem=str(error))
