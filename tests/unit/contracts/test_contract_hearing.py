"""Which of the events that payments publishes contracts handles: all that are about a schedule (CON-3, PAY-14)."""

from carnet.events import payments
from contracts.contracts.reactions import BALANCED, OTHERS, SCHEDULE_REACTIONS


def test_con_3_every_event_about_a_contract_is_handled_since_each_raises_the_version_of_its_schedule() -> None:
    about_contracts = {event for event in payments.EVENTS if "contract" in event.model_fields}
    about_contracts.remove(payments.InvoiceReady)  # in the sequence of its invoice
    assert set(SCHEDULE_REACTIONS.table) == about_contracts


def test_pay_14_every_event_that_carries_the_balance_gives_it() -> None:
    assert set(BALANCED) == {event for event in payments.EVENTS if "balance" in event.model_fields}
    assert not set(BALANCED) & set(OTHERS)
