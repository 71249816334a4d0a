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
    """An ensemble: its members, their combination, and its results.

    Attributes
    ----------
    joined : Joined
    method : {"blend", "greedy", "stack"}
    seed : int
    fold : ndarray of int64, shape (n,)
        Folds over which weights, temperature and clip were fitted. Where that is parts of one
        held-out fold, one training answered them all: the folds of the trainings are those of
        `joined`.
    combiner : Combiner
        The combiner that ships, fitted on all photos.
    calibration : Calibration
        The calibration; its probabilities are those of the common photos.
    members : list of Difference
        Difference of each member to the ensemble.
    adds : list of Difference
        Difference of the ensemble to that of the other members: below 0, the member helps.
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
        """Metrics over the common photos, with intervals."""
        joined = self.joined
        proba = self.calibration.proba
        return evaluate(joined.y, proba, joined.classes, seed=self.seed, groups=joined.group)

    @property
    def on(self) -> str:
        """Description of the photos that the numbers were measured on."""
        folds = len(np.unique(self.joined.fold[0]))
        parts = len(np.unique(self.fold))
        return (
            f"out-of-fold, {parts} folds" if folds > 1 else f"one held-out fold, in {parts} parts"
        )

    @property
    def conclusion(self) -> str:
        """Sentence that says whether the ensemble is better than its best member."""
        pairs = zip(self.members, self.joined.names, strict=True)
        best, name = min(pairs, key=lambda p: (p[0].verdict != "better", p[0].log_loss.value))
        return {
            "better": f"{name} alone is better than the ensemble: ship that run instead",
            "no real difference": f"no real difference to {name} alone, which is smaller",
            "worse": f"better than its best member, {name}",
        }[best.verdict]

    def to_yaml(self) -> str:
        """Write the plan of the ensemble for ``recipe.yaml``."""
        import yaml

        members = [str(run.path) for run in self.joined.runs]
        plan = {"ensemble": {"method": self.method, "members": members}, "seed": self.seed}
        return yaml.safe_dump(plan, sort_keys=False, allow_unicode=True)

    def answer(self, proba: Floats) -> Floats:
        """Combine and calibrate the members' probabilities float64 (M, n, K), as the graph does."""
        cold = apply_temperature(self.combiner.logits(proba), self.calibration.temperature)
        return apply_clip(cold, self.calibration.clip)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each member: its weight, its log loss, and what it adds."""
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
    path: Path, combined: Ensemble, photos: Photos, clock: Clock, progress: Progress | None
) -> None:
    """Export, verify, measure held-out splits, and write every file; ``report.html`` comes last.

    Raises
    ------
    PhotosError
        A photo that must be answered is missing or has changed; nothing was written.
    """
    joined, runs = combined.joined, combined.joined.runs
    stored = runs[0].photos("decision", "reason", "findings")
    table = stored.to_pydict()
    proof = _parity_rows(combined, table)
    asked = proof + [row for row, role in enumerate(table["role"]) if role in HELD_OUT]
    check_unchanged(photos, asked, [table["sha256"][row] for row in asked])
    decisions = runs[0].decisions
    folder = RunFolder(path, combined)
    folder.start(decisions)
    with clock.step("export"):
        (parity, lost), answers = _export(folder, combined, photos, table, proof, progress)
    with clock.step("evaluation"):
        held_out = _held_out(combined, table, answers)
    folder.write_json("classes.json", joined.classes)
    columns = zip(stored.column_names, stored.columns, strict=True)
    folder.write_table("photos.parquet", dict(columns))
    folder.write_table("oof.parquet", _oof_columns(combined))
    folder.write_rows("history.jsonl", combined.rows())
    folder.write_json("metrics.json", _metrics(combined, held_out, runs[0].metrics))
    folder.write_json("parity.json", parity)
    spent = sum(sum(run.environment["seconds"].values()) for run in runs)
    precisions = list(dict.fromkeys(p for run in runs for p in run.environment["precision"]))
    facts = environment({"members": spent, **clock.seconds}, precisions, 0)
    if lost:
        facts["no longer readable"] = lost
    folder.write_json("environment.json", {"photos": str(photos.location.resolve())} | facts)
    folder.write("report.html", render_report(_report(combined, photos, table, parity, facts)))


def _parity_rows(combined: Ensemble, table: Mapping[str, Any]) -> list[int]:
    """Choose the rows of the photos on which the graph is verified."""
    joined = combined.joined
    count = min(_PARITY_PHOTOS, len(joined.y))
    chosen = np.random.default_rng(combined.seed).choice(len(joined.y), count, replace=False)
    at = {path: row for row, path in enumerate(table["path"])}
    return [at[joined.paths[place]] for place in np.sort(chosen)]


def _export(
    folder: RunFolder,
    combined: Ensemble,
    photos: Photos,
    table: Mapping[str, Any],
    rows: Sequence[int],
    progress: Progress | None,
) -> tuple[tuple[dict[str, Any], list[str]], Callable[[Sequence[int]], Floats]]:
    """Export one graph, and compare its answers with those of the members, combined in Python.

    Returns the parity figures with the photos that could not be read for them, and a function that
    gives the
    graph's answers to other rows.
    """
    joined, calibration = combined.joined, combined.calibration
    cut = {row for row, decision in enumerate(table["decision"]) if decision == "trim"}
    models = [read_model(run.path) for run in joined.runs]
    members = [Member(model.graph, model.facts) for model in models]
    facts = ensemble_facts(
        members, joined.classes, temperature=calibration.temperature, clip=calibration.clip
    )
    graph = ensemble_graph(members, combined.combiner, facts)
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
            return check_agreement(draft, combined.answer(np.stack(expected)), pixels, evaluated)

        proof = on_readable(photos, rows, prove)
    return proof, answers


def _held_out(
    combined: Ensemble, table: Mapping[str, Any], answers: Callable[[Sequence[int]], Floats]
) -> dict[str, dict[str, Interval]]:
    """Measure labelled splits that did not train, with the answers of the graph that ships."""
    measured, classes = {}, combined.joined.classes
    for split in HELD_OUT:
        rows = [i for i, role in enumerate(table["role"]) if role == split]
        if rows:
            proba = answers(rows)
            read = np.flatnonzero(~np.isnan(proba[:, 0]))  # a photo may have vanished meanwhile
            label = np.array([classes.index(table["labels"][i][0]) for i in rows])
            groups = np.array([table["group"][i] for i in rows])
            if len(read):
                measured[split] = evaluate(
                    label[read], proba[read], classes, seed=combined.seed, groups=groups[read]
                )
    return measured


def _metrics(
    combined: Ensemble, held_out: Mapping[str, Mapping[str, Interval]], member: Mapping[str, Any]
) -> dict[str, Any]:
    calibration, joined = combined.calibration, combined.joined
    metrics: dict[str, Any] = {
        "version": RUN_VERSION,
        "out_of_fold": plain_metrics(combined.metrics),
        "held_out": {split: plain_metrics(intervals) for split, intervals in held_out.items()},
        "photos": member["photos"],
        "decisions": member["decisions"],
        "folds": member["folds"],
        "evaluated": {"photos": len(joined.y), "on": combined.on},
        "head": _head_in_words(combined),
        "temperature": calibration.temperature,
        "clip": calibration.clip,
        "confusion": confusion(joined.y, calibration.proba).tolist(),
        "ensemble": {
            "method": combined.method,
            "bias": dict(zip(joined.classes, combined.combiner.bias.tolist(), strict=True)),
            "members": combined.rows(),
            "conclusion": combined.conclusion,
        },
    }
    place = estimate_place(joined.classes, combined.metrics)
    return metrics | ({"kaggle": asdict(place)} if place is not None else {})


def _oof_columns(combined: Ensemble) -> dict[str, Any]:
    joined = combined.joined
    labels = [joined.classes[k] for k in joined.y]
    proba = combined.calibration.proba
    return oof_columns(joined.paths, labels, joined.fold[0], joined.classes, proba)


def _report(
    combined: Ensemble,
    photos: Photos,
    table: Mapping[str, Any],
    parity: Mapping[str, Any],
    facts: Mapping[str, Any],
) -> ReportData:
    joined = combined.joined
    labels = [" and ".join(names) or "no label" for names in table["labels"]]
    counted = Counter(zip(labels, table["role"], strict=True))
    reasons = zip(table["path"], table["reason"], strict=True)
    findings = zip(table["path"], table["findings"], strict=True)
    return ReportData(
        title=f"Ensemble of {', '.join(joined.names)}",
        classes=joined.classes,
        y=joined.y,
        proba=combined.calibration.proba,
        fold=joined.fold[0],
        paths=joined.paths,
        counts=[(name, role, count) for (name, role), count in sorted(counted.items())],
        skipped=[pair for pair in reasons if pair[1]],
        facts=_facts(combined, facts),
        metrics=combined.metrics,
        thumbnail=lambda row: thumbnail(photos, joined.paths[row], joined.sha256[row]),
        calibration=combined.calibration,
        findings=[
            (path, *finding.split(": ", 1)) for path, of_photo in findings for finding in of_photo
        ],
        **provenance(parity, facts),
    )


def _facts(combined: Ensemble, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [
        ("head", _head_in_words(combined)),
        ("measured", combined.on),
        ("in short", combined.conclusion),
    ]
    for row in combined.rows():
        rows.append((f"member {row['member']}", f"weight {row['weight']:.3f}; {row['in_words']}"))
    rows.append(("temperature", f"{combined.calibration.temperature:.3f}"))
    rows.append(("clip", f"{combined.calibration.clip:g}"))
    return rows + [(f"seconds: {step}", f"{value:.1f}") for step, value in facts["seconds"].items()]


def _head_in_words(combined: Ensemble) -> str:
    words = {
        "blend": "mean of the members' probabilities, weighted",
        "greedy": "mean of the members' probabilities, selected greedily",
        "stack": "logistic regression on the members' log-probabilities",
    }
    return f"{words[combined.method]}, {len(combined.joined.names)} members"


def _adds_in_words(name: str, adds: Difference) -> str:
    return f"with {name}, log loss {adds.log_loss:+.4f}: {adds.verdict}"
