# Shared by the scripts in this folder; to be sourced, not run.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# say TEXT...: a message to the person watching, on standard error.
say() { printf '%s\n' "$*" >&2; }

# die TEXT...: says what is wrong and ends the script.
die() {
    printf '%s: error: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# usage: prints the comment block at the head of the calling script.
usage() { sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; }

# quietly LOG COMMAND...: runs a command with its output in LOG, which is shown only if the command fails.
quietly() {
    local log=$1 status=0
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 60 "$log" >&2
        die "'$*' failed with status $status; all of its output is in $log"
    fi
}

# build_release: builds the program if it is not up to date and sets $earmark to it, as an absolute path.
# EARMARK names another program, by its path or its name on PATH, to use as it is. It is set for what is run from here.
build_release() { use_or_build .build; }

# build_program: the same for the program as it is installed and packaged. Swift's runtime is part of it, so that it
# runs where there is no Swift. The C sources that it is made of name themselves in messages: they do so from the
# repository on, so that the bytes do not depend on the folder. Every module is compiled with these options, which is
# why this build has a folder of its own.
build_program() { use_or_build .build/program --static-swift-stdlib -Xcc "-ffile-prefix-map=$root=."; }

# use_or_build FOLDER OPTION...: what both are made of; OPTIONs are those of 'swift build'.
use_or_build() {
    local folder=$root/$1
    shift
    if [ -n "${EARMARK:-}" ]; then
        earmark=$(command -v "$EARMARK") || die "EARMARK names no program: $EARMARK"
        earmark=$(realpath --no-symlinks "$earmark")
    else
        say "Building earmark: a first build takes 5 to 10 minutes, a second one seconds ..."
        local options=(--package-path "$root" --scratch-path "$folder" -c release "$@")
        quietly "$folder/build-release.log" swift build "${options[@]}" --product earmark
        earmark=$(swift build "${options[@]}" --show-bin-path)/earmark
    fi
    export EARMARK=$earmark
}

# version_of_sources: the version, from the one constant in Sources that holds it.
version_of_sources() {
    local found constant='static let current = "[0-9]+\.[0-9]+\.[0-9]+"'
    found=$(grep -rhoE --include='*.swift' "$constant" "$root/Sources" | cut -d '"' -f 2)
    [ "$(wc -w <<<"$found")" -eq 1 ] || die "Sources should have one constant 'current' with a version, not '$found'"
    printf '%s\n' "$found"
}

# install_python: makes $python, with the packages that the checks of this repository need, where it is not there.
install_python() {
    python=$root/.build/python/bin/python
    local wanted=$root/Tools/requirements.txt
    if cmp -s "$wanted" "$root/.build/python/requirements.txt"; then return; fi
    quietly "$root/.build/python.log" python3 -m venv --clear "$root/.build/python"
    quietly "$root/.build/python.log" "$python" -m pip --disable-pip-version-check install -r "$wanted"
    cp "$wanted" "$root/.build/python/requirements.txt"
}

# scripts LANGUAGE: the scripts of this repository that are written in it, python or bash, one path a line. Commands
# have no extension and say it in their first line.
scripts() {
    local file first
    while IFS= read -r file; do
        case $1:$file in
            python:*.py | bash:*.sh) ;;
            *.py | *.sh) continue ;;
            *)
                # Test vectors have no extension either, and are no text.
                { IFS= read -r first <"$file"; } 2>/dev/null || continue
                [ "$first" = "#!/usr/bin/env ${1/python/python3}" ] || continue
                ;;
        esac
        printf '%s\n' "$file"
    done < <(find "$root"/{.ci,Benchmarks,Samples,Tests,Tools} -name .build -prune -o -type f \
        \( -name '*.py' -o -name '*.sh' -o ! -name '*.*' \) -print | sort)
}

# claim_folder DIR: makes DIR ours and empty. A folder that holds anything else is left alone.
claim_folder() {
    local folder=$1 marker=$1/.made-by-earmark-tools
    if [ -e "$folder" ] && [ ! -e "$marker" ] && [ -n "$(ls -A "$folder")" ]; then
        die "'$folder' is not empty and was not made by this script; name another folder"
    fi
    rm -rf "$folder"
    mkdir -p "$folder"
    touch "$marker"
}

# media ARGUMENTS...: ffmpeg without questions or chatter.
media() { ffmpeg -nostdin -hide_banner -loglevel error -y "$@"; }
