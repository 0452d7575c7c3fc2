# What distributors need, and what is made of a release.  README beside this
# tells how.
EXTRA_DIST += \
	%D%/README \
	%D%/abi/libproclc.so.0.abi \
	%D%/abi/suppressions \
	%D%/bare-root.sh \
	%D%/build-deb.sh \
	%D%/build-rpm.sh \
	%D%/build-zip.sh \
	%D%/debian/changelog \
	%D%/debian/control \
	%D%/debian/copyright \
	%D%/debian/libproclc-dev.docs \
	%D%/debian/libproclc-dev.examples \
	%D%/debian/libproclc-dev.install \
	%D%/debian/libproclc-dev.lintian-overrides \
	%D%/debian/libproclc0.install \
	%D%/debian/libproclc0.lintian-overrides \
	%D%/debian/libproclc0.symbols \
	%D%/debian/not-installed \
	%D%/debian/proclc-tools.docs \
	%D%/debian/proclc-tools.install \
	%D%/debian/proclc-tools.lintian-overrides \
	%D%/debian/rules \
	%D%/debian/source/format \
	%D%/debian/source/lintian-overrides \
	%D%/debian/tests/consumer \
	%D%/debian/tests/control \
	%D%/epoch.sh \
	%D%/in-root.sh \
	%D%/rpm/libproc-lifecycle.spec \
	%D%/rpm/rpmlintrc \
	%D%/stored-abi.sh \
	%D%/symbols.awk \
	%D%/twice.sh

# Debian's packages, from the tarball: built, judged, and tried.
deb: dist
	$(AM_V_at)$(SHELL) $(top_srcdir)/%D%/build-deb.sh \
	  $(distdir).tar.xz %D%/deb && \
	$(SHELL) $(top_srcdir)/%D%/in-root.sh deb %D%/deb

# The same on a bare Debian, which is made once, in some minutes.
deb-bare: deb
	$(AM_V_at)[ -e %D%/bare/usr/bin/man ] || \
	  $(SHELL) $(top_srcdir)/%D%/bare-root.sh %D%/bare
	$(AM_V_at)$(SHELL) $(top_srcdir)/%D%/in-root.sh deb %D%/deb %D%/bare

# The rpm packages.
rpm: dist
	$(AM_V_at)$(SHELL) $(top_srcdir)/%D%/build-rpm.sh \
	  $(distdir).tar.xz %D%/rpmbuild && \
	$(SHELL) $(top_srcdir)/%D%/in-root.sh rpm %D%/rpmbuild

# Is the tarball the commit's, and nothing else's?
twice: dist
	$(AM_V_at)$(SHELL) $(top_srcdir)/tests/tarball.sh \
	  $(abs_builddir)/$(distdir).tar.xz && \
	$(SHELL) $(top_srcdir)/%D%/twice.sh $(distdir).tar.xz

# Does the library still have what the last release had?
abidiff: src/libproclc.la
	$(AM_V_at)$(SHELL) $(top_srcdir)/%D%/stored-abi.sh check \
	  src/.libs/libproclc.so.0.*.* $(top_srcdir)/include

abi: src/libproclc.la
	$(AM_V_at)$(SHELL) $(top_srcdir)/%D%/stored-abi.sh write \
	  src/.libs/libproclc.so.0.*.* $(top_srcdir)/include

symbols:
	$(AM_V_at)cd $(top_srcdir) && LC_ALL=C $(AWK) -f %D%/symbols.awk \
	  src/libproclc.map >%D%/debian/libproclc0.symbols

PHONY += abi abidiff deb deb-bare rpm symbols twice

# The bundle of a build for Windows.
if WINDOWS
windows-zip: all
	$(AM_V_at)VERSION=$(PACKAGE_VERSION) HOST=$(host_alias) \
	TEST_RUNNER='$(TEST_RUNNER)' \
	$(SHELL) $(top_srcdir)/%D%/build-zip.sh $(top_builddir)

PHONY += windows-zip
endif
