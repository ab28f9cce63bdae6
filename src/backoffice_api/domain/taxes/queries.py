"""What can be asked about taxes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, func, or_, select

from backoffice_api.domain.customers.queries import tax_ids_by_customers
from backoffice_api.domain.customs.queries import customs_by_variants, profiles_by_variants
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import fetch, one_per, select_as
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.taxes.model.rates import TaxRate, TaxRateSortKey, UnknownTaxRate
from backoffice_api.domain.taxes.model.sheets import TaxSheet
from backoffice_api.domain.taxes.model.terms import TaxTerms
from backoffice_api.domain.taxes.tables import (
    channel_taxes,
    order_taxes,
    tax_rates,
    variant_tax_classes,
)

# Tax ids that only businesses have.
_OF_BUSINESSES = frozenset({TaxIdKind.CNPJ, TaxIdKind.VAT})


@dataclass(frozen=True, slots=True)
class TaxClass:
    """Of which tax class a variant is."""

    variant_id: UUID
    tax_class: str


rates_by_ids = one_per(TaxRate, tax_rates, tax_rates.c.id)
terms_by_channels = one_per(TaxTerms, channel_taxes, channel_taxes.c.channel_id)
sheets_by_orders = one_per(TaxSheet, order_taxes, order_taxes.c.order_id)
classes_by_variants = one_per(TaxClass, variant_tax_classes, variant_tax_classes.c.variant_id)

rate_list = Listing(
    TaxRate,
    tax_rates,
    sorts={
        TaxRateSortKey.PLACE: tax_rates.c.place,
        TaxRateSortKey.CREATED_AT: tax_rates.c.created_at,
        TaxRateSortKey.VALID_FROM: tax_rates.c.valid_from,
    },
    words={
        "is_active": On(tax_rates.c.is_active),
        "country": On(tax_rates.c.country),
        "tax_class": On(tax_rates.c.tax_class),
        "valid_from": On(tax_rates.c.valid_from),
    },
    descending=False,
)


def rate(db: Connection, id: UUID) -> TaxRate:
    """One rate. Raises: UnknownTaxRate."""
    if found := rates_by_ids(db, [id]).get(id):
        return found
    raise UnknownTaxRate(id).at("id")


def rates_for(db: Connection, country: str) -> Sequence[TaxRate]:
    """The rates that can be of use in a country: its own, and those for everywhere."""
    of = tax_rates.c
    statement = select_as(TaxRate, tax_rates).where(
        of.is_active, or_(of.country == country, of.country.is_(None))
    )
    return fetch(db, TaxRate, statement)


def rates_like(db: Connection, wanted: TaxRate) -> Sequence[TaxRate]:
    """The other rates of the same place that are in use."""
    of = tax_rates.c
    statement = select_as(TaxRate, tax_rates).where(
        of.is_active, of.place == wanted.place, of.id != wanted.id
    )
    return fetch(db, TaxRate, statement)


def lock_rates(db: Connection) -> None:
    """Wait for others who change rates: what is read behind this is what they have made of them.

    The oldest rate, which is never deleted, stands for all of them.
    """
    of = tax_rates.c
    db.execute(select(of.id).order_by(of.created_at, of.id).limit(1).with_for_update())


def rate_count(db: Connection) -> int:
    """How many rates are in use."""
    return int(db.execute(select(func.count()).where(tax_rates.c.is_active)).scalar_one())


def is_business(db: Connection, customer_id: UUID | None) -> bool:
    """The customer has a tax id that only businesses have."""
    if customer_id is None:
        return False
    found = tax_ids_by_customers(db, [customer_id]).get(customer_id, ())
    return any(each.kind in _OF_BUSINESSES for each in found)


def goods_of(
    db: Connection, variant_ids: Collection[UUID], country: str
) -> Mapping[UUID, tuple[str | None, str | None]]:
    """Tax class and HS code of variants; what the country's own profile says goes before.

    The first digits of a Brazilian NCM are those of the HS code.
    """
    classes = classes_by_variants(db, variant_ids)
    customs = customs_by_variants(db, variant_ids)
    profiles = profiles_by_variants(db, variant_ids)

    def hs_code(id: UUID) -> str | None:
        own = (each.data.get("ncm") for each in profiles.get(id, ()) if each.country == country)
        general = customs[id].hs_code if id in customs else None
        return next(own, None) or general

    return {
        id: (classes[id].tax_class if id in classes else None, hs_code(id)) for id in variant_ids
    }


def tax_classes_by_variants(db: Connection, keys: Iterable[UUID]) -> Mapping[UUID, str]:
    """The tax class of variants that have one."""
    return {id: each.tax_class for id, each in classes_by_variants(db, keys).items()}
