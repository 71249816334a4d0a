"""A budget that threads share: who needs much waits until there is as much."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock

__all__ = ["Budget"]


class Budget:
    """A weighted semaphore: what threads hold together is never more than the whole.

    Parameters
    ----------
    whole : int
        For example bytes.

    Examples
    --------
    >>> from pawlens.base import Budget
    >>> memory = Budget(1000)
    >>> with memory.take(600):  # another thread that needs 600 waits here
    ...     memory.left
    400
    """

    def __init__(self, whole: int) -> None:
        self.whole = whole
        self.left = whole
        self._turn = Lock()
        self._given_back = Condition()

    @contextmanager
    def take(self, amount: int) -> Iterator[None]:
        """Hold an amount while the block runs; more than the whole counts as the whole.

        Threads are served in turn, so that one that needs much is not passed by for ever.
        A thread that holds some must not ask for more.
        """
        amount = min(amount, self.whole)
        with self._turn, self._given_back:
            self._given_back.wait_for(lambda: self.left >= amount)
            self.left -= amount
        try:
            yield
        finally:
            with self._given_back:
                self.left += amount
                self._given_back.notify_all()
