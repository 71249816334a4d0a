"""Does `pawlens monitor` keep its promises: false alarms, planted shifts, expected accuracy.

``python benchmarks/monitor.py RUN PHOTOS --cache DIR`` takes a finished run on real photos with its
features in the cache. All three parts draw, again and again, photos that stand for the run's (a
reference of 1,000, and the out-of-fold answers to all that are not new) and others that stand for
new ones; the answers to the new ones are out-of-fold too.

1. New photos of the same kind: how often is there an alarm, and which?
2. Planted shifts of several sizes: how often is there an alarm, and at which size is it half the
   time? Pixels are changed in a quarter of a step up to all of it: darker, blurred, another camera
   (colour cast, noise, JPEG of quality 40); a share of photos of another breed; other class shares.
3. Expected accuracy: how often does its interval hold the true share of right answers, where the
   check says that its condition holds, and where it says that it does not?
"""

from __future__ import annotations

import argparse
import io
import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from pawlens import Photos, Run, load
from pawlens.models import Model
from pawlens.photos import decode
from pawlens.runs import stored_photos
from pawlens.trust import project
from pawlens.workflows._arrivals import Arrivals
from pawlens.workflows._drift import Past, compare_with_past
from pawlens.workflows._reference import Reference, picture_measures

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
REFERENCE, NEW, SHIFTED = 1000, 200, 600


class Pool:
    """Photos with features, answers, labels and measures, row by row."""

    def __init__(
        self, features: Any, proba: Floats, label: Ints, measures: dict[str, Floats]
    ) -> None:
        self.features, self.proba, self.label, self.measures = features, proba, label, measures

    def __len__(self) -> int:
        return len(self.label)


def read_pool(run: Run, model: Model, photos: Photos, cache: Path) -> Pool:
    """The photos of a run: out-of-fold answers, and one of each group of photos that look alike."""
    oof, table = run.oof().to_pydict(), run.photos().to_pydict()
    group = dict(zip(table["path"], table["group"], strict=True))
    _, first = np.unique([group[path] for path in oof["path"]], return_index=True)
    row_of = {path: row for row, path in enumerate(photos.paths)}
    chosen = photos.subset([row_of[oof["path"][place]] for place in first])
    found = model.embed(chosen)
    proba = np.column_stack([oof[f"p:{name}"] for name in run.classes])[first]
    label = np.array([run.classes.index(oof["label"][place]) for place in first])
    measures = picture_measures(chosen, cache_dir=cache)
    ok = np.flatnonzero(~np.isnan(found.values).any(axis=1))
    widths = [spec.feature_dim for spec in model.facts.backbones]
    kept = {name: values[ok] for name, values in measures.items()}
    return Pool(project(found.values[ok], widths), proba[ok], label[ok], kept)


def changed(kind: str, size: float, seed: int) -> Callable[[Image.Image], Image.Image]:
    """A change of pixels; size 1 is a strong one."""

    def change(picture: Image.Image) -> Image.Image:
        if kind == "darker":
            return picture.point(lambda value: round(value * (1 - 0.5 * size)))
        if kind == "blurred":
            return picture.filter(ImageFilter.GaussianBlur(2.5 * size))
        rng = np.random.default_rng(seed)
        pixels = np.asarray(picture, np.float64)
        pixels = pixels * (1 + size * np.array([0.12, 0.0, -0.15]))
        pixels += rng.normal(0, 12 * size, pixels.shape)
        noisy = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        sink = io.BytesIO()
        noisy.save(sink, "JPEG", quality=round(95 - 55 * size))
        return Image.open(io.BytesIO(sink.getvalue())).convert("RGB")

    return change


def shifted_pool(
    run: Run, model: Model, photos: Photos, rows: Ints, kind: str, size: float, work: Path
) -> Pool:
    """The same photos with changed pixels: features, answers of the model that ships, measures."""
    table = run.photos().to_pydict()
    labels = [run.classes.index(table["labels"][row][0]) for row in rows.tolist()]
    change = changed(kind, size, 0)
    return pool_of(run, model, photos, rows, labels, change, work / f"{kind}-{size:g}")


def pool_of(
    run: Run,
    model: Model,
    photos: Photos,
    rows: Ints,
    labels: list[int],
    change: Callable[[Image.Image], Image.Image],
    folder: Path,
) -> Pool:
    """Photos whose pixels were changed, answered by the model that ships."""
    folder.mkdir(parents=True, exist_ok=True)
    names = [folder / f"{place}.png" for place in range(len(rows))]
    for name, row in zip(names, rows.tolist(), strict=True):
        if not name.exists():
            change(Image.fromarray(decode(photos.read_bytes(row)))).save(name)
    changed_photos = Photos.read(names, labels=False)
    found, answers = model.embed(changed_photos), model.answer(changed_photos)
    order = [found.paths.index(str(name)) for name in names]
    widths = [spec.feature_dim for spec in model.facts.backbones]
    measures = picture_measures(changed_photos)
    return Pool(
        project(found.values[order], widths),
        answers.proba[order],
        np.array(labels),
        {name: values[order] for name, values in measures.items()},
    )


def monitored(
    run: Run, pool: Pool, before: Ints, news: Pool, rows: Ints, seed: int, level: float
) -> tuple[Any, float]:
    """What is said of some new photos, and the true share of right answers."""
    sample = before[:REFERENCE]
    past = Past(
        run.path.name,
        run.classes,
        pool.proba[before],
        pool.label[before],
        run.out_of_fold["accuracy"],
    )
    answers = [run.classes[k] for k in pool.proba[sample].argmax(axis=1)]
    measures = {name: values[sample] for name, values in pool.measures.items()}
    reference = Reference(pool.features[sample], answers, measures)
    new = Arrivals(
        paths=[str(row) for row in rows],
        proba=news.proba[rows],
        unreadable=[],
        looked_at=np.arange(len(rows)),
        features=news.features[rows],
        measures={name: values[rows] for name, values in news.measures.items()},
    )
    found = compare_with_past(past, reference, new, level=level, seed=seed)
    right = float((news.proba[rows].argmax(axis=1) == news.label[rows]).mean())
    return found, right


def same_kind(run: Run, pool: Pool, draws: int, level: float) -> dict[str, Any]:
    """Part 1, and the first half of part 3."""
    alarms: Counter[str] = Counter()
    inside = any_alarm = 0
    for seed in range(draws):
        order = np.random.default_rng(seed).permutation(len(pool))
        found, right = monitored(run, pool, order[NEW:], pool, order[:NEW], seed, level)
        any_alarm += found.drift
        alarms.update(check.name for check in found.checks if check.alarm)
        inside += found.expected.low <= right <= found.expected.high
    return {"draws": draws, "alarms": any_alarm, "by check": dict(alarms), "inside": inside}


def planted(
    run: Run, pool: Pool, draws: int, level: float, at: Callable[[int, Ints], tuple[Pool, Ints]]
) -> dict[str, Any]:
    """How often one shift of one size is found; part 3 beside it."""
    alarms: Counter[str] = Counter()
    found_it = holds = inside_if_holds = inside = 0
    for seed in range(draws):
        order = np.random.default_rng([seed, 1]).permutation(len(pool))
        news, rows = at(seed, order[:SHIFTED])
        found, right = monitored(run, pool, order[SHIFTED:], news, rows, seed, level)
        found_it += found.drift
        alarms.update(check.name for check in found.checks if check.alarm)
        good = found.expected.low <= right <= found.expected.high
        holds += found.holds
        inside += good
        inside_if_holds += good and found.holds
    return {
        "found": found_it / draws,
        "by check": {name: count / draws for name, count in alarms.items()},
        "condition holds": holds,
        "inside where it holds": inside_if_holds,
        "inside at all": inside,
        "draws": draws,
    }


def half_found(sizes: list[float], shares: list[float]) -> float | None:
    """The size at which half are found, between the sizes that were tried."""
    for (a, low), (b, high) in zip(
        zip([0.0, *sizes], [0.0, *shares], strict=True),
        zip(sizes, shares, strict=True),
        strict=False,
    ):
        if high >= 0.5:
            return a + (b - a) * (0.5 - low) / max(high - low, 1e-9)
    return None


def _stretched(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    return picture.resize(size, Image.Resampling.BICUBIC)


def _of_breed(run: Run, pool: Pool, other: Pool, given: argparse.Namespace) -> dict[str, Any]:
    """Some of the new photos are of a breed from elsewhere: half of the size as a share."""
    both = Pool(
        np.vstack([pool.features, other.features]),
        np.vstack([pool.proba, other.proba]),
        np.concatenate([pool.label, other.label]),
        {k: np.concatenate([v, other.measures[k]]) for k, v in pool.measures.items()},
    )
    results = []
    for size in given.sizes:

        def mixed(seed: int, order: Ints, size: float = size) -> tuple[Pool, Ints]:
            count = round(NEW * size / 2)
            strange = np.random.default_rng(seed).permutation(len(other))[:count] + len(pool)
            return both, np.concatenate([order[: NEW - count], strange])

        results.append(planted(run, pool, given.shift_draws, given.level, mixed))
        print("another breed", size / 2, json.dumps(results[-1]), flush=True)
    shares = [one["found"] for one in results]
    halves = [size / 2 for size in given.sizes]
    return {"half found at": half_found(halves, shares), "found": shares}


def main() -> None:
    """Run all parts and print them as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("--photos")
    parser.add_argument("--work", default="monitor-work", help="where changed photos are kept")
    parser.add_argument("--cache", required=True)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--shift-draws", type=int, default=40)
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.125, 0.25, 0.5, 1.0])
    parser.add_argument("--level", type=float, default=0.01)
    parser.add_argument("--parts", default="same,pixels,shares")
    parser.add_argument("--breed", help="photos of one breed from elsewhere")
    parser.add_argument("--breed-is", default="cat", help="the class that they are of")
    given = parser.parse_args()
    run = Run(given.run)
    model, photos = load(run), stored_photos(run, given.photos)
    assert photos is not None, "the photos are not where they were"
    pool = read_pool(run, model, photos, Path(given.cache))
    told: dict[str, Any] = {"run": run.path.name, "photos": len(pool), "new": NEW}
    if "same" in given.parts:
        told["same kind"] = same_kind(run, pool, given.draws, given.level)
        print(json.dumps(told, indent=1), flush=True)
    if "pixels" in given.parts:
        rows = np.random.default_rng(9).permutation(len(photos))[: 2 * NEW]
        for kind in ("darker", "blurred", "another camera"):
            results = []
            for size in given.sizes:
                other = shifted_pool(run, model, photos, rows, kind, size, Path(given.work))

                def at(seed: int, _: Ints, other: Pool = other) -> tuple[Pool, Ints]:
                    return other, np.random.default_rng(seed).permutation(len(other))[:NEW]

                results.append(planted(run, pool, given.shift_draws, given.level, at))
                print(kind, size, json.dumps(results[-1]), flush=True)
            shares = [one["found"] for one in results]
            told[kind] = {"half found at": half_found(given.sizes, shares), "found": shares}
    if given.breed:
        strange = Photos.read(given.breed, labels=False)
        rows = np.random.default_rng(9).permutation(len(strange))[:NEW]
        size = decode(photos.read_bytes(0)).shape[1::-1]
        folder, labels = Path(given.work) / "breed", [run.classes.index(given.breed_is)] * len(rows)
        stretch = partial(_stretched, size=size)
        other = pool_of(run, model, strange, rows, labels, stretch, folder)
        told["another breed"] = _of_breed(run, pool, other, given)
    if "shares" in given.parts:
        results = []
        for size in given.sizes:

            def moved(seed: int, order: Ints, size: float = size) -> tuple[Pool, Ints]:
                first = pool.label[order] == 0
                count = round(NEW * (first.mean() + 0.4 * size))
                rows = np.concatenate([order[first][:count], order[~first][: NEW - count]])
                return pool, rows

            results.append(planted(run, pool, given.shift_draws, given.level, moved))
            print("class shares", size, json.dumps(results[-1]), flush=True)
        shares = [one["found"] for one in results]
        told["class shares"] = {"half found at": half_found(given.sizes, shares), "found": shares}
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
