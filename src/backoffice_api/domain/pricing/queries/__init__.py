"""What can be asked about prices."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, or_, select

from backoffice_api.domain.customers import queries as customers
from backoffice_api.domain.customers.queries import accounts
from backoffice_api.domain.kernel import made
from backoffice_api.domain.kernel.filters import On, Within
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, one_per, select_as
from backoffice_api.domain.kernel.tables import Id, Instant
from backoffice_api.domain.pricing.model.lists import (
    ListPrice,
    ListPriceSortKey,
    PriceList,
    PriceListSortKey,
    PriceListStatus,
    UnknownPriceList,
)
from backoffice_api.domain.pricing.model.offers import (
    Buyer,
    OfferedPrice,
    PriceAnswer,
    judged,
    lowest_price,
)
from backoffice_api.domain.pricing.tables import channels, list_prices, price_lists
from backoffice_api.domain.products import queries as products

# The newest prices of a variant that are looked at where somebody asks why.
CANDIDATES_MAX = 500

price_lists_by_ids = one_per(PriceList, price_lists, price_lists.c.id)
price_lists_by_codes = one_per(PriceList, price_lists, price_lists.c.code)
list_prices_by_ids = one_per(ListPrice, list_prices, list_prices.c.id)

price_list_list = Listing(
    PriceList,
    price_lists,
    sorts={
        PriceListSortKey.CREATED_AT: price_lists.c.created_at,
        PriceListSortKey.CODE: price_lists.c.code,
        PriceListSortKey.PRIORITY: price_lists.c.priority,
    },
    words={
        "status": On(price_lists.c.status),
        "code": On(price_lists.c.code),
        "channel_id": On(price_lists.c.channel_id),
        "customer_tag": On(price_lists.c.customer_tag),
        "customer_group_id": On(price_lists.c.customer_group_id),
        "variant_id": Within(
            price_lists.c.id, list_prices.c.price_list_id, list_prices.c.variant_id
        ),
        "created_at": On(price_lists.c.created_at),
    },
)

list_price_list = Listing(
    ListPrice,
    list_prices,
    sorts={ListPriceSortKey.VALID_FROM: list_prices.c.valid_from},
    words={
        "variant_id": On(list_prices.c.variant_id),
        "valid_from": On(list_prices.c.valid_from),
    },
)

_OFFERED = select(
    price_lists.c.id,
    price_lists.c.code,
    price_lists.c.priority,
    price_lists.c.status,
    price_lists.c.channel_id,
    price_lists.c.customer_tag,
    price_lists.c.customer_group_id,
    price_lists.c.valid_from,
    price_lists.c.activated_at,
    price_lists.c.valid_to,
    price_lists.c.archived_at,
    list_prices.c.variant_id,
    list_prices.c.minimum_quantity,
    list_prices.c.currency,
    list_prices.c.price_micro,
    list_prices.c.valid_from,
    list_prices.c.valid_to,
).join(price_lists, price_lists.c.id == list_prices.c.price_list_id)


# Made once: they are asked with every order.
_NOW_OFFERED = _OFFERED.where(
    list_prices.c.variant_id.in_(bindparam("variants", expanding=True)),
    list_prices.c.currency == bindparam("wanted"),
    list_prices.c.valid_from <= bindparam("at", type_=Instant()),
    or_(list_prices.c.valid_to.is_(None), list_prices.c.valid_to > bindparam("at")),
    price_lists.c.status == PriceListStatus.ACTIVE,
)
_OF_NOBODY = and_(price_lists.c.customer_tag.is_(None), price_lists.c.customer_group_id.is_(None))
_FOR_ALL = _NOW_OFFERED.where(_OF_NOBODY)
_BUYER = bindparam("buyer", type_=Id())
_FOR_CUSTOMER = _NOW_OFFERED.where(
    or_(
        _OF_NOBODY,
        price_lists.c.customer_tag.in_(customers.tags_of(_BUYER)),
        price_lists.c.customer_group_id.in_(accounts.groups_of(_BUYER)),
    )
)


def prices_of_lists(
    db: Connection,
    variant_ids: Collection[UUID],
    currency: str,
    at: datetime,
    customer_id: UUID | None,
) -> Mapping[UUID, Sequence[OfferedPrice]]:
    """What lists that are in use, and for the customer, say of the variants at a moment.

    One statement.
    """
    if not variant_ids:
        return {}
    given = {"variants": tuple(variant_ids), "wanted": currency, "at": at}
    if customer_id:
        rows = made.read(db, _FOR_CUSTOMER, **given, buyer=customer_id)
    else:
        rows = made.read(db, _FOR_ALL, **given)
    found: dict[UUID, list[OfferedPrice]] = {}
    for row in rows:
        each = _offered(*row)
        found.setdefault(each.variant_id, []).append(each)
    return found


def price_for(db: Connection, variant_id: UUID, currency: str, buyer: Buyer) -> PriceAnswer:
    """What a variant costs a buyer, and why: every price of it, as it was and will be.

    Three statements.
    """
    listed = _of_variant(db, variant_id, currency)
    prices = products.prices_by_variants(db, [variant_id]).get(variant_id, ())
    base = [
        _base(variant_id, currency, each.price_micro)
        for each in prices
        if each.currency == currency
    ]
    history = products.price_history_by_variants(db, [variant_id]).get(variant_id, ())
    mine = [each for each in history if each.currency == currency]
    ends = [*(after.valid_from for _, after in pairwise(mine)), None]
    past = [
        _base(variant_id, currency, each.price_micro, each.valid_from, end)
        for each, end in zip(mine, ends, strict=False)
    ]
    return PriceAnswer(judged([*listed, *base], buyer), lowest_price(listed, past or base, buyer))


def tags_of_customer(db: Connection, customer_id: UUID | None) -> frozenset[str]:
    """The tags of a customer; none for a guest, without a statement."""
    if customer_id is None:
        return frozenset()
    return frozenset(db.execute(customers.tags_of(customer_id)).scalars())


def groups_of_customer(db: Connection, customer_id: UUID | None) -> frozenset[UUID]:
    """The groups of a customer that are in use; none for a guest, without a statement."""
    if customer_id is None:
        return frozenset()
    return frozenset(db.execute(accounts.groups_of(customer_id)).scalars())


def price_list(db: Connection, id: UUID) -> PriceList:
    """The price list `id`.

    Raises:
        UnknownPriceList: there is none.
    """
    if found := price_lists_by_ids(db, [id]).get(id):
        return found
    raise UnknownPriceList(id).at("id")


def prices_in_lists(
    db: Connection, list_ids: Collection[UUID], variant_ids: Collection[UUID]
) -> Mapping[tuple[UUID, UUID, int], Sequence[ListPrice]]:
    """All prices of variants in lists, past and future ones too: by list, variant and pieces."""
    if not list_ids or not variant_ids:
        return {}
    statement = (
        select_as(ListPrice, list_prices)
        .where(
            among(list_prices.c.price_list_id, list_ids),
            among(list_prices.c.variant_id, variant_ids),
        )
        .order_by(list_prices.c.valid_from)
    )
    found: dict[tuple[UUID, UUID, int], list[ListPrice]] = {}
    for each in fetch(db, ListPrice, statement):
        key = (each.price_list_id, each.variant_id, each.minimum_quantity)
        found.setdefault(key, []).append(each)
    return found


def is_channel(db: Connection, id: UUID) -> bool:
    return db.execute(select(channels.c.id).where(channels.c.id == id)).first() is not None


def _of_variant(db: Connection, variant_id: UUID, currency: str) -> Sequence[OfferedPrice]:
    statement = (
        _OFFERED.where(list_prices.c.variant_id == variant_id, list_prices.c.currency == currency)
        .order_by(list_prices.c.valid_from.desc(), list_prices.c.id.desc())
        .limit(CANDIDATES_MAX)
    )
    return [_offered(*row) for row in db.execute(statement)]


def _offered(
    list_id: UUID,
    code: str,
    priority: int,
    status: PriceListStatus,
    channel_id: UUID | None,
    customer_tag: str | None,
    customer_group_id: UUID | None,
    valid_from: datetime | None,
    activated_at: datetime | None,
    valid_to: datetime | None,
    archived_at: datetime | None,
    *price: object,
) -> OfferedPrice:
    return OfferedPrice(
        list_id,
        code,
        priority,
        status,
        channel_id,
        customer_tag,
        customer_group_id,
        tuple(moment for moment in (valid_from, activated_at) if moment),
        tuple(moment for moment in (valid_to, archived_at) if moment),
        *price,  # type: ignore[arg-type]
    )


def _base(
    variant_id: UUID,
    currency: str,
    price_micro: int | None,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> OfferedPrice:
    return OfferedPrice(
        list_id=None,
        list_code="",
        priority=0,
        status=PriceListStatus.ACTIVE,
        channel_id=None,
        customer_tag=None,
        customer_group_id=None,
        begins_at=(),
        ends_at=(),
        variant_id=variant_id,
        minimum_quantity=1,
        currency=currency,
        price_micro=price_micro,
        valid_from=valid_from,
        valid_to=valid_to,
    )
