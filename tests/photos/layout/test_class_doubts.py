from __future__ import annotations

import re
from itertools import product

import pytest

from pawlens.errors import PhotosError
from pawlens.photos.layout._layout import read_layout


def spelt(*patterns: str) -> list[str]:
    """Paths of two photos in each folder of patterns such as ``{north,south}/cat``."""
    found = []
    for pattern in patterns:
        pieces = [piece.strip("{}").split(",") for piece in re.split(r"({[^}]*})", pattern)]
        found += ["".join(one) for one in product(*pieces)]
    files = [one if one.endswith(".jpg") else f"{one}/{i}.jpg" for one in found for i in (0, 1)]
    return list(dict.fromkeys(files))


def labels(*patterns: str) -> list[str]:
    photos = read_layout(spelt(*patterns), "here").photos
    return sorted({photo.label for photo in photos if photo.label})


@pytest.mark.parametrize(
    ("patterns", "told"),
    [
        (["c/images/{cat,dog}", "c/docs"], r"'images' holds cat, dog, and 'docs' lies.*c/images"),
        (["dataset/{train,test}/{cat,dog}", "results"], r"move 'results' away.*here/dataset"),
        (["pets/{train,test}/{cat,dog}", "results"], r"move 'results' away.*here/pets"),
        (["data/{train,test}/{cat,dog}.{1,2}.jpg", "plots"], r"move 'plots' away"),
        (["{fold1,fold2}/{cat,dog}", "extra"], r"'extra' lies beside the folds"),
        (["{fold1,fold2}/{cat,dog}.{1,2}.jpg", "extra"], r"'extra' lies beside the folds"),
        (["fold1/{train,test}/{cat,dog}", "extra"], r"move 'extra' away"),
        (["{siteA,siteB}/{cat,dog}", "misc"], r"siteA, siteB share.*move 'misc' away"),
        (["{siteA,siteB}/{cat,dog}", "siteA/plan.jpg"], r"all hold the folders cat, dog"),
        (["{siteA,siteB}/{2019,2020}/{cat,dog}"], r"all hold the folders cat, dog"),
        (["{siteA,siteB}/{train,test}/{cat,dog}"], r"all hold the folders cat, dog"),
        (["siteA/{Cat,Dog}", "siteB/{cat,dog}"], r"folders cat, dog: which"),
        (["{siteA,siteB}/raw/{cat,dog}", "misc"], r"share the folders cat, dog"),
        (["{north,south}/{001.Albatross,002.Tern}"], r"all hold the folders 001.Albatross"),
        (["{kitchen,garden}/{cam1,cam2}/{cat,dog}"], r"all hold the folders cat, dog"),
        (["{0-10,11-20}/{male,female}"], r"all hold the folders female, male"),
        (["labelled/{cat,dog}", "unclassified"], r"'labelled' holds cat, dog"),
        (["animals/{cat,dog}", "docs"], r"'animals' holds cat, dog.*'docs'"),
        (["animals/{cat,dog}", "pending"], r"'animals' holds cat, dog.*'pending'"),
        (["digits/{0,1,2}", "docs"], r"'digits' holds 0, 1, 2"),
        (["images/{cat,dog}.{1,2}.jpg", "docs"], r"'images' holds cat\.\.\., dog"),
        (["a/{deer,fox,boar}", "b/{deer,fox,hare}", "c/{fox,boar,hare}"], r"share the folders"),
        (["a/{deer,fox,boar}", "b/{fox,hare,wolf}"], r"folders fox: which"),
        (["train/images/{cat,dog}", "train/docs"], r"as in here/train/images"),
        (["{cat,dog}/{train,test}", "bird"], r"move 'bird' away or divide it alike"),
        (["{images_001,images_002}", "docs"], r"'docs' lies beside the parts"),
        (["{2019,2020,misc}"], r"'misc' lies beside the parts"),
        (["{100CANON,101CANON,misc}"], r"'misc' lies beside the parts"),
    ],
)
def test_classes_that_lie_further_down_are_refused(patterns: list[str], told: str) -> None:
    with pytest.raises(PhotosError, match=told) as caught:
        read_layout(spelt(*patterns), "here")
    assert len(str(caught.value).splitlines()) == 1


def test_a_folder_in_an_archive_is_not_named_as_if_it_were_one_on_disk() -> None:
    with pytest.raises(PhotosError, match="images in it, once the archive is unpacked"):
        read_layout(spelt("images/{cat,dog}", "docs"), "c.zip")


@pytest.mark.parametrize(
    ("patterns", "classes"),
    [
        (["cat/{1,2}", "dog/{1,3}"], ["cat", "dog"]),
        (["cat/{1,2,3}", "dog/{1,2,3}", "bird"], ["bird", "cat", "dog"]),
        (["cat/{animal1,animal2}", "dog/{animal1,animal3}"], ["cat", "dog"]),
        (["{cat,dog}/{burst_1,burst_2}"], ["cat", "dog"]),
        (["{cat,dog}/{train,test}"], ["cat", "dog"]),
        (["{cat,dog}/{2019,2020}"], ["cat", "dog"]),
        (["{cat,dog}/{2024-05-01,2024-05-02}"], ["cat", "dog"]),
        (["{cat,dog}/raw"], ["cat", "dog"]),
        (["{cat,dog}/{images,photos}"], ["cat", "dog"]),
        (["{cat,dog}/{animal1,animal2}/raw"], ["cat", "dog"]),
        (["cat/{train,test}/{rex,tom}", "dog/{train,test}/{kit,bo}"], ["cat", "dog"]),
        (["{healthy,sick}/{P001,P002}"], ["healthy", "sick"]),
        (["cat/{siamese,persian}", "dog", "fox"], ["cat", "dog", "fox"]),
        (["felines/{lion,tiger}", "canines/{wolf,fox}", "misc"], ["canines", "felines", "misc"]),
        (["{photo,drawing}"], ["drawing", "photo"]),
        (["photo/{animal1,animal2}", "drawing/{animal3,animal4}"], ["drawing", "photo"]),
        (["cat/{a1,a2}/{left,right}", "dog/{b1,b2}/{left,right}"], ["cat", "dog"]),
        (["{cat,dog}/images/{animal1,animal2}"], ["cat", "dog"]),
        (["{cat,dog}/raw/{animal1,animal2}"], ["cat", "dog"]),
        (["{cat,dog}/{train,test}/{animal1,animal2}"], ["cat", "dog"]),
        (["{cat,dog}/{animal1,animal2}/images/{series1,series2}"], ["cat", "dog"]),
        (["cat/{rex,other}", "dog/{tom,other}"], ["cat", "dog"]),
        (["{1.0,1.5,2.0}"], ["1.0", "1.5", "2.0"]),
        (["{train,test}/{0-10,11-20}"], ["0-10", "11-20"]),
        (["{+,-}/{train,test}"], ["+", "-"]),
        (["{fold1,fold2}/{★,★★}"], ["★", "★★"]),
        (["{🐱,🐶}"], ["🐱", "🐶"]),
        (["{100EUROS,200EUROS}"], ["100EUROS", "200EUROS"]),
    ],
)
def test_folders_in_classes_that_are_no_classes(patterns: list[str], classes: list[str]) -> None:
    assert labels(*patterns) == classes


@pytest.mark.parametrize("names", ["{1.0,1.5}", "{+,-}", "{train,test}/{#1,#2}"])
def test_classes_without_a_word_are_told(names: str) -> None:
    notes = read_layout(spelt(names), "here").notes
    assert sum("by numbers or signs alone" in note for note in notes) == 1


@pytest.mark.parametrize("names", ["{2019,2020}", "{100CANON,101CANON}", "{photos,pictures}"])
def test_parts_are_told_with_the_names_that_make_them_classes(names: str) -> None:
    (note,) = read_layout(spelt(names), "here").notes
    assert "if they are, give each name a further word, as 'class " in note
    first, second = names.strip("{}").split(",")
    assert labels(f"{{class {first},class {second}}}") == [f"class {first}", f"class {second}"]
