"""The chapters, in the order in which they are played."""

from collections.abc import Awaitable, Callable

from carnet_play.story.chapters import (
    aided,
    banked,
    collected,
    converted,
    credit,
    debited,
    discount,
    double_click,
    enrolment,
    exported,
    given,
    invoiced,
    kept,
    killed,
    on_site,
    paid_in_full,
    paused,
    proof,
    refused,
    school,
    shared,
    timed_out,
    transferred,
    upgraded,
    workshop,
)
from carnet_play.story.stage import Stage

Chapter = Callable[[Stage], Awaitable[None]]

CHAPTERS: tuple[tuple[str, Chapter], ...] = (
    ("A dance school puts its year on sale", school.play),
    ("A family enrols on two courses, in three instalments", enrolment.play),
    ("A workshop is added: preview, then confirm", workshop.play),
    ("A discount is placed; a course under it is cancelled only together with it", discount.play),
    ("A family that has paid in full gets a discount: a refund line", paid_in_full.play),
    ("A credit is sold, and granted once it is paid", credit.play),
    ("A family pays on site", on_site.play),
    ("A stale confirmation is refused, a double click applied once", double_click.play),
    ("Instalments are collected month by month", collected.play),
    ("A payment is refused, and tried again by the calendar", refused.play),
    ("The provider charges and never answers: charged once", timed_out.play),
    ("A refund line becomes a credit, and pays a third contract", converted.play),
    ("A sold credit that is partly used can't be given back", kept.play),
    ("A gift voucher is given, and redeemed by a friend", given.play),
    ("A session pack of a family at the door", shared.play),
    ("A scholarship that covers half", aided.play),
    ("A family gets its invoice, and a credit note on it", invoiced.play),
    ("Direct debits: a remittance for the bank, and a return", debited.play),
    ("Refunds of direct debits: transfers by file, of which one comes back", transferred.play),
    ("Cash and cheques are taken to the bank", banked.play),
    ("The accountant's export", exported.play),
    ("A subscription is paused for August, and lifted", paused.play),
    ("A plan is upgraded in mid-term", upgraded.play),
    ("The payments worker is killed in the middle of forty changes", killed.play),
    ("The proof: carnet verify", proof.play),
)
