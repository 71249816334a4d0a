"""Optional dependencies: imported where they are used, named exactly when they are missing."""

from __future__ import annotations

import importlib
from types import ModuleType

from ..errors import MissingExtra

__all__ = ["require"]


def require(module: str, extra: str) -> ModuleType:
    """Import an optional module, or say which extra brings it.

    Parameters
    ----------
    module : str
        Dotted name, for example ``"timm"``.
    extra : str
        The extra of pawlens that installs it, for example ``"torch"``.

    Raises
    ------
    MissingExtra
        When the module cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"{module} is needed for this and is not installed: pip install 'pawlens[{extra}]'"
        ) from error
