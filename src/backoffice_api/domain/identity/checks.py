"""What must be true of the stored accounts."""

from sqlalchemy import case, func, or_, select

from backoffice_api.domain.identity.model.staff import StaffStatus
from backoffice_api.domain.identity.tables import (
    passwords,
    recovery_codes,
    second_factors,
    sessions,
    staff,
)
from backoffice_api.domain.kernel.checks import Check

_unused = func.count(case((recovery_codes.c.used_at.is_(None), recovery_codes.c.code_hash)))

CHECKS = (
    Check(
        "AUTH1",
        "Nobody who is disabled has a session that could be used.",
        select(sessions.c.id, sessions.c.staff_id, sessions.c.expires_at)
        .join_from(sessions, staff)
        .where(
            staff.c.status == StaffStatus.DISABLED,
            sessions.c.ended_at.is_(None),
            # Those that had run out by then were left as they were.
            sessions.c.expires_at > staff.c.updated_at,
        ),
    ),
    Check(
        "AUTH2",
        "Everybody has a password, hashed with argon2id.",
        select(staff.c.id)
        .join_from(staff, passwords, isouter=True)
        .where(
            or_(passwords.c.hash.is_(None), passwords.c.hash.not_like("$argon2id$%")),
        ),
    ),
    Check(
        "AUTH3",
        "Of each second factor, the recovery codes that are left are counted.",
        select(second_factors.c.staff_id, second_factors.c.codes_left, _unused.label("unused"))
        .join_from(
            second_factors,
            recovery_codes,
            recovery_codes.c.staff_id == second_factors.c.staff_id,
            isouter=True,
        )
        .group_by(second_factors.c.staff_id, second_factors.c.codes_left)
        .having(second_factors.c.codes_left != _unused),
    ),
)
