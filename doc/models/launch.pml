/*
 * launch.pml - how a launcher learns of its daemon: two forks, a channel that a
 * child of the daemon may hold as well, death of anybody at any step, a pid
 * that is given out again, and a rival who wants the same pid file.
 *
 * Kept: success means that the daemon has said so, its pid file complete (READY
 * IS READY); after a failure no daemon lives (NOTHING STAYS); nobody but the
 * daemon is killed (NO STRANGER); a rival never holds the file beside a daemon
 * that lives (ONE HOLDER); and with LIVE, where there is no limit of time, the
 * launcher comes back all the same.
 */
#ifndef DEATHS
#define DEATHS 2
#endif
#define LAUNCHER 1
#define BETWEEN 2
#define DAEMON 4
#define CHILD 8	/* of the daemon; no fork handler has seen it */

mtype = { BORN, READY, FAILED };
mtype = { NOBODY, IT, STRANGER };

/* The kernel's. */
chan channel = [5] of { mtype };
byte writers = LAUNCHER;	/* who has the daemon's end */
byte sharers = LAUNCHER;	/* who has the open file: together the lock */
byte alive = LAUNCHER;
bool named = true;	/* the pid file is there */
mtype number = NOBODY;	/* who has the daemon's pid */
byte deaths;

/* What the properties are about. */
bool claimed, told, said, returned, rival_holds;

#define OR_DIE(who) :: atomic { deaths < DEATHS -> deaths++; goto dying }

inline tell(record, who) {
	/* launcher.c: pcl_tell; nobody is there to hear it, or somebody */
	if
	:: alive & LAUNCHER -> channel!record
	:: else
	fi
}

inline dies(who) {
	alive = alive & ~who;
	writers = writers & ~who;
	sharers = sharers & ~who
}

/* The child with raw clone(2): it holds what it has, for ever. */
inline clones() {
	writers = writers | CHILD;
	sharers = sharers | CHILD
}

proctype daemon() {
	/* daemon.c: pcl_daemon_run; launcher.c: pcl_tell_born */
	if
	:: atomic { true -> told = true; tell(BORN, DAEMON) }
	OR_DIE(DAEMON)
	fi;
	/* daemon.c: become */
	if
	:: atomic { true -> skip }
	:: atomic { true -> tell(FAILED, DAEMON); goto dying }
	OR_DIE(DAEMON)
	fi;
	/* steps.c: pcl_daemon_claim */
	if
	:: atomic { true -> claimed = true }
	OR_DIE(DAEMON)
	fi;
	/* program */
	if
	:: true
	:: atomic { true -> clones() }
#ifndef LIVE
	:: goto hangs
#endif
	OR_DIE(DAEMON)
	fi;
	/* daemon.c: proclc_daemon_ready, proclc_daemon_fail, say */
	if
	:: atomic { true -> said = true; tell(READY, DAEMON) }
	:: atomic { true -> tell(FAILED, DAEMON); goto dying }
	OR_DIE(DAEMON)
	fi;
	/* daemon.c: close_channel */
	if
	:: atomic { true -> writers = writers & ~DAEMON }
	OR_DIE(DAEMON)
	fi;
hangs:
end_hangs:
	if
	:: atomic { deaths < DEATHS -> deaths++ }
	:: (alive & DAEMON) == 0 -> goto end	/* killed */
	fi;
dying:	/* kernel */
	atomic {
		if
		:: alive & DAEMON -> dies(DAEMON); number = NOBODY
		:: else
		fi
	};
	/* kernel: the pid is given out again */
	if
	:: number = STRANGER
	:: true
	fi;
end:	skip
}

proctype between() {
	/* launcher.c: run_intermediate;
	 * os/detach-posix.c: pcl_os_session_new */
	if
	:: true
	:: atomic { true -> tell(FAILED, BETWEEN); goto dying }
	OR_DIE(BETWEEN)
	fi;
	/* launcher.c: run_intermediate; fork.c: pcl_move_fork */
	if
	:: atomic { (alive & BETWEEN) != 0 ->
		alive = alive | DAEMON;
		writers = writers | DAEMON;
		sharers = sharers | DAEMON;
		number = IT;
		run daemon() }
	:: atomic { true -> tell(FAILED, BETWEEN); goto dying }
	OR_DIE(BETWEEN)
	fi;
	/* launcher.c: run_intermediate, pcl_tell_born */
	if
	:: atomic { (alive & BETWEEN) != 0 -> tell(BORN, BETWEEN) }
	:: (alive & BETWEEN) == 0
	OR_DIE(BETWEEN)
	fi;
dying:	/* launcher.c: run_intermediate; kernel */
	atomic { true -> dies(BETWEEN) }
}

#define pinned_lives ((pinned == IT && (alive & DAEMON)) || \
	(pinned == STRANGER && number == STRANGER))

active proctype launcher() {
	mtype record, pinned = NOBODY;
	bool ended, gone, dead, late;

	/* launcher.c: pcl_launch; fork.c: pcl_move_fork */
	if
	:: atomic { true ->
		alive = alive | BETWEEN;
		writers = writers | BETWEEN;
		sharers = sharers | BETWEEN;
		run between() }
	OR_DIE(LAUNCHER)
	fi;
	/* launcher.c: run_launcher */
	if
	:: atomic { true -> writers = writers & ~LAUNCHER }
	OR_DIE(LAUNCHER)
	fi;

await:	/* launcher.c: receive; os/process-pidfd.c: pcl_os_process_alive */
	if
#ifdef DEATH_IS_NOT_WATCHED
	:: atomic { true -> dead = false }
#else
	:: atomic { true -> dead = gone || (pinned != NOBODY && !pinned_lives) }
#endif
	OR_DIE(LAUNCHER)
	fi;
	/* launcher.c: receive, pcl_await_daemon;
	 * os/detach-posix.c: pcl_os_channel_receive */
	if
	:: atomic { nempty(channel) -> channel?record }
	:: atomic { empty(channel) && (writers == 0 || dead) ->
		dead = false; goto failure }
	:: atomic { empty(channel) && writers != 0 && !dead -> goto await }
#ifndef LIVE
	:: atomic { empty(channel) && writers != 0 && !dead ->
		late = true; goto failure }	/* the time is over */
#endif
	OR_DIE(LAUNCHER)
	fi;
	/* launcher.c: pcl_await_daemon */
	atomic {
		dead = false;
		if
		:: record == READY -> goto success
		:: record == FAILED -> goto failure
		:: record == BORN && (pinned != NOBODY || gone) -> goto await
		:: record == BORN && pinned == NOBODY && !gone -> skip
		fi
	};
	/* launcher.c: pin; os/process-pidfd.c: pcl_os_process_open */
	if
#ifdef BORN_AFTER_DEATH_IS_NOTHING
	:: atomic { number == NOBODY -> goto await }
#else
	:: atomic { number == NOBODY -> gone = true; goto await }
#endif
	:: atomic { number != NOBODY -> pinned = number }
	OR_DIE(LAUNCHER)
	fi;
	/* launcher.c: pin; os/detach-posix.c: pcl_os_session_of */
	if
#ifdef NO_LOOK_AT_THE_SESSION
	:: atomic { true -> goto await }
#else
#ifdef BORN_AFTER_DEATH_IS_NOTHING
	:: atomic { true -> ended = (number != IT); goto await }
#else
	:: atomic { true -> ended = (number != IT); gone = ended; goto await }
#endif
#endif
	OR_DIE(LAUNCHER)
	fi;

failure:	/* launcher.c: run_launcher;
	 * os/spawn-posix.c: pcl_os_child_signal */
#ifdef FILE_IS_REMOVED_FIRST
	named = false;
#endif
	if
	:: atomic { true -> dies(BETWEEN) }
	OR_DIE(LAUNCHER)
	fi;
	if
	:: pinned != NOBODY || gone -> goto end_it
	:: else
	fi;

learn:	/* launcher.c: learn_birth */
#ifdef BIRTH_IS_NOT_LEARNT
	goto tidy;
#endif
	if
	:: atomic { nempty(channel) -> channel?record }
	:: atomic { empty(channel) && (writers == 0 ||
		/* A second is enough for who lives to say so. */
		(alive & DAEMON) == 0 || told) -> goto end_it }
	OR_DIE(LAUNCHER)
	fi;
	if
	:: record != BORN -> goto learn
	:: else
	fi;
	/* launcher.c: pin; os/process-pidfd.c: pcl_os_process_open */
	if
	:: atomic { number == NOBODY -> goto end_it }
	:: atomic { number != NOBODY -> pinned = number }
	OR_DIE(LAUNCHER)
	fi;
	/* launcher.c: pin; os/detach-posix.c: pcl_os_session_of */
	if
#ifdef NO_LOOK_AT_THE_SESSION
	:: true
#else
	:: atomic { true -> ended = (number != IT) }
#endif
	OR_DIE(LAUNCHER)
	fi;

end_it:	/* launcher.c: pcl_end_daemon;
	 * os/process-pidfd.c: pcl_os_process_wait */
	if
	:: atomic { pinned == NOBODY -> goto tidy }
	:: atomic { pinned != NOBODY && !pinned_lives && !late -> goto tidy }
	:: atomic { pinned != NOBODY && ended -> goto tidy }
	:: atomic { pinned != NOBODY && !ended -> skip }	/* no grace */
	OR_DIE(LAUNCHER)
	fi;
	/* launcher.c: pcl_end_daemon;
	 * os/process-pidfd.c: pcl_os_process_signal */
	if
	:: atomic { pinned_lives ->
		assert(pinned == IT);	/* NO STRANGER */
		dies(DAEMON); number = NOBODY }
	:: atomic { !pinned_lives -> skip }
	OR_DIE(LAUNCHER)
	fi;

tidy:	/* launcher.c: run_launcher; daemon.c: undo; pidfile.c: unlink_own */
	if
	:: atomic { true -> named = false }
	OR_DIE(LAUNCHER)
	fi;
	/* pidfile.c: dispose */
	atomic {
		assert((alive & DAEMON) == 0);	/* NOTHING STAYS */
		sharers = sharers & ~LAUNCHER;
		returned = true;
		goto end
	};

success:	/* launcher.c: run_launcher */
	if
	:: atomic { true ->
		assert(said && claimed);	/* READY IS READY */
		sharers = sharers & ~LAUNCHER;
		returned = true;
		goto end }
	OR_DIE(LAUNCHER)
	fi;

dying:	/* kernel */
	atomic { dies(LAUNCHER) };
end:	skip
}

#ifndef LIVE
/* Another start with the same pid file; pidfile.pml has the whole of it. */
active proctype rival() {
	/* pidfile.c: lock */
end_lock:
	atomic {
		!named || sharers == 0 ->
		assert((alive & DAEMON) == 0)	/* ONE HOLDER */
	}
}
#else
ltl comes_back { <> (returned || !(alive & LAUNCHER)) }
#endif
