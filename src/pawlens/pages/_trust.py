"""The section of a report on answers that can be trusted: sets, abstention, and *neither*."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..metrics import Interval, percent
from . import _report_plots as plots

__all__ = ["trust_lines", "trust_section"]

_SURE = 0.05
_SHOWN = 5


def trust_section(trust: Mapping[str, Any]) -> dict[str, Any]:
    """Put what was measured into sentences and tables; empty where nothing was.

    Parameters
    ----------
    trust : mapping
        The value ``trust`` of ``metrics.json``.
    """
    from markupsafe import Markup

    if not trust:
        return {}
    curve = trust.get("risk_coverage")
    return {
        "true": _true_labels(trust.get("true_labels")),
        "abstention": trust.get("abstention"),
        "costs": _costs(trust.get("costs")),
        "curve": Markup(plots.risk_coverage_plot(curve)) if curve else "",
        "area": "" if curve is None else f"{curve['area']:.4f}",
        "sets": _sets(trust.get("sets")),
        "neither": _neither(trust.get("neither") or {}),
        "over_time": _over_time(trust.get("over_time")),
        "splits": [_split(name, facts) for name, facts in (trust.get("splits") or {}).items()],
    }


def trust_lines(trust: Mapping[str, Any]) -> list[str]:
    """Say on a screen what was asked for: abstention, sets and costs, a line each.

    Whether promises hold for other photos, too, is said where there are promises to keep.
    """
    lines = _examples(trust.get("neither") or {})
    if words := (trust.get("abstention") or {}).get("in_words"):
        lines.append(f"{words}; for the rest: ask a person")
    if sets := _sets(trust.get("sets")):
        lines.append(
            f"sets for {sets['promised']}: hold the true label for {sets['covered']}, "
            f"{sets['mean_size']} labels on average"
        )
    if costs := _costs(trust.get("costs")):
        lines.append(costs)
    if trust.get("sets") or trust.get("abstention"):
        lines += [line for line in [_over_time(trust.get("over_time"))] if line]
        for name, facts in (trust.get("splits") or {}).items():
            split = _split(name, facts)
            held = f"; sets hold the true label for {split['covered']}" if split["covered"] else ""
            lines.append(f"{name}: {split['alike']}{held}")
    return lines


def _true_labels(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    wrong, right = (Interval(**found[name]) for name in ("wrong_labels", "accuracy"))
    return (
        f"An estimated {wrong:.1%} of the labels are wrong. Against the true labels it would be "
        f"right for {right:.1%}."
    )


def _costs(found: Mapping[str, Any] | None) -> str:
    if not found:
        return ""
    paid, plain = (Interval(**found[name]) for name in ("mean", "most_probable"))
    return (
        f"An answer costs {paid:.4f} on average; always giving the most probable class would cost "
        f"{plain:.4f}."
    )


def _sets(found: Mapping[str, Any] | None) -> dict[str, Any]:
    if not found:
        return {}
    rows = [
        (name, one["photos"], f"{Interval(**one['covered']):.1%}", f"{one['mean_size']:.2f}")
        for name, one in found["classes"].items()
    ]
    return {
        "promised": percent(found["promised"], None),
        "by_class": found["by_class"],
        "covered": f"{Interval(**found['covered']):.1%}",
        "alone": f"{Interval(**found['alone']):.1%}",
        "plenty": found["alone"]["low"] >= found["promised"],
        "mean_size": f"{found['mean_size']:.2f}",
        "sizes": list(found["sizes"].items()),
        "rows": rows,
    }


def _neither(found: Mapping[str, Any]) -> dict[str, Any]:
    alarms = found.get("false_alarms")
    splits = [
        f"{Interval(**one):.1%} of {name}" for name, one in (found.get("splits") or {}).items()
    ]
    return {
        "alarms": None if alarms is None else percent(alarms, None),
        "splits": splits,
        "examples": _examples(found),
    }


def _examples(found: Mapping[str, Any]) -> list[str]:
    """Say how many examples of neither were found, and which were not used."""
    examples = found.get("examples")
    if not examples:
        return []
    share, aside = Interval(**examples["found"]), examples["set_aside"]
    lines = [
        f"neither learnt from {examples['photos']} examples and finds "
        f"{share:.1%} of them out-of-fold"
    ]
    if aside:
        lines.append(f"examples of neither set aside: {len(aside)}")
        lines += [f"  {path}: {reason}" for path, reason in aside[:_SHOWN]]
    if len(aside) > _SHOWN:
        lines.append(f"  ... and {len(aside) - _SHOWN} more, named in metrics.json")
    return lines


def _over_time(found: Mapping[str, Any] | None) -> str:
    """Say whether later photos are answered as earlier ones are; empty without times."""
    if not found:
        return ""
    shares = [
        " and ".join(
            f"{percent(found[half][name]['value'], 1)} of the {half} half"
            for half in ("earlier", "later")
        )
        + words
        for name, words in (("right", " are right"), ("covered", " are in their set"))
        if name in found["earlier"]
    ]
    return f"in the order of time, {', '.join(shares)}: {_verdict(found['p'], 'for later photos')}"


def _split(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Say how the promises fared on a held-out split, and whether its photos are of the kind."""
    covered = facts.get("sets")
    held = ""
    if covered:
        too_few = covered.get("too_few_p")
        held = f"{Interval(**covered['covered']):.1%}"
        if too_few is not None and too_few < _SURE:
            held += f", fewer than promised (p = {too_few:.2g})"
    return {
        "name": name,
        "alike": f"do true labels fit as well there? {_verdict(facts['exchangeable_p'], 'there')}",
        "covered": held,
        "abstention": (facts.get("abstention") or {}).get("in_words", ""),
    }


def _verdict(p: float, where: str) -> str:
    """Say what a p value of exchangeability means for promises."""
    if p >= _SURE:
        return f"p = {p:.2g}, which speaks against nothing"
    return f"p = {p:.2g}, so promises need not hold {where}"
