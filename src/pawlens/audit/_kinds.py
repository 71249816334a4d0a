"""The kinds of flaws that an audit looks for, in the order in which they are told."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True)
class Kind:
    """One kind of flaw.

    Attributes
    ----------
    name : str
        Of the columns ``<name>_score`` and ``is_<name>``.
    title : str
        For people, in the plural.
    meaning : str
        A sentence for someone new to it.
    weight : float
        How much of its score counts in a photo's suspicion, 0 to 1: how much harm a photo of this
        kind does if nobody looks at it.
    """

    name: str
    title: str
    meaning: str
    weight: float


KINDS: tuple[Kind, ...] = (
    Kind("unreadable", "Unreadable", "The file cannot be decoded as a photo.", 1.0),
    Kind(
        "wrong_extension",
        "Wrong extension",
        "The content is of another format than the file's name says. Harmless here, since formats "
        "are read from the content.",
        0.2,
    ),
    Kind("tiny", "Tiny", "Fewer than 3,600 pixels: too little to see much in.", 0.6),
    Kind("odd_size", "Odd size", "Much larger or smaller than the other photos.", 0.3),
    Kind("odd_aspect", "Odd shape", "Much longer or narrower than the other photos.", 0.4),
    Kind(
        "border",
        "Plain borders",
        "A large part of the photo is an even frame; the box shows where the picture is.",
        0.6,
    ),
    Kind("blurred", "Blurred", "Hardly any sharp edge.", 0.5),
    Kind("dark", "Dark", "Even the brightest parts are dark.", 0.5),
    Kind("light", "Light", "Even the darkest parts are light.", 0.5),
    Kind("blank", "Blank", "Hardly anything to see: nearly one colour.", 0.8),
    Kind(
        "exact_duplicate",
        "Exact duplicates",
        "The same bytes as another file, which is kept as the original.",
        0.6,
    ),
    Kind(
        "near_duplicate",
        "Near duplicates",
        "The same picture as another photo: saved again, resized, mirrored, or cropped a little.",
        0.6,
    ),
    Kind(
        "contradicting_duplicate",
        "Contradicting duplicates",
        "The same picture under different labels; at least one of them is wrong.",
        1.0,
    ),
    Kind(
        "leak",
        "Leaks",
        "The same picture on both sides of a split: what is measured on it is too good.",
        1.0,
    ),
    Kind(
        "label_error",
        "Label errors",
        "Probably of another class than its label says. The score is the probability of that.",
        1.0,
    ),
    Kind(
        "high_loss",
        "High loss",
        "A model that did not see the photo gives its label a probability under 0.3.",
        0.8,
    ),
    Kind("both", "Both", "Parts of the photo show different classes.", 0.9),
    Kind("neither", "Neither", "Unlike the photos of every class.", 0.9),
)
