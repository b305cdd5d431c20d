#!/bin/sh
# Run once, on the first start of the database: the two logins with their passwords, and the roles. A password is the one of the address
# that the vault is given, so that it stands in one place.
set -eu

password_of() { # the address's file
  sed -n 's|^postgres://[^:]*:\([^@]*\)@.*|\1|p' "$1"
}
sql() {
  psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" "$@"
}

# Variables of psql are not put into commands given with -c.
sql -v app="$(password_of /run/secrets/database-url)" -v migrate="$(password_of /run/secrets/database-migrate-url)" <<'SQL'
CREATE ROLE docuvault_migrate LOGIN NOINHERIT PASSWORD :'migrate';
CREATE ROLE docuvault_app LOGIN PASSWORD :'app';
SQL
sql -f /etc/docuvault/roles.sql
