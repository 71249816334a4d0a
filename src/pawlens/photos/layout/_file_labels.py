"""Labels in the names of files: ``cat.0.jpg``, ``Maine_Coon_12.jpg``, ``dog (3).jpg``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from ._folder_names import SPLIT_NAMES, plain_name, splits_of_classes

__all__ = ["labels_of_files"]

_NUMBERED = re.compile(r"(?P<label>.*[^\W\d_])(?:[._-]\d+| ?\(\d+\))")
_WORDS = re.compile(r"[^\W\d_]+")
_MIN_NAMED = 2
_SHOWN = 4
_CAMERAS = """
img dsc dscn dscf imgp pict pic pxl gopr gp gh gx dji mvimg pano panorama burst sam cimg kimg
mov vid video mvi whatsapp fb facebook snapchat signal telegram line kakaotalk wechat wx mmexport
camera cam screenshot screen shot capture captured snapshot snap webcam scan scanned image images
photo photos picture pictures foto bild frame frames file untitled unnamed download copy crop
cropped tile patch sample item page thumb thumbnail original edited edit received inshot at of and
no nr id
canon nikon sony olympus fuji fujifilm fujixerox panasonic leica pentax kodak casio ricoh iphone
ipad samsung huawei xiaomi redmi oneplus lumix powershot coolpix hpim imag scn sdc dcp dcim rimg
pana crw rcnx stc ek wgi ptdc uwd sunp moultrie bushnell reconyx browning trailcam vlcsnap insta
instagram tiktok twitter pinterest flickr unsplash pexels pixabay shutterstock istock istockphoto
adobestock gettyimages depositphotos alamy dreamstime bilder fotos kopie copie copia von de
"""
_NEVER = SPLIT_NAMES.keys() | set(_CAMERAS.split())
"""Words of cameras, programs and splits; a name of nothing else tells no class."""

_BUT = "file names might tell classes, but none was read because of"


def labels_of_files(files: Sequence[str]) -> tuple[list[str | None], str]:
    """Read labels from the names of files, if all of them have one.

    Parameters
    ----------
    files : sequence of str
        Names without folders.

    Returns
    -------
    labels : list of str or None
        All None unless every file has a name and a number, there are two names at least, each
        occurs twice at least, and none of them is that of a camera.
    note : str
        Why the names are no labels, where a person might think that they are; else empty.
    """
    nothing: list[str | None] = [None] * len(files)
    matches = [_NUMBERED.fullmatch(plain_name(PurePosixPath(file).stem)) for file in files]
    labels = [match["label"] for match in matches if match is not None]
    counts = Counter(labels)
    cameras = sorted(label for label in counts if _is_of_a_camera(label))
    if cameras:
        shown = ", ".join(cameras[:_SHOWN])
        return nothing, f"file names of cameras or programs are no classes: {shown}"
    if len(counts) < 2 or max(counts.values()) < _MIN_NAMED:
        return nothing, ""
    if splits_of_classes(counts):
        return nothing, f"{_BUT} splits in them, as {files[0]!r}; make a folder of each split"
    other = next((f for f, match in zip(files, matches, strict=True) if match is None), None)
    if other is not None:
        return nothing, f"{_BUT} {other!r}" if 2 * len(labels) > len(files) else ""
    alone = next((label for label, count in counts.items() if count < _MIN_NAMED), None)
    if alone is not None:
        return nothing, f"{_BUT} the only one of {alone!r}"
    return list(labels), ""


def _is_of_a_camera(label: str) -> bool:
    words = [word.casefold() for word in _WORDS.findall(label)]
    return all(word in _NEVER for word in words)
