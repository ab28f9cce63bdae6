"""What can be asked about privacy: erasures, requests, schedules, readers."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, func, select

from backoffice_api.domain.customers.model.merging import MergeStatus
from backoffice_api.domain.customers.tables.merging import merges
from backoffice_api.domain.invoicing.tables import documents
from backoffice_api.domain.kernel.filters import On
from backoffice_api.domain.kernel.listing import Listing
from backoffice_api.domain.kernel.rows import among, fetch, many_per, one_per, select_as
from backoffice_api.domain.privacy.model.duties import LAWS, Reason
from backoffice_api.domain.privacy.model.erasures import (
    ErasedPlace,
    Erasure,
    ErasureSortKey,
)
from backoffice_api.domain.privacy.model.exports import (
    PersonExport,
    PersonExportSortKey,
    PersonExportStatus,
    UnknownPersonExport,
)
from backoffice_api.domain.privacy.model.reads import PersonalRead, PersonalReadSortKey
from backoffice_api.domain.privacy.model.requests import (
    PrivacyRequest,
    PrivacyRequestSortKey,
    UnknownPrivacyRequest,
)
from backoffice_api.domain.privacy.model.retention import (
    BY_LAW,
    DEFAULT_MONTHS,
    RetentionRule,
    RetentionRun,
    RetentionSchedule,
    RetentionSortKey,
    years_of,
)
from backoffice_api.domain.privacy.tables import (
    doomed_files,
    erased_places,
    erasures,
    person_exports,
    reads,
    requests,
    retention_rules,
    retention_runs,
)

requests_by_ids = one_per(PrivacyRequest, requests, requests.c.id)
request_list = Listing(
    PrivacyRequest,
    requests,
    sorts={
        PrivacyRequestSortKey.CREATED_AT: requests.c.created_at,
        PrivacyRequestSortKey.DUE_ON: requests.c.due_on,
    },
    words={
        "status": On(requests.c.status),
        "kind": On(requests.c.kind),
        "customer_id": On(requests.c.customer_id),
        "due_on": On(requests.c.due_on),
    },
)
person_exports_by_ids = one_per(PersonExport, person_exports, person_exports.c.id)
person_export_list = Listing(
    PersonExport,
    person_exports,
    sorts={PersonExportSortKey.CREATED_AT: person_exports.c.created_at},
    words={
        "status": On(person_exports.c.status),
        "customer_id": On(person_exports.c.customer_id),
    },
)
retention_rules_by_ids = one_per(RetentionRule, retention_rules, retention_rules.c.id)
retention_rule_list = Listing(
    RetentionRule,
    retention_rules,
    sorts={RetentionSortKey.CREATED_AT: retention_rules.c.created_at},
)
retention_run_list = Listing(
    RetentionRun,
    retention_runs,
    sorts={RetentionSortKey.CREATED_AT: retention_runs.c.created_at},
    words={"schedule": On(retention_runs.c.schedule)},
)
retention_runs_by_ids = one_per(RetentionRun, retention_runs, retention_runs.c.id)
reads_by_ids = one_per(PersonalRead, reads, reads.c.id)
read_list = Listing(
    PersonalRead,
    reads,
    sorts={PersonalReadSortKey.READ_AT: reads.c.read_at},
    words={
        "customer_id": On(reads.c.customer_id),
        "actor_id": On(reads.c.actor_id),
        "read_at": On(reads.c.read_at),
    },
)
erasures_by_ids = one_per(Erasure, erasures, erasures.c.id)
places_by_erasures = many_per(
    ErasedPlace,
    erased_places,
    erased_places.c.erasure_id,
    erased_places.c.round,
    erased_places.c.place,
)
erasure_list = Listing(
    Erasure,
    erasures,
    sorts={ErasureSortKey.CREATED_AT: erasures.c.created_at},
    words={"status": On(erasures.c.status), "customer_id": On(erasures.c.customer_id)},
)


def request(db: Connection, id: UUID, *path: str) -> PrivacyRequest:
    """Raises: UnknownPrivacyRequest."""
    if found := requests_by_ids(db, [id]).get(id):
        return found
    raise UnknownPrivacyRequest(id).at(*(path or ("id",)))


def person_export(db: Connection, id: UUID) -> PersonExport:
    """Raises: UnknownPersonExport."""
    if found := person_exports_by_ids(db, [id]).get(id):
        return found
    raise UnknownPersonExport(id).at("id")


def expired_exports(db: Connection, now: datetime, limit: int) -> Sequence[PersonExport]:
    """Exports whose files are to be removed, those that expired first in front, locked."""
    statement = (
        select_as(PersonExport, person_exports)
        .where(
            person_exports.c.status == PersonExportStatus.READY, person_exports.c.expires_at <= now
        )
        .order_by(person_exports.c.expires_at, person_exports.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return fetch(db, PersonExport, statement)


def erasure_of(db: Connection, customer_id: UUID) -> Erasure | None:
    """The erasure of a customer. None: nobody has erased it."""
    statement = select_as(Erasure, erasures).where(erasures.c.customer_id == customer_id)
    return next(iter(fetch(db, Erasure, statement)), None)


def erased_customers(db: Connection) -> Iterator[tuple[UUID, datetime]]:
    """Who was erased, and when first, oldest first; read in parts.

    Duplicates that went on in an erased customer are erased, too: a backup from before they were
    merged knows them apart.
    """
    gone = select(erasures.c.customer_id.label("id"), erasures.c.created_at.label("at")).cte(
        "gone", recursive=True
    )
    merged = select(merges.c.from_id, gone.c["at"]).where(
        merges.c.into_id == gone.c.id, merges.c.status == MergeStatus.DONE
    )
    gone = gone.union(merged)
    first = func.min(gone.c["at"]).label("first")
    statement = select(gone.c.id, first).group_by(gone.c.id).order_by(first, gone.c.id)
    for row in db.execute(statement.execution_options(yield_per=1_000)):
        yield row.id, row.first


def due_erasures(db: Connection, today: date, limit: int) -> Sequence[Erasure]:
    """Erasures that are to be looked at again, those due for longest first, locked."""
    statement = (
        select_as(Erasure, erasures)
        .where(erasures.c.again_on <= today)
        .order_by(erasures.c.again_on, erasures.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return fetch(db, Erasure, statement)


def has_erased(db: Connection, erasure_id: UUID, round: int) -> bool:
    """Whether a round of an erasure found anything to erase."""
    of = erased_places.c
    statement = select(of.place).where(
        of.erasure_id == erasure_id, of.round == round, of.emptied + of.removed > 0
    )
    return db.execute(statement.limit(1)).first() is not None


def retention_rule_of(db: Connection, schedule: RetentionSchedule) -> RetentionRule | None:
    """The rule that the shop has set. None: what holds by itself holds."""
    statement = select_as(RetentionRule, retention_rules).where(
        retention_rules.c.schedule == schedule
    )
    return next(iter(fetch(db, RetentionRule, statement)), None)


def months_kept(db: Connection) -> Mapping[RetentionSchedule, int | None]:
    """For how many months everything is kept. None: until somebody asks for erasure."""
    given = fetch(db, RetentionRule, select_as(RetentionRule, retention_rules))
    return {**DEFAULT_MONTHS, **{each.schedule: each.months for each in given}}


def years_kept(db: Connection) -> Mapping[Reason, int]:
    """For how many years the law keeps what it keeps, as the shop has set it."""
    months = months_kept(db)
    found = {reason: law.years for reason, law in LAWS.items() if law.years is not None}
    for schedule, reason in BY_LAW.items():
        if (kept := months[schedule]) is not None:
            found[reason] = years_of(kept)
    return found


def doomed(db: Connection, limit: int) -> Sequence[tuple[str, str]]:
    """Files that are to leave their storage: its name and their key."""
    statement = select(doomed_files.c.storage, doomed_files.c.key).order_by(*doomed_files.c)
    return [(row.storage, row.key) for row in db.execute(statement.limit(limit))]


def shown_documents(db: Connection, keys: Sequence[str]) -> frozenset[str]:
    """Which of these files a document still shows."""
    statement = select(documents.c.sha256).where(among(documents.c.sha256, keys))
    return frozenset(db.execute(statement).scalars())
