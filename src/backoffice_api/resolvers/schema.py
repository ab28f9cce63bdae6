"""The schema: every verb and every word together."""

import strawberry
from strawberry.tools import merge_types

from backoffice_api.resolvers.platform import PlatformQuery
from backoffice_api.resolvers.products import ProductMutation, ProductQuery
from backoffice_api.schema.payloads import ERROR_TYPES
from backoffice_api.schema.scalars import config

Query = merge_types("Query", (PlatformQuery, ProductQuery))
Mutation = merge_types("Mutation", (ProductMutation,))

schema = strawberry.Schema(query=Query, mutation=Mutation, types=ERROR_TYPES, config=config())
