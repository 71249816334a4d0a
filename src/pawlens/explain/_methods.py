"""The methods of explanation, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from ..backbones import BackboneSpec
from ..base import user_cache
from ..errors import UsageError
from ..heads import Head
from ..metrics import LabelRules
from ._explainer import Explainer, Explains

if TYPE_CHECKING:
    import onnx

__all__ = ["METHODS", "ExplainMethod", "check_method", "open_explainer"]

ExplainMethod = Literal["auto", "cam", "occlusion", "gradcam", "integrated-gradients"]

METHODS: Mapping[str, str] = {
    "cam": "class activation map",
    "relevance": "relevance through the class token",
    "occlusion": "occlusion",
    "gradcam": "Grad-CAM",
    "integrated-gradients": "integrated gradients",
}
"""How maps are made, in words."""

_ASKED: tuple[ExplainMethod, ...] = get_args(ExplainMethod)


def check_method(name: str) -> ExplainMethod:
    """Return the method of that name; UsageError that lists the methods where it is unknown."""
    for method in _ASKED:
        if name == method:
            return method
    raise UsageError(f"unknown method {name!r}; there are {', '.join(_ASKED)}")


def open_explainer(
    graph: onnx.ModelProto,
    head: Head,
    specs: Sequence[BackboneSpec],
    weights_hashes: Sequence[str],
    classes: Sequence[str],
    *,
    method: ExplainMethod = "auto",
    weights_dir: Path | None = None,
    clip: float = 0.0,
    trims: bool = False,
    labels: LabelRules | None = None,
) -> Explains:
    """Open the explainer of a method; parameters are those of the two explainers."""
    check_method(method)
    if method == "auto" or method == "cam" or method == "occlusion":
        names = [spec.name for spec in specs]
        several = labels is not None
        return Explainer(graph, head, names, classes, trims=trims, several=several, method=method)
    from ._gradients import GradientExplainer

    return GradientExplainer(
        specs,
        weights_hashes,
        head,
        classes,
        method=method,
        weights_dir=weights_dir if weights_dir is not None else user_cache() / "weights",
        clip=clip,
        trims=trims,
        labels=labels,
    )
