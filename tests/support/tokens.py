"""Tokens in the form of a JWT."""

import json
from base64 import urlsafe_b64encode
from typing import Any


def jwt(claims: Any) -> str:
    parts = [{"alg": "HS256"}, claims]
    return ".".join([*(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts), "sig"])
