"""What can answer: the catalogue of solvers.

The catalogue is tables to read; nothing is imported before it is used.

>>> TABLE["qr"].place
'solvers.direct:QR'
"""

from __future__ import annotations

from .catalogue import composite, first_order, linear_systems, peers, random_search, second_order, unsupervised
from .catalogue.entry import Entry as Entry

TABLE = {
    **linear_systems.TABLE,
    **first_order.TABLE,
    **second_order.TABLE,
    **composite.TABLE,
    **random_search.TABLE,
    **unsupervised.TABLE,
    **peers.TABLE,
}


def everyone() -> tuple[str, ...]:
    """All entries of a race of all solvers, in the table's order."""
    return tuple(spec for name, entry in TABLE.items() for spec in entry.variants or (name,))
