"""Who reacts to what, and what is done in the background: the whole choreography on one page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backoffice_api.domain.approvals.commands import deciding, delegating
from backoffice_api.domain.approvals.model.events import (
    ApprovalAgreed,
    ApprovalDeclined,
    ApprovalGranted,
    ApprovalRuleRemoved,
    ApprovalRuleSet,
    ApprovalWithdrawn,
)
from backoffice_api.domain.banking.commands import suggesting, taking
from backoffice_api.domain.bookkeeping.commands.keeping import keep_books
from backoffice_api.domain.catalog.commands import categories, members
from backoffice_api.domain.customers.commands import duplicates as find_customers
from backoffice_api.domain.customers.commands import merging as merging_customers
from backoffice_api.domain.customers.model.merging import CustomerMerged, CustomerMergeUndone
from backoffice_api.domain.feedback.commands import asking as feedback_asking
from backoffice_api.domain.feedback.commands import planning as feedback_planning
from backoffice_api.domain.fulfillment.commands import keeping
from backoffice_api.domain.fulfillment.model.calendars import CalendarSet
from backoffice_api.domain.fulfillment.model.events import FulfillmentCancelled, FulfillmentPlanned
from backoffice_api.domain.fulfillment.model.fulfillments import FulfillmentShipped
from backoffice_api.domain.fulfillment.model.packing import ParcelRemoved
from backoffice_api.domain.identity.commands import tries
from backoffice_api.domain.invoicing.commands import fiscal, guarding
from backoffice_api.domain.kernel import inbox, upkeep
from backoffice_api.domain.kernel.events import Event
from backoffice_api.domain.kernel.uow import Command, UnitOfWork
from backoffice_api.domain.ledger.commands import rates as ledger_rates
from backoffice_api.domain.ledger.commands import sealing
from backoffice_api.domain.mailboxes.commands import sending as mailing
from backoffice_api.domain.media.commands import files
from backoffice_api.domain.messages.commands import writing
from backoffice_api.domain.orders.commands import approving as order_approving
from backoffice_api.domain.orders.commands import backorders, cancelling, holds, quotes
from backoffice_api.domain.orders.model.events import (
    OrderCancelled,
    OrderEdited,
    OrderLinesCancelled,
    OrderPlaced,
    OrderUncancelled,
)
from backoffice_api.domain.orders.model.moves import (
    OrderExtended,
    OrderMerged,
    OrderSplit,
    OrderSplitOff,
)
from backoffice_api.domain.orders.model.returning import OrderAllowanceChanged
from backoffice_api.domain.orders.model.settlement import OrderToSettle
from backoffice_api.domain.payables.commands import apart, crediting, freight
from backoffice_api.domain.payables.commands import approving as bill_approving
from backoffice_api.domain.payables.commands import matching as bill_matching
from backoffice_api.domain.payables.commands import runs as payment_runs
from backoffice_api.domain.payments.commands import crediting as crediting_customers
from backoffice_api.domain.payments.commands import expiring, reacting, refunding
from backoffice_api.domain.payments.model.events import (
    DisputeClosed,
    PaymentCaptured,
    PaymentCreated,
    PaymentExpired,
    PaymentVoided,
    RefundCancelled,
    RefundFailed,
    RefundSucceeded,
)
from backoffice_api.domain.pricing.commands import beginning as price_sets
from backoffice_api.domain.privacy.commands import erasing, exporting, retaining
from backoffice_api.domain.products.model import ProductArchived
from backoffice_api.domain.publishing.commands import publications
from backoffice_api.domain.purchasing.commands import approving
from backoffice_api.domain.purchasing.model.receipts import PurchaseReturnMade, ReceiptMade
from backoffice_api.domain.receivables.commands import credit, dunning, sweeping, writing_off
from backoffice_api.domain.receivables.commands import following as expecting
from backoffice_api.domain.replenishment.commands import measuring
from backoffice_api.domain.returns.commands import deciding as return_deciding
from backoffice_api.domain.returns.commands import exchanging, refusals, reversing
from backoffice_api.domain.returns.commands import labels as return_labels
from backoffice_api.domain.returns.commands import shipping as coming_back
from backoffice_api.domain.returns.model.events import (
    ReturnApproved,
    ReturnCancelled,
    ReturnDeclined,
    ReturnExpired,
    ReturnReceived,
)
from backoffice_api.domain.reviews.commands import assessing, following
from backoffice_api.domain.reviews.commands import deciding as reviewing
from backoffice_api.domain.shipping.commands import calling_off
from backoffice_api.domain.shipping.commands import measuring as service_measuring
from backoffice_api.domain.shipping.model.freight import (
    FreightChargeAccepted,
    FreightChargeDisputed,
    FreightChargesRecorded,
)
from backoffice_api.domain.shipping.model.shipment_events import LabelBought, LabelVoided
from backoffice_api.domain.stock.commands import reservations, snapshots
from backoffice_api.domain.tickets.commands import assigning as ticket_assigning
from backoffice_api.domain.tickets.commands import clocks as ticket_clocks
from backoffice_api.domain.tickets.commands import drafting as ticket_drafting
from backoffice_api.domain.tickets.commands import moving as ticket_moving
from backoffice_api.domain.tickets.commands import policies as ticket_policies
from backoffice_api.domain.tickets.commands import watching as ticket_watching
from backoffice_api.domain.tickets.model.events import TicketReplied
from backoffice_api.domain.tracking.commands import exceptions, labels, mapping, registering
from backoffice_api.domain.tracking.model.trackings import TrackingUpdated
from backoffice_api.domain.webhooks.commands import following as hook_following
from backoffice_api.domain.webhooks.commands import upkeep as forgetting

Reaction = Callable[[UnitOfWork, Any], None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """What a job of one kind does: runs a command, made from the job's payload, as the system.

    `every_s`: it is also done by itself, this often.
    """

    handler: Callable[[UnitOfWork, Any], Any]
    command: type[Command]
    every_s: int | None = None


# Reactions that must be true together with the event: they run in its transaction.
TOGETHER: Mapping[type[Event], Sequence[Reaction]] = {
    ProductArchived: (publications.hide_archived,),
    CustomerMerged: (crediting_customers.follow_merge, credit.follow_merge),
    CustomerMergeUndone: (crediting_customers.follow_undone_merge, credit.follow_undone_merge),
    ReceiptMade: (backorders.wake, bill_matching.match_what_came),
    PurchaseReturnMade: (crediting.draft_debit_note,),
    FreightChargesRecorded: (freight.enter_invoice,),
    FreightChargeAccepted: (freight.owe_variance,),
    FreightChargeDisputed: (freight.dispute_variance,),
    OrderPlaced: (reacting.on_order_placed,),
    OrderEdited: (guarding.keep_invoiced, order_approving.ask_again, keeping.keep_within),
    OrderCancelled: (keeping.keep_within,),
    OrderLinesCancelled: (keeping.keep_within,),
    OrderUncancelled: (order_approving.ask_again, assessing.hold_again),
    OrderSplit: (guarding.keep_invoiced, keeping.keep_within, expecting.on_order_changed),
    OrderAllowanceChanged: (expecting.on_order_changed,),
    OrderSplitOff: (reacting.on_split_off,),
    OrderMerged: (guarding.keep_invoiced, keeping.keep_within),
    OrderExtended: (order_approving.ask_again,),
    OrderToSettle: (reacting.on_order_to_settle, expecting.on_order_changed),
    PaymentCreated: (expecting.on_payment_created,),
    PaymentCaptured: (expecting.on_payment_captured,),
    PaymentVoided: (expecting.on_payment_ended,),
    PaymentExpired: (expecting.on_payment_ended,),
    RefundSucceeded: (expecting.on_refund_succeeded,),
    RefundCancelled: (reversing.follow_cancelled,),
    RefundFailed: (reversing.follow_failed,),
    DisputeClosed: (reviewing.learn_from_dispute,),
    FulfillmentPlanned: (fiscal.close_gates,),
    FulfillmentCancelled: (calling_off.on_fulfillment_cancelled,),
    ParcelRemoved: (calling_off.on_parcel_removed,),
    LabelBought: (labels.follow_label,),
    LabelVoided: (labels.drop_label,),
    FulfillmentShipped: (registering.arrive_when_shipped,),
    TrackingUpdated: (refusals.follow_turned_round, coming_back.follow_coming_back),
    ReturnApproved: (exchanging.reserve_approved,),
    ReturnReceived: (exchanging.release_received,),
    ReturnDeclined: (exchanging.follow_ended,),
    ReturnCancelled: (exchanging.follow_ended, return_labels.follow_ended),
    ReturnExpired: (exchanging.follow_ended, return_labels.follow_ended),
    ApprovalRuleSet: (order_approving.check_channel, approving.mirror_limit),
    ApprovalRuleRemoved: (approving.drop_limit,),
    ApprovalAgreed: (bill_approving.check_agreement, apart.check_agreement),
    ApprovalGranted: (
        price_sets.on_approval_granted,
        approving.go_on,
        bill_approving.go_on,
        payment_runs.approve_granted_run,
        order_approving.approve_order,
        refunding.on_approval_granted,
        writing_off.on_approval_granted,
    ),
    ApprovalDeclined: (
        price_sets.on_approval_declined,
        approving.send_back,
        bill_approving.send_back,
        payment_runs.cancel_declined_run,
        cancelling.cancel_declined,
        refunding.on_approval_declined,
        writing_off.on_approval_declined,
    ),
    ApprovalWithdrawn: (refunding.on_approval_withdrawn, writing_off.on_approval_declined),
    CalendarSet: (ticket_policies.follow_calendar,),
    **dict.fromkeys(ticket_clocks.CLOCK_EVENTS, (ticket_clocks.follow_tickets,)),
    TicketReplied: (ticket_clocks.follow_tickets, mailing.mail_reply),
}

# What is done once, at the end of every command, after all reactions: it sees all that was told and
# noted, tells nothing more, and costs no statement where nothing concerns it.
AT_THE_END: Sequence[Callable[[UnitOfWork], None]] = (keep_books,)

# What the worker does, by the kind of the job.
JOBS: Mapping[str, JobKind] = {
    tries.FORGET_JOB: JobKind(tries.forget_old, tries.ForgetOld, every_s=900),
    upkeep.FORGET_ANSWERS_JOB: JobKind(upkeep.forget_answers, upkeep.ForgetAnswers, every_s=3_600),
    upkeep.REFRESH_STATISTICS_JOB: JobKind(upkeep.refresh, upkeep.RefreshStatistics, every_s=3_600),
    reservations.EXPIRE_JOB: JobKind(
        reservations.expire_reservations, reservations.ExpireReservations, every_s=60
    ),
    snapshots.TAKE_JOB: JobKind(snapshots.take_snapshots, snapshots.TakeSnapshots, every_s=21_600),
    files.DOOM_JOB: JobKind(files.doom_unused_files, files.DoomUnusedFiles, every_s=3_600),
    members.FOLLOW_JOB: JobKind(members.follow_events, members.FollowEvents, every_s=5),
    categories.REFRESH_JOB: JobKind(
        members.refresh_collections, members.RefreshCollections, every_s=3_600
    ),
    measuring.MEASURE_JOB: JobKind(
        measuring.measure_replenishment, measuring.MeasureReplenishment, every_s=86_400
    ),
    service_measuring.MEASURE_JOB: JobKind(
        service_measuring.measure_services, service_measuring.MeasureServices, every_s=86_400
    ),
    price_sets.RUN_DUE_JOB: JobKind(
        price_sets.run_due_price_sets, price_sets.RunDuePriceSets, every_s=60
    ),
    publications.RUN_DUE_JOB: JobKind(
        publications.run_due_publications, publications.RunDuePublications, every_s=60
    ),
    backorders.FILL_JOB: JobKind(backorders.fill_backorders, backorders.FillBackorders, every_s=60),
    find_customers.FIND_JOB: JobKind(
        find_customers.find_duplicates, find_customers.FindDuplicates, every_s=300
    ),
    merging_customers.FOLLOW_JOB: JobKind(
        merging_customers.follow_merges, merging_customers.FollowMerges, every_s=300
    ),
    merging_customers.FORGET_JOB: JobKind(
        merging_customers.forget_moves, merging_customers.ForgetMoves, every_s=86_400
    ),
    deciding.EXPIRE_JOB: JobKind(deciding.expire_approvals, deciding.ExpireApprovals, every_s=60),
    delegating.FOLLOW_JOB: JobKind(
        delegating.follow_delegations, delegating.FollowDelegations, every_s=60
    ),
    sealing.SEAL_JOB: JobKind(sealing.seal_entries, sealing.SealEntries, every_s=5),
    ledger_rates.RATE_JOB: JobKind(
        ledger_rates.rate_postings, ledger_rates.RatePostings, every_s=30
    ),
    inbox.FORGET_JOB: JobKind(inbox.forget_bodies, inbox.ForgetMessageBodies, every_s=86_400),
    expiring.EXPIRE_JOB: JobKind(expiring.expire_payments, expiring.ExpirePayments, every_s=60),
    writing.FOLLOW_JOB: JobKind(writing.write_of_events, writing.WriteOfEvents, every_s=5),
    mapping.REMAP_JOB: JobKind(mapping.remap_tracking, mapping.RemapTracking),
    exceptions.WATCH_JOB: JobKind(
        exceptions.watch_trackings, exceptions.WatchTrackings, every_s=3_600
    ),
    keeping.FILL_JOB: JobKind(keeping.fill_fulfillments, keeping.FillFulfillments, every_s=60),
    following.FOLLOW_JOB: JobKind(following.follow_orders, following.FollowOrders, every_s=5),
    following.ASSESS_JOB: JobKind(assessing.assess_order, assessing.AssessOrder),
    following.VOID_JOB: JobKind(assessing.void_review, assessing.VoidReview),
    holds.RELEASE_DUE_JOB: JobKind(holds.release_due_holds, holds.ReleaseDueHolds, every_s=60),
    sweeping.SWEEP_JOB: JobKind(sweeping.note_the_day, sweeping.NoteTheDay, every_s=3_600),
    dunning.RUN_JOB: JobKind(dunning.run_dunning, dunning.RunDunning, every_s=86_400),
    credit.FOLLOW_JOB: JobKind(credit.mind_credit, credit.MindCredit, every_s=5),
    suggesting.ALL_JOB: JobKind(
        suggesting.suggest_for_all, suggesting.SuggestForAll, every_s=3_600
    ),
    taking.TAKE_JOB: JobKind(taking.take_part, taking.TakePart),
    quotes.EXPIRE_JOB: JobKind(quotes.expire_quotes, quotes.ExpireQuotes, every_s=60),
    erasing.CONTINUE_JOB: JobKind(
        erasing.continue_erasures, erasing.ContinueErasures, every_s=3_600
    ),
    retaining.RETAIN_JOB: JobKind(
        retaining.apply_retention, retaining.ApplyRetention, every_s=86_400
    ),
    exporting.EXPIRE_JOB: JobKind(exporting.expire_exports, exporting.ExpireExports, every_s=3_600),
    return_deciding.EXPIRE_JOB: JobKind(
        return_deciding.expire_returns, return_deciding.ExpireReturns, every_s=600
    ),
    reversing.REVERSE_JOB: JobKind(
        reversing.reverse_refunds, reversing.ReverseRefunds, every_s=3_600
    ),
    ticket_moving.CLOSE_JOB: JobKind(
        ticket_moving.close_resolved, ticket_moving.CloseResolved, every_s=600
    ),
    ticket_moving.WAKE_JOB: JobKind(
        ticket_moving.wake_snoozed, ticket_moving.WakeSnoozed, every_s=60
    ),
    ticket_clocks.WATCH_JOB: JobKind(
        ticket_clocks.watch_clocks, ticket_clocks.WatchClocks, every_s=60
    ),
    ticket_clocks.REAPPLY_JOB: JobKind(
        ticket_clocks.reapply_policies, ticket_clocks.ReapplyPolicies
    ),
    ticket_assigning.GIVE_JOB: JobKind(
        ticket_assigning.give_waiting, ticket_assigning.GiveWaiting, every_s=60
    ),
    ticket_drafting.FORGET_JOB: JobKind(
        ticket_drafting.forget_presences, ticket_drafting.ForgetPresences, every_s=60
    ),
    ticket_watching.FOLLOW_JOB: JobKind(
        ticket_watching.open_of_events, ticket_watching.OpenOfEvents, every_s=5
    ),
    ticket_watching.SWEEP_JOB: JobKind(
        ticket_watching.open_overdue, ticket_watching.OpenOverdue, every_s=600
    ),
    feedback_planning.FOLLOW_JOB: JobKind(
        feedback_planning.follow_events, feedback_planning.FollowFeedback, every_s=30
    ),
    feedback_asking.ASK_JOB: JobKind(feedback_asking.ask_due, feedback_asking.AskDue, every_s=60),
    hook_following.REPLAY_JOB: JobKind(hook_following.replay_part, hook_following.ReplayPart),
    forgetting.FORGET_JOB: JobKind(
        forgetting.forget_deliveries, forgetting.ForgetDeliveries, every_s=3_600
    ),
}
