"""Feature extraction: batches of photos, the feature cache, one matrix, nearest neighbours."""

from ._cache import FeatureCache
from ._extract import extract_features
from ._first_features import FirstFeatures
from ._matrix import FeatureExtractors, FeatureMatrix
from ._neighbours import Neighbours, nearest
from ._pictures import PARTS, PictureSource, WholePhotos, hash_photos, picture_batches
from ._rows import rows_of

__all__ = [
    "PARTS",
    "FeatureCache",
    "FeatureExtractors",
    "FeatureMatrix",
    "FirstFeatures",
    "Neighbours",
    "PictureSource",
    "WholePhotos",
    "extract_features",
    "hash_photos",
    "nearest",
    "picture_batches",
    "rows_of",
]
