"""Simulated days: `python -m tests.simulation` plays new ones, `--seed 42` one of them again, exactly."""

import argparse
import secrets
import time

from rich.console import Console

from tests.simulation.census import Census
from tests.simulation.swarm import ruled, scenario


def main() -> None:
    """Print the seed first: whatever happens afterwards can be played again."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this day only")
    parser.add_argument("--days", type=int, default=100, help="how many new days to play")
    chosen = parser.parse_args()
    console = Console(highlight=False)
    seeds = [chosen.seed] if chosen.seed is not None else _new(chosen.days)
    for seed in seeds:
        console.print(f"seed {seed}", end="  ", soft_wrap=True)
        began = time.perf_counter()
        day = Census(ruled(scenario(seed), seed), seed).play()
        console.print(
            f"{day.digest}  {day.inputs} inputs in {time.perf_counter() - began:.2f} s,",
            f"{len(day.told)} callers, {day.tally['CallConnected']} answered,",
            f"{day.tally['abandoned']} abandoned, {day.tally['lost']} lost,",
            f"{day.office.lives - 1} crashes",
            soft_wrap=True,
        )


def _new(days: int) -> list[int]:
    first = secrets.randbelow(10**9)
    return list(range(first, first + days))


if __name__ == "__main__":
    main()
