"""The interface of exporters: what every target that a model is written for can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..base import instance_of
from ..errors import UsageError

if TYPE_CHECKING:
    from ..models import Model

__all__ = ["Exporter", "accept_exporter", "check_packages"]


class Exporter(ABC):
    """A target that a trained model can be written for.

    A package offers one by an entry point of the group ``pawlens.exporters``, whose value is the
    class or an object of it. The name of the entry point is what a user writes after ``--to``.

    Attributes
    ----------
    title : str
        What is written, for people, for example ``"a C header"``.
    needs : sequence of str
        Packages that `write` needs, as pip knows them. A user who lacks one is told so before
        anything is written.
    extra : str
        The extra of pawlens that brings them, for the exporters that come with it.
    """

    title: str
    needs: ClassVar[Sequence[str]] = ()
    extra: ClassVar[str] = ""

    @abstractmethod
    def write(self, model: Model, folder: Path) -> list[Path]:
        """Write a model.

        Parameters
        ----------
        model : Model
            ``model.to_onnx()`` is its graph, ``model.facts`` what the graph says of itself,
            ``model.classes_`` the classes in the order of the probabilities.
        folder : Path
            An empty folder, which takes its final name when everything is written: a crash leaves
            nothing half done.

        Returns
        -------
        list of Path
            The files, all of them inside `folder`, the most important one first.

        Raises
        ------
        UsageError
            This model cannot be written for this target.
        """


def accept_exporter(name: str, part: object) -> Exporter:
    """Take what an entry point loaded: an `Exporter`, or a class of one without arguments.

    Raises
    ------
    TypeError
        It is neither, or has no title.
    """
    exporter: Exporter = instance_of(Exporter, name, part)
    return exporter


def check_packages(name: str, exporter: Exporter) -> None:
    """Refuse an exporter whose packages are not installed.

    Raises
    ------
    UsageError
        It names all that are missing.
    """
    missing = [package for package in exporter.needs if not _is_installed(package)]
    if missing:
        wanted = f"'pawlens[{exporter.extra}]'" if exporter.extra else " ".join(missing)
        raise UsageError(f"--to {name} needs {' and '.join(missing)}: pip install {wanted}")


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
