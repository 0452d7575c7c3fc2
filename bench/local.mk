# The benchmarks: "make bench", "make bench BENCH=send,handler".  They are
# built for the tests, which see that each of them runs, and installed nowhere.
# How to read them: doc/bench.md.
%C%_bench_SOURCES = \
	%D%/bench.h \
	%D%/close.c \
	%D%/command.c \
	%D%/crowd.c \
	%D%/daemon.c \
	%D%/fork.c \
	%D%/handler.c \
	%D%/idle.c \
	%D%/keeper-raw.c \
	%D%/keeper.h \
	%D%/latency.c \
	%D%/main.c \
	%D%/mechanism-ours.c \
	%D%/mechanism-raw.c \
	%D%/mechanism.h \
	%D%/orphan.c \
	%D%/parent.c \
	%D%/parent.h \
	%D%/pidfile.c \
	%D%/place.c \
	%D%/place.h \
	%D%/registry.c \
	%D%/report.c \
	%D%/report.h \
	%D%/run.c \
	%D%/run.h \
	%D%/send.c \
	%D%/storm.c \
	%D%/task.c \
	%D%/watched.c \
	%D%/watched.h \
	%D%/worker.c \
	%D%/worker.h
# libos, for the one row about a function that is not public: close.
%C%_bench_LDADD = src/libproclc.la src/libos.la $(PTHREAD_LIBS)
# Bound at once, like the library: a first call in a child would be measured
# with the fork.
%C%_bench_LDFLAGS = $(AM_LDFLAGS) $(LIB_LDFLAGS)

# The floors are system calls of Linux.
if LINUX
check_PROGRAMS += %D%/bench

bench: %D%/bench$(EXEEXT)
	$(AM_V_at)%D%/bench$(EXEEXT) --output=%D%/results $(BENCHFLAGS) \
		$(BENCH)
CLEANFILES += %D%/results.tsv %D%/results.json
else
EXTRA_PROGRAMS += %D%/bench
bench:
	@echo 'the benchmarks are for Linux'; exit 1
endif

PHONY += bench
