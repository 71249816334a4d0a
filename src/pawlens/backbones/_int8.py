"""Backbones in eight-bit integers: quantised after training, calibrated on the job's photos."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..base import sha256_of
from ..errors import BackboneError
from ._cache import cached, graph_path, store
from ._onnx import finish, first_line, parse_graph
from ._spec import Backbone, BackboneSpec

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

__all__ = ["CALIBRATION_PHOTOS", "quantise"]

CALIBRATION_PHOTOS = 128
_RULE = 2  # increase when the way of quantising changes
_STEP = 2  # photos at a time; all tensors of the network are in memory for them


def quantise(backbone: Backbone, batches: Iterable[Pixels], *, cache_dir: Path) -> Backbone:
    """Quantise a backbone statically: each channel's weights, each tensor between two layers.

    Parameters
    ----------
    backbone : Backbone
    batches : iterable of uint8 arrays, each of shape (n, S, S, 3)
        RGB photos like those to come; the first 128 set the range of every tensor. Other photos
        make another backbone: what the cache holds never changes what a job gives.
    cache_dir : Path
        The graph is made once for these weights and photos, and kept in ``cache_dir/onnx``.

    Returns
    -------
    Backbone
        Its ``weights_hash`` is the sha256 of the quantised file. Weights have seven bits, which
        every CPU multiplies without overflow. Features of networks with depthwise convolutions
        or SiLU may suffer: compare before you keep it.

    Raises
    ------
    BackboneError
        There is no photo, or ONNX Runtime cannot quantise the graph.
    """
    photos = _first(batches, CALIBRATION_PHOTOS)
    spec = backbone.spec
    facts = f"{_RULE} {backbone.weights_hash} {spec.preprocessing_hash}"
    key = hashlib.sha256(facts.encode() + photos.tobytes()).hexdigest()
    target = graph_path(cache_dir, f"{spec.name}-int8", spec.input_size, key[:12])
    if not cached(target, key):
        _quantise(backbone, photos, target, key)
    return Backbone(spec, target, sha256_of(target))


def _first(batches: Iterable[Pixels], count: int) -> Pixels:
    """Join the first photos, without asking for a batch too many."""
    parts: list[Pixels] = []
    for batch in batches:
        parts.append(batch)
        if sum(map(len, parts)) >= count:
            break
    if not parts:
        raise BackboneError("int8 is calibrated on photos, and there is none")
    return np.concatenate(parts)[:count]


def _quantise(backbone: Backbone, photos: Pixels, target: Path, key: str) -> None:
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Photos(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.inputs = _inputs(photos, backbone.spec)

        def get_next(self) -> dict[str, npt.NDArray[np.float32]] | None:
            return next(self.inputs, None)

    with tempfile.TemporaryDirectory() as folder:
        fused, quantised = Path(folder, "fused.onnx"), Path(folder, "quantised.onnx")
        try:
            quant_pre_process(str(backbone.path), str(fused), skip_symbolic_shape=True)
            quantize_static(
                str(fused),
                str(quantised),
                Photos(),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                # Seven bits: with eight, CPUs without VNNI overflow where they add two products
                # in sixteen, silently, and the features are of little worth.
                reduce_range=True,
            )
        except Exception as error:  # ONNX Runtime's exceptions share no base but Exception
            raise BackboneError(
                f"{backbone.spec.name} cannot be quantised ({first_line(error)}): "
                "use --precision f32"
            ) from error
        spec = backbone.spec
        model = finish(parse_graph(quantised), spec.input_size, spec.feature_dim)
        store(model, spec, target, key)


def _inputs(photos: Pixels, spec: BackboneSpec) -> Iterator[dict[str, npt.NDArray[np.float32]]]:
    """Yield the inputs of the graph: normalised pixels, a few photos at a time."""
    mean, std = np.array(spec.mean, np.float32), np.array(spec.std, np.float32)
    for start in range(0, len(photos), _STEP):
        batch = photos[start : start + _STEP]
        planes = batch[..., ::-1] if spec.channel_order == "bgr" else batch
        scaled = (planes - mean) / std
        yield {"pixels": np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))}
