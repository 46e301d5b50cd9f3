# What the Systems Manager agent runs. After an exit code of 194 it reboots the machine and runs this again.
set -eu
umask 077
base=/var/lib/toe/ssm
work=$base/@KEY@
installed='@INSTALLED@'
source='@SOURCE@'
sha='@SHA@'
execution_id='{{ executionId }}'
phases='{{ phases }}'
if [ -n "$installed" ]; then
  executable=$installed
else
  executable=$base/toe-$sha
  if [ ! -x "$executable" ]; then
    mkdir -p "$base"
    new=$base/.new-$$
    trap 'rm -f "$new"' EXIT
    case $source in
      s3://*) aws s3 cp --only-show-errors "$source" "$new" ;;
      *) curl -fsSL -o "$new" "$source" || wget -qO "$new" "$source" ;;
    esac
    [ "$(sha256sum <"$new" | cut -d ' ' -f 1)" = "$sha" ] || { echo "toe: error: '$source' has another checksum" >&2; exit 2; }
    chmod 700 "$new"
    mv "$new" "$executable"
  fi
fi
if [ ! -f "$work/order" ]; then
  mkdir -p "$work"
  base64 -d <<'PARCEL' | tar -xzf - -C "$work"
@PARCEL@
PARCEL
fi
mkdir -p "$work/logs"
set -- run --config "$work/config.json" --log-directory "$work/logs" --reboot exit --quiet
while IFS= read -r word; do set -- "$@" "$word"; done <"$work/options"
[ -z "$execution_id" ] || set -- "$@" --execution-id "$execution_id"
[ -z "$phases" ] || set -- "$@" --phases "$phases"
cd "$work/files/$(cat "$work/work")"
exec "$executable" "$@"
