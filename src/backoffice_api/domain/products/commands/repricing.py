"""Base prices of many variants at once, for contexts above that decide on them."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete

from backoffice_api.domain.kernel import events
from backoffice_api.domain.kernel.aggregates import save_all
from backoffice_api.domain.kernel.money import UnitPrice
from backoffice_api.domain.kernel.rows import among
from backoffice_api.domain.kernel.uow import UnitOfWork
from backoffice_api.domain.products import queries
from backoffice_api.domain.products.commands.drafts import key_of, note_prices
from backoffice_api.domain.products.model import VariantUpdated
from backoffice_api.domain.products.tables import prices, variants


def reprice(uow: UnitOfWork, currency: str, wanted: Mapping[UUID, UnitPrice | None]) -> None:
    """Give variants base prices in a currency; None: none any more. Those of others stay.

    A constant number of statements. A price that is the same already is not told of.
    """
    # First the versions, then the prices: what is changed in between is found out when it is saved.
    known = queries.variants_by_ids(uow.db, wanted)
    present = queries.prices_by_variants(uow.db, wanted)
    before = {id: tuple(each.unit_price for each in present.get(id, ())) for id in wanted}
    after = {
        id: tuple(
            sorted(
                (
                    *(each for each in before[id] if each.currency != currency),
                    *([new] if new else []),
                ),
                key=lambda each: each.currency,
            )
        )
        for id, new in wanted.items()
    }
    changed = sorted(id for id in wanted if before[id] != after[id])
    if not changed:
        return
    pairs = [(known[id], known[id]) for id in changed]
    saved = save_all(uow, variants, pairs, options_key=[key_of(each) for each, _ in pairs])
    note_prices(uow, {id: (before[id], after[id]) for id in changed})
    uow.db.execute(
        delete(prices).where(among(prices.c.variant_id, changed), prices.c.currency == currency)
    )
    rows = [
        {"variant_id": id, "currency": currency, "price_micro": new.micro}
        for id in changed
        if (new := wanted[id]) is not None
    ]
    if rows:
        uow.db.execute(prices.insert(), rows)
    for each in saved:
        change = events.change("prices", before[each.id], after[each.id])
        uow.emit(VariantUpdated(each.id, each.version, each.sku), changes=[change])
