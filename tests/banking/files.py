"""Small statements in every format, all of the same two lines: 100.50 in, 20.25 out."""

import base64
import gzip

OFX_1 = """OFXHEADER:100\r
DATA:OFXSGML\r
ENCODING:USASCII\r
CHARSET:1252\r
\r
<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>BRL<BANKACCTFROM><BANKID>341<ACCTID>12345-6\
<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20250301<DTEND>20250331\r
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20250303120000[-3:BRT]<TRNAMT>100,50<FITID>F1<NAME>\
Caf\u00e9 &amp; Cia<MEMO>Pedido W-1</STMTTRN>\r
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20250304<TRNAMT>-20.25<FITID>F2<MEMO></STMTTRN>\r
</BANKTRANLIST><LEDGERBAL><BALAMT>1.080,25<DTASOF>20250331</LEDGERBAL><AVAILBAL><BALAMT>9\
<DTASOF>20250331</AVAILBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
""".encode("cp1252")

OFX_2 = """\ufeff<?xml version="1.0" encoding="UTF-8"?>
<?OFX OFXHEADER="200" VERSION="211"?>
<OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>USD</CURDEF>
<CCACCTFROM><ACCTID>4111</ACCTID></CCACCTFROM><BANKTRANLIST>
<STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20250303</DTPOSTED><TRNAMT>100.50</TRNAMT>
<FITID>F1</FITID><PAYEE><NAME><![CDATA[Tom & Co]]></NAME></PAYEE><MEMO/>
<BANKACCTTO><BANKID>1</BANKID><ACCTID>99 88</ACCTID></BANKACCTTO></STMTTRN>
<STMTTRN><DTPOSTED>20250304</DTPOSTED><TRNAMT>-20.25</TRNAMT><NAME>Fee</NAME></STMTTRN>
</BANKTRANLIST></CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>
""".encode()

CAMT_ENTRY_IN = """<Ntry><Amt Ccy="EUR">100.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><DtTm>2025-03-03T10:00:00+01:00</DtTm></BookgDt><ValDt><Dt>2025-03-04</Dt></ValDt>
<AcctSvcrRef>BANK-1</AcctSvcrRef><NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>
<TxDtls><Refs><EndToEndId>W-1</EndToEndId></Refs><Amt Ccy="EUR">60.50</Amt>
<RltdPties><Dbtr><Pty><Nm>Ana</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE02 1203</IBAN></Id></DbtrAcct>
</RltdPties><RmtInf><Ustrd>Order</Ustrd><Ustrd>W-1</Ustrd></RmtInf></TxDtls>
<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>
<AmtDtls><TxAmt><Amt Ccy="EUR">40.00</Amt></TxAmt></AmtDtls>
<RltdPties><Dbtr><Nm>Bob</Nm></Dbtr></RltdPties></TxDtls></NtryDtls></Ntry>"""
CAMT_ENTRY_OUT = """<Ntry><Amt Ccy="EUR">20.25</Amt><CdtDbtInd>DBIT</CdtDbtInd>
<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2025-03-04</Dt></BookgDt>
<AddtlNtryInf>Fees</AddtlNtryInf></Ntry>
<Ntry><Amt Ccy="EUR">7.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>PDNG</Sts></Ntry>"""


def camt(version: str = "053.001.08", opening: str = "1000.00", closing: str = "1080.25") -> bytes:
    """A statement by camt, its elements with a prefix."""
    kind = {"053": ("Stmt", "OPBD", "CLBD"), "052": ("Rpt", "PRCD", "ITBD")}[version[:3]]
    name, *codes = kind
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2025-03-0{day}</Dt></Dt></Bal>"
        for code, amount, day in zip(codes, (opening, closing), (2, 4), strict=True)
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:"
        f"camt.{version}'><BkToCstmrX><{name}><Id>S-1</Id><Acct><Id><IBAN>DE89370400440532013000"
        f"</IBAN></Id></Acct>{balances}{CAMT_ENTRY_IN}{CAMT_ENTRY_OUT}</{name}></BkToCstmrX>"
        f"</Document>"
    ).encode()


MT940 = """{1:F01BANK}{4:
:20:S-1
:25:DE89370400440532013000
:28C:7/1
:60F:C250302EUR1000,00
:61:2503030303C100,50NTRFW-1//BANK-1
:86:166?00GUTSCHRIFT?20EREF+W-1?21SVWZ+Order W-1?30BANKDEFF?31DE021203?32Ana
:61:2412310304RC15,25NMSCNONREF
:86:Taken back
:61:2503040304D5,NMSCNONREF
:62F:C250304EUR1080,25
:86:Of the statement as a whole
-}
"""


def _cnab(**places: tuple[int, str]) -> str:
    line = [" "] * 240
    for at, text in places.values():
        line[at - 1 : at - 1 + len(text)] = text
    return "".join(line)


def cnab() -> bytes:
    """A statement by CNAB 240, ends of lines stripped as banks do."""
    account = {"branch": (53, "01234"), "account": (59, "000000056789"), "check": (71, "0")}
    lines = [
        _cnab(head=(1, "34100000"), name=(73, "LOJA")),
        _cnab(
            head=(1, "34100011E0440032"),
            **account,
            day=(143, "02032025"),
            amount=(151, "000000000000100000"),
            mark=(169, "C"),
            status=(170, "F"),
            currency=(171, "BRL"),
            number=(174, "00007"),
        ),
        *(
            _cnab(
                head=(1, f"3410001300001{'E'}"),
                **account,
                value=(135, day),
                day=(143, day),
                amount=(151, amount),
                mark=(169, mark),
                text=(177, text),
                document=(202, document),
            )
            for day, amount, mark, text, document in (
                ("03032025", "000000000000010050", "C", "PIX RECEBIDO", "0000W-1"),
                ("04032025", "000000000000002025", "D", "TARIFA", ""),
            )
        ),
        _cnab(
            head=(1, "34100015"),
            **account,
            day=(143, "04032025"),
            amount=(151, "000000000000108025"),
            mark=(169, "C"),
        ),
        _cnab(head=(1, "34199999")),
    ]
    return "\r\n".join(line.rstrip() for line in lines).encode()


CSV = """Extrato;;;
Data;Hist\u00f3rico;Valor;Saldo
04/03/2025;Tarifa;-20,25;1.080,25
03/03/2025;Pix W-1;R$ 100,50;1.100,50

""".encode("cp1252")


def packed(content: bytes, *, is_zipped: bool = False) -> str:
    """Content as the mutation takes it."""
    return base64.b64encode(gzip.compress(content) if is_zipped else content).decode()
