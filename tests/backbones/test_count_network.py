"""Parameters and multiply-adds against published ones, with random weights."""

from __future__ import annotations

import io
import warnings

import pytest

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]

from pawlens.backbones import (  # noqa: E402
    build_network,
    count_graph,
    count_network,
    group_by_stage,
    total_macs,
    total_parameters,
)
from pawlens.errors import BackboneError  # noqa: E402

# torchvision's table of weights, columns Params and GFLOPS, which counts multiply-adds
# (pytorch.org/vision/stable/models, "Table of all available classification weights"; the exact
# numbers are `num_params` and `_ops` of the weights' records). inception_v3 without the auxiliary
# branch: 27,161,264 with it.
PUBLISHED = {
    "resnet18": (224, 11_689_512, 1.814),
    "resnet34": (224, 21_797_672, 3.664),
    "resnet50": (224, 25_557_032, 4.089),
    "resnet101": (224, 44_549_160, 7.801),
    "resnet152": (224, 60_192_808, 11.514),
    "densenet121": (224, 7_978_856, 2.834),
    "densenet169": (224, 14_149_480, 3.360),
    "mobilenetv2_100": (224, 3_504_872, 0.301),
    "efficientnet_b0": (224, 5_288_548, 0.386),
    "inception_v3": (299, 23_834_568, 5.713),
    "vgg16": (224, 138_357_544, 15.470),
    "convnext_tiny": (224, 28_589_128, 4.456),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_counts_are_the_published_ones(name: str) -> None:
    size, parameters, gigas = PUBLISHED[name]
    layers = count_network(name, size, classifier=True)
    assert total_parameters(layers) == parameters
    assert round(total_macs(layers) / 1e9, 3) == gigas
    stages = group_by_stage(layers)
    assert sum(one.macs for one in stages) == total_macs(layers)
    assert stages[-1].name == "pooled"


@pytest.mark.parametrize("name", ["resnet18", "mobilenetv2_100", "efficientnet_b0"])
def test_the_graph_counts_the_same(name: str) -> None:
    import onnx
    import torch

    size, _, _ = PUBLISHED[name]
    network, sink = build_network(name).eval(), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter by TorchScript is deprecated, and quick
        torch.onnx.export(network, (torch.zeros(1, 3, size, size),), sink, dynamo=False)
    graph = count_graph(onnx.load_from_string(sink.getvalue()), size)
    own = count_network(name, size, classifier=True)
    assert total_macs(graph) == total_macs(own)
    by_stage = [(one.name, one.macs) for one in group_by_stage(graph)]
    assert by_stage == [(one.name, one.macs) for one in group_by_stage(own)]


def test_features_leave_the_classifier_out() -> None:
    features = count_network("resnet50", 224)
    whole = count_network("resnet50", 224, classifier=True)
    assert total_macs(whole) - total_macs(features) == 2048 * 1000
    assert total_parameters(whole) - total_parameters(features) == 2049 * 1000
    stages = group_by_stage(features)
    assert [one.name for one in stages] == [f"{s} x {s}" for s in (112, 56, 28, 14, 7)]
    assert total_macs(count_network("vgg16", 224)) == 15_346_630_656  # no hidden layers either


def test_attention_is_counted() -> None:
    layers = count_network("vit_tiny_patch16_224", 224, classifier=True)
    attention = [one for one in layers if one.kind.startswith("Attention")]
    assert [one.macs for one in attention] == [2 * 197 * 197 * 192] * 12
    assert "197 tokens" in [one.name for one in group_by_stage(layers)]


def test_a_size_that_does_not_fit_is_named() -> None:
    with pytest.raises(BackboneError, match="vit_tiny_patch16_224 cannot take 100 pixels"):
        count_network("vit_tiny_patch16_224", 100)
