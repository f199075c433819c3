"""Steps of what goes back: refund lines settled each way, payments that the bank takes back (PAY-4, PAY-13, PAY-19)."""

from collections import Counter

from hypothesis import strategies as st

from payments.receipts.domain.receiving import Payment
from payments.receipts.store import PAYMENTS
from payments.refunds.domain.settling import Settlement
from payments.refunds.store import SETTLEMENTS
from tests.agreement.receiving import Receiving
from tests.agreement.school import money
from tests.agreement.stage import action

HOW = ("refunded", "refunded", "converted", "on_site", "waived")
REASONS = ("returned_debit", "chargeback", "bounced_cheque")


class Refunding(Receiving):
    """Support and the desk give money back, the bank takes it."""

    @action(weight=4, when=lambda self: any(each.refund_due for each in self.schedules.values()))
    def settle_refund_line(self, data: st.DataObject) -> None:
        schedule = self.pick(data, [each for each in self.schedules.values() if each.refund_due], "refund line")
        how = data.draw(st.sampled_from(HOW), label="how")
        amount = self.amount_up_to(data, schedule.refund_due)
        body = {"amount": money(amount), "how": how, "reason": "a gesture"}
        if how == "on_site":
            body["method"] = data.draw(st.sampled_from((None, "cash", "cheque", "transfer")), label="method")
        if self.post(data, schedule, "settlements", body).ok:
            self.till.settled(how, amount)

    @action(weight=8, when=lambda self: self.refundable)
    def refund(self, data: st.DataObject) -> None:
        """What can go back by the provider goes back by it."""
        contract, most = self.pick(data, self.refundable.items(), "refundable")
        amount = self.amount_up_to(data, most, beyond=False)
        body = {"amount": money(amount), "how": "refunded"}
        self.post(data, self.schedules[contract], "settlements", body)

    @action(when=lambda self: self.with_remainder)
    def reverse_payment(self, data: st.DataObject) -> None:
        """Staff records that the bank took a payment back."""
        payment = self.pick(data, self.with_remainder, "payment")
        schedule = self.schedules[payment.contract]
        reason = data.draw(st.sampled_from(REASONS), label="reason")
        amount = self.amount_up_to(data, payment.remaining)
        another = data.draw(st.booleans(), label="another")
        body = {"amount": money(amount), "reason": reason, "another": another}
        if self.post(data, schedule, f"payments/{payment.id}/reversal", body).ok:
            self.till.reversal(payment.id, amount, collected=payment.provider is not None, besides=another)

    @action(weight=2, when=lambda self: self.entries)
    def void_payment(self, data: st.DataObject) -> None:
        """A payment that staff recorded was a wrong entry."""
        payment = self.pick(data, self.entries, "payment")
        schedule = self.schedules[payment.contract]
        if self.post(data, schedule, f"payments/{payment.id}/voiding", {"reason": "a slip"}).ok:
            self.till.received -= payment.amount

    @action(weight=2, when=lambda self: self.settlements)
    def void_settlement(self, data: st.DataObject) -> None:
        """So was a settlement on site, or waived; what somebody else has is refused."""
        settlement = self.pick(data, self.settlements, "settlement")
        schedule = self.schedules[settlement.contract]
        if self.post(data, schedule, f"settlements/{settlement.id}/voiding", {"reason": "a slip"}).ok:
            self.till.settled(settlement.how, -settlement.amount)

    @action(when=lambda self: self.lost)
    def deal_with_loss(self, data: st.DataObject) -> None:
        """Support deals with what is lost of a payment, which moves no balance."""
        payment = self.pick(data, self.lost, "payment")
        path = f"payments/{payment.id}/loss/resolution"
        self.post(data, self.schedules[payment.contract], path, {"reason": "written off"})

    @property
    def refundable(self) -> dict[str, int]:
        """What of each refund line the provider can refund, where there is something."""
        online: Counter[str] = Counter()
        for payment in self.with_remainder:
            if payment.provider:
                online[payment.contract] += payment.remaining
        most = {id_: min(amount, self.schedules[id_].refund_due) for id_, amount in online.items()}
        return {id_: amount for id_, amount in most.items() if amount}

    @property
    def with_remainder(self) -> list[Payment]:
        """The payments that have not gone back whole."""
        return [payment for payment in self.payments if payment.remaining]

    @property
    def entries(self) -> list[Payment]:
        """The payments that staff recorded."""
        return [payment for payment in self.payments if payment.provider is None]

    @property
    def lost(self) -> list[Payment]:
        """The payments of which something is lost that nobody has dealt with."""
        return [payment for payment in self.payments if payment.lost]

    @property
    def settlements(self) -> list[Settlement]:
        """How refund lines were settled."""
        return list(self.suite.services["payments"].database.states(SETTLEMENTS).values())

    @property
    def payments(self) -> list[Payment]:
        """Every payment."""
        return list(self.suite.services["payments"].database.states(PAYMENTS).values())
