"""Fine-tuning with torch: needs ``pawlens[torch]``."""

from ._augment import augment, mixed
from ._copies import varied_copies
from ._data import Data, Place
from ._run import Trained, train_network
from ._sheet import render_sheet
from ._suggest import Suggestions, suggest

__all__ = [
    "Data",
    "Place",
    "Suggestions",
    "Trained",
    "augment",
    "mixed",
    "render_sheet",
    "suggest",
    "train_network",
    "varied_copies",
]
