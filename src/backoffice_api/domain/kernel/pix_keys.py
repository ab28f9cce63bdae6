"""PIX keys: names by which accounts in Brazil are paid, whichever bank they are at.

Where the code of a bank is asked for, `PIX` says that the number is a key. Source: Banco Central do
Brasil, Manual Operacional do DICT, kinds of keys. A key is data of payments: refusals never repeat
it.
"""

import re
from dataclasses import dataclass
from enum import Enum

from backoffice_api.domain.kernel.errors import Invalid
from backoffice_api.domain.kernel.tax_ids import InvalidTaxId, TaxIdKind, check_tax_id

PIX = "PIX"
# Of an email address, the longest kind of key.
KEY_LENGTH_MAX = 77
_PHONE = re.compile(r"\+[1-9][0-9]{7,14}")
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class PixKeyKind(Enum):
    """What a key is."""

    PHONE = "phone"
    EMAIL = "email"
    TAX_ID = "tax_id"
    RANDOM = "random"


@dataclass(frozen=True, slots=True)
class PixKey:
    kind: PixKeyKind
    key: str


@dataclass(eq=False)
class InvalidPixKey(Invalid):
    """The value is no PIX key. The refusal does not repeat it."""

    message = (
        "This is no PIX key: it is a phone number as +5511987654321, an email address, a CPF or "
        "CNPJ, or a random key."
    )


def is_pix(bank_code: str | None) -> bool:
    """The code says that the number is a key."""
    return (bank_code or "").strip().upper() == PIX


def pix_key(bank_code: str | None, number: str | None) -> PixKey | None:
    """The key that a number is. None: it is that of an account.

    Raises:
        InvalidPixKey: it should be a key, and is none.
    """
    if not is_pix(bank_code):
        return None
    given = (number or "").strip()
    lower = given.lower()
    for kind, pattern in (
        (PixKeyKind.PHONE, _PHONE),
        (PixKeyKind.EMAIL, _EMAIL),
        (PixKeyKind.RANDOM, _RANDOM),
    ):
        if len(lower) <= KEY_LENGTH_MAX and pattern.fullmatch(lower):
            return PixKey(kind, lower)
    for register in (TaxIdKind.CPF, TaxIdKind.CNPJ):
        try:
            return PixKey(PixKeyKind.TAX_ID, check_tax_id(register, given))
        except InvalidTaxId:
            continue
    raise InvalidPixKey
