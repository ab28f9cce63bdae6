"""Tax ids of customers lie sealed: how they are found, and put in order, all the same."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select

from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.customers.tables import tax_ids
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.sealing import keyring
from backoffice_api.domain.kernel.tax_ids import InvalidTaxId, TaxIdKind, check_tax_id

_PLACE = "customer_tax_ids.value"


def tax_id_index(tax_id: TaxId) -> str:
    """What a canonical tax id is found by."""
    return keyring().index(_PLACE, tax_id.value)


def tax_id_indexes(tax_id: TaxId) -> Sequence[str]:
    """The same for each key that it may have been sealed with."""
    return keyring().indexes(_PLACE, tax_id.value)


def owners_of_number(query: str) -> Select[Any] | None:
    """SELECT the ids of those whose tax id a search asks for. None: it is no tax id."""
    conditions = []
    for kind in TaxIdKind:
        try:
            value = check_tax_id(kind, query.strip())
        except InvalidTaxId:
            continue
        indexes = tax_id_indexes(TaxId(kind, value))
        conditions.append(and_(tax_ids.c.kind == kind, among(tax_ids.c.value_index, indexes)))
    return select(tax_ids.c.customer_id).where(or_(*conditions)) if conditions else None


def sorted_tax_ids(found: Iterable[TaxId]) -> tuple[TaxId, ...]:
    """In the order in which profiles have them; the database cannot sort what is sealed."""
    return tuple(sorted(found, key=lambda each: (each.kind, each.value)))
