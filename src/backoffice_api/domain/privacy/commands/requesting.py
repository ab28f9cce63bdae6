"""Requests of persons: noted, answered, refused."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from backoffice_api.domain.customers import queries as on_customers
from backoffice_api.domain.customers.model import UnknownCustomer
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.privacy import queries
from backoffice_api.domain.privacy.model.requests import (
    MACHINE,
    NOTE_LENGTH_MAX,
    PrivacyRegime,
    PrivacyRequest,
    PrivacyRequestCompleted,
    PrivacyRequestKind,
    PrivacyRequestOpened,
    PrivacyRequestRefused,
    PrivacyRequestStatus,
    ReceivedInFuture,
    RequestOfAnother,
    due_on,
)
from backoffice_api.domain.privacy.tables import requests


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPrivacyRequest(Command):
    """`received_on` None: today."""

    scope = Scope.PRIVACY_WRITE
    customer_id: UUID
    kind: PrivacyRequestKind
    regime: PrivacyRegime
    received_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletePrivacyRequest(Command):
    scope = Scope.PRIVACY_WRITE
    table = requests
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusePrivacyRequest(Command):
    """`reason`: what the person is told."""

    scope = Scope.PRIVACY_WRITE
    table = requests
    id: UUID
    reason: str


def open_privacy_request(uow: UnitOfWork, command: OpenPrivacyRequest) -> UUID:
    """Note what a person asks for, and by when it is due. The id of the request.

    Raises:
        UnknownCustomer.
        ReceivedInFuture: it was received on a day that is yet to come.
        InvalidText: the note is too long.
    """
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    received_on = command.received_on or uow.now.date()
    if received_on > uow.now.date():
        faults.add(ReceivedInFuture().at("received_on"))
    faults.check()
    if command.customer_id not in on_customers.customers_by_ids(uow.db, [command.customer_id]):
        raise UnknownCustomer(command.customer_id).at("customer_id")
    made = PrivacyRequest(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        customer_id=command.customer_id,
        kind=command.kind,
        regime=command.regime,
        status=PrivacyRequestStatus.OPEN,
        received_on=received_on,
        due_on=due_on(command.regime, received_on),
        ended_at=None,
        note=command.note,
        reason="",
    )
    add(uow, requests, [made])
    event = PrivacyRequestOpened(made.id, 1, made.customer_id, made.kind, made.due_on)
    uow.emit(event, after=made)
    return made.id


def complete_privacy_request(uow: UnitOfWork, command: CompletePrivacyRequest) -> UUID:
    """Note that a request was answered. Its id.

    Raises:
        UnknownPrivacyRequest, InvalidTransition.
    """
    return complete(uow, queries.request(uow.db, command.id)).id


def refuse_privacy_request(uow: UnitOfWork, command: RefusePrivacyRequest) -> UUID:
    """Note that a request was refused, and why. Its id.

    Raises:
        UnknownPrivacyRequest, InvalidTransition.
        InvalidText: there is no reason, or too long a one.
    """
    faults = Faults()
    check_text(command.reason, faults, "reason", maximum=NOTE_LENGTH_MAX)
    faults.check()
    before = queries.request(uow.db, command.id)
    status = MACHINE.check("refuse", before.status)
    after = replace(before, status=status, reason=command.reason, ended_at=uow.now)
    after = save(uow, requests, before, after)
    uow.emit(PrivacyRequestRefused(after.id, after.version, after.kind), before=before, after=after)
    return after.id


def complete(uow: UnitOfWork, before: PrivacyRequest) -> PrivacyRequest:
    """The request as answered.

    Raises:
        InvalidTransition: it is not open.
    """
    status = MACHINE.check("complete", before.status)
    after = save(uow, requests, before, replace(before, status=status, ended_at=uow.now))
    uow.emit(
        PrivacyRequestCompleted(after.id, after.version, after.kind), before=before, after=after
    )
    return after


def request_for(
    uow: UnitOfWork, id: UUID, customer_id: UUID, kind: PrivacyRequestKind
) -> PrivacyRequest:
    """The request `id`, which is to be answered by what is done for this customer.

    Raises:
        UnknownPrivacyRequest, InvalidTransition.
        RequestOfAnother: it is another customer's, or asks for something else.
    """
    found = queries.request(uow.db, id, "request_id")
    if found.customer_id != customer_id or found.kind is not kind:
        raise RequestOfAnother(id).at("request_id")
    MACHINE.check("complete", found.status)
    return found
