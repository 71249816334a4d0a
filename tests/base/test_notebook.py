from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

from pawlens.base import Bar, bar_chart, data_uri, notebook_card, or_plain_text

SVG = "{http://www.w3.org/2000/svg}"


def drawn(bars: list[Bar]) -> ElementTree.Element:
    """Decode the picture."""
    kind, _, data = bar_chart(bars).partition(",")
    assert kind == "data:image/svg+xml;base64"
    return ElementTree.fromstring(base64.b64decode(data))


def test_bars_are_as_long_as_their_values() -> None:
    bars = [Bar("half", 0.5, 0.25, 1.0), Bar("quarter", 0.25)]
    picture = drawn(bars)
    half, quarter = (float(bar.attrib["width"]) for bar in picture.iter(f"{SVG}rect"))
    assert half == 2 * quarter
    (line,) = picture.iter(f"{SVG}path")
    ends = re.fullmatch(r"M([\d.]+) \d+H([\d.]+)", line.attrib["d"])
    assert ends is not None
    low, high = map(float, ends.groups())
    start = float(next(picture.iter(f"{SVG}rect")).attrib["x"])
    assert (low - start, high - start) == (half / 2, 2 * half)
    assert high < float(picture.attrib["width"])


def test_names_in_a_chart_are_escaped_and_short() -> None:
    picture = drawn([Bar("<&>", 1.0), Bar("x" * 40, 0.0)])
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert texts == ["<&>", "x" * 21 + "…"]


def test_nothing_to_draw() -> None:
    assert len(drawn([])) == 0
    assert len(list(drawn([Bar("none", 0.0)]).iter(f"{SVG}rect"))) == 1


def test_a_card_escapes_all_text() -> None:
    bad = "<script>&\"'"
    card = notebook_card(
        bad,
        facts=[(bad, bad)],
        header=[bad],
        rows=[[bad]],
        pictures=[(data_uri(b"picture"), bad)],
        notes=[bad],
    )
    assert "<script>" not in card
    assert card.count("&lt;script&gt;&amp;&quot;&#x27;") == 8
    assert "data:image/jpeg;base64,cGljdHVyZQ==" in card
    root = ElementTree.fromstring(re.sub(r"(<img [^>]*)>", r"\1/>", card))
    assert root.tag == "div"


def test_a_card_of_a_title_alone() -> None:
    assert notebook_card("alone") == "<div><b>alone</b></div>"


class _Damaged:
    @or_plain_text
    def _repr_html_(self) -> str:
        raise ValueError("gone")


def test_what_cannot_be_drawn_is_no_error() -> None:
    assert _Damaged()._repr_html_() is None
