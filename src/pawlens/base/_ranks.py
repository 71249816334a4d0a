"""Which one of several processes this is, where torchrun started them to train together."""

from __future__ import annotations

import os

__all__ = ["ranks"]


def ranks() -> tuple[int, int]:
    """Return the number of this process, from 0, and how many there are; (0, 1) by itself.

    Only what torchrun itself sets is believed: schedulers set variables of the same names.
    """
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return 0, 1
    return int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
