"""Two notifications by PyPI's aioapns to a stand-in on this machine; prints status and reason of each.

    python tests/peers/sending_aioapns.py PORT CA_FILE KEY KEY_ID TEAM_ID TOPIC TOKEN...
"""

import asyncio
import logging
import ssl
import sys

from aioapns import APNs, NotificationRequest, PushType
from aioapns.connection import APNsProductionClientProtocol

PORT, CA, KEY, KEY_ID, TEAM_ID, TOPIC, *TOKENS = sys.argv[1:]


async def main():
    # The client knows Apple's address only.
    APNsProductionClientProtocol.APNS_SERVER = "127.0.0.1"
    APNsProductionClientProtocol.APNS_PORT = int(PORT)
    logging.disable(logging.ERROR)
    context = ssl.create_default_context(cafile=CA)
    context.set_alpn_protocols(["h2"])  # Node's server speaks HTTP/2 to who asks for it.
    client = APNs(key=KEY, key_id=KEY_ID, team_id=TEAM_ID, topic=TOPIC, ssl_context=context)
    for token in TOKENS:
        message = {"aps": {"alert": {"title": "Due", "body": "Tea"}, "badge": 3}}
        request = NotificationRequest(device_token=token, message=message, time_to_live=60, push_type=PushType.ALERT)
        result = await client.send_notification(request)
        print(result.status, result.description or "", flush=True)


asyncio.run(main())
