# SPDX-License-Identifier: EUPL-1.2
# shellcheck shell=bash
# What deploy/quickstart and tests/run share: packages, npm, builds. Sourced from the repository root.

# Seconds with one decimal since a moment of $EPOCHREALTIME.
since() { awk -v a="$EPOCHREALTIME" -v b="$1" 'BEGIN { printf "%.1f", a - b }'; }

# missing_packages KIND... : names from deploy/packages (kinds: build run test) that dpkg has not.
missing_packages() {
	local kind name
	while read -r kind name; do
		case " $* " in *" $kind "*) ;; *) continue ;; esac
		case $(dpkg-query -W -f='${Status}' "$name" 2>/dev/null) in
		*" ok installed") continue ;;
		esac
		# The same program under another package is as good: NodeSource's nodejs brings npm.
		[ "$name" = npm ] && command -v npm >/dev/null && continue
		echo "$name"
	done < <(grep -E '^(build|run|test) ' deploy/packages)
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "this needs root: run as root, or install these first: ${missing[*]:-}" >&2
		return 77
	fi
}

# install_packages KIND... : nothing missing, no apt call.
install_packages() {
	local missing
	mapfile -t missing < <(missing_packages "$@")
	[ ${#missing[@]} = 0 ] && echo "all there" && return 0
	if ! command -v apt-get >/dev/null; then
		echo "not a Debian machine; install these by hand: ${missing[*]}" >&2
		return 1
	fi
	echo "installing ${missing[*]}"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update || {
		echo "apt-get update failed: is there a network, and are the sources right?" >&2
		return 1
	}
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install \
		"${missing[@]}" || {
		echo "apt-get could not install: ${missing[*]}" >&2
		return 1
	}
}

# npm_ci FOLDER : what its lock file says, once per lock file.
npm_ci() {
	local stamp=$1/node_modules/.varde-lock want
	want=$(sha256sum <"$1/package-lock.json")
	[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && echo "as locked" && return 0
	(cd "$1" && npm ci --no-audit --no-fund --loglevel=error) || {
		echo "npm ci failed in $1: is there a network?" >&2
		return 1
	}
	echo "$want" >"$stamp"
}

# meson_set_up FOLDER OPTION... : when it is not yet, or families have come or gone since.
meson_set_up() {
	local dir=$1
	shift
	if [ ! -f "$dir/build.ninja" ]; then
		rm -rf "$dir"
		meson setup "$dir" "$@" || return 1
	elif ! families_found "$dir"; then
		meson setup --reconfigure "$dir" || return 1
	fi
	families_now >"$dir/.families"
}

# meson_build FOLDER OPTION... : sets the folder up when needed, then builds.
meson_build() {
	meson_set_up "$@" && ninja -C "$1"
}

# Families and what they share are found when a folder is set up: ninja alone would miss new ones.
families_now() {
	local what
	for what in "" --common --maps; do
		python3 adapters/families.py ${what:+"$what"}
	done
}

# families_found FOLDER : nothing has come or gone since it was set up.
families_found() { [ -f "$1/.families" ] && [ "$(families_now)" = "$(cat "$1/.families")" ]; }

# fuzz_build FOLDER : the libFuzzer targets alone.
fuzz_build() {
	local dir=$1 targets
	meson_set_up "$dir" -Dfuzz=true -Db_sanitize=address,undefined -Db_lundef=false || return 1
	ninja -C "$dir" build.ninja >/dev/null || return 1 # targets as they are now
	targets=$(ninja -C "$dir" -t targets all | sed -n 's|^\(tests/fuzz/fuzz_[a-z0-9_]*\): .*|\1|p')
	# shellcheck disable=SC2086 # a list of targets
	ninja -C "$dir" $targets
}
