from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pawlens.errors import PhotosError
from pawlens.photos import Photo, natural_key
from pawlens.photos.layout._layout import read_layout


def read(*names: str) -> dict[str, tuple[str | None, str | None]]:
    """Label and split by path."""
    return {p.path: (p.label, p.split) for p in read_layout(names, "here").photos}


def test_class_folders() -> None:
    assert read("cat/1.jpg", "cat/deep/2.jpg", "dog/1.jpg") == {
        "cat/1.jpg": ("cat", None),
        "cat/deep/2.jpg": ("cat", None),
        "dog/1.jpg": ("dog", None),
    }


def test_folders_around_everything_carry_no_meaning() -> None:
    found = read("data/pets/cat/1.jpg", "data/pets/dog/1.jpg")
    assert {label for label, _ in found.values()} == {"cat", "dog"}


def test_split_folders_with_classes() -> None:
    names = [f"{s}/{c}/1.jpg" for s in ("Train", "VAL", "test") for c in ("cat", "dog")]
    found = read(*names)
    assert found["Train/cat/1.jpg"] == ("cat", "train")
    assert found["VAL/dog/1.jpg"] == ("dog", "valid")
    assert found["test/dog/1.jpg"] == ("dog", "test")


def test_parts_of_a_collection_with_classes_in_them() -> None:
    names = [f"images_{n:03}/{c}/{n}.jpg" for n in (1, 2) for c in ("cat", "dog")]
    assert read(*names) == {name: (name.split("/")[1], None) for name in names}


def test_splits_below_classes_hold_every_photo_or_are_none() -> None:
    names = [f"{c}/{s}/1.jpg" for c in ("cat", "dog") for s in ("train", "test")]
    assert read(*names) == {name: tuple(name.split("/")[:2]) for name in names}
    assert read(*names, "dog/2.jpg") == {
        name: (name.split("/")[0], None) for name in (*names, "dog/2.jpg")
    }


def test_names_tell_the_class() -> None:
    names = [f"train/{c}.{i}.jpg" for c in ("cat", "dog") for i in range(3)]
    found = read(*names, "test/1.jpg", "test/2.jpg")
    assert found["train/cat.0.jpg"] == ("cat", "train")
    assert found["train/dog.2.jpg"] == ("dog", "train")
    assert found["test/1.jpg"] == (None, "test")


def test_breed_names() -> None:
    found = read("Maine_Coon_1.jpg", "Maine_Coon_22.jpg", "Ragdoll_1.jpg", "Ragdoll_2.jpg")
    assert {label for label, _ in found.values()} == {"Maine_Coon", "Ragdoll"}


@pytest.mark.parametrize(
    "names",
    [
        ("a.jpg", "b.jpg"),
        ("IMG_1.jpg", "IMG_2.jpg"),
        ("only/1.jpg", "only/2.jpg"),
        ("cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "dog.2.jpg", "holiday.jpg"),
        ("1.jpg", "2.jpg"),
    ],
)
def test_a_collection_has_no_labels(names: tuple[str, ...]) -> None:
    assert {label for label, _ in read(*names).values()} == {None}


def test_chinese_classes() -> None:
    assert read("猫/1.jpg", "狗/1.jpg")["猫/1.jpg"] == ("猫", None)


def test_class_missing_in_a_split() -> None:
    with pytest.raises(PhotosError, match="valid has no photo of class 'dog', which train has"):
        read("train/cat/1.jpg", "train/dog/1.jpg", "valid/cat/1.jpg")


def test_class_too_many_in_a_split() -> None:
    names = [f"{s}/{c}/1.jpg" for s in ("train", "test") for c in ("cat", "dog")]
    with pytest.raises(PhotosError, match="test has class 'fox', which train lacks"):
        read(*names, "test/fox/1.jpg")


def test_photos_beside_class_folders() -> None:
    with pytest.raises(PhotosError, match=r"'stray\.jpg' lies beside class folder 'cat'"):
        read("cat/1.jpg", "dog/1.jpg", "stray.jpg")


def test_photos_beside_split_folders() -> None:
    with pytest.raises(PhotosError, match=r"'stray\.jpg' lies beside the split folders"):
        read("train/cat/1.jpg", "train/dog/1.jpg", "stray.jpg")


@pytest.mark.parametrize(
    "names",
    [
        ("train/cat/1.jpg", "train/dog/1.jpg", "extra/1.jpg"),
        ("train/cat.1.jpg", "test/1.jpg", "extra/1.jpg"),
    ],
)
def test_folder_beside_split_folders(names: tuple[str, ...]) -> None:
    with pytest.raises(PhotosError, match="folder 'extra' lies beside the split folders"):
        read(*names)


def test_a_class_may_be_called_train() -> None:
    assert read("train/1.jpg", "bus/1.jpg", "car/1.jpg")["train/1.jpg"] == ("train", None)


def test_natural_order() -> None:
    names = ["photo10", "photo2", "Photo1", "photo", "photo02b", "9 lives", "10 lives"]
    assert sorted(names, key=natural_key) == [
        "9 lives",
        "10 lives",
        "photo",
        "Photo1",
        "photo2",
        "photo02b",
        "photo10",
    ]
    assert natural_key("9" * 6000) < natural_key("1" + "0" * 6000)


@given(st.lists(st.text(max_size=8)))
def test_natural_order_does_not_depend_on_where_it_begins(texts: list[str]) -> None:
    backwards = texts[::-1]
    assert sorted(texts, key=natural_key) == sorted(backwards, key=natural_key)


@given(st.lists(st.integers(0, 10**6)))
def test_natural_order_of_numbers(numbers: list[int]) -> None:
    texts = [f"x{n}" for n in numbers]
    assert sorted(texts, key=natural_key) == [f"x{n}" for n in sorted(numbers)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["train", "valid"]), st.sampled_from("ab"), st.integers(0, 9)),
        unique=True,
        min_size=1,
    )
)
def test_labels_are_right_or_refused(places: list[tuple[str, str, int]]) -> None:
    names = [f"{split}/{label}/{i}.jpg" for split, label, i in places]
    try:
        photos = read_layout(names, "here").photos
    except PhotosError:
        splits = {split for split, _, _ in places}
        assert len(splits) == 2
        return
    if len({label for _, label, _ in places}) < 2:
        assert not any(p.labels for p in photos)
    else:
        assert photos == [Photo(n, (c,), s) for n, (s, c, _) in zip(names, places, strict=True)]
