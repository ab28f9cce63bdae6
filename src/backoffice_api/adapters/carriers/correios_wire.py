"""Signing in to the Correios, and asking them: tokens last for a day, and few are given out.

Source: the manual "Uso da API Token" at https://www.correios.com.br/atendimento/developers/manuais.
"""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from threading import Lock
from typing import Any

import msgspec

from backoffice_api.adapters.carriers.brazil import SenderFacts
from backoffice_api.adapters.carriers.rest import Answer, Said, Wire
from backoffice_api.domain.shipping.ports import CarrierRefusal, CarrierSilent

URL = "https://api.correios.com.br"
# What they tell without a zone is the time of Brasília.
BRASILIA = timezone(timedelta(hours=-3))
# A token that ends within this time is not used any more.
_MARGIN = timedelta(minutes=2)
_GOOD_FOR = timedelta(hours=12)


class CorreiosSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`user`: of Meu Correios, with its access code as `access_key`. `card`: the posting card.

    `contract` and `region` (DR) are those whose prices are told.
    """

    user: str
    access_key: str
    card: str
    contract: str
    region: int
    sender: SenderFacts
    url: str = URL


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    until: datetime


class Tokens:
    """Tokens of the Correios, by who signs in: they last for a day, and few are given out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[tuple[str, str, str], Token] = {}

    def get(self, settings: CorreiosSettings, fresh: Callable[[], Token]) -> str:
        """A token that is good now; only one at a time is asked for."""
        with self._lock:
            name = (settings.url, settings.user, settings.card)
            known = self._known.get(name)
            if known is None or known.until - _MARGIN <= datetime.now(UTC):
                known = self._known[name] = fresh()
            return known.text

    def drop(self, text: str) -> None:
        """Use a token no more that was refused."""
        with self._lock:
            self._known = {name: each for name, each in self._known.items() if each.text != text}


class CorreiosWire:
    """Asks the Correios, signed in."""

    def __init__(self, settings: CorreiosSettings, tokens: Tokens) -> None:
        self._settings = settings
        self._tokens = tokens
        # Rastro takes no request without a language.
        self.wire = Wire(settings.url, said, headers={"Accept-Language": "pt-BR"})

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        """Its answer. A token that is refused is asked for anew, once: nothing was done with it.

        Raises:
            CarrierRefusal, CarrierSilent.
        """
        token = self._tokens.get(self._settings, self._sign_in)
        try:
            return self._asked(token, method, path, **more)
        except CarrierRefusal as refusal:
            if refusal.status != 401 and not (refusal.code or "").startswith("GTW-"):
                raise
        self._tokens.drop(token)
        token = self._tokens.get(self._settings, self._sign_in)
        return self._asked(token, method, path, **more)

    def _asked(self, token: str, method: str, path: str, **more: Any) -> Answer:
        return self.wire.ask(method, path, headers={"Authorization": f"Bearer {token}"}, **more)

    def _sign_in(self) -> Token:
        given = self._settings
        basic = "Basic " + b64encode(f"{given.user}:{given.access_key}".encode()).decode()
        sends = {"numero": given.card, "contrato": given.contract, "dr": given.region}
        path = "/token/v1/autentica/cartaopostagem"
        answer = self.wire.ask("POST", path, sends=sends, headers={"Authorization": basic}).fields
        token = answer.get("token")
        if not isinstance(token, str) or not token:
            raise CarrierSilent("It gives no token")
        return Token(token, moment(answer.get("expiraEm")) or datetime.now(UTC) + _GOOD_FOR)


def said(answer: Any) -> Said:
    """Its reasons, `PPN-295: ...` each, and the code of the first."""
    given = answer.get("msgs") or answer.get("mensagem") or answer.get("msg") or ""
    words = "; ".join(str(each) for each in given if each) if isinstance(given, list) else given
    code, colon, _ = str(words).partition(":")
    return Said(code.strip() if colon and "-" in code and len(code) <= 10 else None, str(words))


def moment(value: Any) -> datetime | None:
    """A time that it tells, in that of Brasília where it does not say. None: it is none."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=BRASILIA)
