"""Files for banks and their answers, as pure functions."""

from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice_api.adapters.payment_files import cnab240, pain_002, sepa
from backoffice_api.adapters.payment_files.cnab240_layouts import (
    FILE_HEADER,
    FILE_TRAILER,
    LAYOUTS,
    LOT_HEADER,
    LOT_TRAILER,
    RETURN,
    SEGMENT_A,
    SEGMENT_B,
)
from backoffice_api.adapters.payment_files.layouts import (
    Field,
    Kind,
    Layout,
    Unwritable,
    Value,
    decode,
    encode,
    plain,
)
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pix_keys import InvalidPixKey, pix_key
from backoffice_api.domain.payables.model.payment_files import (
    FileFormat,
    Payee,
    Payer,
    PaymentFileContent,
    PaymentOrder,
    UnreadablePaymentFile,
    Verdict,
)

SEPA = PaymentFileContent(
    format=FileFormat.PAIN_001_03,
    number="RUN000007",
    serial=7,
    made_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    pay_on=date(2026, 3, 4),
    payer=Payer(holder="Läden & Söhne GmbH", iban="DE89370400440532013000", bic="COBADEFFXXX"),
    orders=(
        PaymentOrder(
            "RUN000007-0001",
            Money(119_000, "EUR"),
            Payee(holder="Tassen <AG>", iban="FR1420041010050500013M02606"),
            "Invoice 4711",
        ),
        PaymentOrder(
            "RUN000007-0002",
            Money(5, "EUR"),
            Payee(holder="Kanne", iban="AT611904300234573201", bic="BKAUATWW"),
            "Invoice 1",
        ),
    ),
)
CNAB = replace(
    SEPA,
    format=FileFormat.CNAB_240,
    payer=Payer(
        holder="Loja São João Ltda",
        bank_code="341-1234",
        account_number="56789-0",
        tax_id="11222333000181",
        agreement="AG-77",
    ),
    orders=(
        PaymentOrder(
            "RUN000007-0001",
            Money(150_075, "BRL"),
            Payee(
                holder="Café Ltda",
                bank_code="001/4321-X",
                account_number="987654-X",
                tax_id="11444777000161",
            ),
            "NF 4711",
        ),
        PaymentOrder(
            "RUN000007-0002",
            Money(100, "BRL"),
            Payee(holder="Ana", bank_code="341-9", account_number="1-1", tax_id="52998224725"),
            "NF 1",
        ),
    ),
)

_LETTERS = "ABCXYZ 0123456789-./&"


def _value(field: Field) -> st.SearchStrategy[object]:
    match field.kind:
        case Kind.TEXT | Kind.KEY:
            return st.text(_LETTERS, max_size=field.length).map(plain)
        case Kind.CODE:
            return st.text("0123456789AZ", min_size=field.length, max_size=field.length)
        case Kind.NUMBER:
            return st.integers(0, 10**field.length - 1)
        case Kind.DAY:
            return st.none() | st.dates(date(1, 1, 1), date(9999, 12, 31))


class TestLayouts:
    @settings(max_examples=15)
    @given(data=st.data(), layout=st.sampled_from(LAYOUTS))
    def test_read_what_they_wrote(self, data: st.DataObject, layout: Layout) -> None:
        values: dict[str, Any] = {
            each.name: data.draw(_value(each)) for each in layout.fields if each.name
        }

        line = encode(layout, values)

        assert len(line) == 240
        assert decode(layout, line, 1) == values

    def test_refuse_what_has_no_room(self) -> None:
        with pytest.raises(Unwritable, match=r"lot_trailer: records takes 6"):
            encode(LOT_TRAILER, {"bank": "341", "lot": "1", "records": 10**6, "total": 0})

    def test_have_no_gaps(self) -> None:
        with pytest.raises(ValueError, match="b begins at 4"):
            Layout("x", 5, (Field("a", 1, 2, Kind.TEXT, ""), Field("b", 4, 2, Kind.TEXT, "")))


class TestCnab:
    def test_says_who_is_paid_where(self) -> None:
        lines = cnab240.write(CNAB).decode("ascii").split("\r\n")

        assert [line[7:14].strip() for line in lines] == [
            "0",
            *("1C20010", "300001A", "300002B", "5"),
            *("1C20410", "300001A", "300002B", "5"),
            "9",
            "",
        ]
        first = decode(SEGMENT_A, lines[6], 7)
        assert first["payee_bank"] == "001"
        assert first["payee_branch"] == "04321"
        assert first["payee_branch_digit"] == "X"
        assert first["payee_account"] == "000000987654"
        assert first["payee_name"] == "CAFE LTDA"
        assert first["amount"] == 150_075
        assert lines[6][119:134] == "000000000150075"
        assert lines[6][93:101] == "04032026"
        assert decode(LOT_TRAILER, lines[8], 9)["total"] == 150_075
        assert decode(FILE_TRAILER, lines[9], 10)["records"] == 10
        assert lines[0][17:32] == "211222333000181"
        assert cnab240.write(CNAB) == cnab240.write(CNAB)

    @pytest.mark.parametrize(
        ("key", "initiation", "written"),
        [
            ("+5511987654321", "01", "+5511987654321"),
            ("Ana.Souza@Loja.example", "02", "ana.souza@loja.example"),
            ("11.444.777/0001-61", "03", "11444777000161"),
            ("123e4567-e89b-12d3-a456-426655440000", "04", "123e4567-e89b-12d3-a456-426655440000"),
        ],
    )
    def test_pays_pix_keys_in_a_lot_of_their_own(
        self, key: str, initiation: str, written: str
    ) -> None:
        order = CNAB.orders[0]
        payee = Payee(holder="Ana", bank_code="PIX", account_number=key, tax_id="52998224725")
        content = replace(CNAB, orders=(*CNAB.orders, replace(order, payee=payee)))

        lines = cnab240.write(content).decode("ascii").split("\r\n")

        assert lines[9][7:13] == "1C2045"
        first, second = decode(SEGMENT_A, lines[10], 11), decode(SEGMENT_B, lines[11], 12)
        assert (first["chamber"], first["payee_bank"], first["payee_account"]) == (
            "009",
            "000",
            "0" * 12,
        )
        assert (second["initiation"], second["pix_key"]) == (initiation, written)
        assert lines[11][127 : 127 + len(written)] == written
        assert decode(LOT_TRAILER, lines[12], 13)["total"] == order.amount.minor

    @pytest.mark.parametrize("key", ["", "5511987654321", "ana@loja", "11444777000162", "x" * 36])
    def test_takes_nothing_for_a_pix_key_that_is_none(self, key: str) -> None:
        with pytest.raises(InvalidPixKey):
            pix_key("pix", key)
        assert pix_key("341-1234", key) is None

    def test_answers_settle_and_refuse(self) -> None:
        answer = cnab240.read_return(_return("00", "BDAN"))

        first, second = answer.payments
        assert (first.reference, first.verdict) == ("RUN000007-0001", Verdict.SETTLED)
        assert first.booked_on == date(2026, 3, 4)
        assert (second.verdict, second.code) == (Verdict.REJECTED, "BD AN")
        assert second.says == "Taken up; Wrong account or check digit of the payee"

    @pytest.mark.parametrize(
        ("line", "start", "put", "field"),
        [
            (1, 143, "1", "file_header.direction"),
            (3, 120, "00000000000A075", "segment_a.amount (120-134)"),
            (3, 94, "31022026", "segment_a.pay_on (94-101)"),
            (3, 231, "          ", "segment_a.occurrences (231-240)"),
            (5, 8, "7", "record (8-8)"),
            (7, 24, "000000000000000001", "lot_trailer.total (24-41)"),
            (8, 24, "000099", "file_trailer.records (24-29)"),
        ],
    )
    def test_names_the_line_and_the_field_that_is_wrong(
        self, line: int, start: int, put: str, field: str
    ) -> None:
        lines = _return("00", "00").split("\r\n")
        bad = lines[line - 1]
        lines[line - 1] = bad[: start - 1] + put + bad[start - 1 + len(put) :]

        with pytest.raises(UnreadablePaymentFile) as caught:
            cnab240.read_return("\r\n".join(lines))

        assert (caught.value.line, caught.value.field) == (line, field)

    def test_wants_an_account_in_all_its_parts(self) -> None:
        payee = replace(CNAB.orders[0].payee, bank_code="341")

        with pytest.raises(Unwritable):
            cnab240.write(replace(CNAB, orders=(replace(CNAB.orders[0], payee=payee),)))


def _return(*codes: str) -> str:
    control: dict[str, Value] = {"bank": "341", "lot": "0001"}
    company: dict[str, Value] = {
        "company_id_kind": 2,
        "company_id": "11222333000181",
        "agreement": "AG-77",
        "branch": "1234",
        "account": "56789",
        "account_digit": "0",
        "company_name": "LOJA",
    }
    made: dict[str, Value] = {"made_on": date(2026, 3, 4), "made_at": "180000", "file_serial": 1}
    lines = [
        encode(FILE_HEADER, {"bank": "341", **company, **made, "direction": RETURN}),
        encode(LOT_HEADER, {**control, **company, "entry": "41"}),
    ]
    for position, code in enumerate(codes, start=1):
        payment: dict[str, Value] = {
            "payee_bank": "001",
            "payee_branch": "1",
            "payee_account": "1",
            "payee_name": "X",
            "reference": f"RUN000007-{position:04}",
            "pay_on": date(2026, 3, 4),
            "paid_on": date(2026, 3, 4),
            "amount": 1_000,
            "occurrences": code,
        }
        lines.append(encode(SEGMENT_A, {**control, "sequence": 2 * position - 1, **payment}))
        named: dict[str, Value] = {"payee_id_kind": 2, "payee_id": "11444777000161"}
        lines.append(encode(SEGMENT_B, {**control, "sequence": 2 * position, **named}))
    records = len(lines)
    total = 1_000 * len(codes)
    lines.append(encode(LOT_TRAILER, {**control, "records": records, "total": total}))
    trailer: dict[str, Value] = {"bank": "341", "lots": 1, "records": len(lines) + 1}
    return "\r\n".join([*lines, encode(FILE_TRAILER, trailer), ""])


class TestSepa:
    @pytest.mark.parametrize("format", [FileFormat.PAIN_001_03, FileFormat.PAIN_001_09])
    def test_holds_to_the_schema_and_never_changes(self, format: FileFormat) -> None:
        content = replace(SEPA, format=format)

        made = sepa.write(content)

        schema = resources.files("sepaxml") / "schemas" / f"{sepa.SCHEMAS[format]}.xsd"
        xmlschema.XMLSchema(str(schema)).validate(made.decode())
        assert sepa.write(content) == made
        assert b"<MsgId>RUN000007</MsgId><CreDtTm>2026-03-02T09:30:00</CreDtTm>" in made
        assert b"<NbOfTxs>2</NbOfTxs><CtrlSum>1190.05</CtrlSum>" in made
        assert b"<EndToEndId>RUN000007-0001</EndToEndId>" in made
        assert b'<InstdAmt Ccy="EUR">0.05</InstdAmt>' in made
        assert b"Tassen &lt;AG&gt;" in made


def _report(group: str, *payments: tuple[str, str, str]) -> bytes:
    told = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>Konto erloschen</AddtlInf></StsRsnInf>"
        "</TxInfAndSts>"
        for reference, status, reason in payments
    )
    return (
        '<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03">'
        "<CstmrPmtStsRpt><GrpHdr><MsgId>b1</MsgId></GrpHdr><OrgnlGrpInfAndSts>"
        "<OrgnlMsgId>RUN000007</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.03</OrgnlMsgNmId>"
        f"<GrpSts>{group}</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>"
        f"<OrgnlPmtInfId>RUN000007</OrgnlPmtInfId>{told}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


class TestStatusReport:
    def test_settles_and_refuses(self) -> None:
        answer = pain_002.read_return(
            _report("PART", ("A-1", "ACSC", "X"), ("A-2", "RJCT", "AC04"), ("A-3", "PDNG", "Y"))
        )

        assert answer.number == "RUN000007"
        assert answer.rest is None
        assert [(each.reference, each.verdict) for each in answer.payments] == [
            ("A-1", Verdict.SETTLED),
            ("A-2", Verdict.REJECTED),
        ]
        assert answer.payments[1].code == "RJCT AC04"
        assert answer.payments[1].says == "Konto erloschen"

    def test_of_a_whole_file_holds_for_all_that_is_not_named(self) -> None:
        answer = pain_002.read_return(_report("RJCT"))

        assert answer.rest is not None
        assert answer.rest.verdict is Verdict.REJECTED

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            (b"", "file"),
            (b"no xml", "file"),
            (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "file"),
            (b"<a>" * 100 + b"</a>" * 100, "file"),
            (b"<Document><CstmrPmtStsRpt/></Document>", "OrgnlGrpInfAndSts"),
        ],
    )
    def test_of_another_kind_is_refused(self, content: bytes, field: str) -> None:
        with pytest.raises(UnreadablePaymentFile) as caught:
            pain_002.read_return(content)

        assert caught.value.field == field
