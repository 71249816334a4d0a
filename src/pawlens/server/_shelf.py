"""The models of a server, by name and version, and the change from one to its successor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from ..errors import PawlensError
from ._places import Place
from ._refusals import Refused
from ._served import ServedModel

__all__ = ["Shelf"]


class Shelf:
    """Models that answer; the first is the default, of each name the last version.

    Parameters
    ----------
    places : sequence of Place
    open_model : callable
        Opens a place; may take seconds, and raise PawlensError.
    """

    def __init__(self, places: Sequence[Place], open_model: Callable[[Place], ServedModel]) -> None:
        self._places = list(places)
        self._open = open_model
        self._changing = asyncio.Lock()
        self._models = {(p.name, p.version): open_model(p) for p in self._places}

    @property
    def models(self) -> list[ServedModel]:
        """All models, in the order in which they were named."""
        return list(self._models.values())

    def find(self, name: str = "", version: str = "") -> ServedModel:
        """Find a model; without a name the default, without a version the last of its name.

        Raises
        ------
        Refused
            404, with the names that there are.
        """
        name = name or self._places[0].name
        fitting = [
            model for model in self.models if model.name == name and version in ("", model.version)
        ]
        if not fitting:
            known = ", ".join(f"{m.name}@{m.version}" for m in self.models)
            asked = f"{name}@{version}" if version else name
            raise Refused(404, "model", f"no model {asked[:200]!r}; there are {known}")
        return fitting[-1]

    async def reload(self, name: str = "") -> dict[str, str]:
        """Read models again from their files; each old one answers until its successor is proven.

        Parameters
        ----------
        name : str, optional
            The only name to read again.

        Returns
        -------
        dict of str to str
            For each ``name@version``: ``"loaded"``, ``"unchanged"``, or why the old one stays.
        """
        outcome = {}
        async with self._changing:
            for place in self._places:
                if name in ("", place.name):
                    outcome[f"{place.name}@{place.version}"] = await self._renew(place)
        return outcome

    def close(self) -> None:
        """Let all models go."""
        for model in self.models:
            model.close()

    async def _renew(self, place: Place) -> str:
        try:
            fresh = await asyncio.to_thread(self._open, place)
        except PawlensError as error:
            return str(error)
        key = place.name, place.version
        old = self._models[key]
        if fresh.sha256 == old.sha256:
            fresh.close()
            return "unchanged"
        self._models[key] = fresh
        await old.drain()
        old.close()
        return "loaded"
