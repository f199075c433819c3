"""Payment methods of an account (PAY-12): staff and the account's own client add, prefer and remove them."""

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import Field
from starlette.responses import Response

from carnet.dates import Instant
from carnet.decisions import Context, Decision
from carnet.events.payments import OnlineMethod
from carnet.http import (
    Body,
    Command,
    JournalEntry,
    Page,
    PageAsked,
    Reply,
    journal_page,
    router,
    within_patience,
)
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.refusals import unknown
from carnet.texts import Line
from carnet.tolerance import Tolerant
from payments.access import Configured, KeepsMethods, Reads, StaffReads, known_account
from payments.accounts.store import ACCOUNTS, account_of
from payments.payment_methods.domain import (
    PaymentMethod,
    PaymentMethods,
    add_method,
    of_provider,
    prefer_method,
    remove_method,
)
from payments.payment_methods.store import PAYMENT_METHODS, methods_of, note_method_move, waiting_for_method
from payments.schedules.domain.decisions import wake
from payments.schedules.store import SCHEDULES, save
from payments.sepa.store.mandates import end, load_mandates

routes = router(tags=["payment methods"])

Provider = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Token = Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]


class MethodBody(Body):
    """A payment method: a card or a mandate that the provider keeps. Card data is refused."""

    provider: Provider
    kind: OnlineMethod
    token: Token = Field(description="The provider's token of it. It is never shown again.")
    label: Line | None = Field(default=None, description="What the family knows it by: `Visa •••• 4242`.")
    default: bool = Field(
        default=False, description="Whether instalments are collected by it from now on; by the first one always."
    )

    def added(self, context: Context) -> PaymentMethod:
        """The method that it adds."""
        return PaymentMethod(
            id=context.new_id(),
            provider=self.provider,
            kind=self.kind,
            token=self.token,
            label=self.label,
            added_at=context.now,
        )


class PaymentMethodView(Tolerant):
    """A payment method, without its token."""

    id: str
    provider: str
    kind: OnlineMethod
    label: str | None
    default: bool
    added_at: Instant

    @classmethod
    def of(cls, method: PaymentMethod, default: str | None) -> Self:
        """A method of an account."""
        shown = method.model_dump(include=set(cls.model_fields))
        return cls(default=method.id == default, **shown)


class PaymentMethodsView(Tolerant):
    """The payment methods of an account, the oldest first."""

    account: str
    methods: list[PaymentMethodView]

    @classmethod
    def of(cls, methods: PaymentMethods) -> Self:
        """All of an account."""
        return cls(
            account=methods.id, methods=[PaymentMethodView.of(method, methods.default) for method in methods.methods]
        )


@routes.get("/accounts/{account}/payment-methods", response_model=PaymentMethodsView)
async def show_payment_methods(account: Id, call: Reads) -> Response:
    """The payment methods of an account; a client sees its own."""
    await known_account(call, account)
    methods = await methods_of(call.database, call.organisation, account)
    return call.show(PaymentMethodsView.of(methods), version=methods.version)


@routes.post("/accounts/{account}/payment-methods", status_code=201, response_model=PaymentMethodsView)
async def add_payment_method(account: Id, body: MethodBody, command: KeepsMethods, providers: Configured) -> Response:
    """Add a payment method. What waited for one is collected by it with the next run.

    An account that was just opened is waited for, for 1.5 seconds at most.
    """
    if command.principal.sees(account):
        await within_patience(lambda: account_of(command.database, command.organisation, account))

    async def work(unit: Unit, context: Context) -> Reply:
        methods = await methods_to_change(unit, command, account)
        mode = (await organisation_of(unit, command.organisation)).mode
        of_provider(body.provider, providers.keys(), live=mode == "live")
        added = add_method(methods, body.added(context), prefer=body.default)
        return reply_with(await save_added(unit, added, context))

    return await command.run(work, status=201)


@routes.post("/accounts/{account}/payment-methods/{method}/default", response_model=PaymentMethodsView)
async def prefer_payment_method(account: Id, method: Id, command: KeepsMethods) -> Response:
    """Collect instalments by this payment method from now on."""
    return await _decided(command, account, lambda methods: prefer_method(methods, method))


@routes.delete("/accounts/{account}/payment-methods/{method}", response_model=PaymentMethodsView)
async def remove_payment_method(account: Id, method: Id, command: KeepsMethods) -> Response:
    """Remove a payment method; where it was the default, the one added last is. What is at the provider goes on.

    A SEPA mandate ends with it; a remittance that it is in goes on (PAY-18).
    """

    async def work(unit: Unit, context: Context) -> Reply:
        methods = await methods_to_change(unit, command, account)
        decision = remove_method(methods, method)
        await load_mandates(unit, [account])
        end(unit, methods.method(method), context, removed=True)
        return reply_with(unit.decide(PAYMENT_METHODS, decision, context))

    return await command.run(work)


@routes.get("/accounts/{account}/payment-methods/journal")
async def payment_methods_journal(account: Id, call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """What happened to the payment methods of an account, in order (ORG-4)."""
    await known_account(call, account)
    return await journal_page(call, account, page)


async def save_added(unit: Unit, added: Decision[PaymentMethods], context: Context) -> PaymentMethods:
    """Save that an account, loaded before, has a payment method more; what waited for one is collected by it."""
    saved = unit.decide(PAYMENT_METHODS, added, context)
    note_method_move(unit, saved.id, saved.organisation)
    for contract in await waiting_for_method(unit, saved.id):
        save(unit, wake(await unit.one(SCHEDULES, contract, what="schedule"), context), context)
    return saved


async def _decided(
    command: Command, account: str, decide: Callable[[PaymentMethods], Decision[PaymentMethods]]
) -> Response:
    async def work(unit: Unit, context: Context) -> Reply:
        return reply_with(
            unit.decide(PAYMENT_METHODS, decide(await methods_to_change(unit, command, account)), context)
        )

    return await command.run(work)


async def methods_to_change(unit: Unit, command: Command, account: str) -> PaymentMethods:
    """The methods of an account that the caller may change; raises ``unknown-account`` (ORG-1, ORG-2)."""
    if not command.principal.sees(account):
        raise unknown("account", account)
    await unit.one(ACCOUNTS, account, what="account")
    await unit.load(PAYMENT_METHODS, [account])
    kept = unit.get(PAYMENT_METHODS, account)
    return kept or PaymentMethods(id=account, organisation=command.organisation)


def reply_with(methods: PaymentMethods) -> Reply:
    """The payment methods as an answer."""
    return Reply(PaymentMethodsView.of(methods), methods.version)
