import io
import subprocess
import sys
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from irer.errors import ConfigError
from irer.pictures import FieldName, Theme, field_png, field_values, middle_plane, spectrum_png
from irer.validation import TARGETS, decoy_combs, log_prime_fidelity

L = 50.0


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.fixture
def slice_2d() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    psi = rng.normal(size=(32, 32)) + 1j * rng.normal(size=(32, 32))
    return psi, 0.1 * rng.normal(size=(32, 32))


def test_values_are_those_of_the_definitions(slice_2d: tuple[np.ndarray, np.ndarray]) -> None:
    psi, u = slice_2d
    assert field_values("density", psi, u, L, 0.2) == pytest.approx(abs(psi) ** 2)
    assert field_values("phase", psi, u, L, 0.2) == pytest.approx(np.angle(psi))
    assert field_values("omega", psi, u, L, 0.2) == pytest.approx(np.exp(u))
    uniform = field_values("hamiltonian", np.full((32, 32), 0.7 + 0j), np.zeros((32, 32)), L, 0.2)
    assert uniform == pytest.approx(np.zeros((32, 32)), abs=1e-14)  # solves H = 0 exactly


def test_of_a_cube_the_middle_plane_is_shown() -> None:
    cube = np.arange(16.0**3).reshape(16, 16, 16)
    assert np.array_equal(middle_plane(cube), cube[:, :, 8])
    with pytest.raises(ConfigError, match=r"2-D or 3-D"):
        middle_plane(np.zeros(4))


@pytest.mark.parametrize("theme", get_args(Theme))
@pytest.mark.parametrize("name", get_args(FieldName))
def test_each_field_is_a_picture_in_the_theme(
    name: FieldName, theme: Theme, slice_2d: tuple[np.ndarray, np.ndarray]
) -> None:
    picture = pixels(field_png(name, field_values(name, *slice_2d, L, 0.2), L, theme=theme))
    assert picture.shape[0] > 300
    assert picture.shape[1] > picture.shape[0]  # the colour bar stands beside the field
    assert (picture[0, 0].sum() > 600) == (theme == "light")


def test_a_picture_follows_its_values() -> None:
    """One bright cell at large x and small y lies right of and below the middle."""
    field = np.zeros((16, 16))
    field[14, 2] = 1.0
    picture = pixels(field_png("density", field, L))
    lowest, highest = (68, 1, 84), (253, 231, 37)  # the ends of viridis
    plain = np.abs(picture - lowest).sum(axis=2) < 6
    columns = np.flatnonzero(plain.sum(axis=0) > plain.sum(axis=0).max() / 2)  # not the colour bar
    rows = np.flatnonzero(plain.any(axis=1))
    bright = np.abs(picture - highest).sum(axis=2) < 6
    inside = bright[rows[0] : rows[-1], columns[0] : columns[-1]]
    height, width = inside.shape
    y, x = (where.mean() for where in np.nonzero(inside))
    assert y / height == pytest.approx(1 - 2.5 / 16, abs=0.02)
    assert x / width == pytest.approx(14.5 / 16, abs=0.02)


def test_a_field_without_any_contrast_is_drawn() -> None:
    for name in get_args(FieldName):
        assert field_png(name, np.zeros((16, 16)), L).startswith(b"\x89PNG")


def test_equal_values_give_equal_bytes(slice_2d: tuple[np.ndarray, np.ndarray]) -> None:
    values = abs(slice_2d[0]) ** 2
    assert field_png("density", values, L) == field_png("density", values, L)


def test_a_spectrum_shows_its_targets_and_peaks() -> None:
    rho = 1 + 0.3 * np.random.default_rng(0).normal(size=(64, 64))
    found = log_prime_fidelity(rho, L, n_null=0)
    assert found.spectrum is not None
    bare = pixels(spectrum_png(found.spectrum))
    full = pixels(spectrum_png(found.spectrum, found.peaks, found.matches))
    target = np.array([179, 55, 47])
    assert (np.abs(bare - target).sum(axis=2) < 30).sum() > 200
    assert (bare.shape != full.shape) or (bare != full).any()


def test_a_spectrum_of_a_decoy_hunt_shows_that_comb() -> None:
    rho = 1 + 0.3 * np.random.default_rng(0).normal(size=(64, 64))
    found = log_prime_fidelity(rho, L, n_null=0)
    assert found.spectrum is not None
    comb = decoy_combs(1, np.random.default_rng(3))[0]
    target = np.array([179, 55, 47])
    lines = []
    for shown in (TARGETS, comb):
        picture = pixels(spectrum_png(found.spectrum, comb=shown))
        red = np.abs(picture - target).sum(axis=2) < 30
        lines.append(np.flatnonzero(red.sum(axis=0) > 100))
    assert len(lines[0]) >= 3  # those that fall on whole pixels
    assert not np.array_equal(*lines)


def test_no_display_and_no_pyplot_are_used() -> None:
    code = (
        "import sys, numpy, irer.pictures as p; assert 'matplotlib' not in sys.modules;"
        "p.field_png('density', numpy.ones((16, 16)), 1.0);"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
