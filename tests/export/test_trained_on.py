"""What a graph says of the photos behind it."""

from __future__ import annotations

import hashlib

import onnx
import pytest
from onnx import helper

from pawlens.export import TrainedOn, note_photos
from pawlens.export._trained_on import read_photos_noted


def contents(count: int, start: int = 0) -> list[str]:
    return [hashlib.sha256(str(i).encode()).hexdigest() for i in range(start, start + count)]


def empty() -> onnx.ModelProto:
    return helper.make_model(helper.make_graph([], "none", [], []))


def test_a_graph_remembers_its_photos_and_no_others() -> None:
    model = empty()
    assert read_photos_noted(model) is None
    known = contents(300)
    note_photos(model, TrainedOn.of([*known, *known]))
    found = read_photos_noted(onnx.load_from_string(model.SerializeToString()))
    assert found is not None
    assert len(found.digests) == 300
    assert all(sha in found for sha in known)
    assert not any(sha in found for sha in contents(3000, start=300))


def test_25000_photos_cost_little_and_strangers_are_told_apart() -> None:
    model = empty()
    before = model.ByteSize()
    note = TrainedOn.of(contents(25_000))
    note_photos(model, note)
    assert model.ByteSize() - before < 170_000
    assert sum(sha in note for sha in contents(50_000, start=25_000)) == 0


def test_the_same_photos_give_the_same_bytes_and_other_photos_another_salt() -> None:
    known = contents(40)
    assert TrainedOn.of(known).to_json() == TrainedOn.of(known[::-1]).to_json()
    more = TrainedOn.of(contents(41))
    assert more.salt != TrainedOn.of(known).salt
    assert not more.digests & TrainedOn.of(known).digests


def test_no_hash_of_a_photo_is_in_the_note() -> None:
    known = contents(5)
    text = TrainedOn.of(known).to_json()
    assert not any(sha[:10] in text for sha in known)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "{}",
        '{"salt": "00", "bytes": 4, "digests": ""}',
        '{"salt": "00", "bytes": 5, "digests": "AAAA"}',
        '{"salt": "0", "bytes": 5, "digests": ""}',
    ],
)
def test_a_damaged_note_says_nothing(text: str) -> None:
    model = empty()
    model.metadata_props.add(key="pawlens.trained_on", value=text)
    assert read_photos_noted(model) is None
