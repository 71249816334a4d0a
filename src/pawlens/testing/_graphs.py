"""Checks of parts that give or take graphs: backbone sources and exporters."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from ..backbones import (
    Backbone,
    BackboneSource,
    OpenVinoEngine,
    accept_source,
    find_backbone,
    parse_graph,
)
from ..errors import PawlensError
from ..export import GraphFacts, check_parity, compose_graph, write_model_file
from ..features import WholePhotos, picture_batches
from ..heads import Head, unit_rows
from ..metrics import LabelRules
from ..models import Model, load
from ..photos import Photos
from ..samples import draw_samples
from ..workflows import Exporter, accept_exporter, write_export
from ._demand import demand

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["check_backbone_source", "check_exporter"]

_PHOTOS = 12
_NO_NAME = "no backbone has this name"


def check_backbone_source(
    source: object, *, names: Sequence[str] | None = None, weights_dir: Path | None = None
) -> None:
    """Check a backbone source: its names, its graphs, and a model that is made with each.

    Parameters
    ----------
    source : BackboneSource or class of one
        What the entry point names.
    names : sequence of str, optional
        The names to find, for a source that offers more than a test should load; all of them by
        default.
    weights_dir : Path, optional
        Handed to the source, as with ``--weights-dir``.

    Raises
    ------
    AssertionError
        Something is not as pawlens needs it; the message says what.
    """
    try:
        checked = accept_source("the source", source)
    except TypeError as error:
        raise AssertionError(f"{error}.") from error
    offered = list(checked.names())
    demand(bool(offered), "names() gives no name.")
    for name in offered:
        demand(_is_plain(name), f"names() gives {name!r}, which is no text without : and @.")
        demand(checked.claims(name), f"claims({name!r}) is false, but names() gives the name.")
    demand(not checked.claims(_NO_NAME), f"claims({_NO_NAME!r}) is true.")
    for name in offered if names is None else names:
        with TemporaryDirectory() as folder:
            _check_backbone(checked, name, weights_dir, Path(folder))


def check_exporter(exporter: object, *, name: str = "checked") -> None:
    """Check an exporter: with a model of one label a photo, and with one of several labels.

    Parameters
    ----------
    exporter : Exporter or class of one
        What the entry point names.
    name : str
        The name of the entry point.

    Raises
    ------
    AssertionError
        Something is not as pawlens needs it; the message says what.
    """
    try:
        checked = accept_exporter(name, exporter)
    except TypeError as error:
        raise AssertionError(f"{error}.") from error
    for several in (False, True):
        with TemporaryDirectory() as folder:
            _check_export(name, checked, _drawn_model(several), Path(folder) / "out")


def _check_backbone(
    source: BackboneSource, name: str, weights_dir: Path | None, folder: Path
) -> None:
    """Find a backbone twice, and run its graph alone and in a model."""
    cache = folder / "cache"
    try:
        first, second = (
            source.find(name, None, weights_dir=weights_dir, cache_dir=cache) for _ in range(2)
        )
    except PawlensError as error:
        raise AssertionError(f"find({name!r}) fails: {error}") from error
    demand(isinstance(first, Backbone), f"find({name!r}) gives no Backbone, but {first!r}.")
    demand(first == second, f"find({name!r}) gives another backbone the second time.")
    demand(first.weights is None, f"{name}: weights are for networks of timm; leave them out.")
    demand(len(first.weights_hash) == 64, f"{name}: weights_hash is no SHA-256 in hexadecimal.")
    plain = Path(first.spec.name).name == first.spec.name
    demand(plain, f"{name}: spec.name {first.spec.name!r} cannot be a part of a file's name.")
    graph = parse_graph(first.path).graph
    demand(
        [len(graph.input), len(graph.output)] == [1, 1],
        f"{name}: its graph has {len(graph.input)} inputs and {len(graph.output)} outputs, not one "
        "of each.",
    )
    at_hand = source.weights_at_hand(name, weights_dir=weights_dir, cache_dir=cache)
    there = at_hand is None or at_hand.is_file()
    demand(there, f"weights_at_hand({name!r}) names {at_hand}, which is no file.")
    structure = source.structure(name, None, first)
    demand(structure.spec == first.spec, f"structure({name!r}) has another spec than find gives.")
    draw_samples(folder / "photos", count=_PHOTOS, flaws=False)
    photos = Photos.read(folder / "photos", labels=False)
    _check_features(first, photos)
    _check_model(first, photos, folder / "model.onnx")


def _check_features(backbone: Backbone, photos: Photos) -> None:
    """Features must be finite, tell photos apart, and not depend on the batch."""
    name, width = backbone.spec.name, backbone.spec.feature_dim
    features = _features(backbone, photos, batch_size=4)
    shape = f"{name}: features have the shape {features.shape}, not {(len(photos), width)}."
    demand(features.shape == (len(photos), width), shape)
    demand(bool(np.isfinite(features).all()), f"{name}: some features are not finite numbers.")
    apart = bool((features.std(axis=0) > 0).any())
    demand(apart, f"{name}: all photos have the same features.")
    alone = _features(backbone, photos, batch_size=1)
    gap = float(np.abs(alone - features).max() / max(np.abs(features).max(), 1e-12))
    demand(gap < 1e-3, f"{name}: features of a photo depend on its batch (off by {gap:.1e}).")


def _features(backbone: Backbone, photos: Photos, *, batch_size: int) -> npt.NDArray[np.float32]:
    engine = OpenVinoEngine(backbone.path, [backbone.spec], precision="f32", batch_size=batch_size)
    items = range(len(photos))
    batches = picture_batches(WholePhotos(photos), items, [backbone.spec], batch_size)
    return np.concatenate([features for _, features in engine.run(batches)])


def _check_model(backbone: Backbone, photos: Photos, path: Path) -> None:
    """The exported model must give what its parts give, in both runtimes."""
    head = _head(backbone, 2)
    facts = _facts(backbone, ("cat", "dog"), None)
    features = unit_rows(_features(backbone, photos, batch_size=4))
    pixels = [partial(photos.decode, row) for row in range(len(photos))]
    try:
        path.write_bytes(compose_graph([backbone], head, facts).SerializeToString())
        check_parity(
            path, facts, head, [backbone], pixels, facts.probabilities(head.logits(features))
        )
    except PawlensError as error:
        raise AssertionError(
            f"{backbone.spec.name}: no model can be made of it: {error}"
        ) from error


def _check_export(name: str, exporter: Exporter, model: Model, folder: Path) -> None:
    """The files must be there, be all there is, and be told; the model must stay as it was."""
    before = model.to_onnx().SerializeToString(deterministic=True)
    try:
        files = write_export(name, exporter, model, folder)
    except PawlensError as error:
        raise AssertionError(f"{name}: {error}") from error
    left = sorted({path for path in folder.rglob("*") if path.is_file()} - set(files))
    demand(not left, f"{name}: write() does not tell of {', '.join(p.name for p in left)}.")
    empty = [path.name for path in files if path.stat().st_size == 0]
    demand(not empty, f"{name}: write() leaves {', '.join(empty)} empty.")
    after = model.to_onnx().SerializeToString(deterministic=True)
    demand(before == after, f"{name}: write() changes the model that it is given.")


def _drawn_model(several: bool) -> Model:
    """A model on the bundled backbone whose head is drawn by chance, read back from its file."""
    classes = ("cat", "dog", "猫 and dog")
    rules = LabelRules((1.0, 2.0, 1.5), (0.01,) * 3, (0.5, 0.4, 0.6)) if several else None
    with TemporaryDirectory() as folder:
        paw = find_backbone("paw", cache_dir=Path(folder))
        graph = compose_graph([paw], _head(paw, len(classes)), _facts(paw, classes, rules))
        path = Path(folder) / "model.onnx"
        write_model_file(path, graph)
        return load(path)


def _facts(backbone: Backbone, classes: tuple[str, ...], rules: LabelRules | None) -> GraphFacts:
    from ..base import __version__

    specs, hashes = (backbone.spec,), (backbone.weights_hash,)
    return GraphFacts(classes, specs, hashes, 1.0, 0.005, __version__, labels=rules)


def _head(backbone: Backbone, width: int) -> Head:
    weights = np.random.default_rng(0).standard_normal((backbone.spec.feature_dim, width))
    return Head.linear(weights.astype(np.float32), np.zeros(width, np.float32))


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip()) and not set(name) & {":", "@", "\n"}
