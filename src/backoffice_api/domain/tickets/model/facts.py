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


WORDS: Mapping[str, Kind] = kinds_of(AnswerFacts)

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
