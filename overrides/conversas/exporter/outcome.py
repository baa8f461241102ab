"""The outcome of a ref whose body is a conversation."""

import hashlib

import orjson

from conversas.exporter.manifest import Manifest, drift_counts
from conversas.exporter.manifest_schema import OutcomeRow
from conversas.records.conversation import Conversation
from conversas.records.serialization import SerializedRecord


def fetched_row(
    manifest: Manifest,
    serialized: SerializedRecord[Conversation],
    original: bytes | None,
    *,
    ref: str,
    attempts: int,
    time: str,
    part: int,
) -> OutcomeRow:
    """Return the row of a conversation that has its body. New kinds of drift are added to the manifest."""
    conversation = serialized.record
    completeness = conversation.completeness
    return OutcomeRow(
        ref=ref,
        outcome="fetched",
        attempts=attempts,
        sha256=hashlib.sha256(conversation.raw).hexdigest(),
        fingerprint=serialized.fingerprint(),
        verdict=str(completeness.verdict),
        reasons=orjson.dumps(completeness.reasons).decode(),
        scored=is_scored(conversation),
        original=None if original is None else hashlib.sha256(original).hexdigest(),
        drift=drift_counts(manifest, conversation.drift),
        time=time,
        part=part,
    )


def is_scored(conversation: Conversation) -> bool:
    """Return whether a conversation has a score: the column `scored` of its outcome."""
    evaluation = conversation.evaluation
    return evaluation is not None and (evaluation.score, evaluation.final_score) != (None, None)
