"""karrio: not spoken yet."""

from collections.abc import Mapping
from typing import Any

from backoffice_api.domain.shipping.model.carriers import Carrier
from backoffice_api.domain.shipping.ports import CarrierPort, CarrierRefusal


def karrio_carrier(carrier: Carrier, settings: Mapping[str, Any]) -> CarrierPort:
    raise CarrierRefusal("karrio is not installed")
