"""The sum of the excess at a comb's targets: it has power where each line alone is weak."""

import numpy as np

from irer.validation.combs import Array
from irer.validation.spectrum import Spectrum


def matched_filter(spectrum: Spectrum, combs: Array) -> Array:
    """Return sum z(t_j) / sqrt(8) for the targets t_j of combs (..., 8), shape (...).

    z, the excess in standard deviations, is interpolated linearly between shells. For noise the
    result has a mean near 0 and, because of the interpolation, a variance a little below 1.
    """
    z = np.interp(combs, spectrum.k, np.nan_to_num(spectrum.excess))
    return np.asarray(z.sum(axis=-1) / np.sqrt(combs.shape[-1]))


def pooled_matched_filter(spectra: list[Spectrum], combs: Array) -> Array:
    """Return the t of the matched filter over n >= 2 replicates, for combs (..., 8).

    t is its mean over the replicates in units of the standard error. The variance from seed to
    seed of the sum over the targets includes the covariance of the shells.
    """
    each = np.array([matched_filter(spectrum, combs) for spectrum in spectra])
    error = each.std(axis=0, ddof=1) / np.sqrt(len(each))
    return np.asarray(each.mean(axis=0) / np.where(error > 0, error, np.inf))
