"""Statements as other banks write them, by the specifications; each is of what `figures` says.

CAMT: ISO 20022 message definitions camt.053.001.02, .04, .08 and .12. OFX: 1.6 (SGML). MT940: SWIFT
MT940 with field 86 as of the German banks (DK) and of the Polish and Dutch ones. CNAB 240: FEBRABAN
version 10, and as Itaú, Banco do Brasil and Bradesco fill it.
"""

from dataclasses import dataclass, field

from backoffice_api.domain.banking.model.files import CsvMapping


@dataclass(frozen=True)
class Variation:
    """A file, and what is to be read of it: amounts in the smallest unit, and whose they are."""

    name: str
    content: bytes
    amounts: tuple[int, ...]
    balances: tuple[int | None, int | None] = (None, None)
    parties: tuple[str | None, ...] = ()
    references: tuple[str | None, ...] = ()
    currency: str = "EUR"
    account: str = ""
    mapping: CsvMapping | None = field(default=None, repr=False)


def _camt(version: str, entries: str, *, account: str, balances: str, prefix: str = "") -> bytes:
    text = (
        f"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}'>"
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2025-03-05T06:00:00</CreDtTm></GrpHdr>"
        "<Stmt><Id>2025-42</Id><ElctrncSeqNb>42</ElctrncSeqNb>"
        "<CreDtTm>2025-03-05T06:00:00</CreDtTm>"
        f"<Acct>{account}</Acct>{balances}{entries}</Stmt></BkToCstmrStmt></Document>"
    )
    if prefix:
        text = text.replace("</", "\0").replace("<", f"<{prefix}:").replace("\0", f"</{prefix}:")
        text = text.replace("xmlns=", f"xmlns:{prefix}=")
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{text}".encode()


def _balance(code: str, amount: str, day: str, *, currency: str = "EUR", mark: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt>{day}</Dt></Bal>"
    )


_DAY_2 = "<Dt>2025-03-02</Dt>"
_DAY_4 = "<Dt>2025-03-04</Dt>"
_IBAN = "<Id><IBAN>NL44RABO0123456789</IBAN></Id>"

# Version 2, as Dutch and German banks write it: a batch whose payments have their own amounts,
# a reversal that is marked with its own sign, a creditor reference, and an unbooked entry.
CAMT_02 = _camt(
    "02",
    "<Ntry><NtryRef>1</NtryRef><Amt Ccy='EUR'>75.5</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
    f"<Sts>BOOK</Sts><BookgDt>{_DAY_4}</BookgDt><ValDt>{_DAY_4}</ValDt>"
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
    "</BkTxCd><NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
    "<RltdPties><Dbtr><Nm>Jansen B.V.</Nm></Dbtr><DbtrAcct><Id><Othr><Id>P1234</Id></Othr></Id>"
    "</DbtrAcct></RltdPties><RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
    "<Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf></TxDtls></NtryDtls></Ntry>"
    "<Ntry><Amt Ccy='EUR'>20</Amt><CdtDbtInd>DBIT</CdtDbtInd><RvslInd>true</RvslInd>"
    f"<Sts>BOOK</Sts><BookgDt>{_DAY_4}</BookgDt><BkTxCd/><AddtlNtryInf>Storno</AddtlNtryInf></Ntry>"
    "<Ntry><Amt Ccy='EUR'>999</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>INFO</Sts>"
    f"<BookgDt>{_DAY_4}</BookgDt><BkTxCd/></Ntry>",
    account=_IBAN,
    balances=_balance("PRCD", "100", _DAY_2) + _balance("CLBD", "155.50", _DAY_4),
)

# Version 4, as Swiss banks write it: an interim balance beside the closing one, overdrawn, times
# for days, an account that is no IBAN, and francs.
CAMT_04 = _camt(
    "04",
    "<Ntry><Amt Ccy='CHF'>1250.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><DtTm>"
    "2025-03-04T23:30:00+01:00</DtTm></BookgDt><ValDt><DtTm>2025-03-05T00:00:00+01:00</DtTm></ValDt>"
    "<AcctSvcrRef>ZV20250304</AcctSvcrRef><BkTxCd/><NtryDtls><TxDtls><Refs>"
    "<EndToEndId>W-17</EndToEndId></Refs><Amt Ccy='CHF'>1250.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
    "<RltdPties><Dbtr><Nm>Müller &amp; Söhne</Nm></Dbtr><UltmtDbtr><Nm>Erika</Nm></UltmtDbtr>"
    "</RltdPties></TxDtls></NtryDtls></Ntry>",
    account="<Id><Othr><Id>0123-456789</Id></Othr></Id><Ccy>CHF</Ccy>",
    balances=_balance("OPBD", "300", _DAY_2, currency="CHF", mark="DBIT")
    + _balance("ITBD", "1", _DAY_4, currency="CHF")
    + _balance("CLBD", "950", _DAY_4, currency="CHF"),
    prefix="ns2",
)

# Version 8: `Sts/Cd`, `Pty/Nm`, and a payment of several currencies.
CAMT_08 = _camt(
    "08",
    "<Ntry><Amt Ccy='EUR'>91.20</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
    f"<BookgDt>{_DAY_4}</BookgDt><BkTxCd/><AmtDtls><InstdAmt><Amt Ccy='USD'>100</Amt></InstdAmt>"
    "<CntrValAmt><Amt Ccy='EUR'>91.20</Amt></CntrValAmt></AmtDtls><NtryDtls><TxDtls><Refs>"
    "<EndToEndId>RUN-000001-1</EndToEndId></Refs><RltdPties><Cdtr><Pty><Nm>ACME Inc</Nm></Pty>"
    "</Cdtr><CdtrAcct><Id><Othr><Id>12345</Id></Othr></Id></CdtrAcct></RltdPties></TxDtls>"
    "</NtryDtls></Ntry>",
    account=_IBAN + "<Ccy>EUR</Ccy>",
    balances=_balance("OPBD", "91.20", _DAY_2) + _balance("CLBD", "0", _DAY_4),
)

# Version 12 has the same elements; here with charges and without balances of its own.
CAMT_12 = CAMT_08.replace(b"053.001.08", b"053.001.12").replace(
    b"<BkTxCd/>", b"<BkTxCd/><Chrgs><Rcrd><Amt Ccy='EUR'>1</Amt></Rcrd></Chrgs>"
)

# OFX 1 without any closing tag of a value, in Latin-1, with times in all their parts.
OFX_1_LATIN = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:USASCII
CHARSET:8859-1
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX>
<SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20250305<LANGUAGE>POR\
</SONRS></SIGNONMSGSRSV1>
<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS>
<STMTRS>
<CURDEF>BRL
<BANKACCTFROM>
<BANKID>0001
<BRANCHID>1234-5
<ACCTID>98765-0
<ACCTTYPE>CHECKING
</BANKACCTFROM>
<BANKTRANLIST>
<DTSTART>20250301120000[-3:GMT]
<DTEND>20250331120000[-3:GMT]
<STMTTRN>
<TRNTYPE>OTHER
<DTPOSTED>20250303120000.000[-3:GMT]
<TRNAMT>1500.00
<FITID>202503030001
<CHECKNUM>000000000123
<REFNUM>123
<NAME>José & Irmãos
<MEMO>PIX - Recebido
</STMTTRN>
<STMTTRN>
<TRNTYPE>DEBIT
<DTPOSTED>20250304
<TRNAMT>-0,99
<FITID>202503040002
<MEMO>Tarifa manutenção
</STMTTRN>
</BANKTRANLIST>
<LEDGERBAL>
<BALAMT>1499.01
<DTASOF>20250331
</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1>
</OFX>
""".encode("latin-1")

# MT940 with field 86 in parts (DK), a purpose that is wrapped, and a debit of several days.
MT940_DK = """:20:STARTUMS
:25:70050000/0001234567
:28C:00003/001
:60F:C250303EUR1000,00
:61:2503040304CR119,00NTRFNONREF//POS 17
:86:166?00SEPA-UEBERWEISUNG?109310?20EREF+W-2025-17?21SVWZ+Rechnung 17 vo
?22m 1. Maerz?30BYLADEMMXXX?31DE02120300000000202051?32Max Muster
?33mann GmbH?34888
:61:2503040304DR1000,00NMSCKREF+
:86:177?00ONLINE-UEBERW.?20KREF+RUN-000007?21SVWZ+Miete?32Immo KG
:62F:C250304EUR119,00
-
""".replace("\n", "\r\n").encode()

# MT940 as Dutch banks write it: slashes for keywords, overdrawn, no field 28C.
MT940_SLASHES = b"""{1:F01INGBNL2ABXXX0000000000}{2:I940INGBNL2AXXXN}{4:
:20:P250304000000001
:25:NL69INGB0123456789EUR
:28C:00063
:60F:D250303EUR50,
:61:2503040304C200,01NTRFEREF//2503040001
/TRCD/00100/
:86:/EREF/W-99//CNTP/NL32INGB0000012345/INGBNL2A/Klant N.V.///REMI/USTD//
Order W-99/
:62F:C250304EUR150,01
:64:C250304EUR150,01
-}
"""


def _record(*places: tuple[int, str]) -> str:
    line = [" "] * 240
    for at, text in places:
        line[at - 1 : at - 1 + len(text)] = text
    return "".join(line)


def _cnab(bank: str, branch: str, number: str, entries: list[tuple[str, str, str]]) -> bytes:
    """`entries`: amount in cents with its mark, kind of entry, text. Balances 100.00 and after."""
    place = ((53, branch), (59, number[:12]), (71, number[12:]))
    lines = [
        _record((1, f"{bank}00000"), (18, "2"), (103, "BANCO"), (143, "205032025060000")),
        _record(
            (1, f"{bank}00011E0440033"),
            *place,
            (143, "03032025"),
            (151, "10000".zfill(18)),
            (169, "CF"),
            (171, "BRL"),
            (174, "00003"),
        ),
    ]
    total = 10_000
    for serial, (amount, code, text) in enumerate(entries, 1):
        total += int(amount[:-1]) * (1 if amount[-1] == "C" else -1)
        lines.append(
            _record(
                (1, f"{bank}00013{serial:05}E"),
                *place,
                (109, "DPV00"),
                (135, "04032025"),
                (143, "04032025"),
                (151, amount[:-1].zfill(18)),
                (169, amount[-1]),
                (170, code),
                (177, text),
                (202, f"{serial:06}"),
            )
        )
    mark = "C" if total >= 0 else "D"
    lines += [
        _record(
            (1, f"{bank}00015"), *place, (143, "04032025"), (151, f"{abs(total):018}"), (169, mark)
        ),
        _record((1, f"{bank}99999"), (18, "000001"), (24, "000006")),
    ]
    return ("\r\n".join(lines) + "\r\n\x1a").encode("latin-1")


ITAU = _cnab("341", "01500", "000000012345 6", [("50000C", "2220171", "PIX QRS LOJA AÇAÍ")])
BANCO_DO_BRASIL = _cnab(
    "001", "12345", "0000000987654", [("20001D", "1060144", "Pagto Fornecedor")]
)
# Bradesco pads nothing behind the last value.
BRADESCO = b"\r\n".join(
    each.rstrip()
    for each in _cnab("237", "00123", "0000000011229", [("1D", "1", "IOF")]).split(b"\r\n")
)

# Tables as they are downloaded: with a byte order mark, semicolons, decimal commas; with
# parentheses for what goes out; with signs behind.
CSV_BOM = '\ufeffBuchungstag;Wertstellung;Auftraggeber;Verwendungszweck;Betrag;Währung\r\n\
04.03.2025;05.03.2025;"Muster; Max";Rechnung 17;1.190,00;EUR\r\n\
04.03.2025;04.03.2025;Bank;Gebühr;-1,5;EUR\r\n'.encode()
CSV_PARENTHESES = b'Date,Description,Amount\n3/4/2025,"Deposit, cash","$1,190.00"\n\
3/4/2025,Fee,"($1.50)"\n'
CSV_SIGN_BEHIND = b"20250304\tIncoming\t1190.00+\n20250304\tFee\t1.50-\n"

VARIATIONS = (
    Variation(
        "camt.053.001.02",
        CAMT_02,
        (7_550, -2_000),
        (10_000, 15_550),
        ("Jansen B.V.", None),
        ("RF18539007547034", None),
        account="NL44RABO0123456789",
    ),
    Variation(
        "camt.053.001.04",
        CAMT_04,
        (125_000,),
        (-30_000, 95_000),
        ("Müller & Söhne",),
        ("W-17",),
        "CHF",
        "0123-456789",
    ),
    Variation("camt.053.001.08", CAMT_08, (-9_120,), (9_120, 0), ("ACME Inc",), ("RUN-000001-1",)),
    Variation("camt.053.001.12", CAMT_12, (-9_120,), (9_120, 0), ("ACME Inc",), ("RUN-000001-1",)),
    Variation(
        "ofx 1 latin-1",
        OFX_1_LATIN,
        (150_000, -99),
        (None, 149_901),
        ("José & Irmãos", None),
        ("123", None),
        "BRL",
        "98765-0",
    ),
    Variation(
        "mt940 dk",
        MT940_DK,
        (11_900, -100_000),
        (100_000, 11_900),
        ("Max Mustermann GmbH", "Immo KG"),
        ("W-2025-17",),
        account="70050000/0001234567",
    ),
    Variation(
        "mt940 slashes",
        MT940_SLASHES,
        (20_001,),
        (-5_000, 15_001),
        ("Klant N.V.",),
        ("W-99",),
    ),
    Variation(
        "cnab itau", ITAU, (50_000,), (10_000, 60_000), currency="BRL", account="1500/123456"
    ),
    Variation(
        "cnab banco do brasil",
        BANCO_DO_BRASIL,
        (-20_001,),
        (10_000, -10_001),
        currency="BRL",
        account="12345/987654",
    ),
    Variation("cnab bradesco", BRADESCO, (-1,), (10_000, 9_999), currency="BRL"),
    Variation(
        "csv bom",
        CSV_BOM,
        (119_000, -150),
        parties=("Muster; Max", "Bank"),
        mapping=CsvMapping(
            booked_on="Buchungstag",
            value_on="Wertstellung",
            amount="Betrag",
            party_name="Auftraggeber",
            text=("Verwendungszweck",),
            currency_column="Währung",
            date_format="DD.MM.YYYY",
            decimal_sign=",",
        ),
    ),
    Variation(
        "csv parentheses",
        CSV_PARENTHESES,
        (119_000, -150),
        currency="USD",
        mapping=CsvMapping(
            booked_on="Date",
            amount="Amount",
            text=("Description",),
            currency="USD",
            date_format="MM/DD/YYYY",
        ),
    ),
    Variation(
        "csv sign behind",
        CSV_SIGN_BEHIND,
        (119_000, -150),
        mapping=CsvMapping(
            booked_on="1",
            amount="3",
            text=("2",),
            currency="EUR",
            date_format="YYYYMMDD",
            has_header=False,
        ),
    ),
)
