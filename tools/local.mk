# proclc(1), of the public headers only.  Its daemon command needs Linux.
if LINUX
bin_PROGRAMS += %D%/proclc
endif
if WINDOWS
bin_PROGRAMS += %D%/proclc
endif
%C%_proclc_SOURCES = %D%/proclc.c %D%/proclc.h %D%/send.c
if WINDOWS
%C%_proclc_SOURCES += %D%/windows.c
else
%C%_proclc_SOURCES += %D%/begun.c %D%/crashes.c %D%/daemon.c \
	%D%/daemon.h %D%/program.c %D%/ready.c %D%/run.c \
	%D%/sockets.c %D%/start.c %D%/supervise.c %D%/supervise.h
endif
%C%_proclc_LDADD = src/libproclc.la
%C%_proclc_CPPFLAGS = -I$(top_srcdir)/include -I$(top_builddir)/include
# It is installed, so libtool may have to link it twice.
if WINDOWS
%C%_proclc_LDFLAGS = $(AM_LDFLAGS)
else
%C%_proclc_LDFLAGS = $(INSTRUMENT_LDFLAGS)
endif

bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
if LINUX
dist_bashcomp_DATA = %D%/completion/proclc
dist_zshcomp_DATA = %D%/completion/_proclc
endif
