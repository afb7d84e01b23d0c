"""The help marks of the pages: a small button beside a name, and its explanation as a popover.

    {{ help_mark("k0", "k0") }}        the mark; its name for a screen reader
    {% if name is explained %}         whether it has an explanation of its own
    {{ help_texts() }}                 once a page, at its end: the explanations that it needs

The browser opens, places and closes them. A script makes a mark of its own with
`static/js/parts/help.js`, of a name that the page has asked for by `help_for`.
"""

from flask import Flask, g
from markupsafe import Markup

from irer.base.help import HELP, Help
from irer.web.addresses import docs_address

OWN = "extra_metrics"  # stands for any metric that is an extension
CHARTS: dict[str, Help] = {
    name: Help(text, f"charts.md#{section}")
    for name, section, text in (
        ("pareto", "pareto-front", "Both errors of every run; nobody beats the runs of the front."),
        ("history", "history-of-the-best", "Every run, and the smallest error so far."),
        ("parallel", "parallel-coordinates", "Parameters and errors of each run as one line."),
        ("hypervolume", "hypervolume", "What the front dominates, in square decades."),
        ("importance", "importance", "Which parameters set the best tenth apart; pale: chance."),
        ("slice", "slices", "One error over each parameter: valleys show good values."),
        ("map", "map-of-two-parameters", "What is expected of an error over two parameters."),
        ("excess", "excess", "What is scored: how far each shell stands above the background."),
        ("paradox", "the-paradox", "Are good scores bought with a violated constraint?"),
        ("sensitivity-curve", "sensitivity", "How high lines had to be for the hunt to see them."),
        ("spectrum", "spectrum", "Power of the density over k, with the targets k = ln p."),
        ("spectra", "spectrum", "Power of the density over k, with the targets k = ln p."),
        ("diagnostics", "diagnostics", "What the solver noted of the run over time."),
        ("fields", "fields", "The fields of the run, with their colour bars."),
    )
}
_TEXTS = HELP | CHARTS


def install_help(app: Flask) -> None:
    """Let the templates of `app` make help marks."""
    app.jinja_env.globals |= {
        "help_mark": help_mark, "help_for": help_for, "help_texts": help_texts,
    }  # fmt: skip
    app.jinja_env.tests["explained"] = _TEXTS.__contains__


def help_for(*names: str) -> str:
    """Ask for explanations whose marks a script of the page makes."""
    g.setdefault("helped", {}).update(dict.fromkeys(names))
    return ""


def help_mark(name: str, label: str = "") -> Markup:
    """Return the mark of a metric, parameter, option or chart."""
    known = name if name in _TEXTS else OWN
    help_for(known)
    return Markup(
        '<button type="button" class="help" popovertarget="help-{0}" aria-label="Help: {1}">'
        "</button>"
    ).format(known, label or name)


def help_texts() -> Markup:
    """Return the explanations that the page's marks open."""
    return Markup("\n").join(_explained(name) for name in g.get("helped", ()))


def _explained(name: str) -> Markup:
    told = _TEXTS[name]
    return Markup(
        '<div popover id="help-{0}" class="help-text">{1} <a href="{2}">Read more'
        '<span class="unseen"> on {0}</span></a></div>'
    ).format(name, told.text, docs_address(told.docs))
