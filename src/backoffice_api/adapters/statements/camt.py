"""camt.053, camt.052 and camt.054 of ISO 20022, in any version: elements are found by name.

An entry is a line, as the bank booked it; the payments of an entry of several are its details.
What is only pending is left out: it comes again when it is booked.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from backoffice_api.adapters.statements.values import (
    Garbled,
    account,
    iso_day,
    minor,
    party,
    reference,
    text_of,
)
from backoffice_api.adapters.xml_trees import DEPTH_MAX
from backoffice_api.domain.banking.model.files import (
    DETAILS_MAX,
    FILE_BYTES_MAX,
    FILE_LINES_MAX,
    DetailDraft,
    Drafts,
    LineDraft,
    StatementDraft,
    StatementFileTooLarge,
    StatementFormat,
    UnreadableStatement,
)

_STATEMENTS = frozenset({"Stmt", "Rpt", "Ntfctn"})
# Booked balances before those of the day, which camt.052 has instead.
_OPENING = ("OPBD", "PRCD")
_CLOSING = ("CLBD", "ITBD")
# At one time: of an entry of many payments, and of what stands around it.
_ELEMENTS_MAX = 1_000_000


def read_camt(content: bytes) -> Drafts:
    """The statements in a camt file.

    Raises:
        UnreadableStatement.
    """
    try:
        found = list(_statements(content))
    except (ParseError, DefusedXmlException, ValueError, LookupError) as damage:
        raise _unreadable(f"it is no XML that is safe to read, {type(damage).__name__}") from None
    if not found:
        raise _unreadable("it holds no statement")
    return found


@dataclass(slots=True)
class _Open:
    """A statement that is being read: its entries are let go one by one as they end."""

    element: Element
    currency: str | None = None
    lines: list[LineDraft] = field(default_factory=list)
    currencies: dict[str, None] = field(default_factory=dict)

    def add(self, entry: Element) -> None:
        if _status(entry) not in ("BOOK", ""):
            return
        own = _currency(entry)
        if self.currency is None:
            # It stands before the entries, in the account or the balances.
            opening = _balance_of(self.element, _OPENING)
            self.currency = _text(self.element, "Acct/Ccy") or _currency(opening) or own
        self.currencies[own] = None
        self.lines.append(_line(entry, self.currency))
        if len(self.lines) > FILE_LINES_MAX:
            raise StatementFileTooLarge(FILE_BYTES_MAX, FILE_LINES_MAX).at("content")


def _statements(content: bytes) -> Iterator[StatementDraft]:
    """The statements one by one; no more of the file is kept than of one entry."""
    opened: _Open | None = None
    kept = before = 0
    path: list[Element] = []
    for event, element in iterparse(BytesIO(content), events=("start", "end"), forbid_dtd=True):
        name = _name(element)
        if event == "start":
            path.append(element)
            kept += 1
            if len(path) > DEPTH_MAX or kept > _ELEMENTS_MAX:
                raise _unreadable("it has too many elements, or they are too deep")
            if name in _STATEMENTS:
                opened = _Open(element)
            elif name == "Ntry":
                before = kept
            continue
        path.pop()
        if opened is None or (name != "Ntry" and element is not opened.element):
            continue
        try:
            if name == "Ntry":
                opened.add(element)
            else:
                yield _draft(opened)
        except Garbled as fault:
            where = _text(opened.element, "Id") or "without a name"
            raise _unreadable(f"{fault} in the statement {where[:40]}") from None
        element.clear()
        if name == "Ntry" and path:
            del path[-1][-1]
            kept = before
        else:
            opened = None


def _draft(opened: _Open) -> StatementDraft:
    statement = opened.element
    opening, closing = (_balance_of(statement, kinds) for kinds in (_OPENING, _CLOSING))
    currency = (
        _text(statement, "Acct/Ccy")
        or _currency(opening)
        or next(iter(opened.currencies), "")
        or _currency(closing)
    )
    named = {_currency(each) for each in (opening, closing) if each is not None}
    days = [_day(each, "Dt") for each in (opening, closing)]
    return StatementDraft(
        account=account(_account(statement, "Acct")) or "",
        currency=currency,
        reference=text_of(_text(statement, "Id"))[:140],
        opening_minor=None if opening is None else _signed(opening, currency),
        closing_minor=None if closing is None else _signed(closing, currency),
        starts_on=_period(statement, "FrDtTm") or days[0],
        ends_on=_period(statement, "ToDtTm") or days[1],
        lines=tuple(opened.lines),
        is_mixed=bool((named | opened.currencies.keys()) - {currency}),
    )


def _balance_of(statement: Element, kinds: Sequence[str]) -> Element | None:
    """The first balance of the first of these kinds that there is."""
    found = {_balance_kind(each): each for each in reversed(list(_all(statement, "Bal")))}
    return next((found[each] for each in kinds if each in found), None)


def _line(entry: Element, currency: str) -> LineDraft:
    payments = [each for group in _all(entry, "NtryDtls") for each in _all(group, "TxDtls")]
    amount = _signed(entry, _currency(entry) or currency)
    comes_in = amount >= 0
    details = tuple(_detail(each, currency, comes_in=comes_in) for each in payments)
    only = details[0] if len(details) == 1 else None
    booked = _day(entry, "BookgDt") or _day(entry, "ValDt")
    if booked is None:
        raise Garbled("an entry has no BookgDt")
    batch = [each for group in _all(entry, "NtryDtls") for each in _all(group, "Btch")]
    return LineDraft(
        booked_on=booked,
        value_on=_day(entry, "ValDt"),
        amount_minor=amount,
        text=text_of(only.text if only else None, _text(entry, "AddtlNtryInf")),
        party_name=only.party_name if only else None,
        party_account=only.party_account if only else None,
        reference=(only.reference if only else None)
        or reference(_text(entry, "NtryRef"))
        or next((reference(_text(each, "PmtInfId")) for each in batch), None),
        bank_reference=reference(_text(entry, "AcctSvcrRef")),
        details=details[:DETAILS_MAX] if len(details) > 1 else (),
    )


def _detail(payment: Element, currency: str, *, comes_in: bool) -> DetailDraft:
    other = ("Dbtr", "UltmtDbtr") if comes_in else ("Cdtr", "UltmtCdtr")
    parties = _first(payment, "RltdPties")
    remittance = _first(payment, "RmtInf")
    unstructured = [] if remittance is None else [each.text for each in _all(remittance, "Ustrd")]
    structured = (
        []
        if remittance is None
        else [_text(each, "CdtrRefInf/Ref") for each in _all(remittance, "Strd")]
    )
    references = [
        _text(payment, path)
        for path in ("Refs/EndToEndId", "Refs/InstrId", "Refs/PmtInfId", "Refs/MndtId")
    ]
    name = number = None
    if parties is not None:
        # In version 8 and later the party stands one level deeper.
        names = (_text(parties, f"{each}{deep}") for each in other for deep in ("/Nm", "/Pty/Nm"))
        name = next(filter(None, names), None)
        number = _account(parties, f"{other[0]}Acct")
    found = [reference(each) for each in (*structured, *references)]
    return DetailDraft(
        amount_minor=_amount_of(payment, currency, comes_in=comes_in),
        text=text_of(*unstructured, *structured, _text(payment, "AddtlTxInf")),
        party_name=party(name),
        party_account=account(number),
        reference=next(filter(None, found), None),
    )


def _amount_of(payment: Element, currency: str, *, comes_in: bool) -> int | None:
    """What one payment of several comes to in the currency of the account. None: it is not told."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        amount = _first(payment, path)
        if amount is not None and amount.get("Ccy") == currency:
            found = minor(amount.text or "", currency)
            return found if comes_in else -found
    return None


def _signed(holder: Element, currency: str) -> int:
    amount = minor(_text(holder, "Amt"), _currency(holder) or currency)
    mark = _text(holder, "CdtDbtInd")
    if mark not in ("CRDT", "DBIT", ""):
        raise Garbled(f"bad CdtDbtInd {mark[:40]!r}")
    # A reversal is marked, too, but the sign is already that of the reversal (RvslInd).
    return -amount if mark == "DBIT" else amount


def _status(entry: Element) -> str:
    """BOOK, PDNG or INFO: by itself, or from version 8 on in a `Cd`."""
    return _text(entry, "Sts/Cd") or _text(entry, "Sts")


def _balance_kind(balance: Element) -> str:
    return _text(balance, "Tp/CdOrPrtry/Cd") or _text(balance, "Tp/CdOrPrtry/Prtry")


def _currency(holder: Element | None) -> str:
    amount = None if holder is None else _first(holder, "Amt")
    return "" if amount is None else (amount.get("Ccy") or "")


def _account(holder: Element, path: str) -> str:
    return _text(holder, f"{path}/Id/IBAN") or _text(holder, f"{path}/Id/Othr/Id")


def _period(statement: Element, path: str) -> date | None:
    text = _text(statement, f"FrToDt/{path}")
    return iso_day(text) if text else None


def _day(holder: Element | None, path: str) -> date | None:
    if holder is None:
        return None
    text = _text(holder, f"{path}/Dt") or _text(holder, f"{path}/DtTm") or _text(holder, path)
    return iso_day(text) if text else None


def _name(element: Element) -> str:
    """The name of an element without its namespace, which names the version."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _all(parent: Element, name: str) -> Iterator[Element]:
    return (each for each in parent if _name(each) == name)


def _first(parent: Element, path: str) -> Element | None:
    found: Iterable[Element] = (parent,)
    for name in path.split("/"):
        found = [each for one in found for each in _all(one, name)]
    return next(iter(found), None)


def _text(parent: Element, path: str) -> str:
    element = _first(parent, path)
    return "" if element is None else (element.text or "").strip()


def _unreadable(reason: str) -> UnreadableStatement:
    return UnreadableStatement(StatementFormat.CAMT, 0, reason)
