"""The list of problem types: found in the code, with what a client needs to know of each."""

import re

import pytest

from carnet_operations.documents.for_clients import STATUSES, problem_page, problem_types
from carnet_operations.documents.refused import Problem, problems
from carnet_operations.services import SERVICES

FOUND = {problem.slug: problem for problem in problems(tuple(SERVICES))}


def test_a_type_has_its_statuses_rules_services_parameters_and_sentences() -> None:
    assert FOUND["line-bears-discount"] == Problem(
        "line-bears-discount",
        {409},
        {"CON-6"},
        {"contracts"},
        {"line": None, "discounts": None},
        FOUND["line-bears-discount"].details,
    )
    [detail] = FOUND["line-bears-discount"].details
    assert "cancel the discount" in detail
    assert FOUND["version-moved"].statuses == {412}
    assert FOUND["not-here-yet"].statuses == {404}
    assert FOUND["unknown-schedule"].services == {"payments"}
    assert FOUND["credit-more-than-left"].details.keys() == {
        "Less than that is left of it. Read it again, and use no more than is left."
    }
    assert FOUND["unknown-route"].services == {"front"}


@pytest.mark.parametrize("problem", FOUND.values(), ids=FOUND.keys())
def test_each_type_can_be_distinguished_and_acted_on(problem: Problem) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", problem.slug)
    assert problem.statuses
    assert all(400 <= status < 600 for status in problem.statuses)
    assert all(re.fullmatch(r"[A-Z]{3}-[0-9]+", rule) for rule in problem.rules)
    if problem.slug != "webhook-refused":  # it says what the provider's part found wrong
        assert problem.details
    assert all(detail.endswith((".", "}")) for detail in problem.details)


def test_what_was_seen_and_has_moved_has_one_family_of_types() -> None:
    stale = {problem.slug for problem in FOUND.values() if 412 in problem.statuses}
    assert stale
    assert all(slug.endswith("-moved") for slug in stale)


def test_the_page_has_a_heading_for_each_which_the_type_ends_with() -> None:
    page = problem_types(tuple(SERVICES))
    assert re.findall(r"^## (.*)$", page, re.MULTILINE) == sorted(FOUND)


def test_the_page_of_the_front_says_of_each_what_it_means_and_what_to_do() -> None:
    page = problem_page(tuple(SERVICES))
    assert re.findall(r'<h2 id="([^"]+)">', page) == sorted(FOUND)
    assert {status for problem in FOUND.values() for status in problem.statuses} <= STATUSES.keys()
    assert "409: the state of things forbids it; do first what <code>detail</code> says." in page
    assert "](" not in page
