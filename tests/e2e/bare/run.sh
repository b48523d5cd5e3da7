#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# A bare Debian 12 (debootstrap, nothing but the base system), a clone of this repository in it, then
# what a newcomer does: deploy/quickstart --check twice and tests/run. Long (about half an hour) and
# wants root and a network, so only with VARDE_BARE=1 from tests/run, or called directly:
#
#	tests/e2e/bare/run.sh [COMMAND...]     (instead of the above, runs COMMAND in the clone)
#
# VARDE_BARE_DIR (/var/tmp/varde-bare) keeps the base system between runs; VARDE_BARE_MIRROR names
# the archive. The mounts live in a namespace of their own and end with it.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
dir=${VARDE_BARE_DIR:-/var/tmp/varde-bare}
mirror=${VARDE_BARE_MIRROR:-http://deb.debian.org/debian}
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
	echo "ok 1 - bare Debian # SKIP wants root and debootstrap"
	exit 0
fi

if [ "${1:-}" = --inside ]; then # in a mount namespace of our own
	shift
	mount -t proc proc "$dir/root/proc"
	mount --rbind /dev "$dir/root/dev"
	mount -t tmpfs -o mode=1777 tmpfs "$dir/root/tmp"
	exec chroot "$dir/root" /usr/bin/env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		NODE_EXTRA_CA_CERTS=/etc/varde-test-ca.crt VARDE_FUZZ_SECONDS="${VARDE_FUZZ_SECONDS:-8}" \
		VARDE_CORPUS="${VARDE_CORPUS:+/root/corpus}" /bin/bash -c 'cd /root/varde && exec "$@"' bash "$@"
fi

mkdir -p "$dir"
if [ ! -f "$dir/base.tar" ]; then
	rm -rf "$dir/base"
	debootstrap --variant=minbase bookworm "$dir/base" "$mirror" >"$dir/debootstrap.log" 2>&1
	tar -C "$dir/base" -cf "$dir/base.tar.new" .
	mv "$dir/base.tar.new" "$dir/base.tar"
	rm -rf "$dir/base"
fi
rm -rf --one-file-system "$dir/root"
mkdir -p "$dir/root"
tar -C "$dir/root" -xf "$dir/base.tar"

# The way to the registries: name servers, archive addresses, and certificate authorities.
cp -L /etc/resolv.conf "$dir/root/etc/resolv.conf"
cp /etc/hosts "$dir/root/etc/hosts"
printf 'deb %s bookworm main\ndeb %s bookworm-updates main\n' "$mirror" "$mirror" \
	>"$dir/root/etc/apt/sources.list"
echo "deb ${mirror%/debian}/debian-security bookworm-security main" >>"$dir/root/etc/apt/sources.list"
cp -L "${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}" "$dir/root/etc/varde-test-ca.crt"
cp -a /usr/local/share/ca-certificates "$dir/root/usr/local/share/" 2>/dev/null || true
git clone -q --no-hardlinks "$root" "$dir/root/root/varde"
if [ -n "${VARDE_CORPUS:-}" ] && [ -d "$VARDE_CORPUS" ]; then
	cp -a "$VARDE_CORPUS" "$dir/root/root/corpus"
fi

inside() { # own mounts and process numbers: whatever is left over ends with the namespace
	VARDE_BARE_DIR=$dir VARDE_CORPUS=${VARDE_CORPUS:-} \
		unshare --mount --pid --fork --kill-child --propagation private "$0" --inside "$@"
}
if [ $# -gt 0 ]; then
	inside "$@"
	exit
fi

n=0 code=0
prove() { # NAME COMMAND...
	local name=$1 t0=$SECONDS
	shift
	n=$((n + 1))
	if inside "$@" >"$dir/$n.log" 2>&1; then
		echo "ok $n - $name ($((SECONDS - t0)) s)"
	else
		echo "not ok $n - $name ($((SECONDS - t0)) s); $dir/$n.log ends:"
		tail -25 "$dir/$n.log" | sed 's/^/#   /'
		code=1
	fi
}
prove "first quickstart on a bare machine" deploy/quickstart --check
prove "second quickstart" deploy/quickstart --check
prove "tests/run" tests/run
tail -2 "$dir/3.log" | sed 's/^/# /'
echo "1..$n"
exit $code
