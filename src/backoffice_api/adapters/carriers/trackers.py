"""Asking the carriers that sell us labels what has become of parcels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import structlog

from backoffice_api.adapters import tracking_correios, tracking_melhor_envio
from backoffice_api.adapters.carriers.correios_wire import CorreiosSettings, CorreiosWire, Tokens
from backoffice_api.adapters.carriers.melhor_envio import MelhorEnvioSettings, wire_of
from backoffice_api.adapters.tracking_fields import Garbled
from backoffice_api.domain.shipping.ports import CarrierRefusal, CarrierSilent
from backoffice_api.domain.tracking.model.trackings import EventDraft
from backoffice_api.domain.tracking.ports import SourceFailsError

log = structlog.get_logger("backoffice_api.adapters.carriers.trackers")

# What is said of a number that is unknown there, or not well formed.
_UNKNOWN = frozenset({400, 404, 422})


class CorreiosTracker:
    """The API Rastro of a contract."""

    def __init__(self, settings: CorreiosSettings, tokens: Tokens) -> None:
        self._settings = settings
        self._tokens = tokens

    def ask(self, carrier: str, numbers: Sequence[str]) -> Sequence[EventDraft]:
        return _told(carrier, numbers, self._one)

    def _one(self, number: str) -> Sequence[EventDraft]:
        query = {"codigosObjetos": number, "resultado": "T"}
        wire = CorreiosWire(self._settings, self._tokens)
        answer = wire.ask("GET", "/srorastro/v1/objetos", query=query).fields
        return tracking_correios.events_of_json(answer)


class MelhorEnvioTracker:
    """The labels of an account, looked for by number."""

    def __init__(self, settings: MelhorEnvioSettings) -> None:
        self._settings = settings

    def ask(self, carrier: str, numbers: Sequence[str]) -> Sequence[EventDraft]:
        return _told(carrier, numbers, self._one)

    def _one(self, number: str) -> Sequence[EventDraft]:
        wire = wire_of(self._settings)
        answer = wire.ask("GET", "/api/v2/me/orders/search", query={"q": number}).value
        found: Any = answer.get("data") if isinstance(answer, Mapping) else answer
        if not isinstance(found, list):
            raise CarrierSilent("The answer is no list of labels")
        # The search finds more than the number: names and documents, too.
        return [
            event
            for each in found
            if isinstance(each, Mapping)
            and tracking_melhor_envio.number_of(each).upper() == number.upper()
            for event in tracking_melhor_envio.events_of(each)
        ]


def _told(
    carrier: str, numbers: Sequence[str], ask: Callable[[str], Sequence[EventDraft]]
) -> Sequence[EventDraft]:
    """What is told of each number, under the carrier's code here.

    Of one that is told of in a way that makes no sense, nothing is: it would hold up all others.

    Raises:
        SourceFailsError.
    """
    found: list[EventDraft] = []
    for number in numbers:
        try:
            found += [replace(each, carrier=carrier) for each in ask(number)]
        except CarrierRefusal as refusal:
            if refusal.status not in _UNKNOWN:
                raise SourceFailsError(str(refusal)) from None
        except Garbled as nonsense:
            log.warning("tracking.garbled", carrier=carrier, reason=str(nonsense))
        except CarrierSilent as silence:
            raise SourceFailsError(str(silence)) from None
    return found
