"""Errors of the endpoint functions."""


class UnexpectedStatus(Exception):
    """The spec does not list the status, and the client has raise_on_unexpected_status. The body is in `content`."""

    def __init__(self, status_code: int, content: bytes) -> None:
        super().__init__(f"unexpected status {status_code}")
        self.status_code = status_code
        self.content = content

    def __reduce__(self) -> tuple[type, tuple[int, bytes]]:
        return type(self), (self.status_code, self.content)
