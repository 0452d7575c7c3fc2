/*
 * signals.pml - a signal that is caught, and a process that forks meanwhile: by
 * fork, which the library hears of, by a raw clone, by vfork, which shares the
 * memory, and as a daemon does, which goes on as its parent.
 *
 * Kept: a signal is delivered in the process that it was sent to, as often as
 * it was sent at most (ONE OWNER), and at least once after the last one (NONE
 * LOST); one that comes to a child that does not want it ends that (AS BEFORE),
 * and never the process that wants it (NOT KILLED).
 *
 * One signal, which ends a process by default; what has been sent and has not
 * come is a bit of the kernel's, what has come and is not delivered is one of
 * ours.
 */
#ifndef SENT
#define SENT 1	/* to the parent; and one to the child */
#endif
#define P 0
#define C 1

mtype = { FORK, RAW, VFORK, MOVE };
mtype how;

/* The kernel's, for each process. */
bool lives[2], ours[2], sent[2], blocked[2], thread[2];
bool in_handler[2];	/* one is under way in a thread of its */
bool quits;	/* the parent's dispatcher is to */

/* Of each memory: fork.c, arrival.c, delivery.c, dispatch.c. */
byte number[2], word[2], pid_is[2], owner[2];
bool pending[2], wanted[2], inherited[2], listed[2], under_way[2], locked[2];
bool woken[2];

#define mem(q) (how == VFORK -> P : q)

/* What the properties are about. */
byte sends[2], told[2];
bool born, moved_on, owed[2];

/* kernel: as fork copies it; madvise(2) has one word wiped. */
inline copy() {
	number[C] = number[P]; pid_is[C] = pid_is[P]; owner[C] = owner[P];
	word[C] = 0;
	pending[C] = pending[P]; wanted[C] = wanted[P];
	owed[C] = (how == MOVE && owed[P]);
	inherited[C] = inherited[P]; listed[C] = listed[P];
	under_way[C] = under_way[P]; locked[C] = locked[P]; woken[C] = woken[P]
}

inline lock(m) {
	/* fork.c: pcl_lock */
	atomic { !locked[m] -> locked[m] = true }
}

inline unlock(m) {
	/* fork.c: pcl_unlock */
	atomic { locked[m] = false }
}

/* fork.c: pcl_process_is */
inline is_it(q, m, n, is) {
	atomic { is = (number[m] == n) };
	atomic { is = (is && word[m] == n) };
#ifndef NO_LOOK_AT_THE_PID
	/* fork.c: pcl_process_is; os/identity-wipeonfork.c: pcl_os_pid */
	atomic { is = (is && pid_is[m] == q) }
#endif
}

/* A thread that takes what is sent to its process. */
proctype receiver(byte q) {
	byte m, n;
	bool is, was;

	m = mem(q);
end_wait:	/* kernel */
	atomic {
		lives[q] && sent[q] && !blocked[q] ->
		sent[q] = false;
		in_handler[q] = true
	};
	if
	:: !ours[q] -> goto killed	/* kernel */
	:: else
	fi;
	/* arrival.c: pcl_arrived */
	atomic { n = owner[m] };
	is_it(q, m, n, is);
	/* arrival.c: pcl_arrived */
	if
	:: atomic { is && wanted[m] -> skip }
	:: atomic { else -> goto pass_on }
	fi;
note:	/* arrival.c: pcl_arrived; dispatch.c: pcl_dispatch_wake */
#ifdef WAKES_FIRST
	atomic { woken[m] = true };
	atomic { pending[m] = true; owed[m] = true; was = true };
#else
	atomic { was = pending[m]; pending[m] = true;
		owed[m] = true };
#endif
	/* arrival.c: pcl_arrived; dispatch.c: pcl_dispatch_wake */
	atomic { woken[m] = (was -> woken[m] : true);
		is = false; was = false; n = 0;
		in_handler[q] = false;
		goto end_wait };

pass_on:	/* arrival.c: pass_on */
	atomic { n = owner[m] };
	is_it(q, m, n, is);
	/* arrival.c: pass_on, leaves */
	if
#ifdef NOT_INHERITED
	:: atomic { is -> goto note }
#else
	:: atomic { is && !inherited[m] -> goto note }
#endif
	:: atomic { else -> skip }
	fi;

killed:	/* arrival.c: pass_on; os/sig-posix.c: pcl_os_signal_yield */
	atomic {
		/* NOT KILLED; a launcher that has moved is anybody */
		assert(q == C || moved_on);
		lives[q] = false;
		in_handler[q] = false
	}
}

/* The dispatcher's thread. */
proctype dispatcher(byte q) {
	byte m = q;
	bool has;

	/* dispatch.c: thread_main */
	atomic { thread[q] = true;
		if
		:: how == MOVE && q == C -> goto drain
		:: else
		fi };
end_wait:	/* dispatch.c: pcl_dispatch_step */
	if
	:: atomic { woken[m] && lives[q] -> woken[m] = false }
	:: atomic { q == P && quits -> thread[q] = false; goto end }
	fi;
drain:	/* arrival.c: pcl_arrivals_drain; delivery.c: pcl_deliver_rest */
	lock(m);
	if
	:: under_way[m] -> goto ask
	:: else
	fi;
	unlock(m);
take:	/* arrival.c: pcl_arrivals_drain, pcl_arrival_take */
	atomic {
		has = pending[m];
#ifndef TAKEN_AFTER_THE_CALL
		pending[m] = false;
#endif
		if
		:: !has -> goto end_wait
		:: has -> owed[m] = false
		fi
	};
	/* delivery.c: pcl_deliver; fork.c: pcl_enter */
	lock(m);
	atomic { under_way[m] = true };
ask:	/* delivery.c: ask_all */
	if
	:: atomic { listed[m] -> skip }
	:: atomic { !listed[m] -> assert(false) }	/* AS BEFORE */
	fi;
	/* delivery.c: ask; under no lock */
	unlock(m);
	atomic {
		told[q]++;
		/* ONE OWNER; what came before the move goes along */
		assert(told[q] <= sends[q] ||
			(how == MOVE &&
			told[P] + told[C] <= sends[P] + sends[C]))
	};
	/* delivery.c: ask */
	lock(m);
	atomic { under_way[m] = false };
#ifdef TAKEN_AFTER_THE_CALL
	atomic { pending[m] = false };
#endif
	/* delivery.c: pcl_deliver */
	unlock(m);
	goto take;
end:	skip
}

/* fork.c: become_child, assume; disposition.c: in_child */
inline becomes_child(moved) {
	/* fork.c: assume */
	atomic { pid_is[C] = C };
	atomic { word[C] = number[C] + (moved -> 0 : 1) };
	atomic { number[C] = word[C] };
	if
	:: moved
	:: else ->
		/* disposition.c: in_child; dispatch.c: in_child */
#ifndef KEEPS_WHAT_IS_PENDING
		atomic { pending[C] = false };
#endif
		atomic { inherited[C] = inherited[C] || wanted[C];
			wanted[C] = false };
		/* disposition.c: in_child; delivery.c: pcl_delivery_forget */
#ifndef GOES_ON_WITH_A_DELIVERY
		atomic { under_way[C] = false };
#endif
		atomic { listed[C] = false; woken[C] = false }
	fi;
	/* fork.c: reset */
	atomic { locked[C] = false }
}

proctype child() provided (!in_handler[C]) {
	bool another;

	if
	:: how == FORK ->
		/* fork.c: after_fork_child */
		becomes_child(false);
		atomic { blocked[C] = false }
	:: how == MOVE ->
		/* fork.c: after_fork_child */
		becomes_child(true);
		/* fork.c: pcl_move_settle; dispatch.c: settle, start_thread */
		atomic { run dispatcher(C) };
		atomic { thread[C] -> skip };
		/* daemon.c: pcl_daemon_run */
		atomic { blocked[C] = false };
		goto end
	:: else
	fi;
	if
	:: how == VFORK || !lives[C] -> goto end
	:: how != VFORK -> goto end
	:: how != VFORK	/* it wants the signal, too, */
	:: how != VFORK -> another = true	/* or another one */
	fi;
	/* fork.c: pcl_process, pcl_enter */
	if
	:: how == RAW -> becomes_child(false)
	:: else
	fi;
	/* disposition.c: pcl_subscribe; dispatch.c: pcl_dispatch_start */
	atomic { run dispatcher(C) };
	/* dispatch.c: start_thread */
	atomic { thread[C] -> skip };
	lock(C);
	/* disposition.c: pcl_subscribe */
	atomic { owner[C] = number[C] };
	if
	:: another
	:: !another ->
		/* delivery.c: pcl_subscribers_insert */
		atomic { listed[C] = true };
		/* disposition.c: catch */
		atomic { wanted[C] = true };
		/* disposition.c: catch */
		atomic { inherited[C] = false }
	fi;
	unlock(C);
end:	skip
}

proctype forker() {
#ifdef ONLY
	how = ONLY;
#else
	if
	:: how = FORK
	:: how = RAW
	:: how = VFORK
	:: how = MOVE
	fi;
#endif
	if
	:: how == FORK ->
		/* fork.c: before_fork, lock_all */
		lock(P)
	:: how == MOVE ->
		/* launcher.c: pcl_launch; fork.c: pcl_move_leave */
		atomic { !in_handler[P] -> blocked[P] = true; quits = true };
		/* dispatch.c: leave; os/sync-pthread.c: pcl_os_thread_join */
		atomic { !thread[P] -> skip }
	:: else
	fi;
	/* kernel */
	atomic {
		copy();
		lives[C] = true; ours[C] = true; born = true;
		blocked[C] = (how == FORK || how == MOVE);
		run receiver(C);
		run child()
	};
	if
	:: how == FORK ->
		/* fork.c: after_fork_parent */
		unlock(P)
	:: how == MOVE ->
		/* fork.c: pcl_move_disown, assume */
		atomic { word[P] = number[P] + 1; moved_on = true };
		atomic { number[P] = word[P] };
		/* launcher.c: pcl_launch */
		atomic { blocked[P] = false }
	:: else
	fi
}

proctype sender() {
	do	/* program */
	:: atomic { sends[P] < SENT && lives[P] && (how != MOVE || !moved_on) ->
		sent[P] = true; sends[P]++ }
	:: atomic { born && lives[C] && sends[C] == 0 ->
		sent[C] = true; sends[C]++ }
	:: break
	od
}

init {	/* program */
	atomic {
		number[P] = 1; word[P] = 1; pid_is[P] = P; owner[P] = 1;
		wanted[P] = true; listed[P] = true;
		lives[P] = true; ours[P] = true;
		thread[P] = true;
		run dispatcher(P); run receiver(P); run sender(); run forker()
	};
	/* All is quiet. */
	timeout ->
	assert(how == MOVE || (told[P] > 0) == (sends[P] > 0));	/* NONE LOST */
	assert(how == MOVE || !(sent[P] || pending[P]));
	assert(!owed[P] || how == MOVE);
	assert(!owed[C] || !lives[C]);
	assert(!lives[C] || !sent[C]);
	assert(!lives[C] || !thread[C] || !pending[C]);
	/* AS BEFORE */
	assert(sends[C] == 0 || !lives[C] || told[C] > 0)
}
