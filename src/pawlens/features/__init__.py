"""Feature extraction: batches of photos, the feature cache, one matrix, nearest neighbours."""

from ._cache import FeatureCache
from ._extract import Window, extract_features, hash_photos, photo_batches
from ._matrix import FeatureExtractors, FeatureMatrix
from ._neighbours import Neighbours, nearest
from ._rows import rows_of

__all__ = [
    "FeatureCache",
    "FeatureExtractors",
    "FeatureMatrix",
    "Neighbours",
    "Window",
    "extract_features",
    "hash_photos",
    "nearest",
    "photo_batches",
    "rows_of",
]
