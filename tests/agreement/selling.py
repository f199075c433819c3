"""Steps of the desk: contracts are opened, changed, cancelled, vouchers redeemed (CON-1 to CON-7, CON-22, CRE-9)."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from contracts.contracts.store import CONTRACTS
from credits.packs.store import PACKS
from credits.store import VOUCHERS
from tests.agreement.oracle import FEE_LINE, Aiding, ContractBook, Planned
from tests.agreement.school import COVERED, DISCOUNTS, PACK, PRICES, WORTH
from tests.agreement.stage import Stage, action

MOST_CONTRACTS = 5

SALES: dict[str, list[str]] = {
    "online": ["at_once", "instalments", "at_once", "instalments", "deposit", "later"],
    "on_site": ["on_site", "instalments", "deposit", "later"],
}
carts = st.lists(st.sampled_from(list(PRICES)), min_size=1, max_size=3)
discounts = st.sampled_from(([], [], [], *([name] for name in DISCOUNTS)))


def _free(price: int) -> dict[str, Any]:
    """A fee, as a request says it."""
    return {"name": "Fee", "price": {"amount": price, "currency": "EUR"}, "vat_rate": 2_000}


class Selling(Stage):
    """Contracts are sold and changed."""

    @action(weight=2, when=lambda self: len(self.contracts) < MOST_CONTRACTS)
    def open_contract(self, data: st.DataObject) -> None:
        self.open(data, data.draw(carts, label="products"))

    @action(weight=8, when=lambda self: len(self.open_books) < 2 and len(self.contracts) < MOST_CONTRACTS)
    def open_another(self, data: st.DataObject) -> None:
        """So that something goes on once contracts are cancelled."""
        self.open(data, ["course"])

    @action(weight=3, when=lambda self: self.codes and len(self.contracts) < MOST_CONTRACTS + 2)
    def redeem_by_opening(self, data: st.DataObject) -> None:
        """Somebody presents a gift voucher for a contract of their own (CRE-9)."""
        others = data.draw(st.lists(st.sampled_from(["book", "workshop"]), max_size=1), label="with it")
        self.open(data, [COVERED, *others], self._a_code(data))

    @action(weight=3, when=lambda self: self.codes and self.open_books)
    def redeem_by_change(self, data: st.DataObject) -> None:
        """Somebody presents a gift voucher for what is added to a contract, perhaps one used or suspended (CRE-9)."""
        book = self._an_open_book(data)
        cancelled = data.draw(st.booleans(), label="cancel a line") and list(book.live)[:1]
        cart = self._cart(data, book, [COVERED], data.draw(discounts, label="discounts"))
        cart["add"][0]["voucher"] = self._a_code(data)
        body = {**cart, "cancel": list(cancelled or [])}
        self._confirm(data, book, "changes", body, Planned(tuple(cancelled or ()), covers=1))

    @property
    def codes(self) -> list[str]:
        """The codes of the vouchers that there are, in the order of their issue."""
        vouchers = self.suite.services["credits"].database.documents(VOUCHERS.name)
        return [found["code"] for _, found in sorted(vouchers.items()) if found["code"] is not None]

    def _a_code(self, data: st.DataObject) -> str:
        codes = self.codes
        return codes[data.draw(st.integers(0, len(codes) - 1), label="voucher")]

    def open(
        self, data: st.DataObject, products: list[str], code: str | None = None, aiding: Sequence[Aiding] = ()
    ) -> None:
        """Open a contract with these products, the first of them for a gift voucher if there is a ``code``.

        ``aiding`` are the scholarships that cover parts of them, one each (CRE-11).
        """
        account = self.school.accounts[data.draw(st.integers(0, 1), label="account")]
        mode = data.draw(st.sampled_from(["online", "online", "on_site"]), label="mode")
        book = ContractBook("", account.id, mode)
        cart = self._cart(data, book, products, data.draw(discounts, label="discounts"))
        body = {"account": account.id, "mode": mode, "sale": self._sale(data, mode), **cart}
        if code is not None:
            cart["add"][0]["voucher"] = code
        for addition, each in zip(cart["add"], aiding, strict=False):
            addition["scholarship"] = each.body
        waits = code is not None or bool(aiding)
        answer = self.ask(data, "contracts", "/v1/contracts", body, waits=waits)
        planned = Planned(covers=0 if code is None else 1, aiding=tuple(aiding))
        if answer.status == 202:
            book.id = answer.body["contract"]
            self.openings[answer.body["change"]] = (book, planned)
        elif answer.ok:
            book.id = answer.body["id"]
            self.contracts[book.id] = book
            self.made(book, planned, answer.version)

    @action(weight=2, when=lambda self: self.open_books)
    def change_contract(self, data: st.DataObject) -> None:
        book = self._an_open_book(data)
        live = list(book.live)
        cancelled = data.draw(st.lists(st.sampled_from(live), unique=True, max_size=2), label="cancel") if live else []
        products = data.draw(st.one_of(st.just([]), carts), label="products")
        edits = [] if products else self._edits(data, book, cancelled)
        cart = self._cart(data, book, products, data.draw(discounts, label="discounts"))
        prices = {edit["line"]: edit["price"]["amount"] for edit in edits}
        body = {**cart, "cancel": cancelled, "edit": edits}
        self._confirm(data, book, "changes", body, Planned(tuple(cancelled), prices))

    @action(weight=2, when=lambda self: any(book.live for book in self.open_books))
    def cancel_line(self, data: st.DataObject) -> None:
        """A line with the discounts on it: the change that is accepted most often."""
        book = self.pick(data, [book for book in self.open_books if book.live], "contract")
        line = self.pick(data, book.live, "line")
        cancelled = [line, *(id_ for id_, each in book.live.items() if line in each.shares)]
        by_mistake = data.draw(st.booleans(), label="entered by mistake")  # CON-12
        body = {"delete": [line], "cancel": cancelled[1:]} if by_mistake else {"cancel": cancelled}
        self._confirm(data, book, "changes", body, Planned(tuple(cancelled)))

    @action(weight=8, when=lambda self: any(self._used_packs(book) for book in self.open_books))
    def cancel_used_pack(self, data: st.DataObject) -> None:
        """A session pack that was used is cancelled, mostly with a fee for what was taken of it (CON-8)."""
        book = self.pick(data, [book for book in self.open_books if self._used_packs(book)], "contract")
        line = self.pick(data, self._used_packs(book), "line")
        cancelled = [line, *(id_ for id_, each in book.live.items() if line in each.shares)]
        fee = data.draw(st.sampled_from([1_000, 1, 5_000, 0]), label="fee")
        body = {"cancel": cancelled, "free": [_free(fee)] if fee else []}
        self._confirm(data, book, "changes", body, Planned(tuple(cancelled), fee=fee))

    def _used_packs(self, book: ContractBook) -> list[str]:
        """The live lines of the contract that sold a pack of which a session was taken."""
        packs = self.suite.services["credits"].database.documents(PACKS.name)
        return [id_ for id_, line in book.live.items() if line.name == PACK and packs.get(id_, {}).get("uses")]

    @action(when=lambda self: len(self.open_books) > 2)
    def cancel_contract(self, data: st.DataObject) -> None:
        book = self._an_open_book(data)
        fee = data.draw(st.sampled_from([0, 0, 2_000]), label="fee")
        body = {"free": [_free(fee)]} if fee else {}
        self._confirm(data, book, "cancellation", body, Planned(tuple(book.live), whole=True, fee=fee))

    @property
    def open_books(self) -> list[ContractBook]:
        """The contracts that are not cancelled."""
        return [book for book in self.contracts.values() if not book.cancelled and book.apart is None]

    def _an_open_book(self, data: st.DataObject) -> ContractBook:
        book: ContractBook = self.pick(data, self.open_books, "contract")
        return book

    def _confirm(
        self, data: st.DataObject, book: ContractBook, what: str, body: dict[str, Any], planned: Planned
    ) -> None:
        """Confirm a change on the versions as they are; sometimes credits answers while the request waits."""
        schedule = self.schedule(book.id)
        body = {**body, "schedule_version": schedule.version if schedule else 0}
        path, version = f"/v1/contracts/{book.id}/{what}", self.version(book.id)
        answer = self.ask(data, "contracts", path, body, version=version, waits=True)
        if answer.status == 202:
            book.pending[answer.body["change"]] = planned
        elif answer.ok:
            self.made(book, planned, answer.version)

    def made(self, book: ContractBook, planned: Planned, version: int) -> None:
        """Write a change into the book: at the prices of the school, with the ids that the contract gave."""
        document = self.suite.services["contracts"].database.documents(CONTRACTS.name)[book.id]
        names = self.school.names
        purchases = [line["purchase"] for line in document["lines"]]
        lines = [
            (each["line"], names.get(each["product"], FEE_LINE), each["voucher"] is not None) for each in purchases
        ]
        book.make(planned, lines, version)

    def follow_answers(self) -> None:
        """Follow what credits has answered to the changes and openings that waited (CRE-4, CRE-5, CRE-9)."""
        for change, (book, planned) in list(self.openings.items()):
            outcome = self.listener.outcomes.get(change)
            if outcome is not None:
                del self.openings[change]
                if outcome:
                    self.contracts[book.id] = book
                    self.made(book, planned, outcome)
        for book in self.contracts.values():
            for change, planned in list(book.pending.items()):
                outcome = self.listener.outcomes.get(change)
                if outcome is not None:
                    del book.pending[change]
                    if outcome:
                        self.made(book, planned, outcome)

    def _cart(self, data: st.DataObject, book: ContractBook, products: list[str], off: list[str]) -> dict[str, Any]:
        account = next(each for each in self.school.accounts if each.id == book.account)
        other = next(each for each in self.school.accounts if each.id != book.account)
        sells = any(name in WORTH for name in products)
        beneficiary = other if sells and data.draw(st.integers(0, 3), label="for the other") == 3 else None
        return {
            "add": [self.school.bought(name, account, beneficiary) for name in products],
            "discounts": [self.school.products[name] for name in off],
        }

    def _edits(self, data: st.DataObject, book: ContractBook, cancelled: list[str]) -> list[dict[str, Any]]:
        editable = [id_ for id_, line in book.live.items() if not line.discount and id_ not in cancelled]
        if not editable or data.draw(st.booleans(), label="no edit"):
            return []
        price = data.draw(st.integers(0, 40_000), label="price")
        line = self.pick(data, editable, "line to edit")
        return [{"line": line, "price": {"amount": price, "currency": "EUR"}}]

    def _sale(self, data: st.DataObject, mode: str) -> dict[str, Any]:
        sale: dict[str, Any] = {"start": self.pick(data, SALES[mode], "sale")}
        if sale["start"] in ("instalments", "deposit"):
            sale["count"] = data.draw(st.integers(1, 4), label="count")
        if sale["start"] == "deposit":
            sale["deposit"] = data.draw(st.sampled_from([1, 900, 3_000]), label="deposit")
        return sale
