"""Reads the sales of a shop as the "Online Retail" data set has them: CSV, plain or gzipped.

Chen, D. (2015). Online Retail. UCI Machine Learning Repository. https://doi.org/10.24432/C5BW33.
One row is one line of an invoice. What the columns mean was found out from the file itself:

- InvoiceNo: six digits; with `C` in front a return, with `A` an entry of the books, no sale.
- StockCode: five digits and up to two letters, in either case, are goods; the digits are the
  product. All other codes are charges, as `POST`.
- Quantity: negative in returns, which name no sale, and where stock was written off.
- InvoiceDate: local time of the shop, which is in the United Kingdom. Rows of one invoice may
  differ by a minute; the first one counts.
- UnitPrice: pounds, with up to three decimals.
- CustomerID: digits, with `.0` behind them; empty for guests.
- Country: an English name, mostly; some are no country.

The rows of an invoice need not stand together: it is complete when `WINDOW_ROWS` further rows
were read without one of it. Rows that come later than that are taken for another invoice, which
the import then finds known with other rows. So memory holds that many rows and no more.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from backoffice_api.adapters.csv_file import CsvFile, CsvRow, UnreadableFile
from backoffice_api.domain.integrations.model import (
    DOCUMENT_ROWS_MAX,
    ORDERED,
    ROW_AMOUNT_MAX,
    Document,
    DocumentRow,
    RowAction,
    RowFault,
    RowKind,
    Severity,
)
from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.countries import NAMES
from backoffice_api.domain.kernel.money import UNIT_PRICE_DECIMALS, UnitPrice
from backoffice_api.domain.kernel.tables import CODE_LENGTH_MAX, NAME_LENGTH_MAX

SYSTEM = "online-retail"
TITLE = "Online Retail"
CURRENCY = "GBP"
# Of orders that are placed in the channel later; the invoices keep their own numbers.
NUMBER_PREFIX = "OR-"
COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
WINDOW_ROWS = 2_000

_ROW_MICRO_MAX = ROW_AMOUNT_MAX * 10**UNIT_PRICE_DECIMALS
_YEAR_MIN, _YEAR_MAX = 1970, 2099
_ZONE = ZoneInfo("Europe/London")
_INVOICE = re.compile(r"[AC]?\d{6}", re.ASCII)
_GOODS = re.compile(r"\d{5}[A-Z]{0,2}", re.ASCII)
_CHARGE = re.compile(r"[0-9A-Z][0-9A-Z _-]*", re.ASCII)
_QUANTITY = re.compile(r"-?\d{1,9}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_PRICE = re.compile(r"-?\d{1,9}(\.\d{1,6})?", re.ASCII)
_CUSTOMER = re.compile(r"(\d{1,10})(?:\.0)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Bytes that are no UTF-8 are read as these.
_UNDECODED = re.compile(r"[\udc80-\udcff]")

_COUNTRIES = {name: code for code, name in NAMES.items()} | {
    "Czech Republic": "CZ",
    "EIRE": "IE",
    "Netherlands": "NL",
    "RSA": "ZA",
    "USA": "US",
    "United Kingdom": "GB",
}


class FaultCode(Choice):
    """What can be wrong with a row, or worth a remark."""

    MALFORMED_CSV = "MALFORMED_CSV", "No row can be made out, as after a quote that never ends."
    FIELD_COUNT = "FIELD_COUNT", "The row has not as many fields as the header."
    NOT_UTF8 = "NOT_UTF8", "Bytes that are no text in UTF-8."
    CONTROL_CHARACTER = "CONTROL_CHARACTER", "A NUL or another control character."
    TEXT_TOO_LONG = "TEXT_TOO_LONG", "A text that is longer than there is room for."
    BAD_INVOICE = "BAD_INVOICE", "No invoice number."
    BAD_CODE = "BAD_CODE", "No stock code and no code of a charge."
    BAD_QUANTITY = "BAD_QUANTITY", "No whole number of pieces, or none at all."
    BAD_DATE = "BAD_DATE", "No moment, as 2010-12-01 08:26:00."
    BAD_PRICE = "BAD_PRICE", "No price, a negative one, or one with more than six decimals."
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE", "Quantity times price is out of all proportion."
    BAD_CUSTOMER = "BAD_CUSTOMER", "No customer number."
    CUSTOMER_DIFFERS = "CUSTOMER_DIFFERS", "Another customer than in the invoice's first row."
    TOO_MANY_ROWS = "TOO_MANY_ROWS", "The invoice has more rows than can be handled at once."
    INVOICE_INCOMPLETE = "INVOICE_INCOMPLETE", "Another row of the invoice is wrong."
    NOT_A_SALE = "NOT_A_SALE", "An entry of the books, as for a bad debt."
    BAD_RETURN = "BAD_RETURN", "In a return, what came back is written as less than nothing."
    NOT_STOCK = "NOT_STOCK", "Written off, found or given, but never in stock: nothing moves."
    TIME_SKIPPED = "TIME_SKIPPED", "The clocks were put forward over it: an hour later is meant."
    TIME_TWICE = "TIME_TWICE", "The clocks were put back: it was twice, the first time is meant."
    COUNTRY_UNKNOWN = "COUNTRY_UNKNOWN", "No country of ISO 3166-1: none is kept."


@dataclass(frozen=True, slots=True)
class Rejected:
    """Rows that are left out, each with the reason. `is_document`: they make one invoice more."""

    faults: tuple[RowFault, ...]
    is_document: bool


Item = Document | Rejected | RowFault


def read(file: CsvFile) -> Iterator[Item]:
    """The invoices of a file, each when it is complete, and remarks on its rows.

    Every row is part of exactly one document or of one rejection.

    Raises:
        UnreadableFile: the header is another one, or the file is damaged further on.
    """
    rows = file.rows()
    header = next(rows, None)
    if header is None or tuple(header.fields or ()) != COLUMNS:
        raise UnreadableFile(file.name, f"the columns must be {','.join(COLUMNS)}.")
    return _Grouping(file.name).group(rows)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that is good in itself."""

    line: int
    invoice: str
    date: str
    customer_key: str | None
    country: str
    content: DocumentRow


@dataclass(slots=True)
class _Invoice:
    """An invoice of which rows may still come. Of a broken one, none are kept."""

    key: str
    seen: int = 0
    rows: list[_Row] = field(default_factory=list)
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    is_broken: bool = False


class _WrongField(Exception):
    """The row cannot be used because of this field."""

    def __init__(self, column: str, code: FaultCode, value: str = "") -> None:
        super().__init__(column, code, value)
        self.column, self.code, self.value = column, code, value


class _Grouping:
    """Puts rows together to invoices. Holds those that are open, by when a row was last seen."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: OrderedDict[str, _Invoice] = OrderedDict()

    def group(self, rows: Iterable[CsvRow]) -> Iterator[Item]:
        present = None
        for number, each in enumerate(rows):
            if each.fields and each.fields[0] != present:
                present = each.fields[0]
                yield from self._complete(number - 1 - WINDOW_ROWS)
            try:
                row = _checked(each)
                invoice = self._invoice(row.invoice, number)
                if invoice.is_broken:
                    raise _WrongField(COLUMNS[0], FaultCode.INVOICE_INCOMPLETE, row.invoice)
                _add(invoice, row)
            except _WrongField as wrong:
                yield from self._reject(each, wrong, number)
        yield from self._complete(None)

    def _invoice(self, key: str, number: int) -> _Invoice:
        """The open invoice `key`, of which the row `number` is seen now."""
        invoice = self._open.get(key)
        if invoice is None:
            invoice = self._open[key] = _Invoice(key)
        else:
            self._open.move_to_end(key)
        invoice.seen = number
        return invoice

    def _complete(self, last: int | None) -> Iterator[Item]:
        """The invoices of which no row was seen after the row `last`. None: all."""
        while self._open:
            invoice = next(iter(self._open.values()))
            if last is not None and invoice.seen > last:
                return
            del self._open[invoice.key]
            if invoice.rows:
                yield from self._completed(invoice)

    def _completed(self, invoice: _Invoice) -> Iterator[Item]:
        if invoice.key.startswith("A"):
            faults = [
                self._fault(row.line, COLUMNS[0], FaultCode.NOT_A_SALE, row.invoice)
                for row in invoice.rows
            ]
            yield Rejected(tuple(faults), is_document=True)
            return
        first = invoice.rows[0]
        moment, doubt = _moment(first.date)
        country = _COUNTRIES.get(first.country)
        document = Document(
            key=invoice.key,
            line=first.line,
            row_lines=tuple(row.line for row in invoice.rows),
            digest=invoice.digest.hexdigest(),
            recorded_at=moment,
            customer_key=first.customer_key,
            country=country,
            is_return=invoice.key.startswith("C"),
            rows=tuple(row.content for row in invoice.rows),
        )
        yield document
        if doubt:
            yield self._fault(first.line, "InvoiceDate", doubt, first.date)
        if country is None:
            yield self._fault(first.line, "Country", FaultCode.COUNTRY_UNKNOWN, first.country)
        for row, kind in zip(invoice.rows, document.kinds(), strict=True):
            if row.content.product_key is None and kind not in {*ORDERED, RowKind.RETURNED}:
                yield self._fault(row.line, "StockCode", FaultCode.NOT_STOCK, row.content.sku)

    def _reject(self, each: CsvRow, wrong: _WrongField, number: int) -> Iterator[Item]:
        """Leave out the row, and with it the rest of its invoice, which would not be whole."""
        fault = self._fault(each.line, wrong.column, wrong.code, wrong.value)
        key = each.fields[0] if each.fields else ""
        if not _INVOICE.fullmatch(key):
            yield Rejected((fault,), is_document=False)
            return
        invoice = self._invoice(key, number)
        siblings = [
            self._fault(row.line, COLUMNS[0], FaultCode.INVOICE_INCOMPLETE, key)
            for row in invoice.rows
        ]
        yield Rejected((*siblings, fault), is_document=not invoice.is_broken)
        invoice.rows.clear()
        invoice.is_broken = True

    def _fault(self, line: int, column: str, code: FaultCode, value: str) -> RowFault:
        severity, action = _MEANING.get(code, (Severity.ERROR, RowAction.REJECTED))
        shown = value.encode(errors="backslashreplace").decode()
        return RowFault(self._file, line, column, code, severity, shown, action)


_MEANING = {
    FaultCode.NOT_A_SALE: (Severity.WARNING, RowAction.REJECTED),
    FaultCode.NOT_STOCK: (Severity.WARNING, RowAction.IMPORTED),
    FaultCode.TIME_SKIPPED: (Severity.WARNING, RowAction.IMPORTED),
    FaultCode.TIME_TWICE: (Severity.INFO, RowAction.IMPORTED),
    FaultCode.COUNTRY_UNKNOWN: (Severity.INFO, RowAction.IMPORTED),
}


def _add(invoice: _Invoice, row: _Row) -> None:
    if invoice.rows and row.customer_key != invoice.rows[0].customer_key:
        raise _WrongField("CustomerID", FaultCode.CUSTOMER_DIFFERS, row.customer_key or "")
    if len(invoice.rows) == DOCUMENT_ROWS_MAX:
        raise _WrongField("InvoiceNo", FaultCode.TOO_MANY_ROWS, row.invoice)
    invoice.rows.append(row)
    # Of what the row says, however it is written: 2.5 and 2.50 are the same. No text holds \x1f.
    said = row.content
    invoice.digest.update(
        f"{said.sku}\x1f{said.title or ''}\x1f{said.quantity}\x1f{said.unit_price.micro}\x1f"
        f"{row.date}\x1f{row.customer_key or ''}\x1f{row.country}\x1e".encode()
    )


def _checked(read: CsvRow) -> _Row:
    """The row, if each of its fields is good. The first that is not is told."""
    if read.fields is None:
        raise _WrongField("", FaultCode.MALFORMED_CSV)
    if len(read.fields) != len(COLUMNS):
        raise _WrongField("", FaultCode.FIELD_COUNT, str(len(read.fields)))
    invoice, code, description, quantity, date, price, customer, country = read.fields
    if not _INVOICE.fullmatch(invoice):
        raise _WrongField("InvoiceNo", FaultCode.BAD_INVOICE, invoice)
    content = _content(code, description, quantity, price)
    _moment(date)
    if content.unit_price.micro < 0 and not invoice.startswith("A"):
        raise _WrongField("UnitPrice", FaultCode.BAD_PRICE, price)
    if content.quantity > 0 and invoice.startswith("C"):
        raise _WrongField("Quantity", FaultCode.BAD_RETURN, quantity)
    customer_key = _customer_key(customer)
    _check_text("Country", country)
    return _Row(read.line, invoice, date, customer_key, country, content)


def _check_text(column: str, value: str) -> None:
    if value.isascii() and value.isprintable() and len(value) <= NAME_LENGTH_MAX:
        return
    if _UNDECODED.search(value):
        raise _WrongField(column, FaultCode.NOT_UTF8, value)
    if _CONTROL.search(value):
        raise _WrongField(column, FaultCode.CONTROL_CHARACTER, value)
    if len(value) > NAME_LENGTH_MAX:
        raise _WrongField(column, FaultCode.TEXT_TOO_LONG, value)


# The following see the same values many times over.


@lru_cache(maxsize=32_768)
def _content(code: str, description: str, quantity: str, price: str) -> DocumentRow:
    sku, product_key = _sku(code)
    _check_text("Description", description)
    if not _QUANTITY.fullmatch(quantity) or not (pieces := int(quantity)):
        raise _WrongField("Quantity", FaultCode.BAD_QUANTITY, quantity)
    unit_price = _price(price)
    if abs(pieces * unit_price.micro) > _ROW_MICRO_MAX:
        raise _WrongField("UnitPrice", FaultCode.AMOUNT_TOO_LARGE, price)
    return DocumentRow(sku, product_key, description.strip() or None, pieces, unit_price)


def _sku(code: str) -> tuple[str, str | None]:
    """SKU and product of goods; the code and None of a charge."""
    upper = code.upper()
    if _GOODS.fullmatch(upper):
        return upper, upper[:5]
    if len(upper) <= CODE_LENGTH_MAX and _CHARGE.fullmatch(upper):
        return upper, None
    raise _WrongField("StockCode", FaultCode.BAD_CODE, code)


@lru_cache(maxsize=16_384)
def _customer_key(text: str) -> str | None:
    if not text:
        return None
    if match := _CUSTOMER.fullmatch(text):
        return match[1]
    raise _WrongField("CustomerID", FaultCode.BAD_CUSTOMER, text)


def _price(text: str) -> UnitPrice:
    if not _PRICE.fullmatch(text):
        raise _WrongField("UnitPrice", FaultCode.BAD_PRICE, text)
    return UnitPrice.of(Decimal(text), CURRENCY)


@lru_cache(maxsize=4_096)
def _moment(text: str) -> tuple[datetime, FaultCode | None]:
    """A local time in UTC, and what is doubtful about it.

    Where the clocks were put back, the first of the two is taken; where they were put forward,
    the time is counted from before. So is `fold=0` (PEP 495).
    """
    try:
        local = datetime.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        local = None
    if local is None or not _YEAR_MIN <= local.year <= _YEAR_MAX:
        raise _WrongField("InvoiceDate", FaultCode.BAD_DATE, text)
    here = local.replace(tzinfo=_ZONE)
    moment = here.astimezone(UTC)
    if moment.astimezone(_ZONE).replace(tzinfo=None) != local:
        return moment, FaultCode.TIME_SKIPPED
    if here.utcoffset() != here.replace(fold=1).utcoffset():
        return moment, FaultCode.TIME_TWICE
    return moment, None
