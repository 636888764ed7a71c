#!/usr/bin/env bash
# Deploys a stage to AWS: ./deploy-backend.sh <dev|staging|prod> [region]. With --help it tells the rest.
#
# This only finds the Python that Lambda will run, since the one that packages decides that, and sets up what the
# deployment needs. PYTHON names another Python, VENV another virtual environment.
set -euo pipefail
cd "$(dirname "$0")"

wanted=3.13

is_wanted() {
  "$1" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$wanted')" 2>/dev/null
}

find_python() {
  local candidate
  for candidate in "python$wanted" python3 "$HOME/.pyenv/versions/$wanted".*/bin/python; do
    if is_wanted "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  cat >&2 <<TEXT
Python $wanted is not here, and what packages decides what Lambda runs. One of these brings it:
  uv python install $wanted && PYTHON=\$(uv python find $wanted) $0 $*
  pyenv install $wanted
  brew install python@$wanted, or on Ubuntu: apt install python$wanted-venv
Or name one: PYTHON=/path/to/python$wanted $0 $*
TEXT
  return 1
}

python=${PYTHON:-$(find_python "$@")}
venv=${VENV:-.local/deployer}
if [ "$venv" = .local/deployer ] && [ -e "$venv" ] && ! is_wanted "$venv/bin/python"; then
  rm -r "$venv"
fi
make --silent PYTHON="$python" "$venv/installed" .local/tools/installed
exec "$venv/bin/python" -m infrastructure.deploy "$@"
