"""Every error that pawlens raises on purpose.

::

    PawlensError                exit code 1: something failed
    ├── UsageError              exit code 2: wrong use or data; the message says how to mend it
    │   ├── PhotosError         a folder, list or archive of photos cannot be used as it is
    │   ├── UnreadablePhoto     one photo cannot be decoded
    │   │   └── UnreachablePhoto  it cannot be fetched for now; another try may help
    │   ├── BackboneError       a backbone that cannot be used, or weights that do not fit it
    │   │   └── UnknownBackbone a name that no backbone has
    │   ├── DecisionsError      decisions about photos that cannot be read, written or applied
    │   ├── PluginError         a part that another package offers cannot be used
    │   ├── RecipeError         a recipe with an unknown key or a wrong value
    │   ├── RunError            a run folder that is missing, finished, or cannot be written
    │   │   └── FolderInUse     another process writes into the folder
    │   ├── SubmissionError     a submission whose ids do not match
    │   └── MissingExtra        an optional dependency is not installed (also an ImportError)
    └── ParityError             the exported graph does not give the same answers

A message is one line: what happened, which file or key, how to mend it.
"""

__all__ = [
    "BackboneError",
    "DecisionsError",
    "FolderInUse",
    "MissingExtra",
    "ParityError",
    "PawlensError",
    "PhotosError",
    "PluginError",
    "RecipeError",
    "RunError",
    "SubmissionError",
    "UnknownBackbone",
    "UnreachablePhoto",
    "UnreadablePhoto",
    "UsageError",
]


class PawlensError(Exception):
    """Root of all errors that pawlens raises; the message is one line that says how to mend it.

    Attributes
    ----------
    exit_code : int
        Exit code of the command line: 2 where the user must change something, else 1.

    Examples
    --------
    >>> from pawlens import PawlensError, Photos
    >>> try:
    ...     Photos.read("nowhere")
    ... except PawlensError as error:
    ...     print(error, error.exit_code)
    nowhere: no such file or folder 2
    """

    exit_code = 1


class UsageError(PawlensError):
    """The request or the data must be changed by the user."""

    exit_code = 2


class PhotosError(UsageError):
    """A collection of photos cannot be used as it is."""


class UnreadablePhoto(UsageError):
    """One photo cannot be decoded; the message is the reason, without the path."""


class UnreachablePhoto(UnreadablePhoto):
    """One photo cannot be fetched for now; the message is ``unreachable: `` and the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"unreachable: {reason}")


class BackboneError(UsageError):
    """A backbone is unknown, or its weights do not fit."""


class UnknownBackbone(BackboneError):
    """No backbone has this name."""


class DecisionsError(UsageError):
    """Decisions about photos cannot be read, written or applied."""


class PluginError(UsageError):
    """A part that another package offers cannot be used."""


class RecipeError(UsageError):
    """A recipe has an unknown key or a value out of range."""


class RunError(UsageError):
    """A run folder is missing, unfinished, in use, or cannot be written."""


class FolderInUse(RunError):
    """Another process writes into the folder."""


class SubmissionError(UsageError):
    """A submission would not have exactly the ids that are expected."""


class MissingExtra(UsageError, ImportError):
    """An optional dependency is not installed."""


class ParityError(PawlensError):
    """The exported graph and the Python path disagree by more than the stated limit."""
