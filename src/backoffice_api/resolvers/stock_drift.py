"""What can be done about stock that others keep."""

import strawberry

from backoffice_api.domain.kernel import ids
from backoffice_api.domain.stock.commands import reconciling
from backoffice_api.schema.mutations import mutation
from backoffice_api.schema.stock_drift import StockReconcileInput, StockReconcilePayload


@strawberry.type
class StockDriftMutation:
    @mutation(reconciling.reconcile_stock, StockReconcilePayload)
    def stock_reconcile(input: StockReconcileInput) -> reconciling.ReconcileStock:
        """Compare what a location reports with our books of that moment, and heal the drift.

        With `dryRun` it is only compared.
        """
        return reconciling.ReconcileStock(
            location_id=ids.parse("loc", input.location_id),
            reported_at=input.reported_at,
            lines=input.reported(),
        )
