"""Recording what customers say of the channels by which they are written to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.customers import queries as on_customers
from backoffice_api.domain.customers.model import MACHINE, Customer
from backoffice_api.domain.customers.model.consents import (
    CONSENTS_AT_ONCE_MAX,
    Consent,
    ConsentChannel,
    ConsentDraft,
    ConsentSource,
    ConsentState,
    ConsentStatus,
    CustomerConsentGranted,
    CustomerConsentWithdrawn,
    check_consent,
    counts,
    prevails,
    state_of,
)
from backoffice_api.domain.customers.queries import consents as queries
from backoffice_api.domain.customers.tables import customers
from backoffice_api.domain.customers.tables.consents import consent_states, consents
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_size
from backoffice_api.domain.kernel.uow import Command, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsents(Command):
    """`id` is that of the customer."""

    scope = Scope.CUSTOMERS_WRITE
    table = customers
    id: UUID
    consents: tuple[ConsentDraft, ...]


def record_consents(uow: UnitOfWork, command: RecordConsents) -> UUID:
    """Record what a customer said. Id of the customer.

    What was said earlier than what counts already is kept, and changes nothing else.

    Raises:
        UnknownCustomer, InvalidTransition.
        LegalBasisMissing, ConsentTextMissing, ConsentInFuture, InvalidText, TooMany: the input is
        wrong.
    """
    customer = on_customers.customer(uow.db, command.id)
    MACHINE.check("record_consent", customer.status)
    faults = Faults()
    check_size(command.consents, faults, "consents", maximum=CONSENTS_AT_ONCE_MAX)
    for position, draft in enumerate(command.consents):
        check_consent(draft, uow.now, faults, "consents", position)
    faults.check()
    if command.consents:
        saved = save(uow, customers, customer, customer)
        put_consents(uow, saved, [_consent(uow, saved.id, each) for each in command.consents])
    return customer.id


def put_consents(uow: UnitOfWork, customer: Customer, said: Sequence[Consent]) -> None:
    """Append what a customer said to the record, and let the latest of each channel count.

    The customer is locked: it was saved in this transaction.
    """
    add(uow, consents, said)
    present = {
        each.channel: each
        for each in queries.states_by_customers(uow.db, [customer.id]).get(customer.id, ())
    }
    changed: dict[ConsentChannel, ConsentState] = {}
    for each in said:
        before = present.get(each.channel)
        if counts(each, before):
            after = present[each.channel] = changed[each.channel] = state_of(each)
            _tell(uow, customer, before, after)
    put_states(uow, customer.id, changed, changed.values())


def put_states(
    uow: UnitOfWork,
    customer_id: UUID,
    channels: Iterable[ConsentChannel],
    states: Iterable[ConsentState],
) -> None:
    """Let `states` be what counts of these channels, in place of what did."""
    gone = tuple(channels)
    if gone:
        of = consent_states.c
        there = of.customer_id == customer_id, among(of.channel, gone)
        uow.db.execute(delete(consent_states).where(*there))
    rows = [{each.name: getattr(row, each.name) for each in fields(row)} for row in states]
    if rows:
        uow.db.execute(consent_states.insert(), rows)


def take_over(uow: UnitOfWork, into: Customer, from_id: UUID) -> Sequence[UUID]:
    """Let count for a customer what its duplicate said, where that is stricter or said later.

    Whoever has withdrawn is not written to because of a merge: they may be two after all. Ids of
    what was recorded.
    """
    both = queries.states_by_customers(uow.db, [into.id, from_id])
    present = {each.channel: each for each in both.get(into.id, ())}
    taken = [each for each in both.get(from_id, ()) if prevails(each, present.get(each.channel))]
    actor = uow.caller.actor
    said = [
        Consent(
            id=uow.new_id(),
            created_at=uow.now,
            customer_id=into.id,
            channel=each.channel,
            status=each.status,
            legal_basis=each.legal_basis,
            source=ConsentSource.MERGE,
            # Not before what it is to count above.
            given_at=max(each.given_at, present.get(each.channel, each).given_at),
            text_version=each.text_version,
            evidence=None,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
        )
        for each in taken
    ]
    if said:
        put_consents(uow, into, said)
    return [each.id for each in said]


def retract(uow: UnitOfWork, customer: Customer, ids: Sequence[UUID]) -> None:
    """Say of consents that were recorded by mistake that they do not count."""
    found = queries.consents_by_ids(uow.db, ids)
    actor = uow.caller.actor
    retracted = [
        Consent(
            id=uow.new_id(),
            created_at=uow.now,
            customer_id=customer.id,
            channel=each.channel,
            status=each.status,
            legal_basis=each.legal_basis,
            source=ConsentSource.MERGE,
            given_at=uow.now,
            text_version=each.text_version,
            evidence=None,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
            retracts_id=each.id,
        )
        for _, each in sorted(found.items())
    ]
    if not retracted:
        return
    add(uow, consents, retracted)
    before = {
        each.channel: each
        for each in queries.states_by_customers(uow.db, [customer.id]).get(customer.id, ())
    }
    latest = queries.latest_of(uow.db, customer.id)
    channels = {each.channel for each in retracted}
    after = {each: state_of(latest[each]) for each in channels if each in latest}
    put_states(uow, customer.id, channels, after.values())
    for channel in sorted(after):
        if after[channel] != before.get(channel):
            _tell(uow, customer, before.get(channel), after[channel])


def _consent(uow: UnitOfWork, customer_id: UUID, draft: ConsentDraft) -> Consent:
    actor = uow.caller.actor
    return Consent(
        id=uow.new_id(),
        created_at=uow.now,
        customer_id=customer_id,
        channel=draft.channel,
        status=draft.status,
        legal_basis=draft.legal_basis,
        source=draft.source,
        given_at=draft.given_at or uow.now,
        text_version=draft.text_version,
        evidence=draft.evidence,
        actor_kind=actor.kind.value,
        actor_id=actor.id,
    )


def _tell(
    uow: UnitOfWork, customer: Customer, before: ConsentState | None, after: ConsentState
) -> None:
    granted = after.status is ConsentStatus.GRANTED
    what = CustomerConsentGranted if granted else CustomerConsentWithdrawn
    event = what(customer.id, customer.version, after.channel, after.consent_id)
    uow.emit(event, before=before, after=after)
