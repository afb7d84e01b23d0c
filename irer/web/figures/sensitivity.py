"""The sensitivity of a hunt: the share found over the height of injected lines."""

from irer.controls.sensitivity_records import Ball, CurveName, Sensitivity
from irer.web.figures.common import Figure, brief, goal_line, scatter

_NAMES: dict[CurveName, str] = {
    "position": "p_position < 0.05",
    "reached": "also SSE < 0.01",
    "as_good": "at least as good as the best found",
}
_LEVEL = 0.95


def sensitivity(report: Sensitivity) -> Figure:
    """Return the curves for the ball that the verdict names, each with its 95% intervals."""
    ball = report.main
    return {
        "data": [_curve(report.heights, ball, name, number) for number, name in enumerate(_NAMES)],
        "layout": {
            "xaxis": {"type": "log", "title": {"text": "height of the lines over the background"}},
            "yaxis": {"title": {"text": "share of trials"}, "range": [-0.03, 1.03]},
            "shapes": [goal_line("y", _LEVEL)],
            "meta": {"runs": []},
        },
    }


def _curve(heights: list[float], ball: Ball, name: CurveName, number: int) -> Figure:
    """Return one curve; a logarithmic axis has no place for the height 0."""
    curve = ball.curves[name]
    kept = [n for n, height in enumerate(heights) if height > 0]
    share = [brief(curve.share[n]) for n in kept]
    shown = scatter(
        _NAMES[name],
        "series",
        [heights[n] for n in kept],
        share,
        mode="lines+markers",
        hovertemplate="height %{x}: %{y:.3f}<extra>%{fullData.name}</extra>",
    )
    shown["meta"]["series"] = number
    shown["error_y"] = {
        "type": "data",
        "symmetric": False,
        "array": [brief(curve.high[n] - curve.share[n]) for n in kept],
        "arrayminus": [brief(curve.share[n] - curve.low[n]) for n in kept],
        "thickness": 1,
        "width": 2,
    }
    return shown
