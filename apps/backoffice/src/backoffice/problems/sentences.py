"""What each problem type means for the person in front of the page, and what they can do, in English.

Values of a problem are in braces: ``{left:money}`` is an amount of minor units in the organisation's currency,
``{bought_on:day}`` a date. A test compares the list with the problem types that the APIs document.
"""

from collections.abc import Mapping

from backoffice.languages import N_

SENTENCES: Mapping[str, str] = {
    "access-ends-in-the-past": N_(
        "The last day of an access is today at the earliest. To close it at once, cancel its plan."
    ),
    "access-without-plan": N_("No plan opens this course to the member any more. Sell one that does."),
    "access-withheld": N_("The access is withheld because a payment is late. Change it once that is paid."),
    "account-erased": N_(
        "This account has been erased and can no longer be changed. Open the contract for another account."
    ),
    "account-given-twice": N_("Each kind of product and each rate of VAT has one account. Leave one of the two out."),
    "account-named-twice": N_("The account {account} has two names. Give it the same one wherever it is used."),
    "account-not-known": N_("The account that this mail is about has not arrived here yet. Try again in a moment."),
    "address-not-writable": N_(
        "The mail server can only write to addresses with plain letters before the @. Give another address."
    ),
    "already-owner": N_("This member already is the owner of the account. Choose another one."),
    "already-voided": N_("This entry has already been voided."),
    "answer-erased": N_(
        "This was done, and what it answered has been erased since. Look at the contract or the account as "
        "it is now; do not send it again."
    ),
    "bad-request": N_("This request cannot be read. Open the page again."),
    "beneficiary-superfluous": N_("This product is not a client credit, so it has no beneficiary. Leave it out."),
    "body-too-large": N_("This is too much at once. Send less at a time."),
    "born-after-today": N_("A date of birth is not after today. Correct it."),
    "cancellation-out-of-range": N_(
        "A subscription is cancelled at a date from today to {latest:day}. Choose another one."
    ),
    "card-bounds": N_("The least that the gift card can be worth is above the most. Exchange the two."),
    "card-buys-card": N_(
        "A gift card never buys a gift card: cards can pay {most:money} of this contract. Pay the rest another way."
    ),
    "card-price": N_(
        "A tariff of a gift card is what it is worth unless the buyer chooses another amount. Give it a price from "
        "{minimum:money} to {maximum:money}."
    ),
    "card-removed": N_("The sale of this gift card was cancelled, so there is nothing left to give. Sell another one."),
    "card-used": N_("Somebody has paid with this gift card already, so it is not given again."),
    "code-missing": N_("A gift card pays for whoever presents its code. Type the code."),
    "code-superfluous": N_("A client credit has no code: it pays the contracts of its family. Leave the code out."),
    "card-data-refused": N_(
        "This looks like the number of a card, which Carnet never keeps. Give at most its last four digits."
    ),
    "catalog-unavailable": N_(
        "The catalogue does not answer just now, and nothing has changed. Try again in a few seconds."
    ),
    "change-pending": N_(
        "A change of this contract still waits for an answer about a client credit. Try again in a moment."
    ),
    "change-too-large": N_("This change is too large. Make it in several steps."),
    "clock-moves-forward-only": N_("The test clock only moves forward. Choose a later moment than the one it shows."),
    "clock-too-far-ahead": N_("The test clock can be at most 20 years ahead. Choose an earlier moment."),
    "collected-by-remittance": N_(
        "This family pays by direct debit: what is due is collected by the next remittance. Build one."
    ),
    "collecting-held": N_(
        "Data was restored, and nothing is collected until those who operate Carnet have resumed it. Ask them."
    ),
    "collection-too-early": N_("The bank needs the file earlier for that day. Collect on {possible:day} or later."),
    "collection-too-late": N_("A remittance cannot collect that far ahead. Collect by {possible:day}."),
    "contract-cancelled": N_("This contract is cancelled, and nothing on it changes any more. Open another one."),
    "contract-full": N_("A contract has at most {most} lines, cancelled ones included. Open another one."),
    "contract-moved": N_("The contract has changed meanwhile. Look at it again before you go on."),
    "contract-not-opened": N_("The opening of this contract was refused. Open another one."),
    "credit-exists": N_(
        "The client credit or gift card that this line sold exists. Leave the price and the discounts as they are, or "
        "cancel the line while nothing of it is used and sell it again."
    ),
    "credit-more-than-left": N_("Less than that is left of it. Use no more than is left."),
    "credit-other-account": N_("The credit belongs to another account than the contract. Use one of this account."),
    "credit-other-currency": N_("It is in another currency than the contract. Use one in the contract’s currency."),
    "credit-refused": N_("This credit could not be used. Choose another one."),
    "credit-removed": N_("It was removed together with the line that sold it. Use or grant another one."),
    "credit-sold-by-this-contract": N_(
        "A contract is not paid with what it sells itself. Use another credit or gift card."
    ),
    "credit-spent": N_("This payment paid for a client credit that has been used. First undo what that credit pays."),
    "credit-suspended": N_(
        "The contract that sold it is not fully paid any more, so it is suspended. Use it once that contract is paid "
        "again, or use another one."
    ),
    "credit-too-large": N_("This amount is more than a credit can be. Check the amount."),
    "credit-used": N_(
        "Of this client credit or gift card, {left:money} of {amount:money} are left, and only a whole one can be "
        "cancelled. First change the contracts that it pays, so that it comes back; or keep it."
    ),
    "creditor-identifier-invalid": N_(
        "This is not a SEPA creditor identifier. Compare it with what the bank gave you: FR72ZZZ123456."
    ),
    "currency-is-for-ever": N_("The organisation’s currency is {currency} and stays so."),
    "cursor-invalid": N_("This page of the list is not there any more. Begin with the first page."),
    "dates-reversed": N_("The period ends before it begins. Correct the dates."),
    "debit-ended": N_(
        "This debit has ended already. If the bank took it back after it was paid, record that on the payment."
    ),
    "days-repeated": N_("Two reminders have the same number of days. Give each another one, or leave one out."),
    "deposit-above-total": N_("The deposit is more than the total of {total:money}. Lower it."),
    "discount-has-no-format": N_("A discount has no formats: leave them out."),
    "discount-is-fixed": N_("This discount is fixed since it was placed. Cancel it and place another one."),
    "discount-is-placed": N_("This is a discount: choose it among the discounts, not among the products."),
    "discount-on-discount": N_("A discount applies to what is sold, never to another discount."),
    "discount-rate-or-amount": N_("A discount is either a rate or an amount. Give one of both."),
    "discount-takes-nothing": N_(
        "This discount would take nothing off. Add a line that it applies to and that still has a price."
    ),
    "earlier-parked": N_("An earlier event of the same thing waits. Ask those who operate Carnet."),
    "expiry-before-purchase": N_("This was bought on {bought_on:day}. Give a last day on or after that date."),
    "export-too-long": N_("An export is of ten years at most. Ask for a shorter period."),
    "far-above-due": N_("Only {due:money} is left to pay. Check the amount; if it really was received, confirm it."),
    "first-day-out-of-range": N_("A subscription begins from today to {latest:day}. Choose another first day."),
    "first-day-superfluous": N_("Only a subscription has a first day. Leave it out."),
    "first-due-out-of-range": N_(
        "The first instalment is due from the day of the sale on, and not too far ahead. Choose another date."
    ),
    "format-has-no-tariff": N_("Each format of a product on sale needs a tariff. Give it one, or remove the format."),
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
    "idempotency-key-invalid": N_("This form is damaged. Open the page again."),
    "idempotency-key-missing": N_("This form is damaged. Open the page again."),
    "idempotency-key-reused": N_(
        "This form was already sent with other entries. Look at what was done, then open the page again."
    ),
    "if-match-invalid": N_("This form is damaged. Open the page again."),
    "if-match-missing": N_("This form is damaged. Open the page again."),
    "keys-unavailable": N_("Your sign-in cannot be checked just now. Try again in a few seconds."),
    "kind-is-for-ever": N_("The kind of a product does not change. Make another product of the other kind."),
    "left-again": N_(
        "{left:money} of this payment have gone back already. Void that refund first if it is a mistake "
        "too; otherwise record what was received."
    ),
    "line-bears-discount": N_("A discount applies to this purchase. Cancel the discount together with it, or before."),
    "line-cancelled": N_("This purchase has already been cancelled."),
    "line-charged-twice": N_("A purchase is charged on one date only."),
    "line-named-twice": N_("The same purchase is chosen twice. Cancel it or edit it, not both."),
    "live-organisation-has-no-clock": N_(
        "A live organisation follows the real time. Only the clock of a test organisation moves."
    ),
    "mail-of-other-kind": N_("This mail is of another kind than the template. Choose one of the same kind."),
    "mail-under-way": N_("The mail is still on its way. Wait until it is sent or has failed, then send it again."),
    "match-too-large": N_(
        "At most {most:money} can be matched: so much is left of the payment and of the invoice. Match less."
    ),
    "matched-before": N_(
        "This payment was matched to this invoice before. Undo that match first, to match another amount."
    ),
    "mandate-lapsed": N_("A mandate that was not used for {months} months has lapsed. Have a new one signed."),
    "mandate-reference-known": N_("Another mandate has this reference. Give another one, or leave it empty."),
    "mandate-text-differs": N_("The text that was signed is not that of this mandate. Have it signed again."),
    "member-erased": N_("This member has been erased and can no longer be changed."),
    "membership-until-or-months": N_("A membership is valid until a date or for a number of months. Give one of both."),
    "method-not-allowed": N_("This cannot be done here. Go back and try again."),
    "mode-is-for-ever": N_("A test organisation stays one, and so does a live one. Set up another organisation."),
    "more-than-deposit": N_("{most:money} of this deposit have not been taken back yet. Record no more than that."),
    "more-than-due": N_("The amount is more than what is left to pay. Give no more than that."),
    "more-than-left": N_("{left:money} are left of the credit. Take off no more than that."),
    "more-than-paid": N_("Payments brought {most:money}. Take back no more than that."),
    "more-than-payment": N_("{most:money} of this payment have not gone back yet. Take back no more than that."),
    "more-than-to-refund": N_("At most {most:money} can be settled now. Settle no more than that."),
    "more-than-used": N_("The credit pays {used:money} of that contract. No more than that can come back to it."),
    "name-twice": N_("The same name is there twice. Give each one another name."),
    "no-banking-day": N_("Banks do not work on that day. Collect on {possible:day}, the next one."),
    "no-lines": N_("A contract needs at least one purchase. Choose what is bought."),
    "no-such-address": N_("There is nothing at this address."),
    "nothing-to-remind": N_(
        "Nothing of this family is due: what is paid, under way, held as a cheque or still to come is not recalled."
    ),
    "not-a-deposit": N_(
        "This credit was not a deposit. Take back the payment of the contract that it comes from instead."
    ),
    "not-a-plan": N_("This is not an online plan. Cancel it and add something else instead."),
    "not-a-discount": N_("This is not a discount: choose it among the products."),
    "not-collectable": N_("Only an online instalment that is no cheque can be collected. Record its payment instead."),
    "not-here-yet": N_("This was just made and has not arrived everywhere yet. Try again in a moment."),
    "not-json": N_("This form is damaged. Open the page again."),
    "not-recorded-by-staff": N_(
        "A payment provider collected this payment, so it is no entry of staff. Refund it, or record that "
        "the bank took it back."
    ),
    "not-refundable-online": N_(
        "At most {most:money} can go back to the payment method. Settle the rest as a client credit or on site."
    ),
    "nothing-due": N_("Nothing of this contract is due to be collected."),
    "nothing-lost": N_("Nothing of this payment is lost any more: there is nothing to do."),
    "nothing-to-change": N_("This would leave everything as it is. Change something first."),
    "nothing-to-match": N_(
        "Nothing is left to match: of the payment or of the invoice, all went back, was cancelled or is matched by "
        "hand. Choose another one, or undo a match first."
    ),
    "nothing-to-remit": N_("No instalment that is due by {collect_on:day} is collected by direct debit."),
    "nothing-unscheduled": N_("Everything is on dates already: there is nothing left to plan."),
    "occurrence-ends-before-it-starts": N_("A session must end after it starts, on the same day. Correct its times."),
    "organisation-not-known": N_(
        "Your organisation has no profile yet, or it was made just now. Describe it in the settings, or try "
        "again in a moment."
    ),
    "other-currency": N_("Your organisation counts in {expected}. Give the amount in {expected}."),
    "others-do-not-suffice": N_(
        "The other instalments have only {available:money} to give, and {needed:money} are needed. Raise it by less."
    ),
    "outcome-not-saved": N_("What became of some payments could not be saved just now. Try again later."),
    "owner-has-members": N_(
        "The owner cannot be erased while the account has other members. Change the owner first, or erase "
        "the whole account."
    ),
    "owner-is-no-adult": N_("The owner of an account is an adult. Choose an adult member."),
    "owner-stays-adult": N_("The owner of an account stays an adult. Change the owner first."),
    "paid-too-large": N_("These payments are more than a contract takes. Check the amount."),
    "participant-missing": N_("This product is for somebody: choose the member who takes part."),
    "participant-not-of-account": N_(
        "The participant is not an adult or child of this account. Choose another one, or add the person to "
        "the account first."
    ),
    "participant-superfluous": N_("This product is for nobody in particular: leave the participant out."),
    "past-date": N_("This date is past. Give today’s date or a later one."),
    "payment-matched": N_(
        "This payment is matched to an invoice by hand. First undo that match, then void the payment."
    ),
    "payment-method-known": N_("This account already has this payment method."),
    "payment-method-missing": N_("The account has no payment method. Add one first."),
    "payment-reversed": N_("The bank took this payment back, so it was received. Leave it as it is."),
    "payments-unavailable": N_("Payments do not answer just now, and nothing has changed. Try again in a few seconds."),
    "period-closed": N_("The books are closed until {closed_until:day} already, and stay so. Close until a later day."),
    "period-not-over": N_(
        "{until:day} is not over yet, so something may still be entered for it. Close until an earlier day."
    ),
    "period-of-subscription": N_(
        "A period is not cancelled by itself, nor is its last day changed. Cancel the subscription at a date, or give "
        "the period another price."
    ),
    "period-too-long": N_("A period has at most {most} weeks, months or years of this kind. Write a shorter one."),
    "person-erased": N_("This account has been erased, so there is nobody left to write to."),
    "price-below-discount": N_(
        "Discounts take {lowest:money} off this purchase. Give a price of at least that, or cancel the discount first."
    ),
    "plan-is-for-somebody": N_("An online plan opens its courses to one member: tick that it is for one member."),
    "plan-until-or-months": N_("An online plan is valid until a date or for a number of months. Give one of both."),
    "product-archived": N_("This product is archived and can no longer be changed or sold. Make a new one."),
    "product-has-no-format": N_("A product on sale needs a format with a tariff. Give it one first."),
    "product-is-for-nobody": N_("A product of this kind is for no participant."),
    "product-not-on-sale": N_("This product is not on sale. Put it on sale, or choose another one."),
    "product-on-sale": N_("This product already is on sale."),
    "provider-not-configured": N_("This payment provider is not set up here. Ask those who operate Carnet."),
    "provider-unavailable": N_("The payment provider does not answer just now. Try again later."),
    "reason-missing": N_("Say why the refund is waived."),
    "received-in-future": N_("A payment cannot be received after today. Give the day on which it was received."),
    "recipient-not-of-account": N_(
        "The recipient is not a person of this family. Add the person first, as a contact for instance."
    ),
    "recipient-superfluous": N_(
        "This product is neither a gift voucher nor a gift card, so it is given to nobody. Leave the recipient out."
    ),
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
    "request-invalid": N_("Something that you entered is not right. Check the fields that are marked."),
    "request-too-slow": N_("This came too slowly, and nothing has changed. Try again."),
    "reminded-today": N_("This family got a reminder today: one a day is enough. Send the next one tomorrow."),
    "reversed-before": N_("This payment is already recorded as taken back. If the bank took more besides, say so."),
    "sale-not-for-mode": N_("A contract that is paid this way cannot start like that. Choose another way of paying."),
    "same-twice": N_("The same value is there twice. Give each one once."),
    "sandbox-not-live": N_(
        "The provider to try with moves no money, and your organisation is live. Use a payment method of a "
        "real provider."
    ),
    "schedule-behind": N_("The schedule has not followed the contract yet. Try again in a moment."),
    "schedule-moved": N_("The schedule has moved since the preview. Look at the new one before you confirm."),
    "scope-missing": N_("Your role does not allow this. Ask the person who manages the rights of your organisation."),
    "sepa-currency": N_("Direct debits are in euros only. Use another payment method."),
    "sepa-settings-missing": N_(
        "The school’s creditor identifier and bank account are missing. Fill in the settings of direct debits first."
    ),
    "service-slow": N_("There was no answer in time, and it may have been done. Look before you send it again."),
    "service-unreachable": N_("There is no answer just now, and nothing has changed. Try again in a few seconds."),
    "settlement-handed-over": N_(
        "Only what was settled on site or waived can be voided. A refund that fails comes back by itself; a "
        "credit that was not used can be lowered."
    ),
    "signature-missing": N_("Say how the mandate was signed: on paper or in a browser."),
    "signed-in-future": N_("A mandate is not signed on a day to come. Correct the date."),
    "staff-only": N_("Only the organisation’s staff may do this."),
    "slip-too-long": N_("Too many cheques are held for these days for one slip. Choose fewer days."),
    "statement-too-long": N_(
        "The statement has {entries} entries, too many for a PDF. Choose a shorter period, or export it as a table."
    ),
    "storage-unavailable": N_("The storage does not answer just now. Try again in a few seconds."),
    "subscription-alone": N_(
        "This is the contract of a subscription, which takes nothing else: open another contract."
    ),
    "subscription-apart": N_(
        "A subscription has a contract of its own: open a contract for it alone, without anything else."
    ),
    "cancellation-not-requested": N_(
        "The family does not ask for the cancellation of this subscription, so there is nothing to answer."
    ),
    "cancellation-requested": N_(
        "Its cancellation from {on:day} on is asked for already. Withdraw that request before another one."
    ),
    "price-out-of-range": N_("A new price begins from today to {latest:day}. Choose another day."),
    "same-price": N_("The periods have this price already. Give another one."),
    "subscription-not-pausable": N_(
        "This subscription was sold as one that is not paused. Edit the price of a period, or cancel it."
    ),
    "subscription-not-paused": N_("This subscription is not paused, so there is nothing to lift."),
    "subscription-paused": N_(
        "The subscription is paused from {on:day} on already. Lift that pause, or make it longer by a first day within "
        "it, if it has an end."
    ),
    "pause-out-of-range": N_("A pause begins from today to {latest:day}. Choose another first day."),
    "pause-too-long": N_(
        "A pause with an end has at most {most} months in all. Make it open, and lift it when it is time."
    ),
    "pause-begun": N_("The pause began on {on:day}. Say from which day it is lifted."),
    "pause-ends-by-itself": N_(
        "A pause has at least a month, and this one ends by itself: the next period begins on {resumes_on:day}."
    ),
    "lifting-out-of-range": N_("This pause is lifted from {earliest:day} to {latest:day}. Choose another day."),
    "subscription-cancelled": N_("The subscription is cancelled from {on:day} on already."),
    "subscription-not-covered": N_("No gift voucher covers a subscription. Leave the voucher out."),
    "template-syntax": N_("Line {line} of the template cannot be read. Correct it."),
    "template-too-long": N_("The template is too long. Make it shorter."),
    "template-unknown-variable": N_("Line {line} of the template names a value that does not exist for this mail."),
    "template-unsafe": N_("Line {line} of the template does something that templates may not do."),
    "template-unwritable": N_("No mail can be written with this template. Make it simpler."),
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
    "too-few-adults": N_("The owner can change once the account has two adults. Add an adult first."),
    "too-many-codes": N_("Too many codes that do not exist were tried. Try again in an hour."),
    "too-many-members": N_("An account has at most {most} members, erased ones included. Open another account."),
    "too-many-payment-methods": N_("An account has at most {most} payment methods. Remove one first."),
    "total-too-large": N_("The total would be more than Carnet takes. Check the prices."),
    "unexpected": N_(
        "Something went wrong on our side. Try again; if it stays, give the number below when you ask for help."
    ),
    "unknown-access": N_("There is no such access to a course in your organisation."),
    "unknown-account": N_("There is no such account in your organisation."),
    "unknown-attempt": N_("There is no such attempt in your organisation."),
    "unknown-change": N_("There is no such change in your organisation."),
    "unknown-contract": N_("There is no such contract in your organisation."),
    "unknown-credit": N_("There is no such credit in your organisation."),
    "unknown-format": N_("This product has no such format."),
    "unknown-instalment": N_("There is no such instalment in your organisation."),
    "unknown-job": N_("There is no such job in your organisation."),
    "unknown-line": N_("There is no such purchase in your organisation."),
    "unknown-mail": N_("There is no such mail in your organisation."),
    "unknown-match": N_("This match was undone meanwhile. Look at the invoice again."),
    "unknown-member": N_("There is no such member in your organisation."),
    "unknown-object": N_("There is no such thing in your organisation."),
    "unknown-organisation": N_("There is no such organisation."),
    "unknown-parked-record": N_("There is no such record in your organisation."),
    "unknown-payment": N_("There is no such payment in your organisation."),
    "unknown-payment-method": N_("There is no such payment method in your organisation."),
    "unknown-product": N_("There is no such product in your organisation."),
    "unknown-provider": N_("There is no such payment provider."),
    "unknown-remittance": N_("This remittance does not exist here. Open the list of direct debits."),
    "unknown-request": N_("There is no such request in your organisation."),
    "unknown-route": N_("There is nothing at this address."),
    "unknown-schedule": N_("There is no such schedule in your organisation."),
    "unknown-settlement": N_("There is no such refund in your organisation."),
    "unknown-tariff": N_("This format has no such tariff."),
    "version-moved": N_("This has changed since you opened it. Look at it as it is now, then decide again."),
    "voucher-not-redeemed": N_("This gift voucher could not be used. Choose another way to pay."),
    "voucher-of-no-activity": N_(
        "A gift voucher is a right to an activity or a thing. Leave discounts, credits and vouchers out of it."
    ),
    "voucher-of-other-product": N_("This gift voucher is a right to something else. Choose what it names."),
    "voucher-redeemed": N_(
        "The gift voucher that this line sold is redeemed. Cancel what it covers first, or keep the line."
    ),
    "voucher-redeemed-before": N_("This gift voucher is redeemed already."),
    "voucher-removed": N_("The sale of this gift voucher was cancelled, so it is a right to nothing any more."),
    "voucher-suspended": N_(
        "The sale of this gift voucher is not paid any more. It can be redeemed once it is paid again."
    ),
    "voucher-unknown": N_("There is no gift voucher of this code. Compare the code with the mail."),
    "webhook-refused": N_("This message of a payment provider was refused."),
    "zero-amount": N_("An instalment is more than zero. Cancel it instead."),
    "exemption-missing": N_(
        "Something here is sold without VAT, and an invoice says why. Give the reason in the settings of invoices."
    ),
    "exemption-without-wording": N_(
        "Carnet knows no wording for this reason of exemption. Give the one that the law asks for."
    ),
    "invoice-credited": N_("Credit notes have cancelled all of this invoice already."),
    "invoice-settings-missing": N_(
        "What invoices say of your organisation is not known yet. Fill in the settings of invoices first."
    ),
    "invoice-under-way": N_("An invoice of this contract is being issued. Look at its invoices in a moment."),
    "line-credited": N_("A credit note has already taken this line of the invoice. Leave it out."),
    "line-invoiced": N_("An invoice bears this purchase. Cancel that line of the invoice by a credit note first."),
    "line-not-paid": N_("This purchase is not paid yet. It can be invoiced once it is."),
    "line-without-invoice": N_(
        "This purchase has no invoice: what sells a client credit is invoiced when the credit is used, and what "
        "costs nothing is not invoiced. Leave it out."
    ),
    "logo-invalid": N_("This logo cannot be used. Send a PNG or JPEG image of at most 150 KB."),
    "not-a-subscription": N_("This contract is not that of a subscription. Cancel its lines, or the whole contract."),
    "not-an-invoice": N_("This is a credit note, which nothing cancels. Issue a new invoice of the purchases instead."),
    "nothing-to-invoice": N_("Nothing that is paid of this contract lacks an invoice."),
    "payment-invoiced": N_(
        "An invoice was issued for what this payment paid. Cancel it by a credit note first, then void the payment."
    ),
    "sale-not-for-subscription": N_(
        "Each period of a subscription is due on its first day. Choose paid at once, later or on site."
    ),
    "same-prefix": N_("Invoices and credit notes are numbered apart. Give them different prefixes."),
    "seller-unregistered": N_(
        "An invoice names a registration of the seller. Give a SIREN, a VAT number, or another registration."
    ),
    "siren-invalid": N_("This is no SIREN. Compare it with the register: a digit may be missing or wrong."),
    "siret-invalid": N_(
        "This is no SIRET of your organisation. Compare it with the register: a digit may be missing or wrong."
    ),
    "member-not-of-account": N_("This person is not of the family. Choose one of its people."),
    "no-pack-serves": N_(
        "No session pack of the family can be used by this person on that day. Look at the packs, or sell one."
    ),
    "pack-expired": N_(
        "This pack is not valid on that day any more. Use another one, or edit the end of its purchase."
    ),
    "pack-not-valid-yet": N_("The session is before the day on which this pack was bought."),
    "pack-of-other-member": N_("This pack is for somebody else of the family."),
    "pack-removed": N_("The purchase of this pack was cancelled, so what was left of it is void."),
    "pack-suspended": N_(
        "The contract that sold this pack is not paid any more. It can be used once it is paid again."
    ),
    "pack-too-large": N_("No more sessions can be added to this pack. Sell another one."),
    "pack-unlimited": N_("The sessions of this pack are unlimited: there is nothing to add or take off."),
    "pack-used-up": N_("No session is left of this pack."),
    "unknown-use": N_("There is no such session. Look at the list again."),
    "use-cancelled": N_("This session was given back already."),
    "pack-starts-without-period": N_(
        "What starts at the first use is a number of days or months. Give one of them, or let it start at the purchase."
    ),
    "pack-used": N_(
        "Sessions of this pack were used. Add a fee to the change that cancels it, or cancel the uses first."
    ),
    "pack-validity-twice": N_("A session pack is valid until a day, or for a number of days, or of months: give one."),
    "unknown-pack": N_("There is no such session pack. Look at the list of the family again."),
    "unknown-card": N_("There is no such gift card. Look at the list of the family again."),
    "voucher-is-gift-card": N_(
        "This is the code of a gift card, which is an amount. Pay with it on the schedule of the contract."
    ),
    "worth-out-of-bounds": N_("A gift card of this kind is worth {minimum:money} to {maximum:money}."),
    "worth-superfluous": N_("This product is not a gift card, so its amount is not chosen. Leave the amount out."),
    "wrong-code": N_("This is not the code of the gift card. Compare it with the card, character by character."),
    "unknown-voucher": N_("There is no such gift voucher. Look at the list of the family again."),
    "vat-number-invalid": N_(
        "This VAT number cannot be right. Compare it with the register: a digit may be missing or wrong."
    ),
    "vat-under-franchise": N_(
        "A seller without VAT charges none. Give the products a VAT rate of zero, or change the settings of invoices."
    ),
    "unknown-invoice": N_("There is no such invoice in your organisation."),
}
