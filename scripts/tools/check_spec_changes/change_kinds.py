"""The kinds of edits that a spec can see, whom each breaks, and the step of the version that it asks for.

openapi/README.md, "What a change means", has the same table for readers; a test holds the two together.
"""

from enum import Enum, IntEnum

from attrs import frozen


class Step(IntEnum):
    """A step of a semantic version; the greater covers the smaller."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Edit(Enum):
    """A kind of edit. Readers take answers, senders make requests; generated code has names and types for both.

    A change of a type alone is minor where no answer and no request that was right is wrong by it.
    """

    NEW_PROPERTY = "a property is new", "readers that refuse unknown properties", Step.MINOR
    PROPERTY_REMOVED = "a property is removed", "readers, generated code", Step.MAJOR
    NOW_REQUIRED = "a property is now required", "generated types that spell absence", Step.MINOR
    NO_LONGER_REQUIRED = "a property is no longer required", "readers that count on it", Step.MAJOR
    NOW_NULLABLE = "a value may now be null", "readers that do not look for null", Step.MAJOR
    NO_LONGER_NULLABLE = "a value may no longer be null", "generated types that spell null", Step.MINOR
    TYPE_WIDENED = "a type is widened", "readers that know the old type alone", Step.MAJOR
    TYPE_NARROWED = "a type is narrowed", "generated types that spell the old one", Step.MINOR
    TYPE_CHANGED = "a type is another one", "readers, generated code", Step.MAJOR
    FORMAT_CHANGED = "a format is new, removed or another", "readers, generated code", Step.MAJOR
    NEW_VALUE = "an enum has a new value", "readers with closed enums; open ones keep it as data", Step.MINOR
    VALUE_REMOVED = "an enum has lost a value", "generated code that names it", Step.MAJOR
    VALUE_RENAMED = "a value of an enum has another name", "generated code that names it", Step.MAJOR
    ENUM_OR_PLAIN = "a plain type is now an enum, or the reverse", "readers, generated code", Step.MAJOR
    NEW_SCHEMA = "a schema is new", "nobody", Step.MINOR
    SCHEMA_REMOVED = "a schema is removed", "generated code that names it", Step.MAJOR
    SCHEMA_RENAMED = "a schema has another name", "generated code that names it", Step.MAJOR

    NEW_OPERATION = "an operation is new", "nobody", Step.MINOR
    OPERATION_REMOVED = "an operation is removed", "senders, generated code", Step.MAJOR
    OPERATION_RENAMED = "an operation has another operationId", "generated code that calls it", Step.MAJOR
    OPERATION_MOVED = "an operation has other tags", "generated code that is grouped by them", Step.MAJOR
    NEW_STATUS = "a status is new, without a body", "nobody", Step.MINOR
    STATUS_REMOVED = "a status is removed", "generated code that knows it", Step.MAJOR
    NEW_BODY = "a status has a new kind of body", "generated types of what comes back", Step.MINOR
    BODY_REMOVED = "a status no longer has a kind of body", "readers, generated code", Step.MAJOR

    NEW_PARAMETER = "an optional parameter is new", "generated calls that pass parameters by position", Step.MINOR
    NEW_REQUIRED_PARAMETER = "a required parameter is new", "senders", Step.MAJOR
    PARAMETER_REMOVED = "a parameter is removed", "senders, generated code", Step.MAJOR
    PARAMETER_NOW_REQUIRED = "a parameter is now required", "senders that leave it out", Step.MAJOR
    PARAMETER_NO_LONGER_REQUIRED = "a parameter is no longer required", "generated types that spell absence", Step.MINOR
    PARAMETER_RENAMED = "a parameter in the path has another name", "generated code that names it", Step.MAJOR
    PARAMETER_CHANGED = "a parameter has another type or format", "senders, generated code", Step.MAJOR
    SECURITY_CHANGED = "the authentication is another", "senders", Step.MAJOR
    SERVERS_CHANGED = "the servers are others", "senders", Step.MAJOR

    DEPRECATED = "something is deprecated, or no longer", "nobody", Step.MINOR
    WORDS = "descriptions, summaries, titles or examples differ", "nobody", Step.PATCH
    COMMENTS = "comments or layout of the file differ", "nobody", Step.PATCH
    OTHER = "anything else differs", "anybody, for all that is known", Step.MAJOR

    def __init__(self, title: str, breaks: str, step: Step) -> None:
        self.title = title
        self.breaks = breaks
        self.step = step


@frozen
class Change:
    """One edit at one place of a spec."""

    edit: Edit
    place: str
    """In words of the spec: `Conversation.messages[]`, `getConversation 404`."""

    def __str__(self) -> str:
        return f"{self.edit.step!s:5}  {self.edit.title}: {self.place}. Breaks {self.edit.breaks}."
