"""Suppliers of other systems, taken over as they were recorded there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from backoffice_api.domain.kernel import external_ids as names
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.external_ids import SYSTEM_LENGTH_MAX, ExternalId
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_size, check_text
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.purchasing import queries
from backoffice_api.domain.purchasing.model.suppliers import (
    MACHINE,
    OverReceiptPolicy,
    Supplier,
    SupplierCodeTaken,
    SupplierCreated,
)
from backoffice_api.domain.purchasing.tables.suppliers import suppliers as table

RECORDED_MAX = 5_000
PAYMENT_DAYS = 30


@dataclass(frozen=True, slots=True)
class RecordedSupplier:
    """What another system knows of a supplier. `name` empty: it withholds it.

    `recorded_at`: since when it knows the supplier.
    """

    key: str
    name: str
    recorded_at: datetime


def record_suppliers(
    uow: UnitOfWork, system: str, currency: str, suppliers: Sequence[RecordedSupplier]
) -> Mapping[str, UUID]:
    """Take over those suppliers of a system that are not known yet: their ids by key.

    Also the ids of those that were known; what is known of these stays as it is. Their code is
    their key, with the system in front. The number of statements is the same for any number.

    Raises:
        NotAllowed: the caller lacks the scope imports:write.
        SupplierCodeTaken: another supplier has the code.
        TooMany, InvalidText, UnknownCurrency: the input is wrong.
    """
    uow.require(Scope.IMPORTS_WRITE)
    exponent(currency)
    faults = Faults()
    check_size(tuple(suppliers), faults, maximum=RECORDED_MAX)
    check_text(system, faults, "system", maximum=SYSTEM_LENGTH_MAX)
    for position, each in enumerate(suppliers):
        room = CODE_LENGTH_MAX - len(system) - 1
        check_text(each.key, faults, position, "key", maximum=room)
        check_text(each.name, faults, position, "name", minimum=0)
    faults.check()
    first: dict[ExternalId, RecordedSupplier] = {}
    for each in suppliers:
        first.setdefault(ExternalId(system, each.key), each)
    known = names.find(uow.db, "sup", first)
    made = {
        name: _supplier(uow, system, currency, first[name]) for name in first if name not in known
    }
    if made:
        _add(uow, made)
    return {name.key: known[name] if name in known else made[name].id for name in first}


def _supplier(uow: UnitOfWork, system: str, currency: str, recorded: RecordedSupplier) -> Supplier:
    return Supplier(
        id=uow.new_id(),
        version=1,
        created_at=recorded.recorded_at,
        updated_at=uow.now,
        code=f"{system}:{recorded.key}",
        name=recorded.name or f"Supplier {recorded.key}",
        status=MACHINE.start,
        currency=currency,
        payment_days=PAYMENT_DAYS,
        incoterm=None,
        lead_time_days=0,
        minimum_order_minor=None,
        over_receipt=OverReceiptPolicy.REFUSE,
        over_tolerance_percent=0,
        short_tolerance_percent=0,
        note="",
    )


def _add(uow: UnitOfWork, made: Mapping[ExternalId, Supplier]) -> None:
    taken = queries.suppliers_by_codes(uow.db, [each.code for each in made.values()])
    for code in taken:
        raise SupplierCodeTaken(code)
    add(uow, table, list(made.values()))
    names.add(uow.db, "sup", {supplier.id: [name] for name, supplier in made.items()})
    words = {each.id: (each.code, each.name, name.key) for name, each in made.items()}
    search.add(uow.db, "sup", words)
    for supplier in made.values():
        event = SupplierCreated(supplier.id, supplier.version, supplier.name)
        uow.emit(event, after=supplier)
