"""What can be asked about publications, and what products lack to be published."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, select

from backoffice_api.domain.catalog import queries as of_catalog
from backoffice_api.domain.custom_fields import queries as of_fields
from backoffice_api.domain.customs import queries as of_customs
from backoffice_api.domain.customs.model.customs import Customs
from backoffice_api.domain.customs.model.profiles import FISCAL_RULES, is_complete
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.media import queries as of_media
from backoffice_api.domain.orders.model.channels import Channel, UnknownChannel
from backoffice_api.domain.orders.queries import channels_by_ids
from backoffice_api.domain.products import queries as of_products
from backoffice_api.domain.products.model import BarcodeKind, Product, ProductStatus, Variant
from backoffice_api.domain.publishing.model.publications import (
    Publication,
    PublicationSortKey,
)
from backoffice_api.domain.publishing.model.readiness import (
    DEFAULT_RULES,
    Facts,
    ProductFacts,
    Readiness,
    ReadinessRule,
    read_rules,
    readiness,
)
from backoffice_api.domain.publishing.tables import channel_readiness, publications

publications_by_ids = one_per(Publication, publications, publications.c.id)
publications_by_products = many_per(
    Publication,
    publications,
    publications.c.product_id,
    publications.c.created_at,
    publications.c.id,
)

publication_list = Listing(
    Publication,
    publications,
    sorts={
        PublicationSortKey.CREATED_AT: publications.c.created_at,
        PublicationSortKey.UPDATED_AT: publications.c.updated_at,
    },
    words={
        "status": On(publications.c.status),
        "channel_id": On(publications.c.channel_id),
        "product_id": On(publications.c.product_id),
    },
)


def channel(db: Connection, id: UUID) -> Channel:
    """The channel `id`.

    Raises:
        UnknownChannel: there is none.
    """
    if found := channels_by_ids(db, [id]).get(id):
        return found
    raise UnknownChannel(id.hex).at("channel_id")


def rules_by_channels(
    db: Connection, channel_ids: Iterable[UUID]
) -> Mapping[UUID, Sequence[ReadinessRule]]:
    """What each channel asks of products."""
    wanted = tuple(channel_ids)
    statement = select(channel_readiness.c.channel_id, channel_readiness.c.rules).where(
        among(channel_readiness.c.channel_id, wanted)
    )
    found = {row[0]: read_rules(row[1]) for row in db.execute(statement)}
    return {id: found.get(id, DEFAULT_RULES) for id in wanted}


def publication(
    db: Connection, product_id: UUID, channel_id: UUID, *, lock: bool = False
) -> Publication | None:
    """The product in the channel. None: it was never meant for it."""
    statement = select_as(Publication, publications).where(
        publications.c.product_id == product_id, publications.c.channel_id == channel_id
    )
    found = fetch(db, Publication, statement.with_for_update() if lock else statement)
    return found[0] if found else None


def due(db: Connection, now: datetime, limit: int) -> Sequence[Publication]:
    """What is to be shown or hidden by now, the longest due first; locked."""
    found: list[Publication] = []
    for moment in (publications.c.publish_at, publications.c.unpublish_at):
        statement = (
            select_as(Publication, publications)
            .where(moment <= now)
            .order_by(moment, publications.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        known = {each.id for each in found}
        found += [each for each in fetch(db, Publication, statement) if each.id not in known]
    return found


def readiness_of(
    db: Connection, product_ids: Iterable[UUID], channel: str
) -> Mapping[UUID, Readiness]:
    """What each product lacks in the channel with this public id.

    Raises:
        MalformedId, UnknownChannel.
    """
    channel_id = ids.parse("chn", channel)
    if channel_id not in channels_by_ids(db, [channel_id]):
        raise UnknownChannel(channel)
    return readiness_by_products(db, product_ids, channel_id)


def readiness_by_products(
    db: Connection, product_ids: Iterable[UUID], channel_id: UUID
) -> Mapping[UUID, Readiness]:
    """What each product lacks in a channel, with a constant number of statements."""
    rules = rules_by_channels(db, [channel_id])[channel_id]
    currency = channel_currency(db, channel_id)
    found = facts_by_products(db, tuple(product_ids))
    return {id: readiness(rules, currency, facts) for id, facts in found.items()}


def channel_currency(db: Connection, id: UUID) -> str:
    """The currency of a channel.

    Raises:
        UnknownChannel: there is none.
    """
    return channel(db, id).currency


def facts_by_products(db: Connection, wanted: Sequence[UUID]) -> Mapping[UUID, ProductFacts]:
    """What the rules look at of each product. Ten statements, whatever their number."""
    rows: Mapping[UUID, Product] = of_products.products_by_ids(db, wanted)
    variants = of_products.variants_by_products(db, wanted)
    in_use = {
        id: [each for each in of_product if each.status is ProductStatus.ACTIVE]
        for id, of_product in variants.items()
    }
    facts = _facts(db, [each for several in in_use.values() for each in several])
    filed = of_catalog.filings_by_products(db, wanted)
    media = of_media.media_by_products(db, wanted)
    files = of_media.files_by_ids(
        db, {each.file_id for several in media.values() for each in several}
    )
    fields = of_fields.values_by_owners(db, wanted)
    return {
        id: ProductFacts(
            id=id,
            description=product.description,
            brand=product.brand,
            has_category=id in filed,
            has_image=any(
                each.alt_text and files[each.file_id].media_type.is_shown
                for each in media.get(id, ())
            ),
            field_keys=frozenset(each.key for each in fields.get(id, ())),
            variants=[facts[each.id] for each in in_use.get(id, ())],
        )
        for id, product in rows.items()
    }


def _facts(db: Connection, variants: Sequence[Variant]) -> Mapping[UUID, Facts]:
    wanted = [each.id for each in variants]
    codes = of_products.barcodes_by_variants(db, wanted)
    prices = of_products.prices_by_variants(db, wanted)
    customs = of_customs.customs_by_variants(db, wanted)
    profiles = of_customs.profiles_by_variants(db, wanted)
    nothing = Customs()
    return {
        each.id: Facts(
            id=each.id,
            sku=each.sku,
            has_gtin=any(code.kind is BarcodeKind.GTIN for code in codes.get(each.id, ())),
            weight_g=each.weight_g,
            currencies=frozenset(price.currency for price in prices.get(each.id, ())),
            has_hs_code=customs.get(each.id, nothing).hs_code is not None,
            has_origin=customs.get(each.id, nothing).country_of_origin is not None,
            fiscal_countries=frozenset(
                profile.country
                for profile in profiles.get(each.id, ())
                if profile.country in FISCAL_RULES and is_complete(profile.country, profile.data)
            ),
        )
        for each in variants
    }
