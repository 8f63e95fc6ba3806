#!/usr/bin/env bash
# What the tests need besides Python: a browser and the servers of a larger
# installation, from Debian's packages. Installs what is missing, or says how to.
set -euo pipefail

declare -A needed=(
    [chromium]=chromium
    [redis-server]=redis-server
    [nginx]=nginx
    [prosody]=prosody
    [docker-compose]=docker-compose
    [shellcheck]=shellcheck
    [openssl]=openssl
    [envsubst]=gettext-base
)

missing=()
for command in "${!needed[@]}"; do
    PATH="$PATH:/usr/sbin" command -v "$command" >/dev/null || missing+=("${needed[$command]}")
done
compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null || missing+=(postgresql)

[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing for the tests: ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
    echo "The tests need these packages: ${missing[*]}" >&2
    echo "Install them first, for example: sudo apt-get install ${missing[*]}" >&2
    exit 1
fi
