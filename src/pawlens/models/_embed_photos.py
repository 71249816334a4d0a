"""Photos through a graph that ends in features."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..backbones import BackboneSpec, OpenVinoEngine, Precision
from ..base import Watcher, tell, watched
from ..features import WholePhotos, picture_batches
from ..photos import PhotosLike, Scale, as_photos
from ._embeddings import Embeddings
from ._predictions import row_status

__all__ = ["embed_photos"]


def embed_photos(
    graph: Path | bytes,
    photos: PhotosLike,
    specs: Sequence[BackboneSpec],
    *,
    precision: Precision = "auto",
    trims: bool = False,
    scale: Scale = "reduced",
    progress: Watcher = None,
) -> Embeddings:
    """Run photos through a graph of one output, float32 (N, D).

    Parameters
    ----------
    graph : Path or bytes
        ONNX with one float32 (N, 3, S, S) input for each spec.
    photos : Photos, path, or sequence of paths
    specs : sequence of BackboneSpec
    precision : {"auto", "f32", "bf16"}
    trims : bool
        Whether plain borders are cut off.
    scale : {"reduced", "whole"}
        How far large photos may be decoded at a reduced scale.
    progress : callable, False or None
    """
    photos = as_photos(photos, labels=False)
    width, count = sum(spec.feature_dim for spec in specs), len(photos)
    engine = OpenVinoEngine(graph, specs, precision=precision, batch_size=min(count, 4) or 1)
    values = np.full((count, width), np.nan, np.float32)
    trimmed = range(count) if trims else ()
    pictures = WholePhotos(photos, trimmed=trimmed, scale=scale)
    done = 0
    with watched(progress) as told:
        batches = picture_batches(pictures, range(count), specs, engine.batch_size)
        for rows, features in engine.run(batches):
            values[rows] = features
            done += len(rows)
            tell(told, "embedding", done, count)
        if done < count:  # those that could not be decoded
            tell(told, "embedding", count, count)
    return Embeddings(photos.paths, values, row_status(photos, values))
