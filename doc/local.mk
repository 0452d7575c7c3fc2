# Texts that travel with the source.
EXTRA_DIST += %D%/ancestors.md %D%/bench.md %D%/coming-from.md %D%/daemon.md \
	%D%/torture.md %D%/windows.md %D%/wrong.md

# The promise sheet is made of the headers; tests/promises.sh compares.
EXTRA_DIST += %D%/promises.awk %D%/promises.md %D%/promises.txt
promises:
	$(AM_V_at)cd $(top_srcdir) && LC_ALL=C awk -f %D%/promises.awk \
	  %D%/promises.txt \
	  $$(ls include/proclc/*.h include/proclc/*.h.in | \
	  grep -v '/version\.h$$') \
	  >%D%/promises.tmp && mv %D%/promises.tmp %D%/promises.md

PHONY += promises

# The models: tests/models.sh compares their names with the code, and runs them.
EXTRA_DIST += %D%/models.md %D%/models/launch.pml %D%/models/pidfile.pml \
	%D%/models/pidreader.inc %D%/models/runs.txt \
	%D%/models/signals.pml %D%/models/start.pml
models:
	$(AM_V_at)CC="$(CC)" top_srcdir=$(abs_top_srcdir) \
	  $(SHELL) $(top_srcdir)/tests/models.sh run

PHONY += models

# The guide: tests/guide.sh compares its text with these, and runs it.
EXTRA_DIST += %D%/guide.md %D%/pictures.awk \
	%D%/pictures/atexit.svg %D%/pictures/atexit.txt \
	%D%/pictures/daemon.svg %D%/pictures/daemon.txt \
	%D%/pictures/orphan.svg %D%/pictures/orphan.txt \
	%D%/pictures/stranger.svg %D%/pictures/stranger.txt \
	%D%/pictures/tasks.svg %D%/pictures/tasks.txt \
	%D%/pictures/tree.svg %D%/pictures/tree.txt
pictures:
	$(AM_V_at)cd $(top_srcdir)/%D%/pictures && for text in *.txt; do \
	  LC_ALL=C awk -f ../pictures.awk $$text >$${text%.txt}.tmp && \
	  mv $${text%.txt}.tmp $${text%.txt}.svg || exit 1; done

PHONY += pictures

if !WINDOWS
noinst_PROGRAMS += %D%/guide/1-hello %D%/guide/2-clean %D%/guide/3-worker \
	%D%/guide/4-reload
endif
%C%_guide_1_hello_SOURCES = %D%/guide/1-hello.c
%C%_guide_2_clean_SOURCES = %D%/guide/2-clean.c
%C%_guide_3_worker_SOURCES = %D%/guide/3-worker.c
%C%_guide_4_reload_SOURCES = %D%/guide/4-reload.c

# What a seccomp profile has to let pass; needs strace with -k, and a while.
EXTRA_DIST += %D%/syscalls.md %D%/syscalls.sh %D%/syscalls.txt
syscalls:
	$(AM_V_at)$(SHELL) $(srcdir)/%D%/syscalls.sh $(abs_builddir) \
	  >$(srcdir)/%D%/syscalls.tmp && \
	  mv $(srcdir)/%D%/syscalls.tmp $(srcdir)/%D%/syscalls.md

PHONY += syscalls

# proclc(1) under and beside others.
EXTRA_DIST += %D%/supervisors.md %D%/supervisors.sh %D%/recipes/Dockerfile \
	%D%/recipes/README.md %D%/recipes/forking.service \
	%D%/recipes/job.sh %D%/recipes/notify.service %D%/recipes/s6-run
