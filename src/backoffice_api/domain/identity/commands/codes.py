"""Codes of a second factor: each is taken once, whoever sends it how often."""

from uuid import UUID

from sqlalchemy import update

from backoffice_api.domain.identity.model.factors import (
    RecoveryCodeUsed,
    matching_step,
    recovery_hash,
)
from backoffice_api.domain.identity.model.staff import Staff
from backoffice_api.domain.identity.queries import factors
from backoffice_api.domain.identity.queries.factors import Seed
from backoffice_api.domain.identity.tables import recovery_codes, second_factors
from backoffice_api.domain.kernel.secret import Secret
from backoffice_api.domain.kernel.uow import UnitOfWork


def use_code(uow: UnitOfWork, owner: Staff, code: Secret) -> bool:
    """Take a code of the app, or a recovery code, of somebody whose row the caller has locked.

    Whether it was good. It is used up then, and the count of wrong ones in a row begins anew.
    """
    seed = factors.locked_seed(uow.db, owner.id)
    if seed is None or not seed.is_confirmed:
        return False
    return use_step(uow, owner.id, seed, code) or _use_recovery_code(uow, owner, seed, code)


def use_step(uow: UnitOfWork, staff_id: UUID, seed: Seed, code: Secret) -> bool:
    """Take a code of the app. Whether it was good."""
    step = matching_step(seed.secret, code, uow.now, seed.last_step)
    if step is None:
        return False
    taken = uow.db.execute(
        update(second_factors)
        .where(second_factors.c.staff_id == staff_id, second_factors.c.last_step < step)
        .values(last_step=step, misses=0)
    )
    return taken.rowcount == 1


def _use_recovery_code(uow: UnitOfWork, owner: Staff, seed: Seed, code: Secret) -> bool:
    hash = recovery_hash(code)
    if hash is None:
        return False
    taken = uow.db.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.staff_id == owner.id,
            recovery_codes.c.code_hash == hash,
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=uow.now)
    )
    if taken.rowcount != 1:
        return False
    uow.db.execute(
        update(second_factors)
        .where(second_factors.c.staff_id == owner.id)
        .values(codes_left=second_factors.c.codes_left - 1, misses=0)
    )
    uow.emit(RecoveryCodeUsed(owner.id, owner.version, seed.codes_left - 1))
    return True
