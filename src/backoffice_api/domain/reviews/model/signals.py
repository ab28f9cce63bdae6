"""How an order is judged: facts in, signals out. Nothing personal goes into a signal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any
from uuid import UUID

from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.orders.model.orders import OrderAddress
from backoffice_api.domain.reviews.model.mail_domains import DISPOSABLE
from backoffice_api.domain.reviews.model.places import (
    is_express,
    is_po_box,
    missing_parts,
    oddities,
)
from backoffice_api.domain.reviews.model.rules import KINDS, RiskCode, SignalKind, Weight

# With fewer orders to compare with, nothing is usual.
USUAL_MIN = 3
NAMED_MAX = 10


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an order when it is judged. Never stored.

    `history`: what the customer's other orders came to, `usual`: those of the channel, in the
    order's currency. `velocity`: how many orders share its e-mail address, address and customer,
    itself with them, by the code that asks. `goods`, `without_weight`, `without_customs`: SKUs.
    """

    total: Money
    email: str | None = field(default=None, repr=False)
    has_phone: bool = False
    shipping: OrderAddress | None = field(default=None, repr=False)
    billing: OrderAddress | None = field(default=None, repr=False)
    customer_country: str | None = None
    home_country: str | None = None
    is_known_customer: bool = False
    history: Sequence[int] = ()
    usual: Sequence[int] = ()
    velocity: Mapping[RiskCode, int] = field(default_factory=dict)
    has_goods: bool = True
    without_weight: Sequence[str] = ()
    without_customs: Sequence[str] = ()
    charges: Sequence[str] = ()
    failed_payments: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Why something weighs: a sentence, and the numbers behind it."""

    explanation: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that was found, and what it weighs."""

    id: UUID
    review_id: UUID
    position: int
    code: RiskCode
    kind: SignalKind
    score: int
    explanation: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """A signal before it has an id."""

    code: RiskCode
    score: int
    explanation: str
    facts: Mapping[str, Any]


def hits(facts: Facts, weights: Mapping[RiskCode, Weight]) -> Sequence[Hit]:
    """All that is found in an order, in the order of the codes."""
    return [
        Hit(code, weights[code].score, found.explanation, found.facts)
        for code, look in _LOOKS.items()
        if code in weights and (found := look(facts, weights[code]))
    ]


def is_about_addresses(codes: Sequence[RiskCode]) -> bool:
    """Whether what was found is about nothing but addresses, and so no matter of fraud."""
    return bool(codes) and all(KINDS[code] is SignalKind.ADDRESS for code in codes)


def _address_missing(facts: Facts, _: Weight) -> Finding | None:
    if facts.has_goods and facts.shipping is None:
        return Finding("There is no address to send the goods to.", {})
    return None


def _address_incomplete(facts: Facts, _: Weight) -> Finding | None:
    at = facts.shipping
    if at is None:
        return None
    parts = missing_parts(at.country, postal_code=at.postal_code, region=at.region, city=at.city)
    if not parts:
        return None
    given = {"country": at.country, "missing": list(parts)}
    return Finding(f"The address lacks, for {at.country}: {', '.join(parts)}.", given)


def _po_box(facts: Facts, _: Weight) -> Finding | None:
    if facts.shipping and is_po_box(facts.shipping.lines):
        return Finding("The goods would go to a box at a post office.", {})
    return None


def _unusual(facts: Facts, _: Weight) -> Finding | None:
    if facts.shipping is None:
        return None
    odd = oddities(facts.shipping.recipient, facts.shipping.lines)
    return (
        Finding(f"The address is unusual: {', '.join(odd)}.", {"odd": list(odd)}) if odd else None
    )


def _unreachable(facts: Facts, _: Weight) -> Finding | None:
    if facts.email or facts.has_phone:
        return None
    return Finding("There is neither an e-mail address nor a telephone number.", {})


def _disposable(facts: Facts, weight: Weight) -> Finding | None:
    domain = (facts.email or "").rpartition("@")[2].lower()
    known = DISPOSABLE | set(weight.values)
    parts = domain.split(".")
    if any(".".join(parts[start:]) in known for start in range(len(parts) - 1)):
        return Finding("The e-mail address is of a service that gives them away for minutes.", {})
    return None


def _weight_unknown(facts: Facts, _: Weight) -> Finding | None:
    return _named("Goods without a weight", facts.without_weight)


def _customs_unknown(facts: Facts, _: Weight) -> Finding | None:
    there = facts.shipping.country if facts.shipping else None
    if facts.home_country is None or there in (None, facts.home_country):
        return None
    return _named(f"Goods for {there} without HS code or origin", facts.without_customs)


def _named(what: str, skus: Sequence[str]) -> Finding | None:
    if not skus:
        return None
    shown = list(skus[:NAMED_MAX])
    return Finding(f"{what}: {', '.join(shown)}.", {"skus": shown, "count": len(skus)})


def _above(others: Sequence[int], facts: Facts, weight: Weight, whose: str) -> Finding | None:
    if len(others) < USUAL_MIN:
        return None
    usual = int(median(others))
    if usual <= 0 or facts.total.minor * 100 <= usual * weight.threshold:
        return None
    percent = facts.total.minor * 100 // usual
    given = {"percent": percent, "usual_minor": usual, "orders": len(others)}
    return Finding(f"It comes to {percent} % of what is usual {whose}.", given)


def _amount_history(facts: Facts, weight: Weight) -> Finding | None:
    return _above(facts.history, facts, weight, "for this customer")


def _amount_channel(facts: Facts, weight: Weight) -> Finding | None:
    return _above(facts.usual, facts, weight, "in this channel")


def _countries(facts: Facts, _: Weight) -> Finding | None:
    if not (facts.shipping and facts.billing):
        return None
    goods, invoice = facts.shipping.country, facts.billing.country
    if goods == invoice:
        return None
    given = {"shipping": goods, "billing": invoice}
    return Finding(f"The goods go to {goods}, the invoice to {invoice}.", given)


def _customer_country(facts: Facts, _: Weight) -> Finding | None:
    theirs = facts.customer_country
    if facts.shipping is None or theirs in (None, facts.shipping.country):
        return None
    given = {"shipping": facts.shipping.country, "customer": theirs}
    return Finding(f"The goods go to {facts.shipping.country}, the customer is in {theirs}.", given)


def _velocity(code: RiskCode, what: str) -> Callable[[Facts, Weight], Finding | None]:
    def look(facts: Facts, weight: Weight) -> Finding | None:
        count = facts.velocity.get(code, 0)
        if weight.threshold == 0 or count < weight.threshold:
            return None
        given = {"orders": count, "hours": weight.window_h}
        return Finding(f"{count} orders {what} within {weight.window_h} hours.", given)

    return look


def _first_express(facts: Facts, _: Weight) -> Finding | None:
    if not facts.is_known_customer and is_express(facts.charges):
        return Finding("The first order of a customer, and it is to come fast.", {})
    return None


def _failed_payments(facts: Facts, weight: Weight) -> Finding | None:
    count = facts.failed_payments
    if count == 0 or count < weight.threshold:
        return None
    return Finding(f"{count} payments failed.", {"failed": count})


_LOOKS: Mapping[RiskCode, Callable[[Facts, Weight], Finding | None]] = {
    RiskCode.ADDRESS_MISSING: _address_missing,
    RiskCode.ADDRESS_INCOMPLETE: _address_incomplete,
    RiskCode.ADDRESS_PO_BOX: _po_box,
    RiskCode.ADDRESS_UNUSUAL: _unusual,
    RiskCode.CUSTOMER_UNREACHABLE: _unreachable,
    RiskCode.DISPOSABLE_MAIL: _disposable,
    RiskCode.PRODUCT_WEIGHT: _weight_unknown,
    RiskCode.PRODUCT_CUSTOMS: _customs_unknown,
    RiskCode.AMOUNT_HISTORY: _amount_history,
    RiskCode.AMOUNT_CHANNEL: _amount_channel,
    RiskCode.COUNTRY_ADDRESSES: _countries,
    RiskCode.COUNTRY_CUSTOMER: _customer_country,
    RiskCode.VELOCITY_EMAIL: _velocity(RiskCode.VELOCITY_EMAIL, "with this e-mail address"),
    RiskCode.VELOCITY_ADDRESS: _velocity(RiskCode.VELOCITY_ADDRESS, "to this address"),
    RiskCode.VELOCITY_CUSTOMER: _velocity(RiskCode.VELOCITY_CUSTOMER, "of this customer"),
    RiskCode.FIRST_EXPRESS: _first_express,
    RiskCode.FAILED_PAYMENTS: _failed_payments,
}
