"""A request that is right for each route of mails and templates."""

from carnet_play.story.desk import Json, RefusedError
from carnet_play.story.waiting import eventually
from tests.bad_input.cases import Right, case, read
from tests.bad_input.contracts import an_account
from tests.builders import School

read("GET /notifications/v1/mails")
read("GET /notifications/v1/templates")
case("GET /notifications/v1/accounts/{account}/mails")(an_account)

WORDS: Json = {"subject": "Thank you", "body": "It is all paid. See you soon."}


async def _mail(school: School) -> Right:
    account = await school.family("Henry")
    await school.contract(account)
    mails: list[Json] = []

    async def sent() -> bool:
        try:
            mails[:] = (await school.desk.read(f"/notifications/v1/accounts/{account.id}/mails")).body["items"]
        except RefusedError:
            return False  # notifications does not know the account yet
        return bool(mails) and mails[0]["status"] == "sent"

    await eventually(sent, "the mail about the contract is sent")
    mail = await school.desk.read(f"/notifications/v1/mails/{mails[0]['id']}")
    return Right({"mail": mail.body["id"]}, None, mail.version)


case("GET /notifications/v1/mails/{mail}")(_mail)
case("GET /notifications/v1/mails/{mail}/letter")(_mail)


@case("POST /notifications/v1/mails/send-failed-again")
async def _(_: School) -> Right:
    return Right()


async def _job(school: School) -> Right:
    started = await school.desk.send("/notifications/v1/mails/send-failed-again", {})
    return Right({"job": started.body["id"]})


read("GET /notifications/v1/jobs")
case("GET /notifications/v1/jobs/{job}")(_job)
case("GET /notifications/v1/jobs/{job}/report")(_job)
case("POST /notifications/v1/jobs/{job}/cancel")(_job)
case("POST /notifications/v1/mails/{mail}/send-again")(_mail)


async def _template(school: School) -> Right:
    path = {"kind": "contract_paid", "language": "en"}
    now = await school.desk.read("/notifications/v1/templates/contract_paid/en")
    return Right(path, None, now.version)


case("GET /notifications/v1/templates/{kind}/{language}")(_template)


@case("PUT /notifications/v1/templates/{kind}/{language}")
async def _(school: School) -> Right:
    now = await _template(school)
    return Right(now.path, WORDS, now.version)


@case("DELETE /notifications/v1/templates/{kind}/{language}")
async def _(school: School) -> Right:
    now = await _template(school)
    changed = await school.desk.send(
        "/notifications/v1/templates/contract_paid/en",
        {**WORDS, "subject": f"Thank you, {now.version} times"},
        version=now.version,
        method="PUT",
    )
    return Right(now.path, None, changed.version)


@case("POST /notifications/v1/templates/{kind}/{language}/preview")
async def _(school: School) -> Right:
    return Right((await _template(school)).path, {"words": WORDS})
