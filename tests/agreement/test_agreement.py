"""The oracle of the balance: whatever is done, and however its events travel, contracts, payments and credits
agree to the unit.

Hypothesis plays the desk, the till, the wire and every failure, on the services' real APIs, decisions and reactions.
``make prove`` plays thousands, each time others; the run of all tests plays the same few.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from tests.agreement import mirror, quiet, states
from tests.agreement.accessing import Accessing
from tests.agreement.aiding import Aided
from tests.agreement.attending import Attending
from tests.agreement.banking import Banking
from tests.agreement.collecting import Collecting
from tests.agreement.crediting import Crediting
from tests.agreement.delivering import Delivering
from tests.agreement.refunding import Refunding
from tests.agreement.stage import action
from tests.agreement.subscribing import Subscribing

BEGINNINGS = st.sampled_from(
    (
        ["course"],
        ["course", "credit"],
        ["workshop", "course"],
        ["credit", "bonus"],
        ["voucher", "voucher"],
        ["card"],
        ["pack"],
    )
)
EXAMPLES = int(os.environ.get("CARNET_PROVE", "0"))


class Agreement(Aided, Subscribing, Accessing, Banking, Collecting, Refunding, Crediting, Attending, Delivering):
    """Everything that can happen, with what must hold after each step and when all is handled."""

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """The school has sold something, and every service knows it."""
        self.leave_out(data)
        for products in data.draw(st.lists(BEGINNINGS, min_size=2, max_size=3), label="sold to begin with"):
            self.open(data, products)
        for _ in self.with_few_methods:
            if data.draw(st.integers(0, 3), label="has a payment method"):
                self.add_method(data)
        self.suite.settle()

    @invariant()
    def everything_fits_within_each_service(self) -> None:
        with self.proving():
            self.listener.listen()
            self.follow_answers()
            states.check(self.suite, self.contracts)

    @action(weight=2, when=lambda self: self.contracts)
    def settle(self, _: object = None) -> None:
        """Everything published is handled."""
        with self.proving():
            self.suite.settle()
            self.listener.listen()
            self.follow_answers()
            quiet.check(self.suite, self.contracts, self.listener, self.pack_books)
            self.check_charges()

    @action(when=lambda self: self.contracts)
    def come_to_rest(self, _: object = None) -> None:
        """Every order is seen to its end as well."""
        with self.proving():
            self.see_to_the_end()
            self.bill_all()
        self.settle()
        with self.proving():
            self.see_to_all_access()
        self.everything_fits_within_each_service()
        self.settle()
        with self.proving():
            quiet.check_at_rest(self.suite, self.till, self.bank)

    def teardown(self) -> None:
        """However it ends, all is handled at last."""
        try:
            if not self.broken:
                self.come_to_rest()
                self.everything_fits_within_each_service()
                with self.proving():
                    mirror.check(self.suite, self.school.today())
        finally:
            super().teardown()


Agreement.TestCase.settings = settings(
    max_examples=EXAMPLES or 100,
    stateful_step_count=60 if EXAMPLES else 40,
    derandomize=not EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAgreement = Agreement.TestCase
TestAgreement.pytestmark = [pytest.mark.timeout(0)] if EXAMPLES else []
