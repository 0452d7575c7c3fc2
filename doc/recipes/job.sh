#!/bin/sh
#SBATCH --time=01:00:00
exec proclc run --grace 20 -- sh -c 'work "$@"' sh "$@"
