"""Peers: stock generated code for the same spec, and pydantic models with the same fields."""

import importlib
import subprocess
import sys
from enum import Enum, IntEnum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pydantic

from conversas_api.zild import models
from conversas_api.zild.types import Model, Unset

ROOT = Path(__file__).parents[3]


def stock_client(folder: Path) -> Any:
    """Generate the Zild client into `folder` with the stock templates. Return its package."""
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n", encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", str(ROOT / "openapi" / "zild.yaml"), "--config", str(config)]
    subprocess.run([*command, "--output-path", str(folder / "stock_zild")], check=True, capture_output=True)
    sys.path.insert(0, str(folder))
    importlib.import_module("stock_zild.api.conversations.get_conversation")
    return importlib.import_module("stock_zild")


def pydantic_conversation() -> type[pydantic.BaseModel]:
    """Return a pydantic model with the fields of the generated Conversation. The model ignores unknown fields."""
    return _pydantic_model(models.Conversation)


@cache
def _pydantic_model(model: Any) -> type[pydantic.BaseModel]:
    hints = get_type_hints(model)
    fields: dict[str, Any] = {
        attribute: (_pydantic_type(hints[attribute]) | None, pydantic.Field(default=None, alias=name))
        for name, attribute in vars(model)["_names"].items()
    }
    return pydantic.create_model(model.__name__, **fields)


def _pydantic_type(hint: Any) -> Any:
    if get_origin(hint) is UnionType:
        return Union[tuple(_pydantic_type(option) for option in get_args(hint) if option is not Unset)]  # noqa: UP007
    if get_origin(hint) is list:
        return list[_pydantic_type(get_args(hint)[0])]  # type: ignore[misc]
    if isinstance(hint, type) and issubclass(hint, Model):
        nested: Any = hint
        return _pydantic_model(nested)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return IntEnum(hint.__name__, {member.name: member.value for member in hint})
    return hint
