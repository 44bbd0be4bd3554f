#!/usr/bin/env bash
#SBATCH --job-name=earmark
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
#SBATCH --mem=512M
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
# A part of a run for each task; tasks that failed are submitted again alone: sbatch --array=3,5 work.sh
# The last try, with inputs that are not there as refused lines: add --missing-ok. A part that was closed so is asked
# again once its file is removed.
#
#   export EARMARK_RUN=/shared/run      # which sbatch hands on
#   sbatch work.sh
#
# EARMARK_RUN is a folder that all nodes see, with run.json (earmark run plan --parts 8: as many as the array has),
# case.bundle and case.bundle.key as 'earmark bundle create -o case.bundle' makes them; EARMARK_ROOT is the folder or URL
# where inputs of the plan lie that are relative, without it the folder where sbatch is called. Where $TMPDIR is a tmpfs and
# inputs are URLs, what is fetched counts as memory: add the largest input for each of the task's processors.
set -euo pipefail
# exec: the scheduler's signal reaches the program, which finishes the input in hand.
exec earmark work --bundle "$EARMARK_RUN/case.bundle" --key "$EARMARK_RUN/case.bundle.key" \
    --plan "$EARMARK_RUN/run.json" ${EARMARK_ROOT:+--root "$EARMARK_ROOT"} \
    --out "$EARMARK_RUN/part.ndjson" --jobs "${SLURM_CPUS_PER_TASK:-1}" --refusals-ok
