"""The way to each carrier, as the settings of this installation allow."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from backoffice_api.adapters.carriers.brazil import CURRENCY
from backoffice_api.adapters.carriers.correios import Correios
from backoffice_api.adapters.carriers.correios_wire import CorreiosSettings, Tokens
from backoffice_api.adapters.carriers.fake import FakeCarrier
from backoffice_api.adapters.carriers.karrio import karrio_carrier
from backoffice_api.adapters.carriers.local import LocalCarrier
from backoffice_api.adapters.carriers.melhor_envio import MelhorEnvio, MelhorEnvioSettings
from backoffice_api.adapters.carriers.trackers import CorreiosTracker, MelhorEnvioTracker
from backoffice_api.domain.shipping.model.carriers import Carrier, CarrierKind
from backoffice_api.domain.shipping.ports import CarrierPort, CarrierRefusal
from backoffice_api.domain.tracking.ports import TrackingSource

T = TypeVar("T")


class KnownCarriers:
    """`secrets`: JSON, by the codes of carriers what is needed to sign in to them."""

    def __init__(self, folder: Path, secrets: str | None) -> None:
        self._folder = folder
        self._secrets = secrets
        self._tokens = Tokens()

    def of(self, carrier: Carrier) -> CarrierPort:
        """How to speak with a carrier.

        Raises:
            CarrierRefusal: this installation cannot: something is not installed or not set.
        """
        match carrier.kind:
            case CarrierKind.FAKE:
                return FakeCarrier(self._folder / carrier.id.hex, carrier)
            case CarrierKind.KARRIO:
                return karrio_carrier(carrier, self._settings_of(carrier.code))
            case CarrierKind.CORREIOS:
                settings = self._read(carrier, CorreiosSettings)
                return Correios(_in_reais(carrier), settings, self._tokens)
            case CarrierKind.MELHOR_ENVIO:
                return MelhorEnvio(_in_reais(carrier), self._read(carrier, MelhorEnvioSettings))
            case _:
                return LocalCarrier(carrier)

    def trackers(self, carriers: Iterable[Carrier]) -> Mapping[str, TrackingSource]:
        """Who can be asked about parcels, by code in small letters; without those not set up."""
        found: dict[str, TrackingSource] = {}
        for each in carriers:
            try:
                found[each.code.lower()] = self._tracker(each)
            except CarrierRefusal:
                continue
        return found

    def _tracker(self, carrier: Carrier) -> TrackingSource:
        match carrier.kind:
            case CarrierKind.CORREIOS:
                return CorreiosTracker(self._read(carrier, CorreiosSettings), self._tokens)
            case CarrierKind.MELHOR_ENVIO:
                return MelhorEnvioTracker(self._read(carrier, MelhorEnvioSettings))
            case _:
                raise CarrierRefusal(f"Carrier {carrier.code} cannot be asked about parcels")

    def _read(self, carrier: Carrier, kind: type[T]) -> T:
        try:
            return msgspec.convert(self._settings_of(carrier.code), kind)
        except msgspec.ValidationError as fault:
            # It names what is wrong, never what is there.
            words = f"BACKOFFICE_CARRIERS_SECRET of carrier {carrier.code}: {fault}"
            raise CarrierRefusal(words) from None

    def _settings_of(self, code: str) -> Mapping[str, Any]:
        try:
            found = json.loads(self._secrets or "{}").get(code)
        except (ValueError, AttributeError):
            found = None
        if not isinstance(found, dict):
            raise CarrierRefusal(f"BACKOFFICE_CARRIERS_SECRET names nothing for carrier {code}")
        return found


def _in_reais(carrier: Carrier) -> Carrier:
    if carrier.currency != CURRENCY:
        raise CarrierRefusal(f"Carrier {carrier.code} asks for {CURRENCY}, not {carrier.currency}")
    return carrier
