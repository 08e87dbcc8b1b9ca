/* SPDX-License-Identifier: MIT */
/*
 * core/standin.c - what the core profile has in place of whole rooms.
 *
 * Each function implements a declaration of a room that is left out, and does
 * the least that its callers need: there is one user (root), one session, no
 * futex, no limit on users, no script, no set-ID program, no timer of a
 * process, no orderly shutdown and no deferred copying at fork.
 */
#include "check/hooks.h"
#include "drivers/driver.h"
#include "drivers/sifive_test.h"
#include "fs/current.h"
#include "fs/fd.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "kernel/load.h"
#include "kernel/schedstat.h"
#include "lib/errno.h"
#include "mm/fork/drain.h"
#include "proc/cred.h"
#include "proc/exit.h"
#include "proc/futex.h"
#include "proc/group.h"
#include "proc/itimer.h"
#include "proc/job.h"
#include "proc/rights.h"
#include "proc/script.h"
#include "proc/shortage.h"
#include "proc/shutdown.h"
#include "proc/sigpage.h"
#include "syscall/memcall.h"

/* ---- drivers/: the console and the timer are the firmware's ---- */

void
drivers_init(const struct fdt *fdt)
{
}

/* Returns, so that machine_power_off() asks the firmware to power off. */
void
sifive_test_exit(int status)
{
}

/* ---- mm/fork/drain.c and forktrace.c ---- */

_Atomic bool forktrace_on;

void
forktrace_put(unsigned which, uint64_t n)
{
}

void
drain_init(void)
{
}

void
drain_forked(struct space *parent, struct space *child)
{
}

/* ---- fs/: directories, inodes and rights ---- */

void
inode_put(struct inode *inode)
{
}

void
inode_allow_write(struct inode *inode)
{
}

void
inode_end_write(struct inode *inode)
{
}

struct inode *
inode_get(struct inode *inode)
{
	return inode;
}

struct inode *
vfs_root(void)
{
	static struct inode root = { .mode = S_IFDIR | 0555 };

	return &root;
}

/* ---- syscall/memcall.c: no page is made present before its first use ---- */

int
populate(uaddr_t at, uaddr_t end, bool locked)
{
	return 0;
}

/* ---- proc/: what every process shares ---- */

struct fdtable *
current_fdtable(void)
{
	return process_current()->files;
}

uint64_t
current_nofile_limit(void)
{
	return process_current()->limits[RLIMIT_NOFILE].cur;
}

uint64_t
current_memory_limit(enum memory_limit which)
{
	return which == LIMIT_STACK
		       ? process_current()->limits[RLIMIT_STACK].cur
		       : UINT64_MAX;
}

static struct session the_session;
static struct pgrp the_group = { .session = &the_session };

int
group_start(struct process *p)
{
	list_init(&the_group.members);
	p->pgrp = &the_group;
	return 0;
}

void
group_join(struct process *p, struct pgrp *g)
{
	p->pgrp = g;
}

void
group_leave(struct process *p)
{
	p->pgrp = NULL;
}

void
group_check_orphan(struct pgrp *g, struct process *but)
{
}

void
job_init(void)
{
}

void
job_leader_exits(struct process *p)
{
}

void
load_init(void)
{
}

uint64_t
sched_instret(void)
{
	return 0;
}

static void
no_timer(struct timer *t)
{
}

void
itimer_init(struct process *p)
{
	timer_init(&p->itimer, no_timer);
}

void
cred_copy(struct cred *to, const struct cred *from)
{
	*to = *from;
}

void
cred_drop(struct cred *c)
{
}

int
cred_check_nproc(void)
{
	return 0;
}

bool
rights_alone(const struct file *program)
{
	return false;
}

void
rights_find(struct exec_rights *r, struct file *program, struct file *interp)
{
	*r = (struct exec_rights){ .cred = thread_current()->cred,
				   .dumpable = true };
}

int
script_add(struct script *s, const char *path, const char *head, size_t n)
{
	return -ENOEXEC;
}

void
script_free(struct script *s)
{
}

/* ---- proc/shortage.c: the process that needs the page is killed ---- */

int
shortage_fault(unsigned access, uaddr_t va)
{
	process_exit(STATUS_KILLED(SIGKILL));
}

void
shortage_process_gone(void)
{
}

/* ---- proc/shutdown.c: init's exit stops the machine ---- */

bool
shutdown_begin(void)
{
	return true;
}

int
shutdown_finish(void)
{
	return 0;
}

void
shutdown_task_ended(void)
{
}

/* ---- signals and futexes: core/kill.c has the rest ---- */

void
sigpage_init(void)
{
}

int
sigpage_map(struct space *s)
{
	return 0;
}

void
sigpending_init(struct sigpending *q)
{
}

void
sigpending_clear(struct sigpending *q)
{
}

void
siginfo_from_current(struct siginfo *info, int sig, int code)
{
}

void
signal_forget(struct task *t)
{
}

void
signal_retarget(struct task *t, sigset_t set)
{
}

void
signal_reset_caught(struct process *p)
{
}

void
signal_drop_altstack(struct task *t)
{
}

void
process_check_stop(struct process *p)
{
}

void
futex_init(void)
{
}

void
futex_robust_exit(uaddr_t head, pid_t tid)
{
}

int
futex_wake(uaddr_t at, bool shared, unsigned n, uint32_t bits)
{
	return 0;
}
