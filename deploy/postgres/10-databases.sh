#!/bin/sh
# Run once, on the first start of PostgreSQL: two databases, and a role for each program.
# The staff app may read what the assistant stores, and change nothing of it.
set -eu

: "${SECRETS:=/run/secrets}"

psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set assistant="$(cat "$SECRETS/postgres_assistant_password")" \
    --set staff="$(cat "$SECRETS/postgres_staff_password")" <<'SQL'
CREATE ROLE family_guide LOGIN PASSWORD :'assistant' CONNECTION LIMIT 200;
CREATE ROLE family_guide_staff LOGIN PASSWORD :'staff' CONNECTION LIMIT 60;
CREATE DATABASE family_guide OWNER family_guide;
CREATE DATABASE family_guide_staff OWNER family_guide_staff;
REVOKE ALL ON DATABASE family_guide, family_guide_staff FROM PUBLIC;
GRANT CONNECT ON DATABASE family_guide TO family_guide_staff;
\connect family_guide
GRANT USAGE ON SCHEMA public TO family_guide_staff;
GRANT CREATE ON SCHEMA public TO family_guide;
-- Whatever table the assistant makes, staff may read it, and only that.
ALTER DEFAULT PRIVILEGES FOR ROLE family_guide IN SCHEMA public GRANT SELECT ON TABLES TO family_guide_staff;
\connect family_guide_staff
GRANT CREATE ON SCHEMA public TO family_guide_staff;
SQL
