"""Sources of data: frozen records that name rows or matrices."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import fields
from typing import Any, ClassVar, Literal

from problems.data.source.dataset import Dataset, SystemData
from problems.data.source.task import Task, needed

WORD = re.compile(r"""[^\s()\[\]=,"']+""")  # text that a spec may contain without quotation marks


class Source(ABC):
    """A frozen record that names data and their preparation. Nothing is read before `load`."""

    name: ClassVar[str]  # in the catalogue

    def __str__(self) -> str:
        """The source as a spec, with the parameters that differ from their defaults."""
        given = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}  # type: ignore[arg-type]
        shown = ", ".join(f"{key}={_shown(value)}" for key, value in given.items())
        return f"{self.name}({shown})" if shown else self.name


def _shown(value: Any) -> str:
    """A value as the spec grammar writes it."""
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_shown, value))}]"
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    plain = WORD.fullmatch(value) and value.lower() not in ("true", "false", "none") and not _is_number(value)
    return value if plain else '"' + value.replace('"', '""') + '"'


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class RowSource(Source):
    """Rows with or without targets."""

    makes: ClassVar[tuple[Task, ...]]  # the tasks that it can prepare rows for

    def rows(self, task: Task) -> Dataset:
        """The rows, prepared for that task.

        Raises ValueError if the source cannot prepare them, and DataError for data that cannot be used.
        """
        if task not in self.makes:
            raise ValueError(f"{self.name} gives {' or '.join(self.makes)}; {needed(task)}")
        return self.load(task)

    @abstractmethod
    def load(self, task: Task) -> Dataset:
        """The rows for a task that is among those of `makes`."""

    def natural_task(self) -> Literal[Task.NUMBERS, Task.CLASSES]:
        """Whether the targets are numbers or classes, for a problem that takes both."""
        return Task.NUMBERS if Task.NUMBERS in self.makes else Task.CLASSES


class SystemSource(Source):
    """A square matrix and a right-hand side."""

    @abstractmethod
    def load(self) -> SystemData:
        """A and b."""
