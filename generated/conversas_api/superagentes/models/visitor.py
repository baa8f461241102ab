from __future__ import annotations

from typing import Any, ClassVar, Self

from attrs import define

from ..types import EXTRA, UNSET, Model, Unset


@define(repr=False)
class Visitor(Model):
    """A visitor who takes part in a conversation."""

    id: None | str | Unset = UNSET
    """Id of the visitor."""
    contact: None | VisitorContact | Unset = UNSET
    """Contact of the visitor."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "contact": "contact",
    }
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 2 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        value = data["contact"]
        self.contact = (
            value if value is None or value is UNSET else VisitorContact.from_checked(value)
        )
        return self


# At the foot, since schemas may refer to each other.
from ..models.visitor_contact import VisitorContact
