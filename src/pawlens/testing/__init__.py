"""What authors of parts for pawlens test them with.

Each check calls a part as pawlens does, on photos that are drawn for it, and raises AssertionError
with a sentence that says what is wrong. There is one check for each class of `pawlens.plugins`::

    from pawlens.testing import check_exporter

    def test_my_exporter():
        check_exporter(MyExporter)
"""

from ._findings import check_audit_check, check_metric
from ._graphs import check_backbone_source, check_exporter
from ._phases import check_phase

__all__ = [
    "check_audit_check",
    "check_backbone_source",
    "check_exporter",
    "check_metric",
    "check_phase",
]
