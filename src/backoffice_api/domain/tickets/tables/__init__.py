"""Where tickets lie."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from backoffice_api.domain.kernel.contacts import EMAIL_LENGTH_MAX, LOCALE_LENGTH_MAX
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.series import series_columns
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    Json,
    aggregate_columns,
    at_least_zero,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.tickets.model.words import (
    CAUSE_KEY_LENGTH_MAX,
    MAIL_ID_LENGTH_MAX,
    SKILL_LENGTH_MAX,
    SUBJECT_LENGTH_MAX,
    TAG_LENGTH_MAX,
    TicketAssignment,
    TicketAuthor,
    TicketPriority,
    TicketRelation,
    TicketRole,
    TicketSentState,
    TicketSource,
    TicketStatus,
    TicketTeamStatus,
    TicketVisibility,
)

_IDENTITY = {"personal": "identity"}
_CONTACT = {"personal": "contact"}
_CONTENT = {"personal": "content"}

# What nothing is due of is sorted as if it were due then: both databases read the same text.
_NEVER = "9999-01-01 00:00:00.000000"
_RANKS = "CASE priority WHEN 'urgent' THEN 3 WHEN 'high' THEN 2 WHEN 'normal' THEN 1 ELSE 0 END"
_IS_MERGED = "(status = 'merged')"
_TARGET_IS_MERGED = "(CASE WHEN merged_into_id IS NULL THEN NULL ELSE (1 = 0) END)"

ticket_teams = Table(
    "ticket_teams",
    metadata,
    *aggregate_columns(),
    Column("name", line(), nullable=False),
    choice("status", TicketTeamStatus),
    choice("assignment", TicketAssignment),
    Column("is_default", Boolean, nullable=False),
    Column("close_after_days", Integer, nullable=False),
    Column("reopen_within_days", Integer, nullable=False),
    # How many tickets it gave away by itself. Whoever gives one away counts it first, and so
    # waits for who is doing the same: no two decide by the same loads.
    Column("turns", BigInteger, nullable=False, server_default=text("0")),
    *at_least_zero("close_after_days", "reopen_within_days"),
    Index(
        "uq_ticket_teams_name_in_use",
        "name",
        unique=True,
        sqlite_where=text("status = 'active'"),
        postgresql_where=text("status = 'active'"),
    ),
    Index(
        "uq_ticket_teams_default",
        "is_default",
        unique=True,
        sqlite_where=text("is_default"),
        postgresql_where=text("is_default"),
    ),
    sorted_by("name"),
    sorted_by("created_at"),
    Index(None, "status", "name", "id"),
)

ticket_team_members = Table(
    "ticket_team_members",
    metadata,
    Column("team_id", Id, ForeignKey("ticket_teams.id"), primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), primary_key=True),
    Column("capacity", Integer),
    Column("skills", Json, nullable=False),
    Column("is_available", Boolean, nullable=False),
    Column("last_turn", BigInteger, nullable=False),
    CheckConstraint("capacity > 0", name="capacity_above_zero"),
    Index(None, "staff_id", "team_id"),
)

ticket_series = Table(
    "ticket_series",
    metadata,
    *series_columns(),
    Column("only", Integer, nullable=False, unique=True),
    CheckConstraint('"only" = 1', name="one_row"),
)

tickets = Table(
    "tickets",
    metadata,
    *aggregate_columns(),
    Column("number", line(40), nullable=False, unique=True),
    Column("serial", BigInteger, nullable=False),
    Column("subject", line(SUBJECT_LENGTH_MAX), nullable=False, info=_CONTENT),
    choice("status", TicketStatus),
    choice("priority", TicketPriority),
    choice("source", TicketSource),
    Column("language", line(LOCALE_LENGTH_MAX)),
    Column("skill", line(SKILL_LENGTH_MAX)),
    Column("customer_id", Id, ForeignKey("customers.id")),
    Column("team_id", Id, ForeignKey("ticket_teams.id")),
    Column("assignee_id", Id, ForeignKey("staff.id")),
    Column("merged_into_id", Id),
    Column("snoozed_until", Instant),
    Column("opened_by_rule", line(CODE_LENGTH_MAX)),
    Column("cause_key", line(CAUSE_KEY_LENGTH_MAX)),
    # What follows from the log of a ticket.
    Column("first_responded_at", Instant),
    Column("resolved_at", Instant),
    Column("closed_at", Instant),
    Column("closes_at", Instant),
    Column("last_message_at", Instant, nullable=False),
    Column("last_customer_message_at", Instant),
    Column("reopened_count", Integer, nullable=False),
    # What is due and when: `next_due_at` is the first of those that run. None: nothing is.
    Column("sla_policy_id", Id, index=True),
    Column("first_response_due_at", Instant),
    Column("next_response_due_at", Instant),
    Column("resolution_due_at", Instant),
    Column("next_due_at", Instant),
    # For sorting, which takes columns that have a value.
    Column(
        "due_order_at",
        Instant,
        Computed(f"coalesce(next_due_at, '{_NEVER}')", persisted=True),
        nullable=False,
    ),
    Column("priority_rank", Integer, Computed(_RANKS, persisted=True), nullable=False),
    # What is merged, is so into a ticket that is not (T2): there is no chain, and no circle.
    Column("is_merged", Boolean, Computed(_IS_MERGED, persisted=True), nullable=False),
    Column("target_is_merged", Boolean, Computed(_TARGET_IS_MERGED, persisted=True)),
    UniqueConstraint("id", "is_merged"),
    ForeignKeyConstraint(
        ["merged_into_id", "target_is_merged"],
        ["tickets.id", "tickets.is_merged"],
        name="fk_tickets_merged_into",
    ),
    CheckConstraint("(status = 'merged') = (merged_into_id IS NOT NULL)", name="merged_somewhere"),
    CheckConstraint("closes_at IS NULL OR status = 'resolved'", name="closes_when_resolved"),
    CheckConstraint(
        "snoozed_until IS NULL"
        " OR status IN ('new', 'open', 'pending_customer', 'pending_internal')",
        name="snoozed_while_live",
    ),
    *at_least_zero("reopened_count"),
    # A rule opens one for each cause.
    Index("uq_tickets_cause_key", "cause_key", unique=True),
    sorted_by("created_at"),
    sorted_by("updated_at"),
    sorted_by("due_order_at"),
    sorted_by("priority_rank"),
    sorted_by("last_message_at"),
    sorted_by("serial"),
    sorted_by("next_due_at"),
    sorted_by("resolved_at"),
    sorted_by("closes_at"),
    sorted_by("snoozed_until"),
    Index(None, "status", "created_at", "id"),
    Index(None, "status", "due_order_at", "id"),
    Index(None, "team_id", "created_at", "id"),
    Index(None, "team_id", "due_order_at", "id"),
    Index(None, "assignee_id", "created_at", "id"),
    Index(None, "assignee_id", "due_order_at", "id"),
    # How much each of a team has to do, and what waits for somebody.
    Index(None, "team_id", "status", "assignee_id", "next_due_at"),
    Index(None, "customer_id", "created_at", "id"),
    Index(None, "priority", "created_at", "id"),
    Index(None, "source", "created_at", "id"),
    Index(None, "opened_by_rule", "created_at", "id"),
    Index(None, "merged_into_id", "id"),
)

ticket_tags = Table(
    "ticket_tags",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("tag", line(TAG_LENGTH_MAX), primary_key=True),
    Index(None, "tag", "ticket_id"),
)

ticket_messages = Table(
    "ticket_messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    choice("visibility", TicketVisibility),
    choice("author", TicketAuthor),
    choice("source", TicketSource),
    Column("staff_id", Id, ForeignKey("staff.id"), index=True),
    Column("author_name", line(), info=_IDENTITY),
    Column("author_email", line(EMAIL_LENGTH_MAX), info=_CONTACT),
    # By which an erasure finds what somebody wrote in the tickets of others.
    Column(
        "author_email_key",
        line(EMAIL_LENGTH_MAX),
        Computed("lower(author_email)", persisted=True),
        index=True,
    ),
    Column("body", Text, nullable=False, info=_CONTENT),
    Column("html", Text, info=_CONTENT),
    Column("mail_id", line(MAIL_ID_LENGTH_MAX), info=_CONTACT),
    choice("sent_state", TicketSentState, nullable=True),
    Column("written_in_id", Id, ForeignKey("tickets.id"), index=True),
    CheckConstraint("author <> 'customer' OR visibility = 'public'", name="customers_are_public"),
    # The same mail twice is one message.
    Index("uq_ticket_messages_mail_id", "mail_id", unique=True),
    Index(None, "ticket_id", "created_at", "id"),
    Index(None, "sent_state", "created_at", "id"),
)

# The log of states: from it, and from the messages, follows when something is due.
ticket_moves = Table(
    "ticket_moves",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("at", Instant, nullable=False),
    choice("from_status", TicketStatus, nullable=True),
    choice("to_status", TicketStatus),
    Column("actor_kind", String(10), nullable=False),
    Column("actor_id", Id),
    Index(None, "ticket_id", "at", "id"),
)
forbid_changes(ticket_moves)

ticket_links = Table(
    "ticket_links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("subject_kind", String(4), nullable=False),
    # Of a thing of any room, those above among them.
    Column("subject_id", Id, nullable=False),
    choice("relation", TicketRelation),
    UniqueConstraint("ticket_id", "subject_id", "relation"),
    Index(None, "ticket_id", "created_at", "id"),
    Index(None, "subject_id", "created_at", "id"),
)

ticket_participants = Table(
    "ticket_participants",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    choice("role", TicketRole),
    Column("staff_id", Id, ForeignKey("staff.id"), index=True),
    Column("customer_id", Id, ForeignKey("customers.id"), index=True),
    Column("name", line(), info=_IDENTITY),
    Column("email", line(EMAIL_LENGTH_MAX), info=_CONTACT),
    Column("email_key", line(EMAIL_LENGTH_MAX), info=_CONTACT),
    CheckConstraint("(role = 'follower') = (staff_id IS NOT NULL)", name="followers_are_staff"),
    CheckConstraint("coalesce(email_key, '') = lower(coalesce(email, ''))", name="email_key_fits"),
    CheckConstraint("(staff_id IS NULL) = (email IS NOT NULL)", name="can_be_reached"),
    UniqueConstraint("ticket_id", "staff_id"),
    UniqueConstraint("ticket_id", "email_key"),
    Index(None, "email_key", "ticket_id"),
    Index(None, "ticket_id", "id"),
    info={"goes": True},
)
