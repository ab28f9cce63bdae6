"""All work of a worker that is no single command, on one page."""

from collections.abc import Mapping

from backoffice_api.bulk_jobs.bench import Bench
from backoffice_api.bulk_jobs.tasks import bulk_tasks
from backoffice_api.schema.roots import ROOTS
from backoffice_api.settings import Settings
from backoffice_api.task import Task
from backoffice_api.tasks.audit import audit_tasks
from backoffice_api.tasks.banking import banking_tasks
from backoffice_api.tasks.documents import document_tasks
from backoffice_api.tasks.fiscal import fiscal_tasks
from backoffice_api.tasks.installed import RISK_PROVIDERS, TAX_ENGINES, installed
from backoffice_api.tasks.mailboxes import mailbox_tasks
from backoffice_api.tasks.media import media_tasks, storage_from
from backoffice_api.tasks.messages import mailer_from, message_tasks
from backoffice_api.tasks.payables import payable_tasks
from backoffice_api.tasks.payments import payment_tasks
from backoffice_api.tasks.privacy import privacy_tasks
from backoffice_api.tasks.risk import risk_tasks
from backoffice_api.tasks.shipping import shipping_tasks
from backoffice_api.tasks.taxes import tax_tasks
from backoffice_api.tasks.tracking import tracking_tasks
from backoffice_api.tasks.views import view_tasks


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
        **risk_tasks(database, installed(RISK_PROVIDERS)),
        **fiscal_tasks(settings, database),
        **shipping_tasks(settings, database),
        **tax_tasks(database, installed(TAX_ENGINES)),
        **tracking_tasks(settings, database),
        **view_tasks(database, ROOTS, ROOTS),
    }
