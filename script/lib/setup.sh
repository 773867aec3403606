# Sourced by the entry points: what the machine needs, the packages, the compiled translations.
# Reading this on a bare Debian 12: nothing but bash, coreutils and Python 3.11 may be expected.

say() { if [ -t 2 ]; then echo "$*" >&2; fi; }

fail() {
    echo "$*" >&2
    exit 1
}

# Run something long in silence; its words are shown only when it fails. It runs in the
# background so that TERM stops it at once rather than after it has finished.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    trap 'kill "$child" 2>/dev/null; rm -f "$log"; exit 143' TERM
    trap 'kill "$child" 2>/dev/null; rm -f "$log"; exit 130' INT
    wait "$child" || status=$?
    trap - TERM INT
    [ "$status" -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return "$status"
}

apt_install() {
    say "Installing $* …"
    export DEBIAN_FRONTEND=noninteractive
    quietly apt-get update -q -o DPkg::Lock::Timeout=300 || return 1
    quietly apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

# Debian's packages that are needed and not there: root installs them, others are told the line.
require() {
    [ $# -gt 0 ] || return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        apt_install "$@" || fail "These packages could not be installed: $*"
        return 0
    fi
    fail "This machine lacks $*. Have it installed with: sudo apt-get install --no-install-recommends $*"
}

usable() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# The distribution's own first: it is built with its profile and link-time optimisation, which one
# compiled by hand seldom is, and so a quarter faster.
find_python() {
    local candidate
    for candidate in /usr/bin/python3.11 python3.11 python3 python3.12 python3.13 python3.14; do
        if usable "$candidate"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

make_venv() {
    local python missing=()
    find_python >/dev/null || missing+=(python3-venv)
    # Debian's pip trusts the system's certificates and carries none of its own.
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    require "${missing[@]}"
    python=$(find_python) || fail "Python 3.11 or newer is needed; this machine's python3 is older."
    quietly "$python" -m venv --clear .venv
}

# Its commands name their folder, so a clone that was moved needs a new one.
venv_works() {
    head -n 1 .venv/bin/pip 2>/dev/null | grep -qF "$PWD/.venv/" &&
        .venv/bin/python -m pip -V >/dev/null 2>&1
}

# What .venv was made from: the same text means that nothing has to be done.
fingerprint() {
    {
        pwd
        cat pyproject.toml requirements/base.txt
        [ "$1" = base ] || cat requirements/dev.txt
    } | sha256sum | cut -d' ' -f1
}

install_packages() {
    local wanted
    wanted=$(fingerprint "$1")
    [ "$(cat ".venv/made-for-$1" 2>/dev/null)" != "$wanted" ] || return 0
    if ! venv_works; then
        say "Making .venv …"
        make_venv
    fi
    say "Installing Python packages (a minute or two the first time) …"
    quietly .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps \
        --require-hashes -r "requirements/$1.txt" || return 1
    quietly .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps \
        --no-index --no-build-isolation -e . || return 1
    fingerprint base >.venv/made-for-base
    echo "$wanted" >".venv/made-for-$1"
}

compile_translations() {
    local text
    for text in nichandle/locale/*/LC_MESSAGES/django.po; do
        if [ -e "$text" ] && ! [ "${text%.po}.mo" -nt "$text" ]; then
            .venv/bin/python script/lib/translations.py compile
            return
        fi
    done
}

# The same Argon2id with the instructions of newer processors, where a compiler is at hand. Tried once
# for each compiler; why it failed is in .venv/lib/nichandle, and `nichandle check` says it.
build_argon2() {
    local wanted
    [ "$(uname -m)" = x86_64 ] && command -v gcc >/dev/null || return 0
    wanted=$({
        gcc --version
        cat requirements/base.txt script/lib/argon2_build.py
    } | sha256sum)
    [ "$(cat .venv/argon2-tried 2>/dev/null)" != "$wanted" ] || return 0
    say "Building Argon2id …"
    quietly .venv/bin/python script/lib/argon2_build.py || return 0
    echo "$wanted" >.venv/argon2-tried
}

# prepare base|dev: everything the product, or the tests too, need from Python.
prepare() {
    # One at a time: two terminals must not install into each other.
    exec 9<requirements
    if command -v flock >/dev/null; then flock 9; fi
    install_packages "$1" || fail "The Python packages could not be installed."
    build_argon2
    compile_translations
    exec 9<&-
}
