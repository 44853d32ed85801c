"""What is hidden takes as long to be refused as what is missing: the same distribution."""

import gc
import math
import statistics
import time
from random import Random

import pytest
from django.urls import reverse

from referrals.models import new_reference
from tests.cast import Cast, send, signed_in

SAMPLES, ATTEMPTS = 300, 3
LIKELY = 0.01
CLOSE = 2.0  # milliseconds between the medians


def mann_whitney(a: list[float], b: list[float]) -> float:
    """The two-sided p of one distribution behind both samples, by the normal approximation."""
    both = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    ranks, tied, start = 0.0, 0.0, 0
    while start < len(both):
        end = start
        while end < len(both) and both[end][0] == both[start][0]:
            end += 1
        ranks += sum(side == 0 for _, side in both[start:end]) * (start + 1 + end) / 2
        tied += (end - start) ** 3 - (end - start)
        start = end
    n, m, size = len(a), len(b), len(both)
    u = ranks - n * (n + 1) / 2
    spread = math.sqrt(n * m / 12 * (size + 1 - tied / (size * (size - 1))))
    return math.erfc(abs(u - n * m / 2) / spread / math.sqrt(2)) if spread else 1.0


def test_the_measure_tells_apart_what_differs_and_only_that():
    some = Random(1)  # noqa: S311 - the same each time
    a, b = ([some.gauss(10, 1) for _ in range(SAMPLES)] for _ in range(2))

    assert mann_whitney(a, b) > LIKELY
    assert mann_whitney(a, [value + 0.5 for value in b]) < LIKELY
    assert mann_whitney([1.0] * 9, [1.0] * 9) == 1.0
    assert mann_whitney([1, 2, 3], [4, 5, 6]) == pytest.approx(0.0495, abs=1e-3)


def milliseconds(client, reference: str) -> float:
    began = time.perf_counter_ns()
    answer = client.get(reverse("referrals:case", args=[reference]))
    took = (time.perf_counter_ns() - began) / 1e6
    assert answer.status_code == 404
    return took


def sampled(client, hidden: list[str], missing: list[str]) -> dict[str, list[float]]:
    """The times of both, taken by turns, and in each turn in an order that is tossed for."""
    toss = Random()  # noqa: S311 - an order, no secret
    times: dict[str, list[float]] = {"hidden": [], "missing": []}
    gc.collect()
    gc.disable()
    try:
        for turn in range(SAMPLES):
            place = turn % len(hidden)
            pair = [("hidden", hidden[place]), ("missing", missing[place])]
            toss.shuffle(pair)
            for kind, reference in pair:
                times[kind].append(milliseconds(client, reference))
    finally:
        gc.enable()
    return times


def test_a_refusal_takes_as_long_for_what_is_hidden_as_for_what_is_missing(cast: Cast):
    """A statement about equality, not about speed. A busy machine gets three attempts."""
    hidden = [send(cast.teacher).reference for _ in range(10)]
    missing = [new_reference() for _ in hidden]
    client = signed_in(cast.colleague)
    for reference in [*hidden, *missing]:
        milliseconds(client, reference)  # whatever is remembered from the first time on
    seen = []

    for _ in range(ATTEMPTS):
        times = sampled(client, hidden, missing)
        p = mann_whitney(times["hidden"], times["missing"])
        gap = abs(statistics.median(times["hidden"]) - statistics.median(times["missing"]))
        seen.append(f"p = {p:.4f}, the medians are {gap:.3f} ms apart")
        if p > LIKELY and gap < CLOSE:
            print(seen[-1])
            return

    pytest.fail("; ".join(seen))
