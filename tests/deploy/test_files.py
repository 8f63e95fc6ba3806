"""The files of deploy/: what an operator starts from says what it should, by the tools that read it."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest
import yaml

from family_guide.settings import ROOT

DEPLOY = ROOT / "deploy"
CONTAINERS = sorted((DEPLOY / "containers").glob("*.Dockerfile"))
HADOLINT = Path(sys.executable).parent / "hadolint"
SCRIPTS = sorted(DEPLOY.rglob("*.sh"))


def last_stage(file):
    """Return the instructions of a container file's last stage."""
    joined = file.read_text("utf-8").replace("\\\n", " ")
    return re.split(r"^FROM ", joined, flags=re.MULTILINE)[-1].splitlines()


@pytest.mark.parametrize("file", CONTAINERS, ids=lambda f: f.stem)
def test_hadolint_has_nothing_to_say(file):
    done = subprocess.run([HADOLINT, file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_hadolint_would_say_something(tmp_path):
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian\nRUN cd /tmp && sudo apt-get install gcc\n")
    assert subprocess.run([HADOLINT, bad], capture_output=True).returncode != 0


@pytest.mark.parametrize("file", CONTAINERS, ids=lambda f: f.stem)
def test_the_last_stage_runs_as_a_user_checks_its_health_and_holds_no_build_tools(file):
    stage = last_stage(file)
    words = "\n".join(stage)
    users = [line.split()[1] for line in stage if line.startswith("USER ")]
    assert users, "a user is set"
    assert users[-1] not in ("root", "0")
    assert any(line.startswith("HEALTHCHECK") for line in stage)
    assert any(line.startswith("STOPSIGNAL") for line in stage)
    for tool in ("gcc", "build-essential", "make ", "git ", "curl", "uv ", "pip install"):
        assert tool not in words
    # Secrets are mounted, never built in.
    assert not re.search(r"secrets?/|\.env|password", words, re.IGNORECASE)


def test_what_is_secret_or_not_needed_is_kept_out_of_the_images():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {"deploy/secrets", "deploy/.env", "deploy/channels.env", "deploy/backups", "var", ".git"} <= set(ignored)
    for path in ("deploy/secrets/x", "deploy/.env", "deploy/channels.env", "deploy/backups/x"):
        assert subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0


def test_only_the_processor_build_of_tensorflow_is_installed():
    installed = {d.metadata["Name"].lower() for d in distributions()}
    assert {n for n in installed if n.startswith("tensorflow")} <= {"tensorflow-cpu", "tensorflow-estimator",
                                                                   "tensorflow-addons"}  # fmt: skip
    assert "tensorflow-cpu" in installed
    assert not {n for n in installed if n.startswith(("nvidia", "cuda", "triton", "torch"))}


def test_everything_that_the_containers_copy_is_there():
    for file in CONTAINERS:
        for line in file.read_text().splitlines():
            if line.startswith("COPY ") and "--from" not in line:
                for source in line.split()[1:-1]:
                    assert (ROOT / source).exists(), f"{file.name}: {source}"


def compose(*arguments, **environment):
    filled = {
        "FAMILY_GUIDE_VERSION": "1",
        "FAMILY_GUIDE_RELEASE_PUBLIC_KEY": "ab" * 32,
        "CHAT_HOST": "chat.test",
        "STAFF_HOST": "staff.test",
        "STAFF_NETWORK": "10.0.0.0/8",
        "CERTIFICATES": "/certificates",
        **environment,
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FAMILY_GUIDE_")}
    return subprocess.run(
        ["docker-compose", *arguments],
        cwd=DEPLOY,
        env={**environment, **{k: v for k, v in filled.items() if v}},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def channels_env():
    """The file that an operator copies before turning channels on."""
    file = DEPLOY / "channels.env"
    made = not file.exists()
    if made:
        shutil.copyfile(DEPLOY / "channels.env.example", file)
    yield
    if made:
        file.unlink()


@pytest.mark.parametrize("more", [[], ["-f", "compose.messaging.yml"]], ids=["web", "messaging"])
def test_compose_reads_the_files(more, channels_env):
    done = compose("-f", "compose.yml", *more, "config", "--quiet")
    assert done.returncode == 0, done.stderr


def test_compose_says_what_is_not_set():
    done = compose("-f", "compose.yml", "config", "--quiet", FAMILY_GUIDE_RELEASE_PUBLIC_KEY="")
    assert done.returncode != 0
    assert "FAMILY_GUIDE_RELEASE_PUBLIC_KEY is missing" in done.stderr


@pytest.fixture(scope="module")
def services():
    done = compose("-f", "compose.yml", "config")
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)
    return {**read, "services": read["services"]}


def test_every_container_is_hardened(services):
    for name, service in services["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["user"].split(":")[0] not in ("0", "root"), name
        assert not service.get("privileged"), name


def test_only_the_proxy_is_reachable_and_nothing_inside_has_a_way_out(services):
    assert [n for n, s in services["services"].items() if s.get("ports")] == ["proxy"]
    assert services["networks"]["inside"]["internal"] is True
    for name, service in services["services"].items():
        if name != "proxy":
            assert set(service.get("networks", {})) <= {"inside"}, name
    proxy = services["services"]["proxy"]["networks"]["inside"]["ipv4_address"]
    assistants = [s for n, s in services["services"].items() if n.startswith("assistant-")]
    assert len(assistants) >= 2
    assert {s["environment"]["FAMILY_GUIDE_TRUSTED_PROXIES"] for s in assistants} == {proxy}


def test_no_secret_stands_in_the_environment(services):
    for service in services["services"].values():
        for name, value in (service.get("environment") or {}).items():
            secret = re.search(r"SECRET$|PASSWORD$|TOKEN|DATABASE_URL|STORAGE", name)
            assert not secret or str(value).startswith("/run/secrets/"), name
    made = {f"./secrets/{n}" for n in secret_files()}
    read = yaml.safe_load((DEPLOY / "compose.yml").read_text())
    assert {secret["file"] for secret in read["secrets"].values()} == made


def secret_files():
    import tempfile

    from family_guide.secret_files import make_secrets

    with tempfile.TemporaryDirectory() as folder:
        list(make_secrets(Path(folder) / "made"))
        return [file.name for file in (Path(folder) / "made").iterdir()]


def test_servers_only_read_releases_and_never_see_the_signing_key(services):
    for name, service in services["services"].items():
        mounts = [v if isinstance(v, str) else f"{v['source']}:{v['target']}:{v.get('read_only')}" for v in
                  service.get("volumes", [])]  # fmt: skip
        if name.startswith(("assistant", "actions")):
            assert all("ro" in m.split(":")[2:] for m in mounts if m.startswith("releases"))
        keys = [s if isinstance(s, str) else s["source"] for s in service.get("secrets", [])]
        assert ("release_signing_key" in keys) == (name == "trainer")


def test_the_example_names_every_variable_of_the_compose_files():
    named = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yml").read_text()))
    example = {line.split("=")[0] for line in (DEPLOY / ".env.example").read_text().splitlines() if "=" in line}
    assert named - example <= {"FAMILY_GUIDE_ACTION_URL"}
    assert example <= named


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda f: f.name)
def test_shellcheck_has_nothing_to_say(file):
    done = subprocess.run(["shellcheck", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert os.access(file, os.X_OK)


def metrics_in(expression):
    """Return the names of metrics in an expression of Prometheus."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\bby \([^)]*\)', " ", expression)
    return {w for w in re.findall(r"\b[a-z_][a-z0-9_]*\b(?!\s*\()", bare) if "_" in w or w == "up"}


def labels_in(expression):
    """Return (metric, label, value) for each selector in an expression."""
    found = set()
    for metric, inside in re.findall(r"([a-z_]+)\{([^}]*)\}", expression):
        found |= {(metric, label, value) for label, value in re.findall(r'(\w+)=~?"([^"]*)"', inside)}
    return found


def expressions():
    alerts = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yml").read_text())
    board = json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text())
    rules = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    return rules + [target["expr"] for panel in board["panels"] for target in panel["targets"]]


@pytest.fixture(scope="module")
def exposed():
    """Names of all that a process with the assistant's metrics exposes, and the labels of ours."""
    from prometheus_client import REGISTRY

    from family_guide.monitoring import metrics

    metrics.prepare()
    names = {"up", metrics.WAITING}
    for family in REGISTRY.collect():
        if family.type == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
        else:
            names.add(f"{family.name}_total" if family.type == "counter" else family.name)
    return names


@pytest.mark.parametrize("file", sorted((DEPLOY / "containers").glob("*.Dockerfile")), ids=lambda file: file.stem)
def test_no_user_of_a_container_is_named_as_a_group_of_debian(file):
    # `useradd` makes a group of that name, and the build ends where there is one.
    users = re.findall(r"useradd [^&\\]*?([\w-]+)\s*(?:&&|\\|$)", file.read_text(), re.MULTILINE)
    assert users
    of_debian = (
        "adm audio backup daemon disk games list mail man news nogroup operator proxy root shadow src staff sudo users"
    )
    assert not set(users) & set(of_debian.split())


def test_the_guide_says_of_every_alert_where_to_look_first():
    alerts = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yml").read_text())
    named = {rule["alert"] for group in alerts["groups"] for rule in group["rules"]}
    rows = [line for line in (ROOT / "docs" / "operators-guide.md").read_text().splitlines() if line.startswith("| ")]
    first_cells = {name.strip() for row in rows for name in row.split("|")[1].split(",")}
    assert named <= first_cells


def test_every_metric_of_the_alerts_and_the_dashboard_exists(exposed):
    asked = set().union(*map(metrics_in, expressions()))
    assert len(asked) > 8
    assert asked <= exposed


def test_a_metric_that_does_not_exist_would_be_found(exposed):
    assert not metrics_in('sum(rate(family_guide_mesages_total{kind="x"}[5m]))') <= exposed


def test_every_metric_of_ours_is_on_the_dashboard_or_in_an_alert(exposed):
    asked = set().union(*map(metrics_in, expressions()))
    ours = {name for name in exposed if name.startswith("family_guide")}
    assert {n for n in ours - asked if not n.endswith(("_count", "_sum", "_bucket"))} == set()


def test_what_the_alerts_select_is_what_the_program_counts():
    from family_guide.monitoring import metrics

    wheres = {sample.labels["where"] for family in metrics.FAILURES.collect() for sample in family.samples}
    stages = set(re.findall(r'(?:timed|_measure)\((?:[^"()]*, )*"(\w+)"', source()))
    for metric, label, value in set().union(*map(labels_in, expressions())):
        if label == "where":
            assert value in wheres, (metric, value)
        if label == "stage":
            assert value in stages, (metric, value)


def source():
    return "".join(file.read_text() for file in (ROOT / "family_guide").rglob("*.py"))


def test_the_proxys_words_are_those_of_the_program():
    from family_guide.wording import EMERGENCY_LINE, WENT_WRONG

    configuration = (DEPLOY / "proxy" / "nginx.conf.template").read_text()
    said = re.findall(r"return (?:503|429) '(.*)';", configuration)
    assert [json.loads(one)["error"]["code"] for one in said] == ["unavailable", "too_many"]
    assert json.loads(said[0])["error"]["message"] == WENT_WRONG
    assert json.loads(said[1])["error"]["message"].endswith(EMERGENCY_LINE)
