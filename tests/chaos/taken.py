"""What must be true of gift vouchers and session packs that two wanted at the same instant (CRE-9, CRE-10)."""

from collections import Counter, defaultdict
from typing import Any

from carnet_operations.verify.reading import Databases
from contracts.contracts.store import CONTRACTS
from credits.packs.store import PACK_ENTRIES, PACKS, SESSION_USES
from credits.store import COVERED_LINES, VOUCHERS
from tests.chaos.gifts import Doors, Entry, Redeemers


class Rights:
    """The documents of both, read back."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    async def were_redeemed_once(self, redeemers: Redeemers) -> None:
        """Of the two contracts that a voucher was presented for it covers a line of one; the other was not opened."""
        vouchers = {each["_id"]: each for each in await self._all("credits", VOUCHERS.name)}
        contracts = {each["_id"]: each for each in await self._all("contracts", CONTRACTS.name)}
        assert vouchers.keys() == redeemers.presented.keys()
        for id_, presented in redeemers.presented.items():
            voucher = vouchers[id_]
            assert voucher["standing"] == "redeemed", voucher
            won = voucher["covers"]["contract"]
            (lost,) = {*presented} - {won}
            (line,) = contracts[won]["lines"]
            assert (contracts[won].get("opening"), line["purchase"]["line"]) == (None, voucher["covers"]["line"])
            assert (contracts[lost]["opening"], contracts[lost]["lines"]) == ("refused", [])
        covered = {each["_id"]: each["voucher"] for each in await self._all("credits", COVERED_LINES.name)}
        assert covered == {voucher["covers"]["line"]: id_ for id_, voucher in vouchers.items()}
        published = Counter(row["type"].split(".")[2] for row in await self._all("credits", "journal"))
        assert published["VoucherRedeemed"] == published["VoucherRedemptionRefused"] == len(vouchers)

    async def were_taken_once(self, doors: Doors) -> None:
        """One door of two got the last session of each pack: it got the use that there is, the other the reason."""
        uses = await self._all("credits", SESSION_USES.name)
        left = {each["_id"]: each["left"] for each in await self._all("credits", PACKS.name)}
        moved = defaultdict[str, list[int]](list)
        for entry in await self._all("credits", PACK_ENTRIES.name):
            moved[entry["pack"]].append(entry["sessions"])
        answers = defaultdict[str, list[Entry]](list)
        for answer in doors.entries:
            answers[answer.pack].append(answer)
        assert left == dict.fromkeys(answers, 0)
        assert {pack: sorted(movements) for pack, movements in moved.items()} == {pack: [-1, 1] for pack in answers}
        assert {use["pack"]: use["_id"] for use in uses} == {
            each.pack: each.use for each in doors.entries if each.use is not None
        }
        assert len(uses) == len(answers)
        for pack, (one, other) in answers.items():
            assert {one.why, other.why} == {None, "pack-used-up"}, (pack, one, other)

    async def _all(self, service: str, name: str) -> list[dict[str, Any]]:
        return await self._databases[service][name].find().to_list(None)
