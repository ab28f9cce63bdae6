"""What must be true of stored approvals."""

from sqlalchemy import and_, case, func, or_, select

from backoffice_api.domain.approvals.tables import (
    approval_decisions,
    approval_requests,
    approval_rule_staff,
    approval_rules,
)
from backoffice_api.domain.kernel.checks import Check

_request = approval_requests.c
_counted = (
    select(
        approval_decisions.c.request_id,
        func.sum(case((approval_decisions.c.is_granted, 1), else_=0)).label("granted"),
    )
    .group_by(approval_decisions.c.request_id)
    .subquery("counted")
)
_named = (
    select(approval_rule_staff.c.rule_id, func.count().label("staff"))
    .group_by(approval_rule_staff.c.rule_id)
    .subquery("named")
)

CHECKS: tuple[Check, ...] = (
    Check(
        "A1",
        "Of a request, as many have agreed as there are decisions that say so.",
        select(_request.id, _request.granted, _counted.c.granted)
        .outerjoin(_counted, _counted.c.request_id == _request.id)
        .where(_request.granted != func.coalesce(_counted.c.granted, 0)),
    ),
    Check(
        "A2",
        "Nobody decides on what they made or asked for.",
        select(_request.id, approval_decisions.c.actor_id)
        .join(approval_decisions, approval_decisions.c.request_id == _request.id)
        .where(
            approval_decisions.c.actor_id.is_not(None),
            or_(
                and_(
                    approval_decisions.c.actor_kind == _request.asked_by_kind,
                    approval_decisions.c.actor_id == _request.asked_by_id,
                ),
                and_(
                    approval_decisions.c.actor_kind == _request.made_by_kind,
                    approval_decisions.c.actor_id == _request.made_by_id,
                ),
            ),
        ),
    ),
    Check(
        "A3",
        "A rule names staff exactly if it says so.",
        select(approval_rules.c.id)
        .outerjoin(_named, _named.c.rule_id == approval_rules.c.id)
        .where(approval_rules.c.names_staff != (func.coalesce(_named.c.staff, 0) > 0)),
    ),
)
