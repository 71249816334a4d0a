"""Runs side by side: joined by content, warned about, and told on one page."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import pawlens
from pawlens import PawlensError, compare
from pawlens.errors import RunError, UsageError
from pawlens.runs._join import join_runs

from ..written_runs import Floats, Ints, answers, train_rows, write_run

N = 400


@pytest.fixture
def truth() -> Ints:
    return np.random.default_rng(0).integers(0, 2, N)


def noisy(y: Ints, skill: float = 2.0, seed: int = 0) -> Floats:
    rng = np.random.default_rng([seed, len(y)])
    shared = np.random.default_rng(9).normal(size=len(y))
    return answers(y, skill, shared + 0.5 * rng.normal(size=len(y)))


def test_a_real_difference_is_told_and_luck_is_not(tmp_path: Path, truth: Ints) -> None:
    write_run(tmp_path / "good", truth, noisy(truth, 2.6), backbones=["fine"])
    write_run(tmp_path / "twin", truth, noisy(truth, 2.6, seed=1), seed=1, backbones=["fine"])
    write_run(tmp_path / "poor", truth, noisy(truth, 1.2), backbones=["coarse"])
    found = compare([tmp_path / "good", tmp_path / "twin"])
    assert [one.verdict for one in found.differences] == ["no real difference"]
    assert found.notes == [
        "Nothing but the seed differs: what is seen here is luck, not a better method."
    ]
    found = compare(
        [tmp_path / name for name in ("poor", "good", "twin")], against=tmp_path / "good"
    )
    poor, twin = found.differences
    assert (poor.verdict, twin.verdict) == ("worse", "no real difference")
    assert found.in_words()[0].startswith("poor is worse than good: log loss +0.")
    assert not found.notes


def test_photos_are_joined_by_content_not_by_path(tmp_path: Path, truth: Ints) -> None:
    proba = noisy(truth)
    order = np.random.default_rng(1).permutation(N)[: N - 50]
    write_run(tmp_path / "a", truth, proba)
    write_run(
        tmp_path / "b",
        truth[order],
        proba[order],
        names=[f"other/{i}.png" for i in range(len(order))],
        contents=[f"{i:064x}" for i in order],
    )
    found = compare([tmp_path / "a", tmp_path / "b"])
    assert len(found.joined.y) == N - 50
    np.testing.assert_array_equal(found.joined.proba[0], found.joined.proba[1])
    assert found.notes[0] == (
        "The runs differ in their photos: only the 350 that all answered count (a answered 400, b "
        "answered 350)."
    )


def test_classes_in_another_order_are_mapped_by_name(tmp_path: Path, truth: Ints) -> None:
    proba = noisy(truth)
    write_run(tmp_path / "a", truth, proba)
    write_run(tmp_path / "b", 1 - truth, proba[:, ::-1], classes=("dog", "cat"))
    joined = join_runs([pawlens.Run(tmp_path / "a"), pawlens.Run(tmp_path / "b")])
    np.testing.assert_array_equal(joined.proba[0], joined.proba[1])


def test_labels_that_differ_are_told_and_left_out(tmp_path: Path, truth: Ints) -> None:
    other = truth.copy()
    other[:7] = 1 - other[:7]
    write_run(tmp_path / "a", truth, noisy(truth))
    write_run(tmp_path / "b", other, noisy(truth, seed=1))
    found = compare([tmp_path / "a", tmp_path / "b"])
    assert len(found.joined.y) == N - 7
    assert "7 photos have another label in another run; no run is judged by them." in found.notes


def test_classes_that_one_run_does_not_know_are_told(tmp_path: Path, truth: Ints) -> None:
    three = np.column_stack([noisy(truth) * 0.9, np.full(N, 0.1)])
    more = np.where(np.arange(N) < 20, 2, truth)
    write_run(tmp_path / "a", truth, noisy(truth))
    write_run(tmp_path / "b", more, three, classes=("cat", "dog", "owl"))
    found = compare([tmp_path / "a", tmp_path / "b"])
    assert len(found.joined.y) == N - 20
    assert any(note.startswith("Not all runs know owl;") for note in found.notes)


def test_a_held_out_fold_is_compared_on_that_fold(tmp_path: Path, truth: Ints) -> None:
    held = np.arange(N) % 5 == 0
    contents = [f"{i:064x}" for i in np.flatnonzero(held)]
    write_run(tmp_path / "a", truth, noisy(truth))
    write_run(
        tmp_path / "b",
        truth[held],
        noisy(truth)[held],
        contents=contents,
        fold=np.zeros(80, np.int64),
        on="one held-out fold of 5",
    )
    found = compare([tmp_path / "a", tmp_path / "b"])
    assert len(found.joined.y) == 80
    assert any("were measured in different ways" in note for note in found.notes)
    assert not any("other folds" in note for note in found.notes)


def test_other_folds_are_told(tmp_path: Path, truth: Ints) -> None:
    write_run(tmp_path / "a", truth, noisy(truth))
    fold = np.random.default_rng(5).integers(0, 5, N)
    write_run(tmp_path / "b", truth, noisy(truth, seed=1), fold=fold, seed=1)
    notes = compare([tmp_path / "a", tmp_path / "b"]).notes
    assert notes[0].startswith("The runs put the photos into other folds")
    assert notes[1].startswith("Nothing but the seed differs")


def test_near_duplicates_of_any_run_stay_together(tmp_path: Path, truth: Ints) -> None:
    first, second = np.arange(N), np.arange(N)
    first[1], second[2] = first[0], second[1]
    runs = [
        write_run(tmp_path / name, truth, noisy(truth), group=group)
        for name, group in (("a", first), ("b", second))
    ]
    group = join_runs(runs).group
    assert group[0] == group[1] == group[2]
    assert len(np.unique(group)) == N - 2


def test_the_page_holds_everything_and_asks_for_nothing(tmp_path: Path, truth: Ints) -> None:
    history = train_rows(1, [0.5, 0.3, 0.4], [0.1] * 9)
    write_run(tmp_path / "a <b>", truth, noisy(truth), history=history)
    write_run(tmp_path / "c", truth, noisy(truth, 1.4), history=history, backbones=["other"])
    found = compare([tmp_path / "a <b>", tmp_path / "c"])
    page = found.write(tmp_path / "out")
    assert page == tmp_path / "out" / "compare.html"
    text = page.read_text(encoding="utf-8")
    assert "a &lt;b&gt; is better than c." in text
    assert "<b>" not in text.replace("</b>", "")
    assert "default-src 'none'" in text
    assert not re.search(r'(src|href)="http', text)
    assert text.count("<svg") == 4
    assert "not at hand" in text
    ids = re.findall(r' id="([^"]*)"', text)
    assert len(ids) == len(set(ids))
    assert found.write(tmp_path / "named.html") == tmp_path / "named.html"


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a"], "1 run to compare"),
        (["a", "a"], "named twice"),
        (["a", "none"], "no finished run"),
        (["a", "strange"], "no photo that all answered"),
        (["a", "torn"], "do not fit each other"),
    ],
)
def test_what_cannot_be_compared(tmp_path: Path, truth: Ints, names: list[str], words: str) -> None:
    write_run(tmp_path / "a", truth, noisy(truth))
    write_run(tmp_path / "strange", truth, noisy(truth), contents=[f"x{i}" for i in range(N)])
    write_run(tmp_path / "torn", truth, noisy(truth))
    write_run(tmp_path / "b", truth, noisy(truth), names=[f"other.{i}" for i in range(N)])
    (tmp_path / "torn" / "oof.parquet").write_bytes((tmp_path / "b" / "oof.parquet").read_bytes())
    with pytest.raises(PawlensError, match=words) as caught:
        compare([tmp_path / name for name in names])
    assert isinstance(caught.value, UsageError | RunError)


def test_against_must_be_among_the_runs(tmp_path: Path, truth: Ints) -> None:
    for name in ("a", "b", "c"):
        write_run(tmp_path / name, truth, noisy(truth))
    with pytest.raises(UsageError, match="not among the runs"):
        compare([tmp_path / "a", tmp_path / "b"], against=tmp_path / "c")
