"""Documents: asked for, drawn, fetched. What is printed can be scanned."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
import typst
import zxingcpp
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from backoffice_api.adapters.drawing.papers import paper
from backoffice_api.adapters.drawing.process import DrawingError, draw
from backoffice_api.adapters.drawing.typesetting import TEMPLATES
from backoffice_api.domain.invoicing.commands.documents import (
    CreatePrintStream,
    DownloadDocument,
    create_print_stream,
    download_document,
)
from backoffice_api.domain.invoicing.model.documents import DocumentKind, DocumentStatus
from backoffice_api.domain.invoicing.queries.sheets import sheets_of
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.web.documents import Documents
from tests.databases import count_statements
from tests.invoicing.office import InvoiceOffice
from tests.invoicing.press import Press
from tests.stock.depot import shown
from tests.world import NOW, caller

PAPERS = (DocumentKind.PACKING_SLIP, DocumentKind.PICK_LIST, DocumentKind.LABEL_SHEET)

RENDER = """
mutation ($input: DocumentRenderInput!) {
  documentRender(input: $input) {
    document { id kind status subject { id } job { kind } actions { name allowed } }
    userErrors { code path }
  }
}
"""
STREAM = """
mutation ($input: PrintStreamCreateInput!) {
  printStreamCreate(input: $input) {
    document { id kind status partsCount subject { id } } userErrors { code path }
  }
}
"""


@pytest.fixture
def press(office: InvoiceOffice, tmp_path: Path) -> Press:
    return Press(office, tmp_path)


class TestRenderDocument:
    def test_draws_an_invoice_in_the_language_of_the_buyer(self, press: Press) -> None:
        invoice = press.office.bill(press.office.taxed(3), note="*Danke* #emph[x]")
        in_german = press.ask(DocumentKind.INVOICE, "inv", invoice)
        in_portuguese = press.ask(DocumentKind.INVOICE, "inv", invoice, locale="pt-BR")

        (german,), (portuguese,) = press.text(in_german), press.text(in_portuguese)

        found = press.document(in_german)
        assert (found.name, found.pages) == ("invoice-INV-2025-1.pdf", 1)
        for words in (
            "Rechnung INV-2025-1",
            "40,46 EUR",
            "USt. 19 % auf 34,00",
            "Ana Silva",
            "15.03.2025",
            "*Danke* #emph[x]",
            "DE89370400440532013000",
        ):
            assert words in german
        for words in ("Fatura INV-2025-1", "40,46 EUR", "01/03/2025", "Frete"):
            assert words in portuguese

    def test_draws_the_same_from_the_same(self, press: Press) -> None:
        invoice = press.office.bill(press.office.taxed(1))
        first, second = [press.ask(DocumentKind.INVOICE, "inv", invoice) for _ in range(2)]

        assert press.drawn(first) == press.drawn(second)

        a, b = press.document(first), press.document(second)
        assert (a.sha256, a.input_sha256) == (b.sha256, b.input_sha256)

    def test_is_drawn_and_told_once(self, press: Press) -> None:
        id = press.ask(DocumentKind.INVOICE, "inv", press.office.bill(press.office.taxed(1)))

        for _ in range(2):
            press.drawing(id)

        assert press.office.events(id) == ["document.requested", "document.rendered"]

    def test_gives_up_what_cannot_be_drawn(self, press: Press, monkeypatch) -> None:
        id = press.ask(DocumentKind.INVOICE, "inv", press.office.bill(press.office.taxed(1)))
        monkeypatch.setattr("backoffice_api.tasks.documents.DRAWING_TIME_S", 0.001)

        press.drawing(id)

        found = press.document(id)
        assert (found.status, found.error) == (
            DocumentStatus.FAILED,
            "It took longer than 0.001 s.",
        )

    async def test_is_asked_for_over_graphql(self, office: InvoiceOffice) -> None:
        invoice = shown("inv", office.bill(office.taxed(1)))

        def given(kind: str):
            return {"input": {"kind": kind, "subjectId": invoice}}

        good = (await office.world.graphql(RENDER, **given("INVOICE")))["documentRender"]
        wrong = (await office.world.graphql(RENDER, **given("PICK_LIST")))["documentRender"]

        assert good["document"]["subject"] == {"id": invoice}
        assert good["document"]["job"] == {"kind": "invoicing.render_document"}
        assert good["document"]["actions"] == [{"name": "retry", "allowed": False}]
        assert wrong["userErrors"] == [{"code": "WRONG_SUBJECT", "path": ["input", "subjectId"]}]


class TestPrintStream:
    def test_prints_all_in_the_order_given(self, press: Press) -> None:
        office = press.office
        order = office.taxed(3)
        ids = [office.fulfillment(order, pieces, f"F-{pieces}") for pieces in (2, 1)]
        office.bill(order, fulfillment_id=ids[0])
        kinds = (DocumentKind.INVOICE, *PAPERS)
        command = CreatePrintStream(kinds=kinds, fulfillment_ids=tuple(ids), locale="en")

        pages = press.text(office.world.run(create_print_stream, command).value)

        assert [page.splitlines()[0] for page in pages if "Acme" in page][:1] == ["Acme GmbH"]
        titles = [
            "Invoice INV-",
            "Packing slip F-2",
            "Pick list F-2",
            "P-F-2",
            "Packing slip F-1",
            "Pick list F-1",
            "P-F-1",
        ]
        assert len(pages) == 7
        assert all(title in page for title, page in zip(titles, pages, strict=True))
        # Whoever picks need not know for whom.
        assert "Ana Silva" not in pages[2]
        assert "Ana Silva" in pages[1]

    def test_can_be_scanned(self, press: Press) -> None:
        order = press.office.taxed(1)
        id = press.office.fulfillment(order, 1)
        command = CreatePrintStream(kinds=PAPERS, order_ids=(order,))
        document = press.document(press.office.world.run(create_print_stream, command).value)
        assert [part.subject_id for part in document.all_parts] == [id] * 3
        data = paper(press.office.world.read(sheets_of, document), title="x")

        pages = typst.compile(
            TEMPLATES / "documents.typ",
            root=str(TEMPLATES),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data)},
            format="png",
            ppi=200,
        )

        scanned = [
            sorted(code.text for code in zxingcpp.read_barcodes(Image.open(io.BytesIO(page))))
            for page in pages
        ]
        assert scanned == [["W-1"], ["W-1"], ["P-F-1", "P-F-1"]]

    def test_reads_with_as_many_statements_for_one_as_for_many(self, press: Press) -> None:
        office, counts = press.office, []
        for count in (1, 3):
            ids = [office.fulfillment(office.taxed(1), 1, f"{count}-{n}") for n in range(count)]
            command = CreatePrintStream(kinds=PAPERS, fulfillment_ids=tuple(ids))
            document = press.document(office.world.run(create_print_stream, command).value)
            with count_statements(office.world.database) as statements:
                assert len(office.world.read(sheets_of, document)) == 3 * count
            counts.append(len(statements))

        assert counts[0] == counts[1]

    async def test_is_refused_for_nothing(self, office: InvoiceOffice) -> None:
        unknown = shown("ful", office.mug)
        inputs = [
            {"kinds": [], "fulfillmentIds": [unknown]},
            {"kinds": ["PACKING_SLIP"]},
            {"kinds": ["PACKING_SLIP"], "fulfillmentIds": [unknown]},
            {"kinds": ["UBL"], "fulfillmentIds": [unknown]},
        ]

        answers = [await office.world.graphql(STREAM, input=input) for input in inputs]

        codes = [
            [each["code"] for each in answer["printStreamCreate"]["userErrors"]]
            for answer in answers
        ]
        assert codes == [
            ["NOTHING_TO_PRINT"],
            ["NOTHING_TO_PRINT"],
            ["UNKNOWN_FULFILLMENT"],
            ["NOT_PRINTABLE"],
        ]


class TestDownload:
    def test_is_signed_and_good_for_a_while(self, press: Press) -> None:
        world = press.office.world
        id = press.ask(DocumentKind.INVOICE, "inv", press.office.bill(press.office.taxed(1)))
        command = DownloadDocument(id=id)
        assert press.office.refused(download_document, command) == ["DOCUMENT_NOT_THERE"]
        content = press.drawn(id)
        token = world.run(download_document, command).value.secret.reveal()
        clock = [NOW]
        routes = Documents(
            world.database, world.threads, press.storage, now=lambda: clock[0]
        ).routes()
        client = TestClient(Starlette(routes=routes))

        answer = client.get(f"/documents/{token}")

        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-type"] == "application/pdf"
        assert 'filename="invoice-INV-2025-1.pdf"' in answer.headers["content-disposition"]
        forged = ("A" if token[30] != "A" else "B").join((token[:30], token[31:]))
        for wrong in (forged, token[:-1], "x", "é" * 71, "!" * 71, "=" * 71):
            assert client.get(f"/documents/{wrong}").status_code == 404
        with count_statements(world.database) as statements:
            client.get(f"/documents/{forged}")
        assert len([each for each in statements if "SELECT" in each]) == 1
        assert [each for each in statements if "INSERT" in each or "BEGIN IMM" in each] == []
        clock[0] = NOW + timedelta(minutes=15)
        assert client.get(f"/documents/{token}").status_code == 404

    def test_of_what_names_people_takes_the_right_to_see_them(self, press: Press) -> None:
        order = press.office.taxed(1)
        fulfillment = press.office.fulfillment(order, 1)
        ids = [
            press.ask(kind, "ful", fulfillment)
            for kind in (DocumentKind.PICK_LIST, DocumentKind.PACKING_SLIP)
        ]
        for id in ids:
            press.drawing(id)
        picker = caller(Scope.INVOICES_READ)

        press.office.world.run(download_document, DownloadDocument(id=ids[0]), caller=picker)
        codes = press.office.refused(download_document, DownloadDocument(id=ids[1]), caller=picker)

        assert codes == ["NOT_ALLOWED"]


class TestDrawing:
    def test_says_in_one_line_why_not(self) -> None:
        with pytest.raises(DrawingError, match="KeyError: 'kind'"):
            draw("paper", [{"seller": None}], "x", timeout_s=30)
