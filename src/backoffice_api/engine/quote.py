"""What an operation would cost, told without running it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backoffice_api.engine.cost import FieldPrice
from backoffice_api.engine.prepare import Preparer
from backoffice_api.engine.run import COST_MIN, Terms, coerce


@dataclass(frozen=True, slots=True)
class Quote:
    """`requested` is the price, `limit` what one operation may cost at most.

    `fields` are those that cost anything, in the order of the document.
    """

    requested: int
    limit: int
    scopes: frozenset[str]
    fields: Sequence[FieldPrice]


def quote(
    preparer: Preparer,
    terms: Terms,
    document: str,
    operation_name: str | None,
    variables: dict[str, Any],
) -> Quote:
    """Price an operation with these variables.

    Raises RequestError as sending it would: for a document that is not valid, for variables that
    do not fit, for pages that are too large. A price above the limit is told, not refused.
    """
    prepared = preparer.prepare(document, operation_name)
    coerced = coerce(prepared, variables, terms).coerced
    requested = max(prepared.cost(coerced), COST_MIN)
    fields = tuple(each for each in prepared.cost.fields(coerced) if each.total)
    return Quote(requested, terms.limits.cost, prepared.scopes, fields)
