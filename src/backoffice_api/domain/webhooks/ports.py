"""What webhooks need of the schema: it knows which documents there can be, and what they take."""

from dataclasses import dataclass
from typing import Protocol

from backoffice_api.domain.kernel.scopes import Scope


@dataclass(frozen=True, slots=True)
class PayloadDocument:
    """A document that makes payloads: the rights that it takes, and what it costs."""

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
