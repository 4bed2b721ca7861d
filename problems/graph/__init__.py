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

from .chain import gradients as gradients
from .graph import Graph as Graph
from .graph import Run as Run
from .node import Node as Node
from .node import variable as variable
from .node import variables as variables
from .operations import absolute as absolute
from .operations import arctan as arctan
from .operations import cos as cos
from .operations import dot as dot
from .operations import exp as exp
from .operations import log as log
from .operations import matmul as matmul
from .operations import maximum as maximum
from .operations import minimum as minimum
from .operations import relu as relu
from .operations import sigmoid as sigmoid
from .operations import sin as sin
from .operations import sqrt as sqrt
from .operations import tan as tan
from .operations import tanh as tanh
from .parse import FUNCTIONS as FUNCTIONS
from .parse import parse as parse
