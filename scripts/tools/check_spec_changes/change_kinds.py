"""Kinds of changes of a spec: whom each kind breaks, and the version bump that it requires.

openapi/README.md, "What a change means", has the same table for readers. A test compares the two.
"""

from enum import Enum, IntEnum

from attrs import frozen


class Bump(IntEnum):
    """Part of a semantic version to raise. A greater bump covers the smaller bumps."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


class ChangeKind(Enum):
    """Kind of change. Readers read responses, senders send requests, and generated code has names and types for both.

    A change that affects only types is minor if the old version allows every response that the new version allows, and
    the new version allows every request that the old version allows.
    """

    NEW_PROPERTY = "a property is new", "readers that refuse unknown properties", Bump.MINOR
    PROPERTY_REMOVED = "a property is removed", "readers, generated code", Bump.MAJOR
    NOW_REQUIRED = "a property is now required", "code that handles absence in generated types", Bump.MINOR
    NO_LONGER_REQUIRED = "a property is no longer required", "readers that need it", Bump.MAJOR
    NOW_NULLABLE = "a value may now be null", "readers that do not look for null", Bump.MAJOR
    NO_LONGER_NULLABLE = "a value may no longer be null", "code that handles null in generated types", Bump.MINOR
    TYPE_WIDENED = "a type is widened", "readers that accept only the old type", Bump.MAJOR
    TYPE_NARROWED = "a type is narrowed", "code that names the old type", Bump.MINOR
    TYPE_CHANGED = "a type is replaced", "readers, generated code", Bump.MAJOR
    FORMAT_CHANGED = "a format is added, removed or replaced", "readers, generated code", Bump.MAJOR
    NEW_VALUE = "an enum has a new value", "readers with closed enums, not readers with open enums", Bump.MINOR
    VALUE_REMOVED = "an enum has lost a value", "generated code that names it", Bump.MAJOR
    VALUE_RENAMED = "a value of an enum has another name", "generated code that names it", Bump.MAJOR
    ENUM_OR_PLAIN = "a plain type is now an enum, or the reverse", "readers, generated code", Bump.MAJOR
    NEW_SCHEMA = "a schema is new", "nothing", Bump.MINOR
    SCHEMA_REMOVED = "a schema is removed", "generated code that names it", Bump.MAJOR
    SCHEMA_RENAMED = "a schema has another name", "generated code that names it", Bump.MAJOR

    NEW_OPERATION = "an operation is new", "nothing", Bump.MINOR
    OPERATION_REMOVED = "an operation is removed", "senders, generated code", Bump.MAJOR
    OPERATION_RENAMED = "an operation has another operationId", "generated code that calls it", Bump.MAJOR
    OPERATION_MOVED = "an operation has other tags", "generated code that is grouped by them", Bump.MAJOR
    NEW_STATUS = "a status is new, without a body", "nothing", Bump.MINOR
    STATUS_REMOVED = "a status is removed", "generated code that knows it", Bump.MAJOR
    NEW_BODY = "a status has a new kind of body", "generated types of responses", Bump.MINOR
    BODY_REMOVED = "a status no longer has a kind of body", "readers, generated code", Bump.MAJOR

    NEW_PARAMETER = "an optional parameter is new", "generated calls that pass parameters by position", Bump.MINOR
    NEW_REQUIRED_PARAMETER = "a required parameter is new", "senders", Bump.MAJOR
    PARAMETER_REMOVED = "a parameter is removed", "senders, generated code", Bump.MAJOR
    PARAMETER_NOW_REQUIRED = "a parameter is now required", "senders that leave it out", Bump.MAJOR
    PARAMETER_NO_LONGER_REQUIRED = (
        "a parameter is no longer required",
        "code that handles absence in generated types",
        Bump.MINOR,
    )
    PARAMETER_RENAMED = "a parameter in the path has another name", "generated code that names it", Bump.MAJOR
    PARAMETER_CHANGED = "a parameter has another type or format", "senders, generated code", Bump.MAJOR
    SECURITY_CHANGED = "the authentication changes", "senders", Bump.MAJOR
    SERVERS_CHANGED = "the servers change", "senders", Bump.MAJOR

    DEPRECATED = "something becomes deprecated, or is no longer deprecated", "nothing", Bump.MINOR
    WORDS = "descriptions, summaries, titles or examples differ", "nothing", Bump.PATCH
    COMMENTS = "comments or layout of the file differ", "nothing", Bump.PATCH
    OTHER = "anything else differs", "possibly everything", Bump.MAJOR

    def __init__(self, title: str, breaks: str, bump: Bump) -> None:
        self.title = title
        self.breaks = breaks
        self.bump = bump


@frozen
class Change:
    """One change at one location of a spec."""

    kind: ChangeKind
    location: str
    """Location in the words of the spec: `Conversation.messages[]`, `getConversation 404`."""

    def __str__(self) -> str:
        return f"{self.kind.bump!s:5}  {self.kind.title}: {self.location}. Breaks {self.kind.breaks}."
