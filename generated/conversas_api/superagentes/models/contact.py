from __future__ import annotations

from typing import Any, ClassVar, Self

from attrs import define

from ..types import EXTRA, UNSET, Model, Unset


@define(repr=False)
class Contact(Model):
    """A contact who takes part in a conversation."""

    id: None | str | Unset = UNSET
    """Id of the contact."""
    first_name: None | str | Unset = UNSET
    """First name of the contact."""
    last_name: None | str | Unset = UNSET
    """Last name of the contact."""
    email: None | str | Unset = UNSET
    """E-mail address of the contact."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "firstName": "first_name",
        "lastName": "last_name",
        "email": "email",
    }

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.id = data.get("id", UNSET)
        self.first_name = data.get("firstName", UNSET)
        self.last_name = data.get("lastName", UNSET)
        self.email = data.get("email", UNSET)
        self.additional_properties = data.get(EXTRA) or {}
        return self
