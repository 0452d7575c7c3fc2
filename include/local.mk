# The public headers: nothing else is installed for a compiler to read.
proclcincludedir = $(includedir)/proclc
include_HEADERS = %D%/proclc.h
proclcinclude_HEADERS = \
	%D%/proclc/atexit.h \
	%D%/proclc/base.h \
	%D%/proclc/command.h \
	%D%/proclc/daemon.h \
	%D%/proclc/dispatch.h \
	%D%/proclc/error.h \
	%D%/proclc/notify.h \
	%D%/proclc/orphan.h \
	%D%/proclc/pidfile.h \
	%D%/proclc/restart.h \
	%D%/proclc/signals.h \
	%D%/proclc/subprocess.h
nodist_proclcinclude_HEADERS = %D%/proclc/version.h
