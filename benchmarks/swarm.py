"""Many Socket.IO clients in one process: as little as is needed to connect, to listen and to ask.

They speak WebSocket and Socket.IO themselves, on asyncio's streams: two thousand full clients would cost more than the
server that is measured.
"""

import asyncio
import base64
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import orjson

TEXT, PING, CLOSE = 0x1, 0x9, 0x8
# heard(client, event, payload)
Heard = Callable[["Client", str, Any], None]


class Client:
    """One socket: what it hears is handed to ``heard``; ``closed`` is set when the server has ended it."""

    def __init__(self, url: str, token: str, heard: Heard) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "localhost", parts.port or 80
        self._token = token
        self._heard = heard
        self._acks: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self.closed = asyncio.Event()

    async def open(self) -> None:
        """Connect, and return when the server has let it in.

        :raises ConnectionError: it did not.
        """
        reader, self._writer = await asyncio.open_connection(*self._address)
        key = base64.b64encode(os.urandom(16)).decode()
        self._writer.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {self._address[0]}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.partition(b"\r\n")[0]:
            raise ConnectionError(head.decode())
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen(reader))
        await asyncio.wait_for(self._ready, 60)

    async def ask(self, event: str, data: Any) -> Any:
        """Send an event and return its acknowledgement."""
        self._number += 1
        self._acks[self._number] = asyncio.get_running_loop().create_future()
        self._send(f"42{self._number}{orjson.dumps([event, data]).decode()}")
        return await asyncio.wait_for(self._acks[self._number], 30)

    def close(self) -> None:
        """End it."""
        self._listening.cancel()
        self._writer.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                kind, length = await reader.readexactly(2)
                size = length & 0x7F
                if size >= 126:
                    size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
                text = await reader.readexactly(size)
                if kind & 0xF == CLOSE:
                    break
                if kind & 0xF == TEXT:
                    self._take(text)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.closed.set()

    def _take(self, text: bytes) -> None:
        if text[:1] == b"0":
            self._send(f"40{orjson.dumps({'token': self._token}).decode()}")
        elif text[:1] == b"2":
            self._send("3")
        elif text[:2] == b"40":
            self._ready.set_result(None)
        elif text[:2] == b"44":
            self._ready.set_exception(ConnectionError(text.decode()))
        elif text[:2] == b"42":
            self._heard(self, *orjson.loads(text[2:]))
        elif text[:2] == b"43":
            number, _, answer = text[2:].partition(b"[")
            self._acks.pop(int(number)).set_result(orjson.loads(b"[" + answer)[0])

    def _send(self, text: str) -> None:
        data = text.encode()
        head = bytearray([0x80 | TEXT])
        head += bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0x80 | 126]) + len(data).to_bytes(2, "big")
        mask = os.urandom(4)
        self._writer.write(bytes(head) + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(data)))


async def opened(url: str, tokens: list[str], heard: Heard, *, at_once: int = 50) -> list[Client]:
    """Open a socket for each of ``tokens``, so many at once, and return them."""
    turns = asyncio.Semaphore(at_once)

    async def one(token: str) -> Client:
        async with turns:
            client = Client(url, token, heard)
            await client.open()
            return client

    return list(await asyncio.gather(*(one(token) for token in tokens)))


async def fan_out(clients: list[Client], arrived: dict[int, float], tell: Callable[[], Awaitable[Any]]) -> float:
    """Return the milliseconds from ``tell()`` until the last of ``clients`` is in ``arrived`` (``id``: moment)."""
    arrived.clear()
    started = time.perf_counter()
    await tell()
    while len(arrived) < len(clients):
        if time.perf_counter() > started + 30:
            raise RuntimeError(f"{len(arrived)} of {len(clients)} heard it")
        await asyncio.sleep(0.001)
    return (max(arrived.values()) - started) * 1000
