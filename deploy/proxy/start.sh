#!/bin/sh
# Fills the addresses into the configuration and starts nginx; --check only asks whether it runs.
set -eu

: "${PROXY_RUN:=/tmp/proxy}"

if [ "${1:-}" = "--check" ]; then
    kill -0 "$(cat "$PROXY_RUN/nginx.pid")"
    exit
fi

: "${CHAT_HOST:?CHAT_HOST is missing: the host name of the chat, such as chat.hospital.example}"
: "${STAFF_HOST:?STAFF_HOST is missing: the host name of the staff app, such as guide-staff.hospital.example}"
: "${STAFF_NETWORK:?STAFF_NETWORK is missing: the network from which staff may come, such as 10.0.0.0/8}"
: "${ASSISTANTS:?ASSISTANTS is missing: the assistant servers, such as \"assistant-1:5005 assistant-2:5005\"}"
: "${STAFF_APP:?STAFF_APP is missing: the staff app, such as staff:5006}"
: "${CERTIFICATES:?CERTIFICATES is missing: the folder with chat.pem, chat.key, staff.pem and staff.key}"
: "${HTTP_PORT:=8080}" "${HTTPS_PORT:=8443}" "${PUBLIC_HTTPS_PORT:=}" "${LISTEN:=0.0.0.0}"
: "${RATE:=20}" "${BURST:=40}"

mkdir -p "$PROXY_RUN"
SERVERS=
for assistant in $ASSISTANTS; do
    SERVERS="$SERVERS server $assistant max_fails=2 fail_timeout=5s;"
done
export CHAT_HOST STAFF_HOST STAFF_NETWORK SERVERS STAFF_APP CERTIFICATES
export HTTP_PORT HTTPS_PORT PUBLIC_HTTPS_PORT LISTEN RATE BURST PROXY_RUN
# Only these: the configuration's own variables stay as they are.
# shellcheck disable=SC2016
envsubst '$CHAT_HOST $STAFF_HOST $STAFF_NETWORK $SERVERS $STAFF_APP $CERTIFICATES $HTTP_PORT $HTTPS_PORT
    $PUBLIC_HTTPS_PORT $LISTEN $RATE $BURST $PROXY_RUN' \
    <"$(dirname "$0")/nginx.conf.template" >"$PROXY_RUN/nginx.conf"

if [ "${1:-}" = "--test" ]; then
    exec nginx -t -c "$PROXY_RUN/nginx.conf"
fi
exec nginx -c "$PROXY_RUN/nginx.conf"
