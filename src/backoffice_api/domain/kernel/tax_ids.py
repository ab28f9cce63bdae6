"""Tax ids of people and companies, checked without asking any register.

A tax id is personal data: refusals say what is wrong with it and never repeat it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backoffice_api.domain.kernel.choices import Choice
from backoffice_api.domain.kernel.errors import Invalid

# What people and documents put between the digits: dots, slashes, kinds of spaces and hyphens.
_PUNCTUATION: Final = dict.fromkeys(map(ord, " \u00a0\u202f.,/-\u2010\u2011\u2012\u2013\u2014"))

_CPF = re.compile(r"[0-9]{11}")
_CNPJ = re.compile(r"[0-9A-Z]{12}[0-9]{2}")

# Source: VIES, structures of VAT identification numbers (European Commission); for GB and XI
# VAT Notice 700 and the VIES table; for NO the organisation number and MVA (Skatteetaten); for
# CH the UID and the abbreviation of the tax in one of the four languages (UIDV, MWSTV).
_UNITED_KINGDOM = r"[0-9]{9}|[0-9]{12}|GD[0-4][0-9]{2}|HA[5-9][0-9]{2}"
_VAT: Final[Mapping[str, str]] = {
    "AT": r"U[0-9]{8}",
    "BE": r"[01][0-9]{9}",
    "BG": r"[0-9]{9,10}",
    "CH": r"E[0-9]{9}(?:MWST|TVA|IVA|TPV)",
    "CY": r"[0-9]{8}[A-Z]",
    "CZ": r"[0-9]{8,10}",
    "DE": r"[0-9]{9}",
    "DK": r"[0-9]{8}",
    "EE": r"[0-9]{9}",
    "EL": r"[0-9]{9}",
    "ES": r"[A-Z][0-9]{7}[0-9A-Z]|[0-9]{8}[A-Z]",
    "FI": r"[0-9]{8}",
    "FR": r"[0-9A-Z]{2}[0-9]{9}",
    "GB": _UNITED_KINGDOM,
    "HR": r"[0-9]{11}",
    "HU": r"[0-9]{8}",
    "IE": r"[0-9]{7}[A-W][A-IW]?|[0-9][A-Z+*][0-9]{5}[A-W]",
    "IT": r"[0-9]{11}",
    "LT": r"[0-9]{9}|[0-9]{12}",
    "LU": r"[0-9]{8}",
    "LV": r"[0-9]{11}",
    "MT": r"[0-9]{8}",
    "NL": r"[0-9]{9}B[0-9]{2}",
    "NO": r"[0-9]{9}MVA",
    "PL": r"[0-9]{10}",
    "PT": r"[0-9]{9}",
    "RO": r"[0-9]{2,10}",
    "SE": r"[0-9]{12}",
    "SI": r"[0-9]{8}",
    "SK": r"[0-9]{10}",
    "XI": _UNITED_KINGDOM,
}


class TaxIdKind(Choice):
    """Which register gave the tax id out."""

    CPF = "cpf", "A person in Brazil (Cadastro de Pessoas Físicas)."
    CNPJ = "cnpj", "A company in Brazil (Cadastro Nacional da Pessoa Jurídica)."
    VAT = "vat", "Value added tax: the European Union, Great Britain, Norway, Switzerland."


class TaxIdFault(Choice):
    """What is wrong with a value that should be a tax id."""

    WRONG_SHAPE = "wrong_shape", "Too short, too long, or with characters that have no place in it."
    WRONG_CHECK_DIGITS = "wrong_check_digits", "Its last digits do not fit the others: mistyped."
    NEVER_ISSUED = "never_issued", "It passes the arithmetic, but no register ever gave it out."
    UNKNOWN_COUNTRY = "unknown_country", "It begins with the prefix of no country that is known."

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


@dataclass(eq=False)
class InvalidTaxId(Invalid):
    """The value is not a tax id of that kind. The refusal does not repeat it: it is personal."""

    kind: TaxIdKind
    fault: TaxIdFault
    message = "This is not a valid {kind.name}: {fault.words}."


def check_tax_id(kind: TaxIdKind, value: str) -> str:
    """The tax id in its canonical form: capital letters and digits, without punctuation.

    - CPF (Brazil, people): 11 digits, the last two of which check the others.
    - CNPJ (Brazil, companies): 12 digits or letters and two check digits. Letters are given out
      from July 2026 on (IN RFB 2.229/2024); they are taken at any time.
    - VAT (European Union, Northern Ireland, Great Britain, Norway, Switzerland): the prefix of
      the country (`EL` for Greece) and the *shape* of its numbers. Only the shape: check digits
      are not calculated, and whether the number exists only the country's register knows (VIES).

    Raises:
        InvalidTaxId: the value is not such a tax id; `fault` says why.
    """
    compact = value.translate(_PUNCTUATION)
    # Tested before upper(), which turns some letters that are not ASCII into ones that are.
    if not compact.isascii():
        raise InvalidTaxId(kind, TaxIdFault.WRONG_SHAPE)
    compact = compact.upper()
    match kind:
        case TaxIdKind.CPF:
            fault = _cpf_fault(compact)
        case TaxIdKind.CNPJ:
            fault = _cnpj_fault(compact)
        case TaxIdKind.VAT:
            fault = _vat_fault(compact)
    if fault is not None:
        raise InvalidTaxId(kind, fault)
    return compact


def _cpf_fault(cpf: str) -> TaxIdFault | None:
    if not _CPF.fullmatch(cpf):
        return TaxIdFault.WRONG_SHAPE
    # Eleven equal digits pass the arithmetic, and stand for "no CPF" in many a form.
    if len(set(cpf)) == 1:
        return TaxIdFault.NEVER_ISSUED
    return _check_digits_fault(cpf, weight_max=11)


def _cnpj_fault(cnpj: str) -> TaxIdFault | None:
    if not _CNPJ.fullmatch(cnpj):
        return TaxIdFault.WRONG_SHAPE
    if cnpj.startswith("0" * 12):
        return TaxIdFault.NEVER_ISSUED
    return _check_digits_fault(cnpj, weight_max=9)


def _check_digits_fault(number: str, *, weight_max: int) -> TaxIdFault | None:
    """Whether the last two characters check the others, by modulus 11 as Receita Federal does.

    Weights grow from 2 at the right; past `weight_max` they begin again at 2. A character counts
    as its ASCII code minus 48: a digit as itself, `A` as 17.
    """
    for end in (len(number) - 2, len(number) - 1):
        weighted = sum(
            (ord(character) - 48) * (2 + position % (weight_max - 1))
            for position, character in enumerate(reversed(number[:end]))
        )
        remainder = weighted % 11
        if number[end] != str(0 if remainder < 2 else 11 - remainder):
            return TaxIdFault.WRONG_CHECK_DIGITS
    return None


def _vat_fault(vat: str) -> TaxIdFault | None:
    shape = _VAT.get(vat[:2])
    if shape is None:
        return TaxIdFault.UNKNOWN_COUNTRY
    if not re.fullmatch(shape, vat[2:]):
        return TaxIdFault.WRONG_SHAPE
    return None
