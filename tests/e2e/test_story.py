"""The story that `make demo` plays, on a running suite."""

import io
from collections.abc import Sequence
from dataclasses import replace

from rich.console import Console

from carnet_play.story import play
from carnet_play.story.chapters import CHAPTERS, Chapter
from carnet_play.story.showing import gist
from carnet_play.story.stage import Stage
from carnet_suite.supervisor import Suite


def played_on(running: Suite, chapters: Sequence[tuple[str, Chapter]] = CHAPTERS) -> tuple[int, str]:
    """Play these chapters; the exit code and what was printed."""
    output = io.StringIO()
    code = play(running, Console(file=output, width=160), chapters)
    return code, output.getvalue()


def test_the_story_is_played_to_its_end_and_proven(running: Suite) -> None:
    code, said = played_on(running)
    assert code == 0, said[-3_000:]
    for number, (title, _) in enumerate(CHAPTERS, start=1):
        assert f"{number}. {title}" in said
    for telling in (
        "refused 409 line-bears-discount (CON-6)",
        "refused 412 version-moved (CON-3)",
        "RefundLineCreated",
        "30.00 €",
        "to aide@pas-de-deux.example",
        "Il manque un moyen de paiement pour votre échéance de 107,50 €",
        "nous avons encaissé",
        "insufficient funds, again on",
        "We will try again on",
        "failed, insufficient funds",
        "│       2 │ succeeded",
        "the sandbox's own book",
        "30.00 €, converted",
        "Your client credit paid €30.00",
        "CreditUseCompleted",
        "refused 409 credit-used (CRE-5) Of the client credit that “Credit of 50 €” sold",
        "A gift for you: A tap workshop to give",
        "refused 409 voucher-redeemed-before (CRE-9)",
        "Plus qu’une séance : Three evenings",
        "refused 409 no-pack-serves (CRE-10)",
        "refused 409 line-invoiced (INV-4)",
        "Your credit note AV-",
        "What comes back days after it was credited.",
        "Your payment of €240.00 was returned",
        "Which transfers came back days later.",
        "Your refund of €240.00 could not be made",
        "│ 445710  │ TVA collectée",
        "Your subscription “Practice room” is paused",
        "PlanChanged",
        "kill -9",
        "Verified in",
    ):
        # Amounts and French colons come after spaces that do not break.
        assert telling in said.replace("\u00a0", " ")


def test_the_story_stops_where_an_amount_is_not_the_expected_one(running: Suite) -> None:
    async def another_total(stage: Stage) -> None:
        martins = stage.families["Martin"]
        found = (await stage.desk.contract(martins.contract)).body["total"]["amount"]
        stage.amount("The total of the Martins", expected=54_001, found=found)

    code, said = played_on(running, (*CHAPTERS[:2], ("A slip", another_total), CHAPTERS[2]))
    assert code == 1
    assert "The total of the Martins was to be 540.01 € and is 540.00 €." in said
    assert "A workshop is added" not in said


def test_the_story_stops_where_the_suite_does_not_answer(running: Suite) -> None:
    away = replace(running, front="http://127.0.0.1:1")
    code, said = played_on(away)
    assert code == 1
    assert "http://127.0.0.1:1 does not answer" in said


def test_an_event_of_an_account_is_shown_without_anything_personal() -> None:
    assert gist("AccountChanged", {"account": "x", "personal": {"members": [{"first_name": "Inès"}]}}) == ""
