"""Steps of session packs: sessions taken and given back at the door, packs adjusted by staff (CRE-10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from credits.packs.store import PACKS
from tests.agreement.stage import Stage, action


@dataclass
class PackBook:
    """What was done with a pack, as the door and the desk know it."""

    moved: int = 0
    """Sessions added and given back, less those taken and taken off."""
    uses: list[str] = field(default_factory=list)
    """The uses in force."""


class Attending(Stage):
    """Children come to the door, and staff counts again."""

    def __init__(self) -> None:
        super().__init__()
        self.pack_books: dict[str, PackBook] = {}

    @action(weight=3, when=lambda self: self.packs)
    def take_session(self, data: st.DataObject) -> None:
        """A child comes, today or for a session of another day, with any pack or with one of them."""
        pack = self.packs[self.pick(data, self.packs, "pack")]
        account = next(each for each in self.school.accounts if each.id == pack["account"])
        on = self.school.today() + timedelta(days=data.draw(st.sampled_from((0, 0, 9, -400)), label="day"))
        body = {"member": account.child, "on": on.isoformat()}
        if data.draw(st.booleans(), label="names the pack"):
            body["pack"] = pack["_id"]
        answer = self.ask(data, "credits", f"/v1/accounts/{account.id}/session-uses", body)
        if answer.ok:
            book = self.pack_books.setdefault(answer.body["pack"]["id"], PackBook())
            book.moved -= 1
            book.uses.append(answer.body["use"]["id"])

    @action(weight=2, when=lambda self: any(book.uses for book in self.pack_books.values()))
    def give_session_back(self, data: st.DataObject) -> None:
        book = self.pick(data, [book for book in self.pack_books.values() if book.uses], "pack")
        use = self.pick(data, book.uses, "use")
        if self.ask(data, "credits", f"/v1/session-uses/{use}/cancellation").ok:
            book.moved += 1
            book.uses.remove(use)

    @action(when=lambda self: self.packs)
    def adjust_pack(self, data: st.DataObject) -> None:
        pack = self.packs[self.pick(data, self.packs, "pack")]
        step = data.draw(st.sampled_from((1, -1)), label="step")
        body = {"sessions": step, "reason": "counted again"}
        path = f"/v1/session-packs/{pack['_id']}/adjustments"
        if self.ask(data, "credits", path, body, version=pack["version"]).ok:
            self.pack_books.setdefault(pack["_id"], PackBook()).moved += step

    @property
    def packs(self) -> Mapping[str, Any]:
        """The packs as they are kept."""
        found: Mapping[str, Any] = self.suite.services["credits"].database.documents(PACKS.name)
        return found
