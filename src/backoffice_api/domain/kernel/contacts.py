"""How people are reached: canonical forms of e-mail addresses, phone numbers and languages.

Such values are personal data: refusals never repeat them.
"""

import re
from dataclasses import dataclass

from backoffice_api.domain.kernel.errors import Invalid

# RFC 5321, 4.5.3.1: 64 octets before the @, and a path of 256 with its angle brackets.
EMAIL_LENGTH_MAX = 254
_LOCAL_PART_LENGTH_MAX = 64
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")

# ITU-T E.164: a country code, which does not begin with 0, and at most 15 digits in all.
PHONE_LENGTH_MAX = 16
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE_PUNCTUATION = dict.fromkeys(map(ord, " \u00a0\u202f().-/"))

LOCALE_LENGTH_MAX = 11
_LOCALE = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(eq=False)
class InvalidEmail(Invalid):
    """The value has not the shape of an e-mail address."""

    message = "This is not an e-mail address, as in name@example.com."


@dataclass(eq=False)
class InvalidPhone(Invalid):
    """The value has not the shape of an international phone number."""

    message = "This is not a phone number with its country, as in +55 11 91234 5678."


@dataclass(eq=False)
class InvalidLocale(Invalid):
    """The value is no language tag of the short form: language, script, region."""

    message = "This is not a language tag, as in pt-BR."


def check_email(email: str) -> str:
    """The e-mail address without spaces around it and with a lower-case domain.

    The part before the @ keeps its capitals, since only the receiving host knows whether they
    count. The shape is the one that browsers take (HTML Living Standard, "valid e-mail address"):
    ASCII only, domains of other scripts in their `xn--` form. Whether there is such a mailbox,
    only a message can tell.

    Raises:
        InvalidEmail: it has another shape, or more than 254 characters.
    """
    local_part, _, domain = email.strip().rpartition("@")
    domain = domain.lower() if domain.isascii() else ""
    if (
        len(local_part) > _LOCAL_PART_LENGTH_MAX
        or len(local_part) + 1 + len(domain) > EMAIL_LENGTH_MAX
        or not _LOCAL_PART.fullmatch(local_part)
        or not _DOMAIN.fullmatch(domain)
    ):
        raise InvalidEmail
    return f"{local_part}@{domain}"


def email_key(email: str) -> str:
    """By what e-mail addresses are compared: hardly any host tells capitals apart."""
    return email.strip().lower()


def check_phone(phone: str) -> str:
    """The phone number without spaces, brackets, dots, hyphens and slashes: `+5511912345678`.

    It begins with + and the code of its country, and has 7 to 15 digits (ITU-T E.164; the lower
    bound is ours). A national number is refused: which country it is in cannot be told.

    Raises:
        InvalidPhone: it has another shape.
    """
    compact = phone.translate(_PHONE_PUNCTUATION)
    if not _PHONE.fullmatch(compact):
        raise InvalidPhone
    return compact


def check_locale(locale: str) -> str:
    """The language tag in the capitals that RFC 5646, 2.1.1 recommends: `pt-BR`, `zh-Hant-TW`.

    Of BCP 47 it takes language, script and region, without variants and extensions. The shape is
    checked, not whether the subtags are registered.

    Raises:
        InvalidLocale: it has another shape.
    """
    if not (match := _LOCALE.fullmatch(locale)):
        raise InvalidLocale
    script, region = match["script"], match["region"]
    parts = (match["language"].lower(), script and script.title(), region and region.upper())
    return "-".join(part for part in parts if part)
