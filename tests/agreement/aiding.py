"""Steps of scholarships: sold with, changed with, awarded more or less (CRE-11)."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from credits.scholarships.store import SCHOLARSHIPS
from tests.agreement.oracle import Aiding, ContractBook, Planned
from tests.agreement.school import money
from tests.agreement.selling import MOST_CONTRACTS, Selling, discounts
from tests.agreement.stage import action

AIDED = st.lists(st.sampled_from(["course", "workshop", "book", "gift"]), min_size=1, max_size=2)


class Aided(Selling):
    """Scholarships cover parts of what is bought."""

    @property
    def scholarships(self) -> Mapping[str, Mapping[str, Any]]:
        """The scholarships as credits has them."""
        return self.suite.services["credits"].database.documents(SCHOLARSHIPS.name)

    @action(weight=2, when=lambda self: len(self.contracts) < MOST_CONTRACTS + 2)
    def open_with_scholarship(self, data: st.DataObject) -> None:
        products = data.draw(AIDED, label="products")
        asked = [self._aiding(data) for _ in products]
        self.open(data, products, aiding=asked)

    @action(weight=3, when=lambda self: self.open_books)
    def change_with_scholarship(self, data: st.DataObject) -> None:
        """Something is added with a scholarship, perhaps in the place of a line that it covers already."""
        book: ContractBook = self._an_open_book(data)
        cancelled: list[str] = []
        aided = [id_ for id_, line in book.live.items() if line.aid]
        if aided and data.draw(st.booleans(), label="instead of another"):
            line = self.pick(data, aided, "line")
            cancelled = [line, *(id_ for id_, each in book.live.items() if line in each.shares)]
        products = data.draw(AIDED, label="products")
        asked = [self._aiding(data) for _ in products]
        cart = self._cart(data, book, products, data.draw(discounts, label="discounts"))
        for addition, aiding in zip(cart["add"], asked, strict=True):
            addition["scholarship"] = aiding.body
        body = {**cart, "cancel": cancelled}
        self._confirm(data, book, "changes", body, Planned(tuple(cancelled), aiding=tuple(asked)))

    @action()
    def adjust_scholarship(self, data: st.DataObject) -> None:
        """Staff awards more, or takes back what is left, or tries to take back more."""
        id_ = self.pick(data, sorted(self.scholarships), "scholarship")
        kept = self.scholarships[id_]
        amount = self.amount_up_to(data, kept["left"]) * data.draw(st.sampled_from((1, -1)), label="sign")
        path = f"/v1/scholarships/{id_}/adjustments"
        self.ask(data, "credits", path, {"amount": money(amount)}, version=kept["version"])

    def _aiding(self, data: st.DataObject) -> Aiding:
        """A scholarship and what it is to cover; the account may be another one's, or less may be left of it."""
        id_ = self.pick(data, sorted(self.scholarships), "scholarship")
        if data.draw(st.booleans(), label="half of it"):
            return Aiding(id_, rate=data.draw(st.sampled_from((3_333, 5_000, 10_000)), label="rate"))
        return Aiding(id_, amount=self.amount_up_to(data, self.scholarships[id_]["left"]))
