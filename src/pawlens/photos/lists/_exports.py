"""Records of labelling programs as a path and a label: what each of them calls these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ._label_objects import told_by

__all__ = ["as_exported"]


def as_exported(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a record as the program that wrote it means it.

    Parameters
    ----------
    record : mapping
        One of Label Studio, Labelbox, Prodigy, SageMaker or Vertex AI, or any other.

    Returns
    -------
    mapping
        With the names that lists of photos have; the same one, where no program is recognised.
    """
    if isinstance(record.get("data"), Mapping):
        return _label_studio(record)
    if isinstance(record.get("data_row"), Mapping):
        return _labelbox(record)
    if "Labeled Data" in record and isinstance(record.get("Label"), Mapping):
        path = record.get("External ID") or record["Labeled Data"]
        return {"path": path, "label": list(_answers(record["Label"]))}
    answer = record.get("answer")
    if answer in ("accept", "reject", "ignore"):  # Prodigy
        told = record.get("accept", record.get("label"))
        rest = {name: own for name, own in record.items() if name not in ("accept", "options")}
        return {**rest, "label": told if answer == "accept" else None}
    if "source-ref" in record:  # SageMaker keeps the name beside the number, in "NAME-metadata"
        about = [own for name, own in record.items() if name.endswith("-metadata")]
        named = [own["class-name"] for own in about if "class-name" in own]
        return {
            "path": record["source-ref"],
            **({"label": named[0]} if len(named) == 1 else record),
        }
    if "imageGcsUri" in record:
        return _vertex(record)
    return record


def _label_studio(task: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a task of Label Studio's whole export: its data, and the choices of its annotations."""
    chosen = [
        choice
        for annotation in task.get("annotations", [])
        if not annotation.get("was_cancelled")
        for result in annotation.get("result", [])
        for choice in result.get("value", {}).get("choices", [])
    ]
    return {**task["data"], "choice": list(dict.fromkeys(chosen)), "annotation_id": ""}


def _labelbox(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a row of Labelbox's export: the answers to its questions on the whole photo."""
    row = record["data_row"]
    answers = [
        answer
        for project in record.get("projects", {}).values()
        for label in project.get("labels", [])
        for answer in _answers(label.get("annotations", {}))
    ]
    path = row.get("external_id") or row.get("row_data") or row["id"]
    return {"path": path, "label": list(dict.fromkeys(answers))}


def _answers(annotations: Mapping[str, Any]) -> Iterator[str]:
    for one in annotations.get("classifications", []):
        chosen = [one[name] for name in ("radio_answer", "answer") if name in one]
        several = one.get("checklist_answers", one.get("answers", []))
        for answer in (*chosen, *several):
            told = told_by(answer) if isinstance(answer, Mapping) else answer
            if told:
                yield str(told)


def _vertex(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read a line of Vertex AI, which keeps the split among the labels of the resource."""
    resource = record.get("dataItemResourceLabels") or {}
    uses = [use for name, use in resource.items() if name.endswith("ml_use")]
    rest = {name: own for name, own in record.items() if name != "dataItemResourceLabels"}
    return {**rest, **({"split": uses[0]} if uses else {})}
