"""What each problem type means for the person in front of the page, and what they can do, in English.

Values of a problem are in braces: ``{left:money}`` is an amount of minor units in the organisation's currency,
``{bought_on:day}`` a date. A test compares the list with the problem types that the APIs document. It is split by the
service that refuses.
"""

from collections.abc import Mapping

from backoffice.problems.sentences import catalog, contracts, credits, every, notifications, payments

SENTENCES: Mapping[str, str] = {
    **every.SENTENCES,
    **catalog.SENTENCES,
    **contracts.SENTENCES,
    **payments.SENTENCES,
    **credits.SENTENCES,
    **notifications.SENTENCES,
}
