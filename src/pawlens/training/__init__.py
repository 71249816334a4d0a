"""Fine-tuning with torch: needs ``pawlens[torch]``."""

from ._augment import augment, mixed
from ._copies import varied_copies
from ._data import Data, Place
from ._run import Trained, train_network
from ._sheet import render_sheet
from ._suggest import Suggestions, suggest
from ._trainable import check_trainable

__all__ = [
    "Data",
    "Place",
    "Suggestions",
    "Trained",
    "augment",
    "check_trainable",
    "mixed",
    "render_sheet",
    "suggest",
    "train_network",
    "varied_copies",
]
