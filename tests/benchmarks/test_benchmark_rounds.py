import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "speed"
SERVING = """
import sys
sys.path.append(sys.argv[1])
from rounds import serve
def burn(number):
    print("a library speaks")
    return sum(range(100_000 * (number + 1)))
serve({"burn much": burn})
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)


def test_every_contender_works_once_a_round_and_the_order_turns_about():
    from rounds import take_turns  # noqa: PLC0415 - from a folder of scripts

    order = []

    def contender(name):
        def turn(number):
            order.append(f"{name}{number}")
            return number

        return turn

    gave = take_turns({name: contender(name) for name in "abc"}, 3)
    assert order == ["a0", "b0", "c0", "c1", "b1", "a1", "a2", "b2", "c2"]
    assert gave == {name: [0, 1, 2] for name in "abc"}


def test_a_process_of_its_own_works_when_asked_and_says_what_it_cost():
    from rounds import Worker, take_turns  # noqa: PLC0415 - as above

    worker = Worker([sys.executable, "-c", SERVING, str(BENCHMARKS)])
    costs = take_turns({"burn": worker.turn("burn much")}, 3)["burn"]
    worker.end()
    assert worker.process.returncode == 0
    assert all(cost.wall > 0 for cost in costs)
    assert costs[2].processor > 0


def test_a_process_that_does_not_start_ends_the_benchmark_with_its_status():
    from rounds import Worker  # noqa: PLC0415 - as above

    with pytest.raises(SystemExit, match="ended with status 3"):
        Worker([sys.executable, "-c", "raise SystemExit(3)"])


seconds = st.floats(0.001, 1000)


@given(st.lists(st.tuples(seconds, seconds, seconds, seconds), min_size=1, max_size=9))
def test_a_ratio_is_that_of_one_round_and_turned_about_its_inverse(rounds):
    from ratios import ratio  # noqa: PLC0415 - as above
    from rounds import Cost  # noqa: PLC0415 - as above

    costs = {"a": [Cost(*one[:2]) for one in rounds], "b": [Cost(*one[2:]) for one in rounds]}
    twice = ratio({"a": [Cost(1, 3)], "b": [Cost(2, 12)]}, "a", "b")
    assert (twice.wall.median, twice.processor.median) == (2, 4)  # half the time is twice as fast
    ours, theirs = ratio(costs, "a", "b"), ratio(costs, "b", "a")
    for one, other in ((ours.wall, theirs.wall), (ours.processor, theirs.processor)):
        assert len(one.by_round) == len(rounds)
        # Four digits are kept of each.
        assert all(
            x * y == pytest.approx(1, rel=2e-3)
            for x, y in zip(one.by_round, other.by_round, strict=True)
        )
        assert one.least <= one.median <= one.most
        assert one.least * other.most == pytest.approx(1, rel=2e-3)
