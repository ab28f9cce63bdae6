"""All work of a worker that is no single command, on one page."""

from collections.abc import Mapping

from backoffice_api.audit_tasks import audit_tasks
from backoffice_api.banking_tasks import banking_tasks
from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.bulk_jobs.tasks import bulk_tasks
from backoffice_api.document_tasks import document_tasks
from backoffice_api.fiscal_tasks import fiscal_tasks
from backoffice_api.mailbox_tasks import mailbox_tasks
from backoffice_api.media_tasks import media_tasks, storage_from
from backoffice_api.message_tasks import mailer_from, message_tasks
from backoffice_api.payable_tasks import payable_tasks
from backoffice_api.payment_tasks import payment_tasks
from backoffice_api.privacy_tasks import privacy_tasks
from backoffice_api.risk_tasks import risk_tasks
from backoffice_api.schema.roots import ROOTS
from backoffice_api.settings import Settings
from backoffice_api.shipping_tasks import shipping_tasks
from backoffice_api.tasks import Task
from backoffice_api.tax_tasks import tax_tasks
from backoffice_api.tracking_tasks import tracking_tasks
from backoffice_api.view_tasks import view_tasks


def background_tasks(settings: Settings, bench: Bench) -> Mapping[str, Task]:
    """What a worker does besides commands, by the kind of the job."""
    database = bench.database
    return {
        **audit_tasks(settings, database),
        **banking_tasks(database),
        **bulk_tasks(bench),
        **media_tasks(settings, database),
        **payment_tasks(settings, database),
        **payable_tasks(database),
        **message_tasks(settings, database),
        **mailbox_tasks(settings, database, storage_from(settings), mailer_from(settings)),
        **document_tasks(settings, database),
        **privacy_tasks(settings, database),
        **risk_tasks(database),
        **fiscal_tasks(settings, database),
        **shipping_tasks(settings, database),
        **tax_tasks(database),
        **tracking_tasks(settings, database),
        **view_tasks(database, ROOTS, ROOTS),
    }
