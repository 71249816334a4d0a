"""Metrics as lines of a terminal, for the commands that measure."""

from __future__ import annotations

from typing import Any

__all__ = ["plain_labels", "print_labels", "print_metrics"]


def print_metrics(metrics: Any, baseline: Any) -> None:
    """Print a line a metric: its value, its interval, and the baseline where it has one."""
    from ..runs import beside

    width = max(18, *map(len, metrics))
    for name, one in metrics.items():
        words = f"{name.replace('_', ' '):{width}}"
        other = beside(name, baseline)
        print(f"  {words} {one.value:.4f}  ({one.ends('.4f')})" + (f"  {other}" if other else ""))


def print_labels(labels: Any) -> None:
    """Print a line a label, from its metrics as plain values."""
    from ..metrics import Interval

    width = max(map(len, labels), default=0)
    for name, metrics in labels.items():
        shown = [
            f"{metric.replace('_', ' ')} {Interval(**one):.3f}"
            for metric in ("f1", "precision", "recall", "roc_auc")
            if (one := metrics.get(metric))
        ]
        print(f"  {name:{width}}  {', '.join(shown)}")


def plain_labels(labels: Any) -> Any:
    """Return the metrics of each label as plain values."""
    from dataclasses import asdict

    return {
        name: {metric: asdict(one) for metric, one in metrics.items()}
        for name, metrics in labels.items()
    }
