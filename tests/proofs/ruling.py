"""What the office needs of roles: one of its own, given to somebody, and a policy."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "RoleUpdateInput": ("name",),
    "RoleHolderInput": ("tokenId",),
    "RoleChoiceInput": ("template",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    role = office._id("roleCreate", "role", input={"name": "Helper", "template": "SUPPORT"})
    token = office._id("tokenCreate", "token", input={"name": "Helper", "scopes": []})
    holder = {"tokenId": token}
    grant = office._id("roleGrant", "grant", input={"holder": holder, "role": {"id": role}})
    return {
        "role.id": role,
        **{f"role{verb}.id": role for verb in ("Update", "Archive")},
        "RoleCreateInput.template": "BUYER",
        "RoleHolderInput.tokenId": token,
        "RoleChoiceInput.template": "BUYER",
        "roleGrantEnd.id": grant,
    }
