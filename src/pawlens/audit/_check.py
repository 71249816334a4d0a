"""What an audit check is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from ._detection import Detection
from ._kind import Kind
from ._view import AuditView

__all__ = ["AuditCheck"]


class AuditCheck(ABC):
    """Looks for one kind of flaw, or for several that are found together.

    A kind stands in the table, on the page, in the JSON and in the review of an audit by what its
    `Kind` says; nothing else has to be told.

    Attributes
    ----------
    kinds : tuple of Kind
        What it looks for, in the order in which they are told.
    """

    kinds: tuple[Kind, ...]

    @abstractmethod
    def find(self, view: AuditView) -> Iterable[Detection]:
        """Look at all photos.

        Returns
        -------
        iterable of Detection
            One for each of `kinds`.

        Raises
        ------
        LeftOut
            It cannot be looked for in these photos; the audit names the reason and goes on.
        """
