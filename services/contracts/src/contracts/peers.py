"""What contracts reads from payments, the catalog and credits while somebody waits.

With the caller's token, two seconds at most by default. Where one does not answer, the answer reports it and nothing
has changed; where one refuses, its refusal is passed on.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

import httpx
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from carnet.events.catalog import Details, Format, Tariff
from carnet.events.contracts import ContractTerms
from carnet.events.payments import Balance
from carnet.events.scholarship_uses import ScholarshipPart, ScholarshipUse
from carnet.http.parts import asked_of
from carnet.http.problems import ProblemDocument, ProblemError
from carnet.money import Money
from carnet.observe import REQUEST_ID, log, traceparent
from carnet.refusals import Kind, Refusal
from carnet.tolerance import Tolerant
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.products import Product


class Answer(Tolerant):
    """A part of what another service answers; fields that are not known here are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class BalanceShown(Answer):
    """total = paid + processing + planned + unscheduled − refund_due."""

    total: Money
    paid: Money
    processing: Money
    planned: Money
    unscheduled: Money
    refund_due: Money

    @property
    def amounts(self) -> Balance:
        """The balance in minor units."""
        return Balance(**{name: getattr(self, name).amount for name in BalanceShown.model_fields})


class InstalmentShown(Answer):
    """An instalment to come."""

    due: date | None
    """None while it waits for an open pause to be lifted (CON-18)."""
    amount: Money
    fixed: bool = False
    held: bool = False
    line: str | None = None
    paused: bool = False


class Moment(Answer):
    """The schedule before or after a change, with its refund line in ``balance.refund_due``."""

    balance: BalanceShown
    instalments: list[InstalmentShown]


class SchedulePreview(Answer):
    """What a change does to the schedule (CON-3)."""

    schedule_version: int
    covers: int
    before: Moment | None
    after: Moment


class _TariffAnswered(Answer):
    id: str
    name: str
    price: Money


class _FormatAnswered(Answer):
    id: str
    name: str
    tariffs: tuple[_TariffAnswered, ...]


def _in_minor_units(details: object) -> object:
    """Amounts of details, such as what a credit is worth: answered as money, kept in minor units."""
    if not isinstance(details, dict):
        return details
    names = ("amount", "value", "cancellation_fee", "minimum", "maximum")
    money = {name: details[name] for name in names if isinstance(details.get(name), dict)}
    return details | {name: value["amount"] for name, value in money.items() if "amount" in value}


class VoucherAnswered(Answer):
    """Whether a gift voucher covers a line (CRE-9)."""

    usable: bool
    why: str | None = None
    detail: str | None = None


class ScholarshipAnswered(Answer):
    """Whether a scholarship covers a part of a line (CRE-11)."""

    fund: str | None = None
    usable: bool
    why: str | None = None
    detail: str | None = None
    left: Money | None = None


class ScholarshipsAnswered(Answer):
    """The same for each of the uses that were asked, in their order."""

    uses: list[ScholarshipAnswered]


class ProductAnswered(Answer):
    """A product as the catalog answers it."""

    id: str
    name: str
    status: Literal["draft", "on_sale", "archived"]
    vat_rate: int
    participant: bool
    formats: tuple[_FormatAnswered, ...]
    details: Annotated[Details, BeforeValidator(_in_minor_units)]
    version: int

    def copy_for(self, organisation: str) -> Product:
        """The copy that is kept of it."""
        return Product(
            organisation=organisation,
            formats=tuple(
                Format(
                    id=each.id,
                    name=each.name,
                    tariffs=tuple(Tariff(id=t.id, name=t.name, price=t.price.amount) for t in each.tariffs),
                )
                for each in self.formats
            ),
            **{name: getattr(self, name) for name in ProductAnswered.model_fields if name != "formats"},
        )


M = TypeVar("M", bound=BaseModel)


class Peers:
    """The services that contracts reads from; each answers within so many ``seconds``."""

    def __init__(
        self,
        payments_url: str,
        catalog_url: str,
        credits_url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        *,
        seconds: float,
    ) -> None:
        self._seconds = seconds
        self._client = httpx.AsyncClient(timeout=seconds, transport=transport)
        self._payments = payments_url.rstrip("/")
        self._catalog = catalog_url.rstrip("/")
        self._credits = credits_url.rstrip("/")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def schedule_of_opening(self, token: str, opened: Contract) -> SchedulePreview:
        """The schedule that an opening would start (PAY-7)."""
        body = {
            "mode": opened.mode,
            "sale": opened.sale.model_dump(mode="json"),
            **terms_asked(opened.terms(opened.version), opened.currency, opened.opened_on),
        }
        return await self._schedule(token, "/v1/schedules/preview", body)

    async def schedule_after(self, token: str, before: Contract, after: Contract, today: date) -> SchedulePreview:
        """The schedule before and after a change (PAY-2). Refused (409) while payments has not caught up."""
        terms = terms_asked(after.terms(after.version), after.currency, today)
        body = {"contract_version": before.whole_version, **terms}
        return await self._schedule(token, f"/v1/schedules/{before.id}/preview", body)

    async def product(self, token: str, organisation: str, product: str) -> Product | None:
        """The product as the catalog has it; None if it has no such product."""
        answer = await self._ask("catalog", "GET", f"{self._catalog}/v1/products/{product}", token)
        if answer.status_code == 404:
            return None
        return _read(ProductAnswered, "catalog", _granted("catalog", answer)).copy_for(organisation)

    async def voucher(self, token: str, code: str, product: str) -> VoucherAnswered:
        """Whether the gift voucher of that code covers a line on which that product is bought (CRE-9)."""
        body = {"code": code, "product": product}
        answer = await self._ask("credits", "POST", f"{self._credits}/v1/vouchers/check", token, body)
        return _read(VoucherAnswered, "credits", _granted("credits", answer))

    async def scholarships(
        self,
        token: str,
        account: str,
        currency: str,
        uses: Sequence[ScholarshipUse],
        given_back: Sequence[ScholarshipPart],
    ) -> list[ScholarshipAnswered]:
        """Whether scholarships cover these parts of lines of an account's contract, with what comes back (CRE-11)."""
        body = {
            "account": account,
            "uses": [
                use.model_dump(mode="json", include={"line", "scholarship", "product", "kind", "participant"})
                | {"amount": _money(use.amount, currency)}
                for use in uses
            ],
            "given_back": [
                part.model_dump(mode="json", include={"line", "scholarship"})
                | {"amount": _money(part.amount, currency)}
                for part in given_back
            ],
        }
        answer = await self._ask("credits", "POST", f"{self._credits}/v1/scholarships/check", token, body)
        return _read(ScholarshipsAnswered, "credits", _granted("credits", answer)).uses

    async def _schedule(self, token: str, path: str, body: Mapping[str, Any]) -> SchedulePreview:
        answer = await self._ask("payments", "POST", self._payments + path, token, body)
        return _read(SchedulePreview, "payments", _granted("payments", answer))

    async def _ask(
        self, peer: str, method: str, url: str, token: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        wanted = {"Authorization": f"Bearer {token}", "X-Request-Id": REQUEST_ID.get(), "traceparent": traceparent()}
        headers = {name: value for name, value in wanted.items() if value is not None}
        try:
            async with asyncio.timeout(self._seconds):
                answer = await self._client.request(method, url, headers=headers, json=body)
        except (httpx.TransportError, TimeoutError) as error:
            raise _unavailable(peer) from error
        if answer.status_code >= 500:
            raise _unavailable(peer)
        return answer


def terms_asked(terms: ContractTerms, currency: str, today: date) -> dict[str, Any]:
    """What payments is asked about: terms that would take effect on that day, as its previews take them."""
    return {**asked_of(terms, currency, without={"version"}), "effective_on": today.isoformat()}


def _money(amount: int, currency: str) -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def _granted(peer: str, answer: httpx.Response) -> bytes:
    """The answer; a refusal is raised as that refusal."""
    if answer.is_success:
        return answer.content
    problem = _read(ProblemDocument, peer, answer.content)
    raise ProblemError(
        problem.status,
        problem.type.removeprefix("urn:carnet:problem:"),
        problem.detail,
        rule=problem.rule,
        params=problem.params,
        errors=[each.model_dump() for each in problem.errors],
        headers={name: answer.headers[name] for name in ("Retry-After",) if name in answer.headers},
    )


def _read(model: type[M], peer: str, content: bytes) -> M:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        fields = [str(each["loc"]) for each in error.errors(include_input=False)]
        log.error("another service's answer can't be read", peer=peer, fields=fields)
        raise _unavailable(peer) from error


def _unavailable(peer: str) -> Refusal:
    return Refusal(
        Kind.UNAVAILABLE,
        f"{peer}-unavailable",
        f"The service {peer} does not answer just now and nothing has changed. Try again in a few seconds.",
        peer=peer,
    )
