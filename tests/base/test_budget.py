"""A budget that threads share."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread

import pytest

from pawlens.base import Budget


def test_threads_never_hold_more_than_the_whole() -> None:
    budget, lock = Budget(10), Lock()
    held, most = 0, 0

    def work(amount: int) -> None:
        nonlocal held, most
        with budget.take(amount):
            with lock:
                held += amount
                most = max(most, held)
            time.sleep(0.001)
            with lock:
                held -= amount

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [1, 3, 4, 7, 2, 10, 5, 6] * 5))
    assert 4 < most <= 10
    assert budget.left == 10


def test_more_than_the_whole_waits_for_all_of_it() -> None:
    budget = Budget(10)
    with budget.take(25):
        assert budget.left == 0
    assert budget.left == 10


def test_an_error_gives_back_what_was_held() -> None:
    budget = Budget(10)
    with pytest.raises(ValueError, match="work"), budget.take(4):
        raise ValueError("work")
    assert budget.left == 10


def test_one_that_needs_much_is_not_passed_by() -> None:
    budget, order = Budget(10), []
    waits = Event()

    def ask(name: str, amount: int) -> None:
        waits.set()
        with budget.take(amount):
            order.append(name)

    with budget.take(6):
        threads = []
        for name, amount in (("much", 8), ("little", 1)):
            waits.clear()
            threads.append(Thread(target=ask, args=(name, amount)))
            threads[-1].start()
            waits.wait()
            time.sleep(0.05)  # so that the first stands in the queue
        assert order == []
    for thread in threads:
        thread.join(timeout=10)
    assert order == ["much", "little"]
