"""What pages of changes make of a preview and of what was chosen."""

from backoffice.changes import cancelling, previews
from backoffice.changes.basket import Basket
from tests.backoffice.subjects import changes as given
from tests.backoffice.subjects import contracts

LINES = given.ADDITION["lines"]["before"]


def test_a_discount_with_nothing_left_to_reduce_is_not_placed_again() -> None:
    (discount,) = cancelling.discounts_on(contracts.CONTRACT_VIEW, {contracts.BALLET})
    assert cancelling.stay(discount, {contracts.BALLET})
    assert not cancelling.stay(discount, {contracts.BALLET, contracts.TAP})


def test_the_schedule_is_shown_before_and_after_date_by_date() -> None:
    rows = previews.rows(given.ADDITION["schedule"])
    assert [(row.kind, row.due, row.moved) for row in rows] == [
        ("paid", None, False),
        ("due", "2027-10-05", False),
        ("due", "2027-11-05", True),
        ("due", "2027-12-05", True),
    ]
    gone = previews.rows(given.END["schedule"])
    assert [(row.due, row.after) for row in gone if row.kind == "due"] == [
        ("2027-10-05", None),
        ("2027-11-05", None),
        ("2027-12-05", None),
    ]
    assert gone[-1].kind == "refund_due"


def test_lines_of_a_preview_say_what_the_change_does_to_them() -> None:
    changes = [(each.line["name"], each.change) for each in previews.lines(given.ADDITION["lines"])]
    assert changes[-1] == ("Stage de claquettes", "added")
    assert {change for _, change in changes[:-1]} == {""}
    assert "Justaucorps" not in dict(changes)


def test_a_basket_that_was_changed_by_hand_is_empty() -> None:
    for text in (
        "",
        "{",
        "[1]",
        '[{"part": "add", "body": {}, "name": "x", "price": 3}]',
        '[{"part": "cancel", "body": {}, "name": "x"}]',
        '[{"name": "x"}]',
    ):
        assert Basket.read(text).items == ()
