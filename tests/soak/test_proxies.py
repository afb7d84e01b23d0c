"""The page behind every real proxy, none left out because it is not installed."""

import shutil
import subprocess
import sys

import pytest

from settings import SOURCE_ROOT
from tests.proxies import NO_NGINX

pytestmark = pytest.mark.soak


@pytest.mark.timeout(1800)
def test_no_proxy_is_left_out() -> None:
    assert shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/bin"), NO_NGINX
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "tests/browser/test_behind_proxies.py"]
    ended = subprocess.run(command, cwd=SOURCE_ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout
    assert "skipped" not in ended.stdout.lower(), ended.stdout
