"""``python -m pawlens``, and the command ``pawlens``."""

import os
import signal
import sys
import warnings

__all__ = ["main"]


def main() -> int:
    """Run the command line; Ctrl-C ends it without a traceback while it is still imported."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))
    if not sys.warnoptions:  # what libraries warn of is not for people who train a model
        warnings.simplefilter("ignore")
    from .cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
