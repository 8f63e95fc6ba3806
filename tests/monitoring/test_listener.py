"""Health, readiness and metrics, also of a process that is stuck or about to stop."""

import asyncio
import threading
import time

import pytest
import requests

from family_guide.monitoring import listener
from family_guide.monitoring.listener import Monitor


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class Service:
    """Something that a process needs."""

    def __init__(self):
        self.fails = False

    async def check(self):
        if self.fails:
            raise ConnectionError("password in the address")


@pytest.fixture
def service():
    return Service()


@pytest.fixture
def monitor(loop, service):
    monitor = Monitor(loop, {"service": service.check}, lambda: {"model": "m1"})
    monitor.url = f"http://127.0.0.1:{monitor.start('127.0.0.1', 0)}"
    yield monitor
    monitor.stop()


def get(monitor, path):
    return requests.get(f"{monitor.url}/{path}", timeout=20)


def test_ready_says_what_is_missing_and_nothing_internal(monitor, service):
    assert get(monitor, "ready").status_code == 200
    assert get(monitor, "ready").json() == {
        "ready": True,
        "draining": False,
        "checks": {"service": True},
        "model": "m1",
    }
    service.fails = True
    answer = get(monitor, "ready")
    assert (answer.status_code, answer.json()["checks"]) == (503, {"service": False})
    assert "password" not in answer.text
    service.fails = False
    assert get(monitor, "ready").status_code == 200


def test_a_process_about_to_stop_is_not_ready_but_healthy(monitor):
    monitor.drain()
    assert get(monitor, "ready").status_code == 503
    assert get(monitor, "health").status_code == 200


def test_a_stuck_process_is_not_healthy_and_recovers(monitor, loop, monkeypatch):
    monkeypatch.setattr(listener, "_LOOP_SECONDS", 0.2)
    loop.call_soon_threadsafe(time.sleep, 1)
    assert get(monitor, "health").status_code == 503
    monkeypatch.setattr(listener, "_LOOP_SECONDS", 5)
    assert get(monitor, "health").status_code == 200
    assert "python_info" in get(monitor, "metrics").text


def test_nothing_else_is_there(monitor):
    assert get(monitor, "").status_code == 404
    assert get(monitor, "status").status_code == 404
    assert requests.post(f"{monitor.url}/ready", timeout=20).status_code == 405
