"""Requests of generated clients reach the wire as the spec says, and answers of all forms are read."""

import datetime
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from support.http_server import HttpServer
from support.processes import ROOT
from tools.regenerate.__main__ import main

WHEN = datetime.datetime(2023, 1, 5, 10, 30, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The package `desk_api.desk`. That it is made means that it imports, and is strictly typed."""
    root: Path = tmp_path_factory.mktemp("desk")
    (root / "openapi").mkdir()
    (root / "openapi" / "desk.yaml").write_bytes((ROOT / "tests" / "data" / "desk.yaml").read_bytes())
    assert main(["--root", str(root), "--package", "desk_api"]) == 0
    sys.path.append(str(root / "generated"))
    yield import_module("desk_api.desk")
    sys.path.remove(str(root / "generated"))


def endpoint(name: str) -> Any:
    return import_module(f"desk_api.desk.api.desks.{name}")


def test_every_style_of_a_parameter_is_sent(desk: Any, server: HttpServer) -> None:
    models = import_module("desk_api.desk.models")
    server.answer(200, b'{"name": "a"}')
    answer = endpoint("get_desk").sync_detailed(
        models.Response("open now"),
        models.GetDeskNumber(1),
        WHEN,
        True,
        ["a/b", "c"],
        client=desk.AuthenticatedClient(server.url, token="secret"),
        ids=[1, 2],
        joined_=[WHEN.date(), WHEN.date()],
        piped=["x", "y"],
        deep=models.GetDeskDeep(a=True, b="ü"),
        spread_={"p": 1},
        json=models.GetDeskJson(when=WHEN.date()),
        day=WHEN.date(),
        client_="me",
        values_=False,
        x_flag=True,
        x_many=[1, 2],
    )
    path, _, query = server.request.target.partition("?")
    assert path == "/desks/open%20now/1/2023-01-05T10%3A30%3A00%2B00%3A00/true/a%2Fb,c"
    assert query.split("&") == [
        *("ids=1", "ids=2", "joined=2023-01-05%2C2023-01-05", "piped=x%7Cy", "deep%5Ba%5D=true", "deep%5Bb%5D=%C3%BC"),
        *("p=1", "json=%7B%22when%22%3A%222023-01-05%22%7D", "day=2023-01-05", "client=me", "values=false"),
    ]
    assert server.request.headers["X-Flag"] == "true"
    assert server.request.headers["X-Many"] == "1,2"
    assert server.request.headers["Authorization"] == "Bearer secret"
    assert answer.parsed == models.Client(name="a")


def test_what_is_unset_is_not_sent(desk: Any, server: HttpServer) -> None:
    server.answer(404, b"no such desk")
    client = desk.AuthenticatedClient(server.url, token="secret")
    models = import_module("desk_api.desk.models")
    answer = endpoint("get_desk").sync_detailed(models.Response.CLOSED, 7, WHEN, False, ["n"], client=client)
    assert "?" not in server.request.target
    assert server.request.target.startswith("/desks/closed/7/")
    assert "X-Flag" not in server.request.headers
    assert answer.parsed == "no such desk"


def test_a_json_body_is_sent_and_201_is_read(desk: Any, server: HttpServer) -> None:
    models = import_module("desk_api.desk.models")
    server.answer(201, b'{"name": "b", "any": {"x": {"id": "c0ffee00-0000-4000-8000-000000000001"}}}')
    body = models.Client(name="ü", when=WHEN, unset=models.Unset(self_=models.Self.ME))
    made = endpoint("create_desk").sync(client=desk.AuthenticatedClient(server.url, token="secret"), body=body)
    assert server.request.method == "POST"
    assert server.request.headers["Content-Type"] == "application/json"
    assert json.loads(server.request.body) == {
        "name": "ü",
        "when": "2023-01-05T10:30:00+00:00",
        "unset": {"self": "me"},
    }
    assert type(made.any_.additional_properties["x"]) is models.Any


def test_a_class_that_is_called_like_a_class_variable_is_a_class(desk: Any) -> None:
    models = import_module("desk_api.desk.models")
    read = models.Client.from_checked({"variant": {"id": "1"}, "variable": "a"})
    assert read == models.Client(variant=models.FieldClassVariant(id="1"), variable=models.FieldClassVar.A)


@pytest.mark.parametrize("name", ["get_nothing", "put_nothing"])
def test_an_answer_that_is_only_null_is_none(desk: Any, server: HttpServer, name: str) -> None:
    server.answer(200, b"null")
    client = desk.AuthenticatedClient(server.url, token="secret")
    assert endpoint(name).sync(client=client) is None
    assert endpoint(name).read_checked(None) is None


@pytest.mark.parametrize(("body", "sent"), [([1, 2], b"[1,2]"), (None, b"")])
def test_a_body_of_another_media_type_may_be_left_out(desk: Any, server: HttpServer, body: Any, sent: bytes) -> None:
    server.answer(204)
    arguments = {} if body is None else {"body": body}
    client = import_module("desk_api.desk.client").KeyClient(server.url, token="secret")
    answer = endpoint("put_text").sync_detailed("a", client=client, **arguments)
    assert (server.request.method, server.request.body) == ("PUT", sent)
    assert server.request.headers["X-Key"] == "secret"
    assert server.request.headers.get("Content-Type") == ("application/vnd.desk+json" if sent else None)
    assert (answer.status_code, answer.parsed) == (204, None)


@pytest.mark.parametrize("name", ["post_null", "put_null"])
@pytest.mark.parametrize(("body", "sent"), [(None, b"null"), (0, b"0")])
def test_a_body_that_may_be_null_is_sent_as_null(
    desk: Any, server: HttpServer, name: str, body: int | None, sent: bytes
) -> None:
    server.answer(204)
    endpoint(name).sync_detailed("a", client=desk.AuthenticatedClient(server.url, token="secret"), body=body)
    assert (server.request.body, server.request.headers["Content-Type"]) == (sent, "application/json")


def test_an_optional_body_that_may_be_null_is_left_out(desk: Any, server: HttpServer) -> None:
    server.answer(204)
    endpoint("post_null").sync_detailed("a", client=desk.AuthenticatedClient(server.url, token="secret"))
    assert (server.request.body, server.request.headers.get("Content-Type")) == (b"", None)


def test_a_text_at_the_root_and_basic_credentials(desk: Any, server: HttpServer) -> None:
    clients = import_module("desk_api.desk.client")
    server.answer(200, b'"words"')
    assert endpoint("get_desk_2").sync("a", client=clients.BasicClient(server.url, token="me:secret")) == "words"
    assert server.request.headers["Authorization"] == "Basic bWU6c2VjcmV0"
    assert server.request.target == "/texts/a"
    assert endpoint("get_desk_2").sync("a", client=desk.Client(server.url)) == "words"
    assert "Authorization" not in server.requests[-1].headers


RGB = {"R": 100, "G": 200}


def sent_styles(server: HttpServer, **arguments: Any) -> tuple[str, list[str]]:
    """Send values of all styles; return the path and the parts of the query."""
    server.answer(204)
    client = import_module("desk_api.desk").AuthenticatedClient(server.url, token="secret")
    path = (RGB, RGB, ["b/", "c"], RGB, ["b", "c"], ["b", "c"])
    endpoint("get_styles").sync_detailed(*path, client=client, **arguments)
    path_sent, _, query = server.request.target.partition("?")
    return path_sent, [part for part in query.split("&") if part]


def test_explode_is_followed_in_paths_and_headers(desk: Any, server: HttpServer) -> None:
    path, _ = sent_styles(server, x_map=RGB)
    assert path == "/styles/R=100,G=200/.R=100.G=200/.b%2F.c/;R=100;G=200/;matrices=b;matrices=c/;row=b,c"
    assert server.request.headers["X-Map"] == "R=100,G=200"


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({"union": ["b", "c"]}, ["union=b%2Cc"]),
        ({"union": "b"}, ["union=b"]),
        ({"free": ["b", "c"]}, ["free=b%7Cc"]),
        ({"free": 1}, ["free=1"]),
        ({"map_": RGB}, ["R=100", "G=200"]),
        ({"map_": "b"}, ["map=b"]),
        ({"deep": RGB}, ["deep%5BR%5D=100", "deep%5BG%5D=200"]),
        ({"deep": 1}, ["deep=1"]),
    ],
)
def test_the_value_decides_how_a_parameter_of_several_types_is_sent(
    desk: Any, server: HttpServer, arguments: dict[str, Any], query: list[str]
) -> None:
    assert sent_styles(server, **arguments)[1] == query


@pytest.mark.parametrize(("value", "sent"), [(["b", "c"], "b,c"), ("b", "b"), ("", "")])
def test_the_value_decides_how_a_header_of_several_types_is_sent(
    desk: Any, server: HttpServer, value: Any, sent: str
) -> None:
    sent_styles(server, x_union=value)
    assert server.request.headers["X-Union"] == sent


def test_json_in_a_header_is_ascii(desk: Any, server: HttpServer) -> None:
    sent_styles(server, x_json={"a": "é\n"})
    assert server.request.headers["X-Json"] == '{"a":"\\u00e9\\n"}'


@pytest.mark.parametrize("value", ["é", "a\r\nb", " b", ["b", "ü"]])
def test_a_header_that_cannot_be_sent_is_named_without_its_value(desk: Any, server: HttpServer, value: Any) -> None:
    with pytest.raises(ValueError, match="`X-Union` must be printable ASCII on one line") as caught:
        sent_styles(server, x_union=value)
    assert type(caught.value) is ValueError


@pytest.mark.parametrize("segment", ["", ".", "..", []])
def test_a_path_parameter_leads_nowhere_else(desk: Any, segment: Any) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        endpoint("get_desk").request_arguments("open", 1, WHEN, True, segment if segment == [] else [segment])
