#!/bin/sh
# Install what the tests use besides Python: a browser, a Redis server, nginx, ffmpeg, node with the JavaScript
# Socket.IO client.
# What is there already is left alone. Tests whose program is missing are skipped and say so.
set -eu
cd "$(dirname "$0")/.."

missing=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || missing="$missing chromium"
command -v redis-server >/dev/null || missing="$missing redis-server"
command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || missing="$missing nginx"
[ -e /usr/lib/nginx/modules/ngx_rtmp_module.so ] || missing="$missing libnginx-mod-rtmp"
command -v npm >/dev/null || missing="$missing nodejs npm"
command -v ffprobe >/dev/null || missing="$missing ffmpeg"

if [ -n "$missing" ]; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # shellcheck disable=SC2086  # one word per package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  else
    echo "Not installed, and the tests that need them will be skipped:$missing"
  fi
fi

if command -v npm >/dev/null; then
  npm ci --silent --no-audit --no-fund --prefix tests/system/js
fi
