"""What can be asked and done with teams that look after tickets."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.tickets import queries
from backoffice_api.domain.tickets.commands import teams
from backoffice_api.schema.connections import Connection, listed
from backoffice_api.schema.lookups import found_by_id
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep
from backoffice_api.schema.ticket_inputs import (
    TicketTeamCreateInput,
    TicketTeamMemberRemoveInput,
    TicketTeamMemberSetInput,
    TicketTeamPayload,
    TicketTeamUpdateInput,
)
from backoffice_api.schema.tickets import READ, TicketTeam, TicketTeamFilter, TicketTeamSort


@strawberry.type
class TicketTeamQuery:
    ticket_team: TicketTeam | None = found_by_id(
        "tem", queries.teams_by_ids, "Its id.", "One team. Null if there is none.", scope=READ
    )
    ticket_teams: Connection[TicketTeam] = listed(
        queries.team_list,
        "Teams that look after tickets, by name.",
        scope=READ,
        filter=TicketTeamFilter,
        sort=TicketTeamSort,
    )


@strawberry.type
class TicketTeamMutation:
    @mutation(teams.create_ticket_team, TicketTeamPayload)
    def ticket_team_create(input: TicketTeamCreateInput) -> teams.CreateTicketTeam:
        """Make a team. If it is the default, another one is so no longer."""
        return teams.CreateTicketTeam(
            name=input.name,
            assignment=input.assignment,
            is_default=input.is_default,
            close_after_days=input.close_after_days,
            reopen_within_days=input.reopen_within_days,
        )

    @mutation(teams.update_ticket_team, TicketTeamPayload)
    def ticket_team_update(
        id: strawberry.ID, input: TicketTeamUpdateInput
    ) -> teams.UpdateTicketTeam:
        """Change a team. What is absent stays."""
        return teams.UpdateTicketTeam(
            id=ids.parse("tem", id),
            name=keep(input.name),
            assignment=keep(input.assignment),
            is_default=keep(input.is_default),
            close_after_days=keep(input.close_after_days),
            reopen_within_days=keep(input.reopen_within_days),
        )

    @mutation(teams.archive_ticket_team, TicketTeamPayload)
    def ticket_team_archive(id: strawberry.ID) -> teams.ArchiveTicketTeam:
        """Take a team out of use. Its tickets stay with it."""
        return teams.ArchiveTicketTeam(id=ids.parse("tem", id))

    @mutation(teams.restore_ticket_team, TicketTeamPayload)
    def ticket_team_restore(id: strawberry.ID) -> teams.RestoreTicketTeam:
        """Take an archived team into use again."""
        return teams.RestoreTicketTeam(id=ids.parse("tem", id))

    @mutation(teams.set_ticket_team_member, TicketTeamPayload)
    def ticket_team_member_set(
        id: strawberry.ID, input: TicketTeamMemberSetInput
    ) -> teams.SetTicketTeamMember:
        """Say that somebody is in a team, for how many tickets, and what they know."""
        return teams.SetTicketTeamMember(
            id=ids.parse("tem", id),
            staff_id=ids.parse("stf", input.staff_id),
            capacity=input.capacity,
            skills=tuple(input.skills),
            is_available=input.is_available,
        )

    @mutation(teams.remove_ticket_team_member, TicketTeamPayload)
    def ticket_team_member_remove(
        id: strawberry.ID, input: TicketTeamMemberRemoveInput
    ) -> teams.RemoveTicketTeamMember:
        """Take somebody out of a team. What they look after stays theirs."""
        return teams.RemoveTicketTeamMember(
            id=ids.parse("tem", id), staff_id=ids.parse("stf", input.staff_id)
        )
