"""What packages beside this one bring: classes behind ports, declared as entry points."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

# `acme = "acme_taxes:Acme"` in one of these groups: a class that takes no arguments.
TAX_ENGINES = "backoffice_api.tax_engines"
RISK_PROVIDERS = "backoffice_api.risk_providers"


def installed(group: str) -> Mapping[str, Any]:
    """One of each class of the group, by its name there.

    One that cannot be loaded is an error at the start: orders would wait for it in vain.
    """
    return {each.name: each.load()() for each in entry_points(group=group)}
