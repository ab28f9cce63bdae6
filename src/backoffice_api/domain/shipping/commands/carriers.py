"""What can be done with carriers: made, changed, archived, restored."""

from dataclasses import dataclass, replace
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from backoffice_api.domain.fulfillment.model.calendars import NoSuchTimeZone
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import InvalidText, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.purchasing import queries as purchasing
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model.carriers import (
    MACHINE,
    SENDER_LINES_MAX,
    Carrier,
    CarrierArchived,
    CarrierCodeTaken,
    CarrierCreated,
    CarrierKind,
    CarrierRestored,
    CarrierUpdated,
    Sender,
    check_connector,
)
from backoffice_api.domain.shipping.model.rate_tables import POSTAL_LENGTH_MAX, check_land
from backoffice_api.domain.shipping.tables import carriers


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCarrier(Command):
    scope = Scope.SHIPPING_WRITE
    code: str
    name: str
    kind: CarrierKind
    currency: str
    sender: Sender
    time_zone: str = "UTC"
    account: str | None = None
    connector: str | None = None
    supplier_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCarrier(Command):
    """Kind and currency stay: what was quoted and charged is in them."""

    scope = Scope.SHIPPING_WRITE
    table = carriers
    id: UUID
    code: str | Keep = KEEP
    name: str | Keep = KEEP
    sender: Sender | Keep = KEEP
    time_zone: str | Keep = KEEP
    account: str | Keep | None = KEEP
    connector: str | Keep | None = KEEP
    supplier_id: UUID | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCarrier(Command):
    scope = Scope.SHIPPING_WRITE
    table = carriers
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCarrier(Command):
    scope = Scope.SHIPPING_WRITE
    table = carriers
    id: UUID


def create_carrier(uow: UnitOfWork, command: CreateCarrier) -> UUID:
    """Make a carrier: an account with one. Its id.

    Raises:
        CarrierCodeTaken, InvalidText, NoSuchTimeZone, UnknownCountry, UnknownCurrency.
        UnknownSupplier.
        ConnectorNotNamed: only a carrier over karrio has a connector, and needs one.
    """
    exponent(command.currency)
    made = _with_sender(
        Carrier(
            id=uow.new_id(),
            version=1,
            created_at=uow.now,
            updated_at=uow.now,
            code=command.code.strip(),
            name=command.name.strip(),
            kind=command.kind,
            status=MACHINE.start,
            currency=command.currency,
            account=command.account,
            connector=command.connector,
            time_zone=command.time_zone,
            sender_name="",
            sender_lines=(),
            sender_city="",
            sender_region=None,
            sender_postal_code=None,
            sender_country="",
            manifests_made=0,
            supplier_id=command.supplier_id,
        ),
        command.sender,
    )
    _check(uow, made)
    add(uow, carriers, [made])
    uow.emit(CarrierCreated(made.id, made.version, made.code), after=made)
    return made.id


def update_carrier(uow: UnitOfWork, command: UpdateCarrier) -> UUID:
    """Change what is given; what is absent stays. Its id.

    Raises:
        UnknownCarrier, InvalidTransition.
        CarrierCodeTaken, InvalidText, NoSuchTimeZone, UnknownCountry, ConnectorNotNamed.
        UnknownSupplier.
    """
    before = queries.carrier(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        code=patched(command.code, before.code).strip(),
        name=patched(command.name, before.name).strip(),
        time_zone=patched(command.time_zone, before.time_zone),
        account=patched(command.account, before.account),
        connector=patched(command.connector, before.connector),
        supplier_id=patched(command.supplier_id, before.supplier_id),
    )
    after = _with_sender(after, patched(command.sender, before.sender))
    _check(uow, after)
    after = save(uow, carriers, before, after)
    uow.emit(CarrierUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def archive_carrier(uow: UnitOfWork, command: ArchiveCarrier) -> UUID:
    """Have nothing new sent with a carrier. Its id.

    Raises:
        UnknownCarrier, InvalidTransition.
    """
    before = queries.carrier(uow.db, command.id)
    after = replace(before, status=MACHINE.check("archive", before.status))
    after = save(uow, carriers, before, after)
    uow.emit(CarrierArchived(after.id, after.version, after.code), before=before, after=after)
    return after.id


def restore_carrier(uow: UnitOfWork, command: RestoreCarrier) -> UUID:
    """Let things be sent with an archived carrier again. Its id.

    Raises:
        UnknownCarrier, InvalidTransition.
    """
    before = queries.carrier(uow.db, command.id)
    after = replace(before, status=MACHINE.check("restore", before.status))
    after = save(uow, carriers, before, after)
    uow.emit(CarrierRestored(after.id, after.version, after.code), before=before, after=after)
    return after.id


def _with_sender(carrier: Carrier, sender: Sender) -> Carrier:
    return replace(
        carrier,
        sender_name=sender.name,
        sender_lines=list(sender.lines),
        sender_city=sender.city,
        sender_region=sender.region,
        sender_postal_code=sender.postal_code,
        sender_country=sender.country,
    )


def _check(uow: UnitOfWork, carrier: Carrier) -> None:
    faults = Faults()
    check_text(carrier.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(carrier.name, faults, "name")
    check_text(carrier.account, faults, "account", maximum=CODE_LENGTH_MAX)
    check_text(carrier.connector, faults, "connector", maximum=CODE_LENGTH_MAX)
    check_connector(faults, carrier.kind, carrier.connector)
    _check_time_zone(carrier.time_zone, faults)
    _check_sender(carrier.sender, faults)
    faults.check()
    if carrier.supplier_id is not None:
        purchasing.supplier(uow.db, carrier.supplier_id, "supplier_id")
    known = queries.carriers_by_codes(uow.db, [carrier.code]).get(carrier.code)
    if known is not None and known.id != carrier.id:
        raise CarrierCodeTaken(carrier.code).at("code")


def _check_time_zone(zone: str, faults: Faults) -> None:
    check_text(zone, faults, "time_zone", maximum=60)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.add(NoSuchTimeZone(zone).at("time_zone"))


def _check_sender(sender: Sender, faults: Faults) -> None:
    for name in ("name", "city", "region"):
        check_text(getattr(sender, name), faults, "sender", name)
    check_text(sender.postal_code, faults, "sender", "postal_code", maximum=POSTAL_LENGTH_MAX)
    check_land(sender.country, faults, "sender", "country")
    if not 1 <= len(sender.lines) <= SENDER_LINES_MAX:
        faults.add(InvalidText(1, SENDER_LINES_MAX).at("sender", "lines"))
    for position, line in enumerate(sender.lines):
        check_text(line, faults, "sender", "lines", position)
