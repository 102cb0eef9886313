#!/bin/bash
# Submits N jobs that follow one another, for sites where long sweeps must go as short jobs and jobs may not requeue
# themselves. Run on the login node with what would follow sbatch:
#
#   chain.sh 10 --ntasks=64 --time=01:00:00 mpirun.sbatch sweep.yaml sweep.h5
#
# Each job starts when the one before it has ended, however it ended, and continues. When nothing is left to do, or
# going on is pointless, the rest of the chain is cancelled. For mpirun.sbatch and srun.sbatch.
set -u
if [ $# -lt 4 ] || ! [ "$1" -gt 0 ] 2>/dev/null; then
    echo "usage: chain.sh N [FLAG OF sbatch]... SCRIPT SPEC FILE [FLAG OF infoplane run]..." >&2
    exit 2
fi
n=$1
shift
for flag in "$@"; do
    case $flag in
    -J* | --job-name*)
        echo "chain.sh: the jobs of a chain know one another by their name: leave $flag out" >&2
        exit 2
        ;;
    esac
done

name=infoplane-chain-$(date +%m%dT%H%M%S)-$$
after=()
for ((i = 1; i <= n; i++)); do
    if ! id=$(sbatch --parsable --job-name="$name" "${after[@]}" "$@"); then
        echo "chain.sh: $((i - 1)) of $n jobs are submitted" >&2
        exit 1
    fi
    id=${id%;*} # without the cluster's name
    echo "$id"
    after=(--dependency="afterany:$id")
done
echo "chain.sh: $n jobs are submitted; scancel --name=$name ends them all" >&2
