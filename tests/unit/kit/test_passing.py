"""Which faults of the database are transient: what met one is done again, not given up."""

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure, WriteConcernError

from carnet.mongo import BusyError, is_transient

CUT_OFF, NO_TIME_LEFT, NOT_ALLOWED = 290, 50, 13


@pytest.mark.parametrize(
    "error",
    [
        BusyError("busy"),
        # As MongoDB reports them: without the label that says that the transaction can run again.
        OperationFailure("the transaction exceeded the configured transactionLifetimeLimitSeconds", CUT_OFF),
        WriteConcernError("operation was interrupted because a client disconnected or time ran out", NO_TIME_LEFT),
    ],
)
def test_a_transaction_that_took_too_long_runs_again_later(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error", [OperationFailure("not allowed", NOT_ALLOWED), DuplicateKeyError("twice"), ValueError("a fault of ours")]
)
def test_what_is_wrong_stays_wrong(error: Exception) -> None:
    assert not is_transient(error)
