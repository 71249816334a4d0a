"""Pooled features of photos: extraction and the cache."""

from ._cache import FeatureCache
from ._extract import Features, Window, extract_features, hash_photos, photo_batches

__all__ = ["FeatureCache", "Features", "Window", "extract_features", "hash_photos", "photo_batches"]
