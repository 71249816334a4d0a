"""Where photos lie: folders, zips and addresses, and the names of their files."""

from ._addresses import address_of, place_of, without_secrets
from ._remote import RemoteStore
from ._stores import FolderListing, FolderStore, Skipped, Source, Store, ZipStore

__all__ = [
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
