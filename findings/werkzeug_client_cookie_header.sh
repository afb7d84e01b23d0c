#!/bin/sh
# Werkzeug 3.1.9, Python 3.11; Flask's test client is the same.
#
# Expected: a header that a test gives to werkzeug.test.Client is sent.
# What happens: a `Cookie` header is left out without a word, since the client puts its own, empty,
#   jar in its place; every other header is sent. A test of what an application does with foreign or
#   broken cookies then tests a request without any. Client(app, use_cookies=False) sends it.
# Output seen:
#   default client: Cookie=None X-Other='b'
#   use_cookies=False: Cookie='a=1' X-Other='b'
# In this program: tests/contract/hub/test_hub_credentials.py uses such a client.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check werkzeug==3.1.9
cat > "$place/seen.py" <<'PYTHON'
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response


@Request.application
def app(request):
    given = (f"{name}={request.headers.get(name)!r}" for name in ("Cookie", "X-Other"))
    return Response(" ".join(given))


for name, client in (
    ("default client", Client(app)),
    ("use_cookies=False", Client(app, use_cookies=False)),
):
    print(f"{name}: {client.get('/', headers={'Cookie': 'a=1', 'X-Other': 'b'}).text}")
PYTHON
"$place/venv/bin/python" "$place/seen.py" > "$place/output"
cat "$place/output"
cat > "$place/expected" <<'OUTPUT'
default client: Cookie=None X-Other='b'
use_cookies=False: Cookie='a=1' X-Other='b'
OUTPUT
diff "$place/expected" "$place/output"
