"""What can be done with tax rates: added, changed, removed; and the tax classes of variants."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.patch import KEEP, Keep, patched
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.products.commands.touching import touch_variant
from backoffice_api.domain.products.tables import variants
from backoffice_api.domain.taxes import queries
from backoffice_api.domain.taxes.model.categories import TaxCategory
from backoffice_api.domain.taxes.model.rates import (
    RATES_MAX,
    TaxBuyers,
    TaxClassSet,
    TaxRate,
    TaxRateCreated,
    TaxRateOverlaps,
    TaxRateRemoved,
    TaxRateUpdated,
    TooManyTaxRates,
    UnknownTaxRate,
    canonical_region,
    check_rate,
    place_key,
)
from backoffice_api.domain.taxes.tables import tax_rates, variant_tax_classes


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTaxRate(Command):
    """`rate_ppm` in millionths. What is not given is not narrowed down."""

    scope = Scope.INVOICES_WRITE
    name: str
    country: str | None = None
    region: str | None = None
    tax_class: str | None = None
    hs_prefix: str | None = None
    buyers: TaxBuyers = TaxBuyers.ALL
    category: TaxCategory = TaxCategory.STANDARD
    rate_ppm: int = 0
    reason: str | None = None
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateTaxRate(Command):
    """What it is for stays: another place is another rate. Orders keep what they were taxed by."""

    scope = Scope.INVOICES_WRITE
    table = tax_rates
    id: UUID
    name: str | Keep = KEEP
    category: TaxCategory | Keep = KEEP
    rate_ppm: int | Keep = KEEP
    reason: str | Keep | None = KEEP
    valid_from: date | Keep = KEEP
    valid_until: date | Keep | None = KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTaxRate(Command):
    scope = Scope.INVOICES_WRITE
    table = tax_rates
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTaxClass(Command):
    """None: goods as all others."""

    scope = Scope.PRODUCTS_WRITE
    table = variants
    id: UUID
    tax_class: str | None


def create_tax_rate(uow: UnitOfWork, command: CreateTaxRate) -> UUID:
    """Add a rate. Its id.

    Raises:
        TaxRateOverlaps: another one is for the same at the same time.
        TooManyTaxRates.
        InvalidText, OutOfRange, UnknownCountry, RegionWithoutCountry, RateContradicts,
        TaxClassOrHsCode, InvalidHsPrefix, EndsBeforeItApplies: the input is wrong.
    """
    queries.lock_rates(uow.db)
    region = canonical_region(command.region, command.country)
    made = TaxRate(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        name=command.name,
        place=place_key(command.country, region),
        country=command.country,
        region=region,
        tax_class=command.tax_class,
        hs_prefix=command.hs_prefix,
        buyers=command.buyers,
        category=command.category,
        rate_ppm=command.rate_ppm,
        reason=command.reason,
        valid_from=command.valid_from,
        valid_until=command.valid_until,
        is_active=True,
    )
    _check(uow, made)
    if queries.rate_count(uow.db) >= RATES_MAX:
        raise TooManyTaxRates(RATES_MAX)
    add(uow, tax_rates, [made])
    uow.emit(TaxRateCreated(made.id, made.version, made.name), after=made)
    return made.id


def update_tax_rate(uow: UnitOfWork, command: UpdateTaxRate) -> UUID:
    """Change what is given of a rate; what is absent stays. Its id.

    Raises:
        UnknownTaxRate.
        What `create_tax_rate` raises for the same input.
    """
    before = _present(uow, command.id)
    after = replace(
        before,
        name=patched(command.name, before.name),
        category=patched(command.category, before.category),
        rate_ppm=patched(command.rate_ppm, before.rate_ppm),
        reason=patched(command.reason, before.reason),
        valid_from=patched(command.valid_from, before.valid_from),
        valid_until=patched(command.valid_until, before.valid_until),
    )
    _check(uow, after)
    after = save(uow, tax_rates, before, after)
    uow.emit(TaxRateUpdated(after.id, after.version, after.name), before=before, after=after)
    return after.id


def remove_tax_rate(uow: UnitOfWork, command: RemoveTaxRate) -> UUID:
    """Take a rate away: nothing is taxed by it any more. Its id.

    Raises:
        UnknownTaxRate.
    """
    before = _present(uow, command.id)
    after = save(uow, tax_rates, before, replace(before, is_active=False))
    uow.emit(TaxRateRemoved(after.id, after.version, after.name), before=before, after=after)
    return after.id


def set_tax_class(uow: UnitOfWork, command: SetTaxClass) -> UUID:
    """Say of which tax class a variant is. Its id.

    Raises:
        UnknownVariant, InvalidTransition.
        InvalidText: the class is too long.
    """
    faults = Faults()
    check_text(command.tax_class, faults, "tax_class", maximum=CODE_LENGTH_MAX)
    faults.check()
    before = queries.tax_classes_by_variants(uow.db, [command.id]).get(command.id)
    variant = touch_variant(uow, command.id)
    of = variant_tax_classes
    uow.db.execute(delete(of).where(of.c.variant_id == variant.id))
    if command.tax_class is not None:
        uow.db.execute(of.insert().values(variant_id=variant.id, tax_class=command.tax_class))
    event = TaxClassSet(variant.id, variant.version, variant.sku)
    uow.emit(event, changes=[events.change("tax_class", before, command.tax_class)])
    return variant.id


def _present(uow: UnitOfWork, id: UUID) -> TaxRate:
    queries.lock_rates(uow.db)
    found = queries.rate(uow.db, id)
    if not found.is_active:
        raise UnknownTaxRate(id).at("id")
    return found


def _check(uow: UnitOfWork, rate: TaxRate) -> None:
    faults = Faults()
    check_rate(faults, rate)
    faults.check()
    for other in queries.rates_like(uow.db, rate):
        if rate.overlaps(other):
            raise TaxRateOverlaps(other.name)
