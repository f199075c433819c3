"""What credits refuse: client credits, gift vouchers, gift cards, session packs, scholarships."""

from collections.abc import Mapping

from backoffice.languages import N_

SENTENCES: Mapping[str, str] = {
    "card-removed": N_("The sale of this gift card was cancelled, so there is nothing left to give. Sell another one."),
    "card-too-large": N_("This amount is more than a gift card can be. Check the amount."),
    "card-used": N_("Somebody has paid with this gift card already, so it is not given again."),
    "credit-removed": N_("It was removed together with the line that sold it. Use or grant another one."),
    "credit-too-large": N_("This amount is more than a credit can be. Check the amount."),
    "fund-budget-below-awarded": N_(
        "{awarded:money} were awarded from this fund. Give it a budget of at least that, or take back first "
        "what is left of its scholarships."
    ),
    "fund-used-up": N_("{left:money} can still be awarded from this fund. Award less, or raise its budget first."),
    "gift-sent": N_("It was sent already. Send it again if its mail was lost."),
    "member-not-of-account": N_("This person is not of the family. Choose one of its people."),
    "more-than-deposit": N_("{most:money} of this deposit have not been taken back yet. Record no more than that."),
    "more-than-on-card": N_(
        "Less than that is left of the gift card. Look its code up to see what is left, and take off no more."
    ),
    "more-than-used": N_("The credit pays {used:money} of that contract. No more than that can come back to it."),
    "no-pack-serves": N_(
        "No session pack of the family can be used by this person on that day. Look at the packs, or sell one."
    ),
    "not-a-deposit": N_(
        "This credit was not a deposit. Take back the payment of the contract that it comes from instead."
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
    "scholarship-below-used": N_("{left:money} are left of this scholarship. Take back that much, or less."),
    "scholarship-member-not-of-account": N_(
        "The family has no such member. Choose one of its people, or the whole family."
    ),
    "session-taken": N_("This member has taken a session of this activity already. Give that one back first."),
    "use-cancelled": N_("This session was given back already."),
    "waived-by-method": N_("What is waived is not paid. Choose no way of payment, or say that it was paid."),
}
