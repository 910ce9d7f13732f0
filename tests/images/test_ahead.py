"""Jobs of a pool, begun before anybody asks for them and given in their order."""

import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from cxrzoo.images.ahead import Ahead


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as pool:
        yield pool


def results(ahead):
    return [(key, [future.result() for future in futures]) for key, futures in ahead]


JOBS = [(key, [(key, power) for power in (1, 2)]) for key in range(5)]
DONE = [(key, [key, key**2]) for key in range(5)]


@pytest.mark.parametrize("ahead", [0, 1, 3, 9])
def test_jobs_come_in_their_order_with_what_each_task_gives(pool, ahead):
    assert results(Ahead(pool, pow, JOBS, ahead)) == DONE
    assert results(Ahead(pool, pow, [], ahead)) == []


def test_processes_do_the_same():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert results(Ahead(pool, pow, iter(JOBS), 2)) == DONE


@pytest.mark.parametrize("ahead", [0, 1, 3])
def test_so_many_jobs_are_begun_ahead_and_no_more(pool, ahead):
    begun = []
    jobs = (begun.append(key) or (key, []) for key in range(10))
    work = Ahead(pool, pow, jobs, ahead)
    assert len(begun) == ahead
    next(work)
    assert len(begun) == ahead + 1
    work.ahead = 5
    next(work)
    assert len(begun) == 7
    assert [key for key, _ in work] == list(range(2, 10))


def test_what_was_not_asked_for_can_be_cancelled_and_the_rest_goes_on():
    begun, may_end = [], threading.Event()

    def work(key):
        begun.append(key)
        return may_end.wait(60)

    with ThreadPoolExecutor(1) as pool:
        ahead = Ahead(pool, work, ((key, [(key,)]) for key in range(6)), 3)
        _, (first,) = next(ahead)
        ahead.cancel()
        may_end.set()
        assert first.result()
        assert [key for key, _ in ahead] == [4, 5]
    assert begun == [0, 4, 5]


def test_an_error_is_the_futures_of_its_task(pool):
    (_, bad), (_, good) = Ahead(pool, int, [("bad", [("x",)]), ("good", [("7",)])], 1)
    with pytest.raises(ValueError, match="'x'"):
        bad[0].result()
    assert good[0].result() == 7
