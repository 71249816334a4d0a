"""Photos through backbones: batches, the cache, one matrix, neighbours."""

from ._cache import FeatureCache
from ._extract import Window, extract_features, hash_photos, photo_batches
from ._matrix import Sight, Vectors
from ._neighbours import Neighbours, nearest

__all__ = [
    "FeatureCache",
    "Neighbours",
    "Sight",
    "Vectors",
    "Window",
    "extract_features",
    "hash_photos",
    "nearest",
    "photo_batches",
]
