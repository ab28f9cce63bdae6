"""What the office needs of customers: contacts, groups, consents, and some of them twice."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from backoffice_api.domain.customers.commands.duplicates import FindDuplicates, find_duplicates
from backoffice_api.domain.execute import execute
from backoffice_api.domain.kernel.uow import THE_SYSTEM

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "CustomerGroupUpdateInput": ("name",),
    "CustomerGroupChangeMembersInput": ("addedIds",),
    "CustomerContactUpdateInput": ("name",),
    "CustomerLocationUpdateInput": ("name",),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Knowing(office).examples()


class _Knowing:
    """A company, with a contact, a location and a note."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.company = self._customer("Works", kind="COMPANY")

    def examples(self) -> Mapping[str, Any]:
        place = {"lines": ["Hafen 1"], "city": "Hamburg", "country": "DE"}
        location = self._part("customerLocationAdd", "locations", name="Port", address=place)
        contact = self._part("customerContactAdd", "contacts", name="Bo", buyerRole="BUYER")
        note = self._part("customerNoteAdd", "notes", body="Pays late.")
        group, old = self._group("NEWS"), self._group("OLD")
        self.office.do("customerGroupArchive", id=old)
        into = self._customer("Twice")
        by_company = ("ContactAdd", "ContactUpdate", "ContactRemove", "LocationAdd")
        by_company += ("LocationUpdate", "LocationRemove", "NoteAdd", "NoteRemove")
        verbs = ("Update", "Archive", "ChangeMembers")
        return {
            **{f"customer{verb}.id": self.company for verb in by_company},
            "customerConsentsRecord.id": self.company,
            "CustomerContactInput.buyerRole": "BUYER",
            "CustomerContactInput.locationId": location,
            "CustomerContactUpdateInput.contactId": contact,
            "CustomerContactUpdateInput.locationId": location,
            "CustomerContactRemoveInput.contactId": contact,
            "CustomerLocationUpdateInput.locationId": location,
            "CustomerLocationRemoveInput.locationId": self._part(
                "customerLocationAdd", "locations", name="Dock", address=place
            ),
            "CustomerNoteRemoveInput.noteId": note,
            "CustomerConsentInput.status": "WITHDRAWN",
            "CustomerConsentInput.givenAt": "2025-01-01T00:00:00Z",
            **{f"customerGroup{verb}.id": group for verb in verbs},
            "customerGroupRestore.id": old,
            "CustomerGroupCreateInput.code": "FRESH",
            "CustomerGroupUpdateInput.code": "NEWS",
            "CustomerGroupChangeMembersInput.addedIds": [into],
            "CustomerGroupChangeMembersInput.removedIds": [self.company],
            "customerMerge.id": into,
            "CustomerMergeInput.fromId": self._customer("Twice"),
            "customerMergePreview.intoId": into,
            "customerMergePreview.fromId": self._customer("Thrice"),
            "customerMergeUndo.id": self._merged(),
            "customerDuplicateDismiss.id": self._duplicate(),
        }

    def _customer(self, name: str, **input: Any) -> str:
        id: str = self.office._id("customerCreate", "customer", input={"name": name, **input})
        return id

    def _part(self, field: str, links: str, **input: Any) -> str:
        """The id of what was added to the company last."""
        shown = "notes(first: 1) { nodes { id } }" if links == "notes" else f"{links} {{ id }}"
        made = self.office.do(field, f"customer {{ {shown} }}", id=self.company, input=input)
        parts = made[links]["nodes"] if links == "notes" else made[links]
        id: str = parts[-1]["id"]
        return id

    def _group(self, code: str) -> str:
        input = {"code": code, "name": code}
        id: str = self.office._id("customerGroupCreate", "customerGroup", input=input)
        return id

    def _merged(self) -> str:
        into, gone = self._customer("One"), self._customer("One")
        made = self.office.do(
            "customerMerge", "customerMerge { id }", id=into, input={"fromId": gone}
        )
        id: str = made["id"]
        return id

    def _duplicate(self) -> str:
        for name in ("Ana", "Anna"):
            self._customer(name, email="both@example.com")
        execute(
            self.office.database,
            find_duplicates,
            FindDuplicates(),
            caller=THE_SYSTEM,
            now=datetime.now(UTC),
        )
        text = "{ customerDuplicates(first: 1) { nodes { id } } }"
        id: str = self.office.ask(text).json()["data"]["customerDuplicates"]["nodes"][0]["id"]
        return id
