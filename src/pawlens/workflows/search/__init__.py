"""Searches: many trials that share what they learn, in one process or several."""

from ._heads import try_heads
from ._storage import open_storage
from ._study import Study
from ._summary import summary
from ._trial import Drawn, head_plan, plain

__all__ = ["Drawn", "Study", "head_plan", "open_storage", "plain", "summary", "try_heads"]
