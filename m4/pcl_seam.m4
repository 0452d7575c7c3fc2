# PCL_SEAM(SEAM, [BACKEND ... LAST], [CACHE-VARIABLE ...], WINDOWS-BACKEND)
# -------------------------------------------------------------------------
# One seam of src/os: choose the file src/os/SEAM-BACKEND.c.
#
# BACKENDS are in order of preference.  The n-th cache variable must be "yes"
# for the n-th backend to be taken; LAST needs none, it is the portable one.
# With --disable-linux-extensions every seam takes its last backend, and
# --with-SEAM=BACKEND (offered where there is a choice) overrules both, but
# not a missing prerequisite.  Windows has one backend a seam, and no other.
#
# Sets and substitutes OS_<SEAM>, and adds a line to the table that
# PCL_SEAM_TABLE prints.
AC_DEFUN([PCL_SEAM],
[m4_pushdef([pcl_var], m4_translit([[OS_$1]], [a-z-], [A-Z_]))dnl
m4_if(m4_index(m4_normalize([$2]), [ ]), [-1],
  [pcl_wish=auto],
  [AC_ARG_WITH([$1],
     [AS_HELP_STRING([--with-$1=BACKEND],
        [$2 (default: the first that works here)])],
     [pcl_wish=$withval], [pcl_wish=auto])])
AC_MSG_CHECKING([for the $1 backend])
pcl_choose_backend "$1" "$pcl_wish" "m4_normalize([$2])" "m4_normalize([$3])" "$4"
pcl_var=$pcl_backend
AC_MSG_RESULT([$pcl_backend])
AC_SUBST(pcl_var)
m4_popdef([pcl_var])dnl
])

# PCL_SEAM_INIT
# -------------
# What the calls of PCL_SEAM share; expand it before the first one.
AC_DEFUN([PCL_SEAM_INIT],
[AC_ARG_ENABLE([linux-extensions],
  [AS_HELP_STRING([--disable-linux-extensions],
     [take the portable POSIX backend in every seam of src/os])],
  [], [enable_linux_extensions=yes])
pcl_seam_table=
# Arguments: seam, wish, backends, cache variables, the one on Windows.  Sets
# pcl_backend.
pcl_choose_backend ()
{
  pcl_backend=
  pcl_need=$[4]
  pcl_names=$[3]
  if test "$pcl_windows" = yes; then
    pcl_need= pcl_names=$[5]
  fi
  for pcl_name in $pcl_names; do
    pcl_first=${pcl_need%% *}
    pcl_need=`AS_ECHO(["$pcl_need"]) | sed 's/^@<:@^ @:>@* *//'`
    pcl_holds=yes
    test -z "$pcl_first" || eval "pcl_holds=\$$pcl_first"
    test -n "$pcl_holds" || pcl_holds=no
    if test "$[2]" = "$pcl_name"; then
      test "$pcl_holds" = yes ||
        AC_MSG_ERROR([--with-$[1]=$[2]: this system lacks what it needs ($pcl_first)])
      pcl_backend=$pcl_name
      break
    fi
    test "$[2]" = auto || test "$[2]" = yes || continue
    # Under --disable-linux-extensions only the last one, which needs nothing.
    if test "$enable_linux_extensions" = no && test -n "$pcl_first"; then
      continue
    fi
    if test "$pcl_holds" = yes; then
      pcl_backend=$pcl_name
      break
    fi
  done
  test -n "$pcl_backend" ||
    AC_MSG_ERROR([--with-$[1]=$[2]: no such backend; there are: $pcl_names])
  pcl_seam_table="$pcl_seam_table $[1]=$pcl_backend"
}
])

# PCL_SEAM_TABLE
# --------------
# Print what was chosen, one line a seam.
AC_DEFUN([PCL_SEAM_TABLE],
[AS_ECHO(["backends (src/os):"])
for pcl_pair in $pcl_seam_table; do
  printf '  %-12s %s\n' "${pcl_pair%%=*}" "${pcl_pair#*=}"
done
])
