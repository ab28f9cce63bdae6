"""What the office needs of tickets: one in every state that a mutation asks for."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "TicketAssignInput": ("assigneeId",),
    "TicketLookup": ("id",),
    "TicketParticipantInput": ("email",),
    "TicketTagInput": ("added",),
    "TicketTeamMemberSetInput": ("capacity",),
    "TicketTeamUpdateInput": ("name",),
    "TicketUpdateInput": ("subject",),
}
_OF_OPEN_ONES = (
    *("Update", "Tag", "Receive", "Reply", "Note", "Assign", "Take", "Merge", "Link"),
    *(
        "ParticipantAdd",
        "Start",
        "AwaitCustomer",
        "AwaitInternal",
        "Resolve",
        "MarkAsSpam",
        "Snooze",
    ),
)


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    return _Ticketing(office).examples()


class _Ticketing:
    """Tickets about a location, and a team with one member."""

    def __init__(self, office: "Office") -> None:
        self.office = office
        self.place = office._id("locationCreate", "location", input={"code": "T", "name": "Shop"})
        person = {"name": "Agent", "email": "agent@example.com", "password": "a long sentence…"}
        self.agent = office._id("staffCreate", "staff", input=person)

    def examples(self) -> Mapping[str, Any]:
        opened, split = self._open(), self._open()
        reply = {"body": "Soon."}
        said = self.office.do("ticketReply", "message { id }", id=split, input=reply)["id"]
        until = {"until": "2027-01-01T00:00:00Z"}
        return {
            **{f"ticket{verb}.id": opened for verb in _OF_OPEN_ONES},
            "TicketLookup.id": opened,
            "TicketLinkInput.subjectId": self.place,
            "TicketAssignInput.assigneeId": self.agent,
            "TicketParticipantInput.email": "ana@example.com",
            "TicketMergeInput.ticketIds": [self._open()],
            "ticketSplit.id": split,
            "TicketSplitInput.messageIds": [said],
            "TicketSnoozeInput.until": until["until"],
            "ticketWake.id": self._moved("Snooze", input=until),
            "ticketResume.id": self._moved("AwaitInternal"),
            "ticketClose.id": self._moved("Resolve"),
            "ticketReopen.id": self._moved("Resolve"),
            "ticketUnmarkAsSpam.id": self._moved("MarkAsSpam"),
            **self._lists(),
            **self._teams(),
        }

    def _open(self, **input: Any) -> str:
        given = {"subject": "Where is it?", "body": "Not here.", **input}
        return self.office._id("ticketOpen", "ticket", input=given)

    def _moved(self, verb: str, **given: Any) -> str:
        id = self._open()
        self.office.do(f"ticket{verb}", id=id, **given)
        return id

    def _lists(self) -> dict[str, Any]:
        shown = "ticket { id links { id } participants { id } }"
        given = {"subject": "S", "body": "B", "authorEmail": "ana@example.com"}
        links = [{"subjectId": self.place}]
        made = self.office.do("ticketOpen", shown, input={**given, "links": links})
        return {
            "ticketUnlink.id": made["id"],
            "TicketUnlinkInput.linkId": made["links"][0]["id"],
            "ticketParticipantRemove.id": made["id"],
            "TicketParticipantRemoveInput.participantId": made["participants"][0]["id"],
        }

    def _teams(self) -> dict[str, Any]:
        team, gone = (
            self.office._id("ticketTeamCreate", "team", input={"name": name})
            for name in ("Help", "Gone")
        )
        self.office.do("ticketTeamArchive", id=gone)
        self.office.do("ticketTeamMemberSet", id=team, input={"staffId": self.agent})
        return {
            "ticketTeam.id": team,
            **{f"ticketTeam{verb}.id": team for verb in ("Update", "Archive")},
            **{f"ticketTeamMember{verb}.id": team for verb in ("Set", "Remove")},
            "ticketTeamRestore.id": gone,
            "TicketTeamMemberSetInput.staffId": self.agent,
            "TicketTeamMemberSetInput.capacity": 5,
            "TicketTeamMemberRemoveInput.staffId": self.agent,
        }
