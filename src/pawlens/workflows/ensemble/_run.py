"""The run folder of an ensemble: one graph, proven, with the files that every run has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import Clock, Progress, environment, tell
from ...errors import UnreadablePhoto
from ...export import (
    Member,
    TrainedOn,
    answers_of,
    check_agreement,
    ensemble_facts,
    ensemble_graph,
    note_photos,
    note_rules,
    write_model_file,
)
from ...metrics import Interval, evaluate
from ...models import answer_rows, prove_from_files, read_model
from ...pages import ReportData, render_report
from ...photos import Photos, pinned
from ...runs import (
    HELD_OUT,
    RunFolder,
    Standing,
    check_unchanged,
    decoded,
    metrics_values,
    on_readable,
    one_label_values,
    oof_columns,
    proof_rows,
    provenance,
    seconds_in_words,
    thumbnail,
)
from .._card import papers_of
from ._combination import Ensemble

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["write_ensemble"]


def write_ensemble(
    path: Path, found: Ensemble, photos: Photos, clock: Clock, progress: Progress | None
) -> None:
    """Export, verify, measure held-out splits, and write every file; ``report.html`` comes last.

    Raises
    ------
    PhotosError
        A photo that must be answered is missing or has changed; nothing was written.
    """
    joined, runs = found.joined, found.joined.runs
    stored = runs[0].photos("decision", "reason", "findings")
    table = stored.to_pydict()
    proof = _parity_rows(found, table)
    asked = proof + [row for row, role in enumerate(table["role"]) if role in HELD_OUT]
    check_unchanged(photos, asked, [table["sha256"][row] for row in asked])
    photos = pinned(photos, table["sha256"])
    decisions = runs[0].decisions
    folder = RunFolder(path, found)
    folder.start(decisions)
    with clock.step("export"):
        (parity, lost), answers = _export(folder, found, photos, table, proof, progress)
    with clock.step("evaluation"):
        held_out = _held_out(found, table, answers)
    folder.write_results(
        classes=joined.classes,
        photos=dict(zip(stored.column_names, stored.columns, strict=True)),
        oof=_oof_columns(found),
        history=found.rows(),
        metrics=_metrics(found, held_out, runs[0].metrics),
    )
    spent = sum(sum(run.environment["seconds"].values()) for run in runs)
    precisions = list(dict.fromkeys(p for run in runs for p in run.environment["precision"]))
    seconds, busy = {"members": spent, **clock.seconds}, clock.processor_seconds
    facts = environment(seconds, precisions, 0, lost, busy=busy)
    report = render_report(_report(found, photos, table, parity, facts, held_out))
    folder.write_facts(photos.location, parity, facts)
    folder.write_papers(papers_of(folder.as_run(), read_model(folder.model_path).facts.backbones))
    folder.finish(report)


def _parity_rows(found: Ensemble, table: Mapping[str, Any]) -> list[int]:
    """Choose the rows of the photos on which the graph is verified."""
    joined = found.joined
    at = {path: row for row, path in enumerate(table["path"])}
    return [at[joined.paths[row]] for row in proof_rows(np.arange(len(joined.y)), found.seed)]


def _export(
    folder: RunFolder,
    found: Ensemble,
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
    joined, calibration = found.joined, found.calibration
    cut = {row for row, decision in enumerate(table["decision"]) if decision == "trim"}
    models = [read_model(run.path) for run in joined.runs]
    members = [Member(model.graph, model.facts) for model in models]
    facts = ensemble_facts(
        members, joined.classes, temperature=calibration.temperature, clip=calibration.clip
    )
    graph = ensemble_graph(members, found.combiner, facts, neither_shift=found.neither_shift)
    note_rules(graph, found.rules)
    note_photos(graph, TrainedOn.of(set().union(*(run.learnt_from() for run in joined.runs))))
    answers = partial(answer_rows, graph, facts, photos, cut, progress)
    with folder.model() as draft:
        write_model_file(draft, graph)

        def prove(rows: list[int]) -> dict[str, Any]:
            pixels = [partial(decoded, photos, row, trimmed=row in cut) for row in rows]
            expected = []
            for number, (run, model) in enumerate(zip(joined.runs, models, strict=True), start=1):
                order = [model.classes_.index(name) for name in joined.classes]
                expected.append(answers_of(run.model_path, pixels)[:, order])
                tell(progress, "answers of the members", number, len(members))
            evaluated = answers(rows)
            if np.isnan(evaluated).any():
                raise UnreadablePhoto("it vanished while the model was proven")
            return check_agreement(draft, found.answer(np.stack(expected)), pixels, evaluated)

        parity, lost = on_readable(photos, rows, prove)
        parity |= prove_from_files(graph, facts, photos.subset(rows))
        write_model_file(draft, graph)  # it may have been marked to be exact
    return (parity, lost), answers


def _held_out(
    found: Ensemble, table: Mapping[str, Any], answers: Callable[[Sequence[int]], Floats]
) -> dict[str, dict[str, Interval]]:
    """Measure labelled splits that did not train, with the answers of the graph that ships."""
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
    confusion, place = one_label_values(joined.y, calibration.proba, joined.classes, found.metrics)
    values = metrics_values(
        out_of_fold=found.metrics,
        held_out=held_out,
        photos=member["photos"],
        decisions=member["decisions"],
        folds=member["folds"],
        evaluated=len(joined.y),
        on=found.on,
        head=found.head_in_words,
    )
    values["notes"] = member.get("notes", [])
    values["trust"] = dict(found.trust)
    values |= {"temperature": calibration.temperature, "clip": calibration.clip} | confusion
    values["ensemble"] = {
        "method": found.method,
        "bias": dict(zip(joined.classes, found.combiner.bias.tolist(), strict=True)),
        "members": found.rows(),
        "conclusion": found.conclusion,
    }
    return values | place


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
    held_out: Mapping[str, Mapping[str, Interval]],
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
        groups=joined.group,
        fold=joined.fold[0],
        paths=joined.paths,
        counts=[(name, role, count) for (name, role), count in sorted(counted.items())],
        skipped=[pair for pair in reasons if pair[1]],
        facts=_facts(found, facts),
        metrics=found.metrics,
        standing=Standing.of(
            joined.classes, table["labels"], table["role"], found.metrics, held_out
        ),
        thumbnail=lambda row: thumbnail(photos, joined.paths[row], joined.sha256[row]),
        calibration=found.calibration,
        trust=found.trust,
        findings=[(path, *one.split(": ", 1)) for path, some in findings for one in some],
        **provenance(parity, facts),
    )


def _facts(found: Ensemble, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [("head", found.head_in_words), ("measured", found.on), ("in short", found.conclusion)]
    for one in found.rows():
        rows.append((f"member {one['member']}", f"weight {one['weight']:.3f}; {one['in_words']}"))
    rows.append(("temperature", f"{found.calibration.temperature:.3f}"))
    rows.append(("clip", f"{found.calibration.clip:g}"))
    return rows + seconds_in_words(facts)
