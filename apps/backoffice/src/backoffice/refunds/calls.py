"""What the pages of refunds ask: the lines, one line with its past, and what each way of settling would do."""

import asyncio
from dataclasses import dataclass

from backoffice.apis import Answer, Json, Problem, ServiceAwayError, part, quoted
from backoffice.languages import N_
from backoffice.problems import away_sentence, sentence
from backoffice.web import Visit

ADDRESS = "/payments/v1/refund-lines"
PER_PAGE, _MOST = 50, 200
CAUSES = {
    "change": N_("a change of the contract"),
    "payment": N_("more was paid than was left"),
    "refund_failed": N_("a refund that could not be made"),
    "settlement_voided": N_("a settlement that was a wrong entry"),
}
WAYS = {
    "refunded": N_("Refund to the payment method"),
    "converted": N_("Turn into a client credit"),
    "on_site": N_("Refund on site"),
    "waived": N_("Waive"),
}
GIVEN_BACK = ("cash", "transfer", "cheque", "card")
"""How something is given back on site, in that order."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of settling: its preview, or why it is not possible."""

    how: str
    label: str
    preview: Json | None
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A refund line as its page shows it. ``most`` is the part of it that can be settled now."""

    schedule: Json
    version: int
    settlements: list[Json]
    payments: dict[str, Json]

    @property
    def due(self) -> Json:
        """What is to refund."""
        amount: Json = self.schedule["balance"]["refund_due"]
        return amount

    @property
    def most(self) -> Json:
        """The part of it that can be settled now: less what is being attempted, and no more than is paid (PAY-4)."""
        balance = self.schedule["balance"]
        amount = min(self.due["amount"] - balance["processing"]["amount"], balance["paid"]["amount"])
        return {**self.due, "amount": max(amount, 0)}

    @property
    def transferred(self) -> frozenset[str]:
        """The payments that go back by a file of transfers to the bank (PAY-18)."""
        return frozenset(id_ for id_, each in self.payments.items() if each.get("provider") == "sepa")

    @property
    def scope(self) -> str:
        """What it takes to settle it (ORG-3)."""
        return "payments:correct" if self.schedule["mode"] == "online" else "payments:collect"


async def line_of(visit: Visit, contract: str) -> Line:
    """A refund line with what was settled before, and the payments that it may go back to.

    Raises ``ServiceAwayError`` if payments does not answer.
    """
    address = f"/payments/v1/schedules/{quoted(contract)}"
    answer, settled, paid = await asyncio.gather(
        visit.api.read(address),
        visit.api.get(f"{address}/settlements", limit=_MOST),
        visit.api.get(f"{address}/payments", limit=_MOST),
    )
    return Line(answer.body, answer.version or 0, settled["items"], {each["id"]: each for each in paid["items"]})


async def options(visit: Visit, contract: str, line: Line, amount: Json) -> tuple[list[Way], str | None]:
    """What each way of settling that much would do, and the name of the family if the person may see it."""
    currency = str(amount["currency"])

    async def way(how: str, label: str) -> Way:
        if how == "converted" and line.scope == "payments:collect" and not visit.may("credits:adjust"):
            return Way(how, label, None, visit.why_not("credits:adjust"))
        reason = {"reason": "-"} if how == "waived" else {}
        address = f"/payments/v1/schedules/{quoted(contract)}/settlements/preview"
        try:
            return Way(how, label, await visit.api.preview(address, {"amount": amount, "how": how, **reason}))
        except (Problem, ServiceAwayError) as fault:
            return Way(how, label, None, refused(fault, visit, currency))

    found, owner = await asyncio.gather(
        asyncio.gather(*(way(how, label) for how, label in WAYS.items())), _owner(visit, line.schedule["account"])
    )
    return list(found), owner


def refused(fault: Problem | ServiceAwayError, visit: Visit, currency: str) -> str:
    """Why something is not done, for people."""
    if isinstance(fault, ServiceAwayError):
        return away_sentence(fault, visit.language)
    return sentence(fault, visit.language, currency)


async def _owner(visit: Visit, account: str) -> str | None:
    if not visit.may("accounts:read"):
        return None
    found = await part(visit.api.get(f"/contracts/v1/accounts/{quoted(account)}"))
    people = found["members"] if isinstance(found, dict) else []
    owner: Json = next((each for each in people if isinstance(found, dict) and each["id"] == found["owner"]), {})
    return f"{owner.get('first_name') or ''} {owner.get('last_name') or ''}".strip() or None


async def settle(visit: Visit, contract: str, settling: Json, *, key: str, version: int) -> Answer:
    """Settle a part of the refund line, or all of it."""
    address = f"/payments/v1/schedules/{quoted(contract)}/settlements"
    return await visit.api.send(address, settling, key=key, version=version)
