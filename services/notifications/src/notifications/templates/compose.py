"""The variables of a mail: its facts joined with the organisation and the persons as they are known when it is sent."""

from carnet.events import payments
from notifications.domain.accounts import Account
from notifications.domain.content import (
    Content,
    ContractChangedContent,
    ContractOpenedContent,
    ContractPaidContent,
    CreditGrantedContent,
    CreditRestoredContent,
    CreditUsedContent,
    Lines,
    MethodMissingContent,
    PaymentFailedContent,
    PaymentReceivedContent,
    PaymentReversedContent,
    RefundAwaitingContent,
    RefundFailedContent,
    RefundSettledContent,
)
from notifications.templates import views
from notifications.templates.values import Sum, Term

PaymentContent = PaymentReceivedContent | PaymentFailedContent | MethodMissingContent | PaymentReversedContent


def compose(content: Content, account: Account, organisation: views.Organisation) -> views.View:
    """What a template may say about these facts."""
    return _Composer(account, organisation, content.currency).view(content)


class _Composer:
    def __init__(self, account: Account, organisation: views.Organisation, currency: str) -> None:
        self.account = account
        self.organisation = organisation
        self.currency = currency
        owner = account.recipient
        self.client = (
            views.Client(name=owner.name, first_name=owner.first_name, last_name=owner.last_name)
            if owner
            else views.Client(name="", first_name="", last_name="")
        )

    def view(self, content: Content) -> views.View:
        match content:
            case ContractOpenedContent():
                return self.opened(content)
            case ContractChangedContent():
                return self.changed(content)
            case ContractPaidContent():
                return views.ContractPaidView(
                    self.organisation, self.client, views.ContractNamed(content.contract), self.sum(content.total)
                )
            case RefundAwaitingContent() | RefundSettledContent() | RefundFailedContent():
                return self.refund(content)
            case CreditGrantedContent() | CreditUsedContent() | CreditRestoredContent():
                return self.credit(content)
            case _:
                return self.payment(content)

    def opened(self, content: ContractOpenedContent) -> views.ContractOpenedView:
        return views.ContractOpenedView(
            organisation=self.organisation,
            client=self.client,
            contract=views.Contract(content.contract, Term(content.mode)),
            effective_on=content.effective_on,
            added=self.added(content.lines),
            discounts=self.discounts(content.lines),
            total=self.sum(content.total),
            balance=self.balance(content.balance),
            instalments=self.instalments(content.instalments),
        )

    def changed(self, content: ContractChangedContent) -> views.ContractChangedView:
        cancelled = tuple(
            views.Cancelled(line.name, self.name(line.participant), self.sum(line.amount))
            for line in content.lines.cancelled
        )
        edited = tuple(
            views.Edited(line.name, self.sum(line.price_before), self.sum(line.price_after))
            for line in content.lines.edited
        )
        return views.ContractChangedView(
            organisation=self.organisation,
            client=self.client,
            contract=views.Contract(content.contract, Term(content.mode)),
            effective_on=content.effective_on,
            added=self.added(content.lines),
            discounts=self.discounts(content.lines),
            cancelled=cancelled,
            edited=edited,
            contract_cancelled=content.contract_cancelled,
            total_before=self.sum(content.total_before),
            total=self.sum(content.total),
            balance=self.balance(content.balance),
            instalments=self.instalments(content.instalments),
        )

    def payment(self, content: PaymentContent) -> views.View:
        match content:
            case PaymentReceivedContent():
                return self.received(content)
            case PaymentFailedContent():
                return self.failed(content)
            case MethodMissingContent():
                return self.unmet(content)
            case PaymentReversedContent():
                return self.reversed(content)

    def received(self, content: PaymentReceivedContent) -> views.PaymentReceivedView:
        payment = views.Payment(self.sum(content.amount), Term(content.method), content.received_on, content.online)
        return views.PaymentReceivedView(
            organisation=self.organisation,
            client=self.client,
            contract=views.Contract(content.contract, Term(content.mode)),
            payment=payment,
            balance=self.balance(content.balance),
            instalments=self.instalments(content.instalments),
        )

    def failed(self, content: PaymentFailedContent) -> views.PaymentFailedView:
        payment = views.FailedPayment(
            amount=self.sum(content.amount),
            method=Term(content.method),
            due=content.due,
            reason=Term(content.reason),
            next_try=content.next_try,
            left=self.sum(content.left),
        )
        return views.PaymentFailedView(
            organisation=self.organisation,
            client=self.client,
            contract=views.Contract(content.contract, Term(content.mode)),
            payment=payment,
            balance=self.balance(content.balance),
            instalments=self.instalments(content.instalments),
        )

    def unmet(self, content: MethodMissingContent) -> views.MethodMissingView:
        return views.MethodMissingView(
            organisation=self.organisation,
            client=self.client,
            contract=views.Contract(content.contract, Term(content.mode)),
            payment=views.UnmetPayment(self.sum(content.amount), content.due),
            balance=self.balance(content.balance),
            instalments=self.instalments(content.instalments),
        )

    def reversed(self, content: PaymentReversedContent) -> views.PaymentReversedView:
        payment = views.ReversedPayment(
            amount=self.sum(content.amount),
            method=Term(content.method),
            reason=Term(content.reason),
            reversed_on=content.effective_on,
            beyond=self.sum(content.beyond),
        )
        return views.PaymentReversedView(
            organisation=self.organisation,
            client=self.client,
            contract=views.Contract(content.contract, Term(content.mode)),
            payment=payment,
            balance=self.balance(content.balance),
            instalments=self.instalments(content.instalments),
        )

    def refund(self, content: RefundAwaitingContent | RefundSettledContent | RefundFailedContent) -> views.View:
        amount, on = self.sum(content.amount), content.effective_on
        named = views.ContractNamed(content.contract)
        match content:
            case RefundAwaitingContent():
                return views.RefundAwaitingView(self.organisation, self.client, named, amount, on)
            case RefundSettledContent():
                contract = views.Contract(content.contract, Term(content.mode))
                settled = views.Refund(amount, Term(content.how), self.sum(content.left), content.credit or "", on)
                return views.RefundSettledView(self.organisation, self.client, contract, settled)
            case RefundFailedContent():
                due = self.sum(content.refund_due)
                failed = views.FailedRefund(amount, content.payment, Term(content.reason), due, on)
                return views.RefundFailedView(self.organisation, self.client, named, failed)

    def credit(self, content: CreditGrantedContent | CreditUsedContent | CreditRestoredContent) -> views.View:
        id_, amount, named = content.credit, self.sum(content.amount), views.ContractNamed(content.contract or "")
        match content:
            case CreditGrantedContent():
                granted = views.Credit(id_, amount, Term(content.origin or "sold"))
                return views.CreditGrantedView(self.organisation, self.client, named, granted)
            case CreditUsedContent() | CreditRestoredContent():
                moved = views.MovedCredit(id_, amount, self.sum(content.left), content.effective_on)
                return views.CreditMovedView(self.organisation, self.client, named, moved)

    def sum(self, minor: int) -> Sum:
        return Sum(minor, self.currency)

    def name(self, member: str | None) -> str:
        person = self.account.person(member)
        return person.name if person else ""

    def added(self, lines: Lines) -> tuple[views.Purchase, ...]:
        return tuple(
            views.Purchase(
                name=line.name,
                format=line.format or "",
                tariff=line.tariff or "",
                participant=self.name(line.participant),
                price=self.sum(line.price),
            )
            for line in lines.added
        )

    def discounts(self, lines: Lines) -> tuple[views.Discount, ...]:
        return tuple(views.Discount(line.name, self.sum(line.amount)) for line in lines.discounts)

    def balance(self, balance: payments.Balance) -> views.Balance:
        return views.Balance(
            total=self.sum(balance.total),
            paid=self.sum(balance.paid),
            processing=self.sum(balance.processing),
            planned=self.sum(balance.planned),
            unscheduled=self.sum(balance.unscheduled),
            refund_due=self.sum(balance.refund_due),
        )

    def instalments(self, instalments: tuple[payments.Instalment, ...]) -> tuple[views.Instalment, ...]:
        return tuple(
            views.Instalment(
                due=instalment.due,
                amount=self.sum(instalment.amount),
                held=instalment.held,
                next_try=instalment.next_try,
                gave_up=instalment.gave_up,
                on_request=instalment.on_request,
                waits_for_method=instalment.waits_for_method,
            )
            for instalment in instalments
        )
