/* SPDX-License-Identifier: MIT */
/*
 * proc/process.h - the structures of processes and tasks, and the functions
 * that find them and count their references.
 *
 * A process owns an address space, open files and signal actions, and has a
 * parent and children.  A task is a thread of a process, and holds everything
 * that belongs to one thread.
 *
 * Lifetime.  A process is found by its pid until it is reaped.  Its structure
 * is freed with the last reference.  Each live task holds a reference to the
 * process's space, file table and directories, so the last task to exit
 * releases them.  The main task, with the pid as its id, stays until the
 * process is reaped; the reaper then frees its kernel stack, after the dead
 * thread has left that stack.  The stack of any other task is freed by the
 * thread that runs next on that hart, and so is the main task's if no parent
 * waits for the process.
 *
 * Every task holds a reference to its process until the task is freed, so the
 * last task can still use the process after the parent has reaped it.  Other
 * threads find processes and tasks under proc_lock, and need a reference to use
 * them after they release the lock.  The last task shuts down the process's
 * timer before the process can be reaped.
 *
 * Lock order (take left before right, skip any):
 *
 *   mutexes and space locks -> proc_lock -> waitq lock -> run queue lock ->
 *   timer queue lock
 *
 * proc_lock is a spin lock: family, ids, groups, states and signals change only
 * under it, in short sections that never sleep, also from interrupts.
 *
 * Keys: [t] proc_lock  [o] written under proc_lock, and only by the process's
 *       own task, which may read it without the lock  [!] own task only
 *       [i] constant once published  [a] atomic
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "kernel/wait.h"
#include "lib/list.h"
#include "proc/abi.h"
#include "proc/pid.h"
#include "proc/signal.h"

struct fdtable;
struct file;
struct fork_strategy;
struct fs_context;
struct pgrp;
struct process;
struct space;

#define CALLS_NAMED 8 /* 64-bit words, a bit for each call */

/* [a] Upper bound of RLIMIT_NOFILE; root sets it in /proc/sys/fs/nr_open. */
extern _Atomic uint64_t process_nofile_most;

/* Processor time in nanoseconds, and events. */
struct usage {
	uint64_t user_ns, sys_ns;
	uint64_t faults, switches;
};

/* ---- tasks and processes ---- */

struct task {
	struct thread thread;  /* must be first */
	struct list_node node; /* [t] in process->tasks while it lives */
	struct id_node id;     /* [t] unused in the main task */

	sigset_t blocked;	   /* [o] */
	sigset_t saved_blocked;	   /* [!] to restore after sigsuspend */
	bool restore_blocked;	   /* [!] saved_blocked is valid */
	struct sigpending pending; /* [t] for this task only */
	struct siginfo forced;	   /* [!] a fault's signal; signo 0: none */
	struct waitq sig_waitq;	   /* sigtimedwait sleeps here */
	struct stack_alt altstack; /* [!] */

	uaddr_t child_tid; /* [!] where a new task stores its id, or 0 */
	uaddr_t clear_tid; /* [!] word to clear at exit, or 0 */
	uaddr_t robust;	   /* [!] address of the robust list, or 0 */

	/* A sleep that a signal interrupted; continues if no handler runs. */
	uint64_t sleep_deadline; /* [!] */
	bool sleep_again;	 /* [!] */

	int32_t nice;	       /* [t] to change; reported, has no effect */
	uint64_t slack;	       /* [!] of timers: reported, has no effect */
	uint64_t first_slack;  /* [i] slack when the task was made */
	void (*entry)(void *); /* [i] kernel threads: what to run */
	void *arg;	       /* [i] */
};

struct itimer {
	uint64_t at;	 /* ns on the kind's clock; 0: off */
	uint64_t period; /* 0: once */
};

enum process_state {
	PROCESS_ALIVE,
	PROCESS_ZOMBIE, /* dead, not waited for */
	PROCESS_REAPED, /* has no pid, so no lookup finds it */
};

struct process {
	struct id_node id;	   /* [t] the pid */
	_Atomic uint32_t refs;	   /* [a] */
	enum process_state state;  /* [t] */
	bool exiting;		   /* [t] takes no more signals */
	bool leads;		   /* [t] to change: leads its session */
	struct list_node tasks;	   /* [t] those alive, oldest first */
	_Atomic unsigned live;	   /* [t] to change: tasks not yet ended */
	struct task *main;	   /* [t] changed by execve() only */
	struct waitq alone_waitq;  /* execve() sleeps here until live is 1 */
	struct list_node all_node; /* [t] in process_list, by pid */

	/* Other processes read these under proc_lock and take a reference. */
	struct space *space;   /* [o] NULL: exited, or not yet started */
	uint64_t image;	       /* [o] see process_new_image() */
	struct fdtable *files; /* [o] */
	struct fs_context *fs; /* [o] */
	struct file *exe;      /* [o] the program's file, or NULL */

	/* Family. */
	struct process *parent;	   /* [t] */
	_Atomic pid_t ppid;	   /* [t] to change: the parent's pid, or 0 */
	struct list_node children; /* [t] zombies, then oldest first */
	struct list_node sibling;  /* [t] */
	struct waitq child_waitq;  /* wait4 sleeps here */
	int exit_signal;	   /* [t] sent to the parent at exit; 0: none */
	int death_signal;	   /* [t] sent when the parent exits; 0: none */
	bool subreaper;		   /* [t] adopts its orphaned descendants */
	int status;		   /* [t] wait status once dead */
	int stop_signal;	   /* [a][t] != 0 while stopped */
	bool stop_begun;	   /* [t] stopping, but some task still runs */
	bool stop_report, cont_report; /* [t] for WUNTRACED, WCONTINUED */
	unsigned halted;	       /* [t] tasks that have stopped */
	struct waitq stop_waitq;       /* stopped tasks sleep here */
	_Atomic bool vfork_pending;    /* [a] the parent is in vfork() */
	struct waitq vfork_waitq;
	bool did_exec; /* [t] has called execve(): no setpgid() */
	bool no_tty;   /* [t] detached from its session's terminal */

	/* Job control. */
	struct pgrp *pgrp;	    /* [t] */
	struct list_node pgrp_node; /* [t] */

	/* Signals. */
	struct sigaction actions[NSIG]; /* [o] of signal i + 1 */
	struct sigpending pending;	/* [t] for any task */
	bool group_exit;		/* [t] all end with group_status */
	int group_status;		/* [t] */

	/* Accounting and limits. */
	struct rlimit limits[RLIMIT_COUNT];  /* [t] to change */
	struct usage children_usage;	     /* [t] of children waited for */
	struct usage ended_usage;	     /* [t] of tasks that have ended */
	uint64_t start_ns;		     /* [i] time_now() at fork */
	struct timer itimer;		     /* ITIMER_REAL's */
	struct itimer itimers[ITIMER_COUNT]; /* [t] */
	int16_t oom_adj, oom_adj_least;	     /* [t] oom_score_adj, and its lower
						bound without root */

	/* A bit for each unimplemented system call that the log has named. */
	uint64_t calls_named[CALLS_NAMED]; /* [a] */

	/* The fork strategy that the next execve() sets; NULL: keep it. */
	const struct fork_strategy *exec_strategy; /* [t] */
};

extern struct spinlock proc_lock;
extern struct list_node process_list; /* [proc_lock] by pid, with zombies */
extern struct process *process_init;  /* [i] pid 1, NULL before it exists */
extern unsigned task_count;	      /* [proc_lock] in all processes */
extern uint64_t process_forks;	      /* [proc_lock] tasks cloned since boot */

static inline struct process *
process_current(void)
{
	return thread_current()->process;
}

static inline struct task *
task_of(struct thread *t)
{
	return (struct task *)t;
}

/* The current task.  Only for threads that belong to a process. */
static inline struct task *
task_current(void)
{
	return task_of(thread_current());
}

static inline pid_t
process_pid(const struct process *p)
{
	return p->id.id;
}

/* ---- process.c ---- */

/*
 * Allocate a process with one reference, and without pid, task, space or files.
 * NULL: no memory.
 */
struct process *process_alloc(void) must_check;
void process_get(struct process *p) nonnull;
/* Drop a reference.  The last one frees the structure, and only that. */
void process_put(struct process *p) nonnull;

/* The process with this pid, or NULL. */
struct process *process_lookup(pid_t pid) needs_lock(proc_lock);
/*
 * Return a new, unique image number.  An image is the program that a process
 * runs from a fork or execve() to the next execve() or to its exit.  A file of
 * /proc belongs to the image that ran when the file was opened, and shows no
 * other.
 */
uint64_t process_new_image(void) needs_lock(proc_lock);
/* Does p have a limit or a timer on processor time? */
static inline bool
process_counts_cpu(const struct process *p)
{
	requires_lock(&proc_lock);
	return p->limits[RLIMIT_CPU].cur != RLIM_INFINITY ||
	       p->itimers[ITIMER_VIRTUAL].at != 0 ||
	       p->itimers[ITIMER_PROF].at != 0;
}

/* Set THREAD_COUNTED on p's task t if process_counts_cpu(). */
static inline void
process_count_cpu(const struct process *p, struct thread *t)
{
	requires_lock(&proc_lock);
	if (process_counts_cpu(p))
		atomic_fetch_or(&t->flags, THREAD_COUNTED);
}

/* p's space with a reference; NULL if p is a zombie. */
struct space *process_space(struct process *p) nonnull needs_lock(proc_lock);
/*
 * The process with the lowest pid above `pid`, or NULL.  Constant time if a
 * process has `pid`, else linear.
 */
struct process *process_after(pid_t pid) needs_lock(proc_lock);
/* Add p, which has its pid, to process_list, or remove p. */
void process_list_add(struct process *p) nonnull needs_lock(proc_lock);
void process_list_remove(struct process *p) nonnull needs_lock(proc_lock);
/* sched_interrupt() for all tasks of p except `but`, which may be NULL. */
void process_interrupt(struct process *p, struct task *but, unsigned flags)
	needs_lock(proc_lock);
/*
 * End all tasks of p except `but`, which may be NULL: each exits before it
 * returns to user mode.  p ends with `status`, a wait status, unless
 * exit_group(2) or a signal has set another one before.  Any context.
 */
void process_kill(struct process *p, struct task *but, int status)
	needs_lock(proc_lock);
/* The task with this id, or NULL. */
struct task *task_lookup(pid_t tid) needs_lock(proc_lock);
/* The process that the id of one of its threads names, or NULL. */
struct process *process_of(pid_t tid) needs_lock(proc_lock);

/*
 * Give the current process its own copy of a file table that it shares with
 * another process.  Takes proc_lock.  0; -ENOMEM with nothing changed; -EINVAL
 * if the table is shared and the process has several threads, which cannot have
 * two tables.
 */
int process_unshare_files(void) must_check;

/* Add t's usage to u.  Needs no lock if t is the current task. */
void
usage_add(struct usage *u, const struct task *t) nonnull needs_lock(proc_lock);
/* Usage of p's tasks, live and ended, not of its children. */
void
process_usage(struct process *p, struct usage *u) nonnull needs_lock(proc_lock);
/* process_usage() of the current process.  Takes proc_lock. */
void process_own_usage(struct usage *u) nonnull;

#endif
