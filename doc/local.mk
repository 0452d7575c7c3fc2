# Texts that travel with the source.
EXTRA_DIST += %D%/ancestors.md %D%/bench.md %D%/daemon.md %D%/windows.md %D%/wrong.md

# The promise sheet is made of the headers; tests/promises.sh compares.
EXTRA_DIST += %D%/promises.awk %D%/promises.md %D%/promises.txt
promises:
	$(AM_V_at)cd $(top_srcdir) && LC_ALL=C awk -f %D%/promises.awk \
	  %D%/promises.txt include/proclc/*.h include/proclc/*.h.in \
	  >%D%/promises.tmp && mv %D%/promises.tmp %D%/promises.md

PHONY += promises
