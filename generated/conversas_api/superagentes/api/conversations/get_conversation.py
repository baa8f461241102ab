from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client, path_segment
from ...models.conversation import Conversation
from ...types import Response, read_body


def request_arguments(
    id: str,
) -> dict[str, Any]:
    """Give the arguments of the request as httpx takes them, without the credential."""

    return {
        "method": "get",
        "url": "/conversations/{id}".format(
            id=path_segment(id),
        ),
    }


def _build_response(*, client: Client, response: httpx.Response) -> Response[Conversation]:
    parsed = None
    if response.status_code == 200:
        parsed = read_body(Conversation, response.content)
    elif client.raise_on_unexpected_status and not (
        response.status_code == 401 or response.status_code == 403 or response.status_code == 404
    ):
        raise errors.UnexpectedStatus(response.status_code, response.content)
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=parsed,
    )


def sync_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Conversation]:
    """Obter Conversa por ID

     "Retorna detalhes completos de uma conversa específica pelo seu ID": one conversation with
    its messages and participants.

    Args:
        id (str): ID da conversa Example: conversation-id-1.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Conversation]
    """

    kwargs = request_arguments(
        id=id,
    )
    response = client.get_httpx_client().request(**client.authorized(kwargs))
    return _build_response(client=client, response=response)


def sync(
    id: str,
    *,
    client: AuthenticatedClient,
) -> Conversation | None:
    """Obter Conversa por ID

     "Retorna detalhes completos de uma conversa específica pelo seu ID": one conversation with
    its messages and participants.

    Args:
        id (str): ID da conversa Example: conversation-id-1.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Conversation
    """

    return (
        sync_detailed(
            id=id,
            client=client,
        )
    ).parsed


async def asyncio_detailed(
    id: str,
    *,
    client: AuthenticatedClient,
) -> Response[Conversation]:
    """Obter Conversa por ID

     "Retorna detalhes completos de uma conversa específica pelo seu ID": one conversation with
    its messages and participants.

    Args:
        id (str): ID da conversa Example: conversation-id-1.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Conversation]
    """

    kwargs = request_arguments(
        id=id,
    )
    response = await client.get_async_httpx_client().request(**client.authorized(kwargs))
    return _build_response(client=client, response=response)


async def asyncio(
    id: str,
    *,
    client: AuthenticatedClient,
) -> Conversation | None:
    """Obter Conversa por ID

     "Retorna detalhes completos de uma conversa específica pelo seu ID": one conversation with
    its messages and participants.

    Args:
        id (str): ID da conversa Example: conversation-id-1.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Conversation
    """

    return (
        await asyncio_detailed(
            id=id,
            client=client,
        )
    ).parsed
