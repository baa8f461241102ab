from __future__ import annotations

import datetime
from typing import Any, ClassVar, Self

from attrs import define

from ..types import EXTRA, UNSET, Model, Unset, read_datetime


@define(repr=False)
class Tag(Model):
    """A tag of a conversation."""

    id: int | None | Unset = UNSET
    """Id of the tag."""
    name: None | str | Unset = UNSET
    """Name of the tag."""
    active: bool | None | Unset = UNSET
    """Whether the tag is active."""
    created_at: datetime.datetime | None | Unset = UNSET
    """When the tag was created."""
    tenant_id: int | None | Unset = UNSET
    """Id of the tenant."""

    _names: ClassVar[dict[str, str]] = {
        "id": "id",
        "name": "name",
        "active": "active",
        "createdAt": "created_at",
        "tenantId": "tenant_id",
    }
    _absent: ClassVar[dict[Any, Any]] = dict.fromkeys(_names, UNSET)

    @classmethod
    def from_checked(cls, data: dict[Any, Any]) -> Self:
        self = cls.__new__(cls)
        self.additional_properties = {}
        if len(data) != 5 or EXTRA in data:
            data = cls._absent | data
            self.additional_properties = data.get(EXTRA, {})
        self.id = data["id"]
        self.name = data["name"]
        self.active = data["active"]
        value = data["createdAt"]
        self.created_at = value if value is None or value is UNSET else read_datetime(value)
        self.tenant_id = data["tenantId"]
        return self
