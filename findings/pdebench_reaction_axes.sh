#!/bin/sh
# pdebench 0.1.0 (its generator of the 2-D diffusion-reaction data), numpy 2.4.6, scipy 1.17.1,
# Python 3.11.
#
# Expected: Simulator.generate_sample() returns the axes t, x, y, channel, as its docstring says
#   ("numpy array(t, x, y, num_features)") and as the project's other 2-D generators store theirs.
# What happens: it returns t, y, x, channel: the samples are reshaped to Ny x Nx. On the published
#   square grids no shape tells; the field is mirrored at its diagonal.
# Output seen (8 points along x, 5 along y, 3 times):
#   docstring: numpy array(t, x, y, num_features)
#   shape: (3, 5, 8, 2)
# In this program: irer/interchange/readers/pdebench.py reads this layout as t, y, x, channel.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 scipy==1.17.1
# Of the package the one module is wanted, not what its models need; it asks for an older Python.
"$place/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
    --ignore-requires-python pdebench==0.1.0
cat > "$place/seen.py" <<'PYTHON'
import re

from pdebench.data_gen.src.sim_diff_react import Simulator

print("docstring:", re.search(r"numpy array\(.*\)", Simulator.generate_sample.__doc__)[0])
print("shape:", Simulator(xdim=8, ydim=5, tdim=3, t=0.5).generate_sample().shape)
PYTHON
"$place/venv/bin/python" "$place/seen.py" > "$place/output"
cat "$place/output"
cat > "$place/expected" <<'OUTPUT'
docstring: numpy array(t, x, y, num_features)
shape: (3, 5, 8, 2)
OUTPUT
diff "$place/expected" "$place/output"
