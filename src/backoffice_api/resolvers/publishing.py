"""What can be asked and done with publications."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.publishing import queries
from backoffice_api.domain.publishing.commands import publications as on_publications
from backoffice_api.schema.channels import ChannelPayload
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.products import READ, ProductPayload
from backoffice_api.schema.publishing import (
    ChannelSetReadinessInput,
    ProductPublishInput,
    ProductUnpublishInput,
    Publication,
    PublicationFilter,
    PublicationSort,
)


@strawberry.type
class PublishingQuery:
    publications: Connection[Publication] = listed(
        queries.publication_list,
        "Products in channels, newest first.",
        scope=READ,
        filter=PublicationFilter,
        sort=PublicationSort,
    )
    publications_count: Count = counted(
        queries.publication_list,
        "How many products in channels there are.",
        scope=READ,
        filter=PublicationFilter,
    )


@strawberry.type
class PublishingMutation:
    @mutation(on_publications.publish_product, ProductPayload)
    def product_publish(
        id: strawberry.ID, input: ProductPublishInput
    ) -> on_publications.PublishProduct:
        """Show a product in a channel, now or from a moment on.

        Refused with a list of what to fix if it lacks what the channel asks for. One that is to
        be shown later may still lack something; if it does so then, it is blocked.
        """
        return on_publications.PublishProduct(
            id=ids.parse("prd", id),
            channel_id=ids.parse("chn", input.channel_id),
            at=input.at,
            until=input.until,
        )

    @mutation(on_publications.unpublish_product, ProductPayload)
    def product_unpublish(
        id: strawberry.ID, input: ProductUnpublishInput
    ) -> on_publications.UnpublishProduct:
        """Hide a product from a channel, now or from a moment on."""
        return on_publications.UnpublishProduct(
            id=ids.parse("prd", id), channel_id=ids.parse("chn", input.channel_id), at=input.at
        )

    @mutation(on_publications.set_readiness, ChannelPayload)
    def channel_set_readiness(
        id: strawberry.ID, input: ChannelSetReadinessInput
    ) -> on_publications.SetReadiness:
        """Say what a channel asks of products. What is shown already stays."""
        return on_publications.SetReadiness(
            id=ids.parse("chn", id), rules=tuple(each.value() for each in input.rules)
        )
