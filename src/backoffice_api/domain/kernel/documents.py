"""Documents that are stored and answered later: what is said about the subject of an event.

One form is taken, `query ($id: ID!) { node(id: $id) { ... } }`. The schema knows which there can
be; webhooks make their payloads of them, and templates of messages their words.
"""

from dataclasses import dataclass
from typing import Protocol

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.scopes import Scope

DOCUMENT_LENGTH_MAX = 20_000
# What one of them may cost, where a request may cost 20,000.
COST_MAX = 1_000


@dataclass(eq=False)
class UnfitDocument(Invalid):
    """The document is none that can be answered about one thing."""

    reason: str
    message = "The document cannot be used: {reason}"


@dataclass(eq=False)
class PayloadTooCostly(Invalid):
    """The document costs more than one that is stored may."""

    cost: int
    maximum: int
    message = "The document costs {cost}, and {maximum} is the limit for a payload."


@dataclass(frozen=True, slots=True)
class PayloadDocument:
    """A document that can be answered: the rights that it takes, and what it costs."""

    scopes: frozenset[Scope]
    cost: int


class PayloadDocuments(Protocol):
    """The documents that fit the schema."""

    def check(self, text: str) -> PayloadDocument:
        """What a document takes: `query ($id: ID!) { node(id: $id) { ... } }`.

        Raises:
            UnfitDocument: it is none, or of another form.
            PayloadTooCostly.
        """

    def scope_of(self, kind: str) -> Scope:
        """The right that it takes to see things whose ids have this prefix."""
