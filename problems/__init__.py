"""The problems that solvers can be asked to solve: their catalogue, and the parts that they are made of.

The catalogue is a table to read; nothing is imported before it is used.

>>> TABLE["xor"].place
'problems.networks.xor:xor'
"""

from problems import curves, landscapes, linear, networks, signals, systems, unsupervised

TABLE = {
    **linear.TABLE,
    **networks.TABLE,
    **curves.TABLE,
    **systems.TABLE,
    **signals.TABLE,
    **unsupervised.TABLE,
    **landscapes.TABLE,
}
