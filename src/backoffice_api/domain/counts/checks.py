"""What must be true of stored counts."""

from sqlalchemy import and_, func, or_, select

from backoffice_api.domain.counts.model import DONE, CountStatus
from backoffice_api.domain.counts.tables import count_lines, count_tasks
from backoffice_api.domain.kernel.checks import Check
from backoffice_api.domain.stock.queries.counting import net_by_causes

_line, _task = count_lines.c, count_tasks.c
_net = net_by_causes("cnt")
_posted = _task.status == CountStatus.POSTED
_moved = func.coalesce(_net.c.pieces, 0)
_FINISHED = (CountStatus.COUNTED, CountStatus.REVIEW, CountStatus.POSTED)

CHECKS: tuple[Check, ...] = (
    Check(
        "COUNT1",
        "A count that is posted has moved what its lines differed by, and any other one nothing.",
        select(_line.id, _line.expected, _line.counted, _net.c.pieces)
        .join(count_tasks, _task.id == _line.task_id)
        .outerjoin(
            _net,
            and_(
                _net.c.cause_id == _line.task_id,
                _net.c.variant_id == _line.variant_id,
                _net.c.location_id == _line.location_id,
                _net.c.bucket == _line.bucket,
                func.coalesce(_net.c.lot_id, _net.c.variant_id) == _line.lot_key,
            ),
        )
        .where(
            or_(
                and_(_posted, _line.counted - _line.expected != _moved),
                and_(~_posted, _moved != 0),
            )
        ),
    ),
    Check(
        "COUNT2",
        "A count that is finished has a number for every line.",
        select(_line.id, _line.status, _task.status.label("task_status"))
        .join(count_tasks, _task.id == _line.task_id)
        .where(_task.status.in_(_FINISHED), _line.status.not_in(DONE)),
    ),
)
