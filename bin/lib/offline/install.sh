#!/bin/sh
# Sets unburnt up from this folder, without a network: sh install.sh [--to DIR] [--no-system]
# Plain sh and python3 only. Started again, it goes on or repairs.
set -eu
stick=$(cd "$(dirname "$0")" && pwd)

stop() { printf 'unburnt: %s\n' "$*" >&2; exit 1; }
say() { printf 'unburnt: %s\n' "$*"; }

place= system=yes
while [ $# -gt 0 ]; do
    case $1 in
        --to) [ $# -ge 2 ] || stop "--to needs a folder."; place=$2; shift ;;
        --no-system) system=no ;;
        *) stop "I do not know $1. Usage: sh install.sh [--to DIR] [--no-system]" ;;
    esac
    shift
done
administrator=no
[ "$(id -u)" = 0 ] && administrator=yes
if [ "$administrator" = yes ]; then
    commands=/usr/local/bin
    : "${place:=/opt/unburnt}"
else
    commands=${HOME:?unburnt: name a place with --to DIR}/.local/bin
    : "${place:=$HOME/.local/lib/unburnt}"
fi

[ -f "$stick/SHA256SUMS" ] || stop "this folder is not complete: bin/pack was interrupted. Make it again."
say "checking the folder ..."
(cd "$stick" && sha256sum --check --quiet --strict SHA256SUMS) || stop "files were changed or damaged on the way. Nothing was installed."

wanted() { sed -n "s/^$1=//p" "$stick/made-for"; }
[ "$(uname -m)" = "$(wanted machine)" ] || stop "this folder is for $(wanted machine), this machine is $(uname -m)."

install_system_packages() {
    (. /etc/os-release && [ "$ID $VERSION_ID" = "$(wanted system)" ]) ||
        { say "the system packages are for $(wanted system), so they are left out."; return 1; }
    # A private copy: apt is not told of paths with spaces, nor of a stick that is gone tomorrow.
    debs=$(mktemp -d /var/tmp/unburnt-debs.XXXXXX)
    chmod 755 "$debs"
    cp "$stick/debs/"* "$debs/"
    chmod 644 "$debs/"*
    mkdir -p "$debs/state/lists/partial" "$debs/cache/archives/partial"
    echo "deb [trusted=yes] file:$debs ./" > "$debs/sources.list"
    # Only this folder is asked, whatever the machine's own lists say; what is installed and newer stays.
    set -- -qq -o "Dir::Etc::sourcelist=$debs/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$debs/state/lists" \
        -o "Dir::Cache=$debs/cache" -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0
    ended=0
    export DEBIAN_FRONTEND=noninteractive
    {
        apt-get "$@" update &&
            apt-get "$@" install -y --no-install-recommends --no-upgrade $(cat "$debs/wanted")
    } > "$debs/told" 2>&1 < /dev/null || ended=1
    [ "$ended" = 0 ] || tail -n 20 "$debs/told" >&2
    rm -rf "$debs"
    return $ended
}

if [ "$system" = yes ] && [ -f "$stick/debs/wanted" ]; then
    if [ "$administrator" = yes ]; then
        say "installing system packages ..."
        install_system_packages || say "going on without the system packages; unburnt doctor says what that costs."
    else
        say "not an administrator: OCR and the rest of the system's packages stay as they are. To have them:"
        say "    sudo sh '$stick/install.sh'"
    fi
fi

base=
for name in python3 "python$(wanted python)"; do
    if command -v "$name" > /dev/null && [ "$("$name" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = "$(wanted python)" ]; then
        base=$(command -v "$name")
    fi
done
[ -n "$base" ] || stop "Python $(wanted python) is needed and is not here; as an administrator this installs it:  sudo sh '$stick/install.sh'"

say "installing unburnt into $place ..."
mkdir -p "$place"
place=$(cd "$place" && pwd)
# pip runs from its own wheel: neither python3-venv nor a pip of the system is needed.
"$base" -I -m venv --without-pip "$place/venv"
python=$place/venv/bin/python
pip() { PYTHONPATH=$(echo "$stick"/tools/pip-*.whl) "$python" -P -m pip --isolated --quiet --disable-pip-version-check --no-cache-dir "$@"; }
pip install --no-index --find-links "$stick/wheels" --no-deps --require-hashes --requirement "$stick/requirements.txt"
pip install --no-index --no-deps --force-reinstall "$stick"/tools/unburnt-*.whl

mkdir -p "$place/bin"
# -I: no module of the folder one stands in (it may be the leak's) is ever imported.
cat > "$place/bin/unburnt.new" <<'END'
#!/bin/sh
place=$(dirname "$(dirname "$(readlink -f "$0")")")
exec "$place/venv/bin/python" -I -m unburnt "$@"
END
chmod 755 "$place/bin/unburnt.new"
mv "$place/bin/unburnt.new" "$place/bin/unburnt"
"$place/bin/unburnt" --version > /dev/null || stop "unburnt is installed but does not start."

link=$commands/unburnt
if [ "$system" = yes ] && { [ -L "$link" ] || [ ! -e "$link" ]; } && mkdir -p "$commands"; then
    ln -sfn "$place/bin/unburnt" "$link"
    case ":$PATH:" in *":$commands:"*) say "done. Type:  unburnt open FOLDER" ;; *) say "done. Type:  $link open FOLDER" ;; esac
else
    say "done. Type:  $place/bin/unburnt open FOLDER"
fi
