"""Small files in the layouts of other programs, each made by what that program documents.

Every writer stores snapshots, (T, N, N) with the axes t, x, y, of a box of side `length`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import xarray as xr
from scipy.io import netcdf_file

Array = np.ndarray
Writer = Callable[[Path, Array, float], dict[str, Any]]  # returns what the reader has to be told


def line(n: int, length: float) -> Array:
    return np.arange(n) * (length / n)


def npy(path: Path, rho: Array, length: float) -> dict[str, Any]:
    with path.open("wb") as file:
        np.save(file, rho)
    return {}


def npz(path: Path, rho: Array, length: float) -> dict[str, Any]:
    with path.open("wb") as file:
        np.savez_compressed(file, rho=rho, t=np.arange(len(rho)))
    return {}


def hdf5(path: Path, rho: Array, length: float) -> dict[str, Any]:
    with h5py.File(path, "w") as file:
        file["run/rho"] = rho
        file["run/steps"] = np.arange(7)
    return {}


def netcdf4(path: Path, rho: Array, length: float) -> dict[str, Any]:
    """Write with the space before time, which only the names of the axes can say."""
    _dataset(rho, length).transpose("y", "time", "x").to_netcdf(path, engine="h5netcdf")
    return {}


def _dataset(rho: Array, length: float) -> xr.Dataset:
    x = line(rho.shape[1], length)
    coordinates = {"time": np.arange(float(len(rho))), "x": x, "y": x}
    return xr.Dataset({"rho": (("time", "x", "y"), rho)}, coordinates)


def netcdf3(path: Path, rho: Array, length: float) -> dict[str, Any]:
    with netcdf_file(path, "w") as file:
        for name, size in zip(("time", "x", "y"), rho.shape, strict=True):
            file.createDimension(name, None if name == "time" else size)
        file.createVariable("x", "d", ("x",))[:] = line(rho.shape[1], length)
        file.createVariable("rho", rho.dtype.char, ("time", "x", "y"))[:] = rho
    return {}


def dedalus(path: Path, rho: Array, length: float) -> dict[str, Any]:
    with h5py.File(path, "w") as file:
        file.attrs.update(handler_name="snapshots", set_number=1, writes=len(rho))
        scales = file.create_group("scales")
        scales["sim_time"] = np.arange(float(len(rho)))
        scales["sim_time"].make_scale("sim_time")
        task = file.create_dataset("tasks/density", data=rho)
        task.attrs["grid_space"] = np.ones(rho.ndim - 1, bool)
        task.attrs["scales"] = np.ones(rho.ndim - 1)
        task.dims[0].label = "t"
        task.dims[0].attach_scale(scales["sim_time"])
        for i, name in enumerate(("x", "y", "z")[: rho.ndim - 1], start=1):
            scales[f"{name}_hash_0"] = line(rho.shape[i], length)
            scales[f"{name}_hash_0"].make_scale(name)
            task.dims[i].label = name
            task.dims[i].attach_scale(scales[f"{name}_hash_0"])
    return {}


def the_well(path: Path, rho: Array, length: float) -> dict[str, Any]:
    """Write two trajectories, of which the second is the one."""
    with h5py.File(path, "w") as file:
        file.attrs.update(
            dataset_name="made", grid_type="cartesian", n_spatial_dims=2, n_trajectories=2
        )
        dimensions = file.create_group("dimensions")
        dimensions.attrs["spatial_dims"] = ["x", "y"]
        dimensions["time"] = np.arange(float(len(rho)))
        for name in ("x", "y"):
            dimensions[name] = line(rho.shape[1], length)
            boundary = file.create_group(f"boundary_conditions/{name}_periodic")
            boundary.attrs.update(bc_type="PERIODIC", associated_dims=[name])
        field = file.create_dataset("t0_fields/density", data=np.stack([rho[::-1] ** 2, rho]))
        field.attrs.update(sample_varying=True, time_varying=True, dim_varying=[True, True])
        file["t0_fields"].attrs["field_names"] = ["density"]
    return {"sample": 1}


def reaction(path: Path, rho: Array, length: float) -> dict[str, Any]:
    """Write PDEBench's diffusion-reaction, t, y, x, channel: the second channel is the one."""
    swapped = rho.transpose(0, 2, 1)
    _grouped(path, np.stack([swapped**2, swapped], axis=-1), length)
    return {"channel": 1}


def water(path: Path, rho: Array, length: float) -> dict[str, Any]:
    """Write PDEBench's shallow water, t, x, y, channel."""
    _grouped(path, rho[..., None], length)
    return {}


def _grouped(path: Path, data: Array, length: float) -> None:
    with h5py.File(path, "w") as file:
        for sample in ("0000", "0001"):
            file[f"{sample}/data"] = data if sample == "0000" else data**2
            for name in ("x", "y"):
                file[f"{sample}/grid/{name}"] = line(data.shape[1], length)
            file[f"{sample}/grid/t"] = np.arange(float(len(data)))


def compressible(path: Path, rho: Array, length: float) -> dict[str, Any]:
    """Write PDEBench's compressible flow, sample, t, x, y."""
    with h5py.File(path, "w") as file:
        for name in ("density", "pressure", "Vx", "Vy"):
            file[name] = rho[None] if name == "density" else rho[None] ** 2
        for name in ("x-coordinate", "y-coordinate"):
            file[name] = line(rho.shape[1], length)
        file["t-coordinate"] = np.arange(len(rho) + 1.0)  # one more than there are snapshots
    return {}


def incompressible(path: Path, rho: Array, length: float) -> dict[str, Any]:
    """Write PDEBench's incompressible flow, sample, t, x, y, channel."""
    with h5py.File(path, "w") as file:
        file["particles"] = rho[None, ..., None]
        file["velocity"] = np.stack([rho, rho], axis=-1)[None]
        file["force"] = np.zeros((1, *rho.shape[1:], 2))
        file["t"] = np.arange(float(len(rho)))[None]
    return {"dataset": "particles"}


LAYOUTS: dict[str, Writer] = {
    one.__name__: one
    for one in (
        npy, npz, hdf5, netcdf4, netcdf3, dedalus, the_well, reaction, water, compressible,
        incompressible,
    )
}  # fmt: skip
