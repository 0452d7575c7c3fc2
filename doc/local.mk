# Texts that travel with the source.
EXTRA_DIST += %D%/ancestors.md %D%/bench.md %D%/daemon.md %D%/windows.md %D%/wrong.md
