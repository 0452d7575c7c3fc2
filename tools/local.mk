# proclc(1), of the public headers only.
if LINUX
bin_PROGRAMS += %D%/proclc
endif
%C%_proclc_SOURCES = \
	%D%/daemon.c \
	%D%/daemon.h \
	%D%/proclc.c \
	%D%/proclc.h \
	%D%/program.c \
	%D%/ready.c \
	%D%/run.c \
	%D%/send.c \
	%D%/supervise.c \
	%D%/supervise.h
%C%_proclc_CPPFLAGS = -I$(top_srcdir)/include -I$(top_builddir)/include
# It is installed, so libtool may have to link it twice.
%C%_proclc_LDFLAGS = $(INSTRUMENT_LDFLAGS)

bashcompdir = $(datadir)/bash-completion/completions
zshcompdir = $(datadir)/zsh/site-functions
if LINUX
dist_bashcomp_DATA = %D%/completion/proclc
dist_zshcomp_DATA = %D%/completion/_proclc
endif
