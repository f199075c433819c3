"""How many subscriptions one transaction bills (CON-21)."""

from contracts.subscriptions.billing import PERIODS_AT_ONCE, small_enough


def test_con_21_a_transaction_has_a_bounded_number_of_periods_and_one_contract_at_least() -> None:
    young = {f"young {number}": 2 for number in range(50)}
    assert small_enough(young) == list(young)
    half = PERIODS_AT_ONCE // 2
    assert small_enough({"a": half, "b": half, "c": 1}) == ["a", "b"]
    assert small_enough({"old": PERIODS_AT_ONCE + 1, "young": 1}) == ["old"]
    assert small_enough({}) == []
