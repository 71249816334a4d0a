"""Results that are tables: for pandas, polars, and whatever reads Arrow."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..errors import MissingExtra

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Tabular"]


class Tabular(ABC):
    """A result that can be read as a table.

    polars, DuckDB, pandas 3 and pyarrow read it by themselves and without a copy, through Arrow's
    C interface: ``polars.DataFrame(result)``, ``duckdb.sql("from result")``.
    """

    @abstractmethod
    def to_arrow(self) -> pa.Table:
        """Return the result as a pyarrow table."""

    def to_pandas(self) -> Any:
        """Return the result as a ``pandas.DataFrame``.

        Raises
        ------
        MissingExtra
            pandas is not installed.
        """
        _installed("pandas")
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        """Return the result as a ``polars.DataFrame``.

        Raises
        ------
        MissingExtra
            polars is not installed.
        """
        return _installed("polars").from_arrow(self.to_arrow())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give the table to a reader of Arrow's C stream interface, as a capsule."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)


def _installed(library: str) -> ModuleType:
    """Import a library that pawlens has no other use for, and therefore no extra."""
    try:
        return importlib.import_module(library)
    except ImportError as error:
        raise MissingExtra(
            f"{library} is needed for this and is not installed: pip install {library}; "
            "to_arrow() needs nothing more"
        ) from error
