"""Who may do what with customers, and see what of them. On both databases.

Personal data takes a scope of its own, and so does whatever would let a caller find it out:
filters, sorts (a cursor holds the sort value), the search, and looking up by a tax id.
"""

from dataclasses import fields

import pytest
from strawberry.utils.str_converters import to_camel_case

from backoffice_api.domain.customers import model, queries
from backoffice_api.domain.customers.model.accounts import Contact, Location, Note
from backoffice_api.domain.customers.model.consents import Consent
from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.filters import All, AnyOf, Not, Operator, Test
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.resolvers.schema import schema
from backoffice_api.schema.directives import Personal
from backoffice_api.schema.rules import rules_of
from tests.customers.people import CPF, SHOP, address, create
from tests.world import caller

PLAIN = caller(Scope.CUSTOMERS_READ)
FULL = caller(Scope.CUSTOMERS_READ, Scope.PERSONAL_READ)

ID = "cus_" + "0" * 32
PLACE = '{lines: ["Rua 1"], city: "Recife", country: "BR"}'
MUTATIONS = {
    "customerCreate": 'input: {name: "Ana"}',
    "customerUpdate": f'id: "{ID}", input: {{name: "Bia"}}',
    "customerArchive": f'id: "{ID}"',
    "customerRestore": f'id: "{ID}"',
    "customerSet": 'input: {externalId: {system: "shop", key: "1"}, name: "Ana"}',
    "customerSetCustomFields": f'id: "{ID}", input: {{customFields: []}}',
    "customerAddressAdd": f'id: "{ID}", input: {PLACE}',
    "customerAddressUpdate": f'id: "{ID}", input: {{addressId: "adr_{"0" * 32}"}}',
    "customerAddressRemove": f'id: "{ID}", input: {{addressId: "adr_{"0" * 32}"}}',
    "customerContactAdd": f'id: "{ID}", input: {{name: "Bo"}}',
    "customerContactUpdate": f'id: "{ID}", input: {{contactId: "cco_{"0" * 32}"}}',
    "customerContactRemove": f'id: "{ID}", input: {{contactId: "cco_{"0" * 32}"}}',
    "customerLocationAdd": f'id: "{ID}", input: {{name: "Port", address: {PLACE}}}',
    "customerLocationUpdate": f'id: "{ID}", input: {{locationId: "clo_{"0" * 32}"}}',
    "customerLocationRemove": f'id: "{ID}", input: {{locationId: "clo_{"0" * 32}"}}',
    "customerNoteAdd": f'id: "{ID}", input: {{body: "Late."}}',
    "customerNoteRemove": f'id: "{ID}", input: {{noteId: "cno_{"0" * 32}"}}',
    "customerConsentsRecord": f'id: "{ID}", input: {{consents: []}}',
    "customerGroupCreate": 'input: {code: "a", name: "A"}',
    "customerGroupUpdate": f'id: "cgr_{"0" * 32}", input: {{name: "A"}}',
    "customerGroupArchive": f'id: "cgr_{"0" * 32}"',
    "customerGroupRestore": f'id: "cgr_{"0" * 32}"',
    "customerGroupChangeMembers": f'id: "cgr_{"0" * 32}", input: {{addedIds: []}}',
    "customerMerge": f'id: "{ID}", input: {{fromId: "{ID}"}}',
    "customerMergeUndo": f'id: "cmr_{"0" * 32}"',
    "customerDuplicateDismiss": f'id: "cdu_{"0" * 32}"',
}
QUERIES = (
    f'{{ customer(by: {{id: "{ID}"}}) {{ id }} }}',
    "{ customers { nodes { id } } }",
    "{ customersCount { value } }",
    "{ customerGroups { nodes { id } } }",
    "{ customerGroupsCount { value } }",
    "{ customerDuplicates { nodes { id } } }",
    "{ customerDuplicatesCount { value } }",
)
PERSONAL_FIELDS = (
    "name",
    "email",
    "phone",
    "note",
    "taxIds { value }",
    *(
        f"addresses {{ {name} }}"
        for name in (
            *("label", "recipient", "lines", "district"),
            *("city", "region", "postalCode", "country"),
        )
    ),
    *(f"contacts {{ {name} }}" for name in ("name", "title", "email", "phone")),
    *(
        f"locations {{ {name} }}"
        for name in (
            *("name", "recipient", "lines", "district"),
            *("city", "region", "postalCode", "country"),
        )
    ),
    "notes { nodes { body } }",
    "consentHistory { nodes { evidence } }",
)
PROBES = (
    '(filter: {email: {eq: "ana@example.com"}})',
    '(filter: {email: {startsWith: "a"}})',
    "(filter: {email: {isNull: false}})",
    '(filter: {name: {startsWith: "A"}})',
    '(filter: {not: {email: {eq: "ana@example.com"}}})',
    '(filter: {or: [{country: {eq: "BR"}}, {and: [{name: {eq: "Ana"}}]}]})',
    '(search: "ana")',
    '(search: "")',
)


def is_forbidden(answer):
    """Whether the answer is FORBIDDEN and shows nothing."""
    codes = [each["extensions"]["code"] for each in answer["errors"]]
    shown = [value for value in (answer.get("data") or {}).values() if value is not None]
    return codes == ["FORBIDDEN"] and not shown


class TestMutations:
    def test_are_all_tried_here(self):
        names = schema._schema.mutation_type.fields
        others = {"customerErase", "customerExport"}  # They take scopes of their own.
        mine = {name for name in names if name.startswith("customer")} - others
        assert mine == set(MUTATIONS)

    @pytest.mark.parametrize("name", MUTATIONS)
    async def test_take_the_scope_to_write(self, world, name):
        document = f"mutation {{ {name}({MUTATIONS[name]}) {{ userErrors {{ code }} }} }}"
        somebody = caller(*ALL_SCOPES - {Scope.CUSTOMERS_WRITE, Scope.CUSTOMERS_MERGE})

        assert is_forbidden(await world.ask(document, caller=somebody))

    async def test_are_run_by_who_may_only_write(self, world):
        document = (
            f"mutation {{ customerCreate({MUTATIONS['customerCreate']}) {{ effects {{ kind }} }} }}"
        )

        answer = await world.ask(document, caller=caller(Scope.CUSTOMERS_WRITE))

        assert answer["data"] == {"customerCreate": {"effects": [{"kind": "customer.created"}]}}

    async def test_show_nothing_to_who_may_only_write(self, world):
        document = (
            f"mutation {{ customerCreate({MUTATIONS['customerCreate']}) {{ customer {{ id }} }} }}"
        )

        answer = await world.ask(document, caller=caller(Scope.CUSTOMERS_WRITE))

        assert is_forbidden(answer)
        assert (await world.graphql("{ customersCount { value } }")) == {
            "customersCount": {"value": 0}
        }


class TestQueries:
    @pytest.mark.parametrize("document", QUERIES)
    async def test_take_the_scope_to_read(self, world, document):
        somebody = caller(*ALL_SCOPES - {Scope.CUSTOMERS_READ})

        assert is_forbidden(await world.ask(document, caller=somebody))

    @pytest.mark.parametrize("document", QUERIES)
    async def test_are_answered_with_it(self, world, document):
        assert "errors" not in await world.ask(document, caller=PLAIN)

    async def test_show_what_is_not_personal(self, world):
        create(world, country="BR", tags=("vip",), external_ids=(SHOP,), addresses=(address(),))
        document = """
        { customers(filter: {country: {eq: "BR"}, tag: {eq: "vip"}}) {
          nodes { kind country locale tags status externalIds { key } addresses { id } }
        } }
        """

        answer = await world.ask(document, caller=PLAIN)

        (shown,) = answer["data"]["customers"]["nodes"]
        assert (shown["country"], shown["tags"]) == ("BR", ["vip"])


class TestPersonalFields:
    def test_are_marked_alike_in_the_rows_and_in_the_schema(self):
        rules = rules_of(schema)
        rows = {
            "Customer": model.Customer,
            "CustomerTaxId": model.TaxId,
            "CustomerAddress": model.AddressDraft,
            "CustomerContact": Contact,
            "CustomerLocation": Location,
            "CustomerNote": Note,
            "CustomerConsent": Consent,
        }
        for type_name, row in rows.items():
            definition = schema.get_type_by_name(type_name)
            classes = {
                each.python_name: directive.kind
                for each in definition.fields
                for directive in each.directives
                if isinstance(directive, Personal)
            }
            marked = {each.name: each.metadata.get("personal") for each in fields(row)}

            assert classes == {name: kind for name, kind in marked.items() if kind}
            for name in classes:
                scopes = rules.scopes_of_field(type_name, to_camel_case(name))
                assert scopes == {Scope.PERSONAL_READ.value}

    def test_are_all_tried_here(self):
        of_types = (model.Customer, model.TaxId, model.AddressDraft)
        of_types += (Contact, Location, Note, Consent)
        marked = [each for kind in of_types for each in fields(kind) if each.metadata]

        assert len(marked) == len(PERSONAL_FIELDS)

    @pytest.mark.parametrize("field", PERSONAL_FIELDS)
    async def test_forbid_the_whole_document(self, world, field):
        create(world, email="ana@example.com", tax_ids=(CPF,), addresses=(address(),))
        document = f"{{ customersCount {{ value }} customers {{ nodes {{ id {field} }} }} }}"

        assert is_forbidden(await world.ask(document, caller=PLAIN))
        assert "errors" not in await world.ask(document, caller=FULL)

    async def test_are_not_shown_by_the_way_of_a_node(self, world):
        id = ids.text("cus", create(world))
        document = "query ($id: ID!) { node(id: $id) { ... on Customer { name } } }"

        assert is_forbidden(await world.ask(document, caller=PLAIN, id=id))


class TestProbing:
    @pytest.mark.parametrize(
        "field", ["customers%s { nodes { id } }", "customersCount%s { value }"]
    )
    @pytest.mark.parametrize("probe", PROBES)
    async def test_takes_the_scope_for_personal_data(self, world, field, probe):
        create(world, name="Ana", email="ana@example.com")
        document = f"{{ {field % probe} }}"

        assert is_forbidden(await world.ask(document, caller=PLAIN))
        assert "errors" not in await world.ask(document, caller=FULL)

    async def test_by_order_takes_it_too(self, world):
        document = "{ customers(sort: {key: NAME}) { pageInfo { endCursor } } }"

        assert is_forbidden(await world.ask(document, caller=PLAIN))
        assert "errors" not in await world.ask(document, caller=FULL)

    async def test_by_variables_takes_it_too(self, world):
        document = "query ($f: CustomerFilter) { customers(filter: $f) { nodes { id } } }"
        filter = {"email": {"eq": "ana@example.com"}}

        assert is_forbidden(await world.ask(document, caller=PLAIN, f=filter))

    async def test_by_tax_id_takes_it_too(self, world):
        create(world, tax_ids=(CPF,))
        document = f'{{ customer(by: {{taxId: {{kind: CPF, value: "{CPF.value}"}}}}) {{ id }} }}'

        assert is_forbidden(await world.ask(document, caller=PLAIN))
        assert "errors" not in await world.ask(document, caller=FULL)

    def test_covers_each_word_sort_and_search_of_the_listing(self):
        """Who adds one that is personal has to say so in the listing."""
        listing = queries.customer_list
        personal = {each.name for each in fields(model.Customer) if each.metadata}

        assert personal & (set(listing.words) | {each.value for each in listing.sorts}) == set(
            listing.scopes
        )
        assert listing.search_scope is Scope.PERSONAL_READ

    def test_looks_into_every_part_of_a_filter(self):
        deep = All((AnyOf((Not(Test("email", Operator.IS_NULL, True)),)),))

        assert queries.customer_list.needs(PageRequest(filter=deep)) == {Scope.PERSONAL_READ}
        assert queries.customer_list.needs(PageRequest()) == frozenset()
