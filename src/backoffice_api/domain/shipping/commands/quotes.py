"""Rate quotes: services known here are priced at once, the others by a job that asks them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.fulfillment.model.fulfillments import UnknownParcel
from backoffice_api.domain.fulfillment.queries import parcels_by_ids
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.aggregates import add, save
from backoffice_api.domain.kernel.currencies import exponent
from backoffice_api.domain.kernel.errors import Faults
from backoffice_api.domain.kernel.jobs import Job
from backoffice_api.domain.kernel.money import CurrencyMismatch, Money
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.texts import check_range, check_text
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.orders.queries import shipping_addresses_by_orders
from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model.carriers import (
    LENGTH_MAX_MM,
    LOCAL_KINDS,
    VALUE_MAX_MINOR,
    WEIGHT_MAX_G,
)
from backoffice_api.domain.shipping.model.quotes import (
    Destination,
    Offer,
    QuoteStatus,
    RateQuote,
    RateQuoteMade,
    RateQuoteSettled,
    Wish,
    candidates,
)
from backoffice_api.domain.shipping.model.rate_tables import POSTAL_LENGTH_MAX, check_land
from backoffice_api.domain.shipping.model.rating import Piece, Place
from backoffice_api.domain.shipping.model.shipments import NoDestination, ParcelNotWeighed
from backoffice_api.domain.shipping.queries.rating import RateCard, local_offers, rate_card
from backoffice_api.domain.shipping.tables import rate_candidates, rate_quotes

QUOTE_JOB = "shipping.ask_rates"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRateQuote(Command):
    """A parcel that is packed, or a destination and a weight. Measures given here come first."""

    scope = Scope.SHIPPING_WRITE
    currency: str
    parcel_id: UUID | None = None
    destination: Destination | None = None
    weight_g: int | None = None
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    value: Money | None = None
    cash: Money | None = None
    wish: Wish = Wish.BEST
    needed_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleRateQuote(Command):
    """What the carriers have said that were asked. Run as the system."""

    scope = Scope.SHIPPING_WRITE
    table = rate_quotes
    id: UUID
    offers: tuple[Offer, ...]


def create_rate_quote(uow: UnitOfWork, command: CreateRateQuote) -> UUID:
    """Ask what all services want for a parcel. Its id; who is asked over the net comes later.

    Raises:
        UnknownParcel, ParcelNotWeighed, NoDestination, UnknownCountry.
        OutOfRange, InvalidText, UnknownCurrency, CurrencyMismatch.
    """
    exponent(command.currency)
    made = _quote(uow, command)
    _check(command, made)
    card = rate_card(uow.db)
    asked = any(each.kind not in LOCAL_KINDS for each in card.carriers.values())
    made = replace(made, status=QuoteStatus.PENDING if asked else QuoteStatus.READY)
    add(uow, rate_quotes, [made])
    offers = _write(uow, made, card, ())
    if asked:
        uow.enqueue(Job(QUOTE_JOB, {"id": ids.text("qut", made.id)}))
    uow.emit(RateQuoteMade(made.id, made.version, offers), after=made)
    return made.id


def settle_rate_quote(uow: UnitOfWork, command: SettleRateQuote) -> UUID:
    """Put what carriers have answered beside what is known here. Its id.

    Raises:
        UnknownRateQuote.
    """
    before = queries.rate_quote(uow.db, command.id)
    if before.status is QuoteStatus.READY:
        return before.id
    after = save(uow, rate_quotes, before, replace(before, status=QuoteStatus.READY))
    mine = rate_candidates.c.quote_id == after.id
    uow.db.execute(delete(rate_candidates).where(mine))
    offers = _write(uow, after, rate_card(uow.db), command.offers)
    uow.emit(RateQuoteSettled(after.id, after.version, offers), before=before, after=after)
    return after.id


def _write(uow: UnitOfWork, quote: RateQuote, card: RateCard, outside: Sequence[Offer]) -> int:
    """Keep the offers, best first. How many take the parcel."""
    local = local_offers(card, quote.piece, quote.place, quote.currency, quote.created_at)
    rows = candidates(quote.id, [*local, *outside], quote.wish, quote.needed_by)
    add(uow, rate_candidates, rows)
    return sum(each.total_minor is not None for each in rows)


def _quote(uow: UnitOfWork, command: CreateRateQuote) -> RateQuote:
    weight, place = command.weight_g, command.destination
    sides: tuple[int | None, int | None, int | None] = (None, None, None)
    if command.parcel_id is not None:
        parcel = parcels_by_ids(uow.db, [command.parcel_id]).get(command.parcel_id)
        if parcel is None:
            raise UnknownParcel(command.parcel_id).at("parcel_id")
        weight = parcel.weight_g if weight is None else weight
        sides = (parcel.length_mm, parcel.width_mm, parcel.height_mm)
        if weight is None:
            raise ParcelNotWeighed(parcel.code).at("parcel_id")
        address = shipping_addresses_by_orders(uow.db, [parcel.order_id]).get(parcel.order_id)
        if place is None and address is not None:
            place = Destination(
                country=address.country,
                region=address.region,
                postal_code=address.postal_code,
                city=address.city,
            )
    if place is None:
        raise NoDestination().at("destination")
    given = (command.length_mm, command.width_mm, command.height_mm)
    length, width, height = sides if given == (None, None, None) else given
    return RateQuote(
        id=uow.new_id(),
        version=1,
        created_at=uow.now,
        updated_at=uow.now,
        status=QuoteStatus.PENDING,
        parcel_id=command.parcel_id,
        wish=command.wish,
        needed_by=command.needed_by,
        currency=command.currency,
        weight_g=weight or 0,
        length_mm=length,
        width_mm=width,
        height_mm=height,
        value_minor=command.value.minor if command.value else 0,
        cash_minor=command.cash.minor if command.cash else 0,
        region=place.region,
        postal_code=place.postal_code,
        city=place.city,
        country=place.country,
    )


def _check(command: CreateRateQuote, quote: RateQuote) -> None:
    faults = Faults()
    check_piece(quote.piece, faults)
    check_place(quote.place, faults, "destination")
    check_text(quote.city, faults, "destination", "city")
    for name, money in (("value", command.value), ("cash", command.cash)):
        if money is not None and money.currency != quote.currency:
            faults.add(CurrencyMismatch(money.currency, quote.currency).at(name))
    faults.check()


def check_piece(piece: Piece, faults: Faults, *path: str | int) -> None:
    """Note what is wrong with a parcel's measures and values."""
    check_range(piece.weight_g, faults, *path, "weight_g", minimum=1, maximum=WEIGHT_MAX_G)
    for name in ("length_mm", "width_mm", "height_mm"):
        check_range(getattr(piece, name), faults, *path, name, minimum=1, maximum=LENGTH_MAX_MM)
    for name, minor in (("value", piece.value_minor), ("cash", piece.cash_minor)):
        check_range(minor, faults, *path, name, minimum=0, maximum=VALUE_MAX_MINOR)


def check_place(place: Place, faults: Faults, *path: str | int) -> None:
    """Note what is wrong with where a parcel goes."""
    check_land(place.country, faults, *path, "country")
    check_text(place.region, faults, *path, "region")
    check_text(place.postal_code, faults, *path, "postal_code", maximum=POSTAL_LENGTH_MAX)
