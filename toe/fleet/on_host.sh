# What is done on a host, by its own shell. Before it stand the variables:
#   do      what is asked for      base    folder for executables and runs, "" for ~/.toe      key    the run's name
#   offset  bytes of events that are known      turns    looks at the events before the answer
#   file, sha, size    the executable below bin      installed    in its place, a command that is there
#   brings  yes: what comes is a tar of the executable and the order      grace    looks for what comes together
#   expected    the part that is known to be the last one      start, count    of a piece of the logs
# The answer is a line of words, sections in base64, and a last line that tells that nothing was cut off.
set -u
umask 077
base=${base:-$HOME/.toe}
run=$base/runs/$key
if [ -L "$base" ] || { [ -e "$base" ] && [ ! -O "$base" ]; }; then
  echo "'$base' belongs to somebody else" >&2
  exit 2
fi
found=no

boot() {
  cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.bootsessionuuid 2>/dev/null || who -b
}

is_alive() { # a process of this boot that is the one that wrote its id: ids are used again
  kill -0 "$1" 2>/dev/null || return 1
  [ ! -r "/proc/$1/cmdline" ] || tr '\0' '\n' <"/proc/$1/cmdline" | grep -qxF "$run"
}

look() {
  state=none code= part=0 rebooted=no
  [ -d "$run" ] || return 0
  while [ -e "$run/part-$((part + 1))" ]; do part=$((part + 1)); done
  state=cut pid= at=
  [ "$part" = 0 ] || read -r pid at <"$run/part-$part"
  [ "$at" = "$now" ] || rebooted=yes
  [ "$part" = 0 ] || [ "$rebooted" = yes ] || ! is_alive "$pid" || state=running
  if [ -f "$run/exit-$part" ]; then # asked last: it may just have ended
    state=ended
    code=$(cat "$run/exit-$part")
  fi
}

# Who makes the file of a part runs it: a link is made by one alone. Its own session outlives the connection.
begin_part() {
  session=
  command -v setsid >/dev/null && session=setsid
  $session sh -c '
    trap "" HUP
    run=$1 part=$2 now=$3
    printf "%s %s\n" "$$" "$now" >"$run/.part.$$"
    ln "$run/.part.$$" "$run/part-$part" || { rm -f "$run/.part.$$"; exit; }
    rm -f "$run/.part.$$"
    exe=$(cat "$run/executable") id=$(cat "$run/id")
    if [ "$part" != 1 ] && "$exe" status "$id" >/dev/null 2>&1; then
      set -- resume "$id" --config "$run/config.json"
    else
      set --
      while IFS= read -r word; do set -- "$@" "$word"; done <"$run/options"
      set -- run --config "$run/config.json" --execution-id "$id" --log-directory "$run/logs" "$@"
    fi
    cd "$run/files/$(cat "$run/work")" || exit
    "$exe" "$@" --reboot exit --quiet --events "$run/events.jsonl" --summary "$run/summary.json"
    printf "%s" "$?" >"$run/.exit"
    mv "$run/.exit" "$run/exit-$part"
  ' toe-host "$run" "$1" "$now" </dev/null >>"$run/said" 2>&1 &
  tries=0
  while [ ! -e "$run/part-$1" ] && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    pause 0.05
  done
}

pause() {
  sleep "$1" 2>/dev/null || sleep 1
}

events_size() {
  if [ -f "$run/events.jsonl" ]; then wc -c <"$run/events.jsonl" | tr -d ' '; else echo 0; fi
}

# Wait for news, a while.
await() {
  turn=0
  while look; [ "$state" = running ] && [ "$turn" -lt "$turns" ] && [ "$(events_size)" -le "$offset" ]; do
    turn=$((turn + 1))
    if [ "$turn" -lt 40 ]; then pause 0.1; else pause 0.5; fi
  done
  turn=0 # what comes together is told together
  while look; [ "$state" = running ] && [ "$turn" -lt "$grace" ]; do
    turn=$((turn + 1))
    pause 0.05
  done
}

section() {
  echo "== $1"
  gzip -c | base64
}

answer() {
  order=- id=
  if [ -d "$run" ]; then
    order=$(cat "$run/order" 2>/dev/null) id=$(cat "$run/id" 2>/dev/null)
  fi
  echo "toe-host state=$state code=$code part=$part rebooted=$rebooted events=$(events_size) found=$found order=$order" \
    "system=$(uname -s) machine=$(uname -m)"
  printf '%s' "$id" | section id
  if [ "$state" != none ] && [ -f "$run/events.jsonl" ]; then
    tail -c "+$((offset + 1))" "$run/events.jsonl" | head -c 1048576 | section events
  fi
  if [ "$state" = ended ] && [ "$code" != 194 ]; then
    [ ! -f "$run/summary.json" ] || section summary <"$run/summary.json"
    [ ! -f "$run/said" ] || tail -c 16384 "$run/said" | section said
    [ -f "$run/logs.tar" ] || tar -cf "$run/logs.tar" -C "$run/logs" .
    start=0
    piece
  fi
  echo toe-end
}

piece() {
  echo "== size"
  wc -c <"$run/logs.tar" | tr -d ' '
  tail -c "+$((start + 1))" "$run/logs.tar" | head -c "$count" | section logs
}

take_executable() {
  mkdir -p "$base/bin"
  brought=$base/bin/.new-$$
  trap 'rm -rf "$brought"' EXIT
  mkdir "$brought"
  tar -xf - -C "$brought" && [ "$(sha256sum <"$brought/executable" | cut -d ' ' -f 1)" = "$sha" ] || return 1
  chmod 700 "$brought/executable"
  touch "$brought/executable" # the sender's time is in the tar
  mv "$brought/executable" "$base/bin/$file"
  forget_old
}

# Of the executables the two that were needed last stay, and those that a run has; with the others goes what they unpacked.
forget_old() {
  count=0
  ls -t "$base/bin" | while IFS= read -r name; do
    case $name in toe-*) count=$((count + 1)) ;; *) continue ;; esac
    [ "$count" -gt 2 ] || continue
    for used in "$base"/runs/*/executable "$base"/runs/.new-*/executable; do
      [ ! -f "$used" ] || [ "$(cat "$used")" != "$base/bin/$name" ] || continue 2
    done
    digest=$(head -n 10 "$base/bin/$name" | sed -n 's/^_toe_home=.*toe-\([0-9a-f]*\)$/\1/p')
    rm -f "$base/bin/$name"
    [ -n "$digest" ] || continue
    tree=${TOE_BUNDLE_DIRECTORY:-${XDG_CACHE_HOME:-$HOME/.cache}}/toe-$digest
    ls -l /proc/[0-9]*/exe 2>/dev/null | grep -qF " $tree/" || { [ -O "$tree" ] && rm -rf "${tree:?}"; }
  done
}

find_executable() {
  if [ -n "$installed" ]; then
    executable=$(command -v "$installed")
  else
    executable=$base/bin/$file
    [ -x "$executable" ] && [ "$(wc -c <"$executable" | tr -d ' ')" = "$size" ] && touch "$executable"
  fi
}

take_order() {
  mkdir -p "$base/runs"
  new=$base/runs/.new-$$
  trap 'rm -rf "$new" "${brought:-$new}"' EXIT
  mkdir "$new" "$new/logs"
  if [ "$brings" = yes ]; then
    tar -xzf "$brought/order" -C "$new" || return 1
  else
    tar -xzf - -C "$new" || return 1
  fi
  printf '%s' "$executable" >"$new/executable"
  if mv "$new" "$run" && [ -d "$run/.new-$$" ]; then # another one was quicker, and it moved into its folder
    rm -rf "${run:?}/.new-$$"
  fi
}

now=$(boot)
case $do in
begin)
  look
  [ "$state" = none ] || found=yes
  if [ "$state" != none ]; then
    cat >/dev/null # who sends is not to fail
  elif [ "$brings" = yes ] && ! take_executable; then
    state=damaged
  elif find_executable; then
    take_order && look && [ "$part" = 0 ] && begin_part 1
    await
  else
    state=lacks
  fi
  answer
  ;;
watch)
  await
  answer
  ;;
go-on)
  look
  if [ "$part" = "$expected" ] && [ "$state" != running ]; then begin_part $((part + 1)); fi
  await
  answer
  ;;
piece)
  echo "toe-host state=piece"
  piece
  echo toe-end
  ;;
finish) # what the run's own scripts wrote into their working directory is nobody's here to delete
  look
  if [ "$state" = ended ]; then
    cd "$run/files" && while IFS= read -r name; do rm -f -- "$name"; done <../brought
    cd "$base" && find "$run/files" -depth -type d -exec rmdir {} \; 2>/dev/null
    state=gone kept=
    if [ -d "$run/files" ]; then
      mkdir -p "$base/kept"
      kept=$base/kept/$key-$(date +%Y%m%d%H%M%S)-$$
      mv "$run/files" "$kept"
    fi
    rm -rf "${run:?}"
    echo "toe-host state=$state"
    [ -z "$kept" ] || printf '%s' "$kept" | section kept
    echo toe-end
  else
    answer
  fi
  ;;
esac
