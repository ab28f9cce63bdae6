"""What can be done with channels, and how order numbers are drawn.

The policy: numbers of one channel have no gaps. The number is drawn by one UPDATE inside the
transaction that places the order, as late as it can be: after all that may refuse the order. A
transaction that fails gives its number back, since its UPDATE is rolled back with it. The price is
that two orders of one channel are placed one after the other, from the draw to the commit.

Numbers that other systems gave to recorded orders are skipped, and so counted; orders are never
deleted. So at any time: next number - 1 = orders placed here + numbers skipped.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import String, bindparam, cast, exists, func, literal, select, update

from backoffice_api.domain.approvals.model import ApprovalKind
from backoffice_api.domain.approvals.tables import approval_rules
from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model.channels import (
    MACHINE,
    SERIAL_MAX,
    UNCANCEL_MINUTES,
    Channel,
    ChannelArchived,
    ChannelCodeTaken,
    ChannelCreated,
    ChannelNotActive,
    ChannelRestored,
    ChannelStatus,
    ChannelUpdated,
    Number,
    UnknownChannel,
    UnknownSkus,
    check_channel,
)
from backoffice_api.domain.orders.model.payments import PaymentGate
from backoffice_api.domain.orders.tables import channels, orders

_DRAW = (
    update(channels)
    .where(channels.c.id == bindparam("channel_id"), channels.c.status == ChannelStatus.ACTIVE)
    .values(number_next=channels.c.number_next + 1)
    .returning(
        channels.c.number_prefix,
        channels.c.number_next - 1,
        channels.c.payment_gate,
        # With what is asked anyway, so that shops without a rule pay nothing for it.
        exists()
        .where(approval_rules.c.is_active, approval_rules.c.kind == ApprovalKind.ORDER)
        .label("asks"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateChannel(Command):
    """`number_next`: the digits of its first order number."""

    scope = Scope.ORDERS_WRITE
    code: str
    name: str
    currency: str
    number_prefix: str = ""
    number_next: int = 1
    payment_gate: PaymentGate = PaymentGate.NONE
    uncancel_minutes: int = UNCANCEL_MINUTES
    unknown_skus: UnknownSkus = UnknownSkus.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateChannel(Command):
    """The currency cannot change; `number_next` can only go up."""

    scope = Scope.ORDERS_WRITE
    table = channels
    id: UUID
    code: str | Keep = KEEP
    name: str | Keep = KEEP
    number_prefix: str | Keep = KEEP
    number_next: int | Keep = KEEP
    payment_gate: PaymentGate | Keep = KEEP
    uncancel_minutes: int | Keep = KEEP
    unknown_skus: UnknownSkus | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveChannel(Command):
    scope = Scope.ORDERS_WRITE
    table = channels
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreChannel(Command):
    scope = Scope.ORDERS_WRITE
    table = channels
    id: UUID


def create_channel(uow: UnitOfWork, command: CreateChannel) -> UUID:
    """Make a channel. Its id.

    Raises:
        ChannelCodeTaken: another one has the code.
        UnknownCurrency, InvalidText, OutOfRange, PrefixEndsInDigit: the input is wrong.
    """
    faults = Faults()
    check_channel(
        faults,
        code=command.code,
        name=command.name,
        number_prefix=command.number_prefix,
        number_next=command.number_next,
        uncancel_minutes=command.uncancel_minutes,
    )
    exponent(command.currency)
    faults.check()
    _check_free(uow, command.code)
    made = Channel(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        code=command.code,
        name=command.name,
        currency=command.currency,
        number_prefix=command.number_prefix,
        status=MACHINE.start,
        payment_gate=command.payment_gate,
        uncancel_minutes=command.uncancel_minutes,
        unknown_skus=command.unknown_skus,
    )
    skipped = command.number_next - 1
    add(uow, channels, [made], number_next=[command.number_next], numbers_skipped=[skipped])
    uow.emit(ChannelCreated(made.id, made.version, made.name), after=made)
    return made.id


def update_channel(uow: UnitOfWork, command: UpdateChannel) -> UUID:
    """Change what is given of a channel; what is absent stays. Its id.

    The series of numbers goes on under a new prefix; it is taken past numbers of recorded orders
    that would look the same.

    Raises:
        UnknownChannel, InvalidTransition.
        ChannelCodeTaken: another one has the code.
        OutOfRange: `number_next` is below the number that would be drawn next.
        InvalidText, PrefixEndsInDigit: the change is wrong.
    """
    before = _channel(uow, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        code=patched(command.code, before.code),
        name=patched(command.name, before.name),
        number_prefix=patched(command.number_prefix, before.number_prefix),
        payment_gate=patched(command.payment_gate, before.payment_gate),
        uncancel_minutes=patched(command.uncancel_minutes, before.uncancel_minutes),
        unknown_skus=patched(command.unknown_skus, before.unknown_skus),
    )
    faults = Faults()
    check_channel(
        faults,
        code=after.code,
        name=after.name,
        number_prefix=after.number_prefix,
        uncancel_minutes=after.uncancel_minutes,
    )
    faults.check()
    if after.code != before.code:
        _check_free(uow, after.code)
    if command.number_next is not KEEP:
        _check_ahead(uow, before.id, command.number_next)
        skip_numbers(uow, before.id, command.number_next - 1)
    if after.number_prefix != before.number_prefix:
        skip_numbers(uow, before.id, _highest(uow, before.id, after.number_prefix))
    after = save(uow, channels, before, after)
    uow.emit(ChannelUpdated(after.id, after.version, after.name), before=before, after=after)
    return after.id


def archive_channel(uow: UnitOfWork, command: ArchiveChannel) -> UUID:
    """Take a channel out of use: no orders are made or placed in it any more. Its id.

    Raises:
        UnknownChannel, InvalidTransition.
    """
    before = _channel(uow, command.id)
    after = _move(uow, before, "archive")
    uow.emit(ChannelArchived(after.id, after.version, after.name), before=before, after=after)
    return after.id


def restore_channel(uow: UnitOfWork, command: RestoreChannel) -> UUID:
    """Take an archived channel into use again. Its id.

    Raises:
        UnknownChannel, InvalidTransition.
    """
    before = _channel(uow, command.id)
    after = _move(uow, before, "restore")
    uow.emit(ChannelRestored(after.id, after.version, after.name), before=before, after=after)
    return after.id


def draw_number(uow: UnitOfWork, channel_id: UUID) -> Number:
    """The next order number of a channel. Call it last: see the policy above.

    Raises:
        ChannelNotActive: the channel is archived.
    """
    drawn = made.read(uow.db, _DRAW, channel_id=channel_id)
    if not drawn:
        raise ChannelNotActive(queries.channel(uow.db, channel_id).code)
    ((prefix, serial, payment_gate, asks),) = drawn
    return Number(serial, f"{prefix}{serial}", payment_gate, needs_asking=bool(asks))


def skip_numbers(uow: UnitOfWork, channel_id: UUID, serial: int) -> None:
    """Let the series go on above `serial`, if it is not there already."""
    passed = serial + 1 - channels.c.number_next
    uow.db.execute(
        update(channels)
        .where(channels.c.id == channel_id, channels.c.number_next <= serial)
        .values(number_next=serial + 1, numbers_skipped=channels.c.numbers_skipped + passed)
    )


def _channel(uow: UnitOfWork, id: UUID) -> Channel:
    if found := queries.channels_by_ids(uow.db, [id]).get(id):
        return found
    raise UnknownChannel(id.hex).at("id")


def _check_free(uow: UnitOfWork, code: str) -> None:
    if queries.channels_by_codes(uow.db, [code]):
        raise ChannelCodeTaken(code).at("code")


def _check_ahead(uow: UnitOfWork, id: UUID, number_next: int) -> None:
    present = select(channels.c.number_next).where(channels.c.id == id).with_for_update()
    faults = Faults()
    check_range(
        number_next,
        faults,
        "number_next",
        minimum=uow.db.execute(present).scalar_one(),
        maximum=SERIAL_MAX,
    )
    faults.check()


def _highest(uow: UnitOfWork, channel_id: UUID, prefix: str) -> int:
    """The highest serial of the channel's orders that have a number as `prefix` would make it."""
    statement = select(func.coalesce(func.max(orders.c.serial), 0)).where(
        orders.c.channel_id == channel_id,
        orders.c.number == literal(prefix).concat(cast(orders.c.serial, String)),
    )
    return int(uow.db.execute(statement).scalar_one())


def _move(uow: UnitOfWork, before: Channel, action: str) -> Channel:
    """The only place that changes the status of a channel."""
    return save(uow, channels, before, replace(before, status=MACHINE.check(action, before.status)))
