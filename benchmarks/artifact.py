"""What writing the artifact of a default job costs, and what of it being NetCDF-4 does.

Beside it the same datasets as HDF5 alone, with checksums and without axes, units and names. CPU
seconds of one thread; files are written and synced.
usage: python benchmarks/artifact.py
"""

import io
import os
import sys
import tempfile
import uuid
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.timing import alternate, pin_to_one_core, report

pin_to_one_core()

import h5py
import numpy as np

from irer.base.files import dump_json, sha256_of_file, write_bytes
from irer.base.records import JobConfig, Outcome, SimulationOptions, SncglParams
from irer.home.artifacts import Artifact, write_artifact

ROUNDS = 31


def artifact() -> Artifact:
    rng, options = np.random.default_rng(0), SimulationOptions()
    job = JobConfig(
        job_uuid=str(uuid.uuid4()), hunt_id=str(uuid.uuid4()), generation=1, index=0,
        global_seed=1, model="sncgl_sdg", simulation=options, sncgl_params=SncglParams(),
    )  # fmt: skip
    shape = (options.N_grid,) * options.dimensions
    names = ("t", *(f"diagnostic_{i}" for i in range(9)))  # as many as a run of the solver has
    return Artifact(
        job=job,
        outcome=Outcome.OK,
        last_good_time=60.0,
        psi=rng.normal(size=(*shape, 2)).astype(np.float32).view(np.complex64)[..., 0],
        u=rng.normal(size=shape).astype(np.float32),
        snapshot_t=np.arange(float(options.n_snapshots)),
        snapshot_rho=rng.random((options.n_snapshots, *shape)),
        diagnostics={name: np.arange(float(options.n_frames)) for name in names},
        versions={"jax": "0"},
        reproducible=True,
    )


def write_hdf5(path: Path, whole: Artifact) -> None:
    """Write the datasets of an artifact and its config, and nothing that names them."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["config"] = dump_json(whole.job.model_dump(mode="json"))
        datasets = {
            "psi": whole.psi, "u": whole.u,
            "snapshots/t": whole.snapshot_t, "snapshots/rho": whole.snapshot_rho,
            **{f"diagnostics/{name}": values for name, values in whole.diagnostics.items()},
        }  # fmt: skip
        for name, values in datasets.items():
            file.create_dataset(name, data=values, chunks=values.shape, fletcher32=True)
    write_bytes(path, buffer.getvalue())


def main() -> None:
    whole = artifact()
    with tempfile.TemporaryDirectory() as folder:
        path, plain = Path(folder, "artifact.h5"), Path(folder, "plain.h5")
        found = alternate(
            {
                "write": partial(write_artifact, path, whole),
                "write_hdf5_alone": partial(write_hdf5, plain, whole),
                "digest": partial(sha256_of_file, path),
            },
            ROUNDS,
        )
        sizes = {"bytes": path.stat().st_size, "bytes_hdf5_alone": plain.stat().st_size}
    report("artifact of a default job", **{f"{k}_s": v for k, v in found.items()}, **sizes)


if __name__ == "__main__":
    main()
