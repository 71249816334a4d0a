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
