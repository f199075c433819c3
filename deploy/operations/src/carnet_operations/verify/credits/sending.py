"""Each gift voucher and gift card is sent on the day that is kept with it (CRE-8)."""

from collections.abc import Sequence

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_PLANNED = ("VoucherIssued", "GiftCardIssued", "VoucherSendingPlanned", "GiftCardSendingPlanned")
_SENT = ("VoucherSendingRequested", "GiftCardSendingRequested")


def check_sending(where: str, rows: Sequence[Document], kept: Document, report: Report) -> None:
    """The day for which its mail waits is the one published last; none once it was sent."""
    day = None
    for row in rows:
        name, data = name_of(row), row["data"]
        if name in _PLANNED:
            day = data.get("send_on")
        elif name in _SENT:
            day = None
    report.same("CRE-8", where, "the day on which it is sent", expected=day, found=kept.get("send_on"))
