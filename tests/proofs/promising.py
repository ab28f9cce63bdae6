"""What the office needs of what is promised for tickets: a policy in use, and one to remove."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.proofs.office import Office

# Fields that an input needs besides those that its type demands.
WANTED: Mapping[str, tuple[str, ...]] = {
    "SlaPolicySetInput": ("calendarId", "firstResponseMin", "teamIds", "languages"),
}


def furnish(office: "Office") -> Mapping[str, Any]:
    """Examples by the names of arguments and input fields."""
    calendar = office._id(
        "calendarSet",
        "calendar",
        input={
            "code": "desk",
            "name": "Desk",
            "timeZone": "Europe/Berlin",
            "weekdays": [1, 2, 3, 4, 5],
            "cutOff": 0,
            "hours": [{"weekday": 1, "opens": 540, "closes": 720}],
        },
    )
    team = office._id("ticketTeamCreate", "team", input={"name": "Promising"})
    given = {"name": "Policy", "firstResponseMin": 60, "calendarId": calendar}
    kept, gone = (
        office._id("slaPolicySet", "policy", input={**given, "code": code, "position": at})
        for at, code in enumerate(("kept", "gone"), start=1)
    )
    return {
        "CalendarPeriodInput.weekday": 1,
        "CalendarPeriodInput.opens": 540,
        "CalendarPeriodInput.closes": 720,
        "SlaPolicySetInput.calendarId": calendar,
        "SlaPolicySetInput.code": "another",
        "SlaPolicySetInput.teamIds": [team],
        "SlaPolicySetInput.languages": ["pt"],
        "SlaPolicySetInput.firstResponseMin": 60,
        "slaPolicy.id": kept,
        "slaPolicyRemove.id": gone,
        "slaFigures.since": "2025-01-01T00:00:00Z",
        "slaFigures.until": "2025-02-01T00:00:00Z",
    }
