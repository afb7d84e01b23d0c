"""How much the hunt page weighs when it is opened first: bytes, as they are sent."""

import re
from urllib.parse import urljoin

from flask.testing import FlaskClient

# Of version 11.2.0, counted by this test: the page, its style, the scripts that it names and those
# that these import; and Plotly, which is forty times as large as the largest of them.
OWN, PLOTLY = 157_558, 1_191_749
MOST = 1.1  # times that much, all together
MOST_OWN = 1.24  # without Plotly, which would hide what is added to the rest; help texts are 0.15

NAMED = re.compile(r'<(?:script|link)[^>]*?(?:src|href)="([^"]+\.(?:js|css|svg))"')
IMPORTED = re.compile(r'^(?:import|export) [^;]*?from "(\.[^"]+)";', re.MULTILINE)  # not import()


def first_load(client: FlaskClient) -> dict[str, int]:
    """Return the bytes of everything that the page brings with it, by address."""
    page = client.get("/").get_data()
    found, waiting = {"/": len(page)}, [f"/{name}" for name in NAMED.findall(page.decode())]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            data = answer.get_data()
        found[address] = len(data)
        if address.endswith(".js") and "/vendor/" not in address:
            waiting += [urljoin(address, name) for name in IMPORTED.findall(data.decode())]
    return found


def test_the_first_load_weighs_hardly_more_than_it_did(client: FlaskClient) -> None:
    found = first_load(client)
    plotly = sum(size for address, size in found.items() if "/vendor/" in address)
    own = sum(found.values()) - plotly
    assert plotly
    assert own + plotly <= MOST * (OWN + PLOTLY), found
    assert own <= MOST_OWN * OWN, found


def test_what_is_loaded_when_it_is_needed_is_not_counted(client: FlaskClient) -> None:
    scripts = {address.rpartition("/")[2] for address in first_load(client)}
    assert {"hunt.js", "runs.js", "url_state.js", "hub.css", "theme.js"} <= scripts
    later = {
        "brush",
        "columns",
        "confirmation",
        "fill_form",
        "labels",
        "narrow",
        "pictures",
        "sensitivity",
    }
    later |= {"tables", "url_check", "verdict"}
    assert not {f"{name}.js" for name in later} & scripts
