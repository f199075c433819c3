"""What mails refuse."""

from collections.abc import Mapping

from backoffice.languages import N_

SENTENCES: Mapping[str, str] = {
    "account-not-known": N_("The account that this mail is about has not arrived here yet. Try again in a moment."),
    "mail-of-other-kind": N_("This mail is of another kind than the template. Choose one of the same kind."),
    "mail-under-way": N_("The mail is still on its way. Wait until it is sent or has failed, then send it again."),
    "person-erased": N_("This account has been erased, so there is nobody left to write to."),
    "template-syntax": N_("Line {line} of the template cannot be read. Correct it."),
    "template-unwritable": N_("No mail can be written with this template. Make it simpler."),
}
