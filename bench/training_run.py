#!/usr/bin/env python3
"""Measures training steps against PyTorch, each in a process of its own, in turn; bench/training_table.py makes a table of the results.

usage: training_run.py BENCH_TRAINING RESULTS.json [--rounds N] [--seconds S] [--tasks TASK...] [--threads N...]

BENCH_TRAINING is the program that the bench preset builds; Debian's python3-torch is the peer. Memory is the peak of the whole process.
PyTorch has threads of OpenMP. Beside them OpenBLAS's own threads (libopenblas0-pthread) stand in each other's way, so that PyTorch is
measured with every OpenBLAS that is installed, and the faster one counts; install libopenblas0-openmp too. How many threads PyTorch is told to
use says nothing to OpenBLAS's own: they are set as well, or products would be computed on all processors in a measurement on one thread. Where the environment's LLMC is
the folder of llm.c's source (github.com/karpathy/llm.c), its train_gpt2.c is compiled with its own options and measured too.
"""
import argparse
import glob
import json
import os
import subprocess
import sys
import tempfile

# layers, heads, width, context, batch, vocabulary
GPTS = {"gpt-4x128": (4, 4, 128, 64, 12, 65), "gpt-6x384": (6, 6, 384, 256, 12, 65), "gpt-12x768": (12, 12, 768, 64, 4, 50257)}
TASKS = [*GPTS, "perceptron"]
HERE = os.path.dirname(os.path.abspath(__file__))


def measure(command, environment=None):
    result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return [run for run in json.loads(result.stdout)["benchmarks"] if run["run_type"] == "iteration"]


def openblas_folders():
    found = [f"/usr/lib/{folder}" for folder in glob.glob("*/openblas-*", root_dir="/usr/lib")]
    return [folder for folder in found if os.path.exists(f"{folder}/libblas.so.3")] or [""]


def measure_torch(program, task, threads, seconds):
    """The fastest of PyTorch's runs with the OpenBLAS libraries there are."""
    runs = []
    for folder in openblas_folders():
        environment = {name: value for name, value in os.environ.items() if name not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
        environment["OPENBLAS_NUM_THREADS"] = threads
        if folder:
            environment["LD_LIBRARY_PATH"] = folder
        runs += measure(["/usr/bin/python3", program, task, threads, str(seconds)], environment)
    return max(runs, key=lambda run: run["items_per_second"])


def build_llmc(source, folder):
    program = f"{folder}/training_llmc"
    subprocess.run(["cc", "-Ofast", "-march=native", "-fopenmp", "-DOMP", f"-I{source}", f"{HERE}/training_llmc.c", "-o", program, "-lm"],
                   check=True)
    return program


def measure_llmc(program, task, threads, seconds):
    name = f"{task}/step/llmc/{threads}/real_time"
    command = [program, name, *map(str, GPTS[task]), str(seconds), f"{program}.weights"]
    result = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": threads})
    return json.loads(result.stderr)["benchmarks"]


def measure_round(options, llmc):
    runs = []
    for task in options.tasks:
        for threads in options.threads:
            for what in ["step", "trace"]:
                runs += measure([options.program, f"--benchmark_filter=^{task}/{what}/ours/{threads}/", "--benchmark_format=json",
                                 f"--benchmark_min_time={options.seconds}"])
            runs.append(measure_torch(f"{HERE}/training_torch.py", task, threads, options.seconds))
            if llmc and task in GPTS:
                runs += measure_llmc(llmc, task, threads, options.seconds)
    return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("results")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--tasks", nargs="+", default=TASKS)
    parser.add_argument("--threads", nargs="+", default=["1", "2"])
    options = parser.parse_args()
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        llmc = build_llmc(os.environ["LLMC"], folder) if "LLMC" in os.environ else None
        for _ in range(options.rounds):
            runs += measure_round(options, llmc)
    with open(options.results, "w", encoding="utf-8") as file:
        json.dump({"context": {}, "benchmarks": runs}, file, indent=1)


if __name__ == "__main__":
    sys.exit(main())
