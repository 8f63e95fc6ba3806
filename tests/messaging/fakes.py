"""Fakes of the platforms' APIs on loopback, written from their public documentation.

Each refuses what the platform would refuse, keeps what it took, and can be told to
fail: once for each entry of `faults`, in order.
"""

import asyncio
import base64
import hashlib
import hmac
import itertools
import json
import re
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from tests.ports import free_port

PUBLIC_URL = "https://chat.example.org"
_numbers = itertools.count(1)


class Fake:
    """A platform: its API, and the webhooks that it sends to us.

    Attributes:
        faults: what happens to the next requests: `429`, `500`, `503`, `reset` (before the
            request is worked on), `lost` (it is worked on, then the connection breaks), `slow`.
        took: requests that were worked on, in order: (user, message).
    """

    def __init__(self):
        self.faults = []
        self.took = []
        self.refused = []
        self.calls = 0
        self.retry_after = "0.3"
        self.server = ""
        self._runner = None
        self._port = free_port()
        self.client = None

    async def start(self):
        app = web.Application(client_max_size=1_000_000)
        self.routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self.client = self.client or aiohttp.ClientSession()

    async def down(self):
        """Stop listening; `start` listens again on the same port."""
        await self._runner.cleanup()

    async def stop(self):
        await self.down()
        await self.client.close()
        self.client = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    async def faulty(self, request, work):
        self.calls += 1
        fault = self.faults.pop(0) if self.faults else None
        if fault == "slow":
            await asyncio.sleep(1)
        elif fault == "reset":
            request.transport.abort()
            return web.Response()
        elif fault == "hangs":
            await asyncio.sleep(30)
        elif isinstance(fault, int):
            headers = {"Retry-After": self.retry_after} if fault == 429 else {}
            return web.json_response(self.error_body(fault), status=fault, headers=headers)
        answer = await work(request)
        if fault == "lost":
            request.transport.abort()
        return answer

    def error_body(self, status):
        return {}

    async def post(self, path, body, headers, method="POST"):
        async with self.client.request(method, self.server + path, data=body, headers=headers) as response:
            return response.status, await response.text()

    def texts(self, user=None):
        return [self.text_of(message) for who, message in self.took if user in (None, who)]


class FakeTwilio(Fake):
    """Programmable Messaging: POST and GET Messages.json, opt-out keywords, signed webhooks."""

    account, token = "AC" + "0" * 32, "12345"
    sms_number, whatsapp_number = "+18005551212", "+18005551313"

    def __init__(self):
        super().__init__()
        self.opted_out = set()
        self.confirmed = []
        self.messages = []

    def variables(self):
        return {
            "FAMILY_GUIDE_PUBLIC_URL": PUBLIC_URL,
            "FAMILY_GUIDE_TWILIO_ACCOUNT_SID": self.account,
            "FAMILY_GUIDE_TWILIO_AUTH_TOKEN": self.token,
            "FAMILY_GUIDE_TWILIO_SMS_NUMBER": self.sms_number,
            "FAMILY_GUIDE_TWILIO_WHATSAPP_NUMBER": self.whatsapp_number,
            "FAMILY_GUIDE_TWILIO_API_URL": self.url,
        }

    def routes(self, app):
        path = f"/2010-04-01/Accounts/{self.account}/Messages.json"
        app.router.add_post(path, lambda request: self.faulty(request, self._create))
        app.router.add_get(path, self._list)

    def error_body(self, status):
        return {"code": 20000 + status, "message": "error", "status": status}

    def _authorised(self, request):
        expected = base64.b64encode(f"{self.account}:{self.token}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {expected}"

    async def _create(self, request):
        form = await request.post()
        to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
        code = None
        if not self._authorised(request):
            return web.json_response({"code": 20003, "status": 401}, status=401)
        if not re.fullmatch(r"(whatsapp:)?\+\d{7,15}", to):
            code = 21211
        elif sender not in (self.sms_number, f"whatsapp:{self.whatsapp_number}"):
            code = 21606
        elif to.startswith("whatsapp:") != sender.startswith("whatsapp:"):
            code = 63007
        elif not body.strip():
            code = 21602
        elif len(body) > 1600:
            code = 21617
        elif to in self.opted_out:
            code = 21610
        if code:
            self.refused.append(code)
            return web.json_response({"code": code, "message": "refused", "status": 400}, status=400)
        self.took.append((to, body))
        made = {
            "sid": f"SM{next(_numbers):032x}",
            "to": to,
            "from": sender,
            "body": body,
            "status": "queued",
            "date_created": format_datetime(datetime.now(UTC)),
        }
        self.messages.insert(0, made)
        return web.json_response(made, status=201)

    async def _list(self, request):
        if not self._authorised(request):
            return web.json_response({"code": 20003, "status": 401}, status=401)
        to = request.query.get("To")
        return web.json_response({"messages": [m for m in self.messages if m["to"] == to]})

    def text_of(self, message):
        return message

    def form(self, user, text, channel="sms", **fields):
        prefix = "whatsapp:" if channel == "whatsapp" else ""
        number = self.whatsapp_number if channel == "whatsapp" else self.sms_number
        return {
            "ToCountry": "US",
            "MessageSid": f"SM{next(_numbers):032x}",
            "AccountSid": self.account,
            "From": prefix + user,
            "To": prefix + number,
            "Body": text,
            "NumMedia": "0",
            # Twilio sends and signs empty fields too.
            "ToCity": "",
            **fields,
        }

    def signature(self, channel, form, token=None):
        url = f"{PUBLIC_URL}/webhooks/{channel}/webhook"
        return RequestValidator(token or self.token).compute_signature(url, form)

    async def deliver(self, form, channel="sms", signature=None):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers["X-Twilio-Signature"] = signature or self.signature(channel, form)
        return await self.post(f"/webhooks/{channel}/webhook", urlencode(form), headers)

    async def says(self, user, text, channel="sms", **fields):
        """Deliver what a family wrote, with Twilio's own handling of opt-out keywords first."""
        word = text.strip().upper()
        if channel == "sms" and word in ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"):
            self.opted_out.add(user)
            self.confirmed.append(user)
        elif channel == "sms" and word in ("START", "YES", "UNSTOP"):
            self.opted_out.discard(user)
        return await self.deliver(self.form(user, text, channel, **fields), channel)


class FakeMessenger(Fake):
    """Messenger Platform: the Send API with its limits, and signed webhooks."""

    secret, verify, token = "app secret", "meatyhamhock", "page-token"

    def variables(self):
        return {
            "FAMILY_GUIDE_PUBLIC_URL": PUBLIC_URL,
            "FAMILY_GUIDE_MESSENGER_APP_SECRET": self.secret,
            "FAMILY_GUIDE_MESSENGER_VERIFY_TOKEN": self.verify,
            "FAMILY_GUIDE_MESSENGER_PAGE_TOKEN": self.token,
            "FAMILY_GUIDE_MESSENGER_API_URL": f"{self.url}/v23.0",
        }

    def __init__(self):
        super().__init__()
        self.known = set()

    def routes(self, app):
        app.router.add_post("/v23.0/me/messages", lambda request: self.faulty(request, self._send))

    def error_body(self, status):
        return {"error": {"message": "error", "code": 4 if status == 429 else 2, "is_transient": status >= 500}}

    async def _send(self, request):
        proof = hmac.new(self.secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()
        if request.query.get("access_token") != self.token:
            return web.json_response({"error": {"code": 190, "message": "token"}}, status=400)
        if request.query.get("appsecret_proof") != proof:
            return web.json_response({"error": {"code": 100, "message": "proof"}}, status=400)
        body = await request.json()
        user, message = body["recipient"]["id"], body["message"]
        wrong = self._wrong(user, body, message)
        if wrong:
            self.refused.append(wrong)
            return web.json_response({"error": {"code": 100, "message": wrong}}, status=400)
        self.took.append((user, message))
        return web.json_response({"recipient_id": user, "message_id": f"m_{next(_numbers)}"})

    def _wrong(self, user, body, message):
        if user not in self.known:
            return "no such user, or outside of the 24 hours"
        if body["messaging_type"] != "RESPONSE":
            return "messaging_type"
        text, attachment = message.get("text"), message.get("attachment")
        if (text is None) == (attachment is None):
            return "either text or attachment"
        if text is not None and not 1 <= len(text) <= 2000:
            return "length of text"
        quick = message.get("quick_replies", [])
        if "quick_replies" in message and not 1 <= len(quick) <= 13:
            return "number of quick replies"
        for one in quick:
            fits = 1 <= len(one["title"]) <= 20 and 1 <= len(one["payload"]) <= 1000
            if one["content_type"] != "text" or not fits:
                return "quick reply"
        if attachment is not None:
            template = attachment["payload"]
            if attachment["type"] != "template" or template["template_type"] != "button":
                return "template"
            if not 1 <= len(template["text"]) <= 640 or not 1 <= len(template["buttons"]) <= 3:
                return "button template"
            for button in template["buttons"]:
                if not 1 <= len(button["title"]) <= 20:
                    return "title of button"
                if button["type"] == "web_url" and not button["url"].startswith("https://"):
                    return "url of button"
                if button["type"] == "phone_number" and not re.fullmatch(r"\+\d{8,15}", button["payload"]):
                    return "number of button"
        return None

    def text_of(self, message):
        return message["text"] if "text" in message else message["attachment"]["payload"]["text"]

    def event(self, user, **fields):
        self.known.add(user)
        return {"sender": {"id": user}, "recipient": {"id": "page"}, "timestamp": int(time.time() * 1000), **fields}

    def body(self, *events):
        entry = [{"id": "page", "time": int(time.time() * 1000), "messaging": [event]} for event in events]
        return json.dumps({"object": "page", "entry": entry}).encode()

    def signature(self, body, secret=None):
        return "sha256=" + hmac.new((secret or self.secret).encode(), body, hashlib.sha256).hexdigest()

    async def deliver(self, body, signature=None):
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": signature or self.signature(body)}
        return await self.post("/webhooks/messenger/webhook", body, headers)

    async def says(self, user, text):
        return await self.deliver(self.body(self.event(user, message={"mid": f"m_{next(_numbers)}", "text": text})))

    async def presses(self, user, title):
        """Press a quick reply; only those of the last message are shown."""
        last = [message for who, message in self.took if who == user][-1]
        (pressed,) = [one for one in last["quick_replies"] if one["title"] == title]
        message = {"mid": f"m_{next(_numbers)}", "text": title, "quick_reply": {"payload": pressed["payload"]}}
        return await self.deliver(self.body(self.event(user, message=message)))


class FakeTelegram(Fake):
    """The Bot API with its limits, and webhooks with the secret token."""

    token, secret = "123456:AAbb", "our-Secret_1"

    def __init__(self):
        super().__init__()
        self.webhook = None
        self.answered = []

    def variables(self):
        return {
            "FAMILY_GUIDE_PUBLIC_URL": PUBLIC_URL,
            "FAMILY_GUIDE_TELEGRAM_TOKEN": self.token,
            "FAMILY_GUIDE_TELEGRAM_SECRET": self.secret,
            "FAMILY_GUIDE_TELEGRAM_API_URL": self.url,
        }

    def routes(self, app):
        app.router.add_post("/bot{token}/{method}", self._method)

    def error_body(self, status):
        body = {"ok": False, "error_code": status, "description": "error"}
        return body | ({"parameters": {"retry_after": 1}} if status == 429 else {})

    async def _method(self, request):
        if request.match_info["token"] != self.token:
            return web.json_response({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        method, body = request.match_info["method"], await request.json()
        if method == "setWebhook":
            if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", body["secret_token"]) or not body["url"].startswith(
                "https://"
            ):
                return self._bad("bad webhook")
            self.webhook = body
            return web.json_response({"ok": True, "result": True})
        if method == "answerCallbackQuery":
            self.answered.append(body["callback_query_id"])
            return web.json_response({"ok": True, "result": True})
        return await self.faulty(request, lambda _: self._send(method, body))

    def _bad(self, description):
        self.refused.append(description)
        return web.json_response({"ok": False, "error_code": 400, "description": description}, status=400)

    async def _send(self, method, body):
        if not isinstance(body["chat_id"], int):
            return self._bad("Bad Request: chat not found")
        if method == "sendMessage":
            if not 1 <= len(body["text"]) <= 4096:
                return self._bad("Bad Request: message is too long")
            for row in body.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if not 1 <= len(button["callback_data"].encode()) <= 64:
                        return self._bad("Bad Request: BUTTON_DATA_INVALID")
        elif method == "sendContact":
            if not body["phone_number"] or not 1 <= len(body["first_name"]) <= 64:
                return self._bad("Bad Request: contact")
        else:
            return web.json_response({"ok": False, "error_code": 404}, status=404)
        self.took.append((str(body["chat_id"]), body))
        return web.json_response({"ok": True, "result": {"message_id": next(_numbers)}})

    def text_of(self, message):
        return message.get("text") or message["phone_number"]

    def update(self, user, text, **fields):
        message = {"message_id": next(_numbers), "date": int(time.time()), "chat": {"id": user, "type": "private"}}
        message |= {"from": {"id": user, "is_bot": False, "first_name": "Ann"}, "text": text, **fields}
        return {"update_id": next(_numbers), "message": message}

    async def deliver(self, update, secret=None):
        headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret or self.secret}
        return await self.post("/webhooks/telegram/webhook", json.dumps(update), headers)

    async def says(self, user, text):
        return await self.deliver(self.update(user, text))

    def pressing(self, user, title):
        keyboards = [m["reply_markup"]["inline_keyboard"] for _, m in self.took if "reply_markup" in m]
        buttons = [button for keyboard in reversed(keyboards) for (button,) in keyboard if button["text"] == title]
        pressed = {
            "id": str(next(_numbers)),
            "from": {"id": user},
            "message": {"message_id": next(_numbers), "date": 0, "chat": {"id": user, "type": "private"}, "text": "x"},
            "chat_instance": "1",
            "data": buttons[0]["callback_data"],
        }
        return {"update_id": next(_numbers), "callback_query": pressed}

    async def presses(self, user, title):
        return await self.deliver(self.pressing(user, title))
