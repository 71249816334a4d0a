"""The rules of answers in the metadata of a graph, beside its facts; older versions skip them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..trust import AnswerRules

if TYPE_CHECKING:
    import onnx

__all__ = ["note_rules", "read_rules"]

_METADATA = "pawlens.answers"


def note_rules(model: onnx.ModelProto, rules: AnswerRules) -> None:
    """Write the rules into a graph's metadata."""
    model.metadata_props.add(key=_METADATA, value=rules.to_json())


def read_rules(model: onnx.ModelProto, classes: int) -> AnswerRules:
    """Read the rules in a graph's metadata; where there are none, the plain ones.

    Raises
    ------
    ValueError
        They are damaged; the message says how.
    """
    text = next((p.value for p in model.metadata_props if p.key == _METADATA), None)
    return AnswerRules() if text is None else AnswerRules.from_json(text, classes)
