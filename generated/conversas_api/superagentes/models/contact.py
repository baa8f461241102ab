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
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 4 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.first_name = data["firstName"]
        self.last_name = data["lastName"]
        self.email = data["email"]
        return self
