# Shared by the scripts of this folder; to be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
logs=$root/target/scripts
mkdir -p "$logs"
passed=0 failed=0 skipped=0
skipped_names=()

say() { printf '%s\n' "$*"; }

# step NAME COMMAND…: runs it, shows its output, counts it.
step() {
    local name=$1 started=$SECONDS log status=0
    shift
    log=$logs/$(printf '%s' "$name" | tr -c 'A-Za-z0-9\n' '-').log
    say "── $name"
    "$@" 2>&1 | tee "$log" || status=$?
    if [ "$status" -eq 0 ]; then
        say "── $name: passed in $((SECONDS - started)) s"
        passed=$((passed + 1))
    else
        say "── $name: FAILED (exit $status) in $((SECONDS - started)) s"
        failed=$((failed + 1))
    fi
}

skip() {
    say "── $1: SKIPPED, $2"
    skipped=$((skipped + 1))
    skipped_names+=("$1 ($2)")
}

# Each test that could not run says so in a line of its own; here they are counted and named.
count_skips() {
    local line
    while IFS= read -r line; do
        skipped=$((skipped + 1))
        skipped_names+=("${line#*SKIPPED: }")
    done < <(cat "$logs"/*.log 2>/dev/null | grep -ao 'SKIPPED: .*' | sort -u)
}

# Debian packages, where a program is missing and packages can be installed.
need() {
    local missing=() pair program package
    for pair in "$@"; do
        program=${pair%%:*} package=${pair#*:}
        command -v "$program" >/dev/null 2>&1 || [ -e "$program" ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "not here and no apt-get to install them with: ${missing[*]}"
        return 0
    fi
    say "installing ${missing[*]}"
    {
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
    } >"$logs/packages.txt" 2>&1 || say "some packages could not be installed, see $logs/packages.txt"
}

# unpack SERVER PACKAGE…: Debian packages that exclude one which is installed, and the libraries that they need; unpacked into
# target/unpacked/SERVER, from where tests run it. Nothing is installed.
unpack() {
    local server=$1 place=$root/target/unpacked/$1 package
    shift
    [ -d "$place/usr" ] && return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "no apt-get to fetch $server with"
        return 0
    fi
    say "unpacking $server"
    (
        set -e
        rm -rf "$place.part"
        mkdir -p "$place.part/packages"
        cd "$place.part/packages"
        apt-get update -q
        apt-get download -q "$@"
        for package in *.deb; do dpkg -x "$package" ..; done
        rm -r "$place.part/packages"
        mv "$place.part" "$place"
    ) >"$logs/unpacked-$server.txt" 2>&1 || say "$server could not be unpacked, see $logs/unpacked-$server.txt"
}

# A tool from the Rust package registry, in the version that was tried.
cargo_tool() {
    local name=$1 version=$2
    command -v "$name" >/dev/null 2>&1 && return 0
    say "installing $name $version"
    cargo install "$name" --version "$version" --locked >"$logs/$name.txt" 2>&1 ||
        { say "$name could not be installed, see $logs/$name.txt"; return 1; }
}
