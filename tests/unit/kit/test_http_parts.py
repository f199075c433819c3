"""A part of an event as a question and as a request body: what one asks, the other reads, and a field is said once."""

import json
from datetime import date
from typing import Any

import pytest
from pydantic import Field, ValidationError

from carnet.events.base import Part
from carnet.events.contracts import ContractTerms, DatedCharge
from carnet.http import Body
from carnet.http.parts import asked_of, part_of, with_fields_of
from carnet.ids import Id, new_id
from carnet.money import Amount, PositiveAmount
from carnet.refusals import Refusal
from payments.schedules.api.previews import ChangeBody, TermsBody


class Fee(Part):
    """A part in a list."""

    line: Id
    amount: PositiveAmount
    due: date
    waived: bool = False


class Agreed(Part):
    """A part of an event."""

    total: Amount
    """What it comes to,
    in ``minor units``."""
    lines: int
    version: int
    deposit: Amount = 0
    fees: tuple[Fee, ...] = ()


@with_fields_of(Fee)
class FeeBody(Body):
    """A fee."""


@with_fields_of(
    Agreed,
    without={"version"},
    nested={"fees": FeeBody},
    bounds={"lines": Field(ge=0, le=10), "fees": Field(max_length=2)},
)
class AgreedBody(Body):
    """What is agreed."""

    def agreed(self) -> Agreed:
        """What it asks, as the part of the event."""
        return part_of(self, Agreed, "EUR", version=3)


LINE, DAY = new_id(), date(2027, 2, 5)


def fee(**changed: Any) -> Fee:
    return Fee.model_validate({"line": LINE, "amount": 200, "due": DAY, **changed})


def read(asked: dict[str, Any]) -> Agreed:
    return AgreedBody.model_validate_json(json.dumps(asked), strict=True).agreed()


@pytest.mark.parametrize(
    "part",
    [
        Agreed(total=500, lines=2, version=3),
        Agreed(total=0, lines=0, version=3, deposit=100),
        Agreed(total=500, lines=2, version=3, fees=(fee(), fee(waived=True))),
    ],
)
def test_what_is_asked_is_read_as_it_was(part: Agreed) -> None:
    assert read(asked_of(part, "EUR", without={"version"})) == part


def test_a_question_leaves_out_what_is_as_by_default() -> None:
    money = {"amount": 500, "currency": "EUR"}
    assert asked_of(Agreed(total=500, lines=2, version=3), "EUR", without={"version"}) == {"total": money, "lines": 2}
    charged = asked_of(Agreed(total=500, lines=2, version=3, fees=(fee(),)), "EUR")
    assert charged["fees"] == [{"line": LINE, "amount": {"amount": 200, "currency": "EUR"}, "due": "2027-02-05"}]
    assert charged["version"] == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 3},
        {"lines": 11},
        {"total": 500},
        {"fees": [asked_of(fee(), "EUR")] * 3},
        {"fees": [{**asked_of(fee(), "EUR"), "other": 1}]},
    ],
)
def test_the_body_has_no_other_fields_and_its_bounds(wrong: dict[str, Any]) -> None:
    right = asked_of(Agreed(total=500, lines=2, version=3), "EUR", without={"version"})
    assert read(right).lines == 2
    with pytest.raises(ValidationError):
        read({**right, **wrong})


def test_mon_1_amounts_are_in_the_currency_of_the_organisation() -> None:
    with pytest.raises(Refusal, match="counts in EUR"):
        read(asked_of(Agreed(total=500, lines=2, version=3), "USD", without={"version"}))


def test_what_brings_nothing_is_left_out_of_a_list() -> None:
    nothing = {**asked_of(fee(), "EUR"), "amount": {"amount": 0, "currency": "EUR"}}
    agreed = {"total": {"amount": 500, "currency": "EUR"}, "lines": 2}
    assert read({**agreed, "fees": [nothing, asked_of(fee(), "EUR")]}).fees == (fee(),)


def test_a_body_is_described_as_its_part() -> None:
    assert AgreedBody.model_fields["total"].description == "What it comes to, in `minor units`."
    assert (AgreedBody.__name__, AgreedBody.__doc__) == ("AgreedBody", "What is agreed.")


def test_pay_2_the_previews_of_payments_take_all_terms_of_the_events() -> None:
    assert TermsBody.model_fields.keys() == ContractTerms.model_fields.keys() - {"version"}
    assert ChangeBody.model_fields.keys() == TermsBody.model_fields.keys() | {"contract_version", "effective_on"}
    charge = DatedCharge(line=LINE, amount=200, due=DAY, paused=True)
    terms = ContractTerms(total=500, live_lines=2, version=3, charges=(charge,), cards=50)
    asked = json.dumps(asked_of(terms, "EUR", without={"version"}))
    assert TermsBody.model_validate_json(asked, strict=True).terms("EUR", 3) == terms
