"""Routing: from which locations an order is sent, and why.

Every way that makes sense is a candidate: all from one location, or from one after the other, the
nearest, cheapest, preferred or best stocked one first, or as it is promised already. Among those
that leave the fewest pieces unplanned, the strategy's score decides; smaller is better.

    score = split x (shipments - 1) + distance x steps + cost x minor units + priority x priorities

Kits are sent whole: all pieces of one kit from one location.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

# How many characters of a postal code name a zone; carriers sort by the first three.
POSTAL_ZONE_LENGTH = 3

# How far a location is: in steps, for want of maps.
SAME_ZONE, SAME_REGION, SAME_COUNTRY, ABROAD = range(4)
_FAR = {
    SAME_ZONE: "in the same postal zone",
    SAME_REGION: "in the same region",
    SAME_COUNTRY: "in the same country",
    ABROAD: "abroad",
}

# Pieces that can be had, by site and variant.
Stock = Mapping[tuple[UUID, UUID], int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, as coarse as routing needs it. None: not known."""

    country: str | None = None
    region: str | None = None
    postal_code: str | None = None

    @property
    def zone(self) -> str | None:
        """Country and region, as waves are sorted by: `BR-SP`."""
        return f"{self.country}-{self.region}" if self.country and self.region else self.country

    def steps_to(self, other: "Place") -> int:
        """How far it is, from 0 to 3. What is not known counts as abroad."""
        if not self.country or self.country != other.country:
            return ABROAD
        if not self.region or self.region != other.region:
            return SAME_COUNTRY
        here, there = (_zone(each.postal_code) for each in (self, other))
        return SAME_ZONE if here and here == there else SAME_REGION


@dataclass(frozen=True, slots=True)
class Origin:
    """A site as routing sees it. Costs are in minor units of the shop's own currency."""

    id: UUID
    code: str
    priority: int
    place: Place = Place()
    shipment_cost_minor: int = 0
    piece_cost_minor: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """What a strategy gives weight to. Zero: it does not matter."""

    split: int = 1_000
    distance: int = 100
    cost: int = 1
    priority: int = 1


@dataclass(frozen=True, slots=True)
class Wish:
    """So many units of a line are to be sent; `parts` are the pieces of each variant in one.

    `name`: how to speak of it.
    """

    line_id: UUID
    name: str
    quantity: int
    parts: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Leg:
    """What one site sends: units by line."""

    origin: Origin
    units: Mapping[UUID, int]
    pieces: int
    steps: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to send an order. `missing`: units that nobody has, by line."""

    name: str
    legs: tuple[Leg, ...]
    missing: Mapping[UUID, int]
    distance: int
    cost_minor: int
    priority: int
    score: int

    @property
    def missing_units(self) -> int:
        return sum(self.missing.values())


@dataclass(frozen=True, slots=True)
class Route:
    """What was chosen, with all that it was chosen from, best first, and the reasons in words."""

    chosen: Candidate
    candidates: tuple[Candidate, ...]
    reasons: tuple[str, ...]


def route(
    wishes: Sequence[Wish],
    origins: Sequence[Origin],
    stock: Stock,
    to: Place,
    weights: Weights,
    promised: Mapping[UUID, int],
) -> Route:
    """The best way to send the wishes. `promised`: pieces that are promised at each site now.

    It is the same for the same input, whatever the order of the sites.
    """
    known = sorted(origins, key=lambda each: (each.priority, each.code, each.id))
    found: dict[frozenset[tuple[UUID, UUID, int]], Candidate] = {}
    for name, order in _orders(known, wishes, stock, to, promised):
        made = _candidate(name, wishes, order, stock, to, weights)
        found.setdefault(_shape(made), made)
    ranked = tuple(sorted(found.values(), key=lambda each: (each.missing_units, each.score)))
    return Route(ranked[0], ranked, _reasons(ranked, wishes, known, stock))


def units_at(parts: Mapping[UUID, int], there: Mapping[UUID, int]) -> int:
    """How many whole units the pieces that are there make."""
    return min((there.get(id, 0) // pieces for id, pieces in parts.items()), default=0)


def _orders(
    origins: Sequence[Origin],
    wishes: Sequence[Wish],
    stock: Stock,
    to: Place,
    promised: Mapping[UUID, int],
) -> Iterator[tuple[str, Sequence[Origin]]]:
    """The orders in which sites may be asked, each with a name."""
    for each in origins:
        if all(_has(each, wish, stock) >= wish.quantity for wish in wishes):
            yield f"all from {each.code}", [each]
    ways = {
        "preferred first": lambda each: each.priority,
        "nearest first": lambda each: each.place.steps_to(to),
        "cheapest first": lambda each: each.shipment_cost_minor,
        "best stocked first": lambda each: (
            -sum(min(wish.quantity, _has(each, wish, stock)) for wish in wishes)
        ),
        "as promised": lambda each: -promised.get(each.id, 0),
    }
    for name, key in ways.items():
        yield name, sorted(origins, key=key)


def _has(origin: Origin, wish: Wish, stock: Stock) -> int:
    return units_at(wish.parts, {id: stock.get((origin.id, id), 0) for id in wish.parts})


def _candidate(
    name: str,
    wishes: Sequence[Wish],
    order: Sequence[Origin],
    stock: Stock,
    to: Place,
    weights: Weights,
) -> Candidate:
    left = {wish.line_id: wish.quantity for wish in wishes}
    legs = []
    for origin in order:
        pot = Counter({id: stock.get((origin.id, id), 0) for wish in wishes for id in wish.parts})
        units: dict[UUID, int] = {}
        pieces = 0
        for wish in wishes:
            taken = min(left[wish.line_id], units_at(wish.parts, pot))
            if taken > 0:
                units[wish.line_id] = taken
                left[wish.line_id] -= taken
                pieces += taken * sum(wish.parts.values())
                pot.subtract({id: per * taken for id, per in wish.parts.items()})
        if units:
            legs.append(Leg(origin, units, pieces, origin.place.steps_to(to)))
    distance = sum(leg.steps for leg in legs)
    cost = sum(
        leg.origin.shipment_cost_minor + leg.pieces * leg.origin.piece_cost_minor for leg in legs
    )
    priority = sum(leg.origin.priority for leg in legs)
    score = (
        weights.split * max(0, len(legs) - 1)
        + weights.distance * distance
        + weights.cost * cost
        + weights.priority * priority
    )
    missing = {line_id: units for line_id, units in left.items() if units}
    return Candidate(name, tuple(legs), missing, distance, cost, priority, score)


def _shape(candidate: Candidate) -> frozenset[tuple[UUID, UUID, int]]:
    return frozenset(
        (leg.origin.id, line_id, units)
        for leg in candidate.legs
        for line_id, units in leg.units.items()
    )


def _reasons(
    ranked: Sequence[Candidate], wishes: Sequence[Wish], origins: Sequence[Origin], stock: Stock
) -> tuple[str, ...]:
    """Why it is sent like this: where from, why in parts, what else there was, what is missing."""
    chosen = ranked[0]
    names = {wish.line_id: wish.name for wish in wishes}
    told = [
        f"{leg.origin.code} sends {leg.pieces} pieces: it is {_FAR[leg.steps]} "
        f"and has the priority {leg.origin.priority}."
        for leg in chosen.legs
    ]
    if len(chosen.legs) > 1:
        lacking = (
            f"{each.code} lacks {wish.name}"
            for each in origins
            for wish in wishes
            if _has(each, wish, stock) < wish.quantity
        )
        told.append(f"It is split, as no one location has all: {'; '.join(list(lacking)[:10])}.")
    if len(ranked) > 1 and ranked[1].missing_units == chosen.missing_units:
        told.append(
            f"Chosen by its score of {chosen.score} ({chosen.name}); "
            f"the next best would have {ranked[1].score} ({ranked[1].name})."
        )
    told += [
        f"{units} of {names[line_id]} cannot be sent now: no location has them together."
        for line_id, units in chosen.missing.items()
    ]
    return tuple(told)


def _zone(postal_code: str | None) -> str | None:
    digits = "".join(each for each in postal_code or "" if each.isalnum())
    return digits[:POSTAL_ZONE_LENGTH].upper() or None
