"""What payments refuse: schedules, collecting, refunds, the bank, invoices, books, reminders."""

from collections.abc import Mapping

from backoffice.languages import N_

SENTENCES: Mapping[str, str] = {
    "account-given-twice": N_("Each kind of product and each rate of VAT has one account. Leave one of the two out."),
    "account-named-twice": N_("The account {account} has two names. Give it the same one wherever it is used."),
    "advance-moved": N_("Another amount is paid in advance by now. Look at it again, then issue the deposit invoice."),
    "already-deposited": N_(
        "This is in a bank deposit. If the bank did not get it, undo that bank deposit first; otherwise leave it."
    ),
    "already-voided": N_("This entry has already been voided."),
    "bank-deposit-undone": N_("This bank deposit has been undone. Make another one of what goes to the bank."),
    "bank-file-encoding": N_(
        "The letters of this file are not written as it says. It may have been opened and saved by another program: "
        "download it again, and send it as it is."
    ),
    "bank-file-invalid": N_(
        "Line {line} of this file has a value that cannot be right, and nothing was done. Download it again; if it "
        "is the same, give the bank this line."
    ),
    "bank-file-kind": N_(
        "This is not a file that says what became of direct debits. Choose a pain.002, camt.053 or camt.054 of the "
        "bank."
    ),
    "bank-file-other-account": N_(
        "This file is of the account that ends in {found}, which direct debits are not credited to. Choose the file "
        "of the right account."
    ),
    "bank-file-too-large": N_(
        "This file has more than is read at once. Ask the bank for the statements of fewer days."
    ),
    "bank-file-unreadable": N_(
        "This file cannot be read: it is cut off, or no file of a bank. Download it again, as pain.002, camt.053 or "
        "camt.054."
    ),
    "bank-file-unsafe": N_(
        "This file has parts that no file of a bank has, and was not read. Download it again from the bank."
    ),
    "bank-file-without-account": N_(
        "This file does not say by an IBAN whose account it is of. Ask the bank for statements that name the account"
        " by its IBAN."
    ),
    "card-buys-card": N_(
        "A gift card never buys a gift card: cards can pay {most:money} of this contract. Pay the rest another way."
    ),
    "card-data-refused": N_(
        "This looks like the number of a card, which Carnet never keeps. Give at most its last four digits."
    ),
    "cash-given-back-left-out": N_(
        "Cash was given back to families since. Open the page again: it is taken off what goes to the bank."
    ),
    "code-missing": N_("A gift card pays for anyone who presents its code. Type the code."),
    "code-superfluous": N_("A client credit has no code: it pays the contracts of its family. Leave the code out."),
    "collected-by-remittance": N_(
        "This family pays by direct debit: what is due is collected by the next remittance. Build one."
    ),
    "collecting-held": N_(
        "Data was restored, and nothing is collected until those who operate Carnet have resumed it. Ask them."
    ),
    "collection-too-early": N_("The bank needs the file earlier for that day. Collect on {possible:day} or later."),
    "collection-too-late": N_("A remittance cannot collect that far ahead. Collect by {possible:day}."),
    "contract-moved": N_("The contract has changed meanwhile. Look at it again before you go on."),
    "credit-refused": N_("This credit could not be used. Choose another one."),
    "credit-spent": N_("This payment paid for a client credit that has been used. First undo what that credit pays."),
    "credit-suspended": N_(
        "The contract that sold it is not fully paid any more, so it is suspended. Use it once that contract is paid "
        "again, or use another one."
    ),
    "creditor-identifier-invalid": N_(
        "This is not a SEPA creditor identifier. Compare it with what the bank gave you: FR72ZZZ123456."
    ),
    "dates-reversed": N_("The period ends before it begins. Correct the dates."),
    "days-repeated": N_("Two reminders have the same number of days. Give each another one, or leave one out."),
    "debit-ended": N_(
        "This debit has ended already. If the bank took it back after it was paid, record that on the payment."
    ),
    "deposit-deducted": N_(
        "The invoice of the whole purchase deducts this deposit. Cancel that invoice by a credit note instead: the "
        "deposit is cancelled with it."
    ),
    "deposited-and-returned": N_(
        "The bank has given something of this deposit back, so it had got it. Leave the bank deposit as it is."
    ),
    "deposited-before-received": N_(
        "Something in it was received on {possible:day}. Date the bank deposit on that day or later."
    ),
    "deposited-in-future": N_("A bank deposit is dated today or earlier. Correct the date."),
    "exemption-missing": N_(
        "Something here is sold without VAT, and an invoice says why. Give the reason in the settings of invoices."
    ),
    "exemption-without-wording": N_(
        "Carnet knows no wording for this reason of exemption. Give the one that the law asks for."
    ),
    "export-too-long": N_("An export is of ten years at most. Ask for a shorter period."),
    "far-above-due": N_("Only {due:money} is left to pay. Check the amount; if it really was received, confirm it."),
    "held-cheque-amount": N_(
        "The cheque that is held keeps its amount of {amount:money}. Record that amount, or cancel it to "
        "hand the cheque back."
    ),
    "held-cheque-method": N_(
        "A cheque is held for this instalment. Cancel it to hand the cheque back, then plan its amount again."
    ),
    "iban-invalid": N_(
        "This is not a valid IBAN: a character is missing or wrong. Compare it with the bank’s document."
    ),
    "iban-missing": N_("Give the IBAN of the account that is credited."),
    "iban-not-debited": N_(
        "Accounts of this country cannot be debited, only those of the European Economic Area. "
        "Agree on another payment method."
    ),
    "invoice-again": N_("The purchases have just changed. Issue the invoice again."),
    "invoice-credited": N_("Credit notes have cancelled all of this invoice already."),
    "invoice-settings-missing": N_(
        "What invoices say of your organisation is not known yet. Fill in the settings of invoices first."
    ),
    "invoice-under-way": N_("An invoice of this contract is being issued. Look at its invoices in a moment."),
    "left-again": N_(
        "{left:money} of this payment have gone back already. Void that refund first if it is a mistake "
        "too; otherwise record what was received."
    ),
    "line-charged-twice": N_("A purchase is charged on one date only."),
    "line-credited": N_("A credit note has already taken this line of the invoice. Leave it out."),
    "logo-invalid": N_("This logo cannot be used. Send a PNG or JPEG image of at most 150 KB."),
    "mandate-lapsed": N_("A mandate that was not used for {months} months has lapsed. Have a new one signed."),
    "mandate-reference-known": N_("Another mandate has this reference. Give another one, or leave it empty."),
    "mandate-text-differs": N_("The text that was signed is not that of this mandate. Have it signed again."),
    "match-too-large": N_(
        "At most {most:money} can be matched: so much is left of the payment and of the invoice. Match less."
    ),
    "matched-before": N_(
        "This payment was matched to this invoice before. Undo that match first, to match another amount."
    ),
    "method-not-on-site": N_("Only what is refunded on site is given back in one way or another. Choose no way here."),
    "methods-mixed": N_("Cash and cheques go to the bank apart. Make a bank deposit of each."),
    "more-than-paid": N_("Payments brought {most:money}. Take back no more than that."),
    "more-than-payment": N_("{most:money} of this payment have not gone back yet. Take back no more than that."),
    "more-than-to-refund": N_("At most {most:money} can be settled now. Settle no more than that."),
    "no-banking-day": N_("Banks do not work on that day. Collect on {possible:day}, the next one."),
    "no-refund-to-transfer": N_(
        "No refund of a direct debit waits for a transfer. Settle a refund to the payment method first."
    ),
    "not-a-cheque": N_("Only a cheque has a number, a bank and a drawer. Leave them out, or choose cheque."),
    "not-an-invoice": N_("This is a credit note, which nothing cancels. Issue a new invoice of the purchases instead."),
    "not-collectable": N_("Only an online instalment that is no cheque can be collected. Record its payment instead."),
    "not-recorded-by-staff": N_(
        "A payment provider collected this payment, so it is no entry of staff. Refund it, or record that "
        "the bank took it back."
    ),
    "not-refundable-online": N_(
        "At most {most:money} can go back to the payment method. Settle the rest as a client credit or on site."
    ),
    "nothing-due": N_("Nothing of this contract is due to be collected."),
    "nothing-lost": N_("Nothing of this payment is lost any more: there is nothing to do."),
    "nothing-to-deposit": N_(
        "One of them was a wrong entry, or the bank has given it back. Leave it out of the bank deposit."
    ),
    "mandates-lapsed": N_(
        "Nothing can be debited on {collect_on:day}: the mandates of the families with something due were not used for "
        "{months} months by then, and have lapsed. Have new ones signed, or agree on another payment method."
    ),
    "nothing-to-match": N_(
        "Nothing is left to match: of the payment or of the invoice, all went back, was cancelled or is matched by "
        "hand. Choose another one, or undo a match first."
    ),
    "nothing-to-remind": N_(
        "Nothing of this family is due: what is paid, under way, held as a cheque or still to come is not recalled."
    ),
    "nothing-to-remit": N_("No instalment that is due by {collect_on:day} is collected by direct debit."),
    "nothing-unscheduled": N_("Everything is on dates already: there is nothing left to plan."),
    "others-do-not-suffice": N_(
        "The other instalments have only {available:money} to give, and {needed:money} are needed. Raise it by less."
    ),
    "outcome-not-saved": N_("What became of some payments could not be saved just now. Try again later."),
    "paid-too-large": N_("These payments are more than a contract takes. Check the amount."),
    "past-date": N_("This date is past. Give today’s date or a later one."),
    "paused-instalment-amount": N_(
        "This payment has no date before the pause is lifted. Give it a date too, or edit the price of the period."
    ),
    "payment-imported": N_(
        "This payment was received in the former software and taken over with its contract: it is no entry made here. "
        "Where it is wrong, correct the contract."
    ),
    "payment-invoiced": N_(
        "An invoice was issued for what this payment paid. Cancel it by a credit note first, then void the payment."
    ),
    "payment-matched": N_(
        "This payment is matched to an invoice by hand. First undo that match, then void the payment."
    ),
    "payment-method-known": N_("This account already has this payment method."),
    "payment-method-missing": N_("The account has no payment method. Add one first."),
    "payment-reversed": N_("The bank took this payment back, so it was received. Leave it as it is."),
    "period-closed": N_("The books are closed until {closed_until:day} already, and stay so. Close until a later day."),
    "period-not-over": N_(
        "{until:day} is not over yet, so something may still be entered for it. Close until an earlier day."
    ),
    "provider-not-configured": N_("This payment provider is not set up here. Ask those who operate Carnet."),
    "provider-unavailable": N_("The payment provider does not answer just now. Try again later."),
    "reason-missing": N_("Say why the refund is waived."),
    "refund-failed-already": N_("This refund is recorded as not gone through already: its amount is paid again."),
    "refund-file-erased": N_(
        "A person whose account a refund of it goes to was erased, so the file cannot be made any more. Take it back "
        "if the bank does not have it, and build another one."
    ),
    "refund-file-moved-on": N_("This file has moved on meanwhile. Look at it again before you go on."),
    "reminded-today": N_("This family got a reminder today: one a day is enough. Send the next one tomorrow."),
    "remittance-erased": N_(
        "A person whose account is debited in it was erased, so the file cannot be made any more. "
        "Take the remittance back if the bank does not have it."
    ),
    "remittance-mandate-ended": N_(
        "The mandate {reference} has ended since the remittance was built. Take the remittance back, and build another "
        "one."
    ),
    "remittance-moved-on": N_("This remittance has moved on meanwhile. Look at it again before you go on."),
    "remittance-not-due": N_("The bank credits this remittance on {collect_on:day}. Wait until then."),
    "reversed-before": N_("This payment is already recorded as taken back. If the bank took more besides, say so."),
    "same-prefix": N_("Invoices and credit notes are numbered apart. Give them different prefixes."),
    "sandbox-not-live": N_(
        "The provider to try with moves no money, and your organisation is live. Use a payment method of a "
        "real provider."
    ),
    "schedule-behind": N_("The schedule has not followed the contract yet. Try again in a moment."),
    "seller-unregistered": N_(
        "An invoice names a registration of the seller. Give a SIREN, a VAT number, or another registration."
    ),
    "sepa-currency": N_("Direct debits are in euros only. Use another payment method."),
    "sepa-key-missing": N_(
        "A bank account that this needs can't be read: the key that it was encrypted by is not set up any more. Ask "
        "those who operate Carnet to add that key to CARNET_SEPA_KEYS again."
    ),
    "sepa-settings-missing": N_(
        "The school’s creditor identifier and bank account are missing. Fill in the settings of direct debits first."
    ),
    "settlement-handed-over": N_(
        "Only what was settled on site or waived can be voided. A refund that fails comes back automatically; a "
        "credit that was not used can be lowered."
    ),
    "signature-missing": N_("Say how the mandate was signed: on paper or in a browser."),
    "signed-in-future": N_("A mandate is not signed on a day to come. Correct the date."),
    "siren-invalid": N_("This is no SIREN. Compare it with the register: a digit may be missing or wrong."),
    "siret-invalid": N_(
        "This is no SIRET of your organisation. Compare it with the register: a digit may be missing or wrong."
    ),
    "slip-too-long": N_("Too many cheques are held for these days for one slip. Choose fewer days."),
    "statement-too-long": N_(
        "The statement has {entries} entries, too many for a PDF. Choose a shorter period, or export it as a table."
    ),
    "taken-in-cash": N_("This was taken in cash: only a cheque has a number, a bank and a drawer."),
    "too-many-payment-methods": N_("An account has at most {most} payment methods. Remove one first."),
    "unknown-provider": N_("There is no such payment provider."),
    "vat-number-invalid": N_(
        "This VAT number cannot be right. Compare it with the register: a digit may be missing or wrong."
    ),
    "vat-under-franchise": N_(
        "A seller without VAT charges none. Give the products a VAT rate of zero, or change the settings of invoices."
    ),
    "webhook-refused": N_("This message of a payment provider was refused."),
    "wrong-code": N_("This is not the code of the gift card. Compare it with the card, character by character."),
    "zero-amount": N_("An instalment is more than zero. Cancel it instead."),
}
