"""What mails are about and their status, in words."""

from collections.abc import Mapping

from backoffice.languages import N_

KINDS: Mapping[str, str] = {
    "account_statement": N_("Account statement"),
    "contract_opened": N_("Contract opened"),
    "contract_changed": N_("Contract changed"),
    "contract_paid": N_("Contract fully paid"),
    "credit_granted": N_("Credit granted"),
    "credit_restored": N_("Credit given back"),
    "credit_taken_back": N_("Credit taken back"),
    "credit_used": N_("Credit used"),
    "mandate_invitation": N_("Invitation to sign a mandate"),
    "debit_announced": N_("Direct debit announced"),
    "debit_called_off": N_("Announced direct debit called off"),
    "deposit_reversed": N_("Deposit taken back by the bank"),
    "invoice_ready": N_("Invoice ready"),
    "method_missing": N_("Payment method missing"),
    "money_lost": N_("Money taken back by the bank"),
    "payment_failed": N_("Payment failed"),
    "payment_received": N_("Payment received"),
    "payment_reminder": N_("Payment reminder"),
    "pack_reminder": N_("Reminder of a session pack"),
    "payment_reversed": N_("Payment taken back by the bank"),
    "payment_voided": N_("Entry of a payment voided"),
    "payments_moved": N_("Payments moved"),
    "refund_awaiting": N_("Refund awaiting correction"),
    "refund_failed": N_("Refund failed"),
    "refund_grew": N_("Refund has grown"),
    "refund_not_made": N_("Refund not made"),
    "refund_settled": N_("Refund settled"),
    "reminders_ended": N_("Reminders have ended"),
    "settlement_voided": N_("Entry of a refund voided"),
    "cancellation_declined": N_("Request to cancel a subscription declined"),
    "cancellation_received": N_("Request to cancel a subscription received"),
    "cancellation_requested": N_("Cancellation of a subscription asked for"),
    "pause_lifted": N_("Pause of a subscription lifted"),
    "subscription_cancelled": N_("Subscription cancelled"),
    "subscription_price": N_("New price of a subscription"),
    "subscription_renewal": N_("Notice that a subscription renews"),
    "access_withheld": N_("Access withheld for late payment"),
    "access_given_back": N_("Access given back"),
    "subscription_paused": N_("Subscription paused"),
    "voucher_given": N_("Gift voucher given"),
    "gift_card_given": N_("Gift card given"),
}
"""What a mail is about."""

STATES: Mapping[str, tuple[str, str]] = {
    "queued": ("calm", N_("waiting")),
    "sending": ("calm", N_("being sent")),
    "sent": ("ok", N_("sent")),
    "failed": ("late", N_("not sent")),
    "dropped": ("calm", N_("no longer needed")),
}
"""The status of a mail: its colour and its words."""
