"""The schema: every verb and every word together."""

import strawberry
from strawberry.tools import merge_types
from strawberry.types.base import get_object_definition

from backoffice_api.domain.messages.ports import SELECTIONS
from backoffice_api.resolvers.approvals import ApprovalMutation, ApprovalQuery
from backoffice_api.resolvers.audit import AuditMutation, AuditQuery
from backoffice_api.resolvers.backorders import BackorderMutation, BackorderQuery
from backoffice_api.resolvers.banking import BankingMutation, BankingQuery
from backoffice_api.resolvers.bills import BillMutation, BillQuery
from backoffice_api.resolvers.bookkeeping import BookkeepingMutation, BookkeepingQuery
from backoffice_api.resolvers.budgets import BudgetMutation, BudgetQuery
from backoffice_api.resolvers.bulk import BulkMutation, BulkQuery
from backoffice_api.resolvers.carriers import CarrierMutation, CarrierQuery
from backoffice_api.resolvers.catalog import CatalogMutation, CatalogQuery
from backoffice_api.resolvers.channel_drift import ChannelDriftMutation
from backoffice_api.resolvers.channel_stock import ChannelStockMutation, ChannelStockQuery
from backoffice_api.resolvers.channels import ChannelMutation, ChannelQuery
from backoffice_api.resolvers.claims import ClaimMutation, ClaimQuery
from backoffice_api.resolvers.comments import CommentMutation, CommentQuery
from backoffice_api.resolvers.count_sheets import CountSheetMutation, CountSheetQuery
from backoffice_api.resolvers.counts import CountMutation, CountQuery
from backoffice_api.resolvers.custom_fields import CustomFieldMutation, CustomFieldQuery
from backoffice_api.resolvers.customer_accounts import (
    CustomerAccountMutation,
    CustomerAccountQuery,
)
from backoffice_api.resolvers.customer_merging import (
    CustomerMergingMutation,
    CustomerMergingQuery,
)
from backoffice_api.resolvers.customers import CustomerMutation, CustomerQuery
from backoffice_api.resolvers.customs import CustomsMutation, CustomsQuery
from backoffice_api.resolvers.discounts import DiscountMutation, DiscountQuery
from backoffice_api.resolvers.documents import DocumentMutation, DocumentQuery
from backoffice_api.resolvers.exchanges import ExchangeMutation, ExchangeQuery
from backoffice_api.resolvers.feedback import FeedbackMutation, FeedbackQuery
from backoffice_api.resolvers.forecast import ForecastMutation, ForecastQuery
from backoffice_api.resolvers.fulfillment import FulfillmentMutation, FulfillmentQuery
from backoffice_api.resolvers.fulfillment_sites import (
    FulfillmentSiteMutation,
    FulfillmentSiteQuery,
)
from backoffice_api.resolvers.identity import IdentityMutation, IdentityQuery
from backoffice_api.resolvers.invoicing import InvoicingMutation, InvoicingQuery
from backoffice_api.resolvers.jobs import JobMutation, JobQuery
from backoffice_api.resolvers.kits import KitMutation
from backoffice_api.resolvers.ledger import LedgerMutation, LedgerQuery
from backoffice_api.resolvers.ledger_reports import LedgerReportQuery
from backoffice_api.resolvers.live import Subscription
from backoffice_api.resolvers.lots import LotMutation, LotQuery
from backoffice_api.resolvers.mailboxes import MailboxMutation, MailboxQuery
from backoffice_api.resolvers.margins import MarginMutation, MarginQuery
from backoffice_api.resolvers.matrix import MatrixMutation
from backoffice_api.resolvers.media import MediaMutation
from backoffice_api.resolvers.merging import MergingMutation
from backoffice_api.resolvers.messages import MessageMutation, MessageQuery
from backoffice_api.resolvers.orders import OrderMutation, OrderQuery
from backoffice_api.resolvers.payment_runs import PaymentRunMutation, PaymentRunQuery
from backoffice_api.resolvers.payments import PaymentMutation, PaymentQuery
from backoffice_api.resolvers.platform import PlatformQuery
from backoffice_api.resolvers.price_sets import PriceSetMutation, PriceSetQuery
from backoffice_api.resolvers.pricing import PricingMutation, PricingQuery
from backoffice_api.resolvers.privacy import PrivacyMutation, PrivacyQuery
from backoffice_api.resolvers.products import ProductMutation, ProductQuery
from backoffice_api.resolvers.publishing import PublishingMutation, PublishingQuery
from backoffice_api.resolvers.purchasing import PurchasingMutation, PurchasingQuery
from backoffice_api.resolvers.query_costs import QueryCostQuery
from backoffice_api.resolvers.receivables import ReceivableMutation, ReceivableQuery
from backoffice_api.resolvers.reconciling import ReconcilingMutation, ReconcilingQuery
from backoffice_api.resolvers.replenishment import ReplenishmentMutation, ReplenishmentQuery
from backoffice_api.resolvers.return_labels import ReturnLabelMutation
from backoffice_api.resolvers.return_rates import ReturnRateQuery
from backoffice_api.resolvers.return_reasons import ReturnReasonMutation, ReturnReasonQuery
from backoffice_api.resolvers.returns import ReturnMutation, ReturnQuery
from backoffice_api.resolvers.reviews import ReviewMutation, ReviewQuery
from backoffice_api.resolvers.roles import RoleMutation, RoleQuery
from backoffice_api.resolvers.runs import RunMutation, RunQuery
from backoffice_api.resolvers.scanning import ScanningMutation, ScanningQuery
from backoffice_api.resolvers.second_factors import SecondFactorMutation
from backoffice_api.resolvers.shipping import ShippingMutation, ShippingQuery
from backoffice_api.resolvers.slotting import SlottingMutation, SlottingQuery
from backoffice_api.resolvers.stock import StockMutation, StockQuery
from backoffice_api.resolvers.stock_drift import StockDriftMutation
from backoffice_api.resolvers.stock_values import StockValueMutation, StockValueQuery
from backoffice_api.resolvers.suppliers import SupplierMutation, SupplierQuery
from backoffice_api.resolvers.taxes import TaxMutation, TaxQuery
from backoffice_api.resolvers.ticket_acts import TicketActMutation, TicketActQuery
from backoffice_api.resolvers.ticket_clocks import TicketClockMutation, TicketClockQuery
from backoffice_api.resolvers.ticket_desk import TicketDeskMutation, TicketDeskQuery
from backoffice_api.resolvers.ticket_macros import TicketMacroMutation, TicketMacroQuery
from backoffice_api.resolvers.ticket_notices import TicketNoticeMutation, TicketNoticeQuery
from backoffice_api.resolvers.ticket_rules import TicketRuleMutation, TicketRuleQuery
from backoffice_api.resolvers.ticket_teams import TicketTeamMutation, TicketTeamQuery
from backoffice_api.resolvers.tickets import TicketMutation, TicketQuery, TicketStateMutation
from backoffice_api.resolvers.tracking import TrackingMutation, TrackingQuery
from backoffice_api.resolvers.transfers import TransferMutation, TransferQuery
from backoffice_api.resolvers.views import ViewMutation, ViewQuery
from backoffice_api.resolvers.webhooks import WebhookMutation, WebhookQuery
from backoffice_api.schema.customer_overview import CustomerLifetime, CustomerOwed
from backoffice_api.schema.one_of import declare_one_of
from backoffice_api.schema.payload_documents import DOCUMENTS
from backoffice_api.schema.payloads import ERROR_TYPES
from backoffice_api.schema.roots import ROOTS
from backoffice_api.schema.scalars import config
from backoffice_api.schema.template_selections import SchemaSelections

Query = merge_types(
    "Query",
    (
        PlatformQuery,
        ApprovalQuery,
        AuditQuery,
        CatalogQuery,
        CarrierQuery,
        BookkeepingQuery,
        BankingQuery,
        BudgetQuery,
        BulkQuery,
        ChannelQuery,
        ChannelStockQuery,
        BackorderQuery,
        CustomFieldQuery,
        CountSheetQuery,
        CountQuery,
        CustomerQuery,
        CustomerAccountQuery,
        CustomerMergingQuery,
        CustomsQuery,
        DiscountQuery,
        DocumentQuery,
        FeedbackQuery,
        ForecastQuery,
        FulfillmentQuery,
        FulfillmentSiteQuery,
        IdentityQuery,
        InvoicingQuery,
        JobQuery,
        LedgerQuery,
        LedgerReportQuery,
        LotQuery,
        MailboxQuery,
        MarginQuery,
        MessageQuery,
        OrderQuery,
        BillQuery,
        PaymentQuery,
        PaymentRunQuery,
        PriceSetQuery,
        PricingQuery,
        PrivacyQuery,
        ProductQuery,
        PublishingQuery,
        PurchasingQuery,
        QueryCostQuery,
        ReceivableQuery,
        ReconcilingQuery,
        ReplenishmentQuery,
        ReturnQuery,
        ReturnReasonQuery,
        ReturnRateQuery,
        ExchangeQuery,
        ClaimQuery,
        ReviewQuery,
        RoleQuery,
        ScanningQuery,
        ShippingQuery,
        SlottingQuery,
        StockQuery,
        StockValueQuery,
        SupplierQuery,
        TaxQuery,
        TicketQuery,
        TicketActQuery,
        TicketDeskQuery,
        TicketMacroQuery,
        TicketNoticeQuery,
        TicketRuleQuery,
        TicketClockQuery,
        TicketTeamQuery,
        TrackingQuery,
        TransferQuery,
        CommentQuery,
        RunQuery,
        ViewQuery,
        WebhookQuery,
    ),
)
Mutation = merge_types(
    "Mutation",
    (
        ApprovalMutation,
        AuditMutation,
        CatalogMutation,
        CarrierMutation,
        BookkeepingMutation,
        BankingMutation,
        BudgetMutation,
        BulkMutation,
        ChannelMutation,
        ChannelDriftMutation,
        ChannelStockMutation,
        BackorderMutation,
        CustomFieldMutation,
        CountSheetMutation,
        CountMutation,
        CustomerMutation,
        CustomerAccountMutation,
        CustomerMergingMutation,
        CustomsMutation,
        DiscountMutation,
        DocumentMutation,
        ForecastMutation,
        FeedbackMutation,
        FulfillmentMutation,
        FulfillmentSiteMutation,
        IdentityMutation,
        InvoicingMutation,
        JobMutation,
        KitMutation,
        LedgerMutation,
        LotMutation,
        MailboxMutation,
        MarginMutation,
        MediaMutation,
        MatrixMutation,
        MergingMutation,
        MessageMutation,
        OrderMutation,
        BillMutation,
        PaymentMutation,
        PaymentRunMutation,
        PriceSetMutation,
        PricingMutation,
        PrivacyMutation,
        ProductMutation,
        PublishingMutation,
        PurchasingMutation,
        ReceivableMutation,
        ReconcilingMutation,
        ReplenishmentMutation,
        ReturnMutation,
        ReturnLabelMutation,
        ReturnReasonMutation,
        ExchangeMutation,
        ClaimMutation,
        ReviewMutation,
        RoleMutation,
        ScanningMutation,
        SecondFactorMutation,
        ShippingMutation,
        SlottingMutation,
        StockMutation,
        StockDriftMutation,
        StockValueMutation,
        SupplierMutation,
        TaxMutation,
        TicketMutation,
        TicketStateMutation,
        TicketActMutation,
        TicketDeskMutation,
        TicketMacroMutation,
        TicketNoticeMutation,
        TicketRuleMutation,
        TicketClockMutation,
        TicketTeamMutation,
        TrackingMutation,
        TransferMutation,
        CommentMutation,
        RunMutation,
        ViewMutation,
        WebhookMutation,
    ),
)

# What merges types takes no description of the whole.
for _root, _says in (
    (Query, "All that can be asked."),
    (Mutation, "All that can be done: one command each, as a whole or not at all."),
    (Subscription, "All that can be followed: once more from any place in the log, then live."),
):
    get_object_definition(_root, strict=True).description = _says

schema = ROOTS.declare(
    declare_one_of(
        strawberry.Schema(
            query=Query,
            mutation=Mutation,
            subscription=Subscription,
            types=[*ERROR_TYPES, CustomerLifetime, CustomerOwed],
            config=config(),
        )
    )
)
DOCUMENTS.declare(schema)
SELECTIONS.declare(SchemaSelections(schema, DOCUMENTS))
