"""The one WebSocket of a page: what changes, as it changes."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from services.api.access import must_enrol, session_of
from services.api.collaborators import Collaborators, Here
from services.api.connections import KEEP_OPEN
from services.api.live import MOST_PAGES, SIGNED_OUT, TOO_SLOW, Listener
from services.api.sign_in.sessions import Session

router = APIRouter()


@router.websocket("/live")
async def live(socket: WebSocket, here: Here) -> None:
    """Send what is told until either side ends it; who is not signed in gets the code 4401."""
    with suppress(WebSocketDisconnect):
        await socket.accept()
        session = await run_in_threadpool(session_of, socket, here)
        if session is None or must_enrol(session, here):
            await socket.close(SIGNED_OUT)
        elif here.listeners.pages(session.id) >= MOST_PAGES:
            await socket.close(TOO_SLOW)
        else:
            getattr(socket.state, KEEP_OPEN, _nothing)()
            await _tell(socket, session, here)


async def _tell(socket: WebSocket, session: Session, here: Collaborators) -> None:
    listener = Listener(session, asyncio.get_running_loop())
    here.listeners.add(listener)
    try:
        await socket.send_text(json.dumps({"type": "hello", "name": session.name, "role": session.role}))
        await _until_first(_send(socket, listener), _drain(socket))
    finally:
        here.listeners.remove(listener)


def _nothing() -> None:
    """Stand in for what keeps a socket open, where the server is another one."""


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
