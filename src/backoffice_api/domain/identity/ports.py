"""What identity needs of the contexts above it."""

from collections.abc import Collection
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection

from backoffice_api.domain.kernel.reach import Dimension


class Bounding(Protocol):
    """Knows the channels, locations and teams by which grants are bounded."""

    def known(
        self, db: Connection, dimension: Dimension, ids: Collection[UUID]
    ) -> Collection[UUID]:
        """Those of the ids that there are."""
