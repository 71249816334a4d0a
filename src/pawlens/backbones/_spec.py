"""The spec of a backbone (its input and output), and the spec joined with weights on disk."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

from ..errors import BackboneError

__all__ = ["INTERPOLATIONS", "Backbone", "BackboneSpec"]

INTERPOLATIONS = ("bicubic", "bilinear")
"""Filters that photos can be resized by."""


@dataclass(frozen=True)
class BackboneSpec:
    """How photos become the input of a backbone, and what comes out.

    Attributes
    ----------
    name : str
        ``"mobilenetv2_100"``, ``"paw"``; without the size suffix.
    input_size : int
        Side S of the square input, in pixels.
    interpolation : {"bicubic", "bilinear"}
        Pillow's antialiased filter that squashes a photo to S x S.
    mean, std : tuple of 3 floats
        Subtracted from and divided into the pixels, in units of pixel values 0..255 and in
        the order of `channel_order`.
    channel_order : {"rgb", "bgr"}
        Order of the three planes of the input.
    feature_dim : int
        D, the length of the pooled features.
    licence : str
        Licence of the weights.
    source : str
        Paper or origin of the weights.
    """

    name: str
    input_size: int
    interpolation: Literal["bicubic", "bilinear"]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    channel_order: Literal["rgb", "bgr"]
    feature_dim: int
    licence: str
    source: str

    def __post_init__(self) -> None:
        for name in ("input_size", "feature_dim"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise BackboneError(f"{name} of a backbone must be a positive integer: {value!r}")
        if self.interpolation not in INTERPOLATIONS:
            raise BackboneError(
                f"interpolation must be {' or '.join(INTERPOLATIONS)}: {self.interpolation!r}"
            )
        if self.channel_order not in ("rgb", "bgr"):
            raise BackboneError(f"channel_order must be rgb or bgr: {self.channel_order!r}")
        for name in ("mean", "std"):
            object.__setattr__(self, name, _triple(name, getattr(self, name)))
        if min(self.std) <= 0:
            raise BackboneError(f"std must be positive: {self.std!r}")

    def to_json(self) -> str:
        """Write the fields as one line of JSON, as kept in a graph's metadata."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> BackboneSpec:
        """Read what `to_json` wrote.

        Raises
        ------
        BackboneError
            When the text is not JSON, or a field is missing, unknown or out of range.
        """
        try:
            data = json.loads(text)
        except ValueError as error:
            raise BackboneError(f"a backbone's spec is not JSON: {error}") from error
        expected = {field.name for field in fields(cls)}
        if not isinstance(data, dict):
            raise BackboneError("a backbone's spec must be a JSON object of its fields")
        for key in sorted(expected ^ set(data)):
            problem = "lacks the field" if key in expected else "has the unknown field"
            raise BackboneError(f"a backbone's spec {problem} {key!r}")
        for key in ("name", "licence", "source"):
            if not isinstance(data[key], str):
                raise BackboneError(f"{key} of a backbone must be text: {data[key]!r}")
        return cls(**data)

    @property
    def preprocessing_hash(self) -> str:
        """SHA-256 (hex) over all that shapes the pixels: equal hashes mean equal inputs."""
        text = json.dumps(
            [self.input_size, self.interpolation, self.mean, self.std, self.channel_order]
        )
        return hashlib.sha256(text.encode()).hexdigest()

    def with_size(self, size: int) -> BackboneSpec:
        """Return the same spec at another input size (pixels)."""
        return replace(self, input_size=size)


@dataclass(frozen=True)
class Backbone:
    """A spec with its weights at hand.

    Attributes
    ----------
    spec : BackboneSpec
    path : Path
        ONNX file: float32 ``(N, 3, S, S)`` in, float32 ``(N, D)`` out, N dynamic.
    weights_hash : str
        Sha256 (hex) of the file that the weights came from.
    weights : Path, optional
        Safetensors of timm's network that the graph was converted from, which a GPU runs instead
        of the graph; None for a graph that came as one.
    """

    spec: BackboneSpec
    path: Path
    weights_hash: str
    weights: Path | None = None


def _triple(name: str, values: Any) -> tuple[float, float, float]:
    """Return a tuple of three floats (JSON gives a list), so that equal specs compare equal."""
    try:
        numbers = tuple(float(value) for value in values)
    except (TypeError, ValueError):
        numbers = ()
    if len(numbers) != 3:
        raise BackboneError(f"{name} of a backbone must be three numbers: {values!r}")
    return numbers
