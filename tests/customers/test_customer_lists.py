"""Lists of customers: filters, sorts, search, counts, and the indexes behind them."""

from uuid import UUID

import pytest

from backoffice_api.domain.customers import queries
from backoffice_api.domain.customers.commands.customers import ArchiveCustomer, archive_customer
from backoffice_api.domain.customers.model import CustomerKind, CustomerSortKey
from backoffice_api.domain.kernel.filters import Operator, Test
from backoffice_api.domain.kernel.pages import PageRequest
from tests.customers.people import CNPJ, CPF, SHOP, create
from tests.plans import all_indexed
from tests.together import listed_cases, together
from tests.world import NOW

LIST = """
query ($filter: CustomerFilter, $search: String, $sort: CustomerSort) {
  customers(filter: $filter, search: $search, sort: $sort) { nodes { name } }
  customersCount(filter: $filter, search: $search) { value precision }
}
"""


@pytest.fixture
def people(world):
    """Four customers, made in the order of their names."""
    create(
        world,
        name="Ana",
        email="Family@Example.com",
        country="BR",
        tags=("vip", "b2c"),
        tax_ids=(CPF,),
        external_ids=(SHOP,),
    )
    create(world, name="Bia", email="family@example.com", country="PT", tags=("b2c",))
    create(
        world, name="Çelik Ltd", kind=CustomerKind.COMPANY, email="info@celik.example", country="TR"
    )
    gone = create(world, name="Dora", kind=CustomerKind.COMPANY, tax_ids=(CNPJ,))
    world.run(archive_customer, ArchiveCustomer(id=gone))
    return world


async def listed(world, **variables):
    """Names in the order of the list; the count must say the same."""
    answer = await world.graphql(LIST, **variables)
    names = [each["name"] for each in answer["customers"]["nodes"]]
    assert answer["customersCount"] == {"value": len(names), "precision": "EXACT"}
    return names


class TestCustomers:
    @together(
        "filter, names",
        listed_cases(
            ({"status": ["ACTIVE"]}, ["Çelik Ltd", "Bia", "Ana"]),
            ({"status": ["ARCHIVED"]}, ["Dora"]),
            ({"kind": ["PERSON"]}, ["Bia", "Ana"]),
            ({"country": {"in": ["BR", "TR"]}}, ["Çelik Ltd", "Ana"]),
            ({"country": {"isNull": True}}, ["Dora"]),
            ({"email": {"eq": "FAMILY@example.COM "}}, ["Bia", "Ana"]),
            ({"email": {"in": ["Info@Celik.example", "nobody@example.com"]}}, ["Çelik Ltd"]),
            ({"email": {"startsWith": "Fam"}}, ["Bia", "Ana"]),
            ({"email": {"isNull": True}}, ["Dora"]),
            ({"name": {"startsWith": "Ç"}}, ["Çelik Ltd"]),
            ({"name": {"eq": "Ana"}}, ["Ana"]),
            ({"name": {"eq": "ana"}}, []),
            ({"tag": {"eq": "b2c"}}, ["Bia", "Ana"]),
            ({"tag": {"in": ["vip", "b2c"]}}, ["Bia", "Ana"]),
            ({"not": {"tag": {"eq": "vip"}}}, ["Dora", "Çelik Ltd", "Bia"]),
            ({"createdAt": {"gte": NOW.isoformat()}}, ["Dora", "Çelik Ltd", "Bia", "Ana"]),
            ({"createdAt": {"lt": NOW.isoformat()}}, []),
            ({"updatedAt": {"lt": NOW.isoformat()}}, []),
            ({"kind": ["PERSON"], "or": [{"country": {"eq": "BR"}}]}, ["Ana"]),
        ),
    )
    async def test_are_filtered(self, people, filter, names):
        assert await listed(people, filter=filter) == names

    @together(
        "search, names",
        listed_cases(
            ("ana", ["Ana"]),
            ("CELIK", ["Çelik Ltd"]),
            ("family example", ["Bia", "Ana"]),
            ("52998224725", ["Ana"]),
            ("17850", ["Ana"]),
            ("ana bia", []),
            ("rua", []),
        ),
    )
    async def test_are_searched(self, people, search, names):
        assert await listed(people, search=search) == names

    @together(
        "key, names",
        listed_cases(
            ("CREATED_AT", ["Ana", "Bia", "Çelik Ltd", "Dora"]),
            ("UPDATED_AT", ["Ana", "Bia", "Çelik Ltd", "Dora"]),
            ("NAME", ["Ana", "Bia", "Dora", "Çelik Ltd"]),
        ),
    )
    async def test_are_sorted_both_ways(self, people, key, names):
        assert await listed(people, sort={"key": key, "direction": "ASC"}) == names
        assert await listed(people, sort={"key": key, "direction": "DESC"}) == names[::-1]

    async def test_are_paged_without_gaps(self, people):
        document = """
        query ($after: String) {
          customers(first: 3, after: $after, sort: {key: NAME, direction: ASC}) {
            nodes { name } pageInfo { hasNextPage endCursor }
          }
        }
        """
        first = (await people.graphql(document))["customers"]
        after = first["pageInfo"]["endCursor"]
        second = (await people.graphql(document, after=after))["customers"]

        assert [each["name"] for each in first["nodes"]] == ["Ana", "Bia", "Dora"]
        assert [each["name"] for each in second["nodes"]] == ["Çelik Ltd"]
        assert second["pageInfo"]["hasNextPage"] is False


class TestPlans:
    @pytest.mark.parametrize("sort", CustomerSortKey)
    @pytest.mark.parametrize("descending", [True, False])
    def test_each_sort_walks_an_index(self, world, sort, descending):
        with all_indexed(world.database.reading):
            world.read(queries.customer_list.page, PageRequest(sort=sort, descending=descending))

    @pytest.mark.parametrize(
        ("word", "operator", "value"),
        [
            ("status", Operator.IN, ("active",)),
            ("kind", Operator.IN, ("person",)),
            ("country", Operator.EQ, "BR"),
            ("email", Operator.EQ, "ana@example.com"),
        ],
    )
    def test_each_exact_filter_finds_its_rows_in_order(self, world, word, operator, value):
        request = PageRequest(filter=Test(word, operator, value))
        with all_indexed(world.database.reading):
            world.read(queries.customer_list.page, request)

    @pytest.mark.parametrize(
        "request_",
        [
            PageRequest(filter=Test("tag", Operator.EQ, "vip")),
            PageRequest(search="ana"),
        ],
    )
    def test_tags_and_words_find_what_is_then_sorted(self, world, request_):
        with all_indexed(world.database.reading, sorts=True):
            world.read(queries.customer_list.page, request_)

    @pytest.mark.parametrize(
        ("word", "operator", "value"),
        [
            ("email", Operator.STARTS_WITH, "ana"),
            ("name", Operator.STARTS_WITH, "Ana"),
            ("created_at", Operator.GTE, NOW),
            ("updated_at", Operator.GTE, NOW),
        ],
    )
    def test_each_range_counts_from_an_index(self, world, word, operator, value):
        request = PageRequest(filter=Test(word, operator, value))
        # What is counted is a subquery, which SQLite gives a name of its own.
        with all_indexed(world.database.reading, walks={"anon_1"}):
            world.read(queries.customer_list.count, request, 10)

    @pytest.mark.parametrize(
        "query",
        [
            queries.customers_by_ids,
            queries.tags_by_customers,
            queries.tax_ids_by_customers,
            queries.addresses_by_ids,
            queries.addresses_by_customers,
        ],
    )
    def test_each_batch_finds_its_rows_by_key(self, world, query):
        # The few that are found may be sorted.
        with all_indexed(world.database.reading, sorts=True):
            world.read(query, [UUID(int=1), UUID(int=2)])

    def test_tax_ids_are_found_by_key(self, world):
        with all_indexed(world.database.reading):
            world.read(queries.customers_by_tax_ids, [CPF, CNPJ])
