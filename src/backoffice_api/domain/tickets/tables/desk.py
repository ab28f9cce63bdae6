"""Where macros, canned answers, drafts, checklists, acts and rules lie."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from backoffice_api.domain.kernel.contacts import LOCALE_LENGTH_MAX
from backoffice_api.domain.kernel.events import REASON_LENGTH_MAX
from backoffice_api.domain.kernel.immutable import forbid_changes
from backoffice_api.domain.kernel.tables import (
    CODE_LENGTH_MAX,
    Id,
    Instant,
    Json,
    Serial,
    aggregate_columns,
    choice,
    line,
    metadata,
    sorted_by,
)
from backoffice_api.domain.kernel.uow import ActorKind
from backoffice_api.domain.tickets.model.acts import TicketActKind
from backoffice_api.domain.tickets.model.checklists import ITEM_LENGTH_MAX, TITLE_LENGTH_MAX
from backoffice_api.domain.tickets.model.macros import CannedStatus, MacroWriting
from backoffice_api.domain.tickets.model.rules import TicketCause, TicketRuleStatus
from backoffice_api.domain.tickets.model.shared_drafts import TicketActivity
from backoffice_api.domain.tickets.model.words import (
    TicketPriority,
    TicketStatus,
    TicketVisibility,
)

_CONTENT = {"personal": "content"}

canned_answers = Table(
    "canned_answers",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("title", line(), nullable=False),
    choice("status", CannedStatus),
    sorted_by("code"),
    sorted_by("created_at"),
    Index(None, "status", "code", "id"),
)

canned_texts = Table(
    "canned_texts",
    metadata,
    Column("answer_id", Id, ForeignKey("canned_answers.id"), nullable=False),
    Column("locale", line(LOCALE_LENGTH_MAX), nullable=False),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("answer_id", "locale"),
)

ticket_macros = Table(
    "ticket_macros",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("title", line(), nullable=False),
    choice("status", CannedStatus),
    Column("answer_id", Id, ForeignKey("canned_answers.id"), index=True),
    choice("writing", MacroWriting, nullable=True),
    choice("priority", TicketPriority, nullable=True),
    Column("team_id", Id, ForeignKey("ticket_teams.id"), index=True),
    Column("add_tags", Json, nullable=False),
    Column("remove_tags", Json, nullable=False),
    choice("move_to", TicketStatus, nullable=True),
    CheckConstraint("(answer_id IS NULL) = (writing IS NULL)", name="answer_goes_somewhere"),
    sorted_by("code"),
    sorted_by("created_at"),
    Index(None, "status", "code", "id"),
)

# One for each ticket, whose id it has.
ticket_drafts = Table(
    "ticket_drafts",
    metadata,
    Column("id", Id, ForeignKey("tickets.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    choice("visibility", TicketVisibility),
    Column("text", Text, nullable=False, info=_CONTENT),
    choice("edited_by_kind", ActorKind),
    Column("edited_by_id", Id),
)

# Who is at a ticket now. Rows of those who have left are dropped every minute.
ticket_presences = Table(
    "ticket_presences",
    metadata,
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id, nullable=False),
    choice("activity", TicketActivity),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("ticket_id", "actor_kind", "actor_id"),
)

checklist_templates = Table(
    "checklist_templates",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("title", line(TITLE_LENGTH_MAX), nullable=False),
    Column("items", Json, nullable=False),
    choice("status", CannedStatus),
    sorted_by("code"),
    sorted_by("created_at"),
    Index(None, "status", "code", "id"),
)

ticket_checklists = Table(
    "ticket_checklists",
    metadata,
    *aggregate_columns(),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("template_id", Id, ForeignKey("checklist_templates.id"), index=True),
    Column("title", line(TITLE_LENGTH_MAX), nullable=False),
    Index(None, "ticket_id", "created_at", "id"),
)

ticket_checklist_items = Table(
    "ticket_checklist_items",
    metadata,
    Column("checklist_id", Id, ForeignKey("ticket_checklists.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("text", line(ITEM_LENGTH_MAX), nullable=False, info={"personal": "content"}),
    Column("ticked_at", Instant),
    choice("ticked_by_kind", ActorKind, nullable=True),
    Column("ticked_by_id", Id),
    PrimaryKeyConstraint("checklist_id", "position"),
    CheckConstraint("(ticked_at IS NULL) = (ticked_by_kind IS NULL)", name="ticked_by_somebody"),
)

ticket_acts = Table(
    "ticket_acts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    choice("kind", TicketActKind),
    Column("on_kind", String(4), nullable=False),
    Column("on_id", Id, nullable=False),
    choice("actor_kind", ActorKind),
    Column("actor_id", Id),
    Column("reason", String(REASON_LENGTH_MAX), info={"personal": "content"}),
    sorted_by("created_at"),
    Index(None, "ticket_id", "created_at", "id"),
    Index(None, "kind", "created_at", "id"),
    Index(None, "on_id", "created_at", "id"),
)
forbid_changes(ticket_acts)

ticket_act_results = Table(
    "ticket_act_results",
    metadata,
    Column("act_id", Id, ForeignKey("ticket_acts.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("subject_kind", String(4), nullable=False),
    Column("subject_id", Id, nullable=False, index=True),
    PrimaryKeyConstraint("act_id", "position"),
)
forbid_changes(ticket_act_results)

ticket_rules = Table(
    "ticket_rules",
    metadata,
    *aggregate_columns(),
    Column("code", line(CODE_LENGTH_MAX), nullable=False, unique=True),
    Column("title", line(), nullable=False),
    choice("cause", TicketCause),
    choice("status", TicketRuleStatus),
    Column("rank", Integer, nullable=False),
    Column("exceptions", Json, nullable=False),
    Column("after_days", Integer),
    choice("priority", TicketPriority),
    Column("team_id", Id, ForeignKey("ticket_teams.id"), index=True),
    Column("tags", Json, nullable=False),
    Column("daily_max", Integer, nullable=False),
    Column("enabled_at", Instant),
    CheckConstraint("daily_max > 0", name="daily_max_above_zero"),
    CheckConstraint("after_days > 0", name="after_days_above_zero"),
    CheckConstraint("status <> 'enabled' OR enabled_at IS NOT NULL", name="enabled_some_time"),
    sorted_by("rank"),
    sorted_by("created_at"),
    Index(None, "status", "rank", "id"),
    Index(None, "cause", "rank", "id"),
)

# What rules have seen: each cause once, whatever happens to those who look for them.
ticket_openings = Table(
    "ticket_openings",
    metadata,
    Column("id", Id, primary_key=True),
    choice("cause", TicketCause),
    Column("subject_kind", String(4), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("rule_id", Id, ForeignKey("ticket_rules.id"), nullable=False),
    Column("ticket_id", Id, ForeignKey("tickets.id"), index=True),
    Column("occurred_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("subject_id", "cause"),
    Index(None, "rule_id", "created_at", "id"),
)
forbid_changes(ticket_openings)

# How far the log was followed. No row: no rule was ever to open anything.
ticket_rule_progress = Table(
    "ticket_rule_progress",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("sequence", Serial, nullable=False),
)

ticket_notices = Table(
    "ticket_notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("staff_id", Id, ForeignKey("staff.id"), nullable=False),
    Column("ticket_id", Id, ForeignKey("tickets.id"), nullable=False),
    Column("message_id", Id, ForeignKey("ticket_messages.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    UniqueConstraint("message_id", "staff_id"),
    sorted_by("created_at"),
    sorted_by("read_at"),
    Index(None, "staff_id", "created_at", "id"),
    Index(None, "ticket_id", "created_at", "id"),
)
