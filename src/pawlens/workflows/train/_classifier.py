"""The classifier: trained from photos into a run folder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from ...audit import read_decisions
from ...backbones import Device, Precision
from ...base import Watcher, ranks, user_cache, watched
from ...errors import RecipeError, UsageError
from ...photos import PhotosLike, as_photos
from ...recipes import Recipe, read_recipe
from ...runs import Run, claimed
from ...trust import Costs
from ._chosen import DEFAULT_TIME, choose_backbones, wants_choice
from ._method import RunOptions
from ._run import train_run
from .auto import Deadline, read_duration

__all__ = ["Classifier"]


class Classifier:
    """A classifier on the features of pretrained backbones, or a network that is fine-tuned.

    Parameters are kept as given, as in scikit-learn; work starts with `fit`.

    Parameters
    ----------
    backbones : sequence of str, optional
        ``"paw"`` (bundled, the default), names of timm networks, or paths of ONNX files. Several
        are fused side by side.
    recipe : Recipe, name or path, optional
        Settings of the run; the other parameters, when given, override its fields.
    precision : {"auto", "f32", "bf16", "int8"}, optional
        Precision of feature extraction.
    folds : int or "given", optional
        Number of folds of cross-validation, or the folds that the photos lie in (``fold1/cat``, or
        a column ``fold`` of the list).
    seed : int, optional
        Seed of folds and bootstrap.
    class_weights : {"none", "balanced"}, optional
        Whether rare classes weigh more in training.
    labels : {"one", "several"}, optional
        Whether a photo shows one of the classes, or any number of labels at once.
    clip : "auto" or float, optional
        Limit of the probabilities, [clip, 1 - clip]; "auto" chooses it out-of-fold.
    borders : {"keep", "trim"}, optional
        Whether large plain borders are cut off every photo, in training and in the model.
    clean : {"none", "auto"}, optional
        Whether suspect labels are left out of training, if that is not worse on held-out photos.
    sets : float, optional
        Share of photos whose set of labels holds the true one; every answer then has a set.
    sets_by_class : bool, optional
        Whether that share holds within each class.
    risk, coverage : float, optional
        Share of answers that may be wrong, or of photos that are answered; for the rest the answer
        is ``ask a person``. One of the two.
    costs : dict of str to dict of str to float, optional
        What an answer costs, by the true class and then by the answer; 1 where nothing is said.
    neither : float, optional
        Share of photos like those of training that may be called ``neither``; 0 for no such answer.
    weights_dir : path, optional
        Folder with safetensors of timm networks; nothing is downloaded then.
    cache_dir : path or False, optional
        Folder of the feature cache; the user's cache folder by default, none when False.
    device : {"auto", "cpu", "cuda"}
        Device of the backbones; auto takes a GPU only where torch sees one.
    devices : int
        Number of processes, or GPUs, that share every batch of a recipe that trains a network.
    time : str or float, optional
        A time such as ``"10m"``, or seconds, for the whole job: backbones are then chosen among
        those at hand, or among those that are named, by what they do on these photos. The backbone
        ``"auto"`` asks for the same in 10 minutes. See `Run.choice`.
    storage : str or path, optional
        Storage of the trials of a search: a file, or a URL of SQLAlchemy. Processes that share it
        share the trials. By default a journal in the run folder.

    Notes
    -----
    The default head is a logistic regression on standardised features. Its L2 strength and its
    temperature (Guo et al. 2017) are chosen out-of-fold, so that every reported number comes from
    photos that the model behind it was not trained on.

    Examples
    --------
    >>> from pawlens import Classifier, Photos
    >>> run = Classifier(folds=3).fit(Photos.read("photos"), "runs/first")
    >>> run.classes
    ['cat', 'dog']
    >>> run.model_path.name
    'model.onnx'
    """

    def __init__(
        self,
        backbones: Sequence[str] | None = None,
        *,
        recipe: Recipe | str | Path | None = None,
        precision: Precision | None = None,
        folds: int | Literal["given"] | None = None,
        seed: int | None = None,
        class_weights: Literal["none", "balanced"] | None = None,
        labels: Literal["one", "several"] | None = None,
        clip: Literal["auto"] | float | None = None,
        borders: Literal["keep", "trim"] | None = None,
        clean: Literal["none", "auto"] | None = None,
        sets: float | None = None,
        sets_by_class: bool | None = None,
        risk: float | None = None,
        coverage: float | None = None,
        costs: Costs | None = None,
        neither: float | None = None,
        weights_dir: str | Path | None = None,
        cache_dir: str | Path | Literal[False] | None = None,
        device: Device = "auto",
        devices: int = 1,
        time: str | float | None = None,
        storage: str | Path | None = None,
    ) -> None:
        self.backbones = backbones
        self.recipe = recipe
        self.precision = precision
        self.folds = folds
        self.seed = seed
        self.class_weights = class_weights
        self.labels = labels
        self.clip = clip
        self.borders = borders
        self.clean = clean
        self.sets = sets
        self.sets_by_class = sets_by_class
        self.risk = risk
        self.coverage = coverage
        self.costs = costs
        self.neither = neither
        self.weights_dir = weights_dir
        self.cache_dir = cache_dir
        self.device = device
        self.devices = devices
        self.time = time
        self.storage = storage

    def resolved_recipe(self) -> Recipe:
        """Return the recipe with the parameters of this object put in.

        Raises
        ------
        RecipeError
            A value is out of range.
        UsageError
            The time is none.
        """
        if isinstance(self.backbones, str):
            raise RecipeError(f"backbones = {self.backbones!r}: give a list, even of one")
        if self.device not in get_args(Device):
            raise RecipeError(f"device = {self.device!r}: use one of {', '.join(get_args(Device))}")
        base = self.recipe if self.recipe is not None else Recipe()
        if not isinstance(base, Recipe):
            base = read_recipe(base)
        own = {
            "backbones": list(self.backbones) if self.backbones is not None else None,
            "precision": self.precision,
            "folds": self.folds,
            "seed": self.seed,
            "class_weights": self.class_weights,
            "labels": self.labels,
            "clip": self.clip,
            "borders": self.borders,
            "clean": self.clean,
            "sets": self.sets,
            "sets_by_class": self.sets_by_class,
            "risk": self.risk,
            "coverage": self.coverage,
            "costs": self.costs,
            "neither": self.neither,
        }
        stated = {key: value for key, value in own.items() if value is not None}
        recipe = Recipe.parse(base.model_dump() | stated, "options")
        if self.time is not None:
            read_duration(self.time)
        wants_choice(recipe, self.time)
        return recipe

    def fit(
        self,
        photos: PhotosLike,
        out: str | Path | None = None,
        *,
        decisions: str | Path | None = None,
        group: str | None = None,
        group_name: str | None = None,
        group_alike: bool = False,
        neither: PhotosLike | None = None,
        progress: Watcher = None,
    ) -> Run:
        """Train, evaluate out-of-fold, calibrate, export and report.

        Parameters
        ----------
        photos : Photos, path, or sequence of paths
            With labels; at least two classes.
        out : path, optional
            The run folder; by default the next free one under ``runs/``. An unfinished run of the
            same recipe and decisions is continued.
        decisions : path, optional
            An audit's folder, or a ``decisions.jsonl``: photos that were dropped, relabelled or
            trimmed train so. The photos themselves are never touched.
        group, group_name : str, optional
            How photos of one subject, camera, burst or video are known, which are kept on one side
            of every split; see `Photos.read`.
        group_alike : bool
            Whether pictures that are cut-outs of each other, found by features, are kept together
            too.
        neither : Photos, path, or sequence of paths, optional
            Examples of photos that show none of the classes, at least 10 different ones, whatever
            their folders are called: the answer ``neither`` learns from them.
        progress : callable, False or None
            Called with what is being done, how much is done and how much there is; by default
            bars in a notebook, and nothing elsewhere. False shows nothing in a notebook either.

        Raises
        ------
        PawlensError
            Any of its leaves, each with one line on how to mend it.
        """
        recipe = self.resolved_recipe()
        choosing = wants_choice(recipe, self.time)
        deadline = Deadline(read_duration(self.time or DEFAULT_TIME)) if choosing else None
        table = as_photos(photos, group=group, group_name=group_name)
        options = RunOptions(
            recipe=recipe,
            weights_dir=None if self.weights_dir is None else Path(self.weights_dir),
            cache_dir=self._cache(),
            device=self.device,
            devices=self.devices,
            storage=None if self.storage is None else str(self.storage),
            decisions={} if decisions is None else read_decisions(Path(decisions)),
            join_alike=group_alike,
            neither=None if neither is None else as_photos(neither, labels=False),
        )
        rank = _rank(options, choosing)
        asked = None if out is None else Path(out)
        with watched(progress) as told, ExitStack() as held:
            scanned = None
            if deadline is not None:
                cache = options.cache_dir or Path(held.enter_context(TemporaryDirectory()))
                options = replace(options, cache_dir=cache, deadline=deadline)
                options, scanned = choose_backbones(
                    table, options, self._candidates(recipe), deadline, cache, told
                )
            if rank:  # it helps the first process to train, and keeps nothing
                path, told = Path(held.enter_context(TemporaryDirectory())), None
            else:
                path = held.enter_context(claimed(asked, table.name, options.recipe))
            train_run(table, path, options, told, table=scanned)
        return Run(path)

    def _candidates(self, recipe: Recipe) -> list[str]:
        """Name the backbones to choose from; those of a recipe that says nothing are no names."""
        named = self.backbones is not None or recipe.backbones != Recipe().backbones
        return list(recipe.backbones) if named else []

    def _cache(self) -> Path | None:
        if self.cache_dir is False:
            return None
        return user_cache() if self.cache_dir is None else Path(self.cache_dir)


def _rank(options: RunOptions, choosing: bool) -> int:
    """Return which one of torchrun's processes this is; refuse what they cannot do together."""
    rank, world = ranks()
    recipe = options.recipe
    if world > 1 and (choosing or not recipe.phases or recipe.search is not None):
        raise RecipeError(
            "torchrun: only the phases of a network are trained by several processes; start "
            "pawlens by itself, or choose such a recipe with --recipe"
        )
    if world > 1 and options.devices > 1:
        raise UsageError("--devices: torchrun has started the processes; leave it out")
    return rank
