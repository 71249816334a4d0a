"""The contact sheet: rows and columns, nothing from outside, and nothing unreadable."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from pawlens import Photos
from pawlens.errors import PhotosError
from pawlens.recipes import AUGMENT_PRESETS, Augment

pytest.importorskip("torch")

from pawlens.pages import render_sheet

pytestmark = pytest.mark.torch


def test_a_row_for_each_photo_and_a_column_for_each_epoch(
    photo_folder: Callable[..., Path],
) -> None:
    folder = photo_folder("a <b>", cat=4, dog=4)
    (folder / "cat" / "1.jpg").write_bytes(b"")
    photos = Photos.read(folder, labels=False)
    told: list[tuple[str, int, int]] = []
    page = render_sheet(
        photos,
        AUGMENT_PRESETS["strong"],
        preset="strong",
        count=3,
        epochs=4,
        size=64,
        progress=lambda *one: told.append(one),
    )
    pictures = re.findall(r'src="(data:image/jpeg;base64,[^"]+)"', page)
    assert len(pictures) == len(set(pictures)) == 3 * 5
    assert told[-1] == ("drawing", 3, 3)
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "a &lt;b&gt;" in page
    assert "cat/1.jpg" not in page
    assert "degrees, either way" in page
    again = render_sheet(
        photos, AUGMENT_PRESETS["strong"], preset="strong", count=3, epochs=4, size=64
    )
    assert again == page


def test_nothing_asked_shows_the_photo(photo_folder: Callable[..., Path]) -> None:
    photos = Photos.read(photo_folder(cat=2), labels=False)
    page = render_sheet(photos, Augment(), count=2, epochs=1, size=32)
    first, same, *_ = re.findall(r'src="([^"]+)"', page)
    assert first == same
    assert "as it is" in page
    assert "What may happen" not in page


def test_no_photo_that_can_be_read(photo_folder: Callable[..., Path]) -> None:
    folder = photo_folder(cat=1)
    (folder / "cat" / "0.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(PhotosError, match="none of the photos can be read"):
        render_sheet(Photos.read(folder, labels=False), Augment())
