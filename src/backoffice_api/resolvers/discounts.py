"""What can be asked and done with discount codes."""

import strawberry

from backoffice_api.domain.discounts import queries
from backoffice_api.domain.discounts.commands import codes as on_codes
from backoffice_api.domain.discounts.model import normalised
from backoffice_api.domain.kernel import ids
from backoffice_api.schema.channels import READ
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.discounts import (
    DiscountCode,
    DiscountCodeCreateInput,
    DiscountCodeFilter,
    DiscountCodeLookup,
    DiscountCodePayload,
    DiscountCodeSort,
    DiscountCodeUpdateInput,
)
from backoffice_api.schema.given_ids import given_id
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep


@strawberry.type
class DiscountQuery:
    discount_code: DiscountCode | None = lookup(
        DiscountCodeLookup,
        "One discount code. Null if there is none.",
        {
            "id": by_id("dsc", queries.codes_by_ids),
            "code": Way(queries.codes_by_names, normalised),
        },
        scope=READ,
    )
    discount_codes: Connection[DiscountCode] = listed(
        queries.code_list,
        "Discount codes, newest first.",
        scope=READ,
        filter=DiscountCodeFilter,
        sort=DiscountCodeSort,
    )
    discount_codes_count: Count = counted(
        queries.code_list,
        "How many discount codes there are.",
        scope=READ,
        filter=DiscountCodeFilter,
    )


@strawberry.type
class DiscountMutation:
    @mutation(on_codes.create_code, DiscountCodePayload)
    def discount_code_create(input: DiscountCodeCreateInput) -> on_codes.CreateDiscountCode:
        """Make a discount code. It can be used from now on, or from its first day."""
        return on_codes.CreateDiscountCode(
            code=input.code,
            label=input.label,
            percent_bp=input.percent_bp,
            amount=input.amount.value() if input.amount else None,
            minimum_subtotal=input.minimum_subtotal.value() if input.minimum_subtotal else None,
            channel_id=given_id("chn", input.channel_id),
            customer_id=given_id("cus", input.customer_id),
            valid_from=input.valid_from,
            valid_until=input.valid_until,
            usage_limit=input.usage_limit,
            once_per_customer=input.once_per_customer,
        )

    @mutation(on_codes.update_code, DiscountCodePayload)
    def discount_code_update(
        id: strawberry.ID, input: DiscountCodeUpdateInput
    ) -> on_codes.UpdateDiscountCode:
        """Change when and how often a discount code can be used. Absent stays; null clears."""
        return on_codes.UpdateDiscountCode(
            id=ids.parse("dsc", id),
            label=keep(input.label),
            valid_from=keep(input.valid_from, nullable=True),
            valid_until=keep(input.valid_until, nullable=True),
            usage_limit=keep(input.usage_limit, nullable=True),
            once_per_customer=keep(input.once_per_customer),
        )

    @mutation(on_codes.disable_code, DiscountCodePayload)
    def discount_code_disable(id: strawberry.ID) -> on_codes.DisableDiscountCode:
        """Put a discount code out of use for good. Orders that were placed with it keep it."""
        return on_codes.DisableDiscountCode(id=ids.parse("dsc", id))
