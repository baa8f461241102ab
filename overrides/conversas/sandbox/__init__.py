"""A local server that imitates the providers, for tests: `with Sandbox() as sandbox: ...`. See docs/sandbox.md."""

from conversas.sandbox.faults import Fault, Rule
from conversas.sandbox.request_log import Counts, Request
from conversas.sandbox.sandbox import Sandbox

__all__ = ["Counts", "Fault", "Request", "Rule", "Sandbox"]
