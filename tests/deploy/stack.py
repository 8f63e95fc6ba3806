"""The whole service as deploy/ describes it, without containers: the same programs, settings and files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import urllib3

from family_guide.releases import Releases
from family_guide.secret_files import make_secrets
from family_guide.settings import ROOT
from tests.ports import free_port
from tests.services import Postgres, postgres_programs

DEPLOY = ROOT / "deploy"
CHAT, STAFF = "chat.hospital.test", "staff.hospital.test"
READY_SECONDS = 420


def wait_until(holds: Any, seconds: float, what: str) -> None:
    """Wait until something holds; asked again and again, since no process says when."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds:g} s: {what}")


def certificate(folder: Path, name: str, host: str) -> None:
    """Make a key and a certificate of its own for a host."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
         "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem"],
        check=True, capture_output=True,
    )  # fmt: skip


@dataclass
class Program:
    """A process that was started, and the file of what it prints."""

    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, command: list[Any], log: Path, cwd: Path = ROOT, **environment: str) -> Program:
        """Start a command with variables added to the environment."""
        with open(log, "ab") as output:
            process = subprocess.Popen(
                [str(part) for part in command],
                cwd=cwd,
                env={**os.environ, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return cls(process, log)

    def stop(self, number: int = 15, seconds: float = 40) -> int:
        """Send a signal and return the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def entries(self) -> list[dict[str, Any]]:
        """Return the lines of the log that are JSON."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


class Outside:
    """Somebody on the internet: knows host names and one address.

    Args:
        port: of the proxy's TLS.
        host: the name that is asked for.
        certificates: folder with the certificates that are believed.
    """

    def __init__(self, port: int, host: str, certificates: Path) -> None:
        name = "staff" if host == STAFF else "chat"
        self.host = host
        self.pool = urllib3.HTTPSConnectionPool(
            "127.0.0.1",
            port,
            maxsize=16,
            retries=False,
            timeout=30,
            server_hostname=host,
            assert_hostname=host,
            ca_certs=str(certificates / f"{name}.pem"),
        )

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request and return the response; a body that is no bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return self.pool.request(method, path, body=data, headers={"Host": self.host, **headers}, redirect=False)

    def session(self) -> str:
        """Return the token of a new chat."""
        answer = self.ask("POST", "/webhooks/website/sessions", {})
        assert answer.status == 201, answer.data
        return str(json.loads(answer.data)["session"])

    def say(self, session: str, **fields: Any) -> Any:
        """Send a message and return the response."""
        return self.ask("POST", "/webhooks/website/messages", {"session": session, **fields})


@dataclass
class Stack:
    """The service, running.

    Attributes:
        folder: of all its files.
        assistants: its assistant servers.
        monitors: their monitors' addresses.
        ports: their ports.
        proxy: nginx.
        staff: the staff app.
        redis: Redis.
        postgres: PostgreSQL.
        releases: the released models.
        signing_key: what they are signed with.
    """

    folder: Path
    postgres: Postgres
    ports: list[int] = field(default_factory=lambda: [free_port(), free_port()])
    monitor_ports: list[int] = field(default_factory=lambda: [free_port(), free_port()])
    https: int = field(default_factory=free_port)
    http: int = field(default_factory=free_port)
    staff_port: int = field(default_factory=free_port)
    redis_port: int = field(default_factory=free_port)
    assistants: list[Program] = field(default_factory=list)

    @property
    def monitors(self) -> list[str]:
        """Addresses of the assistants' monitors."""
        return [f"http://127.0.0.1:{port}" for port in self.monitor_ports]

    @property
    def secrets(self) -> Path:
        """Folder of the secrets."""
        return self.folder / "secrets"

    @property
    def certificates(self) -> Path:
        """Folder of the certificates."""
        return self.folder / "certificates"

    def outside(self, host: str = CHAT, port: int | None = None) -> Outside:
        """Return somebody on the internet."""
        return Outside(port or self.https, host, self.certificates)

    def make(self, model: Path) -> None:
        """Make the secrets, certificates, databases, and the first release."""
        said = list(make_secrets(self.secrets))
        self.public_key = said[-1].split("=")[1]
        self.signing_key = (self.secrets / "release_signing_key").read_text()
        for file in self.secrets.iterdir():
            text = file.read_text()
            text = text.replace("@postgres/", f"@127.0.0.1:{self.postgres.port}/")
            file.write_text(text.replace("@redis:6379", f"@127.0.0.1:{self.redis_port}"))
        self.certificates.mkdir()
        for name, host in (("chat", CHAT), ("staff", STAFF)):
            certificate(self.certificates, name, host)
        make_databases(self.postgres, self.secrets)
        self.releases = Releases(self.folder / "releases", self.public_key)
        self.first_release = self.releases.add(model, self.signing_key, ("tests",)).name
        self.releases.choose(self.first_release)

    def start(self) -> None:
        """Start everything and wait until it is ready."""
        self.redis = Program.start(
            ["redis-server", self.secrets / "redis.conf", "--port", self.redis_port, "--bind", "127.0.0.1",
             "--dir", self.folder],
            self.folder / "redis.log",
        )  # fmt: skip
        self.assistants = [self.start_assistant(number) for number in range(2)]
        self.staff = self.start_staff()
        self.proxy = self.start_proxy()
        for number in range(2):
            self.wait_for_assistant(number)

    def start_assistant(self, number: int, **environment: str) -> Program:
        """Start one of the assistant servers as its container does."""
        settings = {
            "FAMILY_GUIDE_PROFILE": "production",
            "FAMILY_GUIDE_SECRETS": str(self.secrets),
            "FAMILY_GUIDE_RELEASES": str(self.folder / "releases"),
            "FAMILY_GUIDE_RELEASE_PUBLIC_KEY": self.public_key,
            "FAMILY_GUIDE_TRUSTED_PROXIES": "127.0.0.1",
            "FAMILY_GUIDE_VAR": str(self.folder / f"assistant-{number}"),
            "FAMILY_GUIDE_PORT": str(self.ports[number]),
            "FAMILY_GUIDE_MONITOR_PORT": str(self.monitor_ports[number]),
            # All of the tests come from one address.
            "FAMILY_GUIDE_RATE_PER_ADDRESS": "100000",
            "FAMILY_GUIDE_RATE_PER_SESSION": "100000",
            "HOME": str(self.folder / "home"),
            **MESSAGING,
            **environment,
        }
        command = [sys.executable, "-m", "family_guide", "run"]
        return Program.start(command, self.folder / f"assistant-{number}.log", **settings)

    def wait_for_assistant(self, number: int) -> None:
        """Wait until an assistant server is ready."""
        program = self.assistants[number]

        def ready() -> bool:
            assert program.process.poll() is None, program.log.read_text()
            try:
                return requests.get(f"{self.monitors[number]}/ready", timeout=10).ok
            except requests.ConnectionError:
                return False

        wait_until(ready, READY_SECONDS, f"assistant {number} is ready")

    def start_staff(self) -> Program:
        """Start the staff app as its container does, in its own environment."""
        python = ROOT / "staff" / ".venv" / "bin" / "python"
        if not python.exists():
            uv = shutil.which("uv") or ROOT / ".cache" / "uv" / "bin" / "uv"
            subprocess.run([uv, "sync", "--frozen", "--quiet", "--project", ROOT / "staff"], check=True)
        # The container mounts what the staff app reads under this name.
        secrets = self.folder / "staff-secrets"
        secrets.mkdir(exist_ok=True)
        for source, target in (
            ("family_guide_staff_secret", "family_guide_staff_secret"),
            ("family_guide_staff_database_url", "family_guide_staff_database_url"),
            ("family_guide_staff_reads", "family_guide_database_url"),
        ):
            (secrets / target).write_text((self.secrets / source).read_text())
        return Program.start(
            [python, ROOT / "staff" / "manage.py", "run"],
            self.folder / "staff.log",
            FAMILY_GUIDE_SECRETS=str(secrets),
            FAMILY_GUIDE_VAR=str(self.folder / "staff"),
            FAMILY_GUIDE_STAFF_PROFILE="production",
            FAMILY_GUIDE_STAFF_ALLOWED_HOSTS=STAFF,
            FAMILY_GUIDE_STAFF_TRUSTED_ORIGINS=f"https://{STAFF}",
            FAMILY_GUIDE_STAFF_BEHIND_PROXY="yes",
            FAMILY_GUIDE_STAFF_PORT=str(self.staff_port),
            FAMILY_GUIDE_STAFF_WORKERS="1",
        )

    def proxy_environment(self, name: str, **changed: str) -> dict[str, str]:
        """Return the variables of a proxy with files of its own."""
        return {
            "CHAT_HOST": CHAT,
            "STAFF_HOST": STAFF,
            "STAFF_NETWORK": "127.0.0.0/8",
            "ASSISTANTS": " ".join(f"127.0.0.1:{port}" for port in self.ports),
            "STAFF_APP": f"127.0.0.1:{self.staff_port}",
            "CERTIFICATES": str(self.certificates),
            "LISTEN": "127.0.0.1",
            "HTTP_PORT": str(self.http),
            "HTTPS_PORT": str(self.https),
            "PUBLIC_HTTPS_PORT": f":{self.https}",
            "RATE": "10000",
            "BURST": "10000",
            "PROXY_RUN": str(self.folder / name),
            "PATH": f"{os.environ['PATH']}:/usr/sbin",
            **changed,
        }

    def start_proxy(self, name: str = "proxy", **changed: str) -> Program:
        """Start nginx as its container does and wait until it listens."""
        environment = self.proxy_environment(name, **changed)
        program = Program.start([DEPLOY / "proxy" / "start.sh"], self.folder / f"{name}.log", **environment)
        run = Path(environment["PROXY_RUN"])
        wait_until(
            lambda: (run / "nginx.pid").exists() and (run / "nginx.pid").read_text().strip(),
            30,
            f"nginx listens: {program.log.read_text()}",
        )
        return program

    def stop(self) -> None:
        """Stop everything."""
        for program in (self.proxy, *self.assistants, self.staff, self.redis):
            program.process.kill() if program is self.redis else program.process.terminate()
        for program in (self.proxy, *self.assistants, self.staff, self.redis):
            program.stop()


MESSAGING = {
    "FAMILY_GUIDE_PUBLIC_URL": f"https://{CHAT}",
    "FAMILY_GUIDE_TWILIO_ACCOUNT_SID": "AC0123456789",
    "FAMILY_GUIDE_TWILIO_AUTH_TOKEN": "e1b9c4a7f2d8e3b6a5c0",
    "FAMILY_GUIDE_TWILIO_SMS_NUMBER": "+15551230000",
    "FAMILY_GUIDE_TWILIO_WHATSAPP_NUMBER": "+15551230000",
    "FAMILY_GUIDE_TWILIO_API_URL": "http://127.0.0.1:9",
    "FAMILY_GUIDE_MESSENGER_APP_SECRET": "b7d2e9f4a1c6",
    "FAMILY_GUIDE_MESSENGER_VERIFY_TOKEN": "h4Kq9ZrTw2Vb7Xn5Lp8",
    "FAMILY_GUIDE_MESSENGER_PAGE_TOKEN": "EAAJ3k9",
    "FAMILY_GUIDE_MESSENGER_API_URL": "http://127.0.0.1:9",
}
"""Messaging channels whose platforms do not answer: what they are sent is fuzz, and is refused."""


def make_databases(postgres: Postgres, secrets: Path) -> None:
    """Run what PostgreSQL's container runs at its first start."""
    subprocess.run(
        [DEPLOY / "postgres" / "10-databases.sh"],
        env={**os.environ, **connection(postgres), "SECRETS": str(secrets)},
        check=True,
        capture_output=True,
    )


def connection(postgres: Postgres) -> dict[str, str]:
    """Return the variables with which PostgreSQL's programs find a server."""
    return {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(postgres.port),
        "PGUSER": "postgres",
        "PATH": f"{postgres_programs()}:{os.environ['PATH']}",
    }
