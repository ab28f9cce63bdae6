"""What the office needs of the books: days, and a charge that margins can be restated for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return {
        "BooksOpenInput.on": "2025-01-01",
        "MarginsRestateInput.from": "2025-01-01",
        "MarginsRestateInput.to": "2025-02-01",
        "margins.from": "2025-01-01",
        "margins.to": "2025-02-01",
    }
