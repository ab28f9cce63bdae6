"""What the office needs of privacy: requests that are open, and somebody to be erased."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    who = office._id("customerCreate", "customer", input={"name": "Zuleika"})
    gone = office._id("customerCreate", "customer", input={"name": "Iracema"})
    asked = {"customerId": who, "kind": "OBJECTION", "regime": "GDPR"}

    def request() -> str:
        return office._id("privacyRequestOpen", "request", input=asked)

    return {
        "PrivacyRequestOpenInput.customerId": who,
        "PrivacyRequestOpenInput.receivedOn": "2025-01-31",
        "privacyRequest.id": request(),
        "privacyRequestComplete.id": request(),
        "privacyRequestRefuse.id": request(),
        "CustomerEraseInput.customerId": who,
        "erasure.id": office._id("customerErase", "erasure", input={"customerId": gone}),
    }
