"""A shop whose orders are invoiced, for each test, on both databases."""

import pytest

from tests.invoicing.office import InvoiceOffice
from tests.world import World


@pytest.fixture
def office(world: World) -> InvoiceOffice:
    return InvoiceOffice(world)
