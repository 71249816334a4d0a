"""The version of pawlens; the metadata of the package are built from it."""

__version__ = "0.1.0"
