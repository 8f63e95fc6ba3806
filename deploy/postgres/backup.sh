#!/bin/sh
# Writes a backup of both databases and the roles into a folder, and deletes backups older than KEEP_DAYS:
#   backup.sh FOLDER
# A backup is whole or not there; it can be read by its owner alone.
set -eu
umask 077

folder=${1:?give the folder for backups}
: "${KEEP_DAYS:=14}"
if [ -n "${PASSWORD_FILE:-}" ]; then
    printf '*:*:*:*:%s\n' "$(cat "$PASSWORD_FILE")" >"$PGPASSFILE"
fi

name=family-guide-$(date -u +%Y%m%dT%H%M%SZ)
new=$folder/.$name.new
mkdir -p "$new"
trap 'rm -rf "$new"' EXIT
for database in family_guide family_guide_staff; do
    pg_dump --format custom --file "$new/$database.dump" "$database"
    # A file that cannot be read back is no backup.
    pg_restore --list "$new/$database.dump" >/dev/null
done
(cd "$new" && sha256sum ./*.dump >SHA256SUMS)
mv "$new" "$folder/$name"
find "$folder" -maxdepth 1 -type d -name 'family-guide-*' -mtime +"$KEEP_DAYS" -exec rm -rf {} +
echo "$folder/$name"
