#!/bin/sh
# make-base.sh FOLDER: a small Debian 12 with its kernel in FOLDER, as a base for machine images. As root. It takes a minute of processor time.
set -eu
[ $# = 1 ] || { echo "usage: make-base.sh FOLDER" >&2; exit 2; }
debootstrap --variant=minbase --include=systemd-sysv,udev,cron,linux-image-cloud-amd64 bookworm "$1" > /dev/null
rm -rf "${1:?}"/var/cache/apt/archives/*.deb "${1:?}"/var/lib/apt/lists/*
echo machine > "$1/etc/hostname"
: > "$1/etc/machine-id"
