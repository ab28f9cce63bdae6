"""What is promised for tickets, over GraphQL: policies, clocks, figures, and what it takes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.kernel.scopes import Scope
from backoffice_api.domain.tickets.commands.clocks import WatchClocks, watch_clocks
from backoffice_api.domain.tickets.tables.clocks import ticket_records
from tests.databases import count_statements
from tests.tickets.office import Office, later
from tests.world import caller

CALENDAR = """
mutation ($input: CalendarSetInput!) {
  calendarSet(input: $input) { calendar { id hours { weekday opens closes } } userErrors { code } }
}"""
SET = """
mutation ($input: SlaPolicySetInput!, $meta: MutationMeta) {
  slaPolicySet(input: $input, meta: $meta) {
    policy {
      id version code position sources priorities languages customerTags teams { name }
      customerGroups { name }
      terms {
        revision firstResponseMin warnPercent timeZone holidays
        hours { weekday opens closes } calendar { code }
      }
    }
    userErrors { code path }
    effects { kind }
  }
}"""
REMOVE = (
    "mutation ($id: ID!) { slaPolicyRemove(id: $id) { policy { isActive } userErrors { code } } }"
)
TICKET = """
query ($id: ID!) {
  ticket(by: {id: $id}) {
    due { nextDueAt firstResponseDueAt nextResponseDueAt resolutionDueAt policy { code } }
    clocks {
      id kind state targetMin dueAt isMissed breachedAt terms { revision }
      segments { kind startsAt endsAt status workedS leftS isReason }
    }
    records { stateCode status assignee team { name } }
    timeline { nodes { type } }
  }
}"""
CLOCKS = """
query ($filter: TicketClockFilter, $sort: TicketClockSort) {
  ticketClocks(filter: $filter, sort: $sort) {
    nodes { id kind ticket { number } terms { resolutionMin } segments { leftS } }
  }
  ticketClocksCount(filter: $filter) { value }
}"""
FIGURES = """
query ($by: SlaGroup!, $since: DateTime!, $until: DateTime!) {
  slaFigures(by: $by, since: $since, until: $until) {
    tickets missedTickets priority source policy { code } team { name }
    clocks { kind started met missed open }
  }
}"""


class TestSla:
    async def test_is_set_explained_and_counted(self, office: Office) -> None:
        world = office.world
        hours = [
            {"weekday": 6, "opens": 600, "closes": 660},
            {"weekday": 6, "opens": 720, "closes": 1_200},
        ]
        given: dict[str, Any] = {
            "code": "saturday",
            "name": "Saturdays",
            "timeZone": "UTC",
            "weekdays": [6],
            "cutOff": 0,
            "hours": hours,
            "holidays": [{"day": "2025-03-08"}],
        }
        calendar = (await world.graphql(CALENDAR, input=given))["calendarSet"]["calendar"]
        assert calendar["hours"] == hours
        team = office.team(name="Help", is_default=True)
        policy = {
            "code": "help",
            "name": "Help",
            "position": 1,
            "teamIds": [ids.text("tem", team)],
            "sources": ["API"],
            "priorities": ["NORMAL"],
            "calendarId": calendar["id"],
            "firstResponseMin": 90,
            "resolutionMin": 240,
        }
        answer = (await world.graphql(SET, input=policy))["slaPolicySet"]
        assert answer["effects"] == [
            {
                "kind": "sla_policy.set",
            }
        ]
        assert answer["policy"]["teams"] == [{"name": "Help"}]
        assert answer["policy"]["terms"] == {
            "revision": 1,
            "firstResponseMin": 90,
            "warnPercent": 80,
            "timeZone": "UTC",
            "holidays": ["2025-03-08"],
            "hours": hours,
            "calendar": {"code": "saturday"},
        }
        dry = await world.graphql(SET, input={**policy, "name": "X"}, meta={"dryRun": True})
        assert dry["slaPolicySet"]["policy"]["version"] == 2

        # A Saturday, half past nine: an hour is open before noon, then from twelve on.
        id = office.open()
        page = (await world.graphql(TICKET, id=ids.text("tic", id)))["ticket"]
        assert page["due"] == {
            "nextDueAt": "2025-03-01T12:30:00Z",
            "firstResponseDueAt": "2025-03-01T12:30:00Z",
            "nextResponseDueAt": None,
            "resolutionDueAt": "2025-03-01T15:00:00Z",
            "policy": {"code": "help"},
        }
        world.run(watch_clocks, WatchClocks(), now=later(hours=4))
        page = (await world.graphql(TICKET, id=ids.text("tic", id)))["ticket"]
        assert {"type": "ticket.sla_breached"} in page["timeline"]["nodes"]
        first = page["clocks"][0]
        assert (first["isMissed"], first["breachedAt"]) == (True, "2025-03-01T12:30:00Z")
        assert first["segments"] == [
            {
                "kind": "RUN",
                "startsAt": "2025-03-01T09:30:00Z",
                "endsAt": None,
                "status": "NEW",
                "workedS": None,
                "leftS": 5_400,
                "isReason": True,
            }
        ]
        await self._counted(office, first["id"])
        found = await world.graphql(REMOVE, id=answer["policy"]["id"])
        assert found["slaPolicyRemove"] == {"policy": {"isActive": False}, "userErrors": []}

    async def _counted(self, office: Office, clock_id: str) -> None:
        world = office.world
        for given, count in (
            ({"isMissed": True}, 1),
            ({"state": ["RUNNING"], "kind": ["FIRST_RESPONSE"]}, 1),
            ({"isAtRisk": True}, 0),
            ({"dueAt": {"lt": "2025-03-01T16:00:00Z"}}, 2),
        ):
            sort = {"key": "DUE_AT", "direction": "ASC"}
            answer = await world.graphql(CLOCKS, filter=given, sort=sort)
            assert answer["ticketClocksCount"]["value"] == count, given
            assert len(answer["ticketClocks"]["nodes"]) == count
        assert (await world.graphql("query ($id: ID!) { node(id: $id) { id } }", id=clock_id)) == {
            "node": {"id": clock_id}
        }
        period = {"since": "2025-03-01T00:00:00Z", "until": "2025-03-02T00:00:00Z"}
        answer = await world.graphql(FIGURES, by="TEAM", **period)
        assert answer["slaFigures"] == [
            {
                "tickets": 1,
                "missedTickets": 1,
                "priority": None,
                "source": None,
                "policy": None,
                "team": {"name": "Help"},
                "clocks": [
                    {"kind": "FIRST_RESPONSE", "started": 1, "met": 0, "missed": 1, "open": 0},
                    {"kind": "RESOLUTION", "started": 1, "met": 0, "missed": 0, "open": 1},
                ],
            }
        ]
        for by, group in (("POLICY", "policy"), ("PRIORITY", "priority"), ("SOURCE", "source")):
            (row,) = (await world.graphql(FIGURES, by=by, **period))["slaFigures"]
            assert row[group]

    async def test_takes_the_same_statements_for_any_number_of_clocks(self, office: Office) -> None:
        given = {"code": "a", "name": "A", "position": 1, "firstResponseMin": 5}
        await office.world.graphql(SET, input=given)
        counts = []
        for number in range(3):
            office.open(cause_key=str(number))
            with count_statements(office.world.database) as seen:
                await office.world.graphql(CLOCKS)
            counts.append(len(seen))

        assert counts[0] == counts[2]

    @pytest.mark.parametrize(
        ("scopes", "document", "variables"),
        [
            ((Scope.TICKETS_READ, Scope.TICKETS_WRITE), SET, {"input": {}}),
            ((Scope.TICKETS_MANAGE,), "{ ticketClocks { nodes { id } } }", {}),
            ((Scope.TICKETS_READ,), "{ ticketClocks { nodes { terms { calendar { id } } } } }", {}),
        ],
    )
    async def test_takes_rights(
        self, office: Office, scopes: tuple[Scope, ...], document: str, variables: dict[str, Any]
    ) -> None:
        if "input" in variables:
            policy = {"code": "a", "name": "A", "position": 1, "firstResponseMin": 5}
            variables = {"input": policy}

        answer = await office.world.ask(document, caller=caller(*scopes), **variables)

        assert [each["extensions"]["code"] for each in answer["errors"]] == ["FORBIDDEN"]

    async def test_shows_what_another_system_said(self, office: Office) -> None:
        id = office.open()
        row = {
            "id": id,
            "ticket_id": id,
            "position": 0,
            "system": "desk",
            "line": 2,
            "at": datetime(2016, 1, 1, tzinfo=UTC),
            "revision": 0,
            "state_code": "-100",
            "priority": "normal",
            "assignee": "Resolver 1",
            "is_missed": False,
        }
        with office.world.database.writing.begin() as db:
            db.execute(insert(ticket_records), [row])

        page = (await office.world.graphql(TICKET, id=ids.text("tic", id)))["ticket"]

        assert page["records"] == [
            {"stateCode": "-100", "status": None, "assignee": "Resolver 1", "team": None}
        ]
        assert page["due"]["nextDueAt"] is None
