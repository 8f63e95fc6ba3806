# The assistant and the action server: one image, two commands. Build from the root of the repository:
#   docker build -f deploy/containers/assistant.Dockerfile --target assistant -t family-guide .
FROM python:3.11-slim-bookworm AS builder
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV UV_PROJECT_ENVIRONMENT=/app/.venv UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
# First what rarely changes: an edit of an answer does not install everything again.
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --no-install-project
COPY config.yml domain.yml endpoints.yml credentials.yml ./
COPY family_guide family_guide
COPY actions actions
COPY content content
COPY data data
COPY widget widget
COPY docs/symptom-check.svg docs/symptom-check.svg
RUN uv sync --frozen --no-dev

# Trains, tests and signs models (`family-guide release`); never serves.
FROM builder AS trainer
COPY tests tests
COPY benchmarks benchmarks
RUN uv sync --frozen && useradd --uid 10001 --no-create-home guide \
    && mkdir -p /var/lib/family-guide /releases && chown guide /var/lib/family-guide /releases
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 FAMILY_GUIDE_VAR=/var/lib/family-guide
USER 10001
CMD ["family-guide", "release"]

# What families talk to: no package manager of Python, no compiler, no shell of a user.
FROM python:3.11-slim-bookworm AS assistant
RUN pip uninstall --yes setuptools wheel pip && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin guide \
    && mkdir -p /var/lib/family-guide && chown guide /var/lib/family-guide
WORKDIR /app
# Owned by root: the process cannot change its own program.
COPY --from=builder /app /app
ENV PATH=/app/.venv/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    FAMILY_GUIDE_PROFILE=production FAMILY_GUIDE_VAR=/var/lib/family-guide FAMILY_GUIDE_HOST=0.0.0.0 \
    FAMILY_GUIDE_MONITOR_HOST=0.0.0.0 FAMILY_GUIDE_MONITOR_PORT=9464
USER 10001
EXPOSE 5005 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["family-guide", "ready"]
CMD ["family-guide", "run"]
