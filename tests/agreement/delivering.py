"""Steps of the wire: events travel late, in any order between aggregates, twice, in batches cut anywhere."""

from hypothesis import strategies as st

from tests.agreement.stage import Stage, action


class Delivering(Stage):
    """Events travel."""

    @action(weight=2)
    def relay(self, data: st.DataObject) -> None:
        service = self.pick(data, self.suite.services, "service")
        self.suite.relay(service, twice=data.draw(st.sampled_from((0, 0, 0, 1, 3)), label="twice"))

    @action(weight=2)
    def relay_all(self, _: st.DataObject) -> None:
        for service in self.suite.services:
            self.suite.relay(service)

    @action(weight=6, when=lambda self: self.suite.waiting())
    def deliver(self, data: st.DataObject) -> None:
        service, topic = self.pick(data, self.suite.waiting(), "to")
        lanes = self.suite.bus.unread(service, topic)
        chosen = data.draw(st.lists(st.sampled_from(lanes), unique=True, min_size=1, max_size=4), label="lanes")
        parts = {lane: data.draw(st.integers(1, 8), label="records") for lane in chosen}
        order = data.draw(st.lists(st.integers(0, len(chosen) - 1), max_size=6), label="order")
        self.work(data, service, lambda: self.suite.delivered(service, parts, order))

    @action(when=lambda self: self.suite.bus.read)
    def deliver_again(self, data: st.DataObject) -> None:
        service, lane = self.pick(data, self.suite.bus.read, "lane")
        self.suite.bus.rewind(service, lane, data.draw(st.integers(1, 6), label="records"))

    @action()
    def move_clock(self, data: st.DataObject) -> None:
        self.school.move_clock(data.draw(st.sampled_from((1, 3, 7, 31)), label="days"))
