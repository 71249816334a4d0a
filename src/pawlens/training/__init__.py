"""Fine-tuning with torch: needs ``pawlens[torch]``."""

from ._augment import augment, mixed
from ._data import Data, Place
from ._run import Trained, train_network
from ._suggest import suggest
from ._trainable import check_trainable
from ._varied_photos import VariedCopies

__all__ = [
    "Data",
    "Place",
    "Trained",
    "VariedCopies",
    "augment",
    "check_trainable",
    "mixed",
    "suggest",
    "train_network",
]
