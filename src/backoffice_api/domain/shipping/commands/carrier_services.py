"""What can be done with carriers' services: made, changed, archived, restored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import delete, select

from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.money import CurrencyMismatch
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_range, check_size, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model.carriers import (
    AREAS_MAX,
    BASIS_POINTS,
    COUNTRIES_MAX,
    LENGTH_MAX_MM,
    MACHINE,
    MINUTES_A_DAY,
    PRICE_MAX_MINOR,
    SURCHARGES_MAX,
    TRANSIT_DAYS_MAX,
    WEIGHT_MAX_G,
    CarrierNotActive,
    CarrierService,
    CarrierStatus,
    InvalidTransit,
    ServiceArchived,
    ServiceCodeTaken,
    ServiceCreated,
    ServiceRestored,
    ServiceUpdated,
    Surcharge,
    SurchargeDraft,
    UnknownCarrier,
)
from backoffice_api.domain.shipping.model.rate_tables import POSTAL_LENGTH_MAX, check_land
from backoffice_api.domain.shipping.tables import carrier_services, carrier_surcharges

DIVISOR_MAX = 1_000_000
SHARE_MAX_BPS = 10 * BASIS_POINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateCarrierService(Command):
    scope = Scope.SHIPPING_WRITE
    carrier_id: UUID
    code: str
    name: str
    transit_days_min: int
    transit_days_max: int
    cut_off_minute: int | None = None
    works_saturdays: bool = False
    weight_max_g: int | None = None
    length_max_mm: int | None = None
    girth_max_mm: int | None = None
    volumetric_divisor: int | None = None
    countries: tuple[str, ...] = ()
    collects_cash: bool = False
    surcharges: tuple[SurchargeDraft, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCarrierService(Command):
    """Surcharges take the place of all that there were."""

    scope = Scope.SHIPPING_WRITE
    table = carrier_services
    id: UUID
    code: str | Keep = KEEP
    name: str | Keep = KEEP
    transit_days_min: int | Keep = KEEP
    transit_days_max: int | Keep = KEEP
    cut_off_minute: int | Keep | None = KEEP
    works_saturdays: bool | Keep = KEEP
    weight_max_g: int | Keep | None = KEEP
    length_max_mm: int | Keep | None = KEEP
    girth_max_mm: int | Keep | None = KEEP
    volumetric_divisor: int | Keep | None = KEEP
    countries: tuple[str, ...] | Keep = KEEP
    collects_cash: bool | Keep = KEEP
    surcharges: tuple[SurchargeDraft, ...] | Keep = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveCarrierService(Command):
    scope = Scope.SHIPPING_WRITE
    table = carrier_services
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreCarrierService(Command):
    scope = Scope.SHIPPING_WRITE
    table = carrier_services
    id: UUID


def create_service(uow: UnitOfWork, command: CreateCarrierService) -> UUID:
    """Make a service of a carrier. Its id.

    Raises:
        UnknownCarrier, CarrierNotActive, ServiceCodeTaken.
        InvalidText, OutOfRange, TooMany, UnknownCountry, InvalidTransit, CurrencyMismatch.
    """
    carrier = queries.carriers_by_ids(uow.db, [command.carrier_id]).get(command.carrier_id)
    if carrier is None:
        raise UnknownCarrier(command.carrier_id).at("carrier_id")
    if carrier.status is not CarrierStatus.ACTIVE:
        raise CarrierNotActive().at("carrier_id")
    made = CarrierService(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        carrier_id=carrier.id,
        code=command.code.strip(),
        name=command.name.strip(),
        status=MACHINE.start,
        transit_days_min=command.transit_days_min,
        transit_days_max=command.transit_days_max,
        cut_off_minute=command.cut_off_minute,
        works_saturdays=command.works_saturdays,
        weight_max_g=command.weight_max_g,
        length_max_mm=command.length_max_mm,
        girth_max_mm=command.girth_max_mm,
        volumetric_divisor=command.volumetric_divisor,
        countries=list(command.countries),
        collects_cash=command.collects_cash,
    )
    _check(uow, made, command.surcharges, carrier.currency)
    add(uow, carrier_services, [made])
    add(uow, carrier_surcharges, _surcharges(made.id, command.surcharges, carrier.currency))
    uow.emit(ServiceCreated(made.id, made.version, made.code), after=made)
    return made.id


def update_service(uow: UnitOfWork, command: UpdateCarrierService) -> UUID:
    """Change what is given; what is absent stays. Its id.

    Raises:
        UnknownService, InvalidTransition, ServiceCodeTaken.
        InvalidText, OutOfRange, TooMany, UnknownCountry, InvalidTransit, CurrencyMismatch.
    """
    before = queries.service(uow.db, command.id)
    MACHINE.check("update", before.status)
    after = replace(
        before,
        code=patched(command.code, before.code).strip(),
        name=patched(command.name, before.name).strip(),
        transit_days_min=patched(command.transit_days_min, before.transit_days_min),
        transit_days_max=patched(command.transit_days_max, before.transit_days_max),
        cut_off_minute=patched(command.cut_off_minute, before.cut_off_minute),
        works_saturdays=patched(command.works_saturdays, before.works_saturdays),
        weight_max_g=patched(command.weight_max_g, before.weight_max_g),
        length_max_mm=patched(command.length_max_mm, before.length_max_mm),
        girth_max_mm=patched(command.girth_max_mm, before.girth_max_mm),
        volumetric_divisor=patched(command.volumetric_divisor, before.volumetric_divisor),
        countries=list(patched(command.countries, tuple(before.countries))),
        collects_cash=patched(command.collects_cash, before.collects_cash),
    )
    currency = queries.carrier(uow.db, before.carrier_id).currency
    drafts = () if command.surcharges is KEEP else command.surcharges
    _check(uow, after, drafts, currency)
    after = save(uow, carrier_services, before, after)
    if command.surcharges is not KEEP:
        mine = carrier_surcharges.c.service_id == after.id
        uow.db.execute(delete(carrier_surcharges).where(mine))
        add(uow, carrier_surcharges, _surcharges(after.id, drafts, currency))
    uow.emit(ServiceUpdated(after.id, after.version, after.code), before=before, after=after)
    return after.id


def archive_service(uow: UnitOfWork, command: ArchiveCarrierService) -> UUID:
    """Have nothing new sent with a service. Its id.

    Raises:
        UnknownService, InvalidTransition.
    """
    before = queries.service(uow.db, command.id)
    after = replace(before, status=MACHINE.check("archive", before.status))
    after = save(uow, carrier_services, before, after)
    uow.emit(ServiceArchived(after.id, after.version, after.code), before=before, after=after)
    return after.id


def restore_service(uow: UnitOfWork, command: RestoreCarrierService) -> UUID:
    """Let things be sent with an archived service again. Its id.

    Raises:
        UnknownService, InvalidTransition.
    """
    before = queries.service(uow.db, command.id)
    after = replace(before, status=MACHINE.check("restore", before.status))
    after = save(uow, carrier_services, before, after)
    uow.emit(ServiceRestored(after.id, after.version, after.code), before=before, after=after)
    return after.id


def _surcharges(
    service_id: UUID, drafts: Sequence[SurchargeDraft], currency: str
) -> Sequence[Surcharge]:
    return [
        Surcharge(
            service_id=service_id,
            position=position,
            kind=each.kind,
            label=each.label,
            amount_minor=each.amount.minor,
            share_bps=each.share_bps,
            minimum_minor=each.minimum.minor if each.minimum else 0,
            currency=currency,
            over_weight_g=each.over_weight_g,
            over_length_mm=each.over_length_mm,
            over_girth_mm=each.over_girth_mm,
            areas_given=[
                {
                    "country": area.country,
                    "postal_from": area.postal_from,
                    "postal_to": area.postal_to,
                }
                for area in each.areas
            ],
        )
        for position, each in enumerate(drafts)
    ]


def _check(
    uow: UnitOfWork, service: CarrierService, drafts: Sequence[SurchargeDraft], currency: str
) -> None:
    faults = Faults()
    check_text(service.code, faults, "code", maximum=CODE_LENGTH_MAX)
    check_text(service.name, faults, "name")
    for name, minimum, maximum in (
        ("transit_days_min", 0, TRANSIT_DAYS_MAX),
        ("transit_days_max", 0, TRANSIT_DAYS_MAX),
        ("cut_off_minute", 0, MINUTES_A_DAY - 1),
        ("weight_max_g", 1, WEIGHT_MAX_G),
        ("length_max_mm", 1, LENGTH_MAX_MM),
        ("girth_max_mm", 1, 5 * LENGTH_MAX_MM),
        ("volumetric_divisor", 1, DIVISOR_MAX),
    ):
        check_range(getattr(service, name), faults, name, minimum=minimum, maximum=maximum)
    if service.transit_days_min > service.transit_days_max:
        faults.add(InvalidTransit().at("transit_days_max"))
    check_size(service.countries, faults, "countries", maximum=COUNTRIES_MAX)
    for position, country in enumerate(service.countries[:COUNTRIES_MAX]):
        check_land(country, faults, "countries", position)
    check_size(drafts, faults, "surcharges", maximum=SURCHARGES_MAX)
    for position, draft in enumerate(drafts[:SURCHARGES_MAX]):
        _check_surcharge(draft, currency, faults, "surcharges", position)
    faults.check()
    taken = uow.db.execute(
        select(carrier_services.c.id).where(
            carrier_services.c.carrier_id == service.carrier_id,
            carrier_services.c.code == service.code,
            carrier_services.c.id != service.id,
        )
    )
    if taken.first():
        raise ServiceCodeTaken(service.code).at("code")


def _check_surcharge(
    draft: SurchargeDraft, currency: str, faults: Faults, *path: str | int
) -> None:
    check_text(draft.label, faults, *path, "label")
    check_range(draft.share_bps, faults, *path, "share_bps", minimum=0, maximum=SHARE_MAX_BPS)
    for name in ("amount", "minimum"):
        if (money := getattr(draft, name)) is None:
            continue
        check_range(money.minor, faults, *path, name, minimum=0, maximum=PRICE_MAX_MINOR)
        if money.currency != currency:
            faults.add(CurrencyMismatch(money.currency, currency).at(*path, name))
    for name, maximum in (
        ("over_weight_g", WEIGHT_MAX_G),
        ("over_length_mm", LENGTH_MAX_MM),
        ("over_girth_mm", 5 * LENGTH_MAX_MM),
    ):
        check_range(getattr(draft, name), faults, *path, name, minimum=0, maximum=maximum)
    check_size(draft.areas, faults, *path, "areas", maximum=AREAS_MAX)
    for position, area in enumerate(draft.areas[:AREAS_MAX]):
        here = (*path, "areas", position)
        check_land(area.country, faults, *here, "country")
        check_text(area.postal_from, faults, *here, "postal_from", maximum=POSTAL_LENGTH_MAX)
        check_text(area.postal_to, faults, *here, "postal_to", maximum=POSTAL_LENGTH_MAX)
