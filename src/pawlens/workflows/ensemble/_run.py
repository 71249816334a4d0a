"""The run folder of an ensemble: one graph, proven, with the files that every run has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Clock, Progress, environment
from ...errors import UnreadablePhoto
from ...export import (
    Member,
    TrainedOn,
    answers_of,
    check_agreement,
    ensemble_facts,
    ensemble_graph,
    note_photos,
)
from ...heads import Combiner, Method
from ...metrics import (
    Calibration,
    Difference,
    Interval,
    apply_clip,
    apply_temperature,
    confusion,
    estimate_place,
    evaluate,
)
from ...models import answer_rows, read_model
from ...pages import ReportData, render_report
from ...photos import Photos
from ...runs import RUN_VERSION, RunFolder, check_unchanged, decoded, on_readable, thumbnail
from ..train import HELD_OUT, oof_columns, plain_metrics, provenance

if TYPE_CHECKING:
    import numpy.typing as npt

    from ...runs import Joined

    Floats = npt.NDArray[np.float64]
    Ints = npt.NDArray[np.int64]

__all__ = ["Ensemble", "write_ensemble"]

_PARITY_PHOTOS = 64


@dataclass(frozen=True)
class Ensemble:
    """Members, how they are combined, and what that gave.

    Attributes
    ----------
    joined : Joined
    method : {"blend", "greedy", "stack"}
    seed : int
    fold : ndarray of int64, shape (n,)
        Over which weights, temperature and clip were fitted. Where that is parts of one held-out
        fold, one training answered them all: the folds of the trainings are those of `joined`.
    combiner : Combiner
        Fitted on all photos: what ships.
    calibration : Calibration
        Its probabilities are those of the common photos.
    members : list of Difference
        Each member less the ensemble.
    adds : list of Difference
        The ensemble less the ensemble of the other members: below 0, the member helps.
        Their p values are corrected together.
    """

    joined: Joined
    method: Method
    seed: int
    fold: Ints
    combiner: Combiner
    calibration: Calibration
    members: list[Difference]
    adds: list[Difference]

    @cached_property
    def metrics(self) -> dict[str, Interval]:
        """Over the common photos."""
        joined = self.joined
        proba = self.calibration.proba
        return evaluate(joined.y, proba, joined.classes, seed=self.seed, groups=joined.group)

    @property
    def on(self) -> str:
        """What the numbers were measured on, in words."""
        own = len(np.unique(self.joined.fold[0]))
        parts = len(np.unique(self.fold))
        return f"out-of-fold, {parts} folds" if own > 1 else f"one held-out fold, in {parts} parts"

    @property
    def conclusion(self) -> str:
        """Whether it is worth more than its best member, in words."""
        pairs = zip(self.members, self.joined.names, strict=True)
        best, name = min(pairs, key=lambda p: (p[0].verdict != "better", p[0].log_loss.value))
        return {
            "better": f"{name} alone is better than the ensemble: ship that run instead",
            "no real difference": f"no real difference to {name} alone, which is smaller",
            "worse": f"better than its best member, {name}",
        }[best.verdict]

    def to_yaml(self) -> str:
        """For ``recipe.yaml``."""
        import yaml

        members = [str(run.path) for run in self.joined.runs]
        plan = {"ensemble": {"method": self.method, "members": members}, "seed": self.seed}
        return yaml.safe_dump(plan, sort_keys=False, allow_unicode=True)

    def answer(self, proba: Floats) -> Floats:
        """What ships: the members' probabilities float64 [M, n, K] combined and calibrated."""
        cold = apply_temperature(self.combiner.logits(proba), self.calibration.temperature)
        return apply_clip(cold, self.calibration.clip)

    def rows(self) -> list[dict[str, Any]]:
        """A member each: its weight, its own log loss, and what it adds."""
        joined = self.joined
        return [
            {
                "member": name,
                "weight": float(weight),
                "log_loss": self.metrics["log_loss"].value + alone.log_loss.value,
                "less_the_ensemble": alone.to_json(["ensemble", *joined.names]),
                "adds": asdict(adds) | {"verdict": adds.verdict},
                "in_words": _adds_in_words(name, adds),
            }
            for name, weight, alone, adds in zip(
                joined.names, self.combiner.weights, self.members, self.adds, strict=True
            )
        ]


def write_ensemble(
    path: Path, found: Ensemble, photos: Photos, clock: Clock, progress: Progress | None
) -> None:
    """Export, prove, measure held-out splits, and write every file; ``report.html`` comes last.

    Raises
    ------
    PhotosError
        A photo that is to be answered is missing or another one; nothing was written.
    """
    joined, runs = found.joined, found.joined.runs
    stored = runs[0].photos("decision", "reason", "findings")
    table = stored.to_pydict()
    proof = _parity_rows(found, table)
    asked = proof + [row for row, role in enumerate(table["role"]) if role in HELD_OUT]
    check_unchanged(photos, asked, [table["sha256"][row] for row in asked])
    decisions = runs[0].decisions
    folder = RunFolder(path, found)
    folder.start(decisions)
    with clock.step("export"):
        (parity, lost), answers = _export(folder, found, photos, table, proof, progress)
    with clock.step("evaluation"):
        held_out = _held_out(found, table, answers)
    folder.write_json("classes.json", joined.classes)
    columns = zip(stored.column_names, stored.columns, strict=True)
    folder.write_table("photos.parquet", dict(columns))
    folder.write_table("oof.parquet", _oof_columns(found))
    folder.write_rows("history.jsonl", found.rows())
    folder.write_json("metrics.json", _metrics(found, held_out, runs[0].metrics))
    folder.write_json("parity.json", parity)
    spent = sum(sum(run.environment["seconds"].values()) for run in runs)
    precisions = list(dict.fromkeys(p for run in runs for p in run.environment["precision"]))
    facts = environment({"members": spent, **clock.seconds}, precisions, 0)
    if lost:
        facts["no longer readable"] = lost
    folder.write_json("environment.json", {"photos": str(photos.location.resolve())} | facts)
    folder.write("report.html", render_report(_report(found, photos, table, parity, facts)))


def _parity_rows(found: Ensemble, table: Mapping[str, Any]) -> list[int]:
    """Rows of the photos on which the graph is proven."""
    joined = found.joined
    count = min(_PARITY_PHOTOS, len(joined.y))
    chosen = np.random.default_rng(found.seed).choice(len(joined.y), count, replace=False)
    at = {path: row for row, path in enumerate(table["path"])}
    return [at[joined.paths[one]] for one in np.sort(chosen)]


def _export(
    folder: RunFolder,
    found: Ensemble,
    photos: Photos,
    table: Mapping[str, Any],
    rows: Sequence[int],
    progress: Progress | None,
) -> tuple[tuple[dict[str, Any], list[str]], Callable[[Sequence[int]], Floats]]:
    """One graph; its answers are compared with those of the members' graphs, combined here.

    Returned are the proof with the photos that could not be read for it, and what gives the
    graph's answers to other rows.
    """
    joined, calibration = found.joined, found.calibration
    cut = {row for row, decision in enumerate(table["decision"]) if decision == "trim"}
    models = [read_model(run.path) for run in joined.runs]
    members = [Member(model.graph, model.facts) for model in models]
    facts = ensemble_facts(
        members, joined.classes, temperature=calibration.temperature, clip=calibration.clip
    )
    graph = ensemble_graph(members, found.combiner, facts)
    note_photos(graph, TrainedOn.of(set().union(*(run.learnt_from() for run in joined.runs))))
    answers = partial(answer_rows, graph, facts, photos, cut, progress)
    with folder.proven("model.onnx") as draft:
        draft.write_bytes(graph.SerializeToString())

        def prove(rows: list[int]) -> dict[str, Any]:
            pixels = [partial(decoded, photos, row, trimmed=row in cut) for row in rows]
            expected = []
            for number, (run, model) in enumerate(zip(joined.runs, models, strict=True), start=1):
                order = [model.classes_.index(name) for name in joined.classes]
                expected.append(answers_of(run.model_path, pixels)[:, order])
                if progress is not None:
                    progress("answers of the members", number, len(members))
            evaluated = answers(rows)
            if np.isnan(evaluated).any():
                raise UnreadablePhoto("it vanished while the model was proven")
            return check_agreement(draft, found.answer(np.stack(expected)), pixels, evaluated)

        proof = on_readable(photos, rows, prove)
    return proof, answers


def _held_out(
    found: Ensemble, table: Mapping[str, Any], answers: Callable[[Sequence[int]], Floats]
) -> dict[str, dict[str, Interval]]:
    """Metrics of labelled splits that did not train, answered by the graph that ships."""
    measured, classes = {}, found.joined.classes
    for split in HELD_OUT:
        rows = [i for i, role in enumerate(table["role"]) if role == split]
        if rows:
            proba = answers(rows)
            read = np.flatnonzero(~np.isnan(proba[:, 0]))  # a photo may have vanished meanwhile
            label = np.array([classes.index(table["labels"][i][0]) for i in rows])
            groups = np.array([table["group"][i] for i in rows])
            if len(read):
                measured[split] = evaluate(
                    label[read], proba[read], classes, seed=found.seed, groups=groups[read]
                )
    return measured


def _metrics(
    found: Ensemble, held_out: Mapping[str, Mapping[str, Interval]], member: Mapping[str, Any]
) -> dict[str, Any]:
    calibration, joined = found.calibration, found.joined
    metrics: dict[str, Any] = {
        "version": RUN_VERSION,
        "out_of_fold": plain_metrics(found.metrics),
        "held_out": {split: plain_metrics(one) for split, one in held_out.items()},
        "photos": member["photos"],
        "decisions": member["decisions"],
        "folds": member["folds"],
        "evaluated": {"photos": len(joined.y), "on": found.on},
        "head": _head_in_words(found),
        "temperature": calibration.temperature,
        "clip": calibration.clip,
        "confusion": confusion(joined.y, calibration.proba).tolist(),
        "ensemble": {
            "method": found.method,
            "bias": dict(zip(joined.classes, found.combiner.bias.tolist(), strict=True)),
            "members": found.rows(),
            "conclusion": found.conclusion,
        },
    }
    place = estimate_place(joined.classes, found.metrics)
    return metrics | ({"kaggle": asdict(place)} if place is not None else {})


def _oof_columns(found: Ensemble) -> dict[str, Any]:
    joined = found.joined
    labels = [joined.classes[k] for k in joined.y]
    proba = found.calibration.proba
    return oof_columns(joined.paths, labels, joined.fold[0], joined.classes, proba)


def _report(
    found: Ensemble,
    photos: Photos,
    table: Mapping[str, Any],
    parity: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> ReportData:
    joined = found.joined
    labels = [" and ".join(names) or "no label" for names in table["labels"]]
    counted = Counter(zip(labels, table["role"], strict=True))
    reasons = zip(table["path"], table["reason"], strict=True)
    findings = zip(table["path"], table["findings"], strict=True)
    return ReportData(
        title=f"Ensemble of {', '.join(joined.names)}",
        classes=joined.classes,
        y=joined.y,
        proba=found.calibration.proba,
        fold=joined.fold[0],
        paths=joined.paths,
        counts=[(name, role, count) for (name, role), count in sorted(counted.items())],
        skipped=[pair for pair in reasons if pair[1]],
        facts=_facts(found, facts),
        metrics=found.metrics,
        thumbnail=lambda row: thumbnail(photos, joined.paths[row], joined.sha256[row]),
        calibration=found.calibration,
        findings=[(path, *one.split(": ", 1)) for path, some in findings for one in some],
        **provenance(parity, facts),
    )


def _facts(found: Ensemble, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [("head", _head_in_words(found)), ("measured", found.on), ("in short", found.conclusion)]
    for one in found.rows():
        rows.append((f"member {one['member']}", f"weight {one['weight']:.3f}; {one['in_words']}"))
    rows.append(("temperature", f"{found.calibration.temperature:.3f}"))
    rows.append(("clip", f"{found.calibration.clip:g}"))
    return rows + [(f"seconds: {step}", f"{value:.1f}") for step, value in facts["seconds"].items()]


def _head_in_words(found: Ensemble) -> str:
    words = {
        "blend": "mean of the members' probabilities, weighted",
        "greedy": "mean of the members' probabilities, selected greedily",
        "stack": "logistic regression on the members' log-probabilities",
    }
    return f"{words[found.method]}, {len(found.joined.names)} members"


def _adds_in_words(name: str, adds: Difference) -> str:
    return f"with {name}, log loss {adds.log_loss:+.4f}: {adds.verdict}"
