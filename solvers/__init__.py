"""The catalogue of solvers.

The catalogue consists of tables; it imports no solver before the solver is used.

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
    """All entries of a comparison of all solvers, as specs, in the order of the tables."""
    return tuple(spec for name, entry in TABLE.items() for spec in entry.variants or (name,))
