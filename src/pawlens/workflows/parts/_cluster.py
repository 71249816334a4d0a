"""Parts on the nodes of a Ray cluster, which may come and go. Needs ``pawlens[ray]``."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...base import Watcher, require, tell, watched
from ...errors import FolderInUse, PawlensError, UsageError
from ...models import BUNDLED, ModelLike, as_model
from ...photos import as_photos
from ._part import PART_FOLDER, PartJob, PartNumber
from ._write import PartDone, write_part

__all__ = ["PART_ROWS", "AllParts", "write_parts"]

PART_ROWS = 4096
"""Photos of a part at most."""

_FEWEST_ROWS = 512  # of a part: less would be spent on starting and ending parts
_PARTS = 64  # at least, where there are photos enough: nodes then end at nearly the same time

_LOOK = 2.0  # seconds until it is seen whether nodes have come or gone
_MOST_TRIES = 20


@dataclass
class AllParts:
    """What came of all parts: sums of `PartDone`, and how often a part was begun again."""

    folder: Path
    parts: int
    rows: int = 0
    computed: int = 0
    unreadable: int = 0
    unreachable: int = 0
    begun_again: int = 0

    def add(self, done: PartDone) -> None:
        """Count a part that is done."""
        for name in ("rows", "computed", "unreadable", "unreachable"):
            setattr(self, name, getattr(self, name) + getattr(done, name))


def write_parts(
    job: PartJob,
    photos: str | Path | Sequence[str | Path],
    out: str | Path,
    *,
    model: str | Path = BUNDLED,
    on: str = "ray",
    progress: Watcher = None,
) -> AllParts:
    """Do all parts of a job on a Ray cluster, one actor on each node, which takes all its cores.

    Photos, model and the folder to write must have the same names on every node, and pawlens must
    be installed there. A part whose node dies is begun again elsewhere and goes on from its files;
    nodes that join get parts. Where the driver itself dies, the same call goes on. What is written
    has the same bytes as that of `write_part` anywhere else; `merge` joins it.

    Parameters
    ----------
    job : {"embed", "predict", "audit"}
    photos : path, address or sequence of paths
    out : path
        The folder of all parts.
    model : path
        For ``embed`` and ``predict``; the classifier that comes with pawlens by default.
    on : str
        ``"ray"``: the cluster that Ray finds, or else this machine; ``"ray:ADDRESS"``: another one.
    progress : callable, False or None
        What is told how much is done; by default bars in a notebook, and nothing elsewhere.

    Raises
    ------
    MissingExtra
        Ray is not installed.
    UsageError
        There is no such cluster, a part was lost too often, or `out` has parts of another number of
        photos or of an earlier version, which could not be joined with these.
    PawlensError
        What a part raised, as `write_part` does.

    Examples
    --------
    >>> done = write_parts("audit", "photos", "clustered")
    >>> done.rows, done.parts, done.unreadable
    (27, 1, 0)
    """
    table = as_photos(photos, labels=False)
    total = _number_of_parts(len(table))
    _refuse_another_division(Path(out), total)
    ray = _connect(on)
    where = str(Path(out).absolute())
    arguments = (job, _absolute(photos), where, str(model))
    result = AllParts(Path(out), total)
    with watched(progress) as told:
        crew = _Crew(ray, arguments)
        todo = deque(PartNumber(number, total) for number in range(1, total + 1))
        tries: Counter[PartNumber] = Counter()
        while todo or crew.busy:
            crew.give(todo)
            for which, done in crew.ended():
                if done is not None:
                    result.add(done)
                    tell(told, "parts", result.rows, len(table))
                    continue
                tries[which] += 1
                result.begun_again += 1
                if tries[which] > _MOST_TRIES:
                    raise UsageError(f"{out}: part {which} was lost {_MOST_TRIES} times")
                todo.appendleft(which)
        crew.leave()
    return result


def _number_of_parts(photos: int) -> int:
    """Return how many parts there are, whatever the cluster, so that another one can go on."""
    rows = min(PART_ROWS, max(_FEWEST_ROWS, -(-photos // _PARTS)))
    return max(1, -(-photos // rows))


def _refuse_another_division(out: Path, total: int) -> None:
    """Refuse a folder whose parts `merge` would not join with these, before they are computed."""
    names = (PART_FOLDER.fullmatch(path.name) for path in out.glob("part-*"))
    for other in {int(name[2]) for name in names if name} - {total}:
        raise UsageError(
            f"{out}: parts of {other} are in it, and these photos make {total}; name another --out"
        )


class _Worker:
    """Does parts on a node; it reads the list of photos and opens the model once."""

    def __init__(self, cores: int, job: PartJob, photos: Any, out: str, model: str) -> None:
        os.environ["PAWLENS_CORES"] = str(cores)
        self._job, self._out, self._model = job, out, model
        self._photos = as_photos(photos, labels=False)
        self._opened: ModelLike | None = None

    def do(self, which: PartNumber) -> PartDone:
        """Do a part."""
        if self._opened is None:  # not before: what is wrong with it is told by the part
            self._opened = self._model if self._job == "audit" else as_model(self._model)
        return write_part(
            self._job, self._photos, which, self._out, model=self._opened, progress=False
        )


@dataclass
class _Crew:
    """An actor on each node that is there, and what each of them is doing."""

    ray: Any
    arguments: tuple[Any, ...]
    busy: dict[Any, tuple[str, PartNumber]] = field(default_factory=dict)
    actors: dict[str, Any] = field(default_factory=dict)
    looked: float = float("-inf")

    def give(self, todo: deque[PartNumber]) -> None:
        """Give a part to each actor that has none."""
        if time.monotonic() - self.looked > _LOOK:
            self._look()
        working = {node for node, _ in self.busy.values()}
        for node in [node for node in self.actors if node not in working]:
            if todo:
                which = todo.popleft()
                self.busy[self.actors[node].do.remote(which)] = node, which

    def ended(self) -> list[tuple[PartNumber, PartDone | None]]:
        """Return the parts that ended by now; None for one that has to be begun again."""
        if not self.busy:
            time.sleep(_LOOK)  # no node is there
            return []
        found: list[tuple[PartNumber, PartDone | None]] = []
        for reference in self.ray.wait(list(self.busy), timeout=_LOOK)[0]:
            node, which = self.busy.pop(reference)
            try:
                found.append((which, self.ray.get(reference)))
            except FolderInUse:  # by a node that was believed dead; it will be let go
                time.sleep(_LOOK)
                found.append((which, None))
            except PawlensError as error:
                raise getattr(error, "cause", None) or error from None
            except self.ray.exceptions.RayTaskError:
                raise
            except self.ray.exceptions.RayError:  # the node or its actor is gone
                self.actors.pop(node, None)
                self.looked = float("-inf")
                found.append((which, None))
        return found

    def leave(self) -> None:
        """End the actors, so that others can have the nodes."""
        for actor in self.actors.values():
            self.ray.kill(actor)

    def _look(self) -> None:
        """Start an actor on each node that has none."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self.looked = time.monotonic()
        alive = {node["NodeID"]: node for node in self.ray.nodes() if node["Alive"]}
        self.actors = {name: actor for name, actor in self.actors.items() if name in alive}
        for name, node in alive.items():
            cores = node["Resources"].get("CPU", 0)
            if name not in self.actors and cores >= 1:
                options = {
                    "num_cpus": cores,
                    "num_gpus": node["Resources"].get("GPU", 0),
                    "scheduling_strategy": NodeAffinitySchedulingStrategy(name, soft=False),
                }
                worker = self.ray.remote(**options)(_Worker)
                self.actors[name] = worker.remote(int(cores), *self.arguments)


def _connect(on: str) -> Any:
    """Return Ray, connected to a cluster."""
    kind, _, address = on.partition(":")
    if kind != "ray":
        raise UsageError(f"--on {on}: write it as ray, or ray:ADDRESS as in ray:10.0.0.1:6379")
    ray = require("ray", extra="ray")
    if not ray.is_initialized():
        try:
            ray.init(address=address or None, logging_level="ERROR", log_to_driver=False)
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise UsageError(
                f"--on {on}: no such cluster ({type(error).__name__}); start one with ray start"
            ) from error
    return ray


def _absolute(photos: str | Path | Sequence[str | Path]) -> Any:
    from ...photos import address_of

    if isinstance(photos, str | Path):
        return str(photos) if address_of(photos) else str(Path(photos).absolute())
    return [str(Path(one).absolute()) for one in photos]
