"""Grad-CAM and integrated gradients, by captum, where the weights are at hand for torch.

Both follow the gradient of the class against the mean of the others through the whole fused
network: Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391) to the grid before each backbone's
pooling, integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365) to the pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..backbones import BackboneSpec, find_weights, load_network
from ..base import require
from ..errors import UsageError
from ..heads import Head
from ..metrics import LabelRules, apply_clip, apply_temperature
from ..photos import find_border, resize
from ._effective import logit_weights
from ._explainer import choose_classes
from ._explanation import Explanation, Part

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Floats32 = npt.NDArray[np.float32]
    Pixels = npt.NDArray[np.uint8]

__all__ = ["GradientExplainer"]

_STEPS = 32  # between a grey photo and the photo
_AT_ONCE = 8  # steps that are computed together
_CELL = 16  # pixels of the input that are one cell: single pixels are noise


class GradientExplainer:
    """A model rebuilt in torch. Needs ``pawlens[explain]``.

    Parameters
    ----------
    specs : sequence of BackboneSpec
    weights_hashes : sequence of str
        SHA-256 of the weights of each backbone: no other weights are taken.
    head : Head
        Its temperature included.
    classes : sequence of str
    method : {"gradcam", "integrated-gradients"}
    weights_dir : Path
        Folder with the safetensors of timm's networks.
    clip : float
        Probabilities are limited to [clip, 1 - clip].
    trims : bool
        Whether plain borders are cut off.
    labels : LabelRules, optional
        Where a photo may have several labels, so that none stands against the others.

    Raises
    ------
    MissingExtra
        torch, timm or captum is not installed.
    UsageError
        The weights of a backbone are not in the folder.
    """

    unmapped: Sequence[str] = ()
    covered: Sequence[str] = ()

    def __init__(
        self,
        specs: Sequence[BackboneSpec],
        weights_hashes: Sequence[str],
        head: Head,
        classes: Sequence[str],
        *,
        method: Literal["gradcam", "integrated-gradients"],
        weights_dir: Path,
        clip: float = 0.0,
        trims: bool = False,
        labels: LabelRules | None = None,
    ) -> None:
        require("captum.attr", extra="explain")
        from ._network import FusedNetwork

        files = [
            _weights(spec, digest, weights_dir)
            for spec, digest in zip(specs, weights_hashes, strict=True)
        ]
        self.classes = list(classes)
        self._specs = list(specs)
        self._method: Literal["gradcam", "integrated-gradients"] = method
        self._clip, self._trims, self._labels = clip, trims, labels
        bodies = [
            load_network(file.stem, file, spec.input_size)
            for file, spec in zip(files, specs, strict=True)
        ]
        self._network = FusedNetwork(bodies, head)

    def explain(
        self, pixels: Pixels, of: str | None = None, instead: str | None = None
    ) -> Explanation:
        """Explain the probability of a class on one photo; see `Explainer.explain`."""
        torch = require("torch", extra="explain")
        height, width = pixels.shape[:2]
        box = find_border(pixels) if self._trims else (0, 0, width, height)
        left, top, right, bottom = box
        inputs = tuple(
            torch.from_numpy(_normalised(pixels[top:bottom, left:right], spec))
            for spec in self._specs
        )
        with torch.no_grad():
            logits = self._network(*inputs).numpy().astype(np.float64)
        proba = self._probabilities(logits)
        chosen, other = choose_classes(self.classes, proba, of, instead)
        several = self._labels is not None
        wanted = logit_weights(len(self.classes), chosen, other, several=several)
        return Explanation(
            class_name=self.classes[chosen],
            probability=float(proba[chosen]),
            answer=self.classes[int(proba.argmax())],
            method=self._method,
            pixels=pixels,
            box=box,
            parts=self._parts(inputs, torch.from_numpy(wanted)),
            logit=float(logits[0] @ wanted),
            instead=None if other is None else self.classes[other],
        )

    def _probabilities(self, logits: Floats) -> Floats:
        """Compute probabilities (K,) of logits (1, K)."""
        if self._labels is None:
            return np.asarray(apply_clip(apply_temperature(logits, 1.0), self._clip)[0])
        rules = replace(self._labels, temperature=(1.0,) * len(self.classes))  # the head has it
        return np.asarray(rules.probabilities(logits)[0])

    def _parts(self, inputs: tuple[Any, ...], wanted: Any) -> tuple[Part, ...]:
        def score(*pixels: Any) -> Any:
            return self._network(*pixels) @ wanted

        if self._method == "gradcam":
            grids = self._grad_cam(score, inputs)
            said = [float(np.abs(grid).mean()) for grid in grids]
        else:
            grids = _integrated(score, inputs)
            said = [float(grid.mean()) for grid in grids]
        evidence = zip(self._specs, said, grids, strict=True)
        return tuple(Part(spec.name, value, grid, self._method) for spec, value, grid in evidence)

    def _grad_cam(self, score: Any, inputs: tuple[Any, ...]) -> list[Floats32]:
        """Compute Grad-CAM's grid (h, w) of each backbone."""
        attr = require("captum.attr", extra="explain")
        grids = []
        for pixels in inputs:
            pixels.requires_grad_()
        for spec, body in zip(self._specs, self._network.bodies, strict=True):
            layer = attr.LayerGradCam(score, body.tap)
            attribution = layer.attribute(inputs, relu_attributions=False).detach().numpy()[0, 0]
            if not attribution.any():
                raise UsageError(
                    f"{spec.name}: its answer does not depend on the grid before its end (a token "
                    "gathers it earlier): use --method auto or integrated-gradients"
                )
            grids.append(np.asarray(attribution * attribution.size, np.float32))
        return grids


def _integrated(score: Any, inputs: tuple[Any, ...]) -> list[Floats32]:
    """Compute integrated gradients of each backbone, (h, w), from an evenly grey photo."""
    attr = require("captum.attr", extra="explain")
    attribution = attr.IntegratedGradients(score).attribute(
        inputs, n_steps=_STEPS, internal_batch_size=_AT_ONCE
    )
    return [_cells(pixels.detach().numpy()[0].sum(0)) for pixels in attribution]


def _cells(values: Floats32) -> Floats32:
    """Sum pixels (S, S) to cells, in logits as if the whole photo were like that cell."""
    from PIL import Image

    side = max(1, round(len(values) / _CELL))
    picture = Image.fromarray(np.asarray(values * values.size, np.float32))
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX), np.float32)


def _normalised(pixels: Pixels, spec: BackboneSpec) -> Floats32:
    """Normalise pixels for a backbone, float32 (1, 3, S, S)."""
    x: Any = resize(pixels, spec.input_size, spec.interpolation).astype(np.float32)
    x = x[:, :, ::-1] if spec.channel_order == "bgr" else x
    x = (x - np.array(spec.mean, np.float32)) / np.array(spec.std, np.float32)
    return np.ascontiguousarray(x.transpose(2, 0, 1)[None])


def _weights(spec: BackboneSpec, weights_hash: str, folder: Path) -> Path:
    file = find_weights(spec, weights_hash, folder)
    if file is None:
        raise UsageError(
            f"{spec.name}: {folder} has no weights with the SHA-256 of this model's (those of a "
            "fine-tuned or bundled network are in its graph alone): name their folder with "
            "--weights-dir, or use --method auto, which needs none"
        )
    return file
