"""What can be asked and done with staff, sessions and API tokens."""

import strawberry

from backoffice_api.context import Info
from backoffice_api.domain.identity.commands import sessions as on_sessions
from backoffice_api.domain.identity.commands import staff as on_staff
from backoffice_api.domain.identity.commands import tokens as on_tokens
from backoffice_api.domain.identity.queries import staff as queries
from backoffice_api.domain.kernel import ids, uow
from backoffice_api.domain.kernel.contacts import email_key
from backoffice_api.schema.connections import Connection, Count, counted, listed
from backoffice_api.schema.directives import about
from backoffice_api.schema.identity import (
    READ,
    ApiToken,
    ApiTokenFilter,
    ApiTokenSort,
    Me,
    SessionPayload,
    Staff,
    StaffCreateInput,
    StaffFilter,
    StaffLookup,
    StaffPayload,
    StaffSetPasswordInput,
    StaffSort,
    StaffUpdateInput,
    TokenCreateInput,
    TokenCreatePayload,
    TokenPayload,
    TokenSetBudgetInput,
)
from backoffice_api.schema.lookups import Way, by_id, lookup
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.payloads import keep


def _me(info: Info) -> uow.Caller:
    return info.context.caller


@strawberry.type
class IdentityQuery:
    me: Me = about("Who asks, and what they may do.", resolver=_me)
    staff_member: Staff | None = lookup(
        StaffLookup,
        "One member of staff. Null if there is none.",
        {
            "id": by_id("stf", queries.staff_by_ids),
            "email": Way(queries.staff_by_email_keys, email_key),
        },
        scope=READ,
    )
    staff_members: Connection[Staff] = listed(
        queries.staff_list,
        "Staff, newest first.",
        scope=READ,
        filter=StaffFilter,
        sort=StaffSort,
    )
    staff_members_count: Count = counted(
        queries.staff_list, "How many members of staff there are.", scope=READ, filter=StaffFilter
    )
    api_tokens: Connection[ApiToken] = listed(
        queries.token_list,
        "API tokens, newest first.",
        scope=READ,
        filter=ApiTokenFilter,
        sort=ApiTokenSort,
    )
    api_tokens_count: Count = counted(
        queries.token_list, "How many API tokens there are.", scope=READ, filter=ApiTokenFilter
    )


@strawberry.type
class IdentityMutation:
    @mutation(on_staff.create_staff, StaffPayload)
    def staff_create(input: StaffCreateInput) -> on_staff.CreateStaff:
        """Add a member of staff, who may sign in at once."""
        return on_staff.CreateStaff(
            name=input.name,
            email=input.email,
            password=input.password,
            scopes=tuple(input.scopes),
        )

    @mutation(on_staff.update_staff, StaffPayload)
    def staff_update(id: strawberry.ID, input: StaffUpdateInput) -> on_staff.UpdateStaff:
        """Change a member of staff. What is absent stays. New rights hold at once."""
        return on_staff.UpdateStaff(
            id=ids.parse("stf", id),
            name=keep(input.name),
            email=keep(input.email),
            scopes=keep(input.scopes),
        )

    @mutation(on_staff.set_staff_password, StaffPayload)
    def staff_set_password(
        id: strawberry.ID, input: StaffSetPasswordInput
    ) -> on_staff.SetStaffPassword:
        """Give a member of staff another password. All sessions of theirs end."""
        return on_staff.SetStaffPassword(id=ids.parse("stf", id), password=input.password)

    @mutation(on_staff.disable_staff, StaffPayload)
    def staff_disable(id: strawberry.ID) -> on_staff.DisableStaff:
        """Let a member of staff sign in no more, and end all sessions of theirs."""
        return on_staff.DisableStaff(id=ids.parse("stf", id))

    @mutation(on_staff.enable_staff, StaffPayload)
    def staff_enable(id: strawberry.ID) -> on_staff.EnableStaff:
        """Let a member of staff sign in again."""
        return on_staff.EnableStaff(id=ids.parse("stf", id))

    @mutation(on_tokens.create_token, TokenCreatePayload)
    def token_create(input: TokenCreateInput) -> on_tokens.CreateToken:
        """Make an API token. Its secret is shown in this answer only."""
        return on_tokens.CreateToken(
            name=input.name,
            scopes=tuple(input.scopes),
            expires_at=input.expires_at,
            budget=input.budget,
        )

    @mutation(on_tokens.set_token_budget, TokenPayload)
    def token_set_budget(id: strawberry.ID, input: TokenSetBudgetInput) -> on_tokens.SetTokenBudget:
        """Say what the bearer of an API token may spend at once. It holds within a second."""
        return on_tokens.SetTokenBudget(id=ids.parse("tok", id), budget=input.budget)

    @mutation(on_tokens.revoke_token, TokenPayload)
    def token_revoke(id: strawberry.ID) -> on_tokens.RevokeToken:
        """Make an API token good for nothing, within a second and for ever."""
        return on_tokens.RevokeToken(id=ids.parse("tok", id))

    @mutation(on_sessions.end_session, SessionPayload)
    def session_end(id: strawberry.ID) -> on_sessions.EndSession:
        """End a session. One's own needs no scope, another's needs `access:write`."""
        return on_sessions.EndSession(id=ids.parse("ses", id))
