"""The interface of backbone sources: what every place that backbones come from can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from ..errors import BackboneError
from ._spec import Backbone
from ._structure import Structure, graph_structure

__all__ = ["BackboneSource"]


class BackboneSource(ABC):
    """A place that backbones come from, by name.

    A package offers one by an entry point of the group ``pawlens.backbones``, whose value is the
    class or an object of it. A user then writes ``SOURCE:NAME``, where SOURCE is the name of the
    entry point and NAME one of `names`.

    Only `title`, `names` and `find` must be written. What the other methods do by default fits a
    source that needs no download and whose backbones are ONNX graphs.

    Attributes
    ----------
    title : str
        What the source is called in messages, for example ``"timm's networks"``.
    """

    title: str

    @abstractmethod
    def names(self) -> Sequence[str]:
        """The names to list and to suggest, without a size. It is called often: keep it quick."""

    @abstractmethod
    def find(
        self, name: str, size: int | None, *, weights_dir: Path | None, cache_dir: Path
    ) -> Backbone:
        """Return a backbone, ready to be run.

        Parameters
        ----------
        name : str
            A name that the source claims, without a size.
        size : int or None
            Side of the input in pixels that was asked for (``NAME@224``); None leaves it to the
            source.
        weights_dir : Path or None
            A folder with weights of the user; with it the network must not be asked.
        cache_dir : Path
            Where downloads and conversions are kept; it may not exist yet.

        Raises
        ------
        BackboneError
            The weights are not there, or cannot be used at this size.
        """

    def claims(self, name: str) -> bool:
        """Whether a name, without its size, is one of this source's."""
        return name in self.names()

    def weights_at_hand(
        self, name: str, *, weights_dir: Path | None, cache_dir: Path
    ) -> Path | None:
        """Return the file that holds the weights; None where `find` would have to download them.

        A source that downloads must override it.
        """
        return self.find(name, None, weights_dir=weights_dir, cache_dir=cache_dir).path

    def random(self, name: str, size: int | None, *, seed: int, cache_dir: Path) -> Backbone:
        """Return the backbone with random weights, to measure its speed without the real ones.

        Raises
        ------
        BackboneError
            The source has none.
        """
        raise BackboneError(f"{name}: {self.title} come with their weights only, not random ones")

    def structure(self, name: str, size: int | None, backbone: Backbone | None) -> Structure:
        """Count what a backbone holds and computes.

        Parameters
        ----------
        name : str
        size : int or None
            Side of the input in pixels that was asked for.
        backbone : Backbone or None
            None where its weights are not at hand.

        Raises
        ------
        BackboneError
            Nothing can be told without the weights.
        """
        if backbone is None:
            raise BackboneError(
                f"{name}: its weights are not here, and without them there is nothing to count; "
                "name their folder with --weights-dir, or train with it once"
            )
        return graph_structure(backbone)
