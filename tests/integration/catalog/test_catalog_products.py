"""Products over HTTP, from draft to archive (CAT-1 to 5, ORG-1)."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import orjson
import pytest

from carnet.ids import new_id
from carnet_suite.servers import Servers
from tests.integration.catalog.conftest import COURSE, DISCOUNT, PROFILE, SCOPES, TERM, School
from tests.published import published
from tests.refused import problem, strangers

EUR_50 = {"amount": 5_000, "currency": "EUR"}
CREDIT = COURSE | {"name": "Credit", "participant": False, "details": {"kind": "client_credit", "value": EUR_50}}
KINDS: list[dict[str, Any]] = [
    COURSE
    | {
        "details": {
            "kind": "course",
            "capacity": 12,
            "occurrences": [{"on": "2027-01-12", "starts": "18:00", "ends": "19:30"}],
        }
    },
    COURSE | {"details": {"kind": "workshop", "capacity": 30, "occurrences": []}},
    COURSE | {"details": {"kind": "licence", "federation": "FFD", "valid_until": "2027-08-31"}},
    COURSE | {"details": {"kind": "membership", "months": 12, "valid_until": None}},
    COURSE
    | {
        "details": {
            "kind": "online_plan",
            "courses": ["solfege-1", "solfege-2"],
            "settings": {
                "lessons": 20,
                "release": {"lessons": 2, "every_days": 7},
                "deadlines": True,
                "exercises": "teacher",
                "checkpoints": True,
                "language": "fr",
            },
            "valid_until": None,
            "months": 12,
        }
    },
    COURSE | {"details": {"kind": "item", "reference": "T-12"}},
    CREDIT,
    DISCOUNT | {"details": {"kind": "discount", "rate": 1_000, "amount": None, "kinds": ["course"], "products": []}},
    DISCOUNT | {"details": {"kind": "discount", "rate": None, "amount": EUR_50, "kinds": [], "products": []}},
]


@pytest.mark.parametrize("body", KINDS, ids=lambda body: str(body["details"]["kind"]))
async def test_every_kind_is_drafted_sold_read_and_archived(school: School, body: dict[str, Any]) -> None:
    made = await school.post("/v1/products", body)
    path = f"/v1/products/{made.json()['id']}"
    sold = await school.post(f"{path}/put-on-sale", version=1)
    archived = await school.post(f"{path}/archive", version=2)
    shown = await school.get(path)

    assert (made.status_code, made.headers["etag"], made.headers["location"]) == (201, '"1"', path)
    assert made.json()["details"] == body["details"]
    assert [answer.json()["status"] for answer in (made, sold, archived)] == ["draft", "on_sale", "archived"]
    assert (shown.json(), shown.headers["etag"]) == (archived.json(), '"3"')


async def test_formats_and_tariffs_get_ids_and_keep_them(school: School) -> None:
    made = await school.makes()
    [term] = made["formats"]
    term["tariffs"][0]["price"]["amount"] = 35_000
    edited = await school.put(
        f"/v1/products/{made['id']}", COURSE | {"formats": [term, TERM | {"name": "A year"}]}, version=1
    )

    assert (edited.status_code, edited.headers["etag"]) == (200, '"2"')
    assert edited.json()["formats"][0] == term
    assert edited.json()["formats"][1]["id"] not in {term["id"], None}


async def test_what_is_on_sale_is_edited_but_never_left_without_a_price(school: School) -> None:
    sold = await school.sells()
    path = f"/v1/products/{sold['id']}"
    dearer = await school.put(path, COURSE | {"name": "Jazz II", "formats": sold["formats"]}, version=2)
    refused = await school.put(path, COURSE | {"formats": []}, version=3)

    assert (dearer.json()["status"], dearer.json()["name"]) == ("on_sale", "Jazz II")
    assert problem(refused, 409, "product-has-no-format")["params"] == {"product": sold["id"]}
    assert (await school.get(path)).json() == dearer.json()


async def test_archived_is_the_end(school: School) -> None:
    product = await school.makes()
    path = f"/v1/products/{product['id']}"
    await school.post(f"{path}/archive", version=1)

    problem(await school.put(path, COURSE, version=2), 409, "product-archived")
    problem(await school.post(f"{path}/put-on-sale", version=2), 409, "product-archived")
    problem(await school.post(f"{path}/archive", version=2), 409, "product-archived")


async def test_a_product_without_a_tariff_is_not_sold(school: School) -> None:
    bare = await school.makes(formats=[{"name": "A year"}])
    refused = await school.post(f"/v1/products/{bare['id']}/put-on-sale", version=1)
    assert problem(refused, 409, "format-has-no-tariff")["rule"] == "CAT-2"


async def test_a_discount_names_products_of_its_own_organisation(school: School) -> None:
    course = await school.makes()
    other = replace(school, organisation=new_id())
    await other.put("/v1/organisation", PROFILE)
    foreign = await other.makes()

    def aimed(*products: str) -> dict[str, Any]:
        return DISCOUNT | {"details": {"kind": "discount", "rate": 500, "products": list(products)}}

    assert (await school.post("/v1/products", aimed(course["id"]))).status_code == 201
    for unknown in (foreign["id"], new_id()):
        refused = problem(await school.post("/v1/products", aimed(course["id"], unknown)), 404, "unknown-product")
        assert refused["params"] == {"what": "product", "id": unknown}


async def test_an_edit_sent_twice_is_applied_once_and_a_stale_one_is_refused(school: School) -> None:
    product = await school.makes()
    path = f"/v1/products/{product['id']}/put-on-sale"
    first = await school.post(path, version=1, key="k-1")
    again = await school.post(path, version=1, key="k-1")
    stale = problem(await school.post(path, version=1, key="k-2"), 412, "version-moved")

    assert (again.status_code, again.text, again.headers["etag"]) == (200, first.text, '"2"')
    assert stale["params"] == {"expected": 1, "current": 2}


async def test_of_edits_at_once_on_one_version_one_is_accepted(school: School) -> None:
    product = await school.makes()
    path = f"/v1/products/{product['id']}"
    answers = await asyncio.gather(*(school.put(path, COURSE | {"name": f"N{i}"}, version=1) for i in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412, 412]


async def test_the_same_key_for_another_product_is_refused(school: School) -> None:
    await school.post("/v1/products", COURSE, key="k-1")
    problem(await school.post("/v1/products", COURSE | {"name": "Salsa"}, key="k-1"), 422, "idempotency-key-reused")
    assert len((await school.get("/v1/products")).json()["items"]) == 1


async def test_there_are_no_products_before_there_is_an_organisation(catalog: School) -> None:
    problem(await catalog.post("/v1/products", COURSE), 404, "unknown-organisation")
    problem(await catalog.get("/v1/products"), 404, "unknown-organisation")


@pytest.mark.parametrize(
    "route",
    [("GET", ""), ("PUT", ""), ("POST", "/put-on-sale"), ("POST", "/archive"), ("GET", "/journal")],
    ids=lambda route: f"{route[0]} {route[1]}",
)
async def test_a_foreign_id_answers_exactly_as_an_unknown_one(school: School, route: tuple[str, str]) -> None:
    method, suffix = route
    product = await school.makes()
    stranger = replace(school, organisation=new_id())
    await stranger.put("/v1/organisation", PROFILE)
    answers = []
    for product_id in (product["id"], new_id()):
        headers = stranger.staff | {"Idempotency-Key": new_id(), "If-Match": '"1"'}
        path = f"/v1/products/{product_id}{suffix}"
        body = None if method == "GET" else COURSE
        answer = await school.http.request(method, path, json=body, headers=headers)
        document = problem(answer, 404, "unknown-product")
        answers.append(orjson.dumps(document).decode().replace(product_id, "").replace(document["request"], ""))
    assert answers[0] == answers[1]
    problem(await school.http.request(method, f"/v1/products/7{suffix}", headers=headers), 422, "request-invalid")
    assert (await school.get(f"/v1/products/{product['id']}")).json() == product


def priced(**price: Any) -> dict[str, Any]:
    return {"formats": [{"name": "A", "tariffs": [{"name": "Full", "price": EUR_50 | price}]}]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "on_sale"}, "status"),
        ({"name": "  "}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"description": "x" * 2_001}, "description"),
        ({"vat_rate": 10_001}, "vat_rate"),
        ({"vat_rate": 20.0}, "vat_rate"),
        ({"vat_rate": "2000"}, "vat_rate"),
        ({"participant": 1}, "participant"),
        ({"formats": [TERM] * 21}, "formats"),
        (priced(amount=-1), "formats[0].tariffs[0].price.amount"),
        (priced(amount=1.5), "formats[0].tariffs[0].price.amount"),
        (priced(amount=10**12 + 1), "formats[0].tariffs[0].price.amount"),
        (priced(amount=10**400), "formats[0].tariffs[0].price.amount"),
        (priced(amount=True), "formats[0].tariffs[0].price.amount"),
        (priced(currency="euro"), "formats[0].tariffs[0].price.currency"),
        (priced(vat=1), "formats[0].tariffs[0].price.vat"),
        ({"details": {"kind": "yacht"}}, "details"),
        ({"details": {"kind": "course", "capacity": 0}}, "details.course.capacity"),
        ({"details": {"kind": "course", "colour": "red"}}, "details.course.colour"),
        ({"details": {"kind": "licence", "valid_until": "2027-02-30"}}, "details.licence.valid_until"),
        ({"details": {"kind": "licence", "valid_until": 1}}, "details.licence.valid_until"),
        ({"details": {"kind": "licence", "valid_until": "9999-01-01"}}, "details.licence.valid_until"),
        ({"details": {"kind": "membership", "months": 0}}, "details.membership.months"),
        ({"details": {"kind": "online_plan", "courses": ["a", "b c"]}}, "details.online_plan.courses[1]"),
        ({"details": {"kind": "discount", "rate": 0}}, "details.discount.rate"),
        ({"details": {"kind": "discount", "amount": EUR_50 | {"amount": 0}}}, "details.discount.amount.amount"),
        ({"details": {"kind": "discount", "rate": 1, "products": ["x"]}}, "details.discount.products[0]"),
        ({"details": {"kind": "client_credit", "value": EUR_50 | {"amount": 0}}}, "details.client_credit.value.amount"),
        ({"details": {"kind": "client_credit"}}, "details.client_credit.value"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_field_is_named_and_nothing_changes(school: School, changes: dict[str, Any], field: str) -> None:
    product = await school.makes()
    # The standard library writes an integer of any size; orjson stops at 64 bits.
    content = json.dumps(COURSE | changes)
    for method, path in (("POST", "/v1/products"), ("PUT", f"/v1/products/{product['id']}")):
        headers = school.staff | {"Idempotency-Key": new_id(), "If-Match": '"1"', "Content-Type": "application/json"}
        answer = await school.http.request(method, path, content=content, headers=headers)
        assert problem(answer, 422, "request-invalid")["errors"][0]["field"] == field
    assert await school.rows() == 2


@pytest.mark.parametrize(
    ("changes", "slug"),
    [
        (priced(currency="USD"), "other-currency"),
        ({"formats": [], "details": {"kind": "discount"}, "participant": False}, "discount-rate-or-amount"),
        (
            {"formats": [TERM], "details": {"kind": "discount", "rate": 1}, "participant": False},
            "discount-has-no-format",
        ),
        ({"details": {"kind": "client_credit", "value": EUR_50}}, "product-is-for-nobody"),
        ({"formats": [TERM, TERM]}, "name-twice"),
        ({"formats": [TERM | {"id": new_id()}]}, "unknown-format"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_no_product_can_be_is_refused(school: School, changes: dict[str, Any], slug: str) -> None:
    problem(await school.post("/v1/products", COURSE | changes), 422, slug)
    assert await school.rows() == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff", b"NaN", b'{"name": "\\ud800"}'])
async def test_a_body_that_is_no_product_is_refused(school: School, content: bytes) -> None:
    headers = school.staff | {"Idempotency-Key": new_id(), "Content-Type": "application/json"}
    answer = await school.http.post("/v1/products", content=content, headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.json()["type"] in {"urn:carnet:problem:not-json", "urn:carnet:problem:request-invalid"}
    assert await school.rows() == 1


@pytest.mark.parametrize(
    ("method", "suffix", "body", "staff_only"),
    [
        ("GET", None, None, False),
        ("POST", None, COURSE, True),
        ("GET", "", None, False),
        ("PUT", "", COURSE, True),
        ("POST", "/put-on-sale", None, True),
        ("POST", "/archive", None, True),
        ("GET", "/journal", None, True),
    ],
)
async def test_strangers_are_refused(
    school: School, method: str, suffix: str | None, body: Any, staff_only: bool
) -> None:
    product = await school.makes()
    path = "/v1/products" if suffix is None else f"/v1/products/{product['id']}{suffix}"
    for stranger in strangers(school.signer, school.organisation, SCOPES, staff_only=staff_only):
        headers = stranger.headers | {"Idempotency-Key": new_id(), "If-Match": '"1"'}
        refused = await school.http.request(method, path, json=body, headers=headers)
        problem(refused, stranger.status, stranger.slug)
    assert await school.rows() == 2


@pytest.mark.parametrize("suffix", ["", "/put-on-sale", "/archive"])
async def test_a_change_names_the_version_that_was_seen(school: School, suffix: str) -> None:
    product = await school.makes()
    method = "POST" if suffix else "PUT"
    path = f"/v1/products/{product['id']}{suffix}"
    headers = school.staff | {"Idempotency-Key": new_id()}
    problem(await school.http.request(method, path, json=COURSE, headers=headers), 428, "if-match-missing")
    problem(
        await school.http.request(method, path, json=COURSE, headers=headers | {"If-Match": '"2"'}),
        412,
        "version-moved",
    )
    if suffix:
        without_key = school.staff | {"If-Match": '"1"'}
        problem(await school.http.post(path, headers=without_key), 400, "idempotency-key-missing")
    assert await school.rows() == 2


async def test_a_client_sees_what_is_on_sale_and_nothing_else(school: School) -> None:
    sold, draft = await school.sells(name="Sold"), await school.makes(name="Draft")
    client = school.signer.headers(school.organisation, SCOPES, kind="client", account=new_id())

    listed = await school.http.get("/v1/products", headers=client)
    drafts = await school.http.get("/v1/products?status=draft", headers=client)
    assert [each["id"] for each in listed.json()["items"]] == [sold["id"]]
    assert drafts.json()["items"] == []
    assert (await school.http.get(f"/v1/products/{sold['id']}", headers=client)).status_code == 200
    problem(await school.http.get(f"/v1/products/{draft['id']}", headers=client), 404, "unknown-product")


async def test_the_journal_has_each_state(school: School) -> None:
    product = await school.sells()
    entries = (await school.get(f"/v1/products/{product['id']}/journal")).json()["items"]
    assert [(each["sequence"], each["type"], each["data"]["status"]) for each in entries] == [
        (1, "ProductChanged", "draft"),
        (2, "ProductChanged", "on_sale"),
    ]
    assert {each["actor"] for each in entries} == {"user:staff-1"}


async def test_each_state_is_published_whole_in_order(school: School, servers: Servers) -> None:
    product = await school.sells()
    received = await published(servers, school.namespace, school.database, "catalog.products", {product["id"]: 2})

    assert [(each.sequence, each.type) for each in received] == [
        (1, "carnet.catalog.ProductChanged.v1"),
        (2, "carnet.catalog.ProductChanged.v1"),
    ]
    body = received[1].body
    assert body is not None
    assert (body["product"], body["status"], body["vat_rate"]) == (product["id"], "on_sale", 2_000)
    assert body["formats"][0]["tariffs"][0]["price"] == 30_000
