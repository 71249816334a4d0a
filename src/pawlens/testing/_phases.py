"""The check of recipe phases: read from YAML, told in words, refused, run and interrupted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

from pydantic import ValidationError
from yaml import YAMLError

from ..base import require
from ..errors import PawlensError
from ..photos import Photos
from ..recipes import Fuse, Phase, Recipe, Train, accept_phase, load_yaml
from ..runs import Run
from ..samples import draw_samples
from ..workflows.train import RunOptions, train_run
from ._demand import demand

__all__ = ["check_phase"]

_PHOTOS = 40


class _StoppedError(BaseException):
    """An interruption, which no phase may catch."""


def check_phase(
    phase: object,
    values: Mapping[str, Any] | None = None,
    *,
    before: Sequence[Phase] = (),
    after: Sequence[Phase] = (),
) -> None:
    """Check a recipe phase: its words, its values in YAML, and two trainings that it is part of.

    The recipe of the trainings is as short as the phase allows: a ``fuse``, a ``train`` and the
    phase, in the order that its class attributes ask for. The second training is interrupted after
    the phase, goes on, and must end as the first one did. It needs ``pawlens[torch]``.

    Parameters
    ----------
    phase : Phase class
        What the entry point names.
    values : mapping, optional
        Keys and values of the phase as they would stand in a recipe, without ``do``.
    before, after : sequence of Phase
        Other phases that it needs before or after itself, besides those two.

    Raises
    ------
    AssertionError
        Something is not as pawlens needs it; the message says what.
    """
    require("torch", extra="torch")
    name = _name_of(phase)
    try:
        kind = accept_phase(name, phase)
        checked = kind.model_validate({"do": name, **(values or {})})
    except (TypeError, ValidationError) as error:
        raise AssertionError(f"{error}.") from error
    words = checked.words()
    sentence = isinstance(words, str) and words.endswith(".") and "\n" not in words
    demand(sentence, f"words() gives {words!r}, which is no sentence on one line.")
    fuse, train = Fuse(do="fuse"), Train(do="train", batch=16, rate=0.01)
    first = [] if checked.puts_on_head else [fuse]
    order = [*before, train, checked] if checked.comes_last else [*before, checked, train]
    with TemporaryDirectory() as folder:
        _check_in_recipe(checked, [*first, *order, *after], Path(folder))


def _check_in_recipe(phase: Phase, phases: list[Phase], folder: Path) -> None:
    """Write the recipe and read the phase back; train twice, once with an interruption."""
    backbone, weights = _backbone(folder / "weights") if phase.needs_body else ("paw", None)
    try:
        recipe = Recipe(backbones=[backbone], folds=2, phases=phases)
        written = load_yaml(recipe.to_yaml())["phases"][phases.index(phase)]
    except (ValueError, YAMLError) as error:
        raise AssertionError(f"{phase.do}: it cannot stand in a recipe: {error}") from error
    again = type(phase).model_validate(written)
    demand(again == phase, f"{phase.do}: YAML gives {again!r} back, not {phase!r}.")
    draw_samples(folder / "photos", count=_PHOTOS, flaws=False)
    options = RunOptions(recipe, weights_dir=weights, cache_dir=folder / "cache")
    photos = Photos.read(folder / "photos")
    try:
        whole = _trained(photos, folder / "whole", options)
        resumed = _trained(photos, folder / "resumed", options, phases.index(phase))
    except PawlensError as error:
        raise AssertionError(f"{phase.do}: the training ends with: {error}") from error
    for what, first, second in zip(("history", "metrics"), whole, resumed, strict=True):
        demand(first == second, f"{phase.do}: after an interruption the {what} is another.")


def _trained(
    photos: Photos, path: Path, options: RunOptions, stop_after: int | None = None
) -> tuple[Any, Any]:
    """History without times, and metrics; with `stop_after`, of a run that was interrupted."""

    def stop(label: str, done: int, whole: int) -> None:
        training = re.fullmatch(r"training \(phase (\d+)\)", label)
        if stop_after is not None and training and int(training[1]) > stop_after:
            raise _StoppedError

    try:
        train_run(photos, path, options, stop)
    except _StoppedError:
        train_run(photos, path, options)
    run = Run(path)
    rows = [{key: value for key, value in row.items() if key != "seconds"} for row in run.history]
    return rows, run.metrics


def _backbone(folder: Path) -> tuple[str, Path]:
    """A tiny network of timm with random weights, and the folder of these."""
    import timm
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    state = timm.create_model("test_resnet").state_dict()
    folder.mkdir()
    contiguous = {key: value.contiguous() for key, value in state.items()}
    save_file(contiguous, folder / "test_resnet.safetensors")
    return "test_resnet@32", folder


def _name_of(phase: object) -> str:
    """The name that a class gives itself; empty if it gives none."""
    fields = getattr(phase, "model_fields", {})
    names = get_args(fields["do"].annotation) if "do" in fields else ()
    return str(names[0]) if names else ""
