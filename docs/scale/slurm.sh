#!/bin/sh
#SBATCH --job-name=calloff
#SBATCH --array=0-63
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=12:00:00
#SBATCH --requeue
#
# One shard for each task of the array. Each writes its own file into the folder `shards`; a task
# that was killed and requeued goes on where it was. One task again, alone: sbatch --array=17 slurm.sh
# The arguments of the script are those of calloff, such as: check races --engine protocol
set -u

# The number of all tasks, also if only some of them are submitted again.
CALLOFF_SHARD_TOTAL="${CALLOFF_SHARD_TOTAL:-64}"
export CALLOFF_SHARD_TOTAL

mkdir -p shards
calloff "$@" --jobs "${SLURM_CPUS_PER_TASK:-1}" --shard auto \
    --results "shards/$SLURM_ARRAY_TASK_ID.jsonl" --resume
code=$?
# A violation (1) and a limit (3) are results, which the merge reports: the task has not failed.
case $code in 1 | 3) exit 0 ;; *) exit $code ;; esac
