#!/bin/sh
# toe @VERSION@ with its own Python and C library, for Linux on @MACHINE@: https://pypi.org/project/toe-executor
# The first start unpacks it into a folder of yours that is named by its checksum; later starts find it there.
_toe_base=${TOE_BUNDLE_DIRECTORY:-${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}}
_toe_base=${_toe_base:-/var/tmp}
_toe_home=$_toe_base/toe-@DIGEST@
if [ -L "$_toe_home" ] || { [ -e "$_toe_home" ] && [ ! -O "$_toe_home" ]; }; then
  echo "toe: error: '$_toe_home' belongs to somebody else" >&2
  echo "  name another folder by TOE_BUNDLE_DIRECTORY" >&2
  exit 2
fi
if [ ! -f "$_toe_home/complete" ]; then
  (
    set -eu
    mkdir -p "$_toe_base"
    umask 077
    for left in "$_toe_home".*; do # of a start that was killed
      [ ! -d "$left" ] || [ ! -O "$left" ] || kill -0 "${left##*.}" 2>/dev/null || rm -rf "$left"
    done
    new=$_toe_home.$$
    trap 'rm -rf "$new"' EXIT
    mkdir "$new"
    tail -c +@START@ "$0" | tar -xzf - -C "$new"
    [ -f "$new/complete" ]                                      # a full disk ends tail, and tar may not say so
    [ -f "$_toe_home/complete" ] || rm -rf "$_toe_home"         # what cleans /var/tmp has taken some of it
    mv "$new" "$_toe_home"
    rm -rf "$_toe_home/${new##*/}"                              # another start was quicker, and mv moved into its folder
  ) || {
    echo "toe: error: '$0' could not be unpacked into '$_toe_base'" >&2
    echo "  name another folder by TOE_BUNDLE_DIRECTORY; unpacked it takes @MEGABYTES@ MB" >&2
    exit 2
  }
fi
# What toe starts is to see the environment that toe was given. busybox has counted this shell, which ends here; bash
# takes it back by itself, dash does not count.
if [ -n "${RANDOM-}" ] && [ -z "${BASH_VERSION-}" ]; then
  SHLVL=$((${SHLVL:-1} - 1))
  [ "$SHLVL" != 0 ] || unset SHLVL
fi
exec "$_toe_home/lib/@LOADER@" --library-path "$_toe_home/lib" "$_toe_home/bin/@PYTHON@" -X "toe_one_file=$0" -I -m toe "$@"
