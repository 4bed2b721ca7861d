"""What can answer: the catalogue of solvers.

The catalogue is tables to read; nothing is imported before it is used.

>>> TABLE["qr"].place
'solvers.linear_systems.direct:QR'
"""

from solvers import composite, first_order, linear_systems, random_search, second_order, unsupervised
from solvers.peers import scipy, sklearn, statsmodels

TABLE = {
    **linear_systems.TABLE,
    **first_order.TABLE,
    **second_order.TABLE,
    **composite.TABLE,
    **random_search.TABLE,
    **unsupervised.TABLE,
    **scipy.TABLE,
    **sklearn.TABLE,
    **statsmodels.TABLE,
}


def everyone() -> tuple[str, ...]:
    """All entries of a race of all solvers, in the table's order."""
    return tuple(spec for name, entry in TABLE.items() for spec in entry.variants or (name,))
