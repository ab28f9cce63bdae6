"""BR Codes: what a buyer's bank reads to pay by PIX, made and checked without asking anybody.

Sources: Banco Central do Brasil, "Manual de Padrões para Iniciação do Pix" (2.6.x) and "Manual do
BR Code", after EMV QRCPS Merchant Presented Mode 1.0: elements of two digits of id, two of length
and a value; the last one is a CRC-16/CCITT-FALSE (polynomial 1021, start FFFF) over all before it.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from backoffice_api.domain.kernel.errors import Faults, Invalid
from backoffice_api.domain.kernel.money import Money
from backoffice_api.domain.kernel.pix_keys import InvalidPixKey
from backoffice_api.domain.kernel.texts import check_text

NAME_LENGTH_MAX = 25
CITY_LENGTH_MAX = 15
LENGTH_MAX = 512
_GUI = "br.gov.bcb.pix"
# ISO 4217 numeric code of the real, which PIX is in.
_REAL = "986"
CURRENCY = "BRL"
_TRANSACTION_ID = re.compile(r"[A-Za-z0-9]{1,25}", re.ASCII)
_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?", re.ASCII)
_KEY = re.compile(r"[!-~]{1,77}", re.ASCII)
# Stands for "no id": as many payments as one likes.
_ANY = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class PixReceiver:
    """Who is paid: the PIX key, the name and the city that the buyer sees."""

    key: str
    name: str
    city: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BrCode:
    """What a BR Code of a fixed key says. `amount` None: the payer chooses."""

    key: str
    name: str
    city: str
    amount: Money | None
    transaction_id: str | None


@dataclass(eq=False)
class InvalidBrCode(Invalid):
    """A BR Code is cut off, damaged, or not for PIX."""

    message = "This is no BR Code for PIX, or it is damaged."


def check_receiver(receiver: PixReceiver, faults: Faults, *path: str | int) -> None:
    """Note what is wrong with who is to be paid."""
    if not _KEY.fullmatch(receiver.key):
        faults.add(InvalidPixKey().at(*path, "key"))
    check_text(receiver.name, faults, *path, "name")
    check_text(receiver.city, faults, *path, "city")
    for name in ("name", "city"):
        if not _plain(getattr(receiver, name), NAME_LENGTH_MAX):
            faults.add(InvalidBrCode().at(*path, name))


def br_code(receiver: PixReceiver, *, amount: Money | None, transaction_id: str | None) -> str:
    """The text of a BR Code: to be shown as a QR Code, or copied and pasted.

    Names lose their accents and what is too long of them, as the manual has it.

    Raises:
        InvalidBrCode: the id has other characters than letters and digits, or more than 25; or the
            amount is not in reais.
    """
    if transaction_id is not None and not _TRANSACTION_ID.fullmatch(transaction_id):
        raise InvalidBrCode
    if amount is not None and (amount.currency != CURRENCY or amount.minor <= 0):
        raise InvalidBrCode
    account = _element("00", _GUI) + _element("01", receiver.key)
    parts = [
        _element("00", "01"),
        _element("26", account),
        _element("52", "0000"),
        _element("53", _REAL),
        *([_element("54", str(amount.amount))] if amount else ()),
        _element("58", "BR"),
        _element("59", _plain(receiver.name, NAME_LENGTH_MAX)),
        _element("60", _plain(receiver.city, CITY_LENGTH_MAX)),
        _element("62", _element("05", transaction_id or _ANY)),
        "6304",
    ]
    text = "".join(parts)
    return text + crc16(text)


def read_br_code(text: str) -> BrCode:
    """What a BR Code says.

    Raises:
        InvalidBrCode: it is damaged, has no key, or is not for PIX.
    """
    if len(text) > LENGTH_MAX or text[-8:-4] != "6304" or crc16(text[:-4]) != text[-4:].upper():
        raise InvalidBrCode
    elements = _elements(text)
    account = _elements(elements.get("26", ""))
    if account.get("00", "").lower() != _GUI or "01" not in account:
        raise InvalidBrCode
    if elements.get("53") != _REAL or not {"59", "60"} <= elements.keys():
        raise InvalidBrCode
    id = _elements(elements.get("62", "")).get("05", _ANY)
    if id != _ANY and not _TRANSACTION_ID.fullmatch(id):
        raise InvalidBrCode
    return BrCode(
        key=account["01"],
        name=elements["59"],
        city=elements["60"],
        amount=_amount(elements.get("54")),
        transaction_id=None if id == _ANY else id,
    )


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE of the text in UTF-8, as four capital hexadecimal digits."""
    crc = 0xFFFF
    for byte in text.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return f"{crc:04X}"


def _element(id: str, value: str) -> str:
    if not 1 <= len(value) <= 99:
        raise InvalidBrCode
    return f"{id}{len(value):02}{value}"


def _elements(text: str) -> Mapping[str, str]:
    """Raises: InvalidBrCode."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        id, length = text[at : at + 2], text[at + 2 : at + 4]
        value = text[at + 4 : at + 4 + int(length)] if _is_number(length) else ""
        if not _is_number(id) or not value or len(value) != int(length) or id in found:
            raise InvalidBrCode
        found[id] = value
        at += 4 + len(value)
    return found


def _is_number(text: str) -> bool:
    return len(text) == 2 and text.isascii() and text.isdecimal()


def _amount(text: str | None) -> Money | None:
    """Raises: InvalidBrCode."""
    if text is None:
        return None
    if not _AMOUNT.fullmatch(text):
        raise InvalidBrCode
    try:
        return Money.of(Decimal(text), CURRENCY)
    except InvalidOperation:
        raise InvalidBrCode from None


def _plain(text: str, length: int) -> str:
    """Without accents, in ASCII, cut to `length`."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(letters.split())[:length].strip()
