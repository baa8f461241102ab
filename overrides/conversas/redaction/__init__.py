"""Redaction of Brazilian personal data: `Redactor()(conversation).conversation`. See docs/redaction.md."""

from conversas.redaction.detectors import DETECTORS
from conversas.redaction.findings import Detector, Finding
from conversas.redaction.redactor import Redacted, Redactor

__all__ = ["DETECTORS", "Detector", "Finding", "Redacted", "Redactor"]
