"""Payment runs and bills from files over GraphQL, on both databases."""

from base64 import b64encode
from typing import Any

import pytest

from backoffice_api.domain.customers.model import TaxId
from backoffice_api.domain.kernel.pages import PageRequest
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.payables.queries import runs as queries
from backoffice_api.domain.purchasing.commands.suppliers import UpdateSupplier, update_supplier
from tests.databases import count_statements
from tests.payables.bill_samples import VAT, cii_bill, line, sheet, ubl_bill
from tests.payables.paying import PayDesk
from tests.plans import assert_indexed
from tests.purchasing.desk import ANNA, BERT
from tests.stock.depot import shown
from tests.world import World, caller

ERRORS = "userErrors { code message path }"
ACCOUNT = """
mutation ($input: PayerAccountSetInput!) {
  payerAccountSet(input: $input) {
    payerAccount { id name maskedNumber iban sepaFormat } userErrors { code path }
  }
}
"""
CREATE = """
mutation ($input: PaymentRunCreateInput!, $meta: MutationMeta) {
  paymentRunCreate(input: $input, meta: $meta) {
    paymentRun {
      id number status total { amount } actions { name allowed }
      lines { nodes { reference amount { amount } maskedNumber bill { number } } }
    }
    leftOut { reason amount { amount } bill { number } } leftOutCount
    userErrors { code path } effects { kind }
  }
}
"""
ACT = """
mutation ($id: ID!) {
  %s(id: $id) {
    paymentRun { status underWay { amount } file { name } } userErrors { code } replayed
  }
}
"""
RUN = """
query ($id: ID!) {
  paymentRun(id: $id) {
    number status settled { amount } rejected { amount } createdBy { id } approvedBy { id }
    payerAccount { name } exportedBy { kind }
    file { number format name sizeBytes sha256 content { text } }
    lines { nodes { status saidCode said paidOn bill { status runLines { nodes { reference } } } } }
    timeline { nodes { type } }
  }
}
"""
RETURN = """
mutation ($input: PaymentRunReturnImportInput!, $meta: MutationMeta) {
  paymentRunReturnImport(input: $input, meta: $meta) {
    replayed isRepeated results { reference verdict outcome code says line { status } }
    paymentRuns { number status } userErrors { code message path }
  }
}
"""
IMPORT = """
mutation ($input: BillImportInput!, $meta: MutationMeta) {
  billImport(input: $input, meta: $meta) {
    bill {
      number status total { amount currency } dueOn note source { format mediaType base64 }
      lines { description quantity amount { amount } tax { amount } orderLine { sku } }
    }
    matchedCount userErrors { code message path }
  }
}
"""


@pytest.fixture
def desk(world: World) -> PayDesk:
    return PayDesk(world)


def report(number: str, *payments: tuple[str, str]) -> str:
    told = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        "</TxInfAndSts>"
        for reference, status in payments
    )
    return (
        "<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts>"
        f"<OrgnlMsgId>{number}</OrgnlMsgId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts>{told}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )


class TestRun:
    async def test_goes_from_the_proposal_to_what_the_bank_says(self, desk: PayDesk) -> None:
        ask = desk.world.graphql
        details = {"holder": "Shop AG", "iban": "AT61 1904 3002 3457 3201"}
        given = {"name": "House bank", "currency": "EUR", "details": details}
        made = (await ask(ACCOUNT, input=given))["payerAccountSet"]
        assert made["payerAccount"]["maskedNumber"] == "AT••••3201"
        desk.payee()
        desk.owed("10")
        desk.owed("500")
        input = {
            "payerAccountId": made["payerAccount"]["id"],
            "method": "SEPA",
            "dueUntil": "2999-01-01",
            "cashLimit": {"amount": "100.00", "currency": "EUR"},
        }

        tried = await ask(CREATE, input=input, meta={"dryRun": True}, caller=ANNA)
        proposed = (await ask(CREATE, input=input, caller=ANNA))["paymentRunCreate"]

        assert tried["paymentRunCreate"]["paymentRun"]["number"] == proposed["paymentRun"]["number"]
        assert proposed["leftOut"] == [
            {"reason": "CASH_LIMIT", "amount": {"amount": "500.00"}, "bill": {"number": "RB"}}
        ]
        (line,) = proposed["paymentRun"]["lines"]["nodes"]
        assert (line["reference"], line["maskedNumber"]) == ("RUN-000001-0001", "DE••••3000")
        assert [each["kind"] for each in proposed["effects"]] == [
            "bill.scheduled",
            "payment_run.created",
        ]
        run = proposed["paymentRun"]["id"]
        id = {"id": run}
        own = (await ask(ACT % "paymentRunApprove", **id, caller=ANNA))["paymentRunApprove"]
        assert own["userErrors"] == [{"code": "APPROVER_IS_CREATOR"}]
        await ask(ACT % "paymentRunApprove", **id, caller=BERT)
        sent = (await ask(ACT % "paymentRunExport", **id))["paymentRunExport"]["paymentRun"]
        assert sent == {"status": "EXPORTED", "underWay": {"amount": "10.00"}, "file": None}
        desk.write(next(each.id for each in desk.all_runs()))
        again = (await ask(ACT % "paymentRunExport", **id))["paymentRunExport"]
        assert again["paymentRun"]["file"] == {"name": "RUN-000001.xml"}

        content = report("RUN-000001", (line["reference"], "ACSC"), ("else", "RJCT"))
        key = {"idempotencyKey": "answer 1"}
        given = {"input": {"content": content}, "meta": key}
        taken = (await ask(RETURN, **given))["paymentRunReturnImport"]
        replayed = (await ask(RETURN, **given))["paymentRunReturnImport"]
        assert replayed == {**taken, "replayed": True}
        same = (await ask(RETURN, input={"content": content}))["paymentRunReturnImport"]

        assert [each["outcome"] for each in taken["results"]] == ["SETTLED", "UNKNOWN"]
        assert taken["paymentRuns"] == [{"number": "RUN-000001", "status": "SETTLED"}]
        assert (same["isRepeated"], same["results"][0]["outcome"]) == (True, "UNCHANGED")
        with count_statements(desk.world.database) as statements:
            found = (await ask(RUN, **id))["paymentRun"]
        assert found["settled"] == {"amount": "10.00"}
        assert "<IBAN>DE89370400440532013000</IBAN>" in found["file"]["content"]["text"]
        assert found["lines"]["nodes"][0]["bill"]["status"] == "PAID"
        assert [each["type"] for each in found["timeline"]["nodes"]][::-1] == [
            f"payment_run.{each}"
            for each in ("created", "approved", "exported", "file_written", "returned")
        ]
        assert len(statements) <= 40
        assert desk.broken() == []

    async def test_hides_files_and_accounts_from_who_may_not_see_them(self, desk: PayDesk) -> None:
        desk.payee()
        desk.owed("10")
        run = shown("prn", desk.exported(desk.house_bank()))
        reader = caller(Scope.PAYMENT_RUNS_READ)
        for field in ("file { content { text } }", "lines { nodes { iban } }"):
            document = f"query ($id: ID!) {{ paymentRun(id: $id) {{ {field} }} }}"
            answer = await desk.world.ask(document, id=run, caller=reader)
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        answer = await desk.world.ask(
            "query ($id: ID!) { paymentRun(id: $id) { lines { nodes { maskedNumber } } } }",
            id=run,
            caller=reader,
        )
        (shown_line,) = answer["data"]["paymentRun"]["lines"]["nodes"]
        assert shown_line == {"maskedNumber": "DE••••3000"}

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            ("<a/>", "UNREADABLE_PAYMENT_FILE"),
            ("341", "UNREADABLE_PAYMENT_FILE"),
            ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "UNREADABLE_PAYMENT_FILE"),
        ],
    )
    async def test_takes_no_other_files(self, desk: PayDesk, content: str, code: str) -> None:
        answer = (await desk.world.graphql(RETURN, input={"content": content}))[
            "paymentRunReturnImport"
        ]

        assert [each["code"] for each in answer["userErrors"]] == [code]


class TestLists:
    def test_walk_indexes(self, desk: PayDesk) -> None:
        with desk.world.database.reading.connect() as db:
            for listing in (queries.run_list, queries.payer_account_list, queries.run_line_list):
                for sort in listing.sorts:
                    request = PageRequest(sort=sort)
                    columns = list(listing.table.c)
                    statement = listing.select_page(columns, request, None, 50)
                    assert_indexed(db, statement)

    async def test_take_as_many_statements_for_many_runs(self, desk: PayDesk) -> None:
        desk.payee()
        bank = desk.house_bank()
        document = """{ paymentRuns { nodes { number payerAccount { name } file { sha256 }
          lines { nodes { supplier { code } bill { number } } } } } paymentRunsCount { value } }"""

        async def asked() -> int:
            with count_statements(desk.world.database) as statements:
                await desk.world.graphql(document)
            return len(statements)

        desk.owed("10")
        desk.exported(bank)
        few = await asked()
        for _ in range(2):
            desk.owed("10")
            desk.owed("20")
            desk.exported(bank)

        assert await asked() == few


class TestBillsFromFiles:
    def known(self, desk: PayDesk) -> None:
        """ACME has the VAT id of the samples."""
        tax_ids = (TaxId(TaxIdKind.VAT, VAT),)
        desk.world.run(update_supplier, UpdateSupplier(id=desk.supplier, tax_ids=tax_ids))

    def ordered(self, desk: PayDesk) -> Any:
        """A bill for what the sample order has: 12 A at 1.25, and postage."""
        number = desk.desk.order(desk.order).number
        lines = [line(1, desk.line.supplier_sku, 12, 125, rate=0, tax=0)]
        return sheet(
            order=number, lines=lines, taxes=[], net_minor=1_500, tax_minor=0, total_minor=1_500
        )

    async def test_become_drafts_once(self, desk: PayDesk) -> None:
        ask = desk.world.graphql
        unknown = (await ask(IMPORT, input={"xml": ubl_bill().decode()}))["billImport"]
        assert [each["code"] for each in unknown["userErrors"]] == ["SUPPLIER_OF_BILL_UNKNOWN"]
        assert "Tassen GmbH" in unknown["userErrors"][0]["message"]
        self.known(desk)

        tried = await ask(IMPORT, input={"xml": ubl_bill().decode()}, meta={"dryRun": True})
        key = {"idempotencyKey": "bill 1"}
        made = (await ask(IMPORT, input={"xml": ubl_bill().decode()}, meta=key))["billImport"]
        again = await ask(IMPORT, input={"xml": ubl_bill().decode()}, meta=key)

        assert again["billImport"] == made
        assert tried["billImport"]["bill"]["number"] == "INV-4711"
        bill = made["bill"]
        assert bill["total"] == {"amount": "46.43", "currency": "EUR"}
        assert (bill["status"], bill["dueOn"], bill["note"]) == ("DRAFT", "2025-03-31", "Thanks")
        assert [each["tax"]["amount"] for each in bill["lines"]] == ["5.71", "0.70"]
        assert bill["source"]["base64"] == b64encode(ubl_bill()).decode()
        for content in (ubl_bill(), cii_bill()):
            input = {"base64": b64encode(content).decode()}
            again = (await ask(IMPORT, input=input))["billImport"]
            assert [each["code"] for each in again["userErrors"]] == ["DUPLICATE_BILL"]

    async def test_know_what_was_ordered(self, desk: PayDesk) -> None:
        self.known(desk)
        given = self.ordered(desk)
        xml = ubl_bill(**{name: given[name] for name in given if name != "number"})

        made = (await desk.world.graphql(IMPORT, input={"xml": xml.decode()}))["billImport"]

        assert made["matchedCount"] == 1
        (found,) = made["bill"]["lines"]
        assert (found["orderLine"]["sku"], found["quantity"]) == (desk.line.sku, 12)

    @pytest.mark.parametrize(
        ("input", "message"),
        [
            ({}, "give it as xml or as base64"),
            ({"xml": "<a/>"}, "neither UBL, CII nor NF-e"),
            ({"base64": "%%"}, "no base64"),
        ],
    )
    async def test_that_are_none_are_refused(
        self, desk: PayDesk, input: dict[str, str], message: str
    ) -> None:
        answer = (await desk.world.graphql(IMPORT, input=input))["billImport"]

        assert [each["code"] for each in answer["userErrors"]] == ["UNREADABLE_BILL"]
        assert message in answer["userErrors"][0]["message"]
