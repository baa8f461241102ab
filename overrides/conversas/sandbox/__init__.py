"""Both platforms on this machine, for tests: `with Sandbox() as sandbox: ...`. docs/sandbox.md shows it."""

from conversas.sandbox.faults import Fault, Rule
from conversas.sandbox.request_log import Counts, Request
from conversas.sandbox.sandbox import Sandbox

__all__ = ["Counts", "Fault", "Request", "Rule", "Sandbox"]
