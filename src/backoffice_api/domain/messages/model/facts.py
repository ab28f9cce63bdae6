"""What templates may speak of: plain texts and numbers, named and typed.

A template is checked against these classes when it is saved, so that a wrong word is refused
then, and not found out when a customer should have had mail. Every fact is there always; what is
not known is an empty text, zero, or a list of nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from backoffice_api.domain.messages.model.selections import Each, Selected
from backoffice_api.domain.messages.model.topics import MessageTopic


def fact(says: str) -> Any:
    """A field of a class of facts, and what it says."""
    return field(metadata={"says": says})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFacts:
    name: str = fact("Name of the channel where it was ordered.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFacts:
    name: str = fact("Name of the customer, else of the recipient. Empty if neither is known.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    sku: str = fact("SKU when it was ordered.")
    title: str = fact("What it is called.")
    quantity: int = fact("Pieces, without what was cancelled.")
    subtotal: str = fact("What they come to, as `20.00 EUR`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    number: str = fact("The order's number.")
    placed_on: str = fact("Day on which it was placed, as `2025-03-01`. Empty for a draft.")
    subtotal: str = fact("The sum of its lines now, as `20.00 EUR`.")
    discount: str = fact("What is taken off.")
    shipping: str = fact("What the delivery costs.")
    tax: str = fact("Its tax.")
    total: str = fact("What it comes to now.")
    recipient: str = fact("Who gets it. Empty if that was not said.")
    city: str = fact("Where it goes. Empty if that was not said.")
    lines: tuple[LineFacts, ...] = fact("What was ordered, at most the first 100 lines.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentFacts:
    number: str = fact("Number of the fulfillment.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelFacts:
    carrier: str = fact("Code of the carrier.")
    number: str = fact("The number that the carrier gave.")
    state: str = fact("Where it is, as `in_transit`.")
    cause: str = fact("Why, as `address`. Empty if nobody said.")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    amount: str = fact("What is given back, as `20.00 EUR`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    number: str = fact("The invoice's number.")
    total: str = fact("What it comes to, as `20.00 EUR`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFacts:
    kind: str = fact("How firmly to put it, as `final_notice`.")
    amount: str = fact("What is open, as `20.00 EUR`.")
    fee: str = fact("What is claimed besides, as `5.00 EUR`.")
    due_on: str = fact("The day on which it was due, as 2025-03-01.")
    days_overdue: str = fact("How many days late it is.")


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFacts:
    link: str = fact("Where it can be answered.")
    ticket: str = fact("Number of the ticket. Empty if it is about an order.")
    closes_on: str = fact("The last day on which it can be answered, as 2025-03-01.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that a template may speak of."""

    shop: ShopFacts
    customer: CustomerFacts
    order: OrderFacts
    fulfillment: FulfillmentFacts
    parcels: tuple[ParcelFacts, ...] = fact("Its parcels that a carrier knows, at most 50.")
    refund: RefundFacts
    invoice: InvoiceFacts
    reminder: ReminderFacts
    survey: SurveyFacts


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
    MessageTopic.TICKET_SURVEY: ("survey",),
    MessageTopic.ORDER_SURVEY: ("survey",),
}

# What a word stands for: a class of facts, a list of such a class, text or a number.
Kind = Any


@cache
def words_of(topic: MessageTopic) -> Mapping[str, Kind]:
    """The words that templates of a topic begin with, and what each stands for."""
    hints = get_type_hints(Facts)
    return {name: hints[name] for name in (*_ALWAYS, *_MORE.get(topic, ()))}


def kinds_of(shape: Kind) -> Mapping[str, Kind]:
    """The fields of a class of facts, or of what is selected; none of anything else."""
    return shape.fields if isinstance(shape, Selected) else _hints(shape)


@cache
def _hints(shape: Kind) -> Mapping[str, Kind]:
    is_facts = isinstance(shape, type) and hasattr(shape, "__dataclass_fields__")
    return get_type_hints(shape) if is_facts else {}


def element_of(kind: Kind) -> Kind | None:
    """What a list is of. None: it is no list."""
    if isinstance(kind, Each):
        return kind.of
    origin: object = get_origin(kind)
    return get_args(kind)[0] if origin is tuple else None


def variables(topic: MessageTopic) -> Iterator[Variable]:
    """Every word that templates of a topic may use."""
    yield from variables_of(Facts, words_of(topic))


def variables_of(shape: type[Any], words: Mapping[str, Kind]) -> Iterator[Variable]:
    """What can be said with these words, which are fields of `shape`."""
    of = {each.name: each for each in fields(shape)}
    for name, kind in words.items():
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
