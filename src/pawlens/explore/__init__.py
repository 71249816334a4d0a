"""A first look at photos before anything is learnt from them: counts, shapes and samples."""

from ._counts import Counts
from ._exploration import Exploration, explore
from ._page import render_exploration
from ._shapes import Odd, Shapes
from ._words import headline, sentences
from ._writing import figures, write_exploration

__all__ = [
    "Counts",
    "Exploration",
    "Odd",
    "Shapes",
    "explore",
    "figures",
    "headline",
    "render_exploration",
    "sentences",
    "write_exploration",
]
