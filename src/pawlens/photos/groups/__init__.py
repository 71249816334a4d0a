"""Photos that belong together, by a list, a folder, a pattern of names or a burst."""

from ._bursts import bursts
from ._folders import subject_folders
from ._groups import given_groups, join_groups, photos_by_group, with_groups

__all__ = [
    "bursts",
    "given_groups",
    "join_groups",
    "photos_by_group",
    "subject_folders",
    "with_groups",
]
