"""Goods that were lost or broken on their way, and what the carrier owes for them.

The customer's side is a return of the kind CLAIM: its pieces need not come back, and are paid back
or exchanged like any others. The carrier's side is a claim of its own.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from backoffice_api.domain.fulfillment import queries as fulfillment
from backoffice_api.domain.fulfillment.model.fulfillments import UnknownParcel
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import TooMany, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.returns.commands.deciding import ApproveReturn, approve_return
from backoffice_api.domain.returns.commands.inspecting import waive
from backoffice_api.domain.returns.commands.requesting import RequestReturn, request_return
from backoffice_api.domain.returns.commands.writing import Opened, opened
from backoffice_api.domain.returns.model.claims import (
    CARRIER_LENGTH_MAX,
    EVENTS,
    MACHINE,
    NOTE_LENGTH_MAX,
    PER_RETURN_MAX,
    REFERENCE_LENGTH_MAX,
    CarrierClaim,
    CarrierClaimEvent,
    CarrierClaimMade,
    CarrierNeeded,
    ClaimKind,
    ClaimTooHigh,
)
from backoffice_api.domain.returns.model.drafts import ReturnLineDraft
from backoffice_api.domain.returns.model.returns import LinePieces, ReturnKind
from backoffice_api.domain.returns.queries import claims as queries
from backoffice_api.domain.returns.tables.claims import carrier_claims
from backoffice_api.domain.tracking import queries as tracking
from backoffice_api.domain.tracking.model.exceptions import UnknownTrackingException
from backoffice_api.domain.tracking.model.trackings import Tracking


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What is known of the parcel. `carrier` None: that which the parcel is followed at."""

    carrier: str | None = None
    parcel_id: UUID | None = None
    exception_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenClaim(Command):
    """`comes_back`: the goods are to be sent back all the same, as broken ones may be.

    `where` None: nothing is claimed from a carrier yet.
    """

    scope = Scope.RETURNS_APPROVE
    kind: ClaimKind
    lines: tuple[ReturnLineDraft, ...]
    comes_back: bool = False
    where: Whereabouts | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCarrierClaim(Command):
    """`claimed` None: what the pieces of the return are worth."""

    scope = Scope.RETURNS_WRITE
    return_id: UUID
    kind: ClaimKind
    where: Whereabouts
    claimed: Money | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitCarrierClaim(Command):
    scope = Scope.RETURNS_WRITE
    table = carrier_claims
    id: UUID
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCarrierClaim(Command):
    """`amount` None: all that was claimed."""

    scope = Scope.RETURNS_WRITE
    table = carrier_claims
    id: UUID
    amount: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectCarrierClaim(Command):
    scope = Scope.RETURNS_WRITE
    table = carrier_claims
    id: UUID
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayCarrierClaim(Command):
    scope = Scope.RETURNS_WRITE
    table = carrier_claims
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawCarrierClaim(Command):
    scope = Scope.RETURNS_WRITE
    table = carrier_claims
    id: UUID


def open_claim(uow: UnitOfWork, command: OpenClaim) -> UUID:
    """Make a return of goods that were lost or broken on their way; it is approved. Its id.

    Raises:
        What `request_return` and `create_carrier_claim` raise.
    """
    request = RequestReturn(kind=ReturnKind.CLAIM, lines=command.lines, note=command.note)
    id = request_return(uow, request)
    approve_return(uow, ApproveReturn(id=id))
    if not command.comes_back:
        of = opened(uow, id, "waive")
        waive(uow, of, [LinePieces(line.id, line.awaited) for line in of.lines])
    if command.where:
        _create(uow, opened(uow, id), command.kind, command.where, None, "")
    return id


def create_carrier_claim(uow: UnitOfWork, command: CreateCarrierClaim) -> UUID:
    """Claim something from a carrier for a return. Its id.

    Raises:
        UnknownReturn, UnknownParcel, UnknownTrackingException, CarrierNeeded.
        ClaimTooHigh, CurrencyMismatch, InvalidText, TooMany.
    """
    of = opened(uow, command.return_id)
    made = _create(uow, of, command.kind, command.where, command.claimed, command.note)
    return made.id


def submit_carrier_claim(uow: UnitOfWork, command: SubmitCarrierClaim) -> UUID:
    """Note that the carrier knows of a claim; one that was rejected can be submitted again. Its id.

    Raises:
        UnknownCarrierClaim, InvalidTransition, InvalidText.
    """
    faults = Faults()
    check_text(command.reference, faults, "reference", maximum=REFERENCE_LENGTH_MAX)
    faults.check()
    before = queries.claim(uow.db, command.id)
    reference = command.reference or before.reference
    return _move(uow, before, "submit", reference=reference, submitted_at=uow.now, decided_at=None)


def grant_carrier_claim(uow: UnitOfWork, command: GrantCarrierClaim) -> UUID:
    """Note what a carrier owes for a claim. Its id.

    Raises:
        UnknownCarrierClaim, InvalidTransition.
        ClaimTooHigh, CurrencyMismatch: the carrier owes another amount than can be.
    """
    before = queries.claim(uow.db, command.id)
    amount = command.amount or before.claimed
    _check_amount(amount, before.claimed)
    return _move(uow, before, "grant", granted_minor=amount.minor, decided_at=uow.now)


def reject_carrier_claim(uow: UnitOfWork, command: RejectCarrierClaim) -> UUID:
    """Note that a carrier pays nothing. Its id.

    Raises:
        UnknownCarrierClaim, InvalidTransition, InvalidText.
    """
    faults = Faults()
    check_text(command.note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    faults.check()
    before = queries.claim(uow.db, command.id)
    note = command.note or before.note
    return _move(uow, before, "reject", note=note, decided_at=uow.now)


def pay_carrier_claim(uow: UnitOfWork, command: PayCarrierClaim) -> UUID:
    """Note that a carrier has paid what it owed. Its id.

    Raises:
        UnknownCarrierClaim, InvalidTransition.
    """
    return _move(uow, queries.claim(uow.db, command.id), "pay", paid_at=uow.now)


def withdraw_carrier_claim(uow: UnitOfWork, command: WithdrawCarrierClaim) -> UUID:
    """Give a claim up. Its id.

    Raises:
        UnknownCarrierClaim, InvalidTransition.
    """
    return _move(uow, queries.claim(uow.db, command.id), "withdraw")


def _create(
    uow: UnitOfWork,
    of: Opened,
    kind: ClaimKind,
    where: Whereabouts,
    claimed: Money | None,
    note: str,
) -> CarrierClaim:
    """Raises: UnknownParcel, UnknownTrackingException, CarrierNeeded, ClaimTooHigh, ..."""
    faults = Faults()
    check_text(where.carrier, faults, "carrier", maximum=CARRIER_LENGTH_MAX)
    check_text(note, faults, "note", minimum=0, maximum=NOTE_LENGTH_MAX)
    faults.check()
    followed = _followed(uow, where)
    carrier = where.carrier.strip().lower() if where.carrier else None
    carrier = carrier or (followed.carrier if followed else None)
    if carrier is None:
        raise CarrierNeeded().at("carrier")
    worth = of.before.value
    amount = claimed or worth
    _check_amount(amount, Money(10**15, worth.currency) if claimed else worth, "claimed")
    earlier = queries.claims_by_returns(uow.db, [of.before.id]).get(of.before.id, ())
    if len(earlier) >= PER_RETURN_MAX:
        raise TooMany(PER_RETURN_MAX)
    made = CarrierClaim(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        number=f"{of.before.number}-C{len(earlier) + 1}",
        return_id=of.before.id,
        kind=kind,
        status=MACHINE.start,
        carrier=carrier,
        parcel_id=where.parcel_id or (followed.parcel_id if followed else None),
        tracking_id=followed.id if followed else None,
        exception_id=where.exception_id,
        currency=worth.currency,
        claimed_minor=amount.minor,
        granted_minor=0,
        reference=None,
        note=note,
        submitted_at=None,
        decided_at=None,
        paid_at=None,
    )
    add(uow, carrier_claims, [made])
    uow.emit(_told(CarrierClaimMade, made), after=made)
    return made


def _followed(uow: UnitOfWork, where: Whereabouts) -> Tracking | None:
    """How the parcel is followed. Raises: UnknownParcel, UnknownTrackingException."""
    if where.exception_id:
        found = tracking.exceptions_by_ids(uow.db, [where.exception_id]).get(where.exception_id)
        if found is None:
            raise UnknownTrackingException(where.exception_id).at("exception_id")
        return tracking.trackings_by_ids(uow.db, [found.tracking_id])[found.tracking_id]
    if where.parcel_id is None:
        return None
    if where.parcel_id not in fulfillment.parcels_by_ids(uow.db, [where.parcel_id]):
        raise UnknownParcel(where.parcel_id).at("parcel_id")
    return tracking.trackings_by_parcels(uow.db, [where.parcel_id]).get(where.parcel_id)


def _check_amount(amount: Money, maximum: Money, name: str = "amount") -> None:
    if amount.currency != maximum.currency:
        raise CurrencyMismatch(maximum.currency, amount.currency).at(name)
    if not 0 < amount.minor <= maximum.minor:
        raise ClaimTooHigh(maximum).at(name)


def _move(uow: UnitOfWork, before: CarrierClaim, action: str, **changes: Any) -> UUID:
    after = replace(before, status=MACHINE.check(action, before.status), **changes)
    after = save(uow, carrier_claims, before, after)
    uow.emit(_told(EVENTS[action], after), before=before, after=after)
    return after.id


def _told(kind: type[CarrierClaimEvent], claim: CarrierClaim) -> CarrierClaimEvent:
    return kind(
        claim.id,
        claim.version,
        claim.number,
        claim.return_id,
        claim.carrier,
        claim.currency,
        claim.claimed_minor,
        claim.granted_minor,
    )
