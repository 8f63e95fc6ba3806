# The proxy: Debian's nginx with the configuration of deploy/proxy. Build from the root of the repository:
#   docker build -f deploy/containers/proxy.Dockerfile -t family-guide-proxy .
FROM debian:bookworm-slim AS proxy
# Debian's security fixes are wanted as they come, so no version is pinned.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends nginx-light gettext-base \
    && rm -rf /var/lib/apt/lists/* /etc/nginx/sites-enabled && useradd --uid 10003 --no-create-home proxy-guide
COPY deploy/proxy/nginx.conf.template deploy/proxy/start.sh /etc/family-guide/
USER 10003
EXPOSE 8080 8443
# nginx ends what it has begun.
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=15s --timeout=5s --retries=3 CMD ["/etc/family-guide/start.sh", "--check"]
CMD ["/etc/family-guide/start.sh"]
