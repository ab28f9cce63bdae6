"""What can be asked and done with the books of the shop."""

from collections.abc import Mapping
from typing import Any

import strawberry
from sqlalchemy import Connection as Db

from backoffice_api.context import Context
from backoffice_api.domain.bookkeeping import queries
from backoffice_api.domain.bookkeeping.commands import opening as on_opening
from backoffice_api.domain.bookkeeping.model import opening as model
from backoffice_api.schema.bookkeeping import (
    READ,
    BooksOpening,
    BooksOpenInput,
    BooksOpenPayload,
)
from backoffice_api.schema.connections import asked
from backoffice_api.schema.mutations import mutation


def _opening(db: Db, _: Context, __: Mapping[str, Any]) -> model.BooksOpening | None:
    return queries.opening(db)


@strawberry.type
class BookkeepingQuery:
    books_opening: BooksOpening | None = asked(
        _opening,
        [],
        "When the books of the shop were opened. Null: nothing that happens is posted as yet.",
        scope=READ,
    )


@strawberry.type
class BookkeepingMutation:
    @mutation(on_opening.open_books, BooksOpenPayload)
    def books_open(input: BooksOpenInput) -> on_opening.OpenBooks:
        """Open the books: what there is is posted, and from then on what happens.

        Stock counts at what it is worth; orders at what has left the house, less what was paid.
        Whatever changes stock or money waits meanwhile.
        """
        return on_opening.OpenBooks(on=input.on)
