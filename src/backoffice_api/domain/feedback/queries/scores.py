"""What answers come to, from their counts: no figure looks at the answers themselves."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select

from backoffice_api.domain.feedback.model.measures import (
    EVERYTHING,
    FeedbackDimension,
    FeedbackMeasure,
    Figures,
)
from backoffice_api.domain.feedback.tables import feedback_counts
from backoffice_api.domain.kernel.rows import among, in_parts

SCORES_MAX = 250
_counts = feedback_counts.c
_sum = func.sum(_counts.answers)


@dataclass(frozen=True, slots=True)
class FeedbackScore:
    """What the answers about one subject come to. `period` None: over all that was asked for."""

    dimension: FeedbackDimension
    subject_id: UUID
    period: date | None
    figures: Figures

    def _of(self, dimension: FeedbackDimension) -> UUID | None:
        return self.subject_id if self.dimension is dimension else None

    @property
    def channel_id(self) -> UUID | None:
        return self._of(FeedbackDimension.CHANNEL)

    @property
    def agent_id(self) -> UUID | None:
        return self._of(FeedbackDimension.AGENT)

    @property
    def team_id(self) -> UUID | None:
        return self._of(FeedbackDimension.TEAM)

    @property
    def carrier_id(self) -> UUID | None:
        return self._of(FeedbackDimension.CARRIER)

    @property
    def product_id(self) -> UUID | None:
        return self._of(FeedbackDimension.PRODUCT)

    @property
    def variant_id(self) -> UUID | None:
        return self._of(FeedbackDimension.VARIANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresAsked:
    """Which scores. `since`, `until`: first days of months, both included; None: unbounded.

    `of`: only this subject. `monthly`: a score for each month.
    """

    measure: FeedbackMeasure
    by: FeedbackDimension
    since: date | None = None
    until: date | None = None
    of: UUID | None = None
    monthly: bool = False


def scores(db: Connection, asked: ScoresAsked) -> Sequence[FeedbackScore]:
    """The scores of the `SCORES_MAX` subjects, or subjects and months, with the most answers.

    By month the newest come first, else those with the most answers.
    """
    keys: list[ColumnElement[Any]] = [_counts.subject_id]
    if asked.monthly:
        keys.insert(0, _counts.period)
    most = (
        select(*keys)
        .where(*_where(asked))
        .group_by(*keys)
        .having(_sum > 0)
        .order_by(*(key.desc() for key in keys[:-1]), _sum.desc(), _counts.subject_id)
        .limit(SCORES_MAX)
    )
    found: dict[Any, dict[int, int]] = {tuple(key): {} for key in db.execute(most)}
    if not found:
        return ()
    statement = (
        select(*keys, _counts.score, _sum)
        .where(*_where(asked), among(_counts.subject_id, {key[-1] for key in found}))
        .group_by(*keys, _counts.score)
        .having(_sum > 0)
    )
    for *key, score, answers in db.execute(statement):
        if tuple(key) in found:
            found[tuple(key)][score] = int(answers)
    return [
        FeedbackScore(
            asked.by, key[-1], key[0] if asked.monthly else None, Figures(asked.measure, counts)
        )
        for key, counts in found.items()
    ]


def figures_by(
    measure: FeedbackMeasure, dimension: FeedbackDimension
) -> Callable[[Connection, Iterable[UUID]], Mapping[UUID, Figures]]:
    """A batch query for what all answers about each subject come to. Absent: there are none."""

    def figures(db: Connection, keys: Iterable[UUID]) -> Mapping[UUID, Figures]:
        found: dict[UUID, dict[int, int]] = {}
        for part in in_parts(keys):
            statement = (
                select(_counts.subject_id, _counts.score, _sum)
                .where(
                    _counts.measure == measure,
                    _counts.dimension == dimension,
                    among(_counts.subject_id, part),
                )
                .group_by(_counts.subject_id, _counts.score)
                .having(_sum > 0)
            )
            for subject_id, score, answers in db.execute(statement):
                found.setdefault(subject_id, {})[score] = int(answers)
        return {id: Figures(measure, counts) for id, counts in found.items()}

    return figures


ratings_by_products = figures_by(FeedbackMeasure.PRODUCT_RATING, FeedbackDimension.PRODUCT)
ratings_by_variants = figures_by(FeedbackMeasure.PRODUCT_RATING, FeedbackDimension.VARIANT)
satisfaction_by_agents = figures_by(FeedbackMeasure.TICKET_CSAT, FeedbackDimension.AGENT)
satisfaction_by_teams = figures_by(FeedbackMeasure.TICKET_CSAT, FeedbackDimension.TEAM)


def _where(asked: ScoresAsked) -> Sequence[ColumnElement[bool]]:
    conditions = [_counts.measure == asked.measure, _counts.dimension == asked.by]
    if asked.by is FeedbackDimension.ALL:
        conditions.append(_counts.subject_id == EVERYTHING)
    if asked.of is not None:
        conditions.append(_counts.subject_id == asked.of)
    if asked.since is not None:
        conditions.append(_counts.period >= asked.since)
    if asked.until is not None:
        conditions.append(_counts.period <= asked.until)
    return conditions
