/*
 * pidfile.pml - the lock of a pid file: starters, a reader that sends a signal,
 * death at any step, and pids that are given out again.
 *
 * Kept: at most one process holds the file that has the name (HELD ONCE);
 * whoever is signalled held it during the call of proclc_send (NO STRANGER);
 * one that held it, and was named by its lock, during all of that call is not
 * said to be gone (NOT MISSED); and with LIVE, where nobody dies or gives up,
 * every start comes to an end, and one of them holds the file (ONE WINS).
 *
 * Each step is one system call.  What is not in here: time.  A wait that has a
 * limit may end at every moment, and process_older() knows the instant.
 */
#ifndef STARTERS
#define STARTERS 2
#endif
#ifndef LIVES
#define LIVES 2	/* how often a pid is given out */
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#define FILES (STARTERS + 2)	/* inodes at once */
#define READER 0	/* it has no pid that matters */
#define bit(p, life) (1 << ((p) * LIVES + (life)))
#define of(p) (1 << (p))

/* The kernel's: the directory has one name. */
byte name;	/* its inode, 0: there is none */
byte opens[FILES + 1];	/* who has it open, a bit each */
byte excl[FILES + 1];	/* who has the exclusion */
byte shared[FILES + 1];	/* who asks for it, with FLOCK */
byte ident[FILES + 1];	/* who has the identity */
byte text[FILES + 1];	/* the pid in it, 0: it is empty */
int older[FILES + 1];	/* who was born when it was changed last */
bool lives[STARTERS + 1];	/* is there a process of that pid? */
bool dies[STARTERS + 1];	/* what it is sent does nothing any more */
byte life[STARTERS + 1];	/* its how-manieth one */
int born;	/* all that there ever were */
byte deaths;

/* What the properties are about. */
byte holder;	/* 0: nobody */
int seen;	/* who has held it since the reader began */
byte steady;	/* who has held it, and was named, since then */
byte over, held;

#ifdef LIVE
#define OR_DIE
#define OR_GIVE_UP
#else
#define OR_DIE :: atomic { deaths < DEATHS -> deaths++; goto dying }
#define OR_GIVE_UP(where) :: goto where
#endif

inline change(file) {
	older[file] = born
}

inline is_born(p, how_manieth) {
	life[p] = how_manieth;
	lives[p] = true;
	born = born | bit(p, life[p])
}

inline begins_to_hold(p) {
	assert(holder == 0);	/* HELD ONCE */
	holder = p;
	held++;
	seen = seen | bit(p, life[p])
}

inline no_more(p) {
	if
	:: holder == p -> holder = 0
	:: else
	fi;
	if
	:: steady == p -> steady = 0
	:: else
	fi
}

inline close_file(p, file) {
	if
	:: excl[file] == p -> excl[file] = 0
	:: else
	fi;
	opens[file] = opens[file] & ~of(p);
	file = 0
}

#ifdef FLOCK
#define can_exclude(p, f) (excl[f] == 0 && (shared[f] & ~of(p)) == 0)
#else
#define can_exclude(p, f) (excl[f] == 0)
#endif

/* A process that wants to run as the one; and what comes after it under the
 * same pid, another such or a stranger. */
proctype starter(byte p) {
	byte f, i;
	bool made, handed, again;

try:	/* pidfile.c: try_hold; os/file-posix.c: create */
	if
	:: atomic { name == 0 ->
		i = 1;
		do
		:: opens[i] != 0 || name == i -> i++
		:: else -> break
		od;
		assert(i <= FILES);
		name = i; f = i;
		opens[f] = of(p); text[f] = 0; excl[f] = 0; ident[f] = 0;
		shared[f] = 0;
		change(f);
		made = true;
		i = 0;
		goto exclude
	  }
	:: atomic { name != 0 -> goto open }
	OR_DIE
	fi;

open:	/* os/file-posix.c: open_there */
	if
	:: atomic { name != 0 -> f = name; opens[f] = opens[f] | of(p) }
	:: atomic { name == 0 -> goto try }
	OR_DIE
	fi;

exclude:	/* pidfile.c: lock; os/lock-ofd.c: pcl_os_lock_exclude;
	 * os/lock-flock.c: pcl_os_lock_exclude */
	if
	:: atomic { can_exclude(p, f) -> excl[f] = p }
	:: atomic { !can_exclude(p, f) -> goto ask }
	OR_DIE
	fi;

named:	/* os/lock-ofd.c: pcl_os_lock_name */
#ifndef FLOCK
	if
#ifdef NO_LOOK_FOR_A_NAME
	:: atomic { true -> skip }
#else
	:: atomic { ident[f] == 0 -> skip }
	:: atomic { ident[f] != 0 -> goto refused }
#endif
	OR_DIE
	fi;
#endif

same:	/* pidfile.c: lock; os/file-posix.c: pcl_os_file_id_at */
	if
#ifdef NO_SECOND_LOOK_AT_THE_PLACE
	:: atomic { begins_to_hold(p) }
#else
	:: atomic { name == f -> begins_to_hold(p) }
	:: atomic { name != f -> goto moved }
#endif
	OR_DIE
	fi;

cut:	/* pidfile.c: lock; os/file-posix.c: pcl_os_file_cut */
	if
	:: atomic { true -> text[f] = 0; change(f) }
	OR_DIE
	fi;

write:	/* pidfile.c: pcl_pidfile_write; os/file-posix.c: pcl_os_file_write */
	if
	:: atomic { true -> text[f] = p; change(f) }
	OR_DIE
	fi;

identify:	/* pidfile.c: pcl_pidfile_write;
	 * os/lock-ofd.c: pcl_os_lock_identify */
	if
#ifdef FLOCK
	:: atomic { true -> skip }
#else
	:: atomic { true -> ident[f] = p }
#endif
	OR_DIE
	fi;
	if
	:: handed -> goto holds
	:: else
	fi;

holds:	/* program */
#ifdef LIVE
	goto stays;
#endif
	if
	:: atomic { !handed -> handed = true; made = false; goto hand_over }
	:: goto remove
#ifdef CLOSES
	:: atomic { true -> no_more(p); goto close }
#endif
#ifdef FORGETS	/* the program closes another descriptor of the file */
	:: atomic { ident[f] == p -> ident[f] = 0;
		steady = (steady == p -> 0 : steady); goto holds }
#endif
	OR_DIE
	fi;

hand_over:	/* pidexec.c: hand_over; os/lock-ofd.c: pcl_os_lock_identify */
#ifndef FLOCK
	if
	:: atomic { true -> ident[f] = p }
	OR_DIE
	fi;
	/* pidexec.c: hand_over; os/lock-ofd.c: pcl_os_lock_hand_over */
	if
	:: atomic { true -> excl[f] = 0 }
	OR_DIE
	fi;
#endif

adopt:	/* pidexec.c: take; os/lock-ofd.c: pcl_os_lock_name */
	if
#ifdef FLOCK
	:: atomic { true -> skip }
#else
	:: atomic { name == f && ident[f] == p -> skip }
	:: atomic { name != f || ident[f] != p -> goto stays }
#endif
	OR_DIE
	fi;

exclude_again:	/* pidexec.c: exclude */
	if
	:: atomic { can_exclude(p, f) || excl[f] == p ->
		excl[f] = p; goto write }
	:: goto stays	/* the time is over: held by its name alone */
	OR_DIE
	fi;

remove:	/* pidfile.c: unlink_own; os/file-posix.c: pcl_os_file_id_at */
#ifdef REMOVE_AFTER_CLOSE
	if
	:: atomic { true -> no_more(p); goto close }
	OR_DIE
	fi;
unlink_late:
	atomic { name = 0 };
	goto stays;
#else
	if
	:: atomic { name == f -> skip }
	:: atomic { name != f -> no_more(p); goto close }
	OR_DIE
	fi;

unlink:	/* pidfile.c: unlink_own; os/file-posix.c: pcl_os_file_remove */
	if
	:: atomic { true ->
		assert(name == f);	/* no other one's is removed */
		name = 0; no_more(p) }
	OR_DIE
	fi;
#endif

close:	/* pidplace.c: pcl_close_same */
	if
	:: atomic { true -> ident[f] = (ident[f] == p -> 0 : ident[f]) }
	OR_DIE
	fi;

closed:	/* kernel */
	if
	:: atomic { true -> close_file(p, f) }
	OR_DIE
	fi;
#ifdef REMOVE_AFTER_CLOSE
	goto unlink_late;
#endif
	goto stays;

ask:	/* pidholder.c: pcl_pid_holder; os/lock-ofd.c: pcl_os_lock_probe */
#ifdef FLOCK
	if
	:: atomic { excl[f] == 0 -> shared[f] = shared[f] | of(p) }
	:: atomic { excl[f] != 0 -> goto refused }
	OR_DIE
	fi;
	if
	:: atomic { true -> shared[f] = shared[f] & ~of(p); goto moved }
	OR_DIE
	fi;
#else
	if
	:: atomic { ident[f] != 0 -> goto refused }
	:: atomic { ident[f] == 0 -> skip }
	OR_DIE
	fi;

ask_on:	/* os/lock-ofd.c: pcl_os_lock_probe;
	 * pidholder.c: pcl_pid_holder_patiently */
	if
	:: atomic { excl[f] == 0 -> goto moved }
	:: atomic { excl[f] != 0 -> goto ask }
#ifndef LIVE
	:: excl[f] != 0 -> goto refused	/* patience is over */
#endif
	OR_DIE
	fi;
#endif

moved:	/* pidfile.c: lock_opened, hold */
	again = true;
refused:	/* pidplace.c: pcl_place_discard;
	 * os/lock-ofd.c: pcl_os_lock_exclude */
	if
	:: atomic { !made -> goto leave }
	:: atomic { made && (can_exclude(p, f) || excl[f] == p) -> excl[f] = p }
	:: atomic { made && !can_exclude(p, f) && excl[f] != p -> goto leave }
	OR_DIE
	fi;
	/* pidplace.c: pcl_place_discard; os/file-posix.c: pcl_os_file_id_at */
	if
	:: atomic { name == f -> skip }
	:: atomic { name != f -> goto leave }
	OR_DIE
	fi;
	/* pidplace.c: pcl_place_discard; os/file-posix.c: pcl_os_file_read */
	if
	:: atomic { text[f] == 0 -> skip }
	:: atomic { text[f] != 0 -> goto leave }
	OR_DIE
	fi;
	/* pidplace.c: pcl_place_discard; os/file-posix.c: pcl_os_file_remove */
	if
	:: atomic { true ->
		assert(name == f && holder == 0);
		name = 0 }
	OR_DIE
	fi;

leave:	/* pidfile.c: lock_opened, hold; pidplace.c: pcl_close_same */
	made = false;
	if
	:: atomic { again -> again = false; close_file(p, f); goto try }
#ifndef LIVE
	:: atomic { again -> again = false; close_file(p, f); goto stays }
#endif
	:: atomic { !again -> close_file(p, f); goto stays }
	OR_DIE
	fi;

stays:	/* program: it lives on, with or without the file */
	over++;
#ifdef LIVE
	goto end;
#endif
end_alive:
	atomic { deaths < DEATHS -> deaths++ };

dying:	/* kernel: exit_files, posix locks first */
	atomic {
		dies[p] = true; made = false; handed = false; again = false;
		no_more(p);
		if
		:: f != 0 && ident[f] == p -> ident[f] = 0
		:: else
		fi
	};
	atomic {
		if
		:: f != 0 -> shared[f] = shared[f] & ~of(p); close_file(p, f)
		:: else
		fi
	};
	atomic { true -> lives[p] = false; dies[p] = false };

born_again:	/* kernel: the pid is given out again */
	if
	:: atomic { life[p] < LIVES - 1 -> is_born(p, life[p] + 1) }
#ifdef RETRIES
	:: atomic { life[p] < LIVES - 1 -> is_born(p, life[p] + 1); goto try }
#endif
	:: life[p] == LIVES - 1
	fi;
end:	skip	/* a stranger, who lives long */
}

#ifndef NO_READER
#include "pidreader.inc"
#endif

init {
	byte i = 1;

	atomic {	/* kernel */
		do
		:: i <= STARTERS -> is_born(i, 0); run starter(i); i++
		:: else -> break
		od;
#ifndef NO_READER
		run reader()
#endif
	}
}

#ifdef LIVE
ltl one_wins { <> (over == STARTERS && held == 1) }
#endif
