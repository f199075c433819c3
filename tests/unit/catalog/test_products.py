"""A product from draft to archive (CAT-1 to 5)."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from carnet.decisions import Actor, Context, Decision
from carnet.ids import new_id
from carnet.refusals import Refusal
from catalog.domain.fields import WriteProduct
from catalog.domain.products import Product, archive_product, draft_product, edit_product, put_on_sale, targets

ORGANISATION = new_id()
CONTEXT = Context(datetime(2027, 1, 10, tzinfo=UTC), date(2027, 1, 10), Actor("user", "u1"), new_id(), new_id)
TERM = {"name": "A term", "tariffs": [{"name": "Full", "price": 30_000}, {"name": "Reduced", "price": 25_000}]}
COURSE: dict[str, Any] = {
    "name": "Modern’ jazz",
    "description": "Barre et centre",
    "vat_rate": 2_000,
    "participant": True,
    "formats": [TERM],
    "details": {
        "kind": "course",
        "occurrences": [{"on": "2027-01-12", "starts": "18:00", "ends": "19:30"}],
        "capacity": 12,
    },
}
DISCOUNT = COURSE | {"participant": False, "formats": [], "details": {"kind": "discount", "rate": 1_000}}
SUBSCRIPTION: dict[str, Any] = {"kind": "subscription", "unit": "week", "every": 1, "minimum": 2}
PLAN: dict[str, Any] = {"kind": "online_plan", "courses": ["solfege-1"]}
DETAILS: list[dict[str, Any]] = [
    COURSE["details"],
    {"kind": "workshop", "capacity": 30},
    {"kind": "licence", "federation": "FFD", "valid_until": "2027-08-31"},
    {"kind": "membership", "months": 12},
    {"kind": "client_credit", "value": 5_000},
    {"kind": "item", "reference": "T-12"},
    {"kind": "online_plan", "courses": ["solfege-1"], "months": 12},
]


def written(base: dict[str, Any] = COURSE, **changes: Any) -> WriteProduct:
    return WriteProduct.model_validate(base | changes)


def drafted(command: WriteProduct, *loaded: Product) -> Decision[Product]:
    return draft_product(command, {each.id: each for each in loaded}, new_id(), ORGANISATION, CONTEXT)


def product(base: dict[str, Any] = COURSE, **changes: Any) -> Product:
    return drafted(written(base, **changes)).state


def refusal(decide: Any, *arguments: Any) -> tuple[str, str | None]:
    with pytest.raises(Refusal) as refused:
        decide(*arguments)
    return refused.value.slug, refused.value.rule


@pytest.mark.parametrize("details", DETAILS, ids=lambda details: str(details["kind"]))
def test_every_kind_is_drafted_put_on_sale_and_archived_and_published_whole_each_time(details: dict[str, Any]) -> None:
    decision = drafted(written(participant=details["kind"] == "online_plan", details=details))
    on_sale = put_on_sale(decision.state)
    archived = archive_product(on_sale.state)

    published = [step.events[0].model_dump(mode="json") for step in (decision, on_sale, archived)]
    assert [each["status"] for each in published] == ["draft", "on_sale", "archived"]
    assert {each["product"] for each in published} == {decision.state.id}
    assert all(details.items() <= each["details"].items() for each in published)
    assert [tariff["price"] for tariff in published[0]["formats"][0]["tariffs"]] == [30_000, 25_000]


@pytest.mark.parametrize("worth", [{"rate": 1_000}, {"amount": 2_500}])
def test_a_discount_needs_no_format_to_go_on_sale(worth: dict[str, int]) -> None:
    discount = product(DISCOUNT, details={"kind": "discount", "kinds": ["course"], **worth})
    assert put_on_sale(discount).state.status == "on_sale"


def test_a_product_needs_a_format_and_each_format_a_tariff_before_it_goes_on_sale() -> None:
    assert refusal(put_on_sale, product(formats=[])) == ("product-has-no-format", "CAT-2")
    bare = product(formats=[TERM, {"name": "A year", "tariffs": []}])
    assert refusal(put_on_sale, bare) == ("format-has-no-tariff", "CAT-2")


def test_the_ways_are_draft_on_sale_archived_and_no_other() -> None:
    on_sale = put_on_sale(product()).state
    archived = archive_product(on_sale).state

    assert archive_product(product()).state.status == "archived"
    assert refusal(put_on_sale, on_sale) == ("product-on-sale", "CAT-5")
    assert refusal(put_on_sale, archived) == ("product-archived", "CAT-5")
    assert refusal(archive_product, archived) == ("product-archived", "CAT-5")
    assert refusal(edit_product, archived, written(), {}, CONTEXT) == ("product-archived", "CAT-5")


def test_what_is_on_sale_is_still_edited_and_stays_saleable() -> None:
    on_sale = put_on_sale(product()).state
    dearer = edit_product(on_sale, written(name="Jazz"), {}, CONTEXT)

    assert (dearer.state.name, dearer.state.status, len(dearer.events)) == ("Jazz", "on_sale", 1)
    assert refusal(edit_product, on_sale, written(formats=[]), {}, CONTEXT) == ("product-has-no-format", "CAT-2")
    assert edit_product(product(), written(formats=[]), {}, CONTEXT).state.formats == ()


def test_formats_and_tariffs_keep_their_ids_when_edited_and_new_ones_get_their_own() -> None:
    before = product()
    [term] = before.formats
    edited = {
        "id": term.id,
        "name": "Two terms",
        "tariffs": [{"id": term.tariffs[0].id, "name": "Full", "price": 50_000}, {"name": "Resident", "price": 1}],
    }
    after = edit_product(before, written(formats=[edited, TERM]), {}, CONTEXT).state

    assert (after.formats[0].id, after.formats[0].name) == (term.id, "Two terms")
    assert after.formats[0].tariffs[0].id == term.tariffs[0].id
    assert after.formats[0].tariffs[0].price == 50_000
    ids = [form.id for form in after.formats] + [each.id for form in after.formats for each in form.tariffs]
    assert len(set(ids)) == len(ids) == 6


def test_writing_the_same_again_publishes_nothing() -> None:
    before = product()
    same = written(formats=[each.model_dump() for each in before.formats])
    assert edit_product(before, same, {}, CONTEXT).events == ()


def test_ids_of_formats_and_tariffs_that_the_product_does_not_have_are_refused() -> None:
    elsewhere = product()
    format_id, tariff_id = elsewhere.formats[0].id, elsewhere.formats[0].tariffs[0].id
    before = product()
    foreign_format = written(formats=[TERM | {"id": format_id}])
    foreign_tariff = written(
        formats=[{"id": before.formats[0].id, "name": "A", "tariffs": [{"id": tariff_id, "name": "Full", "price": 1}]}]
    )
    assert refusal(edit_product, before, foreign_format, {}, CONTEXT) == ("unknown-format", "CAT-2")
    assert refusal(edit_product, before, foreign_tariff, {}, CONTEXT) == ("unknown-tariff", "CAT-2")
    assert refusal(drafted, foreign_format) == ("unknown-format", "CAT-2")


def test_the_kind_never_changes() -> None:
    other = written(details={"kind": "workshop"})
    assert refusal(edit_product, product(), other, {}, CONTEXT) == ("kind-is-for-ever", "CAT-1")


def test_a_discount_names_the_products_that_it_applies_to() -> None:
    course = product()
    command = written(DISCOUNT, details={"kind": "discount", "rate": 500, "products": [course.id]})

    assert targets(command) == (course.id,)
    assert drafted(command, course).state.details.model_dump()["products"] == (course.id,)
    assert refusal(drafted, command) == ("unknown-product", "ORG-1")


def test_only_a_discount_has_targets() -> None:
    assert targets(written()) == ()


def test_a_discount_never_applies_to_a_discount() -> None:
    other = product(DISCOUNT)
    by_product = written(DISCOUNT, details={"kind": "discount", "rate": 500, "products": [other.id]})
    by_kind = written(DISCOUNT, details={"kind": "discount", "rate": 500, "kinds": ["discount"]})

    assert refusal(drafted, by_product, other) == ("discount-on-discount", "CON-7")
    assert refusal(drafted, by_kind) == ("discount-on-discount", "CON-7")


@pytest.mark.parametrize(
    ("base", "changes", "slug"),
    [
        (DISCOUNT, {"formats": [TERM]}, "discount-has-no-format"),
        (DISCOUNT, {"details": {"kind": "discount"}}, "discount-rate-or-amount"),
        (DISCOUNT, {"details": {"kind": "discount", "rate": 1, "amount": 1}}, "discount-rate-or-amount"),
        (DISCOUNT, {"details": {"kind": "discount", "rate": 1, "kinds": ["course", "course"]}}, "same-twice"),
        (DISCOUNT, {"participant": True}, "product-is-for-nobody"),
        (COURSE, {"details": {"kind": "client_credit", "value": 1}}, "product-is-for-nobody"),
        (
            COURSE,
            {"details": {"kind": "membership", "months": 1, "valid_until": "2027-01-01"}},
            "membership-until-or-months",
        ),
        (COURSE, {"details": {"kind": "session_pack", "days": 30, "months": 1}}, "pack-validity-twice"),
        (COURSE, {"details": {"kind": "session_pack", "starts": "first_use"}}, "pack-starts-without-period"),
        (COURSE, {"details": PLAN | {"months": 1, "valid_until": "2027-01-01"}}, "plan-until-or-months"),
        (COURSE, {"participant": False, "details": PLAN}, "plan-is-for-somebody"),
        (COURSE, {"details": SUBSCRIPTION | {"unit": "month", "every": 25}}, "period-too-long"),
        (COURSE, {"details": SUBSCRIPTION | {"unit": "year", "every": 6}}, "period-too-long"),
        (COURSE, {"details": PLAN | {"courses": ["a", "b", "a"]}}, "same-twice"),
        (COURSE, {"formats": [TERM, TERM]}, "name-twice"),
        (COURSE, {"formats": [TERM | {"tariffs": TERM["tariffs"][:1] * 2}]}, "name-twice"),
        (
            COURSE,
            {"details": {"kind": "course", "occurrences": [{"on": "2027-01-12", "starts": "18:00", "ends": "18:00"}]}},
            "occurrence-ends-before-it-starts",
        ),
        (
            COURSE,
            {
                "details": {
                    "kind": "course",
                    "occurrences": [{"on": "2027-01-12", "starts": "18:00", "ends": "19:00"}] * 2,
                }
            },
            "same-twice",
        ),
    ],
)
def test_what_no_product_can_be_is_refused_when_drafted_and_when_edited(
    base: dict[str, Any], changes: dict[str, Any], slug: str
) -> None:
    command = written(base, **changes)
    assert refusal(drafted, command)[0] == slug
    kind = command.details.kind
    before = product(base, participant=kind == "online_plan", details=_plain(kind))
    assert refusal(edit_product, before, command, {}, CONTEXT)[0] == slug


def _plain(kind: str) -> dict[str, Any]:
    own = {
        "discount": {"rate": 1},
        "client_credit": {"value": 1},
        "online_plan": {"courses": ["a"]},
        "subscription": {"unit": "week"},
    }
    return {"kind": kind, **own.get(kind, {})}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("name", None),
        ("vat_rate", 10_001),
        ("vat_rate", -1),
        ("vat_rate", 20.0),
        ("participant", "yes"),
        ("formats", [{"name": "A", "tariffs": [{"name": "Full", "price": -1}]}]),
        ("formats", [{"name": "A", "tariffs": [{"name": "Full", "price": 10**12 + 1}]}]),
        ("formats", [{"name": "A", "tariffs": [{"name": "Full", "price": 1.0}]}]),
        ("formats", [{"name": "A", "tariffs": [{"name": "Full", "price": True}]}]),
        ("formats", [{"name": "A", "colour": "red"}]),
        ("formats", [TERM] * 21),
        ("details", {"kind": "yacht"}),
        ("details", {}),
        ("details", {"kind": "course", "capacity": 0}),
        ("details", {"kind": "course", "rate": 100}),
        ("details", {"kind": "course", "occurrences": [{"on": "2027-02-30", "starts": "18:00", "ends": "19:00"}]}),
        ("details", {"kind": "course", "occurrences": [{"on": 20270228, "starts": "18:00", "ends": "19:00"}]}),
        ("details", {"kind": "course", "occurrences": [{"on": "2027-02-03", "starts": "24:00", "ends": "25:00"}]}),
        ("details", {"kind": "licence", "valid_until": "9999-12-31"}),
        ("details", {"kind": "membership", "months": 0}),
        ("details", {"kind": "discount", "rate": 0}),
        ("details", {"kind": "discount", "amount": 0}),
        ("details", {"kind": "client_credit", "value": 0}),
        ("details", {"kind": "client_credit"}),
        ("details", {"kind": "online_plan", "courses": []}),
        ("details", {"kind": "online_plan", "courses": ["two words"]}),
        ("details", {"kind": "online_plan", "courses": ["a"] * 21}),
        ("details", PLAN | {"settings": {"lessons": 0}}),
        ("details", PLAN | {"settings": {"release": {"lessons": 2}}}),
        ("details", PLAN | {"settings": {"exercises": "never"}}),
        ("details", PLAN | {"settings": {"language": "French"}}),
        ("status", "on_sale"),
    ],
)
def test_fields_outside_their_limits_are_refused_naming_the_field(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        written(**{field: value})
    assert refused.value.errors()[0]["loc"][0] == field


def test_it_is_found_by_the_words_of_its_name_formats_reference_and_description() -> None:
    costume = product(participant=False, details={"kind": "item", "reference": "T-12"})
    assert {"modern", "jazz", "a", "term", "barre", "et", "centre", "t", "12"} == set(costume.words)
    assert product(name="Éveil à la danse").sort_name == "eveil a la danse"


def test_the_largest_product_fits_in_an_event() -> None:
    wide = "𝄞"  # four bytes in UTF-8
    formats = [
        {
            "name": f"{i:02}" + wide * 78,
            "tariffs": [{"name": f"{j:02}" + wide * 78, "price": 10**12} for j in range(20)],
        }
        for i in range(20)
    ]
    occurrences = [
        {"on": f"2027-{1 + i // 28 % 12:02}-{1 + i % 28:02}", "starts": f"{10 + i // 336}:00", "ends": "19:30"}
        for i in range(400)
    ]
    largest = drafted(
        written(
            name=wide * 120,
            description=wide * 2_000,
            formats=formats,
            details={"kind": "course", "occurrences": occurrences, "capacity": 100_000},
        )
    )
    assert len(orjson.dumps(largest.events[0].model_dump(mode="json"))) < 256 * 1024


@given(st.permutations(["edit", "sale", "archive", "sale", "edit"]))
def test_whatever_is_tried_the_status_only_goes_forward_and_what_is_sold_has_a_price(steps: list[str]) -> None:
    order = ["draft", "on_sale", "archived"]
    present = product(formats=[])
    moves = {
        "edit": lambda: edit_product(present, written(), {}, CONTEXT),
        "sale": lambda: put_on_sale(present),
        "archive": lambda: archive_product(present),
    }
    for step in steps:
        before = present
        try:
            present = moves[step]().state
        except Refusal:
            continue
        assert order.index(present.status) >= order.index(before.status)
        if present.status == "on_sale":
            assert present.formats
            assert all(each.tariffs for each in present.formats)


def test_an_edit_keeps_the_fields_of_a_newer_release() -> None:
    details = {**DISCOUNT["details"], "newer": 2}
    newer = Product.model_validate({**product(DISCOUNT).model_dump(), "newer": 1, "details": details})
    after = edit_product(newer, written(DISCOUNT, name="Less"), {}, CONTEXT).state.model_dump()
    assert (after["name"], after["newer"], after["details"]["newer"]) == ("Less", 1, 2)


def test_an_edit_keeps_the_fields_of_a_newer_release_in_formats_and_tariffs() -> None:
    course = product().model_dump()
    (term,) = course["formats"]
    full, reduced = term["tariffs"]
    formats = [{**term, "newer": 3, "tariffs": [{**full, "newer": 4}, reduced]}]
    sold = Product.model_validate({**course, "formats": formats})
    tariffs = [reduced, {**full, "price": 1}, {"name": "New", "price": 2}]
    again = written(formats=[{"id": term["id"], "name": "A year", "tariffs": tariffs}])
    (format_,) = edit_product(sold, again, {}, CONTEXT).state.model_dump()["formats"]
    assert (format_["name"], format_["newer"]) == ("A year", 3)
    assert [tariff.get("newer") for tariff in format_["tariffs"]] == [None, 4, None]
