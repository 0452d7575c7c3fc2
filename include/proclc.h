/*
 * proclc.h - libproclc, process lifecycle: all of it.
 *
 * Each header below is the manual of one unit and can be included alone.
 */
#ifndef PROCLC_H
#define PROCLC_H

#include <proclc/version.h>

#include <proclc/error.h>

#include <proclc/dispatch.h>
#include <proclc/atexit.h>
#include <proclc/daemon.h>
#include <proclc/notify.h>
#include <proclc/orphan.h>
#include <proclc/pidfile.h>
#include <proclc/signals.h>
#include <proclc/subprocess.h>

#endif
