"""Grad-CAM and integrated gradients against what can be worked out by hand."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from pawlens.backbones import BackboneSpec, build_network, load_network
from pawlens.errors import UsageError
from pawlens.explain import METHODS, ExplainMethod, check_method
from pawlens.heads import Head
from pawlens.metrics import LabelRules

from ..small_models import picture

torch = pytest.importorskip("torch")
pytest.importorskip("captum")
pytestmark = [
    pytest.mark.torch,
    pytest.mark.filterwarnings("ignore::UserWarning:captum"),
]

CLASSES = ("cat", "dog", "owl")


def explainer(
    folder: Path,
    method: Any,
    head: Any = None,
    name: str = "test_resnet",
    unit: bool = False,
    labels: LabelRules | None = None,
) -> Any:
    from safetensors.torch import save_file

    from pawlens.explain._gradients import GradientExplainer

    torch.manual_seed(0)
    network = build_network(name, num_classes=0)
    file = folder / f"{name}.safetensors"
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, file)
    dim, side = network.num_features, 64 if name == "test_resnet" else 160
    spec = BackboneSpec(
        name, side, "bicubic", (120, 120, 120), (60, 60, 60), "rgb", dim, "MIT", "test"
    )
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(dim, 3)).astype(np.float32)
    plain = Head(((weights, np.zeros(3, np.float32)),), unit=unit)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return GradientExplainer(
        [spec],
        [digest],
        head or plain,
        CLASSES,
        method=method,
        weights_dir=folder,
        labels=labels,
    )


def test_grad_cam_of_a_linear_head_is_the_class_activation_map(tmp_path: Path) -> None:
    found = explainer(tmp_path, "gradcam")
    one = found.explain(picture(), "dog")
    from pawlens.explain._gradients import _normalised

    body = load_network("test_resnet", tmp_path / "test_resnet.safetensors")
    with torch.inference_mode():
        given = torch.from_numpy(_normalised(picture(), found._specs[0]))
        cells = body.forward_features(given)[0].numpy()
    weights = found._network.layers[0].weight.numpy()
    expected = np.tensordot(weights[1] - weights[[0, 2]].mean(0), cells, 1)
    (part,) = one.parts
    np.testing.assert_allclose(part.grid, expected, atol=1e-4 * np.abs(expected).max())
    assert part.grid.mean() == pytest.approx(one.logit, abs=1e-3)


def test_integrated_gradients_add_up(tmp_path: Path) -> None:
    """What is said beyond the answer to a grey photo (Sundararajan's completeness)."""
    found = explainer(tmp_path, "integrated-gradients")
    one = found.explain(picture(), "dog")
    grey = np.full_like(picture(), 120)
    base = found.explain(grey, "dog").logit
    (part,) = one.parts
    assert part.contribution == pytest.approx(one.logit - base, abs=0.05 * abs(one.logit - base))
    assert one.map.shape == picture().shape[:2]


def test_each_of_several_labels_has_its_own_clip_and_no_second_temperature(tmp_path: Path) -> None:
    rules = LabelRules((3.0, 3.0, 3.0), (0.1, 0.2, 0.0), (0.5, 0.5, 0.5))
    found = explainer(tmp_path, "gradcam", labels=rules)
    for name, clip in zip(CLASSES, rules.clip, strict=True):
        one = found.explain(picture(), name)
        expected = np.clip(1 / (1 + np.exp(-one.logit)), clip, 1 - clip)
        assert one.probability == pytest.approx(expected)
    np.testing.assert_allclose(
        found._probabilities(np.array([[-9.0, 9.0, 1.0]])), [0.1, 0.8, 1 / (1 + np.exp(-1.0))]
    )


def test_tokens_are_a_grid(tmp_path: Path) -> None:
    """A token that gathers the photo before the last layer leaves its grid without a slope."""
    with pytest.raises(UsageError, match="integrated-gradients"):
        explainer(tmp_path, "gradcam", name="test_vit").explain(picture())


def test_other_weights_are_refused(tmp_path: Path) -> None:
    explainer(tmp_path, "gradcam")
    file = tmp_path / "test_resnet.safetensors"
    file.write_bytes(file.read_bytes() + b" ")
    from pawlens.explain._gradients import GradientExplainer

    spec = BackboneSpec("test_resnet", 64, "bicubic", (0,) * 3, (1,) * 3, "rgb", 8, "MIT", "t")
    head = Head.linear(np.zeros((8, 3), np.float32), np.zeros(3, np.float32))
    with pytest.raises(UsageError, match="--method auto"):
        GradientExplainer([spec], ["0" * 64], head, CLASSES, method="gradcam", weights_dir=tmp_path)


def test_methods_by_name() -> None:
    method: ExplainMethod = "gradcam"
    assert check_method(method) == method
    assert set(get_args(ExplainMethod)) - {"auto"} < set(METHODS)
    with pytest.raises(UsageError, match="lime"):
        check_method("lime")
