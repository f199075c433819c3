"""What the tests of notifications are about: one family, one contract, one organisation."""

from datetime import UTC, date, datetime

from carnet.decisions import Actor, Context
from carnet.events.base import Event
from carnet.events.catalog import Contact, CourseDetails
from carnet.events.contracts import (
    AtOnce,
    ContractCancelled,
    ContractChanged,
    ContractOpened,
    DiscountPlaced,
    Named,
    ProductAdded,
    ProductCancelled,
    ProductEdited,
    Purchase,
)
from carnet.events.payments import Balance, Instalment, ScheduleAdjusted, ScheduleCreated
from carnet.ids import new_id
from carnet.organisations import Organisation
from notifications.domain.accounts import Account, Person
from notifications.domain.mails import Mail, new_mail
from notifications.letters import seen_by_templates
from notifications.mails import MAILS, Kind, contract_paid, facts_due
from notifications.mails.composing import Known
from notifications.mails.facts import Facts
from notifications.mails.samples import SAMPLE_ACCOUNT, SAMPLE_NUMBER
from notifications.mails.views import View

ORGANISATION, ACCOUNT, CONTRACT, CHANGE = new_id(), new_id(), new_id(), new_id()
OWNER, CHILD = new_id(), new_id()
TODAY = date(2027, 1, 5)
NOW = datetime(2027, 1, 5, 9, 0, tzinfo=UTC)

FAMILY = Account(
    id=ACCOUNT,
    organisation=ORGANISATION,
    owner=OWNER,
    language="fr",
    people=(
        Person(id=OWNER, first_name="Camille", last_name="Morel", email="camille@example.org"),
        Person(id=CHILD, first_name="Zoé", last_name="Morel"),
    ),
)
SCHOOL = Organisation(
    id=ORGANISATION,
    organisation=ORGANISATION,
    name="École Étoile",
    currency="EUR",
    time_zone="Europe/Paris",
    languages=("fr", "en"),
    contact=Contact(email="bonjour@etoile.example", website="https://etoile.example"),
    support_email="support@etoile.example",
    mode="test",
)


def context() -> Context:
    return Context(now=NOW, today=TODAY, actor=Actor("user", "u1"), change=new_id(), new_id=new_id)


def sample(kind: Kind, currency: str = "EUR") -> Facts:
    """What the templates of that kind are previewed with."""
    return MAILS[kind].sample(currency)


def variables(
    facts: Facts, account: Account = SAMPLE_ACCOUNT, school: Organisation = SCHOOL, number: str = SAMPLE_NUMBER
) -> View:
    """What the templates may say about these facts."""
    return MAILS[facts.kind].compose(facts, Known(account, seen_by_templates(school), facts.currency, number))


def facts_for_client(event: Event) -> Facts:
    """The facts of the mail to the client about this event."""
    (facts,) = [facts for facts in facts_due(event) if MAILS[facts.kind].to == "client"]
    return facts


def facts_for_support(event: Event) -> Facts | None:
    """The facts of the mail to support about this event, if one is due."""
    return next((facts for facts in facts_due(event) if MAILS[facts.kind].to == "support"), None)


def mail(content: Facts | None = None, **changed: object) -> Mail:
    made = new_mail(
        content or contract_paid.Facts(contract=CONTRACT, currency="EUR", total=54_000),
        organisation=ORGANISATION,
        account=ACCOUNT,
        cause=CHANGE,
        change=CHANGE,
        slot=7,
        now=NOW,
    )
    return made.model_copy(update=changed)


def opened(total: int, version: int) -> ContractOpened:
    return ContractOpened(
        contract=CONTRACT,
        account=ACCOUNT,
        mode="online",
        sale=AtOnce(),
        currency="EUR",
        total=total,
        live_lines=1,
        effective_on=TODAY,
        version=version,
    )


def added(name: str = "Ballet", price: int = 30_000, participant: str | None = CHILD) -> ProductAdded:
    purchase = Purchase(
        line=new_id(),
        product=new_id(),
        kind="course",
        name=name,
        format=Named(id=new_id(), name="1 h"),
        tariff=Named(id=new_id(), name="Full"),
        participant=participant,
        price=price,
        vat_rate=0,
        bought_on=TODAY,
        details=CourseDetails(),
    )
    return ProductAdded(contract=CONTRACT, account=ACCOUNT, currency="EUR", effective_on=TODAY, purchase=purchase)


def discounted(amount: int) -> DiscountPlaced:
    return DiscountPlaced(
        contract=CONTRACT,
        account=ACCOUNT,
        currency="EUR",
        effective_on=TODAY,
        line=new_id(),
        product=new_id(),
        name="Ten",
        amount=amount,
        shares=(),
    )


def cancelled(name: str, amount: int) -> ProductCancelled:
    return ProductCancelled(
        contract=CONTRACT,
        account=ACCOUNT,
        currency="EUR",
        effective_on=TODAY,
        line=new_id(),
        product=new_id(),
        kind="course",
        name=name,
        participant=CHILD,
        amount=amount,
    )


def edited(before: int, after: int) -> ProductEdited:
    return ProductEdited(
        contract=CONTRACT,
        account=ACCOUNT,
        currency="EUR",
        effective_on=TODAY,
        line=new_id(),
        product=new_id(),
        kind="course",
        name="Ballet",
        price_before=before,
        price_after=after,
    )


def changed(before: int, after: int, version: int) -> ContractChanged:
    return ContractChanged(
        contract=CONTRACT,
        account=ACCOUNT,
        mode="online",
        currency="EUR",
        total_before=before,
        total_after=after,
        live_lines=1,
        effective_on=TODAY,
        version=version,
    )


def contract_cancelled() -> ContractCancelled:
    return ContractCancelled(contract=CONTRACT, account=ACCOUNT, effective_on=TODAY)


def balance(total: int, paid: int = 0) -> Balance:
    return Balance(
        total=total,
        paid=paid,
        processing=0,
        planned=max(total - paid, 0),
        unscheduled=0,
        refund_due=max(paid - total, 0),
    )


def instalments(*amounts: int) -> tuple[Instalment, ...]:
    return tuple(
        Instalment(id=new_id(), due=date(2027, 1 + index, 31 if index == 0 else 28), amount=amount)
        for index, amount in enumerate(amounts)
        if amount
    )


def created(total: int, covers: int, change: str = CHANGE) -> ScheduleCreated:
    return ScheduleCreated(
        contract=CONTRACT,
        account=ACCOUNT,
        mode="online",
        currency="EUR",
        effective_on=TODAY,
        change=change,
        covers=covers,
        balance=balance(total),
        instalments=instalments(total),
    )


def adjusted(before: int, after: int, covers: int, change: str | None = CHANGE) -> ScheduleAdjusted:
    return ScheduleAdjusted(
        contract=CONTRACT,
        account=ACCOUNT,
        mode="online",
        currency="EUR",
        effective_on=TODAY,
        change=change,
        covers=covers,
        balance=balance(after),
        balance_before=balance(before),
        instalments=instalments(after),
    )
