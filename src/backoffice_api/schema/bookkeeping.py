"""The opening of the books on the wire."""

from datetime import date, datetime

import strawberry

from backoffice_api.domain.bookkeeping import queries
from backoffice_api.domain.bookkeeping.model import opening
from backoffice_api.domain.bookkeeping.model.opening import BooksAreOpen
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.schema.directives import about
from backoffice_api.schema.links import one
from backoffice_api.schema.nodes import Node, node
from backoffice_api.schema.payloads import MutationPayload, UserError, error, payload

READ = Scope.LEDGER_READ


@node("bop", opening.BooksOpening, queries.opening_by_ids, scope=READ)
class BooksOpening(Node):
    """The books of the shop were opened: what happens since is posted when it happens."""

    created_at: datetime = about("When they were opened.")
    booked_on: date = about("The day as of which counts what there was then.")


@error(BooksAreOpen)
class BooksAreOpenError(UserError):
    """The books are opened once."""

    opened_on: date = about("The day as of which they are open.")


@strawberry.input(description="As of when the books are opened.")
class BooksOpenInput:
    on: date | None = about(
        "The day on which what there is now is booked; not after today. Default: today.",
        default=None,
    )


@payload
class BooksOpenPayload(MutationPayload):
    """What opening the books answers."""

    opening: BooksOpening | None = one(
        queries.opening_by_ids, "value", "The opening. Null if it was refused."
    )
