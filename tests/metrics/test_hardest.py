import numpy as np

from pawlens.metrics import most_uncertain, most_wrong

Y = np.array([0, 0, 0, 0, 1, 1, 2])
PROBA = np.array(
    [
        [0.9, 0.05, 0.05],
        [0.2, 0.7, 0.1],
        [0.01, 0.01, 0.98],
        [0.45, 0.4, 0.15],
        [0.1, 0.6, 0.3],
        [0.1, 0.5, 0.4],
        [0.3, 0.3, 0.4],
    ]
)


def test_most_wrong_holds_only_wrong_answers_worst_first() -> None:
    assert [rows.tolist() for rows in most_wrong(Y, PROBA)] == [[2, 1], [], []]
    assert most_wrong(Y, PROBA, per_class=1)[0].tolist() == [2]


def test_most_uncertain_orders_by_the_lead_of_the_first_answer() -> None:
    assert [rows.tolist() for rows in most_uncertain(Y, PROBA, 3)] == [[3, 1, 0], [5, 4], [6]]


def test_a_lead_counts_and_not_how_sure_the_first_answer_is() -> None:
    proba = np.array([[0.4, 0.3, 0.3], [0.5, 0.49, 0.01], [0.45, 0.4, 0.15]])
    assert most_uncertain(np.zeros(3, np.int64), proba)[0].tolist() == [1, 2, 0]


def test_equal_photos_keep_their_order() -> None:
    rows = most_uncertain(np.zeros(5, np.int64), np.full((5, 2), 0.5))
    assert rows[0].tolist() == [0, 1, 2, 3, 4]
    assert rows[1].size == 0
