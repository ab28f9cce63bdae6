"""What else has to do with sealed tax ids, besides their rows, when keys are rotated.

Words of the search of before they lay sealed are taken out of it, and what merges have noted of
them is what they are found by with the newest key.
"""

from uuid import UUID

from sqlalchemy import Connection, select, update

from backoffice_api.domain.customers.model.merging import MergeStatus
from backoffice_api.domain.customers.queries import tax_ids_by_customers
from backoffice_api.domain.customers.queries.merging import survivor
from backoffice_api.domain.customers.queries.numbers import tax_id_index, tax_id_indexes
from backoffice_api.domain.customers.tables import tax_ids
from backoffice_api.domain.customers.tables.merging import merges, moves
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


def renew_notes_of_merges(db: Connection) -> int:
    """Have merges find the tax ids that came over by the newest key. How many notes that changed.

    Without it they would be lost to whom they came from, once the older keys are taken away.
    """
    noted = (
        select(moves.c.merge_id, moves.c.row_id, moves.c.detail, merges.c.into_id)
        .join(merges, merges.c.id == moves.c.merge_id)
        .where(moves.c.table_name == tax_ids.name, merges.c.status == MergeStatus.DONE)
    )
    changed = 0
    for merge_id, row_id, detail, into_id in db.execute(noted).all():
        into = survivor(db, into_id)
        for each in tax_ids_by_customers(db, [into]).get(into, ()):
            newest = tax_id_index(each)
            if detail["value"] != newest and detail["value"] in tax_id_indexes(each):
                mine = (moves.c.merge_id == merge_id, moves.c.row_id == row_id)
                statement = update(moves).where(*mine, moves.c.table_name == tax_ids.name)
                db.execute(statement.values(detail={**detail, "value": newest}))
                changed += 1
    return changed
