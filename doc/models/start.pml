/*
 * start.pml - tasks that are started together and waited for: a channel that a
 * child of another thread may hold as well, death of each child at any step,
 * and of the parent.
 *
 * Kept: a start that succeeds has heard of each (ALL ARE READY); one that fails
 * has a dead child to show for it, which had not said that it was ready (NO
 * FALSE ALARM), and leaves no child (ALL OR NONE); and with LIVE it comes back,
 * and a child whose parent is gone ends, whoever has the parent's pid by then.
 */
#ifndef TASKS
#define TASKS 2
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#define PARENT 1
#define SIBLING 2	/* another thread's; no fork handler has seen it */
#define child(i) (4 << (i))

mtype = { NOBODY, IT, STRANGER };

/* The kernel's. */
chan ready = [TASKS] of { byte };
byte writers = PARENT;	/* who has the channel's other end */
byte alive = PARENT;
mtype number = IT;	/* who has the parent's pid */
byte deaths;

/* What the properties are about. */
byte has_said, returned;

#define lives(i) ((alive & child(i)) != 0)
#define OR_DIE :: atomic { deaths < DEATHS -> deaths++; goto dying } \
	:: !lives(me) -> goto dying
#define bit(i) (1 << (i))

proctype task(byte me) {
	mtype parent = IT;	/* births.c: open_handles; a handle on it */

	/* start.c: be_child; child.c: pcl_child_main, set_up */
	if
	:: lives(me)
	:: atomic { true -> goto dying }	/* PCL_CHILD_FAILED */
	OR_DIE
	fi;
	/* child.c: watch_parent; orphan.c: pcl_orphan_start_with */
	if
#ifdef PARENT_IS_FOUND_LATER
	:: atomic { lives(me) -> parent = number }
#else
	:: lives(me)
#endif
	OR_DIE
	fi;
	/* child.c: pcl_child_main; os/detach-posix.c: pcl_os_channel_send */
	if
	:: atomic { lives(me) -> has_said = has_said | bit(me);
		if
		:: alive & PARENT -> ready!me
		:: else	/* EPIPE */
		fi }
	OR_DIE
	fi;
	/* child.c: pcl_child_main; os/file-posix.c: pcl_os_close */
	if
	:: atomic { lives(me) -> writers = writers & ~child(me) }
	OR_DIE
	fi;
	/* child.c: run_body; orphan.c: pcl_orphan_start_with */
end_body:
	if
	:: atomic { parent == IT && (alive & PARENT) == 0 -> skip }
	:: atomic { parent == STRANGER && number != STRANGER -> skip }
	:: atomic { parent == NOBODY -> skip }
	OR_DIE
	fi;
dying:	/* kernel */
	atomic {
		writers = writers & ~child(me);
		alive = alive & ~child(me)
	}
}

active proctype parent() {
	byte n, made, heard, word, i;
	bool timed_out, any;

	/* births.c: pcl_birth_begin; start.c: make_children, make_child */
	do
	:: atomic { made < TASKS ->
		alive = alive | child(made);
		writers = writers | child(made);
		run task(made);
		made++ }
	:: goto undo	/* fork fails */
	:: made == TASKS -> break
#ifdef PARENT_DIES
	:: goto dying
#endif
	od;
	/* births.c: pcl_birth_given */
	atomic { writers = writers & ~PARENT };

await:	/* start.c: await_ready, hear;
	 * os/detach-posix.c: pcl_os_channel_receive */
	if
	:: atomic { heard == bit(TASKS) - 1 -> goto success }
	:: atomic { heard != bit(TASKS) - 1 && nempty(ready) ->
		ready?word; heard = heard | bit(word); goto await }
	:: atomic { heard != bit(TASKS) - 1 && empty(ready) &&
		writers == 0 ->
		timed_out = false }
#ifndef CHANNEL_ALONE
	:: atomic { heard != bit(TASKS) - 1 && empty(ready) &&
		writers != 0 ->
		timed_out = true }
#endif
#ifdef PARENT_DIES
	:: goto dying
#endif
	fi;
	any = false;
	i = 0;
look:	/* start.c: any_lives; os/spawn-posix.c: pcl_os_look */
	if
	:: atomic { timed_out && i < TASKS && !(heard & bit(i)) ->
		any = any || lives(i); i++; goto look }
	:: atomic { timed_out && i < TASKS && (heard & bit(i)) ->
		i++; goto look }
	:: atomic { !timed_out || i == TASKS -> i = 0 }
	fi;
#ifdef NO_LAST_WORDS
	goto hear_no_more;
#endif
hear_on:	/* start.c: await_ready, hear */
	if
	:: atomic { nempty(ready) ->
		ready?word; heard = heard | bit(word); goto hear_on }
	:: atomic { empty(ready) -> skip }
	fi;
hear_no_more:
	if
	:: atomic { any -> any = false; goto await }
	:: atomic { !any && heard == bit(TASKS) - 1 -> goto success }
	:: atomic { !any && heard != bit(TASKS) - 1 -> skip }
	fi;
	/* start.c: first_awaited */
	atomic {
		i = 0;
		do
		:: heard & bit(i) -> i++
		:: else -> break
		od;
		/* NO FALSE ALARM */
		assert(!lives(i) && !(has_said & bit(i)))
	};

undo:	/* start.c: undo, bury; shutdown.c: pcl_task_undo_set */
#ifdef ONLY_THE_DEAD_IS_BURIED
	goto undone;
#endif
	atomic {
		alive = alive & (PARENT | SIBLING);
		writers = writers & (PARENT | SIBLING)
	};
undone:
	atomic {
		/* ALL OR NONE */
		assert((alive & ~(PARENT | SIBLING)) == 0);
		returned = 1;
		goto end_returned
	};

success:	/* start.c: start_set */
	atomic {
		assert((has_said & (bit(TASKS) - 1)) == bit(TASKS) - 1);
			/* ALL ARE READY */
		returned = 1
	};
end_returned:
#ifdef PARENT_DIES
	skip;
#else
	false;
#endif

dying:	/* kernel; the pid is given out again */
	atomic { alive = alive & ~PARENT; writers = writers & ~PARENT;
		number = NOBODY };
	number = STRANGER
}

/* Another thread of the parent: its child has the channel when it is made while
 * the parent has it, and keeps it. */
active proctype sibling() {
	/* births.c: pcl_births_forget; what a raw clone(2) does not do */
	if
	:: atomic { (writers & PARENT) != 0 -> writers = writers | SIBLING }
	:: true
	fi
}

#ifdef LIVE
#ifdef PARENT_DIES
#define gone (!(alive & PARENT))
#define no_child ((alive & ~(PARENT | SIBLING)) == 0)
ltl ends { [] (gone -> <> no_child) }
#else
ltl comes_back { <> returned }
#endif
#endif
