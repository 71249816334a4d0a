"""Monitoring: alarms where photos are of another kind, silence where they are not, and the page."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pawlens import Classifier, Run, load, monitor
from pawlens.cli import main
from pawlens.errors import PhotosError, RunError, UsageError

from ..conftest import paint


def fill(folder: Path, seed: int, count: int, dark: float = 1.0) -> Path:
    """Photos of both classes, all of them darker or not."""
    rng = np.random.default_rng(seed)
    for label in ("cat", "dog"):
        (folder / label).mkdir(parents=True)
        for i in range(count):
            photo = paint(rng, label).point(lambda value: round(value * dark))
            photo.save(folder / label / f"{i}.jpg", quality=90)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("monitored")
    fill(home / "photos", 0, 40)
    return Classifier(cache_dir=home / "cache").fit(home / "photos", home / "run").path


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("same") / "new", 7, 20)


def test_photos_of_the_same_kind_give_no_alarm(trained: Path, same: Path, tmp_path: Path) -> None:
    found = monitor(trained, same, tmp_path / "out")
    assert not found.drift
    assert (found.photos, found.looked_at, found.holds) == (40, 40, True)
    assert [check.name for check in found.checks] == [
        *("kind", "unlike", "shares", "brightness", "sharpness", "entropy", "pixels")
    ]
    assert all(check.p is not None for check in found.checks)
    assert found.expected is not None
    assert found.expected.low <= found.measured.value <= found.expected.high
    assert set(found.shares) == {"cat", "dog"}
    assert found.shares["cat"].true.low < 0.5 < found.shares["cat"].true.high  # type: ignore[union-attr]
    told = json.loads((tmp_path / "out" / "monitor.json").read_text())
    assert (told["drift"], told["photos"], len(told["next"])) == (False, 40, 20)
    page = (tmp_path / "out" / "monitor.html").read_text(encoding="utf-8")
    assert "Nothing says that these photos are of another kind" in page
    assert page.count("data:image/jpeg") == 20


def test_photos_of_another_kind_give_an_alarm_and_a_warning(trained: Path, tmp_path: Path) -> None:
    dark = fill(tmp_path / "dark", 7, 20, dark=0.3)
    found = monitor(trained, dark, tmp_path / "out")
    alarms = {check.name for check in found.checks if check.alarm}
    assert {"kind", "brightness"} <= alarms
    assert not found.holds
    assert "not met" in found.condition
    page = (tmp_path / "out" / "monitor.html").read_text(encoding="utf-8")
    assert "not like those that the run was measured on" in page


def test_other_shares_of_the_classes_are_an_alarm_of_their_own(
    trained: Path, same: Path, tmp_path: Path
) -> None:
    cats = sorted((same / "cat").iterdir()) + sorted((same / "dog").iterdir())[:2]
    found = monitor(trained, cats, tmp_path / "out")
    assert {check.name for check in found.checks if check.alarm} == {"shares"}
    assert found.holds
    assert "allows for that" in found.condition
    share = found.shares["cat"]
    assert share.true is not None
    assert share.true.low < 20 / 22 < share.true.high
    assert share.trained == 0.5


def test_the_exit_code_is_3_on_drift(
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dark = fill(tmp_path / "dark", 7, 12, dark=0.3)
    command = ["pawlens", "monitor", str(trained), str(dark), "--out", str(tmp_path / "out")]
    monkeypatch.setattr("sys.argv", [*command, "--json"])
    assert main() == 3
    told = json.loads(capsys.readouterr().out)
    assert told["drift"]
    assert told["page"].endswith("monitor.html")


def record(folder: Path, run: Path, photos: Path, *, features: bool, sha256: str = "") -> Path:
    """The record of a server that answered every photo twice, on three days."""
    model = load(run)
    answers, found = model.answer(photos), model.embed(photos)
    rows = []
    for number, path in enumerate([*answers.paths, *answers.paths]):
        place = number % len(answers)
        when = datetime(2026, 11, 1 + place % 3, 12, tzinfo=UTC)
        proba = list(zip(model.classes_, answers.proba[place].tolist(), strict=True))
        rows.append(
            {
                "time": when,
                "sha256": path,
                "model_sha256": sha256 or model.sha256,
                "status": "ok",
                "probabilities": proba,
                "embedding": found.values[place].tolist() if features else None,
            }
        )
    kind = pa.schema(
        [
            ("time", pa.timestamp("us", tz="UTC")),
            *((name, pa.string()) for name in ("sha256", "model_sha256", "status")),
            ("probabilities", pa.map_(pa.string(), pa.float64())),
            ("embedding", pa.list_(pa.float32())),
        ]
    )
    folder.mkdir()
    table = pa.Table.from_pylist(rows, schema=kind)
    pq.write_table(table.slice(0, 50), folder / "1.parquet")
    pq.write_table(table.slice(50), folder / "2.parquet")
    return folder


def test_the_record_of_a_server_is_read_day_by_day(
    trained: Path, same: Path, tmp_path: Path
) -> None:
    kept = record(tmp_path / "record", trained, same, features=True)
    found = monitor(trained, kept, tmp_path / "out")
    assert not found.drift
    assert (found.photos, found.looked_at) == (40, 40)  # what was sent twice counts once
    assert [day.when for day in found.days] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert sum(day.photos for day in found.days) == 40
    assert [day.drift for day in found.days] == [None, None, False]
    late = monitor(trained, kept, tmp_path / "out", since="2026-11-02")
    assert late.photos == 26
    assert [day.when for day in late.days] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    page = (tmp_path / "out" / "monitor.html").read_text(encoding="utf-8")
    assert "Expected accuracy each time" in page


def test_a_record_without_features_is_still_told_apart_by_its_answers(
    trained: Path, same: Path, tmp_path: Path
) -> None:
    kept = record(tmp_path / "record", trained, same, features=False)
    found = monitor(trained, kept, tmp_path / "out")
    asked = [check.name for check in found.checks if check.p is not None]
    assert asked == ["shares"]
    assert "no features" in found.checks[0].found
    assert found.next == []


def test_a_record_of_another_model_is_refused(trained: Path, same: Path, tmp_path: Path) -> None:
    kept = record(tmp_path / "record", trained, same, features=True, sha256="0" * 64)
    with pytest.raises(PhotosError, match="80 answers are of another model"):
        monitor(trained, kept, tmp_path / "out")
    (kept / "2.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(PhotosError, match=r"2\.parquet: no part of a server's record"):
        monitor(trained, kept, tmp_path / "out")


def test_the_reference_names_no_photo_and_is_kept_by_the_run(trained: Path, tmp_path: Path) -> None:
    table = Run(trained).reference()
    assert table is not None
    assert table.num_rows == 80
    assert set(table.column_names) == {
        *("embedding", "answer", "brightness", "sharpness", "entropy", "pixels")
    }
    assert ".jpg" not in str(table.to_pydict())
    moved = Path(shutil.copytree(trained, tmp_path / "run"))
    (moved / "reference.parquet").unlink()
    (moved / "environment.json").write_text('{"photos": "/nowhere"}')
    (moved / "SHA256SUMS").unlink()
    with pytest.raises(RunError, match="--photos-of-run"):
        monitor(moved, trained.parent / "photos", tmp_path / "out")
    again = monitor(
        moved, trained.parent / "photos", tmp_path / "out", photos_of_run=trained.parent / "photos"
    )
    assert not again.drift


def test_older_files_are_left_out(trained: Path, same: Path, tmp_path: Path) -> None:
    new = Path(shutil.copytree(same, tmp_path / "new"))
    now = datetime.now(UTC)
    for path in (new / "dog").iterdir():
        old = (now - timedelta(days=3)).timestamp()
        os.utime(path, (old, old))
    found = monitor(trained, new, tmp_path / "out", since=now - timedelta(days=1))
    assert found.photos == 20
    with pytest.raises(PhotosError, match="no photo is newer"):
        monitor(trained, new, tmp_path / "out", since=now + timedelta(days=1))
    with pytest.raises(UsageError, match="write a day as 2026-11-30"):
        monitor(trained, new, tmp_path / "out", since="yesterday")


def test_few_photos_are_refused_and_unreadable_ones_told(
    trained: Path, same: Path, tmp_path: Path
) -> None:
    few = sorted((same / "cat").iterdir())[:5]
    with pytest.raises(PhotosError, match="fewer than 20"):
        monitor(trained, few, tmp_path / "out")
    new = Path(shutil.copytree(same, tmp_path / "new"))
    (new / "cat" / "0.jpg").write_bytes(b"")
    Image.new("RGB", (8, 8)).save(new / "cat" / "1.jpg")
    found = monitor(trained, new, tmp_path / "out")
    assert found.photos == 39
    assert [path for path, _ in found.unreadable] == ["cat/0.jpg"]


@pytest.mark.parametrize(
    "row",
    [
        '{"when": 1}',
        '{"when": "a", "photos": 1e999, "expected": null, "unlike": null, "drift": null}',
        '{"when": "a", "photos": 1, "expected": [1], "unlike": null, "drift": null}',
        "[1]",
    ],
)
def test_a_damaged_history_is_told(trained: Path, same: Path, tmp_path: Path, row: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "history.jsonl").write_text(row + "\n")
    with pytest.raises(RunError, match=r"history\.jsonl: damaged"):
        monitor(trained, same, tmp_path / "out")


def spoilt(kept: Path, **values: object) -> None:
    """Change columns of the first row of the part that is read first."""
    part = kept / "1.parquet"
    table = pq.read_table(part)
    rows = table.to_pylist()
    rows[0] |= values
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), part)


@pytest.mark.parametrize(
    "values",
    [
        {"time": None},
        {"probabilities": [("cat", None), ("dog", 1.0)]},
        {"probabilities": [("cat", float("inf")), ("dog", 0.0)]},
        {"probabilities": [("cat", -0.5), ("dog", 1.5)]},
        {"embedding": [float("nan")] * 512},
        {"embedding": [None] * 512},
    ],
)
def test_a_row_that_no_server_writes_is_told_with_its_part(
    trained: Path, same: Path, tmp_path: Path, values: dict[str, object]
) -> None:
    kept = record(tmp_path / "record", trained, same, features=True)
    spoilt(kept, **values)
    with pytest.raises(PhotosError, match=r"1\.parquet: no part of a server's record \(row 1"):
        monitor(trained, kept, tmp_path / "out")


def test_parts_of_other_columns_and_times_are_told(
    trained: Path, same: Path, tmp_path: Path
) -> None:
    kept = record(tmp_path / "record", trained, same, features=True)
    table = pq.read_table(kept / "1.parquet")
    no_zone = table["time"].cast(pa.timestamp("us"))
    others = {
        "time": no_zone,
        "embedding": pa.array(["x"] * len(table)),
        "probabilities": pa.array([[("cat", "x")]] * len(table), pa.map_(pa.string(), pa.string())),
    }
    for name, column in others.items():
        changed = table.set_column(table.column_names.index(name), name, column)
        pq.write_table(changed, kept / "1.parquet")
        with pytest.raises(PhotosError, match=r"1\.parquet: no part of a server's record"):
            monitor(trained, kept, tmp_path / name)
    (kept / "1.parquet").write_bytes(b"damaged, and the first by its name")
    with pytest.raises(PhotosError, match=r"1\.parquet: no part .* take it out of the folder"):
        monitor(trained, kept, tmp_path / "out")


def test_a_record_that_is_older_than_asked_says_so(
    trained: Path, same: Path, tmp_path: Path
) -> None:
    kept = record(tmp_path / "record", trained, same, features=True)
    with pytest.raises(PhotosError, match="no answer is newer than 2030-01-01"):
        monitor(trained, kept, tmp_path / "out", since="2030-01-01")


def test_the_trend_and_the_headline_are_one_estimate(trained: Path, tmp_path: Path) -> None:
    new = fill(tmp_path / "new", 9, 40)
    for photo in sorted((new / "dog").glob("*.jpg"))[2:]:
        photo.unlink()
    found = monitor(trained, new, tmp_path / "out")
    assert found.shares_moved
    assert found.days[-1].expected == found.expected
    kept = record(tmp_path / "record", trained, new, features=True)
    part = pq.read_table(kept / "1.parquet")
    for name in ("1.parquet", "2.parquet"):  # one day, so that its row is that of all photos
        part = pq.read_table(kept / name)
        noon = pa.array([datetime(2026, 11, 1, 12, tzinfo=UTC)] * len(part), part["time"].type)
        pq.write_table(part.set_column(0, "time", noon), kept / name)
    day = monitor(trained, kept, tmp_path / "days")
    assert day.shares_moved
    assert [one.expected for one in day.days] == [day.expected]


def test_features_of_another_model_in_a_reference_are_refused(
    trained: Path, same: Path, tmp_path: Path
) -> None:
    run = shutil.copytree(trained, tmp_path / "run")
    table = pq.read_table(run / "reference.parquet")
    narrow = pa.array([[1.0, 2.0]] * len(table))
    place = table.column_names.index("embedding")
    pq.write_table(table.set_column(place, "embedding", narrow), run / "reference.parquet")
    (run / "SHA256SUMS").unlink(missing_ok=True)
    with pytest.raises(RunError, match=r"reference\.parquet is damaged"):
        monitor(run, same, tmp_path / "out")
