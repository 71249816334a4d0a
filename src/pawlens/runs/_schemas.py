"""Schemas of the JSON files of a run folder, as far as other commands read them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, field_validator

__all__ = ["ChoiceSchema", "EnvironmentSchema", "MetricsSchema"]


class _Schema(BaseModel):
    """A schema that allows further keys, and checks the type of those that it names."""

    model_config = ConfigDict(strict=True, extra="allow")


class _Interval(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    value: float
    low: float
    high: float


class _Evaluated(_Schema):
    photos: int
    on: str


class _Cleaning(_Schema):
    in_words: str


class _Views(_Schema):
    views: list[str]
    log_loss: dict[str, _Interval]
    difference: _Interval


class _Gap(_Schema):
    log_loss: _Interval
    verdict: str


class _Member(_Schema):
    member: str
    weight: float
    log_loss: float
    in_words: str
    less_the_ensemble: _Gap


class _Ensemble(_Schema):
    method: str
    conclusion: str
    members: list[_Member]


class _Slice(_Schema):
    trait: str
    value: str
    photos: int
    accuracy: _Interval
    verdict: str


class _Slices(_Schema):
    in_words: str
    slices: list[_Slice] = []


class _Examples(_Schema):
    photos: int
    found: _Interval
    set_aside: list[list[str]]


class _Neither(_Schema):
    false_alarms: float | None = None
    examples: _Examples | None = None
    splits: dict[str, _Interval] | None = None


class _Curve(_Schema):
    area: float
    coverage: list[float]
    risk: list[float]


class _ClassOfSets(_Schema):
    covered: _Interval
    mean_size: float
    photos: int


class _Sets(_Schema):
    promised: float
    by_class: bool
    covered: _Interval
    alone: _Interval
    classes: dict[str, _ClassOfSets]
    mean_size: float
    sizes: dict[str, int]


class _Abstention(_Schema):
    in_words: str


class _Costs(_Schema):
    mean: _Interval
    most_probable: _Interval


class _TrueLabels(_Schema):
    wrong_labels: _Interval
    accuracy: _Interval


class _Half(_Schema):
    right: _Interval
    covered: _Interval | None = None


class _OverTime(_Schema):
    p: float
    earlier: _Half
    later: _Half


class _SetsOfSplit(_Schema):
    covered: _Interval
    too_few_p: float | None = None


class _Split(_Schema):
    exchangeable_p: float
    sets: _SetsOfSplit | None = None
    abstention: _Abstention | None = None


class _Trust(_Schema):
    """The schema of what was measured of the rules by which a model answers."""

    neither: _Neither | None = None
    risk_coverage: _Curve | None = None
    sets: _Sets | None = None
    abstention: _Abstention | None = None
    costs: _Costs | None = None
    true_labels: _TrueLabels | None = None
    over_time: _OverTime | None = None
    splits: dict[str, _Split] | None = None


class MetricsSchema(_Schema):
    """The schema of ``metrics.json``; a missing key is an error only when it is read."""

    version: int = 1
    out_of_fold: dict[str, _Interval] = {}
    held_out: dict[str, dict[str, _Interval]] = {}
    labels: dict[str, dict[str, _Interval]] = {}
    photos: dict[str, int] = {}
    decisions: dict[str, int] = {}
    notes: list[str] = []
    folds: int = 1
    evaluated: _Evaluated | None = None
    head: str = ""
    cleaning: _Cleaning | None = None
    test_time_augmentation: _Views | None = None
    ensemble: _Ensemble | None = None
    slices: _Slices | None = None
    trust: _Trust | None = None

    @field_validator("out_of_fold")
    @classmethod
    def _has_the_two_that_all_show(cls, metrics: dict[str, _Interval]) -> dict[str, _Interval]:
        if "log_loss" not in metrics or metrics.keys().isdisjoint(("accuracy", "subset_accuracy")):
            raise ValueError("log_loss, or accuracy and subset_accuracy, are missing")
        return metrics


class EnvironmentSchema(_Schema):
    """The schema of ``environment.json``; a missing key is an error only when it is read."""

    photos: str | None = None
    precision: list[str] = []
    processor_seconds: float | None = None
    peak_memory_mb: float | None = None
    date: str | None = None
    extracted: int = 0
    seconds: dict[str, float] = {}


class ChoiceSchema(_Schema):
    """The schema of ``choice.json``."""

    backbones: list[str]
    in_words: str
    header: list[str]
    rows: list[list[str]]
