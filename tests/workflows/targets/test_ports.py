"""The ports of the resize, each run in its own language, against the specification."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

import pawlens.workflows
from pawlens.photos import resize

Pixels = npt.NDArray[np.uint8]

PORTS = Path(str(pawlens.workflows.__file__)).parent / "targets" / "ports"


class Case(NamedTuple):
    """A photo's width and height, the side of the square, and the filter."""

    width: int
    height: int
    size: int
    filter: str


CASES = [
    Case(1, 1, 4, "bicubic"),
    Case(3, 40, 16, "bilinear"),
    Case(64, 64, 64, "bicubic"),
    Case(50, 37, 96, "bicubic"),
    Case(301, 200, 96, "bicubic"),
    Case(90, 333, 71, "bilinear"),
    Case(640, 479, 31, "bicubic"),
]

NODE = """
const { pawlensResize } = require(process.argv[2]);
const given = require("fs").readFileSync(0);
let at = 0;
for (const one of process.argv.slice(3)) {
  const [w, h, size, filter] = one.split(",").map((part) => (isNaN(part) ? part : Number(part)));
  const rgb = given.subarray(at, (at += w * h * 3));
  const rgba = new Uint8ClampedArray(w * h * 4).fill(7);
  rgb.forEach((value, i) => (rgba[Math.floor(i / 3) * 4 + (i % 3)] = value));
  const square = pawlensResize(rgb, w, h, 3, size, filter);
  if (Buffer.compare(square, pawlensResize(rgba, w, h, 4, size, filter))) process.exit(3);
  process.stdout.write(square);
}
"""

C = """
#include <stdio.h>
#include <string.h>
#include "pawlens_resize.h"
int main(int count, char **cases) {
    for (int i = 1; i < count; i++) {
        int w, h, size;
        char filter[16];
        sscanf(cases[i], "%d,%d,%d,%15s", &w, &h, &size, filter);
        uint8_t *photo = malloc((size_t)w * h * 3), *square = malloc((size_t)size * size * 3);
        if (fread(photo, 3, (size_t)w * h, stdin) != (size_t)w * h) return 2;
        int bicubic = strcmp(filter, "bicubic") == 0;
        if (pawlens_resize(photo, w, h, square, size, bicubic ? PAWLENS_BICUBIC : PAWLENS_BILINEAR))
            return 3;
        fwrite(square, 3, (size_t)size * size, stdout);
        free(photo), free(square);
    }
    return 0;
}
"""

JAVA = """
public class Cases {
    public static void main(String[] cases) throws Exception {
        for (String one : cases) {
            String[] parts = one.split(",");
            int w = Integer.parseInt(parts[0]), h = Integer.parseInt(parts[1]);
            byte[] photo = System.in.readNBytes(w * h * 3);
            int size = Integer.parseInt(parts[2]);
            System.out.write(PawlensResize.resize(photo, w, h, size, parts[3].equals("bicubic")));
        }
        System.out.flush();
    }
}
"""


def node(folder: Path) -> list[str]:
    (folder / "cases.js").write_text(NODE)
    return [tool("node"), str(folder / "cases.js"), str(PORTS / "pawlens_resize.js")]


def c(folder: Path) -> list[str]:
    (folder / "cases.c").write_text(C)
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", f"-I{PORTS}"]
    command = [tool("cc"), *strict, str(folder / "cases.c"), "-o", str(folder / "cases"), "-lm"]
    subprocess.run(command, check=True)
    return [str(folder / "cases")]


def java(folder: Path) -> list[str]:
    (folder / "Cases.java").write_text(JAVA)
    sources = [str(folder / "Cases.java"), str(PORTS / "PawlensResize.java")]
    subprocess.run([tool("javac"), "-Xlint:all", "-d", str(folder), *sources], check=True)
    return [tool("java"), "-cp", str(folder), "Cases"]


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def photo(case: Case) -> Pixels:
    """Draw bytes at random; a third is black and white alone, where values must be limited."""
    rng = np.random.default_rng(case.width)
    pixels = rng.integers(0, 256, (case.height, case.width, 3), dtype=np.uint8)
    pixels[: case.height // 3] = np.where(pixels[: case.height // 3] > 127, 255, 0)
    return pixels


def specified(pixels: npt.NDArray[np.uint8], size: int, name: str) -> npt.NDArray[np.float64]:
    """Resize as ``docs/resize.md`` says, in 64-bit floats."""
    first = one_pass(pixels.astype(np.float64).transpose(1, 0, 2), size, name)
    return one_pass(first.transpose(1, 0, 2), size, name)


def one_pass(lines: npt.NDArray[np.float64], size: int, name: str) -> npt.NDArray[np.float64]:
    count = len(lines)
    scale = count / size
    centre = (np.arange(size)[:, None] + 0.5) * scale
    x = np.abs(np.arange(count) + 0.5 - centre) / max(scale, 1)
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    bicubic = np.where(x < 1, near, np.where(x < 2, far, 0))
    weights = bicubic if name == "bicubic" else np.maximum(1 - x, 0)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.clip(np.floor(np.tensordot(weights, lines, 1) + 0.5), 0, 255)


def squares(command: Sequence[str]) -> list[Pixels]:
    given = b"".join(photo(case).tobytes() for case in CASES)
    cases = [",".join(map(str, case)) for case in CASES]
    found = subprocess.run([*command, *cases], input=given, stdout=subprocess.PIPE, check=True)
    values, parts = np.frombuffer(found.stdout, np.uint8), []
    for case in CASES:
        count = case.size**2 * 3
        parts.append(values[:count].reshape(case.size, case.size, 3))
        values = values[count:]
    assert len(values) == 0
    return parts


@pytest.mark.parametrize("language", [node, c, java])
def test_a_port_does_what_is_specified(
    language: Callable[[Path], list[str]], tmp_path: Path
) -> None:
    for case, found in zip(CASES, squares(language(tmp_path)), strict=True):
        off = np.abs(found - specified(photo(case), case.size, case.filter))
        assert off.max() <= 1, case  # a sum that is a half in theory falls to either side
        assert (off > 0).mean() < 0.003, case


@pytest.mark.parametrize("case", CASES)
def test_pawlens_itself_does_what_is_specified(case: Case) -> None:
    found = resize(photo(case), case.size, case.filter)
    off = np.abs(found - specified(photo(case), case.size, case.filter))
    assert off.max() <= 2  # where a photo is enlarged, one level of the first pass grows
    assert (off > 0).mean() < 0.02


def test_a_port_refuses_what_is_no_photo(tmp_path: Path) -> None:
    code = "require(process.argv[1]).pawlensResize(new Uint8Array(5), 2, 1, 3, 4, 'bicubic')"
    port = str(PORTS / "pawlens_resize.js")
    found = subprocess.run([tool("node"), "-e", code, port], capture_output=True, text=True)
    assert found.returncode != 0
    assert "5 values are no photo of 2 x 1" in found.stderr
