"""PAY-18: invitations to sign a mandate by the link that a mail has."""

from carnet.dates import Instant
from carnet.decisions import Context, Decision, State
from carnet.events import payments as published
from payments.sepa.domain.mandates import CURRENCY
from payments.sepa.domain.settings import SepaSettings


class MandateInvitation(State):
    """A mail by which staff invites a family to sign. The link in it is kept nowhere: it is written as it is sent."""

    account: str
    asked_at: Instant
    asked_by: str


def invite(account: str, settings: SepaSettings, context: Context) -> Decision[MandateInvitation]:
    """Invite the owner of an account. Raises ``sepa-settings-missing`` if no creditor could collect by the mandate."""
    creditor = settings.given
    invitation = MandateInvitation(
        id=context.new_id(),
        organisation=settings.organisation,
        account=account,
        asked_at=context.now,
        asked_by=str(context.actor),
    )
    event = published.MandateInvitationRequested(
        account=account,
        invitation=invitation.id,
        creditor=creditor.name,
        notice_days=settings.notice_days,
        currency=CURRENCY,
        effective_on=context.today,
    )
    return Decision(invitation, (event,))
