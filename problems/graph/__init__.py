"""The computational graph: a formula as nodes and edges, with derivatives by the chain rule.

>>> x, y, z = variables("x y z")
>>> evaluation = Graph((x + y) * z).at(x=1, y=-3, z=4)
>>> float(evaluation.value), {name: float(derivative) for name, derivative in evaluation.gradient().items()}
(-8.0, {'x': 4.0, 'y': 4.0, 'z': -2.0})

A formula is written with Python's operators and the functions below, on numbers, arrays or nodes; or `parse` reads it
from text. The forward pass computes the value of each node. The backward pass computes the derivative of the output
with respect to each node: every operation turns the derivative with respect to its value into those with respect to its
arguments. This is a vector-Jacobian product, so no Jacobian is formed unless one is requested.
"""

from __future__ import annotations

from problems.graph.chain import gradients as gradients
from problems.graph.graph import Evaluation as Evaluation
from problems.graph.graph import Graph as Graph
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
