"""Figures of a running server, for Prometheus."""

from __future__ import annotations

import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["SHARED_FOLDER", "Metrics"]

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder where several processes join their figures."""

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """Counters of one process; see ``/metrics``."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self.requests = Counter(
            "pawlens_requests",
            "Requests by path and status.",
            ["path", "status"],
            registry=registry,
        )
        self.refusals = Counter(
            "pawlens_refusals",
            "Requests that were not answered, by reason.",
            ["reason"],
            registry=registry,
        )
        self.answers = Counter(
            "pawlens_answers", "Answers, by model and label.", ["model", "label"], registry=registry
        )
        self.confidence = Counter(
            "pawlens_confidence",
            "Sum of the largest probability of each answer; over pawlens_answers it is the mean.",
            ["model"],
            registry=registry,
        )
        self.unreadable = Counter(
            "pawlens_unreadable_photos",
            "Photos that could not be read.",
            ["model"],
            registry=registry,
        )
        self.batches = Histogram(
            "pawlens_batch_photos",
            "Photos answered together.",
            buckets=(1, 2, 3, 4),
            registry=registry,
        )
        self.stages = Histogram(
            "pawlens_stage_seconds",
            "Seconds of a photo in each stage: wait, decode, and engine with its whole batch.",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.queue = Gauge(
            "pawlens_queue_photos",
            "Photos that were accepted and are not answered yet.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.record_failures = Counter(
            "pawlens_record_failures",
            "Parts of the record that could not be written.",
            registry=registry,
        )

        self.log_failures = Counter(
            "pawlens_log_failures", "Lines of the log that could not be written.", registry=registry
        )

    def observe(self, stage: str, seconds: float) -> None:
        """Count the seconds of one photo in one stage."""
        self.stages.labels(stage).observe(seconds)

    def text(self) -> bytes:
        """Return the figures of all processes in Prometheus' text format."""
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
