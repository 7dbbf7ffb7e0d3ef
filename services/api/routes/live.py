"""The one WebSocket of a page: what changes, as it changes."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from services.api.access import session_of
from services.api.collaborators import Here
from services.api.live import SIGNED_OUT, Listener

router = APIRouter()


@router.websocket("/live")
async def live(socket: WebSocket, here: Here) -> None:
    """Send what is told until either side ends it; who is not signed in gets the code 4401."""
    await socket.accept()
    session = await run_in_threadpool(session_of, socket, here)
    if session is None:
        await socket.close(SIGNED_OUT)
        return
    listener = Listener(session, asyncio.get_running_loop())
    here.listeners.add(listener)
    try:
        await socket.send_text(json.dumps({"type": "hello", "name": session.name, "role": session.role}))
        await _until_first(_send(socket, listener), _drain(socket))
    finally:
        here.listeners.remove(listener)


async def _send(socket: WebSocket, listener: Listener) -> None:
    while True:
        message = await listener.waiting.get()
        if isinstance(message, int):
            await socket.close(message)
            return
        await socket.send_text(message)


async def _drain(socket: WebSocket) -> None:
    """Read on until the page is gone, whatever it sends: nothing is asked of this socket."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _until_first(*jobs: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.ensure_future(job) for job in jobs]
    _, unfinished = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in unfinished:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await task
