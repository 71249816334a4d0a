"""What stands in the only column of a submission: a probability, or the names of classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple, NoReturn

from ..errors import SubmissionError
from ..photos import natural_key
from ._kaggle_classes import ClassNames, as_number
from ._predictions import LabelPredictions, Predictions

__all__ = ["OneColumn", "Write", "probability"]

_JOINERS = (", ", "; ", " | ", " ", ";", ",", "|")  # of the labels of one photo
_NOT_KNOWN = ("", "nan", "null", "none", "na", "n/a", "?")
_ANSWERS = (("true", "false"), ("yes", "no"), ("t", "f"), ("y", "n"))
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+")

Write = Callable[[Predictions, int], list[str]]


class _Values(NamedTuple):
    """The values of the sample: those that are labels, numbers that are none, and other text."""

    labels: list[str]
    numbers: list[str]
    texts: list[str]

    @property
    def have_fractions(self) -> bool:
        return any(number % 1 != 0 for number in map(as_number, self.numbers) if number is not None)


class OneColumn:
    """Decides what the only column of a submission holds, or refuses it.

    Parameters
    ----------
    name : str
        What the column is called.
    values : collection of str
        What stands in it in the sample; none without a sample.
    names : ClassNames
    several : bool
        Whether the model gives several labels a photo.
    positive : int, optional
        The class that a person named.
    notes : list of str
        What is guessed is added here.
    """

    def __init__(
        self,
        name: str,
        values: Collection[str],
        names: ClassNames,
        *,
        several: bool,
        positive: int | None,
        notes: list[str],
    ) -> None:
        self._name, self._names, self._several, self._notes = name, names, several, notes
        self._comma = any(map(_DECIMAL_COMMA.fullmatch, values)) and not several
        told = (v for v in values if v in names.classes or v.casefold() not in _NOT_KNOWN)
        self._given = sorted(told, key=natural_key)
        self._values = self._sorted()
        self._meaning = names.of_column(name)
        self._positive = positive

    def write(self) -> Write:
        """Return what writes a photo's cell.

        Raises
        ------
        SubmissionError
            The column or its values are of no class, or of one that cannot be known.
        """
        chosen = self._chosen()
        answers = self._answers()
        if chosen is not None and answers is not None:
            return self._answer(chosen, answers)
        words = [v for v in self._values.labels if as_number(v) is None]
        if self._positive is not None or (chosen is not None and not words):
            self._refuse_texts()
            if self._positive is None:
                self._note(f"has the probability of {self._called(chosen or 0)!r}")
            return probability(chosen or 0, self._comma)
        if self._values.labels and not self._values.have_fractions:
            return self._labels()
        self._refuse_texts()
        return self._last_of_two()

    def _chosen(self) -> int | None:
        """Return the class whose probability is asked for, by its name or by a person."""
        found = self._meaning.found
        if self._positive is not None and found not in (None, self._positive):
            raise SubmissionError(
                f"column {self._name!r} is the class {self._called(found or 0)!r}, and --positive "
                f"says {self._called(self._positive)!r}; leave --positive out"
            )
        return found if self._positive is None else self._positive

    def _sorted(self) -> _Values:
        values = _Values([], [], [])
        for value in self._given:
            number = as_number(value.replace(",", ".") if self._comma else value)
            if self._labels_of(value) is not None:
                values.labels.append(value)
            elif number is not None:
                values.numbers.append(str(number))
            else:
                values.texts.append(value)
        return values

    def _labels_of(self, value: str) -> tuple[str, list[int]] | None:
        """Return the classes that a value names, and what joins them."""
        one = self._names.of_value(value)
        if one is not None:
            return "", [one]
        for joiner in _JOINERS if self._several else ():
            parts = [self._names.of_value(part) for part in value.split(joiner)]
            found = [part for part in parts if part is not None]
            if len(found) == len(parts) > 1:
                return joiner, found
        return None

    def _labels(self) -> Write:
        """Write names of classes as the sample spells them; labels of a photo as it joins them."""
        self._refuse_texts()
        if self._values.numbers:
            self._refuse(self._values.numbers[0])
        note = "has the names of classes, as in the sample"
        numbers = all(as_number(value) is not None for value in self._values.labels)
        if numbers and len(self._names.classes) == 2 and not self._several:
            last = self._names.classes[-1]
            note += f"; --positive {last} gives the probability of {last!r} instead"
        self._note(note)
        spelled = self._spelled()
        joined = (self._labels_of(value) for value in self._values.labels)
        joiner = next((one[0] for one in joined if one and one[0]), " ")

        def cells(answers: Predictions, row: int) -> list[str]:
            if not isinstance(answers, LabelPredictions):
                return [spelled[int(answers.proba[row].argmax())]]
            given = answers.label_sets[row] or ()
            return [joiner.join(spelled[self._names.classes.index(label)] for label in given)]

        return cells

    def _spelled(self) -> list[str]:
        """Return the names of the classes as the sample spells them, or their own."""
        found: dict[int, str] = {}
        for value in self._values.labels:
            joiner, classes = self._labels_of(value) or ("", [])
            for i, part in zip(classes, value.split(joiner) if joiner else [value], strict=True):
                if found.get(i) != self._called(i):  # its own name is the best spelling
                    found[i] = part if part == self._called(i) else found.get(i, part)
        names = [found.get(i, name) for i, name in enumerate(self._names.classes)]
        lacking = [i for i in range(len(names)) if i not in found]
        if found and all(re.fullmatch(r"[-+]?\d+\.0", part) for part in found.values()):
            for i in lacking:
                names[i] += ".0" if names[i].isdecimal() else ""
        if names != self._names.classes and lacking:
            own = self._called(lacking[0])
            as_it_is = "so" if names[lacking[0]] == own else f"as {names[lacking[0]]!r}"
            self._notes.append(f"the sample does not have {own!r}; it is written {as_it_is}")
        return names

    def _answers(self) -> tuple[str, str] | None:
        """Return the words for yes and no where the sample has them and no names of classes."""
        given = {value.casefold() for value in self._given}
        pair = next((set(pair) for pair in _ANSWERS if given and given <= set(pair)), None)
        if pair is None or self._values.labels:
            return None
        yes, no = next(one for one in _ANSWERS if set(one) == pair)
        example = self._given[0]
        for style in (str.lower, str.upper, str.capitalize):
            if style(example) == example:
                return style(yes), style(no)
        return yes, no

    def _answer(self, chosen: int, answers: tuple[str, str]) -> Write:
        """Write whether the answer is a class in the sample's words."""
        label, (yes, no) = self._called(chosen), answers
        self._note(f"has {yes!r} where the answer is {label!r}, as in the sample")

        def cells(found: Predictions, row: int) -> list[str]:
            if isinstance(found, LabelPredictions):
                return [yes if label in (found.label_sets[row] or ()) else no]
            return [yes if int(found.proba[row].argmax()) == chosen else no]

        return cells

    def _last_of_two(self) -> Write:
        """Write the probability of the last of two classes, as nothing says another."""
        classes = self._names.classes
        if len(classes) != 2 or self._several:
            raise SubmissionError(
                f"column {self._name!r} alone cannot hold the probabilities of {len(classes)} "
                "classes; choose one with --positive, or give a sample that has a column for each"
            )
        if self._meaning.doubt:
            raise SubmissionError(
                f"column {self._name!r} {self._meaning.doubt}; say with --positive whose "
                f"probability stands in it: {' or '.join(classes)}"
            )
        numbers = {text: as_number(text) for text in self._values.numbers}
        odd = [text for text, number in numbers.items() if number is None or not 0 <= number <= 1]
        if odd:
            self._refuse(odd[0], "neither a probability nor a class of the model")
        if self._given:
            self._note(f"has the probability of {classes[1]!r}, unless --positive says another")
        return probability(1, self._comma)

    def _refuse_texts(self) -> None:
        if self._values.texts and self._answers():
            self._refuse(
                self._values.texts[0],
                "which is written for the class of --positive and no other; say which it is",
            )
        if self._values.texts:
            self._refuse(self._values.texts[0])

    def _refuse(self, value: str, what: str = "which is no class of the model") -> NoReturn:
        raise SubmissionError(
            f"column {self._name!r} of the sample has {value!r}, {what}: "
            f"{', '.join(self._names.classes)}"
        )

    def _called(self, number: int) -> str:
        return self._names.classes[number]

    def _note(self, text: str) -> None:
        self._notes.append(f"column {self._name!r} {text}")


def probability(chosen: int, comma: bool = False) -> Write:
    """Write the probability of a class, with a decimal comma where the sample has one."""

    def cells(answers: Predictions, row: int) -> list[str]:
        text = f"{answers.proba[row, chosen]:.9g}"
        return [text.replace(".", ",") if comma else text]

    return cells
