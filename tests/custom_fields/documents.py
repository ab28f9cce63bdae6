"""The documents that the tests of custom fields send."""

from collections.abc import Mapping
from typing import Any

from tests.products.documents import PAYLOAD, done
from tests.world import World

DEFINITION = """
    id version ownerType key name description type isRequired isPersonal minimum maximum pattern
    choices referenceType status actions { name allowed }
"""
DEFINE = f"""mutation ($input: CustomFieldDefinitionCreateInput!, $meta: MutationMeta) {{
    customFieldDefinitionCreate(input: $input, meta: $meta) {{
        definition {{ {DEFINITION} }} {PAYLOAD} }} }}"""
REDEFINE = f"""mutation (
    $id: ID!, $input: CustomFieldDefinitionUpdateInput!, $meta: MutationMeta
) {{
    customFieldDefinitionUpdate(id: $id, input: $input, meta: $meta) {{
        definition {{ {DEFINITION} }} {PAYLOAD} }} }}"""


def by_id(field: str) -> str:
    """A mutation of a definition that takes nothing but its id."""
    return f"mutation ($id: ID!) {{ {field}(id: $id) {{ definition {{ status }} {PAYLOAD} }} }}"


ARCHIVE = by_id("customFieldDefinitionArchive")
RESTORE = by_id("customFieldDefinitionRestore")
FIELDS = "version customFields { key name type value personalValue ownerVersion }"
SET = f"""mutation ($id: ID!, $fields: [CustomFieldInput!]!, $meta: MutationMeta) {{
    productSetCustomFields(id: $id, input: {{customFields: $fields}}, meta: $meta) {{
        product {{ {FIELDS} }}
        userErrors {{ __typename code path
            ... on CustomFieldValueError {{ key fault }}
            ... on StaleCustomFieldError {{ key expected actual }} }}
        effects {{ kind summary }} replayed }} }}"""


async def define(world: World, key: str, type: str, **rules: Any) -> Mapping[str, Any]:
    """A field of products that is defined like this."""
    given = {"ownerType": "PRODUCT", "key": key, "name": key.title(), "type": type, **rules}
    found: Mapping[str, Any] = (await done(world, DEFINE, input=given))["definition"]
    return found


async def put(world: World, id: str, **values: Any) -> Mapping[str, Any]:
    """The product after its fields were set like this."""
    fields = [{"key": key, "value": value} for key, value in values.items()]
    found: Mapping[str, Any] = (await done(world, SET, id=id, fields=fields))["product"]
    return found
