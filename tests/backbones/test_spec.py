from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.backbones import BackboneSpec
from pawlens.errors import BackboneError

_numbers = st.floats(-1e6, 1e6)
_positive = st.floats(1e-3, 1e6)
_specs = st.builds(
    BackboneSpec,
    name=st.text(),
    input_size=st.integers(1, 4096),
    interpolation=st.sampled_from(["bicubic", "bilinear"]),
    mean=st.tuples(_numbers, _numbers, _numbers),
    std=st.tuples(_positive, _positive, _positive),
    channel_order=st.sampled_from(["rgb", "bgr"]),
    feature_dim=st.integers(1, 100_000),
    licence=st.text(),
    source=st.text(),
)


@given(_specs)
def test_json_brings_back_the_same_spec(spec: BackboneSpec) -> None:
    assert BackboneSpec.from_json(spec.to_json()) == spec


def test_whole_numbers_in_json_are_floats_in_the_spec(spec: BackboneSpec) -> None:
    text = json.dumps(asdict(spec) | {"mean": [1, 2, 3]})
    assert BackboneSpec.from_json(text) == replace(spec, mean=(1.0, 2.0, 3.0))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"mean": [1, 2]}, "mean"),
        ({"mean": "grey"}, "mean"),
        ({"std": [1, 0, 1]}, "std"),
        ({"input_size": 0}, "input_size"),
        ({"input_size": 224.0}, "input_size"),
        ({"feature_dim": True}, "feature_dim"),
        ({"interpolation": "nearest"}, "interpolation"),
        ({"channel_order": "hsv"}, "channel_order"),
        ({"licence": None}, "licence"),
        ({"colour": "rgb"}, "unknown field 'colour'"),
    ],
)
def test_a_wrong_field_is_named(spec: BackboneSpec, change: dict[str, Any], word: str) -> None:
    with pytest.raises(BackboneError, match=word) as caught:
        BackboneSpec.from_json(json.dumps(asdict(spec) | change))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[1]", '"rgb"'])
def test_what_is_not_a_spec_is_refused(text: str) -> None:
    with pytest.raises(BackboneError, match="spec"):
        BackboneSpec.from_json(text)


def test_a_missing_field_is_named(spec: BackboneSpec) -> None:
    fields = asdict(spec)
    del fields["std"]
    with pytest.raises(BackboneError, match="lacks the field 'std'"):
        BackboneSpec.from_json(json.dumps(fields))


def test_preprocessing_hash_depends_on_the_pixels_alone(spec: BackboneSpec) -> None:
    same = replace(spec, name="other", licence="other", source="other", feature_dim=9)
    assert same.preprocessing_hash == spec.preprocessing_hash
    others = [
        spec.with_size(9),
        replace(spec, interpolation="bicubic"),
        replace(spec, mean=(127.5, 127.5, 127.6)),
        replace(spec, std=(64.0, 64.0, 63.0)),
        replace(spec, channel_order="rgb"),
    ]
    hashes = {each.preprocessing_hash for each in [spec, *others]}
    assert len(hashes) == 6
    assert all(len(each) == 64 for each in hashes)


def test_with_size_changes_the_size_alone(spec: BackboneSpec) -> None:
    assert spec.with_size(300) == replace(spec, input_size=300)
