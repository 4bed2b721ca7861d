"""What can be asked: the catalogue of problems, and their parts.

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
