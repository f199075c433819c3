"""What several services refuse, or each of them."""

from collections.abc import Mapping

from backoffice.languages import N_

SENTENCES: Mapping[str, str] = {
    "address-not-writable": N_(
        "The mail server can only write to addresses with plain letters before the @. Give another address."
    ),
    "answer-erased": N_(
        "This was done, and what it answered has been erased since. Look at the contract or the account as "
        "it is now; do not send it again."
    ),
    "bad-request": N_("This request cannot be read. Open the page again."),
    "body-too-large": N_("This is too much at once. Send less at a time."),
    "catalog-unavailable": N_(
        "The catalogue does not answer just now, and nothing has changed. Try again in a few seconds."
    ),
    "credit-exists": N_(
        "The client credit that this line sold exists. Leave the price and the discounts as they are, or "
        "cancel the line while nothing of it is used and sell it again."
    ),
    "credit-more-than-left": N_("Less than that is left of it. Use no more than is left."),
    "credit-other-account": N_("The credit belongs to another account than the contract. Use one of this account."),
    "credit-other-currency": N_("It is in another currency than the contract. Use one in the contract’s currency."),
    "credit-sold-by-this-contract": N_(
        "A contract is not paid with what it sells itself. Use another credit or gift card."
    ),
    "cursor-invalid": N_("This page of the list is not there any more. Begin with the first page."),
    "deposit-above-total": N_("The deposit is more than the total of {total:money}. Lower it."),
    "earlier-parked": N_("An earlier event of the same thing waits. Ask those who operate Carnet."),
    "first-due-out-of-range": N_(
        "The first instalment is due from the day of the sale on, and not too far ahead. Choose another date."
    ),
    "idempotency-key-invalid": N_("This form is damaged. Open the page again."),
    "idempotency-key-missing": N_("This form is damaged. Open the page again."),
    "idempotency-key-reused": N_(
        "This form was already sent with other entries. Look at what was done, then open the page again."
    ),
    "if-match-invalid": N_("This form is damaged. Open the page again."),
    "if-match-missing": N_("This form is damaged. Open the page again."),
    "keys-unavailable": N_("Your sign-in cannot be checked just now. Try again in a few seconds."),
    "line-not-paid": N_("This purchase is not paid yet. It can be invoiced once it is."),
    "method-not-allowed": N_("This cannot be done here. Go back and try again."),
    "more-than-due": N_("The amount is more than what is left to pay. Give no more than that."),
    "more-than-left": N_("{left:money} are left of the credit. Take off no more than that."),
    "no-such-address": N_("There is nothing at this address."),
    "not-here-yet": N_("This was just made and has not arrived everywhere yet. Try again in a moment."),
    "not-json": N_("This form is damaged. Open the page again."),
    "nothing-to-invoice": N_("Nothing that is paid of this contract lacks an invoice."),
    "organisation-not-known": N_(
        "Your organisation has no profile yet, or it was made just now. Describe it in the settings, or try "
        "again in a moment."
    ),
    "other-currency": N_("Your organisation counts in {expected}. Give the amount in {expected}."),
    "payments-unavailable": N_("Payments do not answer just now, and nothing has changed. Try again in a few seconds."),
    "received-in-future": N_("A payment cannot be received after today. Give the day on which it was received."),
    "request-invalid": N_("Something that you entered is not right. Check the fields that are marked."),
    "request-too-slow": N_("This came too slowly, and nothing has changed. Try again."),
    "sale-not-for-mode": N_("A contract that is paid this way cannot start like that. Choose another way of paying."),
    "same-twice": N_("The same value is there twice. Give each one once."),
    "scope-missing": N_("Your role does not allow this. Ask the person who manages the rights of your organisation."),
    "sending-day-out-of-range": N_(
        "It is sent on a day to come, until {latest:day}. Choose such a day, or send it at once."
    ),
    "service-slow": N_("There was no answer in time, and it may have been done. Look before you send it again."),
    "service-unreachable": N_("There is no answer just now, and nothing has changed. Try again in a few seconds."),
    "staff-only": N_("Only the organisation’s staff may do this."),
    "storage-unavailable": N_("The storage does not answer just now. Try again in a few seconds."),
    "template-too-long": N_("The template is too long. Make it shorter."),
    "template-unknown-variable": N_("Line {line} of the template names a value that does not exist for this mail."),
    "template-unsafe": N_("Line {line} of the template does something that templates may not do."),
    "token-algorithm": N_("Your sign-in is not accepted here. Ask those who operate Carnet."),
    "token-audience": N_("Your sign-in is not for Carnet. Ask those who operate it."),
    "token-claims": N_(
        "Your sign-in does not say what you may do in Carnet. Ask the person who manages the rights of your "
        "organisation."
    ),
    "token-expired": N_("Your session has ended. Sign in again."),
    "token-malformed": N_("Your sign-in is not accepted here. Ask those who operate Carnet."),
    "token-missing": N_("You are not signed in. Sign in again."),
    "token-not-yet-valid": N_("Your sign-in is not valid yet. Try again in a moment."),
    "token-signature": N_("Your sign-in is not accepted here. Ask those who operate Carnet."),
    "token-unknown-issuer": N_("Your sign-in is not accepted here. Ask those who operate Carnet."),
    "too-many-codes": N_("Too many codes that do not exist were tried. Try again in an hour."),
    "unexpected": N_(
        "Something went wrong on our side. Try again; if it stays, give the number below when you ask for help."
    ),
    "unknown-access": N_("There is no such access to a course in your organisation."),
    "unknown-account": N_("There is no such account in your organisation."),
    "unknown-attempt": N_("There is no such attempt in your organisation."),
    "unknown-bank-deposit": N_("There is no such bank deposit in your organisation."),
    "unknown-bank-file": N_("This file does not exist here. Open the list of files of the bank."),
    "unknown-batch": N_("There is no such import of families here."),
    "unknown-card": N_("There is no such gift card. Look at the list of the family again."),
    "unknown-change": N_("There is no such change in your organisation."),
    "unknown-contract": N_("There is no such contract in your organisation."),
    "unknown-credit": N_("There is no such credit in your organisation."),
    "unknown-format": N_("This product has no such format."),
    "unknown-fund": N_("There is no such scholarship fund in your organisation."),
    "unknown-instalment": N_("There is no such instalment in your organisation."),
    "unknown-invoice": N_("There is no such invoice in your organisation."),
    "unknown-job": N_("There is no such job in your organisation."),
    "unknown-line": N_("There is no such purchase in your organisation."),
    "unknown-mail": N_("There is no such mail in your organisation."),
    "unknown-match": N_("This match was undone meanwhile. Look at the invoice again."),
    "unknown-member": N_("There is no such member in your organisation."),
    "unknown-object": N_("There is no such thing in your organisation."),
    "unknown-organisation": N_("There is no such organisation."),
    "unknown-pack": N_("There is no such session pack. Look at the list of the family again."),
    "unknown-parked-record": N_("There is no such record in your organisation."),
    "unknown-payment": N_("There is no such payment in your organisation."),
    "unknown-payment-method": N_("There is no such payment method in your organisation."),
    "unknown-product": N_("There is no such product in your organisation."),
    "unknown-refund": N_("This refund is not in the file. Open the list of refunds by transfer."),
    "unknown-refund-file": N_("This file does not exist here. Open the list of refunds by transfer."),
    "unknown-remittance": N_("This remittance does not exist here. Open the list of direct debits."),
    "unknown-request": N_("There is no such request in your organisation."),
    "unknown-route": N_("There is nothing at this address."),
    "unknown-schedule": N_("There is no such schedule in your organisation."),
    "unknown-scholarship": N_("There is no such scholarship in your organisation."),
    "unknown-settlement": N_("There is no such refund in your organisation."),
    "unknown-taking": N_("There is no such payment to take to the bank in your organisation."),
    "unknown-tariff": N_("This format has no such tariff."),
    "unknown-use": N_("There is no such session. Look at the list again."),
    "unknown-voucher": N_("There is no such gift voucher. Look at the list of the family again."),
    "version-moved": N_("This has changed since you opened it. Look at it as it is now, then decide again."),
    "voucher-redeemed-before": N_("This gift voucher is redeemed already."),
    "voucher-removed": N_("The sale of this gift voucher was cancelled, so it is a right to nothing any more."),
}
