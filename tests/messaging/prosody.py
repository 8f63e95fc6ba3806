"""A real XMPP server, Debian's prosody, on loopback in a folder of its own."""

import os
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.ports import free_port

HOST = "localhost"
_START_SECONDS = 30


def install():
    """Install Debian's package if it is missing.

    Raises:
        RuntimeError: it is missing and cannot be installed; says what to do.
    """
    if shutil.which("prosody") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "prosody"]):
            subprocess.run(["apt-get", *command], check=False, env=environment, capture_output=True)
    if shutil.which("prosody") is None:
        raise RuntimeError("These tests need prosody: run `apt-get install prosody` as root, then again.")


class Prosody:
    """A server with users; a test can stop and start it."""

    def __init__(self, folder: Path):
        install()
        self.folder, self.port = folder, free_port()
        self.ca_file = folder / "cert.pem"
        _make_certificate(folder)
        (folder / "data").mkdir()
        self._config = folder / "prosody.cfg.lua"
        self._config.write_text(f"""
            run_as_root = true
            interfaces = {{ "127.0.0.1" }}
            c2s_ports = {{ {self.port} }}
            modules_enabled = {{ "roster", "saslauth", "tls", "disco", "ping", "smacks" }}
            modules_disabled = {{ "s2s" }}
            data_path = "{folder}/data"
            pidfile = "{folder}/pid"
            log = {{ info = "{folder}/log" }}
            c2s_require_encryption = true
            authentication = "internal_hashed"
            smacks_hibernation_time = 1
            ssl = {{ key = "{folder}/key.pem", certificate = "{folder}/cert.pem" }}
            VirtualHost "{HOST}"
        """)
        self._process = None

    def register(self, user, password):
        command = ["prosodyctl", "--root", "--config", str(self._config), "register", user, HOST, password]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        log = open(self.folder / "output", "ab")  # noqa: SIM115
        command = ["prosody", "--root", "--config", str(self._config), "-F"]
        self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            file = self.folder / "log"
            if file.exists() and f"127.0.0.1:{self.port}" in file.read_text().replace("[127.0.0.1]", "127.0.0.1"):
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "output").read_text())

    def stop(self):
        self._process.terminate()
        self._process.wait(10)


def _make_certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))
