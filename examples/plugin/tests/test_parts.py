"""Every part is checked the way pawlens uses it."""

from __future__ import annotations

from pawlens_example_plugin.backbone import EdgeSource
from pawlens_example_plugin.exporter import HeaderExporter

from pawlens.testing import check_backbone_source, check_exporter


def test_the_backbone_source() -> None:
    check_backbone_source(EdgeSource)


def test_the_exporter() -> None:
    check_exporter(HeaderExporter)
