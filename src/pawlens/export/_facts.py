"""What a graph says about itself: the facts in the metadata of ``model.onnx``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..backbones import BackboneSpec, Precision, licence_terms
from ..errors import BackboneError
from ..metrics import LabelRules, apply_clip, apply_temperature

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import onnx

__all__ = ["FACTS_KEY", "LICENCES_KEY", "GraphFacts", "read_facts", "rewrite_facts"]

FACTS_KEY = "pawlens.model"
LICENCES_KEY = "pawlens.licences"
"""Licences of the weights by backbone, in JSON, for whoever opens the graph without pawlens."""

_MOST_SIDE = 4096  # pixels
_LARGE = 1e9  # no number of a calibration is
_USUAL = {"scale": "reduced", "f32": False}  # not in the metadata


@dataclass(frozen=True)
class GraphFacts:
    """The facts about a graph that are stored in its metadata.

    Attributes
    ----------
    classes : tuple of str
        Class names in the order of the probabilities.
    backbones : tuple of BackboneSpec
    weights_hashes : tuple of str
    temperature : float
        Already inside the head; told for the record.
    clip : float
        Probabilities are limited to [clip, 1 - clip] and scaled to sum to 1; 0 is none.
    version : str
        Version of pawlens that wrote the graph.
    borders : {"keep", "trim"}
        Whether plain borders are cut off before anything else; already inside the graph.
    labels : LabelRules or None
        Where a photo may have several labels: temperatures and clips, already inside the graph and
        instead of the two above, and the thresholds, which are for whoever reads the probabilities.
    scale : {"reduced", "whole"}
        How pawlens decodes large photos for answers: at a reduced scale that leaves enough pixels
        (`pawlens.photos.SPARE`), or whole, where that changes answers beyond the limits of
        ``parity.json``.
    f32 : bool
        Whether it answers in 32-bit floats, as the graph does: where 16-bit ones change answers
        beyond those limits.
    """

    classes: tuple[str, ...]
    backbones: tuple[BackboneSpec, ...]
    weights_hashes: tuple[str, ...]
    temperature: float
    clip: float
    version: str
    borders: Literal["keep", "trim"] = "keep"
    labels: LabelRules | None = None
    scale: Literal["reduced", "whole"] = "reduced"
    f32: bool = False

    def probabilities(self, logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Turn logits (n, K) into the graph's probabilities, float64 (n, K)."""
        if self.labels is not None:
            return self.labels.probabilities(logits)
        return apply_clip(apply_temperature(logits, self.temperature), self.clip)

    def precision(self, asked: Precision) -> Precision:
        """Return the arithmetic to answer in: of a model that needs `f32`, ``auto`` is f32."""
        return "f32" if self.f32 and asked == "auto" else asked

    def to_json(self) -> str:
        """Write the facts as one line of JSON."""
        fields = dict(self.__dict__)
        fields["backbones"] = [json.loads(spec.to_json()) for spec in self.backbones]
        rules = fields.pop("labels")
        if rules is not None:
            fields["labels"] = rules.as_json()
        for name, usual in _USUAL.items():
            if fields[name] == usual:
                del fields[name]  # versions that do not know it refuse a model that needs another
        return json.dumps(fields, ensure_ascii=False)

    def licences(self) -> str:
        """Write the licence of each backbone's weights, and what it restricts, as JSON."""
        told = {}
        for spec in self.backbones:
            terms = licence_terms(spec.licence)
            told[spec.name] = f"{spec.licence} ({terms})" if terms else spec.licence
        return json.dumps(told, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> GraphFacts:
        """Read what `to_json` wrote; ValueError with the reason where it did not."""
        try:
            data = json.loads(text)
            specs = tuple(BackboneSpec.from_json(json.dumps(one)) for one in data.pop("backbones"))
            for name in ("classes", "weights_hashes"):
                data[name] = tuple(data[name])
            exact = data.pop("exact", False)  # both in one, as it was written at first
            data |= {"scale": "whole", "f32": exact} if exact else {}
            if "labels" in data:
                data["labels"] = LabelRules.from_json(data["labels"])
            facts = cls(backbones=specs, **data)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("its metadata is damaged") from error
        except BackboneError as error:
            raise ValueError(f"its metadata: {error}") from error
        facts.check()
        return facts

    def check(self) -> None:
        """Raise ValueError, with the reason, where a value can be none of a model."""
        classes, rules = self.classes, self.labels
        clips = (self.clip,) if rules is None else rules.clip
        temperatures = (self.temperature,) if rules is None else rules.temperature
        sides = [spec.input_size for spec in self.backbones]
        for right, what in (
            (all(isinstance(name, str) and name for name in classes), "a class has no name"),
            (0 < len(classes) == len(set(classes)), "no classes, or one of them twice"),
            (all(isinstance(digest, str) for digest in self.weights_hashes), "a hash is no text"),
            (0 < len(sides) == len(self.weights_hashes), "not one hash a backbone"),
            (max(sides, default=0) <= _MOST_SIDE, f"an input of more than {_MOST_SIDE} pixels"),
            (isinstance(self.version, str), "the version is no text"),
            (self.borders in ("keep", "trim"), "borders are neither kept nor trimmed"),
            (self.scale in ("reduced", "whole"), "the scale is not known"),
            (isinstance(self.f32, bool), "'f32' is neither true nor false"),
            (all(map(_is_number, (*clips, *temperatures))), "calibration that is no number"),
            (rules is None or _fits(rules, len(classes)), "not one rule a label"),
        ):
            if not right:
                raise ValueError(f"its metadata: {what}")
        if min(temperatures) <= 0 or not all(0 <= clip < 0.5 for clip in clips):
            raise ValueError("its metadata: calibration out of range")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGE


def _fits(rules: LabelRules, labels: int) -> bool:
    return all(len(values) == labels for values in (rules.temperature, rules.clip, rules.threshold))


def read_facts(model: onnx.ModelProto) -> GraphFacts:
    """Read the facts in a graph's metadata; ValueError where pawlens did not write it."""
    text = next((p.value for p in model.metadata_props if p.key == FACTS_KEY), None)
    if text is None:
        raise ValueError("its metadata is missing")
    return GraphFacts.from_json(text)


def rewrite_facts(model: onnx.ModelProto, facts: GraphFacts) -> None:
    """Put other facts into a graph's metadata; the rest of them stays."""
    for entry in model.metadata_props:
        if entry.key == FACTS_KEY:
            entry.value = facts.to_json()
