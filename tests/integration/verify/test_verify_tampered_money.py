"""What is paid, collected, settled and credited, tampered with by hand, is found and named: one at a time."""

from carnet.ids import new_id
from tests.findings import Found, put
from tests.integration.verify.conftest import Played
from tests.integration.verify.tampering import added, removed, replaced


async def test_a_payment_is_removed_or_changed(played: Played) -> None:
    paid = {"contract": played.season.contracts["paid"]}
    async with removed(played, "payments", "payments", paid) as payment:
        report = await played.verified()
    assert Found("PAY-7", "payments.schedules", "the sum of its payments", "0", "24000").among(report)
    assert Found("PAY-7", payment["_id"], "PaymentCollected", "24000", "none").among(report)
    async with replaced(played, "payments", "payments", paid, put("amount", "-1")):
        report = await played.verified()
    assert Found("PAY-7", payment["_id"], "PaymentCollected", "24000", "23999").among(report)


async def test_a_credit_or_its_entries_are_tampered_with(played: Played) -> None:
    contract = played.season.contracts["credit"]
    credit = (await played.world.one("credits", "credits", {"contract": contract}))["_id"]
    where = f"credits.credits {credit}"
    async with replaced(played, "credits", "entries", {"credit": credit}, put("amount", "-1")):
        report = await played.verified()
    assert Found("CRE-7", where, "the sum of its entries", "4999", "5000").among(report)
    assert Found("CRE-7", f"credits.entries {credit}", "the movements published", "5000", "4999").among(report)
    async with removed(played, "credits", "entries", {"credit": credit}):
        assert Found("CRE-7", where, "the sum of its entries", "0", "5000").among(await played.verified())
    async with replaced(played, "credits", "credits", {"_id": credit}, put("account", new_id())):
        assert Found("CRE-1", where, "the beneficiary", "", "").among(await played.verified())
    async with removed(played, "credits", "credits", {"_id": credit}):
        report = await played.verified()
    assert Found("CRE-2", where, "whose contract is paid", "granted", "none").among(report)
    gone = {"contract": played.season.contracts["credit removed"]}
    async with replaced(played, "credits", "credits", gone, put("status", "granted")) as id_:
        assert Found("CRE-4", id_, "the status", "removed", "granted").among(await played.verified())


async def test_a_credit_that_no_line_sold(played: Played) -> None:
    credit = await played.world.one("credits", "credits", {"contract": played.season.contracts["credit"]})
    forged = {**credit, "_id": new_id()}
    async with added(played, "credits", "credits", forged):
        report = await played.verified()
    assert Found("CRE-2", f"credits.credits {forged['_id']}", "that sold it", "one", "none").among(report)


async def test_what_instalments_are_collected_by_is_tampered_with(played: Played) -> None:
    methods, calendars = ("payments", "payment_methods"), ("payments", "collection_calendars")
    account, school = played.season.accounts["petit"], played.world.organisation
    tampered = [
        (methods, put("methods.0.provider", "stripe"), Found("PAY-12", account, "the payment", "sandbox", "stripe")),
        (methods, lambda kept: kept["methods"].pop(), Found("PAY-12", account, "the payment methods", "", "")),
        (methods, lambda kept: kept["methods"].clear(), Found("PAY-12", account, "the payment methods", "", "{}")),
        (methods, put("default", None), Found("PAY-12", account, "the default payment method", "-", "none")),
        (methods, put("version", "+1"), Found("ORG-4", f"payments.journal {account}", "version", "5, its last", "6")),
        (calendars, put("hour", 6), Found("PAY-6", school, "the calendar", "'hour': 7", "'hour': 6")),
        (calendars, put("asked_on", None), Found("PAY-6", school, "the calendar", "-", "None")),
    ]
    for place, change, found in tampered:
        async with replaced(played, *place, {}, change):
            report = await played.verified()
        assert found.among(report), report.findings
    for place, aggregate in ((methods, account), (calendars, school)):
        async with removed(played, *place, {}):
            assert Found("ORG-4", f"payments.journal {aggregate}", "the state", "a document", "none").among(
                await played.verified()
            )
    first = {"aggregate": account, "type": {"$regex": "PaymentMethodAdded"}, "data.default": False}
    async with removed(played, "payments", "journal", first):
        report = await played.verified()
    assert Found("ORG-4", f"payments.journal {account}", "sequences", "each from 1", "missing [3]").among(report)


async def test_what_left_a_schedule_again_is_tampered_with(played: Played) -> None:
    contract = played.season.contracts["settled"]
    of_contract = {"contract": contract}
    async with replaced(
        played, "payments", "settlements", {**of_contract, "how": "waived"}, put("amount", "-1")
    ) as id_:
        report = await played.verified()
    assert Found("PAY-4", f"payments.settlements {id_}", "amount, how", "400", "399").among(report)
    assert Found("PAY-7", f"payments.schedules {contract}", "the sum of its payments", "20101", "20100").among(report)
    async with removed(played, "payments", "reversals", of_contract) as reversal:
        report = await played.verified()
    assert Found("PAY-13", contract, f"a reversal of {reversal['payment']}", "1", "0").among(report)
    converted = await played.world.one("payments", "settlements", {**of_contract, "how": "converted"})
    async with removed(played, "credits", "credits", {"_id": converted["credit"]}):
        report = await played.verified()
    assert Found("CRE-2", converted["credit"], f"the credit that {contract} was converted to", "1000", "none").among(
        report
    )
    stray = {"_id": new_id(), "organisation": played.world.organisation, "kind": "charge", "status": "asked"}
    async with added(played, "payments", "orders", {**stray, "contract": contract, "check_at": None}):
        report = await played.verified()
    assert Found("PAY-6", stray["_id"], "that was started", "none", "an order, asked").among(report)
    assert Found("PAY-11", stray["_id"], "looked at again", "True", "False").among(report)


async def test_the_use_of_a_credit_is_tampered_with(played: Played) -> None:
    contract = played.season.contracts["by credit"]
    schedule = {"_id": contract}
    async with replaced(played, "payments", "schedules", schedule, put("credit_uses.0.amount", "-1")):
        report = await played.verified()
    assert Found("CRE-3", f"payments.schedules {contract}", "what each client credit pays", "600", "599").among(report)
    assert Found("PAY-7", f"payments.schedules {contract}", "the sum of its payments", "599", "600").among(report)
    completed = {"contract": contract, "status": "completed"}
    async with replaced(played, "payments", "use_requests", completed, put("status", "requested")) as id_:
        report = await played.verified()
    assert Found("CRE-3", f"payments.use_requests {id_}", "status", "completed", "requested").among(report)
    used = await played.world.one("payments", "use_requests", completed)
    async with removed(played, "credits", "entries", {"credit": used["credit"], "kind": "restored"}):
        report = await played.verified()
    assert Found("CRE-7", f"credits.entries {used['credit']}", "the movements published", "restored", "").among(report)
    async with replaced(played, "credits", "credits", {"_id": used["credit"]}, put("uses.0.amount", "-1")):
        report = await played.verified()
    assert Found("CRE-3", f"credits.credits {used['credit']}", "what it pays", "600", "599").among(report)
    async with removed(played, "payments", "known_credits", {"_id": used["credit"]}):
        report = await played.verified()
    assert Found("CRE-3", f"payments.known_credits {used['credit']}", "account, currency", "EUR", "none").among(report)
    async with replaced(played, "credits", "refused_uses", {}, put("reason", "removed")) as id_:
        report = await played.verified()
    assert Found("CRE-3", f"credits.refused_uses {id_}", "what was refused", "more-than-left", "removed").among(report)
    answer = {"type": {"$regex": "CreditUseRefused"}}
    async with removed(played, "credits", "journal", answer) as row:
        report = await played.verified()
    request = row["data"]["request"]
    assert Found("CRE-3", f"payments.journal {contract}", f"the answers of credits to {request}", "1", "0").among(
        report
    )


async def test_an_order_to_a_provider_is_tampered_with(played: Played) -> None:
    contracts = played.season.contracts
    charge = {"contract": contracts["collected"], "status": "succeeded"}
    async with removed(played, "payments", "orders", charge) as order:
        report = await played.verified()
    id_ = order["_id"]
    assert Found("PAY-6", f"payments.orders {id_}", "that was started", "an order", "none").among(report)
    assert Found("PAY-6", f"the sandbox's book {id_}", "ordered by nobody", "none", "10000 EUR, succeeded").among(
        report
    )
    async with replaced(played, "payments", "orders", charge, put("reference", "ch_1")):
        report = await played.verified()
    assert Found("PAY-6", f"payments.orders {id_}", "its payment", "ch_1", "ch_").among(report)
    assert Found("PAY-6", f"payments.orders {id_}", "the reference, in the sandbox's book", "ch_", "ch_1").among(report)
    async with removed(played, "payments", "payments", {"_id": id_}):
        report = await played.verified()
    assert Found("PAY-6", f"payments.orders {id_}", "its payment", "10000", "none").among(report)
    debit = {"contract": contracts["collected"], "status": "pending"}
    async with replaced(played, "payments", "orders", debit, put("check_at", None)) as id_:
        assert Found("PAY-11", id_, "looked at again", "True", "False").among(await played.verified())
    async with replaced(played, "payments", "orders", debit, put("status", "asked")) as id_:
        report = await played.verified()
    assert report.ok
    assert any("1 orders that a provider has not answered" in note for note in report.notes)
    refund = {"contract": contracts["not refunded"], "kind": "refund"}
    async with replaced(played, "payments", "orders", refund, put("status", "succeeded")) as id_:
        report = await played.verified()
    assert Found("PAY-4", id_, "settlement, payment, amount, and whether it failed", "True", "False").among(report)
    assert Found("PAY-6", id_, "the status, in the sandbox's book", "failed", "succeeded").among(report)
