"""Sources of data: what a problem asks of them, and what they return."""

from problems.data.source.dataset import Dataset as Dataset
from problems.data.source.dataset import Definiteness as Definiteness
from problems.data.source.dataset import StatedModel as StatedModel
from problems.data.source.dataset import SystemData as SystemData
from problems.data.source.source import RowSource as RowSource
from problems.data.source.source import Source as Source
from problems.data.source.source import SystemSource as SystemSource
from problems.data.source.task import Task as Task
from problems.data.source.task import needed as needed
