/* What a process is and has, and commands to tell and change it. */
#ifndef SCN_STATE_H
#define SCN_STATE_H

#include "script.h"

/*
 * place              umask and directory
 * signals            blocked and ignored ones, as bits
 * fds                what 0 to 2 are, and the numbers of the others
 * terminal           is there a controlling one, and after one was opened
 * open FD FILE; shut BITS    of 0 to 2, as far as they are open
 * spawn; unspawn     a thread
 * leave_child [quiet]    one that lives until the test ends it
 * children           how many can be reaped
 * task; free_task
 * who                user, group, groups    groups GID...    set them
 * keep_rights        from now on no setuid() takes a capability
 * env NAME; setenv NAME VALUE
 * many N FD          so many descriptors, the last one FD
 * count_fds FD       how many of those are open
 * own_terminal FD    lead a session at a terminal; FD: its other side
 * close FD; close_on_exec FD; blocking FD
 */
extern const struct command state_commands[];

#endif
