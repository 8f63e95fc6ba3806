#!/bin/sh
# Restores a backup into a fresh server (10-databases.sh has run there, and nothing else):
#   restore.sh FOLDER/family-guide-...
# All of a database is restored, or nothing of it.
set -eu

backup=${1:?give the backup}
if [ -n "${PASSWORD_FILE:-}" ]; then
    printf '*:*:*:*:%s\n' "$(cat "$PASSWORD_FILE")" >"$PGPASSFILE"
    chmod 600 "$PGPASSFILE"
fi

(cd "$backup" && sha256sum --quiet --check SHA256SUMS)
for database in family_guide family_guide_staff; do
    tables=$(psql --no-align --tuples-only --dbname "$database" --command \
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
    if [ "$tables" != 0 ]; then
        echo "The database $database is not empty: restore into a fresh server." >&2
        exit 1
    fi
done
for database in family_guide family_guide_staff; do
    pg_restore --single-transaction --exit-on-error --dbname "$database" "$backup/$database.dump"
done
echo "Restored $backup. Now: family-guide delete-expired, and delete again what audit.log says was deleted since."
