"""Where photos lie: folders, zips, tars, addresses."""

from ._addresses import address_of, place_of, without_secrets
from ._file_finder import FileFinder, Finder
from ._remote import RemoteStore
from ._stores import FolderListing, FolderStore, Skipped, Source, Store, ZipStore

__all__ = [
    "FileFinder",
    "Finder",
    "FolderListing",
    "FolderStore",
    "RemoteStore",
    "Skipped",
    "Source",
    "Store",
    "ZipStore",
    "address_of",
    "place_of",
    "without_secrets",
]
