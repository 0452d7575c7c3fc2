# The examples are built with the rest and installed nowhere.
noinst_PROGRAMS += %D%/prefork/prefork
%C%_prefork_prefork_SOURCES = \
	%D%/prefork/http.c \
	%D%/prefork/http.h \
	%D%/prefork/prefork.c \
	%D%/prefork/prefork.h \
	%D%/prefork/worker.c
%C%_prefork_prefork_LDADD = src/libproclc.la
