"""What the provider did and what Carnet says of it, order by order: nobody charged twice, nothing forgotten."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.reading import Databases
from tests.chaos.tokens import Token

Book = Sequence[Mapping[str, Any]]


class Agreement:
    """The provider's own book beside what payments has in its database."""

    def __init__(self, book: Book, databases: Databases) -> None:
        self.charges = {entry["key"]: entry for entry in book if entry["kind"] == "charge"}
        self.reversals = [entry for entry in book if entry["kind"] == "reversal"]
        self._lines = len(book)
        self._payments = databases["payments"]
        self.orders: dict[str, Document] = {}

    async def holds(self, tokens: Mapping[str, Token], each: int) -> None:
        """Prove it for contracts of ``each`` instalments, collected by these tokens."""
        self.orders = await self._all("orders")
        assert len(self.charges) + len(self.reversals) == self._lines, "a key was charged twice"
        self._order_by_order()
        self._no_instalment_twice()
        await self._payment_by_payment()
        await self._contract_by_contract(tokens, each)

    async def _all(self, name: str) -> dict[str, Document]:
        return {found["_id"]: found for found in await self._payments[name].find().to_list(None)}

    def _order_by_order(self) -> None:
        """Every attempt is in the book, with the same end, and nothing else is."""
        facts = ("amount", "currency", "status", "reference")
        kept = {id_: tuple(order[name] for name in facts) for id_, order in self.orders.items()}
        done = {key: tuple(entry[name] for name in facts) for key, entry in self.charges.items()}
        assert kept == done

    def _no_instalment_twice(self) -> None:
        times = Counter(
            (order["contract"], order["instalment"])
            for key, order in self.orders.items()
            if self.charges[key]["status"] == "succeeded"
        )
        assert [each for each, often in times.items() if often > 1] == []

    async def _payment_by_payment(self) -> None:
        """What was brought is a payment, and what the bank took back is off it."""
        payments = await self._all("payments")
        brought = {key: entry["amount"] for key, entry in self.charges.items() if entry["status"] == "succeeded"}
        assert {id_: payment["amount"] for id_, payment in payments.items()} == brought
        taken: dict[str, int] = defaultdict(int)
        for reversal in self.reversals:
            taken[reversal["key"]] += reversal["amount"]
        assert {id_: each["reversed"] for id_, each in payments.items() if each["reversed"]} == taken

    async def _contract_by_contract(self, tokens: Mapping[str, Token], each: int) -> None:
        """Every contract came to what its token says, and its schedule balances."""
        schedules = await self._all("schedules")
        assert schedules.keys() == tokens.keys()
        attempts = Counter(order["contract"] for order in self.orders.values())
        for id_, schedule in schedules.items():
            total, said = schedule["total"], tokens[id_]
            planned = sum(instalment["amount"] for instalment in schedule["instalments"])
            found = {"paid": schedule["paid"], "planned": planned, "under way": total - schedule["paid"] - planned}
            expected = {"paid": 0, "planned": 0, "under way": 0}
            match said.end:
                case "paid":
                    expected["paid"] = total
                case "given up" | "returned":
                    expected["planned"] = total
                case "under way":
                    expected["under way"] = total
            assert found == expected, (id_, said)
            assert (schedule["refund_due"], schedule["unscheduled"], schedule["collect_on"]) == (0, 0, None), said
            mark = {"given up": "gave_up", "returned": "on_request"}.get(said.end)
            assert all(instalment[mark] for instalment in schedule["instalments"] if mark), said
            twice = said.end == "given up" or said.plays.startswith("refused:")
            assert attempts[id_] == (2 * each if twice else each), said
