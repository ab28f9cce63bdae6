"""Documents that lines of statements settle, wherever they lie."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.banking.model.items import ItemKind, OpenItem
from backoffice_api.domain.banking.ports import OpenItems

SOURCES: Sequence[OpenItems] = ()


def source_of(kind: ItemKind) -> OpenItems:
    """Where documents of a kind lie."""
    return next(each for each in SOURCES if kind in each.kinds)


def open_documents(db: Connection, currency: str) -> Sequence[OpenItem]:
    """All documents with something open in a currency."""
    return [item for source in SOURCES for item in source.open_items(db, currency)]


def documents_by_ids(
    db: Connection, currency: str, wanted: Mapping[ItemKind, Collection[UUID]]
) -> Mapping[UUID, OpenItem]:
    """What is open of these documents; those that are unknown or settled lack."""
    found: dict[UUID, OpenItem] = {}
    for source in SOURCES:
        ids = {id for kind in source.kinds for id in wanted.get(kind, ())}
        if ids:
            found |= {each.id: each for each in source.by_ids(db, currency, ids)}
    return found
