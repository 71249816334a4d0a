"""The base class of audit checks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from ._detection import Detection
from ._kind import Kind
from ._view import AuditView

__all__ = ["AuditCheck"]


class AuditCheck(ABC):
    """A check that looks for one kind of flaw, or for several that are found together.

    The table, the page, the JSON and the review of an audit show a kind by what its `Kind` says;
    nothing else has to be declared.

    Attributes
    ----------
    kinds : tuple of Kind
        The kinds that it looks for, in the order in which they are reported.
    """

    kinds: tuple[Kind, ...]

    @abstractmethod
    def find(self, view: AuditView) -> Iterable[Detection]:
        """Look at all photos.

        Returns
        -------
        iterable of Detection
            A detection for each of `kinds`.

        Raises
        ------
        LeftOut
            The check cannot look for its kinds in these photos; the audit names the reason and goes
            on.
        """
