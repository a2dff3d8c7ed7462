"""Undoing content codings within bounds: a body never costs more memory than it may, however small it arrived."""

from collections.abc import Callable, Iterator

import brotli  # type: ignore[import-untyped]
import zstandard

from model.outcomes import FetchOutcome

try:
    # The standard library's interface at a third of its CPU time, which is a third of a page's.
    from isal import isal_zlib as zlib
    from isal.igzip_lib import IsalError as ZlibError
except ImportError:  # no wheel for this machine
    import zlib  # type: ignore[no-redef]
    from zlib import error as ZlibError  # type: ignore[assignment]  # noqa: N812  it is a class

STEP = 65_536  #: bytes decompressed at a time
# Of 837 real pages none compresses more than 8 times, of 100 real feeds none more than 11. gzip cannot exceed 1,032 and
# brotli exceeds 100,000, so 200 leaves the most regular honest body room and stops a bomb early.
MAX_RATIO = 200
RATIO_FROM = 1_000_000  #: bytes below which a ratio says nothing: they fit in any memory
# The zstd window that RFC 9659 lets a Content-Encoding use; a greater one is a way to make the reader allocate.
ZSTD_WINDOW = 8 * 1024 * 1024
MAX_CODINGS = 3  #: nobody honest compresses a body more often


class BodyError(Exception):
    """A body that is not what its coding says. `outcome` is what a fetch comes to because of it."""

    outcome = FetchOutcome.CONNECTION


class TooLargeError(BodyError):
    """More bytes than allowed."""

    outcome = FetchOutcome.TOO_LARGE


class BombError(BodyError):
    """A body that expands beyond any honest ratio."""

    outcome = FetchOutcome.BOMB


def _inflate(data: bytes, bits: int) -> Iterator[bytes]:
    """Yield the decompressed body of every member of a gzip or zlib stream."""
    while data:
        member = zlib.decompressobj(bits)
        while data and not member.eof:
            chunk = member.decompress(data, STEP)
            data = member.unconsumed_tail
            yield chunk
        if not member.eof:
            yield member.flush()  # a stream cut short: what came is better than nothing
            return
        # Servers pad the end with zeros; only another header begins another member.
        data = member.unused_data if member.unused_data[:2] == b"\x1f\x8b" else b""


def _gzip(data: bytes) -> Iterator[bytes]:
    return _inflate(data, 16 + zlib.MAX_WBITS)


def _deflate(data: bytes) -> Iterator[bytes]:
    """Read `deflate` as RFC 9110 says (zlib), or raw, as many servers send it."""
    is_zlib = len(data) > 1 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return _inflate(data, zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)


def _brotli(data: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    chunk = stream.process(data, output_buffer_limit=STEP)
    while chunk:
        yield chunk
        chunk = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=STEP)


def _zstd(data: bytes) -> Iterator[bytes]:
    reader = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).stream_reader(data, read_across_frames=True)
    while chunk := reader.read(STEP):
        yield chunk


DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
ACCEPT_ENCODING = "gzip, deflate, br, zstd"


def _bounded(chunks: Iterator[bytes], arrived: int, max_bytes: int) -> bytes:
    """Join chunks; raise BombError or TooLargeError as soon as they are more than allowed."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max(RATIO_FROM, MAX_RATIO * arrived):
            raise BombError(f"{arrived:,} bytes expand to more than {MAX_RATIO} times as many")
        if size > max_bytes:
            raise TooLargeError(f"more than {max_bytes:,} bytes when decompressed")
        parts.append(chunk)
    return b"".join(parts)


def decoded(body: bytes, coding: str, max_bytes: int) -> bytes:
    """Undo the content codings that a header names, last one first.

    Raises BombError, TooLargeError, or BodyError for an unknown coding or a broken stream. A body that says gzip but
    does not begin like it is returned as it is: servers behind caches do send that.
    """
    names = [name for part in coding.lower().split(",") if (name := part.strip()) not in {"", "identity", "none"}]
    if len(names) > MAX_CODINGS:
        raise BombError(f"{len(names)} content codings over each other")
    for name in reversed(names):
        body = _undone(body, name, max_bytes)
    return body


def _undone(body: bytes, name: str, max_bytes: int) -> bytes:
    if name not in DECODERS:
        # Some servers write a charset into this header; the body is plain then.
        return body
    if not body or (name.endswith("gzip") and body[:2] != b"\x1f\x8b"):
        return body
    try:
        return _bounded(DECODERS[name](body), len(body), max_bytes)
    except (ZlibError, brotli.error, zstandard.ZstdError) as error:  # type: ignore[misc]  # isal's stub errs
        raise BodyError(f"broken {name} body: {error}") from error


def gunzipped(body: bytes, max_bytes: int) -> bytes:
    """Give a body that is a gzip file itself, as sitemaps often are, unpacked; any other as it is."""
    return _undone(body, "gzip", max_bytes)
