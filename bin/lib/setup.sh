# Set-up shared by bin/unburnt and bin/test; sourced, with $root naming the checkout.
#
# What is ready is remembered in .venv/.unburnt, one file per profile ("runtime", "dev"), holding a fingerprint
# of the lock file and of the checkout's place. A later start compares that and is done: neither uv nor the
# network is touched. Everything said here goes to standard error; standard output belongs to the command.

venv="$root/.venv"
python="$venv/bin/python"
stamps="$venv/.unburnt"
uv_folder="$root/.venv/.unburnt/uv"

runtime_packages=(
    tesseract-ocr tesseract-ocr-chi-sim tesseract-ocr-chi-tra tesseract-ocr-uig tesseract-ocr-rus tesseract-ocr-kaz
    libarchive13 bubblewrap
)
dev_packages=(
    "${runtime_packages[@]}"
    chromium fonts-noto-core fonts-noto-cjk libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
    golang-go golang-golang-x-mod-dev openssl strace
)

say() { printf '%s\n' "$*" >&2; }

# set_up PROFILE: return at once when everything is there, else make it so.
set_up() {
    local profile=$1 wanted
    wanted="$(sha256sum < "$root/uv.lock") $root"
    is_ready "$profile" "$wanted" && return 0
    # Two first starts at once: the second waits, and finds the work done. A folder can be locked too, and
    # unlike a lock file it leaves nothing behind. The lock goes with this shell or with its death.
    exec 9< "$root/bin/lib"
    if command -v flock > /dev/null && ! flock -n 9; then
        say "unburnt: another start is setting up; waiting for it."
        flock 9
    fi
    if ! is_ready "$profile" "$wanted"; then
        say "unburnt: setting up. The first time this needs the network and a few minutes."
        offer_system_packages "$profile"
        make_environment "$profile" || return 1
        mkdir -p "$stamps"
        printf '%s\n' "$wanted" > "$stamps/$profile.new"
        mv "$stamps/$profile.new" "$stamps/$profile"
    fi
    exec 9<&-
}

# The dev profile holds all that the runtime one does.
is_ready() {
    local profile=$1 wanted=$2 name
    [ -x "$python" ] || return 1
    for name in "$profile" dev; do
        [ -r "$stamps/$name" ] && [ "$(< "$stamps/$name")" = "$wanted" ] && return 0
    done
    return 1
}

# Packages of the system: installed when root, else the one command is printed, once per list of packages.
offer_system_packages() {
    local profile=$1 asked="$stamps/system-$1" names missing=() name
    if [ "$profile" = dev ]; then names=("${dev_packages[@]}"); else names=("${runtime_packages[@]}"); fi
    [ -r "$asked" ] && [ "$(< "$asked")" = "${names[*]}" ] && return 0
    if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
        say "unburnt: this system has no apt. Please install what answers to: ${names[*]}"
        remember_asking
        return 0
    fi
    for name in "${names[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2> /dev/null)" = installed ] || missing+=("$name")
    done
    # All that is lacking in one command, also what fetching uv will need.
    works uv || works "$uv_folder/bin/uv" || can_fetch_uv || missing+=(python3-venv)
    if [ ${#missing[@]} -gt 0 ]; then
        if [ "$(id -u)" = 0 ] && install_packages "${missing[@]}"; then
            remember_asking
            return 0
        fi
        say "unburnt: going on without these system packages: ${missing[*]}"
        for name in "${missing[@]}"; do say "  $(cost_of "$name")"; done
        say "To have them:  ${sudo_prefix}apt-get install -y --no-install-recommends ${missing[*]}"
    fi
    remember_asking
}

remember_asking() {
    # Only inside a .venv that exists: uv refuses a folder of that name which is no environment.
    make_empty_environment || return 0
    mkdir -p "$stamps" && printf '%s\n' "${names[*]}" > "$asked"
}

cost_of() {
    case $1 in
        tesseract-ocr) echo "tesseract-ocr: scanned pages in other scripts than Chinese stay without text" ;;
        tesseract-ocr-*) echo "$1: scanned pages in this language stay without text, or get a worse one" ;;
        libarchive13) echo "libarchive13: RAR and rarer archives stay closed" ;;
        bubblewrap) echo "bubblewrap: parsers are locked in by Landlock and seccomp alone, without namespaces" ;;
        python3-venv) echo "python3-venv: without it or uv there is no Python environment, so no unburnt" ;;
        chromium) echo "chromium: the browser tests fail" ;;
        openssl | strace) echo "$1: tests of the seal fail" ;;
        golang-*) echo "$1: the log is not read by Go's independent code in the tests" ;;
        fonts-*) echo "$1: the example's documents and the browser tests lack letters" ;;
        *) echo "$1: tests that make their own PDF files fail" ;;
    esac
}

install_packages() {
    local apt=(apt-get -qq -o Acquire::Retries=3 -o Dpkg::Use-Pty=0) told
    command -v apt-get > /dev/null || return 1
    say "unburnt: installing system packages: $*"
    export DEBIAN_FRONTEND=noninteractive
    # An old list of packages is often good enough, and always quicker than a new one. apt's chatter is shown
    # only where it failed.
    "${apt[@]}" install -y --no-install-recommends "$@" < /dev/null > /dev/null 2>&1 && return 0
    "${apt[@]}" update < /dev/null > /dev/null 2>&1 || say "unburnt: the list of packages could not be renewed."
    told="$("${apt[@]}" install -y --no-install-recommends "$@" < /dev/null 2>&1)" && return 0
    say "${told: -2000}"
    return 1
}

# The Python environment from uv.lock. uv does the work, whether found, or fetched into .venv.
make_environment() {
    local profile=$1 options=(--frozen --project "$root")
    # --inexact: starting unburnt does not take the tests' packages away again.
    [ "$profile" = dev ] || options+=(--no-default-groups --inexact)
    unset VIRTUAL_ENV UV_PYTHON CONDA_PREFIX PYTHONHOME PYTHONPATH
    export UV_PROJECT_ENVIRONMENT="$venv"
    # Where nobody has a home there is no shared cache either.
    [ -n "${UV_CACHE_DIR:-}" ] || [ -w "${XDG_CACHE_HOME:-${HOME:-/nonexistent}}" ] || export UV_CACHE_DIR="$stamps/cache"
    local tool begun="$stamps/begun"
    # Where it was killed before, packages may be there by their names only.
    [ -e "$begun" ] && options+=(--reinstall)
    [ -f "$venv/pyvenv.cfg" ] && mkdir -p "$stamps" && : > "$begun"
    for tool in uv "$uv_folder/bin/uv"; do
        works "$tool" || continue
        "$tool" sync "${options[@]}" >&2 && rm -f "$begun" && return 0
        say "unburnt: $tool could not do it; trying another way."
    done
    make_empty_environment && fetch_uv && "$uv_folder/bin/uv" sync "${options[@]}" >&2 && rm -f "$begun" && return 0
    say "unburnt: the Python environment could not be made. Is there a network? Then start again: it goes on where it stopped."
    return 1
}

works() { command -v "$1" > /dev/null && "$1" --version > /dev/null 2>&1; }

# Whether a Python here has pip, or can bring it.
can_fetch_uv() {
    local base
    base="$(find_python)" || return 1
    "$base" -I -c 'import pip' 2> /dev/null || "$base" -I -c 'import ensurepip' 2> /dev/null
}

# The uv that there is, its own or the system's.
uv_command() {
    local tool
    for tool in "$uv_folder/bin/uv" uv; do
        works "$tool" && printf '%s\n' "$tool" && return 0
    done
    return 1
}

make_empty_environment() {
    [ -x "$python" ] && [ -f "$venv/pyvenv.cfg" ] && return 0
    local base
    if ! base="$(find_python)"; then
        works uv && uv venv --quiet --allow-existing --python '>=3.11' "$venv" >&2 && return 0
        [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null && install_packages python3 python3-venv
        if ! base="$(find_python)"; then
            say "unburnt: Python 3.11 or newer is needed:  ${sudo_prefix}apt-get install -y python3 python3-venv"
            return 1
        fi
    fi
    # Without pip this needs no package python3-venv.
    "$base" -I -m venv --without-pip "$venv" >&2
}

find_python() {
    local name
    for name in python3 python3.11 python3.12 python3.13 python3.14 /usr/bin/python3; do
        if command -v "$name" > /dev/null && "$name" -I -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

# uv into .venv/.unburnt/uv: by a pip that is there, else by the one that venv brings (Debian's python3-venv).
# -I, since one may stand in the leak's folder, and Python would import from there.
fetch_uv() {
    local base pip=(-I -m pip --quiet --disable-pip-version-check)
    base="$(find_python)" || base="$python"
    say "unburnt: fetching uv, which installs the locked packages."
    rm -rf "$uv_folder"
    if "$base" "${pip[@]}" --version > /dev/null 2>&1; then
        "$base" "${pip[@]}" install --target "$uv_folder" uv >&2 && [ -x "$uv_folder/bin/uv" ]
        return
    fi
    if ! "$base" -I -c 'import ensurepip' 2> /dev/null && ! { [ "$(id -u)" = 0 ] && install_packages python3-venv; }; then
        say "unburnt: neither uv nor pip is here. One command brings it:  ${sudo_prefix}apt-get install -y python3-venv"
        return 1
    fi
    "$base" -I -m venv "$uv_folder" >&2 && "$uv_folder/bin/python" "${pip[@]}" install uv >&2
}

if [ "$(id -u)" = 0 ]; then sudo_prefix=""; else sudo_prefix="sudo "; fi
