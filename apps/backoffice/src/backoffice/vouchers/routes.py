"""The pages of gift vouchers."""

from typing import Annotated

from starlette.responses import Response

from backoffice.accounts.calls import name_of, owner_of, person_of
from backoffice.apis import Problem, ServiceAwayError, quoted
from backoffice.contracts.calls import account_of
from backoffice.web import Form, Visit, needs, pages, pdf_shown

routes = pages()

Reads = Annotated[Visit, needs("credits:read")]
Adjusts = Annotated[Visit, needs("credits:read", "credits:adjust")]


def _path(voucher: str) -> str:
    return f"/credits/v1/vouchers/{quoted(voucher)}"


@routes.get("/vouchers/{voucher}")
async def show_voucher(visit: Reads, voucher: str) -> Response:
    """A gift voucher: its code while it can be redeemed, to whom it is given, what it covers (CRE-9)."""
    return await _page(visit, voucher, visit.form())


@routes.post("/vouchers/{voucher}")
async def send_again(visit: Adjusts, voucher: str) -> Response:
    """Send it to its recipient once more."""
    form = await visit.sent()
    version = form.whole("version", least=0, most=10**9)
    try:
        await visit.api.send(f"{_path(voucher)}/sendings", None, key=form.key, version=version)
    except (Problem, ServiceAwayError) as fault:
        form.refuse(fault, await visit.currency())
        return await _page(visit, voucher, form, 422)
    return visit.to(f"/vouchers/{quoted(voucher)}", visit.gettext("The voucher is sent again."))


@routes.get("/vouchers/{voucher}/pdf")
async def print_voucher(visit: Reads, voucher: str) -> Response:
    """The voucher to print and to hand over, in the language of the family's mails."""
    found = await visit.api.get(_path(voucher))
    family = await account_of(visit, found["account"])
    language = family["language"] if isinstance(family, dict) else visit.language
    return await pdf_shown(visit, f"{_path(voucher)}/pdf", visit.gettext("gift-voucher"), language=language)


async def _page(visit: Visit, voucher: str, form: Form, status: int = 200) -> Response:
    found = await visit.api.read(_path(voucher))
    family = await account_of(visit, found.body["account"])
    recipient = None
    if isinstance(family, dict):
        recipient = person_of(family, found.body["recipient"]) if found.body["recipient"] else owner_of(family)
    return await visit.page(
        "vouchers/voucher.html",
        status,
        voucher=found.body,
        version=found.version,
        family=family,
        recipient=recipient,
        form=form,
        name_of=name_of,
        owner_of=owner_of,
    )
