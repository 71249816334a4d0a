"""The results of the check of maps, in sentences and plots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..explain import ORDERS, STEPS, MapCheck
from ..metrics import Interval, verdict_of
from ._svg import ACCENT, FAINT, INK, WRONG, axes, style, to_svg

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

__all__ = ["check_section", "check_sentences"]

_WORDS = {"map": "the map", "random": "chance", "middle": "the middle first"}
_LINES = {"map": (ACCENT, "-"), "random": (INK, "--"), "middle": (WRONG, ":")}
_SHUFFLED = {"head": "the head shuffled", "everything": "all weights shuffled"}


def check_sentences(check: MapCheck) -> list[str]:
    """Write one sentence for each question, with intervals."""
    alike, gains, areas = check.correlations(), check.gains(), check.areas()
    return [
        f"On {check.photos} photos. A map must depend on what was learnt: with the weights of the "
        f"head shuffled, maps have a rank correlation of {_signed(alike['head'])} with the real "
        f"ones, with all weights shuffled {_signed(alike['everything'])} (1: the same map, 0: "
        "another one).",
        f"Deletion: taking away the map's places first leaves a mean probability of "
        f"{areas['deletion']['map']:.3f}; less chance {_signed(gains['deletion']['random'])}, "
        f"less the middle first {_signed(gains['deletion']['middle'])}: {_verdict(gains, -1)}.",
        f"Insertion: showing the map's places first gives {areas['insertion']['map']:.3f}; "
        f"less chance {_signed(gains['insertion']['random'])}, less the middle first "
        f"{_signed(gains['insertion']['middle'])}: {_verdict(gains, 1)}.",
    ]


def check_section(check: MapCheck) -> dict[str, Any]:
    """Make the sentences, and the plots with their captions, for the page."""
    from markupsafe import Markup

    plots = [
        (
            _curve_plot(check.deletion, "taken away", "deletion"),
            "Probability of the answer as places are painted over. The lower, the better.",
        ),
        (
            _curve_plot(check.insertion, "shown sharp", "insertion"),
            "Probability of the answer as places are shown on a blur. The higher, the better.",
        ),
        (
            _correlation_plot(check.correlation),
            "Each dot is a photo: its map against that of a model with shuffled weights.",
        ),
    ]
    return {
        "sentences": check_sentences(check),
        "plots": [(Markup(svg), caption) for svg, caption in plots],
    }


def _verdict(gains: Mapping[str, Mapping[str, Interval]], sign: int) -> str:
    """Write whether the map is better or worse than other orders, as far as intervals tell."""
    gain = gains["deletion" if sign < 0 else "insertion"]
    words = []
    for order in ORDERS[1:]:
        verdict = verdict_of(gain[order], more_is_better=sign > 0)
        link = "to" if verdict == "no real difference" else "than"
        words.append(f"{verdict} {link} {_WORDS[order]}")
    return ", ".join(words)


def _curve_plot(curves: Mapping[str, Floats], what: str, name: str) -> str:
    with style():
        figure, ax = axes(4.4, 3.2)
        for order in ORDERS:
            colour, line = _LINES[order]
            mean = curves[order].mean(axis=0)
            ax.plot(100 * STEPS, mean, line, color=colour, label=_WORDS[order])
        ax.set(xlabel=f"% of the photo {what}", ylabel="mean probability", ylim=(-0.02, 1.02))
        ax.grid(axis="y")
        ax.legend(frameon=False)
        return to_svg(figure, name, f"{name} curves")


def _correlation_plot(correlation: Mapping[str, Floats]) -> str:
    rng = np.random.default_rng(0)
    with style():
        figure, ax = axes(4.4, 1.9)
        ax.axvline(0, color=FAINT, linewidth=1)
        for row, values in enumerate(correlation.values()):
            places = row + rng.uniform(-0.18, 0.18, len(values))
            ax.plot(values, places, "o", color=ACCENT, markersize=4, alpha=0.6)
        ax.set(xlim=(-1.05, 1.05), ylim=(-0.5, len(correlation) - 0.5), xlabel="rank correlation")
        ax.set_yticks(range(len(correlation)), [_SHUFFLED[name] for name in correlation])
        ax.spines["left"].set_visible(False)
        return to_svg(figure, "shuffled", "Rank correlations with shuffled weights")


def _signed(value: Interval) -> str:
    return f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")
