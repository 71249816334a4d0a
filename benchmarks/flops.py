"""Multiply-adds of ten networks: published, by torch's counter, and from the ONNX graph.

Published are torchvision's own records of its weights (``_ops``, called GFLOPS in its table;
they are multiply-adds). Weights are random, nothing is downloaded. ``--sizes`` counts ResNet50 at
other sizes, also with one operation for each value that a batch norm gives.

    python benchmarks/flops.py [--sizes]
"""

from __future__ import annotations

import argparse
import io
import warnings

import onnx
import torch
import torchvision

from pawlens.backbones import build_network, count_graph, count_network, total_macs

NETWORKS = {
    "resnet18": ("ResNet18", 224),
    "resnet34": ("ResNet34", 224),
    "resnet50": ("ResNet50", 224),
    "resnet101": ("ResNet101", 224),
    "densenet121": ("DenseNet121", 224),
    "densenet169": ("DenseNet169", 224),
    "mobilenetv2_100": ("MobileNet_V2", 224),
    "efficientnet_b0": ("EfficientNet_B0", 224),
    "inception_v3": ("Inception_V3", 299),
    "convnext_tiny": ("ConvNeXt_Tiny", 224),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", action="store_true", help="ResNet50 from 192 to 224 px")
    if parser.parse_args().sizes:
        for size in range(192, 225, 4):
            macs = total_macs(count_network("resnet50", size, classifier=True))
            print(f"{size} px  {macs / 1e9:.3f} G  {(macs + normed(size)) / 1e9:.3f} G with norms")
        return
    print(f"{'network':18} {'published':>10} {'torch':>10} {'ONNX graph':>10}")
    for name, (known, size) in NETWORKS.items():
        published = torchvision.models.get_model_weights(known.lower()).IMAGENET1K_V1.meta["_ops"]
        own = total_macs(count_network(name, size, classifier=True)) / 1e9
        print(f"{name:18} {published:10.3f} {own:10.3f} {from_graph(name, size) / 1e9:10.3f}")


def from_graph(name: str, size: int) -> int:
    """Exported by TorchScript, which is deprecated, and quicker than what pawlens ships."""
    sink = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        photo = torch.zeros(1, 3, size, size)
        torch.onnx.export(build_network(name).eval(), (photo,), sink, dynamo=False)
    return total_macs(count_graph(onnx.load_from_string(sink.getvalue()), size))


def normed(size: int) -> int:
    """Values that the batch norms of ResNet50 give for one photo."""
    layers = count_network("resnet50", size)
    sides = [one.output for one in layers if one.kind.startswith("BatchNorm")]
    return sum(channels * height * width for channels, height, width in sides)


if __name__ == "__main__":
    main()
