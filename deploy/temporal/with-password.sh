#!/bin/sh
# `with-password.sh VARIABLE COMMAND…` runs the command with the content of the file PASSWORD_FILE in VARIABLE, for programs
# that know their password from a variable only. Compose shows a service's environment to whoever may ask; not its files.
set -eu

: "${PASSWORD_FILE:?the file that holds the password}"
variable=$1
shift
password=$(cat "$PASSWORD_FILE")
case $password in
  '')
    echo "with-password: $PASSWORD_FILE is empty: write a password into it" >&2
    exit 1
    ;;
  *[!A-Za-z0-9+/=_.-]*)
    # It ends up in a YAML file and in an address.
    echo "with-password: $PASSWORD_FILE may hold letters, digits and + / = _ . - only" >&2
    exit 1
    ;;
esac
export "$variable=$password"
exec "$@"
