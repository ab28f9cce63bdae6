"""Setting how the orders of a channel come by their taxes."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import delete

from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.aggregates import save
from backoffice_api.domain.kernel.countries import UnknownCountry, check_country
from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX
from backoffice_api.domain.kernel.texts import check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders import queries
from backoffice_api.domain.orders.model.channels import MACHINE, ChannelTaxesSet, UnknownChannel
from backoffice_api.domain.orders.tables import channels
from backoffice_api.domain.taxes import queries as taxes
from backoffice_api.domain.taxes.model.rates import REGION_LENGTH_MAX, canonical_region
from backoffice_api.domain.taxes.model.terms import TaxRounding, TaxSource, TaxTerms
from backoffice_api.domain.taxes.tables import channel_taxes

_ZONES = available_timezones()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetChannelTaxes(Command):
    """Of orders that are made from now on. The terms stay written while taxes are given."""

    scope = Scope.INVOICES_WRITE
    table = channels
    id: UUID
    source: TaxSource
    prices_include_tax: bool
    country: str
    region: str | None = None
    time_zone: str = "UTC"
    shipping_class: str | None = None
    rounding: TaxRounding = TaxRounding.LINE
    provider: str | None = None
    needs_provider: bool = False


@dataclass(eq=False)
class UnknownTaxZone(Invalid):
    """There is no time zone of this name by whose days taxes could go."""

    zone: str
    message = "There is no time zone {zone!r:.90}."


@dataclass(eq=False)
class ProviderNeeded(Invalid):
    """Orders are to wait for the answer of a provider, and none is named."""

    message = "Name the provider for whose answer orders wait."


def set_channel_taxes(uow: UnitOfWork, command: SetChannelTaxes) -> UUID:
    """Say how the orders of a channel come by their taxes. Its id.

    Orders that are there keep the way they have.

    Raises:
        UnknownChannel, InvalidTransition.
        UnknownCountry, UnknownTaxZone, InvalidText, ProviderNeeded: the input is wrong.
    """
    channel = queries.channels_by_ids(uow.db, [command.id]).get(command.id)
    if channel is None:
        raise UnknownChannel(command.id.hex).at("id")
    MACHINE.check("update", channel.status)
    terms = TaxTerms(
        channel_id=channel.id,
        prices_include_tax=command.prices_include_tax,
        country=command.country,
        region=canonical_region(command.region, command.country),
        time_zone=command.time_zone,
        shipping_class=command.shipping_class,
        rounding=command.rounding,
        provider=command.provider,
        needs_provider=command.needs_provider,
    )
    _check(terms)
    before = taxes.terms_by_channels(uow.db, [channel.id]).get(channel.id)
    after = save(uow, channels, channel, replace(channel, tax_source=command.source))
    uow.db.execute(delete(channel_taxes).where(channel_taxes.c.channel_id == channel.id))
    row = {each.name: getattr(terms, each.name) for each in fields(TaxTerms)}
    uow.db.execute(channel_taxes.insert().values(row))
    event = ChannelTaxesSet(after.id, after.version, after.name)
    changes = [events.change("taxes", _told(before), _told(terms))]
    uow.emit(event, before=channel, after=after, changes=changes)
    return after.id


def _check(terms: TaxTerms) -> None:
    faults = Faults()
    check_text(terms.region, faults, "region", maximum=REGION_LENGTH_MAX)
    for name in ("shipping_class", "provider"):
        check_text(getattr(terms, name), faults, name, maximum=CODE_LENGTH_MAX)
    try:
        check_country(terms.country)
    except UnknownCountry as fault:
        faults.add(fault.at("country"))
    if terms.time_zone not in _ZONES:
        faults.add(UnknownTaxZone(terms.time_zone).at("time_zone"))
    if terms.needs_provider and terms.provider is None:
        faults.add(ProviderNeeded().at("provider"))
    faults.check()


def _told(terms: TaxTerms | None) -> Mapping[str, Any] | None:
    """Terms as the log keeps them."""
    if terms is None:
        return None
    return {each.name: getattr(terms, each.name) for each in fields(TaxTerms)[1:]}
