"""aiohttp under the httpx interface: a connection pool that does not collapse with many connections.

httpx keeps its pool in Python and searches all of it for every request: 1.1 ms of client CPU per page at 4
connections, 6 ms at 100; and cancelling its requests under load leaks their slots (encode/httpcore#1093). aiohttp needs
the same at any number. The ready-made httpx-aiohttp transport knows no total time-out, quotes URLs a second time and
reports a server that hangs up as a connect time-out, so this one is ours: the few lines that fetching needs.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
import yarl

from extractors.addresses import RefusedAddressError, public_socket

# Content-Security-Policy headers of news sites exceed aiohttp's 8 kB; 64 kB in all is the limit browsers use for one.
MAX_HEADER_BYTES = 65_536
DNS_TTL_S = 300  #: addresses are checked when they are connected to, so that old ones can do no harm


class _Body(httpx.AsyncByteStream):
    """The body of one answer, in the pieces it arrives in."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _as_httpx():
            async for piece in self._answer.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        # At the end of the body the connection has gone back to the pool by itself; anywhere else it must not.
        self._answer.close()


@contextmanager
def _as_httpx() -> Iterator[None]:
    """Turn aiohttp's errors into httpx's."""
    try:
        yield
    except TimeoutError as error:
        raise httpx.ReadTimeout(str(error) or "timed out") from error
    except aiohttp.ClientConnectorError as error:
        _reraise_refused(error.os_error)
        raise httpx.ConnectError(str(error)) from error
    except aiohttp.ClientPayloadError as error:
        raise httpx.ReadError(str(error)) from error
    except (aiohttp.InvalidURL, ValueError) as error:
        raise httpx.UnsupportedProtocol(f"not a URL to ask: {error}") from error
    except aiohttp.ClientResponseError as error:
        raise httpx.RemoteProtocolError(error.message or str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.NetworkError(str(error) or type(error).__name__) from error


def _reraise_refused(error: OSError) -> None:
    # Several addresses that fail together arrive as one OSError with all their messages.
    if isinstance(error, RefusedAddressError) or "refused address" in str(error):
        raise RefusedAddressError(str(error)) from error


class PooledTransport(httpx.AsyncBaseTransport):
    """Plain GETs over pooled connections. Bodies come as sent: undoing their coding is the caller's, within bounds.

    `socket_factory` makes the socket towards each resolved address, and may refuse to; None connects anywhere.
    """

    def __init__(
        self,
        *,
        max_connections: int,
        verify: ssl.SSLContext,
        socket_factory: aiohttp.SocketFactoryType | None = public_socket,
    ) -> None:
        connector = aiohttp.TCPConnector(
            limit=max_connections, ssl=verify, socket_factory=socket_factory, ttl_dns_cache=DNS_TTL_S
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Ask once. Of the httpx time-outs, `connect` and `read` hold for one wait, `pool` for the whole exchange."""
        limits = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(
            total=limits.get("pool"), sock_connect=limits.get("connect"), sock_read=limits.get("read")
        )
        with _as_httpx():
            answer = await self._session.request(
                request.method,
                yarl.URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                allow_redirects=False,
                timeout=timeout,
            )
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer), request=request)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._session.close()
