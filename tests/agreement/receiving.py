"""Steps of the till: payments, held cheques, upcoming payments (PAY-5, PAY-7)."""

from typing import Any

from hypothesis import strategies as st

from payments.schedules.domain.schedule import Schedule
from tests.agreement.school import money
from tests.agreement.stage import Stage, action
from tests.memory.asking import Answer

METHODS = ("cash", "cheque", "transfer", "card")


def _something_due(self: "Receiving") -> bool:
    return any(_due(schedule) for schedule in self.schedules.values())


def _due(schedule: Schedule) -> int:
    return schedule.planned + schedule.unscheduled


class Receiving(Stage):
    """Staff receives money and arranges what is to come."""

    @action(when=lambda self: self.schedules)
    def record_payment(self, data: st.DataObject) -> None:
        schedule = self.a_schedule(data)
        instalment = self.an_instalment(data, schedule) if data.draw(st.booleans(), label="named") else None
        amount = self.amount_up_to(data, schedule.instalment(instalment).amount if instalment else _due(schedule))
        method = data.draw(st.sampled_from(METHODS), label="method")
        meant = data.draw(st.booleans(), label="meant")
        body = {"amount": money(amount), "method": method, "instalment": instalment, "overpayment_confirmed": meant}
        if self.post(data, schedule, "payments", body).ok:
            self.till.received += amount

    @action(when=_something_due)
    def pay_all(self, data: st.DataObject) -> None:
        """What makes a contract fully paid, where nothing is being attempted."""
        schedule = self.pick(data, [each for each in self.schedules.values() if _due(each)], "schedule")
        if self.post(data, schedule, "payments", {"amount": money(_due(schedule)), "method": "transfer"}).ok:
            self.till.received += _due(schedule)

    @action(when=_something_due)
    def hold_cheques(self, data: st.DataObject) -> None:
        schedule = self.pick(data, [each for each in self.schedules.values() if _due(each)], "schedule")
        days = data.draw(st.lists(st.integers(0, 90), min_size=1, max_size=2), label="days")
        cheques = [
            {
                "due": self.day(offset),
                "amount": money(self.amount_up_to(data, max(1, _due(schedule) // len(days)), beyond=False)),
                "bank": "Banque du Nord",
                "holder": "Alix",
            }
            for offset in days
        ]
        self.post(data, schedule, "cheques", {"cheques": cheques})

    @action(when=lambda self: self.with_instalments)
    def change_upcoming(self, data: st.DataObject) -> None:
        schedule = self.pick(data, self.with_instalments, "schedule")
        instalment = self.an_instalment(data, schedule)
        body: dict[str, Any] = {}
        what = data.draw(st.sets(st.sampled_from(("amount", "due", "method")), min_size=1), label="what")
        if "amount" in what:
            body["amount"] = money(self.amount_up_to(data, schedule.instalment(instalment or "").amount))
        if "due" in what:
            body["due"] = self.day(data.draw(st.integers(-2, 120), label="days"))
        if "method" in what:
            body["method"] = data.draw(st.sampled_from(METHODS), label="method")
        self.post(data, schedule, f"instalments/{instalment}/changes", body)

    @action(when=lambda self: self.with_instalments)
    def cancel_upcoming(self, data: st.DataObject) -> None:
        schedule = self.pick(data, self.with_instalments, "schedule")
        self.post(data, schedule, f"instalments/{self.an_instalment(data, schedule)}/cancellation")

    @action(when=lambda self: any(each.unscheduled for each in self.schedules.values()))
    def plan_unscheduled(self, data: st.DataObject) -> None:
        schedule = self.pick(data, [each for each in self.schedules.values() if each.unscheduled], "schedule")
        count, days = data.draw(st.integers(1, 3), label="count"), data.draw(st.integers(0, 60), label="days")
        self.post(data, schedule, "planning", {"count": count, "first_due": self.day(days)})

    def day(self, offset: int) -> str:
        """A day, counted from that of payments."""
        return self.school.today(offset).isoformat()

    @property
    def with_instalments(self) -> list[Schedule]:
        """The schedules of which something is planned."""
        return [each for each in self.schedules.values() if each.instalments]

    def a_schedule(self, data: st.DataObject) -> Schedule:
        """One of the schedules."""
        schedule: Schedule = self.pick(data, self.schedules.values(), "schedule")
        return schedule

    def an_instalment(self, data: st.DataObject, schedule: Schedule) -> str | None:
        """One of its instalments, where it has some."""
        ids = [each.id for each in schedule.instalments]
        found: str | None = self.pick(data, ids, "instalment") if ids else None
        return found

    def post(
        self, data: st.DataObject, schedule: Schedule, what: str, body: Any = None, *, waits: bool = False
    ) -> Answer:
        """The answer to something that is asked of a schedule as it was seen."""
        path = f"/v1/schedules/{schedule.id}/{what}"
        return self.ask(data, "payments", path, body, version=schedule.version, waits=waits)
