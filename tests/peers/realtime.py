"""PyPI's python-socketio, which knows nothing of ours: connects, gets what a step of the journey pushes, and goes on from
its offset after it was away.

    python tests/peers/realtime.py http://HOST:PORT GRPC_HOST:PORT
"""

import asyncio
import json
import subprocess
import sys

import socketio

URL, GRPC = sys.argv[1:3]
USER = 777000779
PATIENCE = 30


def check(name, condition, said=None):
    print(("ok" if condition else "not ok") + " python-socketio: " + name, flush=True)
    if not condition:
        print(name + ": " + repr(said), file=sys.stderr)


def change_profile(affinity):
    """Something that happens to the person, by another way into the mesh."""
    request = {"profile": {"user_id": USER, "domain_affinities": {"WORK": affinity}}, "allow_missing": True,
               "idempotency_key": "affinity %s" % affinity}
    subprocess.run(
        ["grpcurl", "-plaintext", "-d", json.dumps(request), GRPC, "selfology.profile.v1.ProfileService/UpdateProfile"],
        check=True, stdout=subprocess.DEVNULL)


async def connect(transport, offset):
    """A device, and the queue of what it is told."""
    device = socketio.AsyncClient(reconnection=False)
    told = asyncio.Queue()
    for name in ("ready", "event", "gap"):
        device.on(name, lambda argument, name=name: told.put_nowait((name, argument)))
    await device.connect(URL, transports=[transport], auth={"user_id": USER, "offset": offset})
    return device, told


async def next_of(told):
    try:
        return await asyncio.wait_for(told.get(), PATIENCE)
    except asyncio.TimeoutError:
        return (None, None)


async def main():
    refused = socketio.AsyncClient(reconnection=False)
    try:
        await refused.connect(URL, transports=["websocket"])
        check("is refused without saying who it is", False)
    except socketio.exceptions.ConnectionError as error:
        check("is refused without saying who it is", True, error)

    position = 0
    for number, transport in enumerate(("websocket", "polling")):
        device, told = await connect(transport, position)
        name, ready = await next_of(told)
        check("enters by " + transport, name == "ready" and ready["user_id"] == USER, ready)
        await asyncio.to_thread(change_profile, 0.2 * number + 0.1)
        name, event = await next_of(told)
        check("gets the pushed event by " + transport, name == "event" and event["type"].startswith("profile."), event)
        answer = await device.call("authenticate", {"token": "nonsense"}, timeout=PATIENCE)
        check("is acknowledged by " + transport, "code" in answer.get("error", {}), answer)
        await device.disconnect()
        position = event["position"]

        await asyncio.to_thread(change_profile, 0.2 * number + 0.2)
        again, told = await connect(transport, position)
        await next_of(told)
        name, missed = await next_of(told)
        check("gets what it missed by " + transport, name == "event" and missed["position"] == position + 1, missed)
        await again.disconnect()
        position = missed["position"]


asyncio.run(main())
