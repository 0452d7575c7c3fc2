# A program of the library's first headers with today's library; as in local.mk.

check_PROGRAMS += %D%/scn/first
first_headers = %D%/first.h %D%/firstunits.h
%C%_scn_first_SOURCES = %D%/scn/first.c $(first_headers)
%C%_scn_first_LDADD = src/libproclc.la $(PTHREAD_LIBS)

%C%_check_first_SOURCES = %D%/check_first.c $(first_headers) \
	%D%/letters.h
%C%_check_first_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
%C%_check_first_LDADD = %D%/libkernel.la $(check_libs)
check_tests += %D%/check_first

TESTS += %D%/first.sh
EXTRA_DIST += %D%/first.sh
