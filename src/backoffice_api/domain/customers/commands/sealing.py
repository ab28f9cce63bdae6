"""Tax ids that were words of the search before they lay sealed: they are taken out of it."""

from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.customers.tables import tax_ids
from backoffice_api.domain.kernel import search
from backoffice_api.domain.kernel.search import entries, words_of


def drop_numbers_from_search(db: Connection, after: UUID | None, size: int) -> UUID | None:
    """Look at the search entries of up to `size` customers with a tax id, in the order of ids.

    The last one, to go on behind; None: there are no more.
    """
    owned = select(tax_ids.c.customer_id).distinct().order_by(tax_ids.c.customer_id).limit(size)
    if after is not None:
        owned = owned.where(tax_ids.c.customer_id > after)
    owners = db.execute(owned).scalars().all()
    of_owners = select(tax_ids.c.customer_id, tax_ids.c.value).where(
        tax_ids.c.customer_id.in_(owners)
    )
    numbers: dict[UUID, set[str]] = {}
    for id, value in db.execute(of_owners):
        numbers.setdefault(id, set()).update(words_of(value))
    found = select(entries.c.subject_id, entries.c.words).where(entries.c.subject_id.in_(owners))
    stale = {
        id: [" ".join(kept)]
        for id, words in db.execute(found)
        if len(kept := [word for word in words.split() if word not in numbers[id]])
        < len(words.split())
    }
    search.put(db, "cus", stale)
    return owners[-1] if len(owners) == size else None
