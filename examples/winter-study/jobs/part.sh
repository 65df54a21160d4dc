#!/bin/sh
# One part of a study, on one machine of several.
#
#   STUDY  the file of the study        PARTS  how many parts there are
#   OUT    the folder for the results   KEZEK  the program, `kezek` where it is not set
#
# Which part comes from JOB_COMPLETION_INDEX (Kubernetes, from 0) or SLURM_ARRAY_TASK_ID (here from 1, see array.sbatch).
# A part that is started again goes on with the seasons that it has finished. Afterwards, anywhere:
#
#   kezek study gather OUT/*.jsonl
set -eu
: "${STUDY:?the file of the study}" "${PARTS:?how many parts there are}" "${OUT:?the folder for the results}"
if [ -n "${JOB_COMPLETION_INDEX:-}" ]; then
    part=$((JOB_COMPLETION_INDEX + 1))
else
    part=${SLURM_ARRAY_TASK_ID:?neither JOB_COMPLETION_INDEX nor SLURM_ARRAY_TASK_ID is set}
fi
exec "${KEZEK:-kezek}" study run "$STUDY" --shard "$part/$PARTS" --out "$OUT" --quiet --format csv
