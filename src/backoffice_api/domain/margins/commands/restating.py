"""Restating margins: what no line caused alone is shared out, and what was stated is kept."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.aggregates import add
from backoffice_api.domain.kernel.batches import insert_many
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.model.refusals import InvalidSpan
from backoffice_api.domain.margins import queries
from backoffice_api.domain.margins.model.restating import (
    DAYS_MAX,
    REASON_LENGTH_MAX,
    MarginsRestated,
    RestatedInPart,
    Restatement,
    restated,
)
from backoffice_api.domain.margins.tables import restatements, shares


@dataclass(frozen=True, slots=True, kw_only=True)
class RestateMargins(Command):
    """Of the days from `from_on` up to but without `to_on`."""

    scope = Scope.COSTS_WRITE
    from_on: date
    to_on: date
    reason: str


def restate_margins(uow: UnitOfWork, command: RestateMargins) -> UUID:
    """Share what was posted of a time without a line out over its lines. Id of the restatement.

    It takes the place of those before it of the same days, which can still be asked for. Where
    nothing has changed since, it says so by having no shares. A constant number of statements.

    Raises:
        InvalidSpan, OutOfRange, InvalidText: the input is wrong.
        RestatedInPart: some of these days were restated together with others.
    """
    faults = Faults()
    check_text(command.reason, faults, "reason", minimum=1, maximum=REASON_LENGTH_MAX)
    days = (command.to_on - command.from_on).days
    if days < 1:
        faults.add(InvalidSpan().at("to"))
    else:
        check_range(days, faults, "to", minimum=1, maximum=DAYS_MAX)
    faults.check()
    span = command.from_on, command.to_on
    number = queries.last_number(uow.db) + 1
    if (part := queries.partly_restated(uow.db, span)) is not None:
        raise RestatedInPart(*part).at("to")
    rows = restated(
        queries.pool(uow.db, span), queries.stated(uow.db, span), queries.sold(uow.db, span)
    )
    made = Restatement(
        id=uow.new_id(),
        created_at=uow.now,
        number=number,
        from_on=command.from_on,
        to_on=command.to_on,
        reason=command.reason.strip(),
        actor_kind=uow.caller.actor.kind.value,
        actor_id=uow.caller.actor.id,
    )
    add(uow, restatements, [made])
    columns: dict[str, Any] = {
        "restatement_id": [made.id] * len(rows),
        "position": list(range(len(rows))),
        "number": [number] * len(rows),
        "booked_on": [made.to_on - timedelta(days=1)] * len(rows),
        "measure": [each.measure for each in rows],
        "channel_id": [each.about.channel_id for each in rows],
        "supplier_id": [each.about.supplier_id for each in rows],
        "product_id": [each.about.product_id for each in rows],
        "order_id": [each.about.order_id for each in rows],
        "order_line_id": [each.about.order_line_id for each in rows],
        "currency": [each.currency for each in rows],
        "amount_minor": [each.minor for each in rows],
    }
    if rows:
        insert_many(uow.db, shares, columns)
    event = MarginsRestated(made.id, 1, made.from_on, made.to_on, made.reason)
    uow.emit(event, after=made)
    return made.id
