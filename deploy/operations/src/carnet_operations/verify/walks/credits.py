"""What credits keeps: credits, vouchers, gift cards, packs, scholarships."""

from carnet_operations.verify.books import booked
from carnet_operations.verify.credits import balances, packs, scholarships, sending, vouchers
from carnet_operations.verify.informed import mails
from carnet_operations.verify.reading import Side
from carnet_operations.verify.schedules import stated
from carnet_operations.verify.walks.walking import Walk, only

_ANSWERED = (
    "refused_uses",
    "refused_removals",
    "postponed_grants",
    "refused_redemptions",
    "refused_voucher_removals",
    "refused_pack_removals",
    "refused_scholarship_uses",
)
"""What credits keeps of the answers that move nothing."""

_SOME = {"$type": "string"}


class CreditsWalk(Walk):
    """Everything that has a value and belongs to a family."""

    async def go(self) -> None:
        """Check all of it."""
        streams = {
            "journal": self.journal("credits"),
            "credits": self.kept("credits", "credits"),
            "entries": self.kept("credits", "entries", "credit", then="version"),
            "known": self.kept("payments", "known_credits"),
            "moves": self.kept("payments", "credit_moves", "credit"),
            "refused uses": self.kept("credits", "refused_uses"),
            "refused removals": self.kept("credits", "refused_removals"),
            "postponed grants": self.kept("credits", "postponed_grants"),
            **self.mails(mails.ABOUT_CREDITS),
            "vouchers": self.kept("credits", "vouchers"),
            "codes": self.kept("credits", "codes", "voucher"),
            "covered lines": self.kept("credits", "covered_lines", "voucher"),
            "refused redemptions": self.kept("credits", "refused_redemptions"),
            "refused voucher removals": self.kept("credits", "refused_voucher_removals"),
            "refused pack removals": self.kept("credits", "refused_pack_removals"),
            "packs": self.kept("credits", "packs"),
            "session uses": self.kept("credits", "session_uses", "pack"),
            "pack entries": self.kept("credits", "pack_entries", "pack", then="version"),
            "refused scholarship uses": self.kept("credits", "refused_scholarship_uses"),
            "funds": self.kept("credits", "scholarship_funds"),
            "of fund": self.kept("credits", "scholarships", "fund"),
            "scholarships": self.kept("credits", "scholarships"),
            "scholarship uses": self.kept("credits", "scholarship_uses", "scholarship"),
            "pack reminders": self.kept("credits", "pack_reminders"),
            "pack reminder settings": self.kept("credits", "pack_reminder_settings"),
            **self.marks("credits.credits"),
        }
        await self.walk(streams, self._of_credits)

    def _of_credits(self, aggregate: str, side: Side) -> None:
        rows, credit = side["journal"], only(side["credits"])
        voucher, pack = only(side["vouchers"]), only(side["packs"])
        fund, scholarship = only(side["funds"]), only(side["scholarships"])
        answers = {name: found for name in _ANSWERED if (found := only(side[name.replace("_", " ")])) is not None}
        reminder = only(side["pack reminders"])
        others = (voucher, pack, fund, scholarship, reminder, only(side["pack reminder settings"]), *answers.values())
        state = credit or next((each for each in others if each is not None), None)
        self.common("credits", aggregate, rows, state, side)
        for name, answer in answers.items():
            balances.check_refused(name, answer, rows, self.report)
        if voucher is not None:
            codes = len(side["codes"])
            vouchers.check_voucher(rows, voucher, codes, side["covered lines"], self.report)
            sending.check_sending(f"credits.vouchers {aggregate}", rows, voucher, self.report)
        if pack is not None:
            packs.check_pack(rows, pack, side["pack entries"], self.report)
            packs.check_uses(rows, pack, side["session uses"], self.report)
        if reminder is not None:
            packs.check_reminder(rows, reminder, self.report)
        if fund is not None:
            scholarships.check_fund(rows, fund, side["of fund"], self.report)
        if scholarship is not None:
            scholarships.check_scholarship(rows, scholarship, side["scholarship uses"], self.report)
        booked.check_moves(aggregate, rows, side["moves"], self.report)
        stated.check_deposits(aggregate, rows, side["moves"], self.report)
        balances.check_known(aggregate, rows, only(side["known"]), self.report)
        if credit is not None:
            balances.check_credit(aggregate, rows, credit, side["entries"], self.report)
            balances.check_code(rows, credit, len(side["codes"]), self.report)
            sending.check_sending(f"credits.credits {aggregate}", rows, credit.get("card") or {}, self.report)
        elif side["entries"]:
            where = f"credits.entries {aggregate}"
            self.report.find("CRE-7", where, "the credit of these entries", expected="one", found=None)
        mails.check_beside(aggregate, rows, mails.mails_beside(side, mails.ABOUT_CREDITS), self.report)
