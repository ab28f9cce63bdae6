"""The way to each carrier, as the settings of this installation allow."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backoffice_api.adapters.carriers.fake import FakeCarrier
from backoffice_api.adapters.carriers.karrio import karrio_carrier
from backoffice_api.adapters.carriers.local import LocalCarrier
from backoffice_api.domain.shipping.model.carriers import Carrier, CarrierKind
from backoffice_api.domain.shipping.ports import CarrierPort, CarrierRefusal


class KnownCarriers:
    """`secrets`: JSON, by the codes of carriers what their connectors need to sign in."""

    def __init__(self, folder: Path, secrets: str | None) -> None:
        self._folder = folder
        self._secrets = secrets

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
            case _:
                return LocalCarrier(carrier)

    def _settings_of(self, code: str) -> Mapping[str, Any]:
        try:
            found = json.loads(self._secrets or "{}").get(code)
        except (ValueError, AttributeError):
            found = None
        if not isinstance(found, dict):
            raise CarrierRefusal(f"BACKOFFICE_CARRIERS_SECRET names nothing for carrier {code}")
        return found
