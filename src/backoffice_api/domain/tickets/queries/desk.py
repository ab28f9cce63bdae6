"""What can be asked about macros, canned answers, drafts, checklists and acts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.kernel.errors import DomainError
from backoffice_api.domain.kernel.filters import On, Present
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import many_per, one_per
from backoffice_api.domain.tickets.model.acts import (
    TicketAct,
    TicketActKind,
    TicketActResult,
    TicketActSortKey,
)
from backoffice_api.domain.tickets.model.checklists import (
    ChecklistItem,
    ChecklistTemplate,
    ChecklistTemplateSortKey,
    TicketChecklist,
    UnknownChecklistTemplate,
    UnknownTicketChecklist,
)
from backoffice_api.domain.tickets.model.macros import (
    CannedAnswer,
    CannedAnswerSortKey,
    CannedText,
    TicketMacro,
    TicketMacroSortKey,
    UnknownCannedAnswer,
    UnknownTicketMacro,
)
from backoffice_api.domain.tickets.model.notices import TicketNotice, TicketNoticeSortKey
from backoffice_api.domain.tickets.model.shared_drafts import TicketDraft, TicketPresence
from backoffice_api.domain.tickets.tables.desk import (
    canned_answers,
    canned_texts,
    checklist_templates,
    ticket_act_results,
    ticket_acts,
    ticket_checklist_items,
    ticket_checklists,
    ticket_drafts,
    ticket_macros,
    ticket_notices,
    ticket_presences,
)

R = TypeVar("R")

answers_by_ids = one_per(CannedAnswer, canned_answers, canned_answers.c.id)
answers_by_codes = one_per(CannedAnswer, canned_answers, canned_answers.c.code)
texts_by_answers = many_per(
    CannedText, canned_texts, canned_texts.c.answer_id, canned_texts.c.locale
)
macros_by_ids = one_per(TicketMacro, ticket_macros, ticket_macros.c.id)
macros_by_codes = one_per(TicketMacro, ticket_macros, ticket_macros.c.code)
drafts_by_tickets = one_per(TicketDraft, ticket_drafts, ticket_drafts.c.id)
presences_by_tickets = many_per(
    TicketPresence,
    ticket_presences,
    ticket_presences.c.ticket_id,
    ticket_presences.c.since,
    ticket_presences.c.actor_id,
)
templates_by_ids = one_per(ChecklistTemplate, checklist_templates, checklist_templates.c.id)
templates_by_codes = one_per(ChecklistTemplate, checklist_templates, checklist_templates.c.code)
checklists_by_ids = one_per(TicketChecklist, ticket_checklists, ticket_checklists.c.id)
checklists_by_tickets = many_per(
    TicketChecklist,
    ticket_checklists,
    ticket_checklists.c.ticket_id,
    ticket_checklists.c.created_at,
    ticket_checklists.c.id,
)
items_by_checklists = many_per(
    ChecklistItem,
    ticket_checklist_items,
    ticket_checklist_items.c.checklist_id,
    ticket_checklist_items.c.position,
)
acts_by_ids = one_per(TicketAct, ticket_acts, ticket_acts.c.id)
results_by_acts = many_per(
    TicketActResult,
    ticket_act_results,
    ticket_act_results.c.act_id,
    ticket_act_results.c.position,
)

canned_answer_list = Listing(
    CannedAnswer,
    canned_answers,
    sorts={
        CannedAnswerSortKey.CODE: canned_answers.c.code,
        CannedAnswerSortKey.CREATED_AT: canned_answers.c.created_at,
    },
    words={"status": On(canned_answers.c.status), "code": On(canned_answers.c.code)},
    descending=False,
)

ticket_macro_list = Listing(
    TicketMacro,
    ticket_macros,
    sorts={
        TicketMacroSortKey.CODE: ticket_macros.c.code,
        TicketMacroSortKey.CREATED_AT: ticket_macros.c.created_at,
    },
    words={"status": On(ticket_macros.c.status), "code": On(ticket_macros.c.code)},
    descending=False,
)

checklist_template_list = Listing(
    ChecklistTemplate,
    checklist_templates,
    sorts={
        ChecklistTemplateSortKey.CODE: checklist_templates.c.code,
        ChecklistTemplateSortKey.CREATED_AT: checklist_templates.c.created_at,
    },
    words={"status": On(checklist_templates.c.status), "code": On(checklist_templates.c.code)},
    descending=False,
)

notice_list = Listing(
    TicketNotice,
    ticket_notices,
    sorts={TicketNoticeSortKey.CREATED_AT: ticket_notices.c.created_at},
    words={
        "is_read": Present(ticket_notices.c.read_at),
        "ticket_id": On(ticket_notices.c.ticket_id),
    },
)

ticket_act_list = Listing(
    TicketAct,
    ticket_acts,
    sorts={TicketActSortKey.CREATED_AT: ticket_acts.c.created_at},
    words={"kind": On(ticket_acts.c.kind), "created_at": On(ticket_acts.c.created_at)},
)


def canned_answer(db: Connection, id: UUID, *path: str) -> CannedAnswer:
    """Raises: UnknownCannedAnswer."""
    return _found(answers_by_ids, db, id, UnknownCannedAnswer, path)


def macro(db: Connection, id: UUID, *path: str) -> TicketMacro:
    """Raises: UnknownTicketMacro."""
    return _found(macros_by_ids, db, id, UnknownTicketMacro, path)


def checklist_template(db: Connection, id: UUID, *path: str) -> ChecklistTemplate:
    """Raises: UnknownChecklistTemplate."""
    return _found(templates_by_ids, db, id, UnknownChecklistTemplate, path)


def checklist(db: Connection, id: UUID) -> TicketChecklist:
    """Raises: UnknownTicketChecklist."""
    return _found(checklists_by_ids, db, id, UnknownTicketChecklist, ())


def draft_of(db: Connection, ticket_id: UUID) -> TicketDraft | None:
    """The draft of a ticket. None: it has none."""
    return drafts_by_tickets(db, [ticket_id]).get(ticket_id)


def acts_by_subjects(
    db: Connection, subject_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[TicketAct]]:
    """From which tickets things were made or changed, by what was done there; oldest first."""
    result = ticket_act_results.c
    wanted = (
        select(result.subject_id, result.act_id)
        .where(result.subject_id.in_(tuple(subject_ids)))
        .order_by(result.act_id)
    )
    pairs = list(db.execute(wanted))
    acts = acts_by_ids(db, {act_id for _, act_id in pairs})
    found: dict[UUID, list[TicketAct]] = {}
    for subject_id, act_id in pairs:
        found.setdefault(subject_id, []).append(acts[act_id])
    return found


def replacements_of(db: Connection, order_id: UUID) -> Sequence[UUID]:
    """Ids of the orders by which goods of an order were sent once more."""
    act, result = ticket_acts.c, ticket_act_results.c
    statement = (
        select(result.subject_id)
        .join(ticket_acts, act.id == result.act_id)
        .where(act.on_id == order_id, act.kind == TicketActKind.REPLACEMENT)
    )
    return db.execute(statement).scalars().all()


def count_of(db: Connection, table: Any) -> int:
    """How many rows a small table has."""
    counted: int = db.execute(select(func.count()).select_from(table)).scalar_one()
    return counted


def _found(
    query: Callable[[Connection, list[UUID]], Mapping[UUID, R]],
    db: Connection,
    id: UUID,
    missing: Callable[[UUID], DomainError],
    path: tuple[str, ...],
) -> R:
    found = query(db, [id]).get(id)
    if found is None:
        raise missing(id).at(*(path or ("id",)))
    return found
