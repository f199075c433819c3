"""The chapters, in the order in which they are played."""

from collections.abc import Awaitable, Callable

from carnet_play.story.chapters import (
    collected,
    converted,
    credit,
    discount,
    double_click,
    enrolment,
    kept,
    killed,
    on_site,
    paid_in_full,
    proof,
    refused,
    school,
    timed_out,
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
    ("The payments worker is killed in the middle of forty changes", killed.play),
    ("The proof: carnet verify", proof.play),
)
