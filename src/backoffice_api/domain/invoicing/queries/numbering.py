"""What can be asked about series of numbers."""

from backoffice_api.domain.invoicing.model.series import InvoiceSeries
from backoffice_api.domain.invoicing.tables import invoice_series
from backoffice_api.domain.kernel.rows import many_per, one_per

series_by_ids = one_per(InvoiceSeries, invoice_series, invoice_series.c.id)
series_by_sellers = many_per(
    InvoiceSeries, invoice_series, invoice_series.c.seller_id, invoice_series.c.id.desc()
)
