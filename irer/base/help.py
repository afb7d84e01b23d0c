"""What each parameter, option and metric means, and the section of the documentation on it.

The one place of these sentences: the schemas of all records have them as descriptions (and so has
the OpenAPI document), the pages show them at their help marks.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Help:
    """The meaning of a name, and the page and section that say more."""

    text: str
    docs: str  # as metrics.md#resolution, in the folder of the documentation


_BY_SECTION: dict[str, dict[str, str]] = {
    "equations.md#equations": {
        "epsilon": "Linear growth rate ε of the field; of the model fmia, too.",
        "c1": "Linear dispersion: how waves of the field spread.",
        "c3": "Nonlinear dispersion: how the frequency shifts with the amplitude.",
        "g_nonlocal": "Strength g of the non-local coupling.",
        "sigma_k": "Width of the non-local kernel, radians per unit length.",
        "k0": "Centre of the non-local kernel, radians per unit length.",
        "kappa": "Coupling κ of the geometry to the informational energy.",
        "lambda_sdg": "Relaxation rate λ of the geometry; a larger one alone lowers the H-norm.",
        "source_amplitude": "Amplitude a of the source S(x); at 0 there is none.",
        "source_k": "Radius of the source's ring, radians per unit length.",
        "source_width": "Width of the source's rings, radians per unit length.",
        "source_rings": "Radii of the source's rings, in place of the one at source_k.",
        "diffusion": "Model fmia: D, the square of the waves' speed.",
        "lambda_cubic": "Model fmia: strength λ of the cubic term.",
        "eta": "Model fmia: damping η.",
        "geometry": "How the geometry follows: it relaxes, or it solves H = 0 at every step.",
    },
    "equations.md#discretisation": {
        "dt": "Nominal time step; controlled steps are longer or shorter by powers of two.",
        "step_control": "Whether steps follow their estimated error, or are all dt.",
        "precision": "Of the solver's numbers.",
        "dealias": "Share of the modes along an axis that is retained.",
        "initial_amplitude": "RMS of the noise that a run starts from.",
    },
    "http-api.md#hunts": {
        "num_generations": "How often the search proposes jobs, each time from all results before.",
        "population_size": "Jobs of a generation.",
        "seed": "The hunt's seed: every job's seed follows from it. Empty: drawn at random.",
        "runner": "Where jobs run: warm processes, a process for each, or a cluster.",
        "model": "The equation that is solved.",
        "N_grid": "Grid points along an axis; with the box it decides which targets are resolved.",
        "box_length": "Side L of the periodic box; modes lie 2π/L apart.",
        "dimensions": "Dimensions d of space.",
        "T_steps": "Nominal steps of a run: it ends at the time T_steps * dt.",
        "n_frames": "Times at which diagnostics are kept, evenly over the run.",
        "n_snapshots": "Densities kept from the second half of a run; the score is taken of them.",
    },
    "searching.md#the-search": {"sampler": "What proposes the parameters of the next jobs."},
    "searching.md#the-luck-of-a-seed": {
        "seeds_per_candidate": "Runs of each candidate under different seeds; 1: where it pays.",
    },
    "searching.md#when-a-hunt-ends": {
        "max_wall_s": "Seconds after which the hunt stops early.",
        "max_stagnation": "Generations without progress after which the hunt ends early.",
    },
    "searching.md#polish": {
        "polish_generations": "How many of the last generations descend from the Pareto front.",
    },
    "reference/files.md#the-provenance": {
        "global_seed": "The run's own seed; with the parameters it determines every bit.",
        "extra_metrics": "A metric of your own: its module says what it measures.",
    },
    "metrics.md#log_prime_sse-fidelity": {
        "log_prime_sse": "Fidelity: how far the spectrum's lines are from k = ln p. "
        "0 is perfect, 2 is nothing; noise alone scores about 1.66.",
        "n_targets_resolved": "How many of the eight targets this grid can tell from neighbours.",
        "n_candidates": "How many peaks of the spectrum took part in the score.",
        "degenerate": "Why there was nothing to measure: no contrast, or too few shells.",
    },
    "metrics.md#sdg_h_norm_l2-stability": {
        "sdg_h_norm_l2": "Stability: how far the geometry is from its Hamiltonian constraint.",
        "sdg_h_norm_relative": "The H-norm over the size of the constraint's own terms: "
        "also small terms have to cancel.",
        "sdg_h_norm_max": "The largest violation of the constraint at any point.",
        "sdg_h_norm_l2_fd": "The H-norm again, by finite differences of sixth order: a check.",
    },
    "metrics.md#the-controls-of-one-spectrum": {
        "p_position": "Would decoys, the same gaps in another order, score as well on this "
        "spectrum?",
        "p_matched": "The same question of the excess at all targets together.",
        "p_lines": "Would the background alone, redrawn with its noise, score as well?",
        "p_scaled": "The question of p_position, with one free scale factor on k for ln p and "
        "decoys alike.",
    },
    "metrics.md#beside-the-score-never-in-its-place": {
        "matched_filter": "The excess at all targets together.",
        "log_prime_sse_scaled": "The lowest score when k may be divided by one factor.",
        "log_prime_scale": "The factor on k of that lowest score.",
        "log_prime_sse_multi_ray": "The score of the mean spectrum along the grid's lines.",
    },
    "metrics.md#the-classical-constraints": {
        "bssn_h_norm_l2": "The Hamiltonian constraint of general relativity on the same slice.",
        "bssn_momentum_l2": "The momentum constraint of general relativity on the same slice.",
    },
    "metrics.md#resolution": {
        "tail_ratio": "Power of ψ at the end of the band over its largest.",
        "under_resolved": "Whether tail_ratio is too large: such a run has no score.",
    },
    "metrics.md#runs-without-a-score": {
        "no_score": "Why a complete run does not count.",
        "noise_floor": "Floor of the density's power, below which a shell says nothing.",
        "floor_limited": "Whether the candidates' window reaches into the noise floor: "
        "such a run has no score.",
        "n_floor_limited": "How many shells of the candidates' window lie in the noise floor.",
        "floor_k": "Where the noise floor begins, radians per unit length.",
        "settled": "Whether the run had come to its attractor: one that had not has no score.",
        "transient": "What still moved at the end of a run that had not settled.",
    },
    "metrics.md#history": {"measure_version": "Version of the measure behind these numbers."},
    "metrics.md#fitness-and-the-verdict": {
        "fitness": "One number of both errors that ranks runs; 0.5 where both goals are just met.",
        "constraint_violation": "The larger of both constraint norms over their goals: "
        "below 1 both are met.",
    },
}
HELP: dict[str, Help] = {
    name: Help(text, section)
    for section, names in _BY_SECTION.items()
    for name, text in names.items()
}


def describe_fields(schema: dict[str, Any]) -> None:
    """Add what its fields mean to the schema of a record, where they say nothing themselves."""
    for name, field in schema.get("properties", {}).items():
        if name in HELP:
            field.setdefault("description", HELP[name].text)
