"""Work on many photos in parts, on any number of machines, and the parts joined again."""

from ._cluster import AllParts, write_parts
from ._merge import Merged, merge
from ._part import PartJob, PartNumber
from ._write import PartDone, write_part

__all__ = [
    "AllParts",
    "Merged",
    "PartDone",
    "PartJob",
    "PartNumber",
    "merge",
    "write_part",
    "write_parts",
]
