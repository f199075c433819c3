"""Our side of Stripe, over answers that a test gives."""

import pytest

from payments.provider.bounds import Bounds
from payments.provider.stripe import Stripe
from tests.unit.payments.stripe.answering import HUSH, Answers
from tests.waits import BOUND


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def bounds() -> Bounds:
    return Bounds("stripe", calls=4, seconds=BOUND)


@pytest.fixture
def provider(answers: Answers, bounds: Bounds) -> Stripe:
    return Stripe("sk_test_1", webhook_secret=HUSH, bounds=bounds, http_client=answers)
