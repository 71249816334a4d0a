from __future__ import annotations

import pytest

from pawlens.photos.layout._file_labels import labels_of_files


@pytest.mark.parametrize(
    "form", ["{}.{}.jpg", "{}_{}.JPG", "{}-{}.png", "{} ({}).jpg", "{}({}).jpg", "{}_000{}.jpg"]
)
@pytest.mark.parametrize("names", [("cat", "dog"), ("Maine_Coon", "Ragdoll"), ("猫", "狗")])
def test_names_and_numbers(form: str, names: tuple[str, ...]) -> None:
    files = [form.format(name, i) for name in names for i in (1, 2)]
    assert labels_of_files(files) == ([name for name in names for _ in range(2)], "")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["IMG_1.jpg", "IMG_2.jpg", "DSC_1.jpg", "DSC_2.jpg"], "no classes: DSC, IMG"),
        (["cat_1.jpg", "cat_2.jpg", "IMG_1.jpg", "IMG_2.jpg"], "no classes: IMG"),
        (["WhatsApp Image_1.jpg", "cat_1.jpg", "cat_2.jpg"], "no classes: WhatsApp Image"),
        (["FB_IMG_1.jpg", "a_1.jpg", "a_2.jpg"], "no classes: FB_IMG"),
        (["video1_frame_1.jpg", "video1_frame_2.jpg"], "no classes: video1_frame"),
        (["train_1.jpg", "train_2.jpg", "test_1.jpg"], "no classes: test, train"),
        (["cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "x.jpg"], "because of 'x.jpg'"),
        (["cat.1.jpg", "cat.2.jpg", "dog.1.jpg"], "because of the only one of 'dog'"),
        (["a_1.jpg", "b_1.jpg"], ""),
        (["a_1.jpg", "a_2.jpg"], ""),
        (["1.jpg", "2.jpg"], ""),
        (["cat.1.jpg", "cat.2.jpg", "dog.1.jpg", "x.jpg", "y.jpg", "z.jpg", "u.jpg"], ""),
    ],
)
def test_names_that_tell_no_class(files: list[str], words: str) -> None:
    labels, note = labels_of_files(files)
    assert labels == [None] * len(files)
    assert words in note
    assert bool(words) == bool(note)
