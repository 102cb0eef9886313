#!/usr/bin/env python3
"""Where one coordinator saturates: a farm simulated event by event, without MPI.

usage: coordinator.py [MICROSECONDS]      of rank 0 for one number of another rank (1.4)

Ranks ask, rank 0 serves them one after the other, each with its next number: held already when the
numbers are shorter than a second, asked for when it ends otherwise, as the farm does. A message is on
its way for 2 us. A number takes the given seconds, exponentially spread by half of them. Prints how
busy the ranks are until the last number has begun.
"""
import heapq
import random
import sys

WAY, AHEAD_BELOW = 2e-6, 1.0


def busy_share(ranks, numbers, seconds, service):
    """Work done in the time of all ranks, until no number is left to begin."""
    draw = random.Random(1)
    free = 0.0  # when rank 0 has served what it heard
    worked = 0.0
    holds = seconds < AHEAD_BELOW
    # When each rank ends its number, and when the one that follows has arrived.
    ends = [(0.0, rank) for rank in range(ranks)]
    follows = [float("inf")] * ranks
    while numbers > 0:
        end, rank = heapq.heappop(ends)
        free = max(free, end + WAY) + service
        numbers -= 1
        start = max(end, follows[rank]) if follows[rank] < float("inf") else free + WAY
        if holds:
            follows[rank] = free + WAY + (service if follows[rank] == float("inf") else 0)
        took = seconds * (0.5 + draw.expovariate(2))
        worked += took
        heapq.heappush(ends, (start + took, rank))
    return worked / (ranks * free + sum(max(0.0, end - free) for end, _ in ends))


def main():
    service = float(sys.argv[1]) * 1e-6 if len(sys.argv) > 1 else 1.4e-6
    lengths = (0.01, 0.1, 1.0, 10.0)
    print(f"{1e6 * service:g} us of rank 0 for a number: at most {1 / service:.0f} a second")
    print("ranks     numbers   " + "".join(f"{f'{s:g} s':>9}" for s in lengths))
    for ranks in (100, 1000, 10000, 100000):
        shares = [busy_share(ranks, 100 * ranks, s, service) for s in lengths]
        print(f"{ranks:<9} {100 * ranks:<9} " + "".join(f"{100 * s:8.1f}%" for s in shares), flush=True)


if __name__ == "__main__":
    main()
