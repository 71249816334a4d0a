"""What a check demands of a part, in a sentence."""

__all__ = ["demand"]


def demand(met: bool, sentence: str) -> None:
    """Raise AssertionError with the sentence where a demand is not met."""
    if not met:
        raise AssertionError(sentence)
