"""How results show themselves: in a notebook, as tables, and while they are made."""

from __future__ import annotations

import html
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

import pawlens

from ..striped import fill

Results = dict[str, Any]


@pytest.fixture(scope="session")
def results(
    run: pawlens.Run, other_run: pawlens.Run, audited: pawlens.Audit, pets: Path
) -> Results:
    """One result of each kind that is a table."""
    return {
        "run": run,
        "comparison": pawlens.compare([run, other_run]),
        "audit": audited,
        "predictions": pawlens.predict([pets / "cat" / "0.jpg", pets / "dog" / "0.jpg"], run),
    }


KINDS = ("run", "comparison", "audit", "predictions")


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_has_numbers_and_a_picture(results: Results, kind: str) -> None:
    card = results[kind]._repr_html_()
    assert re.search(r'src="data:image/(svg\+xml|jpeg);base64,[A-Za-z0-9+/=]+"', card)
    assert "<script" not in card
    assert "http" not in re.sub(r'"[^"]*"', "", card)


def test_the_card_of_a_run(run: pawlens.Run) -> None:
    card = run._repr_html_()
    assert card is not None
    loss = run.out_of_fold["log_loss"]
    assert f"<td>{loss.value:.4f}</td><td>{loss.ends('.4f')}</td>" in card
    assert card.count("data:image/jpeg") == 4  # the photos that were answered worst
    assert "out-of-fold" in card


def test_the_card_of_a_comparison(results: Results) -> None:
    card = results["comparison"]._repr_html_()
    for words in results["comparison"].in_words():
        assert html.escape(words) in card
    assert f"{results['comparison'].metrics[0]['log_loss']:.4f}" in card


def test_the_card_of_a_model(run: pawlens.Run) -> None:
    card = pawlens.load(run)._repr_html_()
    assert card is not None
    assert "cat, dog" in card
    assert "<td>paw</td>" in card
    assert "photos that it learnt from: 20" in card


def test_names_are_escaped(run: pawlens.Run, tmp_path: Path) -> None:
    folder = tmp_path / "<b>&run"
    shutil.copytree(run.path, folder)
    card = pawlens.Run(folder)._repr_html_()
    assert card is not None
    assert "&lt;b&gt;&amp;run" in card
    assert "<b>&run" not in card


def test_a_damaged_run_shows_its_name(run: pawlens.Run, tmp_path: Path) -> None:
    shutil.copytree(run.path, tmp_path / "run")
    (tmp_path / "run" / "oof.parquet").write_bytes(b"damaged")
    damaged = pawlens.Run(tmp_path / "run")
    assert damaged._repr_html_() is None  # a notebook shows the repr then
    assert "log_loss=" in repr(damaged)


@pytest.mark.parametrize("kind", KINDS)
def test_arrow_reads_it(results: Results, kind: str) -> None:
    table = pa.table(results[kind])  # by __arrow_c_stream__
    assert table.equals(results[kind].to_arrow())
    assert table.num_rows == {"run": 20, "comparison": 2, "audit": 20, "predictions": 2}[kind]


def test_the_table_of_a_run(run: pawlens.Run) -> None:
    table, oof = run.to_arrow().to_pydict(), run.oof().to_pydict()
    share = dict(zip(oof["path"], oof["p:dog"], strict=True))
    assert table["p:dog"] == [share.get(path) for path in table["path"]]
    assert table["role"] == run.photos()["role"].to_pylist()


def test_photos_that_are_unreadable_or_gone(cache: Path, tmp_path: Path) -> None:
    pets = fill(tmp_path / "pets", 4)
    (pets / "cat" / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    run = pawlens.Classifier(folds=2, cache_dir=cache).fit(pets, tmp_path / "run")
    rows = {row["path"]: row for row in run.to_arrow().to_pylist()}
    assert rows["cat/broken.jpg"]["p:cat"] is None  # it has no out-of-fold answer
    assert sum(row["p:cat"] is not None for row in rows.values()) == 8
    shutil.rmtree(pets)
    card = run._repr_html_()
    assert card is not None
    assert "data:image/jpeg" not in card
    assert f"{run.log_loss:.4f}" in card


def test_the_table_of_a_comparison(results: Results) -> None:
    comparison = results["comparison"]
    rows = comparison.to_arrow().to_pylist()
    assert [row["run"] for row in rows] == comparison.names
    for row, metrics in zip(rows, comparison.metrics, strict=True):
        loss = metrics["log_loss"]
        shown = (row["log_loss"], row["log_loss_low"], row["log_loss_high"])
        assert shown == (loss.value, loss.low, loss.high)
    assert [row["verdict"] is None for row in rows].count(True) == 1


def test_the_table_of_an_audit_is_its_file(audited: pawlens.Audit, pets: Path) -> None:
    import pyarrow.parquet as pq

    written = pq.read_table(pets.parent / "audit" / "audit.parquet")
    assert written.equals(audited.to_arrow())


@pytest.mark.parametrize("kind", KINDS)
def test_pandas(results: Results, kind: str) -> None:
    pandas = pytest.importorskip("pandas")
    frame = results[kind].to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == results[kind].to_arrow().column_names


@pytest.mark.parametrize("kind", KINDS)
def test_polars(results: Results, kind: str) -> None:
    polars = pytest.importorskip("polars")
    frame = results[kind].to_polars()
    assert frame.equals(polars.DataFrame(results[kind]))
    assert frame.columns == results[kind].to_arrow().column_names


def test_duckdb(results: Results) -> None:
    duckdb = pytest.importorskip("duckdb")
    audit = results["audit"]
    assert duckdb.sql("select count(*) from audit").fetchall() == [(len(audit.photos),)]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_library_that_is_missing(
    results: Results, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(pawlens.errors.MissingExtra, match=f"pip install {library}"):
        getattr(results["run"], f"to_{library}")()


class _Screen:
    """Stands for a notebook: it notes what is displayed."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool) -> _Screen:
        assert raw
        assert display_id
        self.shown.append(data["text/html"])
        return self

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(data["text/html"])


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Callable[..., _Screen]:
    """Put a notebook, or a terminal's IPython, around the test."""

    def make(*, kernel: bool = True) -> _Screen:
        screen = _Screen()
        shell = SimpleNamespace(kernel=object()) if kernel else SimpleNamespace()
        ipython = ModuleType("IPython")
        ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
        display = ModuleType("IPython.display")
        display.display = screen.display  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        monkeypatch.setitem(sys.modules, "IPython.display", display)
        return screen

    return make


def test_long_work_has_a_bar_in_a_notebook(
    notebook: Callable[..., _Screen], run: pawlens.Run, pets: Path
) -> None:
    screen = notebook()
    pawlens.predict(pets, run)
    assert 'value="20" max="20"' in screen.shown[-1]
    assert "20 of 20" in screen.shown[-1]


def test_it_can_be_switched_off(
    notebook: Callable[..., _Screen], run: pawlens.Run, pets: Path, tmp_path: Path
) -> None:
    screen = notebook()
    pawlens.predict(pets, run, progress=False)
    pawlens.explain(pets / "cat" / "0.jpg", run, out=tmp_path, progress=False)
    pawlens.draw_samples(tmp_path / "drawn", count=2, flaws=False, progress=False)
    assert screen.shown == []
    seen = []
    pawlens.predict(pets, run, progress=lambda *told: seen.append(told))
    assert screen.shown == []
    assert seen[-1][1:] == (20, 20)


def test_a_script_and_a_terminal_have_none(
    notebook: Callable[..., _Screen],
    run: pawlens.Run,
    pets: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pawlens.predict(pets, run)
    screen = notebook(kernel=False)
    pawlens.predict(pets, run)
    assert screen.shown == []
    assert capsys.readouterr() == ("", "")


def test_work_inside_of_work_draws_into_the_same_bars(
    notebook: Callable[..., _Screen], grid: Path, pets: Path, cache: Path
) -> None:
    def experiments(**more: Any) -> None:
        settings = {"folds": 2}
        pawlens.experiments(
            pets, {"l2": [[1.0]]}, settings=settings, out=grid, cache_dir=cache, **more
        )

    screen = notebook()
    experiments(progress=False)
    assert screen.shown == []
    experiments()
    assert "experiments: 1 of 1" in screen.shown[-1]
