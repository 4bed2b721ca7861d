"""The cost of a call: medians of processor seconds, and bytes at the peak and afterwards."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from experiments.lab.measurement import cost
from experiments.lab.measurement.cost import cpu_seconds, peak_bytes


def busy(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_processor_seconds_are_those_of_one_call_and_sleep_costs_none() -> None:
    short, longer, asleep = cpu_seconds(lambda: busy(0.002), lambda: busy(0.006), lambda: time.sleep(0.002), repeats=3)
    assert short == pytest.approx(0.002, rel=0.3)
    assert longer == pytest.approx(0.006, rel=0.3)
    assert asleep < 0.001


def test_calls_are_timed_alternately_and_the_median_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, calls = [0.0], list[str]()
    seconds: Iterator[float] = iter([0.01, 9.0, 0.01, 1.0, 0.01, 2.0, 0.01, 3.0])  # the first pair is a warm-up

    def call(name: str) -> None:
        calls.append(name)
        clock[0] += next(seconds)

    monkeypatch.setattr(cost, "process_time", lambda: clock[0])
    monkeypatch.setattr(cost, "LONG", 10.0)
    assert cpu_seconds(lambda: call("a"), lambda: call("b"), repeats=3) == pytest.approx([0.01, 2.0])
    assert calls == ["a", "b"] * 4


def test_a_long_call_is_timed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "LONG", 0.001)
    calls = list[int]()
    (seconds,) = cpu_seconds(lambda: (calls.append(1), busy(0.005)))
    assert len(calls) == 1
    assert seconds >= 0.005


def test_the_peak_counts_what_is_freed_and_what_is_held_does_not() -> None:
    size = 8 * 10**5
    peak = peak_bytes(lambda: np.add(np.ones(10**5), np.ones(10**5)))  # two operands and the sum at once
    assert peak.bytes == pytest.approx(3 * size, rel=0.05)
    assert peak.held == pytest.approx(size, rel=0.05)
    assert peak.value.sum() == 2e5
