"""What the services known here ask for a parcel: read once, priced by the pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from backoffice_api.domain.shipping import queries
from backoffice_api.domain.shipping.model.carriers import (
    LOCAL_KINDS,
    Carrier,
    CarrierKind,
    CarrierService,
    Surcharge,
)
from backoffice_api.domain.shipping.model.quotes import Offer
from backoffice_api.domain.shipping.model.rate_tables import RateTable, TableRow, TableZone
from backoffice_api.domain.shipping.model.rating import (
    LineKind,
    Piece,
    Place,
    PriceLine,
    RateRefusal,
    billable_g,
    price_of_weight,
    promised_on,
    refusals,
    surcharges_for,
    zone_of,
)


@dataclass(frozen=True, slots=True)
class RateCard:
    """Everything that prices depend on, of all services that can be chosen."""

    carriers: Mapping[UUID, Carrier]
    services: Sequence[CarrierService]
    surcharges: Mapping[UUID, Sequence[Surcharge]]
    tables: Mapping[UUID, Sequence[RateTable]]
    zones: Mapping[UUID, Sequence[TableZone]]
    rows: Mapping[UUID, Sequence[TableRow]]
    late_permille: Mapping[UUID, int | None]

    def offer(self, service: CarrierService, piece: Piece, place: Place, at: datetime) -> Offer:
        """What one service asks, by its table, and when the parcel arrives at the latest."""
        carrier = self.carriers[service.carrier_id]
        weight_g = billable_g(piece, service.volumetric_divisor)
        wrong = list(refusals(service, piece, place))
        lines: Sequence[PriceLine] = ()
        if carrier.kind is CarrierKind.MANUAL:
            wrong.append(RateRefusal.NO_PRICE)
        else:
            lines, fault = self._priced(service, piece, place, at, weight_g)
            wrong += [fault] if fault else []
        return Offer(
            carrier_id=carrier.id,
            service_id=service.id,
            currency=carrier.currency,
            billable_g=weight_g,
            promised_on=promised_on(service, at, carrier.time_zone),
            lines=() if wrong else tuple(lines),
            refusals=tuple(wrong),
            late_permille=self.late_permille.get(service.id),
        )

    def _priced(
        self, service: CarrierService, piece: Piece, place: Place, at: datetime, weight_g: int
    ) -> tuple[Sequence[PriceLine], RateRefusal | None]:
        carrier = self.carriers[service.carrier_id]
        day = at.astimezone(ZoneInfo(carrier.time_zone)).date()
        held = (each for each in self.tables.get(service.id, ()) if each.holds_on(day))
        if (table := next(held, None)) is None:
            return (), RateRefusal.NO_TABLE
        zone = zone_of(place, [each.zone for each in self.zones.get(table.id, ())])
        if zone is None:
            return (), RateRefusal.NO_ZONE
        rows = [each.row for each in self.rows.get(table.id, ())]
        minor = price_of_weight(rows, zone, weight_g)
        if minor is None:
            return (), RateRefusal.TOO_HEAVY
        first = PriceLine(LineKind.WEIGHT, f"{table.name}, {zone}", minor)
        more = surcharges_for(self.surcharges.get(service.id, ()), piece, place, minor)
        return (first, *more), None


def rate_card(db: Connection, *, only: UUID | None = None) -> RateCard:
    """The rate card of now. `only`: of one service, whether it can be chosen or not."""
    if only is None:
        services = queries.active_services(db)
    else:
        services = list(queries.services_by_ids(db, [only]).values())
    ids = [each.id for each in services]
    carriers = queries.carriers_by_ids(db, {each.carrier_id for each in services})
    tables = queries.tables_by_services(db, ids)
    table_ids = [each.id for several in tables.values() for each in several]
    figures = queries.figures_by_services(db, ids)
    return RateCard(
        carriers=carriers,
        services=services,
        surcharges=queries.surcharges_by_services(db, ids),
        tables=tables,
        zones=queries.zones_by_tables(db, table_ids),
        rows=queries.rows_by_tables(db, table_ids),
        late_permille={id: each.late_permille for id, each in figures.items()},
    )


def local_offers(
    card: RateCard, piece: Piece, place: Place, currency: str, at: datetime
) -> Sequence[Offer]:
    """What the services ask whose prices are known here."""
    return [
        in_currency(card.offer(each, piece, place, at), currency)
        for each in card.services
        if card.carriers[each.carrier_id].kind in LOCAL_KINDS
    ]


def in_currency(offer: Offer, currency: str) -> Offer:
    """The offer; refused where it is in another currency, since prices could not be compared."""
    if offer.currency == currency:
        return offer
    return Offer(
        carrier_id=offer.carrier_id,
        service_id=offer.service_id,
        currency=offer.currency,
        billable_g=offer.billable_g,
        promised_on=offer.promised_on,
        refusals=(RateRefusal.OTHER_CURRENCY, *offer.refusals),
        late_permille=offer.late_permille,
    )
