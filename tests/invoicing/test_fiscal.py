"""Fiscal documents: handed in once, whatever happens; goods stay until they are authorised."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509 import (
    Certificate,
    CertificateBuilder,
    Name,
    NameAttribute,
    random_serial_number,
)
from cryptography.x509.oid import NameOID
from lxml import etree
from nfelib.nfe.bindings.v4_0.nfe_v4_00 import Nfe

from backoffice_api.adapters.drawing.nfe_signing import signed
from backoffice_api.adapters.drawing.pipe import Refused
from backoffice_api.adapters.fiscal_fake import FakeAuthority
from backoffice_api.domain.customers.commands.customers import CreateCustomer, create_customer
from backoffice_api.domain.customers.model import CustomerDraft, CustomerKind, TaxId
from backoffice_api.domain.customs.commands.customs import SetFiscalProfile, set_fiscal_profile
from backoffice_api.domain.fulfillment.commands.planning import (
    PlanFulfillments,
    plan_fulfillments,
)
from backoffice_api.domain.fulfillment.model.fulfillments import DispatchGate
from backoffice_api.domain.fulfillment.queries import fulfillments_by_orders
from backoffice_api.domain.invoicing import queries
from backoffice_api.domain.invoicing.commands.fiscal import (
    CancelFiscalDocument,
    EnterContingency,
    RetryFiscalDocument,
    WaiveFiscalDocument,
    cancel_fiscal_document,
    enter_contingency,
    retry_fiscal_document,
    waive_fiscal_document,
)
from backoffice_api.domain.invoicing.model.documents import DocumentKind, DocumentStatus
from backoffice_api.domain.invoicing.model.fiscal import FiscalDocument, FiscalStatus
from backoffice_api.domain.invoicing.ports import OfficeSilent
from backoffice_api.domain.kernel.money import Money, UnitPrice
from backoffice_api.domain.kernel.tax_ids import TaxIdKind
from backoffice_api.domain.orders.commands.channels import CreateChannel, create_channel
from backoffice_api.domain.orders.commands.drafts import CreateOrder, create_order
from backoffice_api.tasks.fiscal import Submitting
from tests.invoicing.office import InvoiceOffice
from tests.invoicing.press import Press
from tests.orders.shop import address, goods
from tests.stock.depot import shown
from tests.world import NOW

DSIG = "{http://www.w3.org/2000/09/xmldsig#}"
NFE = "{http://www.portalfiscal.inf.br/nfe}"


BRAZILIAN: dict[str, Any] = {
    "name": "Loja Boa Ltda",
    "lines": ("Rua Augusta, 1500",),
    "district": "Consolação",
    "city": "São Paulo",
    "region": "SP",
    "postal_code": "01304-001",
    "country": "BR",
    "tax_ids": (TaxId(TaxIdKind.CNPJ, "11222333000181"),),
    "registration": "110042490114",
    "iban": None,
    "bic": None,
    "fiscal_data": {"cfop": "5102", "city:RJ/Niterói": "3303302"},
}
# What the document says where.
FACTS = {
    "nNF": "1",
    "idDest": "2",
    "NCM": "69120000",
    "CFOP": "6102",
    "vProd": "59.70",
    "vFrete": "10.00",
    "vNF": "69.70",
}


# The same in the normal regime: what was paid holds 12 % for SP, and 8 % and 2 % are due in RJ.
NORMAL = {
    "CRT": "3",
    "vBC": "69.70",
    "pICMS": "12.0000",
    "vICMS": "8.36",
    "vPIS": "1.01",
    "vCOFINS": "4.66",
    "vFCPUFDest": "1.39",
    "vICMSUFDest": "5.58",
    "vNF": "69.70",
}


SECRET = "secret of tests"


def certificate(days: int = 1) -> tuple[Certificate, dict[str, str]]:
    """A certificate that we give ourselves until so many days from now, and as it is set."""
    key = generate_private_key(65537, 2048)
    name = Name([NameAttribute(NameOID.COMMON_NAME, "LOJA BOA LTDA:11222333000181")])
    now = datetime.now(UTC)
    holder = (
        CertificateBuilder(name, name, key.public_key(), random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, SHA256())
    )
    pfx = serialize_key_and_certificates(
        b"a1", key, holder, None, BestAvailableEncryption(SECRET.encode())
    )
    given = {"pfx": b64encode(pfx).decode(), "password": SECRET}
    return holder, given


def canonical(element: Any) -> bytes:
    """By another hand than the one that signs."""
    return ElementTree.canonicalize(etree.tostring(element, encoding=str, with_tail=False)).encode()


class Bureau:
    """A shop whose invoices a made-up office authorises before the goods may leave."""

    def __init__(self, office: InvoiceOffice) -> None:
        self.office = office
        self.authority = FakeAuthority()
        office.set_seller(fiscal_provider="fake", gates_dispatch=True)
        self.order = office.taxed(2)
        self.fulfillment = office.fulfillment(self.order, 2)
        self.invoice = office.bill(self.order, fulfillment_id=self.fulfillment)
        self.id = self.document().id

    def document(self) -> FiscalDocument:
        found: FiscalDocument = self.office.world.read(
            queries.fiscal_documents_by_invoices, [self.invoice]
        )[self.invoice]
        return found

    @property
    def state(self) -> tuple[FiscalStatus, DispatchGate]:
        return self.document().status, self.office.gate(self.fulfillment)

    def submit(self) -> None:
        database = self.office.world.database
        Submitting(database, {"fake": self.authority}, lambda: NOW)(self.id)


@pytest.fixture
def bureau(office: InvoiceOffice) -> Bureau:
    return Bureau(office)


class TestFiscalDocument:
    def test_keeps_the_goods_until_it_is_authorised(self, bureau: Bureau) -> None:
        assert bureau.state == (FiscalStatus.PENDING, DispatchGate.CLOSED)
        assert "invoicing.submit_fiscal_document" in bureau.office.jobs()

        bureau.submit()

        assert bureau.state == (FiscalStatus.AUTHORISED, DispatchGate.OPEN)
        assert (bureau.document().reference or "").startswith("FAKE-")
        assert bureau.office.events(bureau.id) == [
            "fiscal_document.moved",
            "fiscal_document.moved",
            "fiscal_document.authorised",
        ]
        assert bureau.office.broken() == []

    def test_is_handed_in_once_though_the_answer_was_lost(self, bureau: Bureau) -> None:
        bureau.authority.silent = 2
        for _ in range(2):
            with pytest.raises(OfficeSilent):
                bureau.submit()
        assert bureau.state == (FiscalStatus.SUBMITTED, DispatchGate.CLOSED)

        for _ in range(2):
            bureau.submit()

        assert bureau.state == (FiscalStatus.AUTHORISED, DispatchGate.OPEN)
        assert len(bureau.authority.known) == bureau.document().attempt == 1

    def test_is_handed_in_again_after_it_was_rejected(self, bureau: Bureau) -> None:
        bureau.authority.refuses = "No NCM."
        bureau.submit()
        assert bureau.state == (FiscalStatus.REJECTED, DispatchGate.CLOSED)
        assert bureau.document().message == "No NCM."
        bureau.authority.refuses = None

        bureau.office.world.run(retry_fiscal_document, RetryFiscalDocument(id=bureau.id))
        bureau.submit()

        assert bureau.state == (FiscalStatus.AUTHORISED, DispatchGate.OPEN)
        assert len(bureau.authority.known) == bureau.document().attempt == 2

    def test_lets_goods_go_in_contingency_and_is_handed_in_later(self, bureau: Bureau) -> None:
        bureau.office.world.run(enter_contingency, EnterContingency(id=bureau.id))
        assert bureau.state == (FiscalStatus.CONTINGENCY, DispatchGate.OPEN)
        bureau.authority.silent = 1
        with pytest.raises(OfficeSilent):
            bureau.submit()
        assert bureau.state == (FiscalStatus.CONTINGENCY, DispatchGate.OPEN)

        bureau.submit()

        assert bureau.state == (FiscalStatus.AUTHORISED, DispatchGate.OPEN)

    def test_may_be_waived(self, bureau: Bureau) -> None:
        bureau.office.world.run(waive_fiscal_document, WaiveFiscalDocument(id=bureau.id))
        bureau.submit()

        assert bureau.state == (FiscalStatus.NOT_REQUIRED, DispatchGate.NOT_REQUIRED)
        assert bureau.authority.known == {}

    def test_closes_the_gate_when_it_is_taken_back(self, bureau: Bureau) -> None:
        bureau.submit()

        bureau.office.world.run(cancel_fiscal_document, CancelFiscalDocument(id=bureau.id))

        assert bureau.state == (FiscalStatus.CANCELLED, DispatchGate.CLOSED)
        command = RetryFiscalDocument(id=bureau.id)
        assert bureau.office.refused(retry_fiscal_document, command) == ["INVALID_TRANSITION"]

    async def test_is_shown_with_what_can_be_done(self, bureau: Bureau) -> None:
        text = """query ($id: ID!) { invoice(id: $id) { fiscalDocument {
            status provider attempt actions { name allowed } fulfillment { number } } }
            fiscalDocuments(filter: {status: [PENDING]}) { nodes { invoice { number } } }
            fiscalDocumentsCount { value } }"""

        data = await bureau.office.world.graphql(text, id=shown("inv", bureau.invoice))

        found = data["invoice"]["fiscalDocument"]
        assert (found["status"], found["attempt"]) == ("PENDING", 0)
        assert [each["name"] for each in found["actions"] if each["allowed"]] == [
            "enter_contingency",
            "waive",
            "cancel",
        ]
        assert data["fiscalDocuments"]["nodes"] == [{"invoice": {"number": "INV-2025-1"}}]

    def test_is_rejected_where_nobody_speaks_with_the_office(self, bureau: Bureau) -> None:
        Submitting(bureau.office.world.database, {}, lambda: NOW)(bureau.id)

        assert bureau.document().message == "Nobody here speaks with 'fake'."


class TestCloseGate:
    @pytest.mark.parametrize(
        ("gates", "gate"), [(True, DispatchGate.CLOSED), (False, DispatchGate.NOT_REQUIRED)]
    )
    def test_is_done_when_a_fulfillment_is_planned(
        self, office: InvoiceOffice, gates: bool, gate: DispatchGate
    ) -> None:
        office.set_seller(fiscal_provider="fake", gates_dispatch=gates)
        order = office.taxed(2)

        office.world.run(plan_fulfillments, PlanFulfillments(order_ids=(order,)))

        (planned,) = office.world.read(fulfillments_by_orders, [order])[order]
        assert planned.dispatch_gate is gate


class TestNfe:
    @pytest.fixture
    def press(self, office: InvoiceOffice, tmp_path: Path) -> Press:
        return Press(office, tmp_path)

    def invoice(self, office: InvoiceOffice, *, ncm: bool = True, **more: str) -> UUID:
        draft = CustomerDraft(
            kind=CustomerKind.PERSON,
            name="Ana Silva",
            tax_ids=(TaxId(TaxIdKind.CPF, "52998224725"),),
        )
        customer = office.world.run(create_customer, CreateCustomer(draft=draft)).value
        if ncm:
            data = {"ncm": "69120000", "origin": "0"}
            command = SetFiscalProfile(id=office.mug, country="BR", data=data)
            office.world.run(set_fiscal_profile, command)
        channel = office.world.run(
            create_channel,
            CreateChannel(code="br", name="Loja", currency="BRL", number_prefix="L-"),
        ).value
        data = {**BRAZILIAN["fiscal_data"], **more}
        office.set_seller(**{**BRAZILIAN, "fiscal_data": data}, channel_ids=(channel,))
        line = goods("MUG", 3, unit_price=UnitPrice(19_900_000, "BRL"))
        where = address(region="RJ", city="Niterói", lines=("Rua A, 10", "ap 2"))
        command = CreateOrder(
            channel="br",
            lines=(line,),
            customer_id=customer,
            shipping=Money(1_000, "BRL"),
            shipping_address=where,
            place=True,
        )
        return office.bill(office.world.run(create_order, command).value)

    def test_passes_the_schema_but_for_its_signature(self, press: Press) -> None:
        invoice = self.invoice(press.office)

        xml = press.drawn(press.ask(DocumentKind.NFE, "inv", invoice))

        (missing,) = Nfe.schema_validation(xml.decode())
        assert "Signature" in missing
        tree = ElementTree.fromstring(xml)
        found = [tree.findtext(f".//{NFE}{name}") for name in FACTS]
        assert found == list(FACTS.values())
        key = (tree[0].get("Id") or "")[3:]
        assert (len(key), key[:2], key[6:20], key[-1]) == (
            44,
            "35",
            "11222333000181",
            tree.findtext(f".//{NFE}cDV"),
        )

    def test_passes_the_schema_whole_when_it_is_signed(
        self, office: InvoiceOffice, tmp_path: Path
    ) -> None:
        holder, pfx = certificate()
        press = Press(office, tmp_path, certificates={"11222333000181": pfx})
        regime = {"regime": "3", "pis": "1.65", "cofins": "7.6", "icms:RJ": "20", "fcp:RJ": "2"}

        xml = press.drawn(press.ask(DocumentKind.NFE, "inv", self.invoice(office, **regime)))

        assert Nfe.schema_validation(xml.partition(b"?>")[2].decode()) == []
        tree = etree.fromstring(xml)
        found = [tree.findtext(f".//{NFE}{name}") for name in NORMAL]
        assert found == list(NORMAL.values())
        # As whoever takes it checks it: the digest of what it names, then the signature over that.
        named = tree.find(f".//{DSIG}Reference").get("URI")
        (info,) = tree.xpath("//*[@Id=$id]", id=named[1:])
        digest = sha1(canonical(info)).digest()
        assert b64decode(tree.findtext(f".//{DSIG}DigestValue")) == digest
        holder.public_key().verify(
            b64decode(tree.findtext(f".//{DSIG}SignatureValue")),
            canonical(tree.find(f".//{DSIG}SignedInfo")),
            PKCS1v15(),
            SHA1(),
        )
        shown = b64decode(tree.findtext(f".//{DSIG}X509Certificate"))
        assert shown == holder.public_bytes(Encoding.DER)

    @pytest.mark.parametrize(
        ("days", "password", "why"),
        [
            (-1, SECRET, "The certificate of the seller is not valid today; it ends on "),
            (1, "another one", "The certificate of the seller cannot be opened."),
        ],
    )
    def test_is_not_signed_by_what_is_no_certificate(
        self, days: int, password: str, why: str
    ) -> None:
        given = {**certificate(days)[1], "password": password}

        with pytest.raises(Refused, match=why):
            signed(b"<NFe><infNFe Id='NFe1'/></NFe>", given)

    @pytest.mark.parametrize("rate", ["NaN", "101"])
    def test_is_given_up_where_a_rate_is_none(self, press: Press, rate: str) -> None:
        regime = {"regime": "3", "pis": rate, "cofins": "7.6", "icms:RJ": "20"}
        id = press.ask(DocumentKind.NFE, "inv", self.invoice(press.office, **regime))

        press.drawing(id)

        found = press.document(id)
        assert found.status is DocumentStatus.FAILED
        assert f"pis is no rate in per cent: {rate}" in found.error

    def test_is_given_up_with_what_is_missing(self, press: Press) -> None:
        id = press.ask(DocumentKind.NFE, "inv", self.invoice(press.office, ncm=False))

        press.drawing(id)

        found = press.document(id)
        assert (found.status, found.error) == (DocumentStatus.FAILED, "MUG has no NCM.")
