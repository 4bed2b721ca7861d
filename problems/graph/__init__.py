"""The calculation graph: formulas as nodes and edges, evaluated forward, differentiated backward by the chain rule.

>>> x, y, z = variables("x y z")
>>> run = Graph((x + y) * z).at(x=1, y=-3, z=4)
>>> float(run.value), {name: float(slope) for name, slope in run.gradient().items()}
(-8.0, {'x': 4.0, 'y': 4.0, 'z': -2.0})

A formula is written with Python's operators and the functions below, on numbers, arrays or nodes alike, or read from
text with `parse`. Backward, each operation turns the slope of the output by its own value into slopes by its
arguments: vector-Jacobian products, so that no Jacobian is ever formed unless one is asked for.
"""

from __future__ import annotations

from problems.graph.chain import gradients as gradients
from problems.graph.graph import Graph as Graph
from problems.graph.graph import Run as Run
from problems.graph.node import Node as Node
from problems.graph.node import variable as variable
from problems.graph.node import variables as variables
from problems.graph.operations import absolute as absolute
from problems.graph.operations import arctan as arctan
from problems.graph.operations import cos as cos
from problems.graph.operations import dot as dot
from problems.graph.operations import exp as exp
from problems.graph.operations import log as log
from problems.graph.operations import matmul as matmul
from problems.graph.operations import maximum as maximum
from problems.graph.operations import minimum as minimum
from problems.graph.operations import relu as relu
from problems.graph.operations import sigmoid as sigmoid
from problems.graph.operations import sin as sin
from problems.graph.operations import sqrt as sqrt
from problems.graph.operations import tan as tan
from problems.graph.operations import tanh as tanh
from problems.graph.parse import FUNCTIONS as FUNCTIONS
from problems.graph.parse import parse as parse
