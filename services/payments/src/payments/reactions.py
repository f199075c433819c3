"""What payments does on which event: the reactions of its subjects."""

from carnet.organisations import organisation_reactions
from payments.accounts.reactions import ACCOUNT_NAMES
from payments.books.reactions import CREDITS
from payments.invoices.reactions import CONTRACT_REACTIONS

REACTIONS = (CONTRACT_REACTIONS, ACCOUNT_NAMES, CREDITS, organisation_reactions())
