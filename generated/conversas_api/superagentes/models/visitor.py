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
    """The contact that the visitor is known as."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "contact": "contact",
    }

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.id = data.get("id", UNSET)
        value = data.get("contact", UNSET)
        self.contact = (
            value if value is None or value is UNSET else VisitorContact.from_checked(value)
        )
        self.additional_properties = data.get(EXTRA) or {}
        return self


# At the foot, since schemas may refer to each other.
from ..models.visitor_contact import VisitorContact
