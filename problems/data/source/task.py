"""What a problem asks of rows."""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    """The use that a problem makes of rows, which determines the targets that a source prepares."""

    NUMBERS = "numbers"  # y is to be predicted, shape (n,) or (n, outputs)
    LABELS = "labels"  # two classes are to be distinguished: y is -1 or 1
    CLASSES = "classes"  # two or more classes are to be distinguished: y is 0, 1, 2, ...
    FEATURES = "features"  # there is no target: every column is a feature
    POINTS = "points"  # a formula of named columns, which are not scaled, is fitted to y
    SIGNAL = "signal"  # there are no features: y has one value per point in time


def needed(task: Task) -> str:
    """The end of a sentence that refuses data: `labels are needed here`.

    >>> needed(Task.SIGNAL)
    'a signal is needed here'
    """
    return "a signal is needed here" if task is Task.SIGNAL else f"{task} are needed here"
