"""Trials of a study: drawn once, kept, put back when their process dies."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("optuna")

import optuna
from optuna.storages.journal import JournalFileSymlinkLock

from pawlens.errors import RunError
from pawlens.recipes import Search, is_rung
from pawlens.workflows.search import Drawn, Study, open_storage, summary

SPACE = {"rate": {"log": [0.001, 0.1]}, "dropout": [0.1, 0.5], "momentum": 0.9, "l2": [0.0]}


def phase(**values: Any) -> Search:
    return Search.model_validate({"do": "search", "trials": 9, "space": SPACE} | values)


def study(where: Path | str, **values: Any) -> Study:
    return Study(phase(**values), open_storage(where), "test", seed=3)


def loss_of(one: Drawn) -> float:
    return float(abs(one.values["rate"] - 0.01) + one.values["dropout"])


def run(one: Study, together: int = 4, most: int | None = None) -> list[int]:
    """Run trials to the end, or die after so many."""
    ran: list[int] = []

    def batch(drawn: Sequence[Drawn]) -> None:
        for trial in drawn:
            if most is not None and len(ran) == most:
                raise KeyboardInterrupt
            ran.append(trial.number)
            one.tell(trial, loss_of(trial), {"losses": [1.0]})

    with one:
        one.run(together, batch)
    return ran


@pytest.fixture(params=["journal", "sqlite"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "journal":
        return str(tmp_path / "trials.journal")
    return f"sqlite:///{tmp_path / 'trials.db'}"


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_it_runs_what_was_asked_for_and_can_be_repeated(where: str, sampler: str) -> None:
    assert run(study(where, sampler=sampler)) == list(range(9))
    found = summary(study(where, sampler=sampler))
    again = study(f"{where}2", sampler=sampler)
    run(again)
    assert [row["values"] for row in summary(again)["trials"]] == [
        row["values"] for row in found["trials"]
    ]
    values = [json.dumps(row["values"]) for row in found["trials"]]
    assert len(set(values)) == 9
    assert found["best"]["loss"] == min(row["loss"] for row in found["trials"])
    assert found["best"]["values"]["momentum"] == 0.9
    assert set(found["importance"]) == {"rate", "dropout"}
    assert run(study(where, sampler=sampler)) == []
    assert run(study(where, sampler=sampler, trials=11)) == [9, 10]


@pytest.mark.parametrize("sampler", ["tpe", "random"])
@pytest.mark.parametrize("most", [0, 5, 6])
def test_trials_of_a_dead_process_are_run_by_the_next_one(
    where: str, sampler: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = study(f"{where}-whole", sampler=sampler, trials=14)
    run(whole)
    with pytest.raises(KeyboardInterrupt):
        run(study(where, sampler=sampler, trials=14), most=most)
    left = [one.number for one in _running(where)]
    assert len(left) == 4 - most % 4
    monkeypatch.setattr("pawlens.workflows.search._heartbeat._lives", lambda process: False)
    second = study(where, sampler=sampler, trials=14)
    assert run(second) == list(range(most, 14))
    assert summary(second)["trials"] == summary(whole)["trials"]


def test_a_process_that_dies_while_it_draws_changes_no_value(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = study(f"{where}-whole", trials=14)
    run(whole)
    broken = study(where, trials=14)
    suggest = optuna.Trial.suggest_categorical
    calls = iter(range(100))

    def dies(trial: Any, name: str, choices: Any) -> Any:
        if next(calls) == 13:
            raise KeyboardInterrupt
        return suggest(trial, name, choices)

    with monkeypatch.context() as patch:
        patch.setattr(optuna.Trial, "suggest_categorical", dies)
        with pytest.raises(KeyboardInterrupt):
            run(broken)
    (*_, last) = _running(where)
    assert (last.number, list(last.params)) == (13, ["rate"])  # half-way
    monkeypatch.setattr("pawlens.workflows.search._heartbeat._lives", lambda process: False)
    second = study(where, trials=14)
    run(second)
    assert summary(second)["trials"] == summary(whole)["trials"]


def _running(where: str) -> list[Any]:
    trials = study(where).study.get_trials()
    return [t for t in trials if t.state == optuna.trial.TrialState.RUNNING]


def test_trials_of_a_living_process_are_left_alone(where: str) -> None:
    first, second = study(where), study(where)
    with first, second:
        own = first._draw(4)
        others = second._draw(4)
        assert {one.number for one in own}.isdisjoint(one.number for one in others)
        assert [one.number for one in second._draw(4)] == [8]
        assert first._draw(4) == []
        assert len({json.dumps(one.values) for one in own + others}) == 8


def test_two_that_ask_for_the_last_one_at_once(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = study(where, trials=3), study(where, trials=3)
    with first, second:
        first._draw(2)
        monkeypatch.setattr(second, "_taken", lambda: 2)  # it looked a moment ago
        assert [one.number for one in first._draw(1)] == [2]
        assert second._draw(1) == []


def test_asha_ends_what_is_behind(where: str) -> None:
    one = study(where, pruner="asha")
    with one:
        good, *others = one._draw(4)
        assert one.goes_on(good, 4, 9.0)
        assert one.goes_on(good, 5, 0.1)
        assert [one.goes_on(other, 5, 0.5) for other in others] == [False] * 3
        one.tell(good, 0.05, {"losses": [0.05]})
        for other in others:
            one.tell(other, 0.5, {"losses": [0.5]}, pruned=True)
        assert [one.goes_on(other, 5, 0.0) for other in others] == [False] * 3  # it stays said
    rows = summary(one)["trials"]
    assert [row["state"] for row in rows] == ["complete", "pruned", "pruned", "pruned"]
    assert [row["loss"] for row in rows] == [0.05, 0.5, 0.5, 0.5]


def test_a_loss_that_is_no_number_is_kept_and_never_the_best(where: str) -> None:
    one = study(where, trials=2)
    with one:
        bad, good = one._draw(2)
        one.tell(bad, float("inf"), {"losses": []})
        with pytest.raises(RunError, match="none of 1 trials gave a loss that is a number"):
            summary(one)
        one.tell(good, 0.5, {"losses": [0.5]})
    found = summary(one)
    assert (found["best"]["trial"], found["trials"][0]["loss"]) == (good.number, None)


def test_a_torn_last_line_of_a_journal_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "trials.journal"
    run(study(path, trials=3))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"op_code":4,"wor')
    assert run(study(path, trials=4)) == [3]
    assert path.read_bytes().startswith(whole)


def test_a_line_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "trials.journal"
    run(study(path, trials=3))
    whole = path.read_bytes()
    writer = JournalFileSymlinkLock(str(path))
    with ThreadPoolExecutor(1) as pool:
        writer.acquire()
        try:
            path.write_bytes(whole[:-9])
            opening = pool.submit(open_storage, path)
            with pytest.raises(TimeoutError):
                opening.result(timeout=0.3)
            path.write_bytes(whole)
        finally:
            writer.release()
        opening.result(timeout=30)
    assert path.read_bytes() == whole
    assert run(study(path, trials=4)) == [3]


def test_a_lock_leads_to_its_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found: list[Path] = []
    link = os.symlink

    def watched(target: str, at: str) -> None:
        link(target, at)
        found.append(Path(at).resolve())

    monkeypatch.setattr(os, "symlink", watched)
    run(study(Path("runs/trials.journal"), trials=1))
    assert set(found) == {tmp_path / "runs" / "trials.journal"}  # else a dead one is waited for


def test_a_storage_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        open_storage("nosuch://me:secret@host/db")
    assert "nosuch://host/db: trials cannot be kept there" in str(caught.value)
    assert "secret" not in str(caught.value)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be created"):
        open_storage(tmp_path / "file" / "trials.journal")


def test_the_words_of_a_recipe_tell_where_trials_end() -> None:
    rungs = [epoch for epoch in range(1, 136) if is_rung(epoch)]
    assert rungs == [5, 15, 45, 135]
    told = ", ".join(str(epoch) for epoch in rungs[:3])
    phase = Search(do="search", pruner="asha")
    assert f"those behind at {told} ... epochs are ended" in phase.words()
    assert f"behind at {told} ... epochs" in str(Search.__doc__)
