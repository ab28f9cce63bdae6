"""A worker to be killed while it asks a gateway that forgets keys: a process of its own."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from backoffice_api.adapters.payments_fake import FakeGateway
from backoffice_api.domain.kernel.database import open_database
from backoffice_api.domain.payments.model.gateways import GatewayState, GatewayStatus
from backoffice_api.domain.payments.ports import Charge
from backoffice_api.tasks.payments import GatewayWork


class Ledger(FakeGateway):
    """Keeps in a file what it charged, so that it outlives the process. It knows no key again."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def authorize(self, charge: Charge) -> GatewayState:
        with self.file.open("a") as written:
            written.write(f"{charge.amount.minor}\n")
        found = self.find(charge.key, None)
        assert found
        return found

    def find(self, key: str, reference: str | None) -> GatewayState | None:
        charged = sum(self.charges())
        if not charged:
            return None
        return GatewayState(
            key=key,
            reference="ledger_1",
            status=GatewayStatus.OPEN,
            currency="EUR",
            authorized_minor=charged,
            captured_minor=charged,
        )

    def charges(self) -> list[int]:
        return [int(each) for each in self.file.read_text().split()] if self.file.exists() else []


def ask(url: str, file: str, operation_id: str) -> None:
    """What a worker does with the job."""
    database = open_database(url)
    work = GatewayWork(database, {"fake": Ledger(Path(file))}, lambda: datetime.now(UTC))
    work.ask(UUID(operation_id))
    database.dispose()
