"""Who follows a ticket, or has it, is told of what others write on it."""

from uuid import UUID

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.tickets.commands.noticing import MarkTicketNotices, mark_notices
from backoffice_api.domain.tickets.model.drafts import ParticipantDraft
from backoffice_api.domain.tickets.model.words import TicketRole
from tests.databases import count_statements
from tests.plans import all_indexed
from tests.tickets.office import Office

NOTICES = """query ($filter: TicketNoticeFilter) {
  ticketNotices(filter: $filter) {
    nodes { createdAt readAt ticket { number } message { author visibility } }
  }
}"""
MARK = """mutation ($input: TicketNoticesMarkReadInput!) {
  ticketNoticesMarkRead(input: $input) { marked userErrors { code } }
}"""


def followed(office: Office, *staff_ids: UUID) -> UUID:
    role = TicketRole.FOLLOWER
    who = tuple(ParticipantDraft(role=role, staff_id=each) for each in staff_ids)
    return office.open(participants=who)


class TestNotices:
    async def test_tell_followers_what_others_write(self, office: Office) -> None:
        bea, cid = office.people("Bea", "Cid")
        ticket = followed(office, bea, cid)
        office.receive(ticket)
        office.note(ticket, caller=office.who(bea))
        world = office.world

        async def told(id: UUID, **filter: object) -> list[tuple[str, str]]:
            answer = await world.graphql(NOTICES, caller=office.who(id), filter=filter)
            nodes = answer["ticketNotices"]["nodes"]
            return [(each["message"]["author"], each["message"]["visibility"]) for each in nodes]

        # Nobody is told of what they wrote themselves.
        assert await told(bea) == [("CUSTOMER", "PUBLIC")]
        assert await told(cid) == [("STAFF", "INTERNAL"), ("CUSTOMER", "PUBLIC")]

        given = {"ticketIds": [ids.text("tic", ticket)]}
        marked = await world.graphql(MARK, caller=office.who(cid), input=given)
        assert marked["ticketNoticesMarkRead"] == {"marked": 2, "userErrors": []}
        assert await told(cid, isRead=False) == []
        assert len(await told(bea, isRead=False)) == 1
        # Programs follow nothing.
        assert (await world.graphql(NOTICES, filter={}))["ticketNotices"]["nodes"] == []
        with all_indexed(world.database.reading, sorts=True):
            await told(bea, isRead=False, ticketId={"eq": given["ticketIds"][0]})

    def test_cost_two_statements_however_many_follow(self, office: Office) -> None:
        people = office.people(*(f"P{number}" for number in range(6)))
        alone, many = followed(office, people[0]), followed(office, *people)
        counts = []
        for ticket in (alone, many):
            with count_statements(office.world.database) as seen:
                office.note(ticket)
            counts.append(len(seen))
        assert counts[0] == counts[1]
        assert office.world.run(mark_notices, MarkTicketNotices()).value == ()
