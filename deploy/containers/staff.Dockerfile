# The staff app. Build from the root of the repository:
#   docker build -f deploy/containers/staff.Dockerfile -t family-guide-staff .
FROM python:3.11-slim-bookworm AS builder
ENV UV_PROJECT_ENVIRONMENT=/app/staff/.venv UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app/staff
COPY staff/pyproject.toml staff/uv.lock ./
RUN uv sync --frozen --no-dev
COPY staff ./
# The titles of the topics and the questions of the symptom check, as staff read them.
WORKDIR /app
COPY data data
COPY content content

FROM python:3.11-slim-bookworm AS staff
RUN pip uninstall --yes setuptools wheel pip && useradd --uid 10002 --no-create-home --shell /usr/sbin/nologin staff-guide \
    && mkdir -p /var/lib/family-guide && chown staff-guide /var/lib/family-guide
WORKDIR /app
COPY --from=builder /app /app
ENV PATH=/app/staff/.venv/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    FAMILY_GUIDE_STAFF_PROFILE=production FAMILY_GUIDE_VAR=/var/lib/family-guide FAMILY_GUIDE_STAFF_HOST=0.0.0.0 \
    FAMILY_GUIDE_STAFF_BEHIND_PROXY=yes
USER 10002
EXPOSE 5006
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 CMD ["python", "staff/manage.py", "ready"]
CMD ["python", "staff/manage.py", "run"]
