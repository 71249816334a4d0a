import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from pawlens.pages import _training_plots as plots
from pawlens.pages._training_words import phase_lines, trained_phases

from ..written_runs import Row, train_rows


def sweep(phase: int = 2, chosen: float | None = 1e-3) -> Row:
    rate = np.geomspace(1e-6, 1, 30)
    curve: list[float | None] = [*np.linspace(0.7, 0.1, 20).tolist(), *[0.4] * 8, None, None]
    rules = {"valley": 1e-3, "slide": 2e-4, "steep": 2e-3, "minimum": 5e-3}
    return {
        "phase": phase,
        "do": "find_rate",
        "rate": rate.tolist(),
        "loss": curve,
        "curves": [curve, curve],
        "suggestions": rules if chosen else {},
        "chosen": chosen,
        "agree": True,
        "words": "valley suggests a rate of 0.001, and the 2 sweeps agree",
    }


def cosine(lengths: list[int], rate: float) -> list[float]:
    return [rate * (1 + float(np.cos(np.pi * i / n))) / 2 for n in lengths for i in range(n)]


def history() -> list[Row]:
    return [
        sweep(),
        *train_rows(3, [0.5, 0.3], [0.01] * 20),
        {"phase": 4, "do": "clean", "below": 0.3, "set_aside": 1, "photos": ["a.jpg"]},
        *train_rows(6, [0.3, 0.2, 0.15, 0.1, 0.2, 0.1, 0.09], cosine([10, 20, 40], 0.01)),
    ]


def texts(svg: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(svg).iter("text")]


def test_plots_are_small_well_formed_and_alone() -> None:
    drawn = plots.training_plots([*history(), sweep(7)])
    assert len(drawn) == 5
    ids: list[str] = []
    for svg, caption in drawn:
        root = ET.fromstring(svg)
        assert root.tag == "svg"
        assert root.get("aria-label")
        assert caption.endswith(".")
        assert not re.search(r"https?:|font-family|#01020", svg)
        assert len(svg) < 100_000
        own = [one.get("id", "") for one in root.iter() if one.get("id")]
        assert set(re.findall(r'(?:url\(|href=")#([^")]+)', svg)) <= set(own)
        ids += own
    assert len(ids) == len(set(ids))
    assert drawn == plots.training_plots([*history(), sweep(7)])


def test_phases_are_numbered_as_in_the_recipe() -> None:
    for svg in (plots.rate_plot(history()), plots.loss_plot(history())):
        assert {"phase 3", "phase 6"} <= set(texts(svg))
    many = [row for n in range(9) for row in train_rows(n, [0.5], [0.1] * 5)]
    assert set("012345678") <= set(texts(plots.rate_plot(many)))


def test_rates_far_apart_share_a_logarithmic_axis() -> None:
    near = [*train_rows(1, [0.5], [1e-2] * 10), *train_rows(2, [0.4], [1e-3] * 10)]
    far = [*train_rows(1, [0.5], [1e-2] * 10), *train_rows(2, [0.4], [1e-4] * 10)]
    assert "0.002" in texts(plots.rate_plot(near))
    assert "0.002" not in texts(plots.rate_plot(far))


def test_the_best_epoch_of_each_phase_is_marked() -> None:
    svg = plots.loss_plot(history())
    assert texts(svg).count("best of its phase") == 1
    assert svg.count("var(--wrong)") > plots.loss_plot(train_rows(3, [0.5], [0.1])).count(
        "var(--wrong)"
    )


def test_a_sweep_names_its_suggestions_and_the_chosen_one() -> None:
    said = texts(plots.sweep_plot(sweep()))
    assert {"valley 0.001, chosen", "slide 0.0002", "steep 0.002", "minimum 0.005"} <= set(said)
    assert "chosen" not in " ".join(texts(plots.sweep_plot(sweep(chosen=None))))
    nothing = sweep(chosen=None) | {"loss": [None] * 30, "curves": [[None] * 30]}
    assert "rate of the head" in texts(plots.sweep_plot(nothing))


def test_runs_stand_side_by_side_under_their_own_names() -> None:
    runs = {"猫 <b>$x$": history(), "[0]": train_rows(0, [0.4, None, 0.2], [0.1] * 3), "none": []}
    said = texts(plots.runs_plot(runs))
    assert set(runs) <= set(said)


def test_a_history_without_phases_has_no_plots() -> None:
    assert plots.training_plots([]) == []
    assert plots.training_plots([{"l2": 1.0, "log_loss": 0.2}]) == []
    assert phase_lines([{"l2": 1.0, "log_loss": 0.2}]) == []
    assert len(plots.training_plots(train_rows(0, [None, None], [0.1, 0.1]))) == 1


def test_a_loss_of_zero_or_none_leaves_a_gap() -> None:
    rows = train_rows(0, [0.5, None, 0.0, 0.2], [0.1] * 4)
    assert "NaN" not in plots.loss_plot(rows)
    assert trained_phases(rows)[0].best == 2


def test_an_epoch_that_was_repeated_counts_once() -> None:
    rows = train_rows(0, [0.5, 0.4], [0.1] * 4)
    again = trained_phases([rows[0], rows[1] | {"valid_loss": 9.0}, *rows[1:]])
    assert [one.epochs for one in again] == [2]
    assert again[0].valid_loss.tolist() == [0.5, 0.4]
    assert again[0].seconds == 60


def test_phases_are_told_in_words() -> None:
    search, first, clean, second = phase_lines(history())
    assert search.what.startswith("Looked for a rate: valley suggests a rate of 0.001")
    assert (first.number, first.what, first.epochs) == ("3", "Trained at a rate of 0.01", "2")
    assert (first.best, first.time) == ("0.3000 (epoch 2)", "1 min")
    assert clean.what == "Set aside 1 photo to whose label it gave less than 30\xa0%"
    assert second.what == "Trained at rates of up to 0.01, restarted twice"
    assert second.best == "0.0900 (epoch 7)"


@pytest.mark.parametrize(
    ("rate", "planned", "what", "epochs"),
    [
        ([0.1, 0.1, 0.01, 0.01], 2, "Trained at rates of 0.01 to 0.1", "2"),
        ([0.01, 0.01, 0.01, 0.01], 9, "Trained at a rate of 0.01; stopped early", "2 of 9"),
        (cosine([4, 4], 1.0), 2, "Trained at rates of 0.15 to 1, restarted once", "2"),
        (np.linspace(1e-4, 1, 40).tolist(), 2, "Trained at rates of up to 1", "2"),
    ],
)
def test_rates_in_words(rate: list[float], planned: int, what: str, epochs: str) -> None:
    (line,) = phase_lines(train_rows(0, [0.5, 0.4], rate, planned))
    assert (line.what, line.epochs) == (what, epochs)
