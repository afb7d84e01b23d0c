#!/bin/sh
# jsonschema 4.26.0 with rfc3987-syntax 1.1.0 and lark 1.3.1, Python 3.11.
#
# Expected: importing a validator of JSON documents takes a tenth of a second.
# What happens: where rfc3987-syntax is installed, which the extra `format-nongpl` brings,
#   `import jsonschema` builds 39 parsers, of the grammars of RFC 3987 and of each of its rules,
#   whether a `format` is ever checked or not. That takes 3 s of a core here. nbformat imports
#   jsonschema, and Jupyter brings the extra, so `import nbformat` takes as long.
# Output seen:
#   jsonschema alone: 0 parsers
#   with rfc3987-syntax: 39 parsers
# In this program: tests/docs/test_notebook.py imports nbformat where it is used, because each of
#   the test processes collects all files.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check jsonschema==4.26.0 lark==1.3.1
cat > "$place/seen.py" <<'PYTHON'
import sys

import lark

built = []
make = lark.Lark.__init__


def counted(self, *arguments, **named):
    built.append(self)
    make(self, *arguments, **named)


lark.Lark.__init__ = counted
import jsonschema  # noqa: E402, F401

print(f"{sys.argv[1]}: {len(built)} parsers")
PYTHON
"$place/venv/bin/python" "$place/seen.py" "jsonschema alone" > "$place/output"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check rfc3987-syntax==1.1.0
"$place/venv/bin/python" "$place/seen.py" "with rfc3987-syntax" >> "$place/output"
cat "$place/output"
cat > "$place/expected" <<'OUTPUT'
jsonschema alone: 0 parsers
with rfc3987-syntax: 39 parsers
OUTPUT
diff "$place/expected" "$place/output"
