"""The documentation below /docs/: as Markdown, built, absent; and who gets out of its folder."""

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from irer.web import documentation
from irer.web.security import CONTENT_SECURITY_POLICY

HREF = re.compile(r'<(?:a|img)[^>]* (?:href|src)="([^"]+)"')
INLINE = "document.body.dataset.theme = 1;"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of the documentation's."""
    docs = tmp_path / "docs"
    docs.mkdir()
    monkeypatch.setattr(documentation, "FOLDER", docs)
    return docs


@pytest.fixture
def built(folder: Path) -> Path:
    html = folder / "_build" / "html"
    (html / "_static").mkdir(parents=True)
    (html / "index.html").write_text(f"<p>built</p><script>{INLINE}</script>")
    (html / "_static" / "own.js").write_text("1")
    (html / "_static" / "own.css").write_text("p {}")
    return html


@pytest.fixture
def markdown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The documentation of this copy, as if it had not been built."""
    docs = tmp_path / "docs"
    docs.symlink_to(documentation.FOLDER)
    monkeypatch.setattr(documentation, "BUILT", Path("not") / "built")
    monkeypatch.setattr(documentation, "FOLDER", docs)


@pytest.mark.usefixtures("markdown")
def test_every_page_is_readable_and_every_link_leads_to_a_place(client: FlaskClient) -> None:
    places: dict[str, set[str]] = {}  # page -> its anchors
    links: set[tuple[str, str]] = set()  # address, anchor
    wanted = ["/docs/"]
    while wanted:
        address = wanted.pop()
        if address in places:
            continue
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200, address
        if answer.mimetype != "text/html":
            places[address] = set()
            continue
        text = answer.text.partition("<article")[2].partition("</article>")[0]
        assert "<h1" in text, address
        assert "<!--" not in text
        places[address] = set(re.findall(r' id="([^"]+)"', text))
        for href in HREF.findall(text):
            there = urlsplit(urljoin(f"http://hub{address}", href))
            if there.netloc == "hub":
                links.add((there.path, there.fragment))
                wanted.append(there.path)
    assert len(places) > 30
    assert "/docs/howto/metric.html" in places
    assert "log_prime_sse-fidelity" in places["/docs/metrics.html"]
    assert [link for link in links if link[1] and link[1] not in places[link[0]]] == []
    assert any(anchor for _, anchor in links)


@pytest.mark.usefixtures("markdown")
def test_a_page_keeps_its_tables_code_and_files(client: FlaskClient) -> None:
    metrics = client.get("/docs/metrics.html", buffered=True).text
    assert "<td><code>transient</code></td>" in metrics
    assert 'href="controls.html"' in metrics
    manifest = client.get("/docs/reference/components.html", buffered=True).text
    assert "component_manifest.json" in manifest
    assert "&quot;components&quot;" in manifest or "&quot;name&quot;" in manifest
    picture = client.get("/docs/images/work-precision.png", buffered=True)
    assert (picture.mimetype, picture.data[:4]) == ("image/png", b"\x89PNG")
    policy = client.get("/docs/", buffered=True).headers["Content-Security-Policy"]
    assert "script-src" not in policy


def test_built_pages_come_before_their_markdown(
    client: FlaskClient, folder: Path, built: Path
) -> None:
    (folder / "index.md").write_text("# not built")
    page = client.get("/docs/", buffered=True)
    assert (page.mimetype, page.text) == ("text/html", (built / "index.html").read_text())
    for name, kind in (("own.js", "text/javascript"), ("own.css", "text/css")):
        answer = client.get(f"/docs/_static/{name}", buffered=True)
        assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == (kind, "nosniff")
        assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_the_scripts_inside_a_built_page_may_run_and_no_others(
    client: FlaskClient, built: Path
) -> None:
    digest = base64.b64encode(hashlib.sha256(INLINE.encode()).digest()).decode()
    answer = client.get("/docs/index.html", buffered=True)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith(CONTENT_SECURITY_POLICY)
    assert policy.endswith(f"; script-src 'self' 'sha256-{digest}'")
    assert answer.headers["X-Frame-Options"] == "DENY"
    (built / "index.html").write_text("<p>no script</p>")
    policy = client.get("/docs/", buffered=True).headers["Content-Security-Policy"]
    assert "script-src" not in policy


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.html", "%2e%2e/secret.html", "..%2fsecret.html"),
        *("a/../../secret.html", "link.html", "..\\secret.html"),
    ],
)
@pytest.mark.parametrize("is_built", [True, False])
def test_nobody_gets_out_of_the_folder(
    client: FlaskClient, folder: Path, tmp_path: Path, name: str, is_built: bool
) -> None:
    root = folder / "_build" / "html" if is_built else folder
    root.mkdir(parents=True, exist_ok=True)
    for outside in (tmp_path, root.parent, folder.parent):
        for kind in ("html", "md"):
            if outside != folder:
                (outside / f"secret.{kind}").write_text("# OUTSIDE")
    for kind in ("html", "md"):
        (root / f"link.{kind}").symlink_to(tmp_path / f"secret.{kind}")
    answer = client.get(f"/docs/{name}", buffered=True)
    assert answer.status_code == 404
    assert "OUTSIDE" not in answer.text


@pytest.mark.usefixtures("markdown")
def test_other_files_of_the_folder_are_not_served(client: FlaskClient) -> None:
    odd = ("%00.html", f"{'long' * 100}.html")  # that no file can have
    for name in ("conf.py", "metrics.md", "howto", "no_such_page.html", *odd):
        answer = client.get(f"/docs/{name}", buffered=True)
        assert answer.status_code == 404
        assert "There is no such page" in answer.text


def test_without_documentation_a_page_says_where_it_is(client: FlaskClient, folder: Path) -> None:
    folder.rmdir()
    for address in ("/docs/", "/docs/metrics.html"):
        answer = client.get(address, buffered=True)
        assert answer.status_code == 404
        assert str(folder) in answer.text
        assert "not in this copy" in answer.text


def test_it_holds_below_any_prefix(client: FlaskClient) -> None:
    assert client.get("/docs", buffered=True).headers["Location"] == "docs/"
    assert 'href="docs/"' in client.get("/", buffered=True).text
    deep = client.get("/docs/howto/metric.html", buffered=True).text
    assert not re.findall(r'(?:href|src)="/', deep)


def test_who_has_no_token_gets_none_of_it(client: FlaskClient) -> None:
    assert client.get("/docs/", headers={"Host": "hub.example"}, buffered=True).status_code == 401
