"""Rules for what a later run fetches again. They are the same for exports, Arrow, Spark and dlt."""

from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Self

from attrs import frozen

from conversas.errors import ConfigurationError, ConversasError, DecodeError, DecodeErrorReason
from conversas.records.conversation import Conversation
from conversas.records.enums import STILL_OPEN

PERMANENT_ERRORS = frozenset({"BodyTooLargeError", "NotFoundError", "PermissionDeniedError"})
"""Errors of a conversation that are likely to be the same in another run."""


class Refresh(StrEnum):
    """Refs that are fetched again, even if an earlier run has their outcome."""

    IN_PROGRESS = "in-progress"
    """Conversations that were not finished, even if they are also incomplete for another reason."""
    UNSCORED = "unscored"
    """Conversations without a score, if their provider has scores: they may be evaluated by now."""
    FAILED = "failed"
    """Every failure, even of a conversation that the provider does not have."""
    ALL = "all"
    """Every ref."""

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Convert the option of a run to a value; None stays None.

        Raises:
            ConfigurationError: The option is not a known value.
        """
        if text is None:
            return None
        if text not in list(cls):
            raise ConfigurationError(f"refresh must be one of {', '.join(cls)}, got {text!r}")
        return cls(text)


@frozen(kw_only=True)
class EarlierOutcome:
    """Facts from earlier runs about a ref. The next run depends on these facts."""

    has_conversation: bool
    failed: bool = False
    """Whether the last fetch failed. A conversation that could not be refreshed is still there."""
    fetch_again: bool = False
    """Whether a failed fetch is worth another run, according to `is_worth_another_run`."""
    reasons: AbstractSet[str] = frozenset()
    """Reasons in the completeness of the conversation."""
    scored: bool = False
    """Whether the conversation has a score."""


def is_worth_another_run(error: ConversasError, *, confirmed: bool) -> bool:
    """Return whether the next run fetches a failed ref again.

    A permanent error is trusted once the same run has fetched another conversation of the provider (`confirmed`): with
    a wrong base URL, or a token of another tenant, the provider answers every ref with 404.
    """
    return not confirmed or type(error).__name__ not in PERMANENT_ERRORS


def needs_fetch(earlier: EarlierOutcome, refresh: Refresh | None, *, has_scores: bool) -> bool:
    """Return whether a run fetches a ref that has an outcome from an earlier run.

    Args:
        earlier: The outcome of the earlier run.
        refresh: The refs that this run fetches again.
        has_scores: Whether the provider has scores.
    """
    if refresh is Refresh.ALL or earlier.fetch_again:
        return True
    if refresh is Refresh.FAILED:
        return earlier.failed
    if refresh is Refresh.IN_PROGRESS:
        return not STILL_OPEN.isdisjoint(earlier.reasons)
    return refresh is Refresh.UNSCORED and has_scores and earlier.has_conversation and not earlier.scored


def is_scored(conversation: Conversation) -> bool:
    """Return whether a conversation has a score."""
    evaluation = conversation.evaluation
    return evaluation is not None and (evaluation.score, evaluation.final_score) != (None, None)


def reason_of(error: ConversasError, ref: str) -> str:
    """Return the message of an error without the ref, so that equal failures are counted together."""
    if isinstance(error, DecodeError) and error.reason is not DecodeErrorReason.ID_MISMATCH:
        return f"the body is not a conversation ({error.reason})"
    return str(error).removeprefix(str(error.ref or ref)).lstrip(": ")
