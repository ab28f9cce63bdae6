"""What answers to customers may speak of: the ticket, who answers, and the order that it is about.

The engine and most words are those of messages (`domain.messages.model.facts`): a word that is
known there says the same here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from backoffice_api.domain.messages.model.facts import (
    CustomerFacts,
    Kind,
    OrderFacts,
    ParcelFacts,
    ShopFacts,
    Variable,
    fact,
    kinds_of,
    variables_of,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketFacts:
    number: str = fact("Number of the ticket.")
    subject: str = fact("What the ticket is about.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFacts:
    name: str = fact("Name of who answers. Empty: nobody in person.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFacts:
    """Everything that an answer may speak of. Without an order, what is of it is empty."""

    ticket: TicketFacts
    agent: AgentFacts
    customer: CustomerFacts
    shop: ShopFacts
    order: OrderFacts
    parcels: tuple[ParcelFacts, ...] = fact("Parcels of the order that have left, at most 50.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountFacts:
    code: str = fact("The code, as it is entered.")
    off: str = fact("What it takes off, as 10 % or 5.00 EUR.")
    minimum: str = fact("What the lines have to come to. Empty: it does not matter.")
    valid_until: str = fact("The day when it ends, in UTC. Empty: it does not.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFacts:
    """What a message with a discount code may speak of besides."""

    discount: DiscountFacts


WORDS: Mapping[str, Kind] = kinds_of(AnswerFacts)
# What a message may speak of that comes with a discount code.
DISCOUNT_WORDS: Mapping[str, Kind] = {**WORDS, **kinds_of(GivenFacts)}

NO_ORDER = OrderFacts(
    number="",
    placed_on="",
    subtotal="",
    discount="",
    shipping="",
    tax="",
    total="",
    recipient="",
    city="",
    lines=(),
)


def variables() -> Iterator[Variable]:
    """Every word that canned answers may use."""
    return variables_of(AnswerFacts, WORDS)


def words_of(facts: AnswerFacts) -> Mapping[str, object]:
    """The facts by the words that name them."""
    return {name: getattr(facts, name) for name in WORDS}
