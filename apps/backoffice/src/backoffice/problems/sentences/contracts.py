"""What contracts refuse: families, contracts and their changes, subscriptions, access, imports."""

from collections.abc import Mapping

from backoffice.languages import N_

SENTENCES: Mapping[str, str] = {
    "access-ends-in-the-past": N_(
        "The last day of an access is today at the earliest. To close it at once, cancel its plan."
    ),
    "access-withheld": N_("The access is withheld because a payment is late. Change it once that is paid."),
    "access-without-plan": N_("No plan opens this course to the member any more. Sell one that does."),
    "account-erased": N_(
        "This account has been erased and can no longer be changed. Open the contract for another account."
    ),
    "already-owner": N_("This member already is the owner of the account. Choose another one."),
    "beneficiary-superfluous": N_("This product is not a client credit, so it has no beneficiary. Leave it out."),
    "born-after-today": N_("A date of birth is not after today. Correct it."),
    "cancellation-not-requested": N_(
        "The family does not ask for the cancellation of this subscription, so there is nothing to answer."
    ),
    "cancellation-out-of-range": N_(
        "A subscription is cancelled at a date from today to {latest:day}. Choose another one."
    ),
    "cancellation-requested": N_(
        "Its cancellation from {on:day} on is asked for already. Withdraw that request before another one."
    ),
    "change-pending": N_(
        "A change of this contract still waits for an answer about a client credit. Try again in a moment."
    ),
    "change-too-large": N_("This change is too large. Make it in several steps."),
    "contract-cancelled": N_(
        "This contract is cancelled: a fee on it can be cancelled, and nothing else changes. Open another one."
    ),
    "contract-full": N_("A contract has at most {most} lines, cancelled ones included. Open another one."),
    "contract-not-opened": N_("The opening of this contract was refused. Open another one."),
    "credit-used": N_(
        "Of this client credit, {left:money} of {amount:money} are left, and only a whole one can be "
        "cancelled. First change the contracts that it pays, so that it comes back; or keep it."
    ),
    "discount-is-fixed": N_("This discount is fixed since it was placed. Cancel it and place another one."),
    "discount-is-placed": N_("This is a discount: choose it among the discounts, not among the products."),
    "discount-takes-nothing": N_(
        "This discount would take nothing off. Add a line that it applies to and that still has a price."
    ),
    "expiry-before-purchase": N_("This was bought on {bought_on:day}. Give a last day on or after that date."),
    "family-changed-since-import": N_(
        "This family was taken over before, and is not as it was then. Nothing was changed: make the change here, "
        "where the family is kept now."
    ),
    "family-not-importable": N_("This family cannot be taken over as it is. Correct what the problems say."),
    "first-day-out-of-range": N_("A subscription begins from today to {latest:day}. Choose another first day."),
    "first-day-superfluous": N_("Only a subscription has a first day. Leave it out."),
    "gift-card-exists": N_(
        "The gift card that this line sold exists. Leave the price and the discounts as they are, or cancel the line "
        "while nothing of the card is used and sell it again."
    ),
    "gift-card-used": N_(
        "The gift card that this line sold was used, and only a whole one can be cancelled. First change the contracts "
        "that it pays, so that it comes back; or keep it."
    ),
    "import-closed": N_("This import was started or given up already. Look through the files again."),
    "import-empty": N_("No family waits in this import: each is here already, or has something to correct."),
    "invoice-too-large": N_(
        "These purchases have so many discounts that one invoice does not hold all of them. Choose fewer, or invoice "
        "all that is paid, which makes several invoices."
    ),
    "lifting-out-of-range": N_("This pause is lifted from {earliest:day} to {latest:day}. Choose another day."),
    "line-bears-discount": N_("A discount applies to this purchase. Cancel the discount together with it, or before."),
    "line-cancelled": N_("This purchase has already been cancelled."),
    "line-invoiced": N_("An invoice bears this purchase. Cancel that line of the invoice by a credit note first."),
    "line-named-twice": N_("The same purchase is chosen twice. Cancel it or edit it, not both."),
    "line-without-invoice": N_(
        "This purchase has no invoice: what sells a client credit is invoiced when the credit is used, and what "
        "costs nothing is not invoiced. Leave it out."
    ),
    "member-erased": N_("This member has been erased and can no longer be changed."),
    "no-lines": N_("A contract needs at least one purchase. Choose what is bought."),
    "not-a-discount": N_("This is not a discount: choose it among the products."),
    "not-a-plan": N_("This is not an online plan. Cancel it and add something else instead."),
    "not-a-subscription": N_("This contract is not that of a subscription. Cancel its lines, or the whole contract."),
    "nothing-in-advance": N_(
        "No purchase of this contract is paid in part without a deposit invoice. What is paid whole is invoiced as "
        "such."
    ),
    "nothing-to-change": N_("This would leave everything as it is. Change something first."),
    "owner-has-members": N_(
        "The owner cannot be erased while the account has other members. Change the owner first, or erase "
        "the whole account."
    ),
    "owner-is-no-adult": N_("The owner of an account is an adult. Choose an adult member."),
    "owner-stays-adult": N_("The owner of an account stays an adult. Change the owner first."),
    "pack-used": N_(
        "Sessions of this pack were used. Add a fee to the change that cancels it, or cancel the uses first."
    ),
    "participant-missing": N_("This product is for somebody: choose the member who takes part."),
    "participant-not-of-account": N_(
        "The participant is not an adult or child of this account. Choose another one, or add the person to "
        "the account first."
    ),
    "participant-superfluous": N_("This product is for nobody in particular: leave the participant out."),
    "pause-begun": N_("The pause began on {on:day}. Say from which day it is lifted."),
    "pause-ends-by-itself": N_(
        "A pause has at least a month, and this one ends on its own: the next period begins on {resumes_on:day}."
    ),
    "pause-out-of-range": N_("A pause begins from today to {latest:day}. Choose another first day."),
    "pause-too-long": N_(
        "A pause with an end has at most {most} months in all. Make it open, and lift it when it is time."
    ),
    "period-of-subscription": N_(
        "A period is not cancelled by itself, nor is its last day changed. Cancel the subscription at a date, or give "
        "the period another price. If it was sold by mistake, cancel the whole contract, and then delete its periods."
    ),
    "price-below-discount": N_(
        "Discounts take {lowest:money} off this purchase. Give a price of at least that, or cancel the discount first."
    ),
    "price-out-of-range": N_("A new price begins from today to {latest:day}. Choose another day."),
    "product-not-a-subscription": N_("This product is no subscription. Choose one that is."),
    "product-not-on-sale": N_("This product is not on sale. Put it on sale, or choose another one."),
    "recipient-not-of-account": N_(
        "The recipient is not a person of this family. Add the person first, as a contact for instance."
    ),
    "recipient-superfluous": N_(
        "This product is neither a gift voucher nor a gift card, so it is given to nobody. Leave the recipient out."
    ),
    "sale-not-for-subscription": N_(
        "Each period of a subscription is due on its first day. Choose paid at once, later or on site."
    ),
    "same-price": N_("The periods have this price already. Give another one."),
    "schedule-moved": N_("The schedule has moved since the preview. Look at the new one before you confirm."),
    "scholarship-covers-nothing": N_(
        "Nothing of this line is left for a scholarship to cover. Leave the scholarship out."
    ),
    "scholarship-not-for-kind": N_(
        "A scholarship covers no credits, gift cards, vouchers or subscriptions. Leave the scholarship out."
    ),
    "scholarship-not-for-product": N_(
        "The fund of this scholarship is not for this product. Choose another scholarship, or leave it out."
    ),
    "scholarship-not-used": N_("This scholarship could not be used. Leave it out."),
    "scholarship-of-other-member": N_(
        "This scholarship was awarded to another member. Use it for what that member takes part in."
    ),
    "scholarship-out-of-dates": N_(
        "This scholarship cannot be used on that day, by the dates of its fund. Leave it out, or change the "
        "dates of the fund."
    ),
    "scholarship-unknown": N_("The family has no such scholarship. Choose one that was awarded to it."),
    "scholarship-used-up": N_(
        "{left:money} of this scholarship can be used, and {amount:money} are asked. Have it cover what is "
        "left, or less."
    ),
    "sending-day-superfluous": N_(
        "This product is neither a gift voucher nor a gift card, so nothing is sent. Leave the day of its mail out."
    ),
    "subscription-alone": N_(
        "This is the contract of a subscription, which takes nothing else: open another contract."
    ),
    "subscription-apart": N_(
        "A subscription has a contract of its own: open a contract for it alone, without anything else."
    ),
    "subscription-cancelled": N_("The subscription is cancelled from {on:day} on already."),
    "subscription-not-covered": N_("No gift voucher covers a subscription. Leave the voucher out."),
    "subscription-not-pausable": N_(
        "This subscription was sold as one that is not paused. Edit the price of a period, or cancel it."
    ),
    "subscription-not-paused": N_("This subscription is not paused, so there is nothing to lift."),
    "subscription-paused": N_(
        "The subscription is paused from {on:day} on already. Lift that pause, or make it longer by a first day within "
        "it, if it has an end."
    ),
    "subscriptions-moved": N_(
        "There were {previewed} subscriptions when you looked, and there are {newest} now. Look again."
    ),
    "too-few-adults": N_("The owner can change once the account has two adults. Add an adult first."),
    "too-many-members": N_("An account has at most {most} members, erased ones included. Open another account."),
    "total-too-large": N_("The total would be more than Carnet takes. Check the prices."),
    "voucher-is-gift-card": N_(
        "This is the code of a gift card, which is an amount. Pay with it on the schedule of the contract."
    ),
    "voucher-not-redeemed": N_("This gift voucher could not be used. Choose another way to pay."),
    "voucher-of-other-product": N_("This gift voucher is a right to something else. Choose what it names."),
    "voucher-redeemed": N_(
        "The gift voucher that this line sold is redeemed. Cancel what it covers too, in the same change if it is on "
        "this contract and before if not, or keep the line."
    ),
    "voucher-suspended": N_(
        "The sale of this gift voucher is not paid any more. It can be redeemed once it is paid again."
    ),
    "voucher-unknown": N_("There is no gift voucher of this code. Compare the code with the mail."),
    "worth-out-of-bounds": N_("A gift card of this kind is worth {minimum:money} to {maximum:money}."),
    "worth-superfluous": N_("This product is not a gift card, so its amount is not chosen. Leave the amount out."),
}
