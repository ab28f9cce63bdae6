"""Freight: what labels cost, borne by the lines whose pieces they carry, and what carriers pay."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from backoffice_api.domain.bookkeeping.model.postings import (
    BookedOrder,
    LinePart,
    ShopPosting,
    moved,
    spread,
)
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.ledger.model.accounts import AccountRole


def labelled(order: BookedOrder, cost: Money, pieces: Mapping[UUID, int]) -> Iterator[ShopPosting]:
    """A label was bought; no bill has come for it yet. `pieces`: how many it carries, by line.

    Shared out by weight where the weight of all is known, else by value, else by pieces.
    """
    carried = [line for line in order.lines if pieces.get(line.id)]
    by_weight = {line.id: (line.weight_g or 0) * pieces[line.id] for line in carried}
    by_value = {line.id: line.subtotal * pieces[line.id] // max(line.pieces, 1) for line in carried}
    weights: Mapping[UUID, int] = pieces
    if carried and all(by_weight.values()):
        weights = by_weight
    elif any(by_value.values()):
        weights = by_value
    yield from spread(
        AccountRole.FREIGHT_OUT,
        AccountRole.FREIGHT_NOT_BILLED,
        cost,
        LinePart.FREIGHT,
        order,
        weights,
    )


def granted(amount: Money) -> Iterator[ShopPosting]:
    """A carrier owes for what it lost or broke: that lessens what carriers cost."""
    yield from moved(AccountRole.CARRIER_CLAIMS, AccountRole.FREIGHT_OUT, amount)


def compensated(amount: Money, *, was_owed: bool) -> Iterator[ShopPosting]:
    """A carrier paid for it. `was_owed`: that it owes this is in the books.

    Which bank account has it is known once its line is matched, against the bank clearing.
    """
    owed = AccountRole.CARRIER_CLAIMS if was_owed else AccountRole.FREIGHT_OUT
    yield from moved(AccountRole.BANK_CLEARING, owed, amount)
