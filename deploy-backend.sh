#!/usr/bin/env bash
# Deploys a stage to AWS: ./deploy-backend.sh <dev|staging|prod> [region]. --help lists the options.
#
# This script finds the Python version that Lambda runs, because the package must be built with it, and installs the
# deployment's dependencies. Set PYTHON to use another interpreter, VENV to use another virtual environment.
set -euo pipefail
cd "$(dirname "$0")"

required=3.13

has_required_version() {
  "$1" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$required')" 2>/dev/null
}

find_python() {
  local candidate
  for candidate in "python$required" python3 "$HOME/.pyenv/versions/$required".*/bin/python; do
    if has_required_version "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  cat >&2 <<TEXT
Python $required was not found. The package must be built with the version that Lambda runs. Install it with one of:
  uv python install $required && PYTHON=\$(uv python find $required) $0 $*
  pyenv install $required
  brew install python@$required, or on Ubuntu: apt install python$required-venv
Or name an installed one: PYTHON=/path/to/python$required $0 $*
TEXT
  return 1
}

python=${PYTHON:-$(find_python "$@")}
venv=${VENV:-.local/deployer}
if [ "$venv" = .local/deployer ] && [ -e "$venv" ] && ! has_required_version "$venv/bin/python"; then
  rm -r "$venv"
fi
make --silent PYTHON="$python" "$venv/installed" .local/tools/installed
exec "$venv/bin/python" -m infrastructure.deploy "$@"
