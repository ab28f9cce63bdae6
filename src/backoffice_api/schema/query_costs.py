"""What an operation would cost, and what the caller may spend, on the wire."""

from dataclasses import dataclass

import strawberry

from backoffice_api.domain.identity.model.budgets import Standing
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.engine.cost import FieldPrice
from backoffice_api.engine.quote import Quote
from backoffice_api.schema.directives import about, described


@dataclass(frozen=True, slots=True)
class Offer:
    """A price, the scopes that the caller lacks, and how their budget stands."""

    quote: Quote
    missing: tuple[Scope, ...]
    standing: Standing | None

    @property
    def limit(self) -> int:
        """What one operation may cost here, for this caller."""
        if self.standing is None:
            return self.quote.limit
        return min(self.quote.limit, self.standing.allowance.capacity)


def _maximum(parent: strawberry.Parent[Standing]) -> int:
    return parent.allowance.capacity


def _available(parent: strawberry.Parent[Standing]) -> int:
    return parent.available


def _rate(parent: strawberry.Parent[Standing]) -> int:
    return parent.allowance.restore_per_s


@described
class ThrottleStatus:
    """How the budget of the caller stands, as `extensions.cost.throttleStatus` has it."""

    maximum_available: int = about("What may be spent at once.", resolver=_maximum)
    currently_available: int = about(
        "What may be spent now. An estimate where several servers share budgets.",
        resolver=_available,
    )
    restore_rate: int = about("What comes back in a second.", resolver=_rate)


def _path(parent: strawberry.Parent[FieldPrice]) -> str:
    return ".".join(parent.path)


@described
class FieldCost:
    """What one field of an operation costs: objects times weight, and the items of its input."""

    path: str = about("Where it stands in the answer: `orders.nodes.customer`.", resolver=_path)
    weight: int = about("What one object costs. 0: only what is below it costs anything.")
    count: int = about("How many objects there may be.")
    lines: int = about("Items of lists in its input, each of which costs 1. For mutations.")
    total: int = about("What it costs with everything below it.")


def _requested(parent: strawberry.Parent[Offer]) -> int:
    return parent.quote.requested


def _limit(parent: strawberry.Parent[Offer]) -> int:
    return parent.limit


def _is_allowed(parent: strawberry.Parent[Offer]) -> bool:
    return parent.quote.requested <= parent.limit and not parent.missing


def _retry_after(parent: strawberry.Parent[Offer]) -> int | None:
    if parent.quote.requested > parent.limit:
        return None
    return parent.standing.wait_s(parent.quote.requested) if parent.standing else 0


def _missing(parent: strawberry.Parent[Offer]) -> list[Scope]:
    return list(parent.missing)


def _status(parent: strawberry.Parent[Offer]) -> Standing | None:
    return parent.standing


def _fields(parent: strawberry.Parent[Offer]) -> list[FieldPrice]:
    return list(parent.quote.fields)


@described
class QueryCost:
    """What an operation would cost. It is not run, and nothing of it is looked up."""

    requested_query_cost: int = about(
        "What is taken before it runs. What the answer does not use is given back.",
        resolver=_requested,
    )
    limit: int = about("What one operation of yours may cost at most.", resolver=_limit)
    is_allowed: bool = about(
        "Whether it is within the limit, and you hold the scopes.", resolver=_is_allowed
    )
    missing_scopes: list[Scope] = about("The scopes that you lack for it.", resolver=_missing)
    retry_after: int | None = about(
        "In how many seconds your budget allows it; 0: now. Null: never.", resolver=_retry_after
    )
    throttle_status: ThrottleStatus | None = about(
        "How your budget stands. Null: there are no budgets here.", resolver=_status
    )
    fields: list[FieldCost] = about(
        "What it is made of, in the order of the document.", resolver=_fields
    )
