"""Invoices over GraphQL: the whole path, rights, lists and counts of statements."""

import pytest

from backoffice_api.domain.kernel.scopes import ALL_SCOPES, Scope
from backoffice_api.domain.kernel.uow import Actor, ActorKind, Caller
from tests.databases import count_statements
from tests.invoicing.office import InvoiceOffice
from tests.stock.depot import shown
from tests.world import caller

SET = """
mutation ($input: SellerSetInput!) {
  sellerSet(input: $input) {
    seller { code taxRates channels { code } taxIds { kind value } series { prefix } }
    userErrors { code path }
  }
}
"""
CREATE = """
mutation ($input: InvoiceCreateInput!, $meta: MutationMeta) {
  invoiceCreate(input: $input, meta: $meta) {
    invoice {
      id number kind status issuedOn dueOn locale net { amount } tax { amount } total { amount }
      issuer { name iban taxIds { value } } buyer { name city country taxIds { value } }
      shipTo { postalCode }
      lines { id kind title quantity unitPrice { amount } net { amount } taxRate taxCategory
              variant { sku } orderLine { sku } }
      taxes { category rate net { amount } tax { amount } }
      order { number invoices { nodes { number } } } seller { code } channel { code }
      actions { name allowed }
    }
    userErrors { code path message } effects { kind subject { id } } replayed
  }
}
"""
CREDIT = """
mutation ($id: ID!, $input: CreditNoteCreateInput!) {
  creditNoteCreate(id: $id, input: $input) {
    invoice { kind number total { amount } reason credits { number status credited { amount }
              creditNotes { nodes { number } } } lines { quantity creditedLine { title } } }
    userErrors { code path ... on CreditExceededError { maximum } }
  }
}
"""
LIST = """
query ($filter: InvoiceFilter, $sort: InvoiceSort) {
  invoices(filter: $filter, sort: $sort) {
    nodes { number order { number } seller { code } lines { title } taxes { rate }
            fiscalDocument { status } documents { nodes { kind } } }
  }
  invoicesCount(filter: $filter) { value }
}
"""


@pytest.fixture(autouse=True)
def plain_numbers(office: InvoiceOffice) -> None:
    """Mutations over GraphQL are done now, whatever year that is."""
    office.set_seller(invoice_prefix="INV-", credit_note_prefix="CN-")


class TestSellerSet:
    async def test_says_who_sells_where(self, office: InvoiceOffice) -> None:
        input = {
            "code": "br",
            "name": "Loja Ltda",
            "lines": ["Rua Augusta 1"],
            "city": "São Paulo",
            "country": "BR",
            "taxIds": [{"kind": "CNPJ", "value": "11.222.333/0001-81"}],
            "taxRates": ["18", "5.5"],
            "channelIds": [shown("chn", office.channel_id)],
        }

        data = (await office.world.graphql(SET, input=input))["sellerSet"]

        assert data == {
            "seller": {
                "code": "br",
                "taxRates": ["18", "5.5"],
                "channels": [{"code": "web"}],
                "taxIds": [{"kind": "CNPJ", "value": "11222333000181"}],
                "series": [],
            },
            "userErrors": [],
        }
        text = '{ seller(by: {code: "acme"}) { channels { code } } sellers { nodes { code } } }'
        assert await office.world.graphql(text) == {
            "seller": {"channels": []},
            "sellers": {"nodes": [{"code": "acme"}, {"code": "br"}]},
        }


class TestInvoiceCreate:
    async def test_answers_with_all_that_is_on_it(self, office: InvoiceOffice) -> None:
        order = shown("ord", office.taxed(3))

        data = (await office.world.graphql(CREATE, input={"orderId": order}))["invoiceCreate"]

        invoice = data["invoice"]
        assert data["userErrors"] == []
        assert [each["kind"] for each in data["effects"]] == ["invoice.issued"]
        assert data["effects"][0]["subject"]["id"] == invoice["id"]
        assert (invoice["number"], invoice["total"]) == ("INV-1", {"amount": "40.46"})
        assert invoice["issuer"]["taxIds"] == [{"value": "DE123456789"}]
        assert invoice["buyer"]["name"] == "Ana Silva"
        assert invoice["shipTo"] == {"postalCode": "01304-001"}
        assert invoice["taxes"] == [
            {
                "category": "STANDARD",
                "rate": "19",
                "net": {"amount": "34.00"},
                "tax": {"amount": "6.46"},
            }
        ]
        assert [line["orderLine"] for line in invoice["lines"]] == [{"sku": "MUG"}, None]
        assert invoice["order"] == {
            "number": "W-1",
            "invoices": {"nodes": [{"number": "INV-1"}]},
        }
        assert invoice["actions"] == [{"name": "credit", "allowed": True}]

    async def test_is_done_once_under_one_key(self, office: InvoiceOffice) -> None:
        given = {
            "input": {"orderId": shown("ord", office.taxed(1))},
            "meta": {"idempotencyKey": "once"},
        }

        first, second = [
            (await office.world.graphql(CREATE, **given))["invoiceCreate"] for _ in range(2)
        ]

        assert (first["replayed"], second["replayed"]) == (False, True)
        assert first["invoice"]["id"] == second["invoice"]["id"]

    async def test_shows_what_would_be(self, office: InvoiceOffice) -> None:
        given = {"input": {"orderId": shown("ord", office.taxed(1))}, "meta": {"dryRun": True}}

        data = (await office.world.graphql(CREATE, **given))["invoiceCreate"]

        assert data["invoice"]["number"] == "INV-1"
        assert await office.world.graphql("{ invoicesCount { value } }") == {
            "invoicesCount": {"value": 0}
        }

    async def test_points_at_what_is_wrong(self, office: InvoiceOffice) -> None:
        order = office.taxed(1)
        (line,) = office.lines(order)
        input = {
            "orderId": shown("ord", order),
            "lines": [{"lineId": shown("oln", line.id), "quantity": 2}],
        }

        data = (await office.world.graphql(CREATE, input=input))["invoiceCreate"]

        (fault,) = data["userErrors"]
        assert (fault["code"], fault["path"]) == (
            "QUANTITY_EXCEEDED",
            ["input", "lines", "0", "quantity"],
        )


class TestCreditNoteCreate:
    async def test_takes_a_part_back(self, office: InvoiceOffice) -> None:
        invoice = office.bill(office.taxed(3))
        first = shown("iln", office.invoice_lines(invoice)[0].id)

        def given(quantity: int):
            lines = [{"lineId": first, "quantity": quantity}]
            return {"id": shown("inv", invoice), "input": {"reason": "Broken", "lines": lines}}

        data = (await office.world.graphql(CREDIT, **given(2)))["creditNoteCreate"]
        more = (await office.world.graphql(CREDIT, **given(2)))["creditNoteCreate"]

        assert data["invoice"] == {
            "kind": "CREDIT_NOTE",
            "number": "CN-1",
            "total": {"amount": "23.80"},
            "reason": "Broken",
            "credits": {
                "number": "INV-1",
                "status": "PARTIALLY_CREDITED",
                "credited": {"amount": "23.80"},
                "creditNotes": {"nodes": [{"number": "CN-1"}]},
            },
            "lines": [{"quantity": 2, "creditedLine": {"title": "Thing MUG"}}],
        }
        assert more["userErrors"] == [
            {
                "code": "CREDIT_EXCEEDED",
                "path": ["input", "lines", "0", "quantity"],
                "maximum": 1,
            }
        ]


class TestInvoices:
    async def test_are_filtered_and_sorted(self, office: InvoiceOffice) -> None:
        orders = [office.taxed(pieces) for pieces in (1, 3, 2)]
        ids = [office.bill(order) for order in orders]
        office.credit(ids[0])

        async def numbers(**given):
            data = await office.world.graphql(LIST, **given)
            found = [each["number"] for each in data["invoices"]["nodes"]]
            if "filter" in given:
                assert data["invoicesCount"]["value"] == len(found)
            return found

        assert await numbers(sort={"key": "TOTAL"}, filter={"kind": ["INVOICE"]}) == [
            "INV-2",
            "INV-3",
            "INV-1",
        ]
        assert await numbers(filter={"kind": ["CREDIT_NOTE"]}) == ["CN-1"]
        assert await numbers(filter={"status": ["CREDITED"]}) == ["INV-1"]
        of_order = {"orderId": {"eq": shown("ord", orders[1])}}
        assert await numbers(filter=of_order) == ["INV-2"]
        assert await numbers(filter={"number": {"startsWith": "CN-"}}) == ["CN-1"]
        day = {"gte": "2025-03-01", "lt": "2025-03-02"}
        assert len(await numbers(filter={"issuedOn": day})) == 4

    async def test_take_as_many_statements_for_one_as_for_many(self, office: InvoiceOffice) -> None:
        counts = []
        for pieces in (1, 2, 3):
            office.bill(office.taxed(pieces))
            with count_statements(office.world.database) as statements:
                await office.world.graphql(LIST)
            counts.append(len(statements))

        assert counts[0] == counts[1] == counts[2]

    async def test_are_found_as_nodes_with_a_timeline(self, office: InvoiceOffice) -> None:
        id = shown("inv", office.bill(office.taxed(1)))
        text = (
            "query ($id: ID!) { node(id: $id) { ... on Invoice { timeline { nodes { type } } } } }"
        )

        data = await office.world.graphql(text, id=id)

        assert data["node"]["timeline"]["nodes"] == [{"type": "invoice.issued"}]


class TestRights:
    @pytest.mark.parametrize(
        "document",
        [
            "{ invoices { nodes { id } } }",
            "{ invoicesCount { value } }",
            "{ sellers { nodes { id } } }",
            "{ documents { nodes { id } } }",
            "{ fiscalDocuments { nodes { id } } }",
            'mutation { invoiceCreate(input: {orderId: "ord_1"}) { replayed } }',
            'mutation { creditNoteCreate(id: "inv_1", input: {reason: "x"}) { replayed } }',
            'mutation { documentDownload(id: "doc_1") { replayed } }',
        ],
    )
    async def test_are_needed(self, office: InvoiceOffice, document: str) -> None:
        answer = await office.world.ask(document, caller=caller(Scope.ORDERS_READ))

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"

    async def test_to_personal_data_are_apart(self, office: InvoiceOffice) -> None:
        office.bill(office.taxed(1))
        clerk = Caller(
            Actor(ActorKind.TOKEN, office.mug, "clerk"), ALL_SCOPES - {Scope.PERSONAL_READ}
        )

        answer = await office.world.ask("{ invoices { nodes { buyer { name } } } }", caller=clerk)

        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
