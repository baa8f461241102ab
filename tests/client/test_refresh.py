"""What a later run fetches again: one rule for exports, Arrow, Spark and dlt."""

import pytest

from conversas import (
    BodyTooLargeError,
    ConversasError,
    NotFoundError,
    PermissionDeniedError,
    ServerError,
    TransportError,
    TransportErrorReason,
)
from conversas.client.refresh import EarlierOutcome, Refresh, is_worth_another_run, needs_fetch

OPEN = EarlierOutcome(has_conversation=True, reasons={"not-finished", "no-messages"})
DONE = EarlierOutcome(has_conversation=True, scored=True)
UNSCORED = EarlierOutcome(has_conversation=True)
PERMANENT = EarlierOutcome(has_conversation=False, failed=True)
TEMPORARY = EarlierOutcome(has_conversation=False, failed=True, fetch_again=True)
NOT_REFRESHED = EarlierOutcome(has_conversation=True, failed=True, scored=True)
REFRESH_AGAIN = EarlierOutcome(has_conversation=True, failed=True, fetch_again=True, scored=True)


@pytest.mark.parametrize(
    ("refresh", "fetched"),
    [
        (None, [TEMPORARY, REFRESH_AGAIN]),
        (Refresh.IN_PROGRESS, [OPEN, TEMPORARY, REFRESH_AGAIN]),
        (Refresh.UNSCORED, [OPEN, UNSCORED, TEMPORARY, REFRESH_AGAIN]),
        (Refresh.FAILED, [PERMANENT, TEMPORARY, NOT_REFRESHED, REFRESH_AGAIN]),
        (Refresh.ALL, [OPEN, DONE, UNSCORED, PERMANENT, TEMPORARY, NOT_REFRESHED, REFRESH_AGAIN]),
    ],
)
def test_a_run_fetches_what_its_refresh_names_and_what_may_pass(
    refresh: Refresh | None, fetched: list[EarlierOutcome]
) -> None:
    earlier = [OPEN, DONE, UNSCORED, PERMANENT, TEMPORARY, NOT_REFRESHED, REFRESH_AGAIN]
    assert [each for each in earlier if needs_fetch(each, refresh, has_scores=True)] == fetched


def test_a_provider_without_scores_has_nothing_to_score() -> None:
    assert not needs_fetch(UNSCORED, Refresh.UNSCORED, has_scores=False)


@pytest.mark.parametrize("error", [NotFoundError("no"), PermissionDeniedError("no"), BodyTooLargeError("no")])
def test_a_permanent_error_is_trusted_if_the_provider_returned_others(error: ConversasError) -> None:
    assert not is_worth_another_run(error, confirmed=True)
    assert is_worth_another_run(error, confirmed=False)


@pytest.mark.parametrize("error", [ServerError("no"), TransportError("no", reason=TransportErrorReason.RESET)])
def test_every_other_error_is_worth_another_run(error: ConversasError) -> None:
    assert is_worth_another_run(error, confirmed=True)
