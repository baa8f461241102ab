"""Texts as customers type them, with marks around what is personal."""

import re
from pathlib import Path

MARK = re.compile("[«»]")
_LINES = (Path(__file__).parents[1] / "data" / "redaction_texts.txt").read_text("utf-8").splitlines()
MARKED_TEXTS = [line for line in _LINES if line and not line.startswith("#")]
TEXTS = [MARK.sub("", text) for text in MARKED_TEXTS]
