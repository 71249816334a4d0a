"""Heartbeats: which processes work on a study, and which of them have died."""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

__all__ = ["OWNER", "Pulse", "is_orphan"]

OWNER = "worker"
"""Attribute of a trial: who runs it."""

_BEAT, _DEAD = 15.0, 90.0  # seconds


class Pulse:
    """The heartbeat of this process, written into the study as long as the block runs.

    Optuna's own heartbeat needs a database; this one is an attribute of the study, so that it
    works in a journal too.

    Attributes
    ----------
    name : str
        Host, process id, and a random suffix.
    """

    def __init__(self, study: optuna.Study) -> None:
        self.name = f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._study = study
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="pawlens-pulse", daemon=True)

    def __enter__(self) -> Pulse:
        self._study.set_user_attr(self._key, time.time())
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._study.set_user_attr(self._key, 0.0)

    @property
    def _key(self) -> str:
        return f"{OWNER}:{self.name}"

    def _beat(self) -> None:
        while not self._over.wait(_BEAT):
            self._study.set_user_attr(self._key, time.time())


def is_orphan(trial: FrozenTrial, pulses: dict[str, float]) -> bool:
    """Return whether a trial is orphaned: the process that ran it has died.

    Parameters
    ----------
    trial : FrozenTrial
        A trial that the study believes to be running.
    pulses : dict of str to float
        Time of each worker's last heartbeat, in seconds since the epoch, by its own clock.
    """
    owner = trial.user_attrs.get(OWNER)
    if owner is None:  # its process died before it could name itself, or has just started
        started = trial.datetime_start
        return started is not None and time.time() - started.timestamp() > _DEAD
    host, number, _ = owner.rsplit(":", 2)
    if host == platform.node() and not _lives(int(number)):
        return True
    return time.time() - pulses.get(owner, 0.0) > _DEAD


def _lives(process: int) -> bool:
    if os.name != "posix":  # on Windows, os.kill would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
