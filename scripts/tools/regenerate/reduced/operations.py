"""Reading of operations: requests, responses and security."""

import re
from collections.abc import Iterator

from attrs import define, field
from openapi_python_client.strings import PythonIdentifier

from conversas.json_pointer import is_array, is_object
from tools.regenerate.reduced.api import METHODS, Body, Operation, Response
from tools.regenerate.reduced.kinds import Scalar
from tools.regenerate.reduced.names import UniqueNames, chosen_name, file_name, identifier, shortened
from tools.regenerate.reduced.parameters import ParameterReader
from tools.regenerate.reduced.problems import shown
from tools.regenerate.reduced.reading import SchemaReader
from tools.regenerate.reduced.security import SecurityReader
from tools.regenerate.reduced.source import Place

JSON = re.compile(r"(?:application|text)/(?:[\w.+-]+\+)?json\s*(?:;.*)?|\*/\*|application/\*")
TEXT = re.compile(r"text/.*")
UNSAFE_ID = re.compile(r"\.\.|^[./~]|[\\\x00-\x1f]")
BODY_TOLD = "the clients send only JSON: for forms, multipart and binary bodies, write your own client"
ANSWER_TOLD = "the clients read only JSON and text: for other media types, write your own client"
SERVERS_TOLD = "every request goes to the base URL of the client: write one spec for each server"


@define
class OperationReader:
    """Reader of the operations of one document."""

    schemas: SchemaReader
    security: SecurityReader
    _functions: UniqueNames = field(factory=UniqueNames, init=False)
    _files: UniqueNames = field(factory=UniqueNames, init=False)
    _chosen: dict[tuple[str, str], str] = field(factory=dict[tuple[str, str], str], init=False)
    _ids: set[str] = field(factory=set[str], init=False)

    def read_all(self) -> Iterator[Operation]:
        """Yield each operation. Add what is wrong with the operation to the problems of the source."""
        source = self.schemas.source
        items = [
            (path, source.resolved(place)) for path, place in source.root.members("paths") if not path.startswith("x-")
        ]
        found = [
            (path, method, item) for path, item in items for method in METHODS if is_object(item.get(method).value)
        ]
        for path, method, item in found:
            place = item.get(method)
            if (chosen := chosen_name(place, source.problems, _function_name)) is not None:
                self._chosen[path, method] = self._functions.claim(chosen, place, source.problems)
        for path, method, item in found:
            yield self._read(path, method, item, item.get(method))

    def _read(self, path: str, method: str, item: Place, place: Place) -> Operation:
        source = self.schemas.source
        operation_id, function = self._names(path, method, place)
        parameters = ParameterReader(self.schemas, function).read(path, item, place)
        text = {key: str(place.get(key).value or item.get(key).value or "") for key in ("summary", "description")}
        if not is_object(place.get("responses").value):
            source.problems.add(place.pointer, "an operation must have responses: they give its model")
        self._check_servers(item, place)
        return Operation(
            id=operation_id,
            function=function,
            file=self._files.take(file_name(operation_id, function)),
            pointer=place.pointer,
            tag=self._tag(place),
            method=method,
            path=path,
            summary=text["summary"],
            description=text["description"],
            parameters=parameters,
            body=self._body(source.resolved(place.get("requestBody")), function),
            responses=tuple(sorted(self._responses(place, function), key=lambda response: response.order)),
            schemes=self.security.clients_of(place),
        )

    def _names(self, path: str, method: str, place: Place) -> tuple[str, str]:
        problems, given = self.schemas.source.problems, place.get("operationId").value
        if given is not None and not isinstance(given, str):
            problems.add(f"{place.pointer}/operationId", "must be a string")
            given = None
        if given is not None and UNSAFE_ID.search(given):
            problems.add(
                f"{place.pointer}/operationId", f"{shown(given)} cannot be a file name: use letters and digits"
            )
            given = None
        if given in self._ids:
            problems.add(f"{place.pointer}/operationId", f"{shown(given)} is the operationId of another operation")
        operation_id = str(given) if given else f"{method} {re.sub(r'[{}]', '', path)}".replace("/", "_")
        self._ids.add(operation_id)
        chosen = self._chosen.get((path, method))
        return operation_id, chosen or self._functions.take(_function_name(operation_id.replace("/", "_")))

    def _check_servers(self, item: Place, place: Place) -> None:
        """Add a problem if the operation has other servers than the document."""
        source = self.schemas.source
        own = next((each for each in (place.get("servers"), item.get("servers")) if each.value), None)
        if own is not None and own.value != source.root.get("servers").value:
            source.problems.add(own.pointer, SERVERS_TOLD)

    def _tag(self, place: Place) -> str:
        tags = place.get("tags").value
        tag = str(PythonIdentifier(str(tags[0]) if is_array(tags) and tags else "default", "tag"))
        return shortened(tag)

    def _body(self, place: Place, function: str) -> Body | None:
        content = place.members("content")
        if not content:
            return None
        for media_type, media in content:
            if JSON.fullmatch(media_type.lower()):
                schema = media.get("schema")
                kind = self.schemas.read(
                    schema if schema.value is not None else Place({}, schema.pointer), f"{function}_body"
                )
                sent = media_type if "*" not in media_type else "application/json"
                return Body(kind, place.get("required").value is True, sent)
        self.schemas.source.problems.add(content[0][1].pointer, BODY_TOLD)
        return None

    def _responses(self, place: Place, function: str) -> Iterator[Response]:
        for status, unresolved in place.members("responses"):
            if status.startswith("x-"):
                continue
            response = self.schemas.source.resolved(unresolved)
            normal = status.upper() if status != "default" else status
            if not re.fullmatch("[1-5](?:[0-9]{2}|XX)|default", normal):
                self.schemas.source.problems.add(
                    unresolved.pointer, f"{shown(status)} is not a status: use 200, 2XX or default, for example"
                )
                continue
            yield self._response(normal, response, f"{function}_response_{status}")

    def _response(self, status: str, place: Place, hint: str) -> Response:
        content = place.members("content")
        for media_type, media in content:
            if JSON.fullmatch(media_type.lower()):
                schema = media.get("schema")
                return Response(status, None if schema.value is None else self.schemas.read(schema, hint))
        if any(TEXT.fullmatch(media_type.lower()) for media_type, _ in content):
            return Response(status, Scalar(types=("string",)), is_text=True)
        if content:
            self.schemas.source.problems.add(content[0][1].pointer, ANSWER_TOLD)
        return Response(status, None)


def _function_name(text: str) -> str:
    return shortened(identifier(text, "operation_"))
