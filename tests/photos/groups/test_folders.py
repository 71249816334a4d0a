from __future__ import annotations

import pytest

from pawlens.photos import Photo
from pawlens.photos.groups._folders import subject_folders


@pytest.mark.parametrize(
    ("photo", "subject"),
    [
        (Photo("cat/rex/1.jpg", ("cat",)), "rex"),
        (Photo("cat/rex/monday/1.jpg", ("cat",)), "rex"),
        (Photo("cat/train/rex/1.jpg", ("cat",), "train"), "rex"),
        (Photo("cat/seg_train/rex/1.jpg", ("cat",), "train"), "rex"),
        (Photo("cat/images/rex/1.jpg", ("cat",)), "rex"),
        (Photo("cat/train/images/rex/1.jpg", ("cat",), "train"), "rex"),
        (Photo("cat/fold1/rex/1.jpg", ("cat",), None, "fold1"), "rex"),
        (Photo("cat/images_001/rex/1.jpg", ("cat",)), "rex"),
        (Photo("cat/images_001/1.jpg", ("cat",)), "images_001"),
        (Photo("cat/100CANON/rex/1.jpg", ("cat",)), "rex"),
        (Photo("cat/2020/rex/1.jpg", ("cat",)), "rex"),
        (Photo("cat/2024-05-01/1.jpg", ("cat",)), "2024-05-01"),
        (Photo("cat/12/1.jpg", ("cat",)), "12"),
        (Photo("train/cat/rex/1.jpg", ("cat",), "train"), "rex"),
        (Photo("cat/train/1.jpg", ("cat",), "train"), None),
        (Photo("cat/images/1.jpg", ("cat",)), None),
        (Photo("cat/unknown/1.jpg", ("cat",)), None),
        (Photo("cat/1.jpg", ("cat",)), None),
        (Photo("test/1.jpg", (), "test"), None),
        (Photo("test/rex/1.jpg", (), "test"), "rex"),
        (Photo("images/1.jpg", ("cat",)), None),
        (Photo("images/rex/1.jpg", ("cat",)), "rex"),
    ],
)
def test_the_folder_of_a_subject(photo: Photo, subject: str | None) -> None:
    assert subject_folders([photo]) == [subject]


def test_numbers_of_animals_are_no_years() -> None:
    photos = [Photo(f"cat/{name}/left/1.jpg", ("cat",)) for name in ("1999", "2", "2001")]
    assert subject_folders(photos) == ["1999", "2", "2001"]


def test_outside_of_class_folders_there_may_be_none() -> None:
    assert subject_folders([Photo("rex/1.jpg", ("cat",))], in_classes=True) == [None]
