"""The pages of gift vouchers."""

from typing import Annotated

from starlette.responses import Response

from backoffice.languages import N_
from backoffice.vouchers.given import Given
from backoffice.web import Visit, needs, pages

routes = pages()

Reads = Annotated[Visit, needs("credits:read")]
Adjusts = Annotated[Visit, needs("credits:read", "credits:adjust")]
VOUCHERS = Given("vouchers", "vouchers/voucher.html", "voucher", N_("gift-voucher"), N_("The voucher is sent."))


@routes.get("/vouchers/{voucher}")
async def show_voucher(visit: Reads, voucher: str) -> Response:
    """A gift voucher: its code while it can be redeemed, to whom it is given, what it covers (CRE-9)."""
    return await VOUCHERS.show(visit, voucher, visit.form())


@routes.post("/vouchers/{voucher}")
async def send(visit: Adjusts, voucher: str) -> Response:
    """Send it to its recipient now, once more, or on another day."""
    return await VOUCHERS.send(visit, voucher)


@routes.get("/vouchers/{voucher}/pdf")
async def print_voucher(visit: Reads, voucher: str) -> Response:
    """The voucher to print and to hand over, in the language of the family's mails."""
    return await VOUCHERS.print(visit, voucher)
