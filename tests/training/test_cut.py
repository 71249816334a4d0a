"""A network cut in two computes what it computed whole."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch

from pawlens.backbones import build_network
from pawlens.errors import RecipeError
from pawlens.recipes import Fuse
from pawlens.training._blocks import Opening, block_names, open_blocks, parameter_groups
from pawlens.training._cut import cut
from pawlens.training._network import FusedHead, FusionNetwork, load_bodies

from .tiny import backbone

pytestmark = [pytest.mark.torch, pytest.mark.xdist_group("torch")]


def network(name: str = "test_resnet") -> FusionNetwork:
    one = backbone(name)
    torch.manual_seed(0)
    head = FusedHead([one.spec.feature_dim], 3, Fuse(do="fuse", hidden=[8], batch_norm=True))
    whole = FusionNetwork(load_bodies([one]), [one.spec], head)
    whole.eval()
    return whole


@pytest.mark.parametrize("name", ["test_resnet", "test_efficientnet"])
@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_front_and_tail_are_the_whole(name: str, blocks: int) -> None:
    whole = network(name)
    x = torch.rand(4, 3, 32, 32) * 255
    (front,), tail = cut(whole, blocks)
    with torch.no_grad():
        joined = tail([front(whole.normalised(0, x))])
        torch.testing.assert_close(joined, whole([x]))


@pytest.mark.parametrize(
    "name", ["mobilenetv2_100", "resnet50", "densenet169", "tf_efficientnet_b4", "inception_v3"]
)
def test_the_systems_networks_can_be_cut_before_their_last_block(name: str) -> None:
    from pawlens.training._cut import _halves

    body = build_network(name, num_classes=0).eval()
    x = torch.rand(1, 3, 96, 96)
    front, tail = _halves(body, 1, name)
    with torch.no_grad():
        torch.testing.assert_close(tail(front(x)), body(x), rtol=1e-4, atol=1e-5)


def test_training_the_tail_trains_the_network() -> None:
    whole = network()
    open_blocks(whole, 1)
    (front,), tail = cut(whole, 1)
    x = torch.rand(4, 3, 32, 32) * 255
    tail([front(whole.normalised(0, x)).detach()]).sum().backward()
    trained = {n for n, w in whole.bodies[0].named_parameters() if w.grad is not None}
    assert trained == set(block_names(whole.bodies[0])[-1])


def test_more_blocks_than_there_are_is_one_line() -> None:
    with pytest.raises(RecipeError, match="test_resnet has 5 blocks"):
        cut(network(), 9)


def test_discriminative_rates_share_out_the_blocks() -> None:
    whole = network()
    open_blocks(whole, "all")
    groups = parameter_groups(whole, [0.01, 0.1, 1])
    assert [group["scale"] for group in groups] == [0.01, 0.1, 1]
    everything = [w for group in groups for w in group["params"]]
    assert len({id(w) for w in everything}) == len(everything) == len(list(whole.parameters()))
    open_blocks(whole, 0)
    assert [group["scale"] for group in parameter_groups(whole, [0.01, 0.1, 1])] == [1]


def test_the_exported_head_is_the_trained_one() -> None:
    whole = network()
    head = whole.head
    torch.nn.init.uniform_(head.norm.running_mean)
    torch.nn.init.uniform_(head.norm.running_var, 0.5, 2)
    features = torch.rand(5, head.layers[0].in_features)
    with torch.no_grad():
        expected = head([features]).double().numpy()
    torch.testing.assert_close(
        torch.from_numpy(head.exported().logits(features.numpy())), torch.from_numpy(expected)
    )


def test_an_opening_is_a_record_of_what_was_opened() -> None:
    whole = network()
    opening = open_blocks(whole, 1, "trained")
    opened = {n for n, w in whole.bodies[0].named_parameters() if w.requires_grad}
    assert opened == set(block_names(whole.bodies[0])[-1])
    opening.train()
    moving = [m for m in whole.bodies[0].modules() if m.training]
    assert moving == list(opening.moving) != []
    Opening(whole, "all")  # saying so opens nothing
    assert opened == {n for n, w in whole.bodies[0].named_parameters() if w.requires_grad}
