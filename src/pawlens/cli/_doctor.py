"""``pawlens doctor``."""

from __future__ import annotations

from ._app import app, print_json
from ._options import AsJson

__all__: list[str] = []


@app.command()
def doctor(
    as_json: AsJson = False,
) -> None:
    """Say what this machine can do.

    Prints processors, precision, cache folder, extras and versions.
    """
    from ..workflows import doctor as examine

    facts = examine()
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        if isinstance(value, dict):
            print(f"{key}:")
            for inner, known in value.items():
                in_words = {True: "installed", False: f"pip install 'pawlens[{inner}]'"}
                shown = in_words.get(known, known)
                print(f"  {inner:14} {shown}")
        else:
            print(f"{key}: {value}")
