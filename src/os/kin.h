/*
 * kin.h - the border, as os.h: what few tasks need, memory that a child
 * shares, strays, and whole trees of processes; and what the system calls its
 * errors and its handles.
 */
#ifndef PCL_OS_KIN_H
#define PCL_OS_KIN_H

#include "os/os.h"

/* ------------------------------------------- error-*.c, process-*.c */

/* The system's own number behind a code that a function of this border has
 * returned to this thread; 0: it stands for none. */
int
pcl_os_error_number(int code);

/* What the handle of a process is called: "pidfd". */
extern const char pcl_os_process_handles[];

/* -------------------------------------------------- map-*.c, share-*.c */

/* Memory, zero, that forked children share with us, or that of a handle from
 * pcl_os_share_open. */
int
pcl_os_map(intptr_t handle, size_t size, void **memory);
void
pcl_os_unmap(void *memory, size_t size);
/* The same for a new run of the program, by a handle for both to map.  Where
 * the system has such a thing, nobody can make it smaller: who touches what is
 * gone is killed. */
int
pcl_os_share_open(size_t size, intptr_t *handle);

/* ------------------------------------------------------------ tree-*.c */

/* Have the orphans among our descendants come to this process, instead of the
 * first one; PROCLC_ENOTSUP. */
int
pcl_os_subreaper(bool on);

/* A process, as it is for a moment; pid and start together never come to mean
 * another one. */
struct pcl_os_kin {
	int64_t pid, parent;
	uint64_t start;
	bool ended;	/* nobody has reaped it yet */
	bool stopped;
};
/* Can they be listed? */
extern const bool pcl_os_kin_listed;
/* All that can be seen, to be freed; one that comes or goes meanwhile may be
 * missing.  Returns how many; PROCLC_ENOTSUP, the system does not tell;
 * PROCLC_EMFILE, PROCLC_ENFILE, PROCLC_ENOMEM and the like, not now. */
int
pcl_os_kin_list(struct pcl_os_kin **list);
/* PROCLC_ESRCH: there is no such process, or none to be seen; or as above. */
int
pcl_os_kin_look(int64_t pid, struct pcl_os_kin *kin);

/* ------------------------------------------------------------- job-*.c */

/* A set of processes that none of them leaves: what a member makes is one. */
struct pcl_os_job {
	char *place;	/* tells it to others; NULL: there is none */
	size_t skip, hidden;	/* the port's own */
};
/* An empty one.  PROCLC_ENOTSUP: there is none to be had here. */
int
pcl_os_job_make(struct pcl_os_job *job);
/* Only to enter it: one that another process has made. */
int
pcl_os_job_adopt(struct pcl_os_job *job, const char *place);
/* Be a member. */
int
pcl_os_job_enter(const struct pcl_os_job *job);
/* What a child that has only system calls writes "0" to, to be one; false: it
 * is too long. */
bool
pcl_os_job_entry(const struct pcl_os_job *job, char *path, size_t size);
bool
pcl_os_job_has(const struct pcl_os_job *job, int64_t pid);
/* Have all but one end in their own time, stopped ones too; how many there
 * were. */
int
pcl_os_job_ask(const struct pcl_os_job *job, int64_t except);
void
pcl_os_job_kill(const struct pcl_os_job *job);
/* Does any member live, zombies not counted? */
bool
pcl_os_job_lives(const struct pcl_os_job *job);
/* It goes; PROCLC_EBUSY: a member lives. */
int
pcl_os_job_remove(struct pcl_os_job *job);
/* Only the memory. */
void
pcl_os_job_forget(struct pcl_os_job *job);

/* ---------------------------------------------------------- notify-*.c */

/* Does any supervisor of this system listen to messages? */
extern const bool pcl_os_notifies;
/* Send a supervisor text, to its socket: a path, or @ and a name. */
int
pcl_os_notify(const char *name, const char *text);
/* Until it has read what was sent before; PROCLC_ETIMEDOUT. */
int
pcl_os_notify_barrier(const char *name, int64_t due);
/* An empty line to a descriptor of the program's, which is then closed, unless
 * it was: PROCLC_EBADF. */
int
pcl_os_notify_line(int fd);
/* Monotonic time in microseconds, of the clock that supervisors read. */
int64_t
pcl_os_notify_usec(void);

/* ----------------------------------------------------------- spawn-*.c */

/* The pid of a child, any, that has ended and is still to be reaped; 0: none
 * has. */
int64_t
pcl_os_any_ended(void);

/* ------------------------------------------------------------- sig-*.c */

/* The signal that says that a child has ended (0: none does), and the one that
 * stops a process whatever it does. */
extern const int pcl_os_sigchld, pcl_os_sigstop;

#endif
