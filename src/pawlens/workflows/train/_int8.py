"""Whether ``precision: auto`` computes features in int8: where that is faster and loses nothing.

Eight-bit integers pay on processors without bf16 instructions. Whether a network bears them depends
on the network and on the photos, so both ways answer a sample, and the folds judge.
"""

from __future__ import annotations

from ...backbones import (
    Backbone,
    count_graph,
    int8_is_faster,
    parse_graph,
    total_macs,
)
from ...base import Progress, tell
from ...errors import BackboneError
from ...metrics import paired_difference, photo_losses, verdict_of
from ._method import RunOptions, TrainingJob
from .auto import Bench, draw_sample, loses_by_int8

__all__ = ["int8_pays", "try_int8", "work_of"]

_WORK = 10e12  # multiply-adds of all photos from on which the trial costs less than it can save
_PHOTOS = 3000  # that train; the trial computes a fifth of these twice


def int8_pays(options: RunOptions, photos: int, backbones: list[Backbone]) -> bool:
    """Whether a trial of int8 is worth its time: on this processor, for so many photos that train.

    It does not depend on a clock, so that the same job takes the same way again.
    """
    recipe = options.recipe
    if recipe.precision != "auto" or recipe.labels != "one" or options.device == "cuda":
        return False
    if options.choice:  # it has tried int8, and has no time for another trial
        return False
    if photos < _PHOTOS or not int8_is_faster():
        return False
    macs = work_of(backbones)
    return macs is not None and photos * macs >= _WORK


def work_of(backbones: list[Backbone]) -> int | None:
    """Count the multiply-adds of a photo; None for a graph whose shapes cannot be told."""
    try:
        return sum(
            total_macs(count_graph(parse_graph(one.path), one.spec.input_size)) for one in backbones
        )
    except BackboneError:
        return None


def try_int8(job: TrainingJob, progress: Progress | None) -> tuple[bool, str]:
    """Let floats and int8 answer a sample; whether int8 is taken, and a sentence that says why.

    Parameters
    ----------
    job : TrainingJob
    progress : callable, optional
    """

    def told(what: str, done: int, whole: int) -> None:
        tell(progress, what, done, whole)

    bench, names = Bench(job), job.recipe.backbones
    rows = draw_sample(bench.rows, bench.label, job.recipe.seed)
    wanted = set(rows.tolist())
    for name in names:
        bench.open(name)
    try:
        floats, whole = (
            bench.answers(
                [bench.extract(name, wanted, int8=int8, progress=told) for name in names],
                rows,
                progress=told,
            )
            for int8 in (False, True)
        )
    except BackboneError as error:
        return False, f"Features are computed in floats: {error}."
    label = bench.label[rows]
    gap = paired_difference(label, whole, floats, seed=job.recipe.seed, groups=bench.group[rows])
    loses = loses_by_int8(gap, float(photo_losses(label, floats).mean()))
    measured = f"log loss {gap:+.4f} on {len(rows):,} photos, {verdict_of(gap)}"
    if loses:
        return False, f"Features are computed in floats: int8 loses by it ({measured})."
    return (
        True,
        f"Features are computed in int8, which is faster here and loses nothing: {measured}.",
    )
