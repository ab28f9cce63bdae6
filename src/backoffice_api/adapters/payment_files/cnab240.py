"""CNAB 240: orders to pay suppliers in Brazil, and the bank's answers to them.

Source: FEBRABAN, Layout Padrão 240 posições, version 10.x. One lot for accounts in the payer's
own bank, one for those in others, one for PIX keys, one for QR codes of PIX (segments J and J-52),
as each has its own form of entry.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count

from backoffice_api.adapters.payment_files.cnab240_layouts import (
    BY_PIX,
    BY_QR_CODE,
    CHAMBERS,
    FILE_HEADER,
    FILE_TRAILER,
    INITIATIONS,
    LOT_HEADER,
    LOT_TRAILER,
    OCCURRENCES,
    OF_PERSONS,
    OTHER_BANK,
    RETURN,
    SAME_BANK,
    SEGMENT_A,
    SEGMENT_B,
    SEGMENT_J,
    SEGMENT_J52,
    TITLES_VERSION,
)
from backoffice_api.adapters.payment_files.layouts import Unwritable, Value, decode, encode
from backoffice_api.domain.kernel.pix_keys import InvalidPixKey, PixKey, pix_key
from backoffice_api.domain.payables.model.payment_files import (
    BankReturn,
    BrazilianAccount,
    PaymentFileContent,
    PaymentOrder,
    ReturnedPayment,
    UnreadablePaymentFile,
    Verdict,
    brazilian_account,
)
from backoffice_api.domain.payables.model.pix_codes import PixCode

_LINE_END = "\r\n"
_CPF_LENGTH = 11
# The worst of what is said of one payment counts.
_RANK = (Verdict.ACCEPTED, Verdict.SETTLED, Verdict.REJECTED)

_Values = Mapping[str, Value]


def write(content: PaymentFileContent) -> bytes:
    """The file.

    Raises:
        Unwritable: an account is not named as CNAB takes it, or a value has no room.
    """
    account = _account(content.payer.bank_code, content.payer.account_number)
    company = _company(content, account)
    made: dict[str, Value] = {
        "made_on": content.made_at.date(),
        "made_at": f"{content.made_at:%H%M%S}",
        "file_serial": content.serial,
    }
    lines = [encode(FILE_HEADER, {**company, **made})]
    lots = 0
    for entry in (SAME_BANK, OTHER_BANK, BY_PIX, BY_QR_CODE):
        orders = [each for each in content.orders if _entry(each, account.bank) == entry]
        if orders:
            lots += 1
            lines += _lot(content, company, lots, entry, orders)
    trailer: dict[str, Value] = {"bank": account.bank, "lots": lots, "records": len(lines) + 1}
    lines.append(encode(FILE_TRAILER, trailer))
    return (_LINE_END.join(lines) + _LINE_END).encode("ascii")


def read_return(text: str) -> BankReturn:
    """What a bank answers.

    Raises:
        UnreadablePaymentFile: it is no return file of payments; it names the line and the field.
    """
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip("\x1a ")]
    if not lines:
        raise UnreadablePaymentFile(0, "file", "it is empty")
    header = decode(FILE_HEADER, lines[0], 1)
    if header["record"] != "0" or header["direction"] != RETURN:
        raise UnreadablePaymentFile(1, "file_header.direction", "it is no return file")
    payments: list[ReturnedPayment] = []
    totals = 0
    for number, line in enumerate(lines[1:], start=2):
        match line[7:8], line[13:14]:
            case "3", "A":
                found = decode(SEGMENT_A, line, number)
                payments.append(_returned(found, number))
                totals += _number(found["amount"])
            case "3", "J" if line[17:19] == OF_PERSONS:
                decode(SEGMENT_J52, line, number)
            case "3", "J":
                found = decode(SEGMENT_J, line, number)
                payments.append(_returned_of_code(found, number))
                totals += _number(found["amount"])
            case "3", "B":
                decode(SEGMENT_B, line, number)
            case "1", _:
                decode(LOT_HEADER, line, number)
                totals = 0
            case "5", _:
                _check_total(decode(LOT_TRAILER, line, number), totals, number)
            case "9", _:
                _check_records(decode(FILE_TRAILER, line, number), len(lines), number)
            case "3", _:
                continue  # Segments that a bank adds.
            case record, _:
                raise UnreadablePaymentFile(number, "record (8-8)", f"there is no record {record}")
    if lines[-1][7:8] != "9":
        raise UnreadablePaymentFile(len(lines), "file_trailer", "the end of the file is missing")
    return BankReturn(number=None, payments=tuple(payments))


def _account(bank_code: str | None, number: str | None) -> BrazilianAccount:
    found = brazilian_account(bank_code, number)
    if found is None:
        raise Unwritable("an account has no bank, branch or check digit")
    return found


def _key(order: PaymentOrder) -> PixKey | None:
    """Raises: Unwritable."""
    try:
        return pix_key(order.payee.bank_code, order.payee.account_number)
    except InvalidPixKey:
        raise Unwritable("a PIX key is none") from None


def _entry(order: PaymentOrder, bank: str) -> str:
    if order.pix_code:
        return BY_QR_CODE
    if _key(order):
        return BY_PIX
    payee = _account(order.payee.bank_code, order.payee.account_number)
    return SAME_BANK if payee.bank == bank else OTHER_BANK


def _company(content: PaymentFileContent, account: BrazilianAccount) -> dict[str, Value]:
    payer = content.payer
    return {
        "bank": account.bank,
        "company_id_kind": _id_kind(payer.tax_id),
        "company_id": payer.tax_id or "0",
        "agreement": payer.agreement or "",
        "branch": account.branch,
        "branch_digit": account.branch_digit,
        "account": account.account,
        "account_digit": account.account_digit,
        "company_name": payer.holder,
    }


def _id_kind(tax_id: str | None) -> int:
    """G005: 0 none, 1 a person (CPF), 2 a company (CNPJ)."""
    if tax_id is None:
        return 0
    return 1 if len(tax_id) == _CPF_LENGTH else 2


def _lot(
    content: PaymentFileContent,
    company: _Values,
    lot: int,
    entry: str,
    orders: Sequence[PaymentOrder],
) -> Sequence[str]:
    control: dict[str, Value] = {"bank": company["bank"], "lot": f"{lot:04}"}
    header: dict[str, Value] = {**company, **control, "entry": entry}
    if entry == BY_QR_CODE:
        header["version"] = TITLES_VERSION
    lines = [encode(LOT_HEADER, header)]
    sequence = count(1)
    for order in orders:
        if order.pix_code:
            lines += _code_segments(content, control, order, order.pix_code, sequence)
        else:
            lines += _segments(content.pay_on, control, entry, order, sequence)
    total = sum(each.amount.minor for each in orders)
    trailer: dict[str, Value] = {**control, "records": len(lines) + 1, "total": total}
    return [*lines, encode(LOT_TRAILER, trailer)]


def _segments(
    pay_on: date, control: _Values, entry: str, order: PaymentOrder, sequence: Iterator[int]
) -> Sequence[str]:
    first: dict[str, Value] = {
        **control,
        **_payee(order),
        "sequence": next(sequence),
        "chamber": CHAMBERS[entry],
        "payee_name": order.payee.holder,
        "reference": order.reference,
        "pay_on": pay_on,
        "amount": order.amount.minor,
        "information": order.remittance,
    }
    second: dict[str, Value] = {
        **control,
        "sequence": next(sequence),
        "payee_id_kind": _id_kind(order.payee.tax_id),
        "payee_id": order.payee.tax_id or "0",
    }
    if key := _key(order):
        second |= {"initiation": INITIATIONS[key.kind], "pix_key": key.key}
    return [encode(SEGMENT_A, first), encode(SEGMENT_B, second)]


def _code_segments(
    content: PaymentFileContent,
    control: _Values,
    order: PaymentOrder,
    code: PixCode,
    sequence: Iterator[int],
) -> Sequence[str]:
    """What is paid by a QR code: the amount, then who pays, who is paid, and the code's key."""
    first: dict[str, Value] = {
        **control,
        "sequence": next(sequence),
        "payee_name": order.payee.holder,
        "due_on": content.pay_on,
        "nominal": order.amount.minor,
        "pay_on": content.pay_on,
        "amount": order.amount.minor,
        "reference": order.reference,
    }
    payer, payee = content.payer, order.payee
    second: dict[str, Value] = {
        **control,
        "sequence": next(sequence),
        "payer_id_kind": _id_kind(payer.tax_id),
        "payer_id": payer.tax_id or "0",
        "payer_name": payer.holder,
        "payee_id_kind": _id_kind(payee.tax_id),
        "payee_id": payee.tax_id or "0",
        "payee_name": payee.holder,
        "pix_key": code.key,
        "transaction_id": code.said.transaction_id or "",
    }
    return [encode(SEGMENT_J, first), encode(SEGMENT_J52, second)]


def _payee(order: PaymentOrder) -> Mapping[str, Value]:
    """Where the money goes. The bank finds out by itself whose a PIX key is."""
    if _key(order):
        return {"payee_bank": "000", "payee_branch": "0", "payee_account": "0"}
    payee = _account(order.payee.bank_code, order.payee.account_number)
    return {
        "payee_bank": payee.bank,
        "payee_branch": payee.branch,
        "payee_branch_digit": payee.branch_digit,
        "payee_account": payee.account,
        "payee_account_digit": payee.account_digit,
    }


def _returned_of_code(found: _Values, number: int) -> ReturnedPayment:
    """Segment J has one amount and one day: those of the payment."""
    paid: dict[str, Value] = {"paid_on": found["pay_on"], "paid_amount": found["amount"]}
    return _returned({**found, **paid}, number, "segment_j.reference (183-202)")


def _returned(
    found: _Values, number: int, named: str = "segment_a.reference (74-93)"
) -> ReturnedPayment:
    reference, booked_on = found["reference"], found["paid_on"]
    if not reference:
        raise UnreadablePaymentFile(number, named, "it is empty")
    text = str(found["occurrences"])
    codes = [text[at : at + 2] for at in range(0, len(text), 2) if text[at : at + 2].strip()]
    if not codes:
        segment = named.partition(".")[0]
        raise UnreadablePaymentFile(number, f"{segment}.occurrences (231-240)", "it is empty")
    said = [OCCURRENCES.get(code, (Verdict.REJECTED, "Refused")) for code in codes]
    return ReturnedPayment(
        reference=str(reference),
        verdict=max((verdict for verdict, _ in said), key=_RANK.index),
        code=" ".join(codes),
        says="; ".join(words for _, words in said),
        booked_on=booked_on if isinstance(booked_on, date) else None,
        # Not every bank repeats what it has paid: then it is what it was told to pay.
        amount_minor=_number(found["paid_amount"]) or _number(found["amount"]),
    )


def _check_total(trailer: _Values, total: int, number: int) -> None:
    if trailer["total"] != total:
        raise UnreadablePaymentFile(
            number, "lot_trailer.total (24-41)", f"it is {trailer['total']}, the lot has {total}"
        )


def _check_records(trailer: _Values, records: int, number: int) -> None:
    if trailer["records"] != records:
        raise UnreadablePaymentFile(
            number,
            "file_trailer.records (24-29)",
            f"it is {trailer['records']}, the file has {records}",
        )


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0
