#!/bin/bash
# An array of 64 tasks, each one part of the photos; the last line joins them once all are done:
#   sbatch slurm-parts.sh PHOTOS parts
#   sbatch --dependency=singleton --job-name=pawlens-parts --wrap "pawlens merge parts"
# A task that was killed, or whose photos could not all be fetched, ends with another code than 0; submit the same line again.
#SBATCH --job-name=pawlens-parts
#SBATCH --array=1-64
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --requeue
set -euo pipefail
export PAWLENS_PRECISION=f32  # nodes with and without bf16 must answer alike
exec pawlens embed "$1" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --out "$2"
