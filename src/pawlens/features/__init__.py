"""Pooled features of photos: extraction and the cache."""

from ._cache import FeatureCache
from ._extract import Features, extract_features, hash_photos, photo_batches

__all__ = ["FeatureCache", "Features", "extract_features", "hash_photos", "photo_batches"]
