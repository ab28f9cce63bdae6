"""What templates may speak of: plain texts and numbers, named and typed.

A template is checked against these classes when it is saved, so that a wrong word is refused
then, and not found out when a customer should have had mail. Every fact is there always; what is
not known is an empty text, zero, or a list of nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from backoffice_api.domain.messages.model.topics import MessageTopic


def _fact(says: str) -> Any:
    return field(metadata={"says": says})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    name: str = _fact("Name of the channel where it was ordered.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    name: str = _fact("Name of the customer, else of the recipient. Empty if neither is known.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    sku: str = _fact("SKU when it was ordered.")
    title: str = _fact("What it is called.")
    quantity: int = _fact("Pieces, without what was cancelled.")
    subtotal: str = _fact("What they come to, as `20.00 EUR`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    number: str = _fact("The order's number.")
    placed_on: str = _fact("Day on which it was placed, as `2025-03-01`. Empty for a draft.")
    subtotal: str = _fact("The sum of its lines now, as `20.00 EUR`.")
    discount: str = _fact("What is taken off.")
    shipping: str = _fact("What the delivery costs.")
    tax: str = _fact("Its tax.")
    total: str = _fact("What it comes to now.")
    recipient: str = _fact("Who gets it. Empty if that was not said.")
    city: str = _fact("Where it goes. Empty if that was not said.")
    lines: tuple[LineFacts, ...] = _fact("What was ordered, at most the first 100 lines.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentFacts:
    number: str = _fact("Number of the fulfillment.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFacts:
    carrier: str = _fact("Code of the carrier.")
    number: str = _fact("The number that the carrier gave.")
    state: str = _fact("Where it is, as `in_transit`.")
    cause: str = _fact("Why, as `address`. Empty if nobody said.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    amount: str = _fact("What is given back, as `20.00 EUR`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    number: str = _fact("The invoice's number.")
    total: str = _fact("What it comes to, as `20.00 EUR`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFacts:
    kind: str = _fact("How firmly to put it, as `final_notice`.")
    amount: str = _fact("What is open, as `20.00 EUR`.")
    fee: str = _fact("What is claimed besides, as `5.00 EUR`.")
    due_on: str = _fact("The day on which it was due, as 2025-03-01.")
    days_overdue: str = _fact("How many days late it is.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a template may speak of."""

    shop: ShopFacts
    customer: CustomerFacts
    order: OrderFacts
    fulfillment: FulfillmentFacts
    parcels: tuple[ParcelFacts, ...] = _fact("Its parcels that a carrier knows, at most 50.")
    refund: RefundFacts
    invoice: InvoiceFacts
    reminder: ReminderFacts


@dataclass(frozen=True, slots=True)
class Variable:
    """A word that a template may use. `path`: as `order.lines[].title`."""

    path: str
    kind: str
    says: str


_ALWAYS = ("shop", "customer", "order")
_MORE: Mapping[MessageTopic, tuple[str, ...]] = {
    MessageTopic.ORDER_SHIPPED: ("fulfillment", "parcels"),
    MessageTopic.ORDER_DELIVERED: ("fulfillment", "parcels"),
    MessageTopic.PARCEL_DELAYED: ("parcels",),
    MessageTopic.REFUND_MADE: ("refund",),
    MessageTopic.INVOICE_ISSUED: ("invoice",),
    MessageTopic.PAYMENT_REMINDER: ("reminder",),
}

# What a word stands for: a class of facts, a list of such a class, text or a number.
Kind = Any


@cache
def words_of(topic: MessageTopic) -> Mapping[str, Kind]:
    """The words that templates of a topic begin with, and what each stands for."""
    hints = get_type_hints(Facts)
    return {name: hints[name] for name in (*_ALWAYS, *_MORE.get(topic, ()))}


@cache
def kinds_of(shape: Kind) -> Mapping[str, Kind]:
    """The fields of a class of facts; none of anything else."""
    return get_type_hints(shape) if hasattr(shape, "__dataclass_fields__") else {}


def element_of(kind: Kind) -> Kind | None:
    """What a list is of. None: it is no list."""
    origin: object = get_origin(kind)
    return get_args(kind)[0] if origin is tuple else None


def variables(topic: MessageTopic) -> Iterator[Variable]:
    """Every word that templates of a topic may use."""
    of = {each.name: each for each in fields(Facts)}
    for name, kind in words_of(topic).items():
        yield from _spelt(name, kind, of[name].metadata.get("says", ""))


def _spelt(path: str, kind: Kind, says: str) -> Iterator[Variable]:
    if element := element_of(kind):
        yield Variable(path, "list", says)
        path, kind = f"{path}[]", element
    elif not kinds_of(kind):
        yield Variable(path, "number" if kind is int else "text", says)
        return
    known = {each.name: each for each in fields(kind)}
    for name, inner in kinds_of(kind).items():
        yield from _spelt(f"{path}.{name}", inner, known[name].metadata.get("says", ""))
