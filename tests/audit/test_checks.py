"""Checks of other packages: what they find is taken in, and what they do wrong costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pawlens.audit import AuditCheck, AuditView, Detection, Kind, LeftOut, accept_check, audit
from pawlens.audit._audit import prepare_view
from pawlens.audit._checks import CHECKS, checked, run_checks
from pawlens.backbones import Backbone
from pawlens.base import Clock
from pawlens.errors import PluginError
from pawlens.features import FeatureExtractors
from pawlens.photos import Photos
from pawlens.samples import draw_samples
from pawlens.testing import check_audit_check

Install = Callable[..., None]

CODE = """
import numpy as np
from pawlens.plugins import AuditCheck, Detection, Kind, LeftOut

class Names(AuditCheck):
    kinds = (Kind("long_name", "Long names", "The name of the file is long.", 0.5),)

    def find(self, view):
        found = np.array([len(path) > 4 for path in view.photos.paths])
        return [Detection("long_name", found * 1.0, found, dict.fromkeys(
            np.flatnonzero(found).tolist(), "it is long"))]

class Breaks(Names):
    kinds = (Kind("broken", "Broken", "It breaks.", 0.5),)

    def find(self, view):
        raise RuntimeError("no\\nnetwork")

class Forgets(Names):
    kinds = (Kind("first", "First", "One.", 0.5), Kind("second", "Second", "Two.", 0.5))

class Cannot(Names):
    kinds = (Kind("by_moon", "By moonlight", "At night.", 0.5),)

    def find(self, view):
        raise LeftOut("there is no moon")

class Takes(Names):
    kinds = (Kind("blurred", "Blurred", "As well.", 0.5),)

not_a_check = 3
"""

KIND = Kind("odd", "Odd", "It is odd.", 0.5)


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory, paw: Backbone) -> AuditView:
    folder = tmp_path_factory.mktemp("viewed")
    draw_samples(folder / "photos", count=32, seed=1)
    extractors = FeatureExtractors([paw], cache_dir=folder)
    photos = Photos.read(folder / "photos", labels=False)
    return prepare_view(photos, extractors, Clock(), cache=folder, folds=3, seed=0, progress=None)


def test_kinds_come_in_the_order_in_which_they_were_always_told() -> None:
    kinds = [kind.name for check in CHECKS for kind in check.kinds]
    assert kinds == [
        *("unreadable", "wrong_extension", "tiny", "odd_size", "odd_aspect"),
        *("border", "blurred", "dark", "light", "blank"),
        *("exact_duplicate", "near_duplicate", "contradicting_duplicate", "leak"),
        *("label_error", "high_loss", "both", "neither"),
        *("located", "traceable"),
    ]


def test_what_packages_find_stands_beside_the_rest_and_their_faults_cost_nothing(
    view: AuditView, install_package: Install
) -> None:
    alone = run_checks(view, Clock())
    install_package(
        CODE,
        "pawlens.checks",
        a_breaks="Breaks",
        b_forgets="Forgets",
        c_cannot="Cannot",
        d_takes="Takes",
        e_no_check="not_a_check",
        f_missing="nothing",
        g_names="Names",
    )
    clock = Clock()
    findings = run_checks(view, clock)
    assert list(findings.detections) == [*alone.detections, "long_name"]
    for kind, one in alone.detections.items():
        assert np.array_equal(findings.detections[kind].score, one.score, equal_nan=True)
    assert list(findings.kinds)[-5:] == ["broken", "first", "second", "by_moon", "long_name"]
    left_out = findings.left_out
    assert left_out["broken"] == (
        "acme 2.0: its audit check 'a_breaks' (acme:Breaks) failed (RuntimeError: no network); "
        "update or uninstall the package"
    )
    assert "found ['long_name'], but its kinds are ['first', 'second']" in left_out["first"]
    assert left_out["second"] == left_out["first"]
    assert left_out["by_moon"] == "there is no moon"
    assert "another check has the kind 'blurred'" in left_out["d_takes"]
    assert "is no pawlens.plugins.AuditCheck" in left_out["e_no_check"]
    assert "AttributeError" in left_out["f_missing"]
    assert not any("\n" in reason for reason in left_out.values())
    assert {"copies", "g_names"} <= set(clock.seconds)


def test_a_taken_name_is_refused_before_any_work(install_package: Install, tmp_path: Path) -> None:
    install_package(CODE, "pawlens.checks", copies="Names")
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff")

    def never(*_: object) -> None:
        pytest.fail("work has begun")

    with pytest.raises(PluginError, match=r"acme 2\.0 offers the audit check 'copies'.*pawlens"):
        audit(Photos.read(tmp_path, labels=False), progress=never)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda one: replace(one, score=np.zeros(3)), "score and found are not"),
        (lambda one: replace(one, score=one.score + 2), "scores are not between 0 and 1"),
        (lambda one: replace(one, score=one.score - 1), "scores are not between 0 and 1"),
        (lambda one: replace(one, found=one.found.astype(int)), "score and found are not"),
        (lambda one: replace(one, why={0: "is not found"}), "photos that are not of this kind"),
        (lambda one: replace(one, suggestion={0: "drop"}), "photos that are not of this kind"),
        (lambda one: replace(one, suggestion={1: "relabel:horse"}), "suggestion 'relabel:horse'"),
    ],
)
def test_a_detection_that_does_not_fit_the_photos_is_refused(
    view: AuditView, change: Callable[[Detection], Detection], reason: str
) -> None:
    found = np.arange(len(view)) == 1
    score = np.where(found, 0.9, np.nan)
    sound = Detection("odd", score, found, {1: "yes"}, {1: "drop"})
    assert checked([KIND], [sound], view) == {"odd": sound}
    with pytest.raises(ValueError, match=reason):
        checked([KIND], [change(sound)], view)


class Odd(AuditCheck):
    """Finds every other photo."""

    kinds = (KIND,)

    def find(self, view: AuditView) -> list[Detection]:
        found = np.arange(len(view)) % 2 == 1
        rows = np.flatnonzero(found).tolist()
        return [Detection("odd", found * 0.9, found, dict.fromkeys(rows, "its row is odd"))]


@pytest.mark.parametrize(
    ("kinds", "reason"),
    [
        ((), "not a tuple of Kind"),
        ([KIND], "not a tuple of Kind"),
        ((Kind("Odd One", "Odd", "It is odd.", 0.5),), "small letters"),
        ((Kind("odd", "Odd", "It is odd.", 2.0),), "weight 2.0, not 0 to 1"),
    ],
)
def test_kinds_must_make_columns(kinds: object, reason: str) -> None:
    wrong = type("Wrong", (Odd,), {"kinds": kinds})
    with pytest.raises((TypeError, ValueError), match=reason):
        accept_check("wrong", wrong)


def test_pixels_are_measured_where_there_are_any(view: AuditView) -> None:
    heights = view.measure(lambda pixels: pixels.shape[0])
    unreadable = [bool(scan.problem) for scan in view.scans]
    assert any(unreadable)
    assert [height is None for height in heights] == unreadable
    assert heights[unreadable.index(False)] in (
        view.scans[unreadable.index(False)].height,
        view.scans[unreadable.index(False)].width,
    )


class Restless(Odd):
    """Finds other photos each time."""

    def __init__(self) -> None:
        self.times = 0

    def find(self, view: AuditView) -> list[Detection]:
        self.times += 1
        (one,) = super().find(view)
        return [Detection("odd", one.score / self.times, one.found, one.why)]


class Silent(Odd):
    """Gives no reasons."""

    def find(self, view: AuditView) -> list[Detection]:
        (one,) = super().find(view)
        return [Detection("odd", one.score, one.found, {})]


class Meddler(Odd):
    """Changes what it is given."""

    def find(self, view: AuditView) -> list[Detection]:
        view.group[0] += 1
        return super().find(view)


class Mute(Odd):
    """Cannot look, and does not say why."""

    def find(self, view: AuditView) -> list[Detection]:
        raise LeftOut("")


def test_a_sound_check_passes_and_gives_what_it_found() -> None:
    found = check_audit_check(Odd)
    assert found["odd"].found.sum() > 5


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (Restless, "the second look differs"),
        (Silent, "have no reason"),
        (Meddler, "changes the view"),
        (Mute, "not one line"),
        (object, "no pawlens.plugins.AuditCheck"),
        (type("Taken", (Odd,), {"kinds": (Kind("dark", "Dark", "It is.", 1),)}), "has the kind"),
        (type("Vague", (Odd,), {"kinds": (Kind("odd", "Odd", "odd", 1),)}), "not a sentence"),
    ],
)
def test_an_unsound_check_is_told_what_is_wrong(
    view: AuditView, monkeypatch: pytest.MonkeyPatch, check: object, sentence: str
) -> None:
    ready = replace(view, group=view.group.copy())
    monkeypatch.setattr("pawlens.testing._findings._view", lambda photos, cache: ready)
    with pytest.raises(AssertionError, match=sentence):
        check_audit_check(check)
