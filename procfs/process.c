/* SPDX-License-Identifier: MIT */
/*
 * procfs/process.c - the files in every /proc/<pid>.
 *
 * Each show function looks up the process again, copies fields under proc_lock
 * or takes a reference, and prints afterwards.  A process may exit at any
 * moment: then the result is -ESRCH, or the remaining data of a zombie.
 * Process context, may sleep.
 */
#include "fs/tty.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/fork/registry.h"
#include "mm/inspect.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "mm/space_list.h"
#include "proc/cred.h"
#include "proc/group.h"
#include "proc/process.h"
#include "proc/reach.h"
#include "proc/shortage.h"
#include "procfs/show.h"

#define TICK (NSEC_PER_SEC / 100)

/* The data of a process for /proc, copied in one section under proc_lock. */
struct snapshot {
	pid_t pid, ppid, pgid, sid, tty_sid;
	char name[16], letter;
	struct cred cred;
	struct usage usage, children;
	uint64_t start_ns;
	int32_t nice, exit_signal;
	unsigned threads;
	sigset_t pending, blocked, ignored, caught;
	unsigned hart;
	struct space *space; /* with a reference, or NULL */
	bool inside;	     /* the reader may inspect the process */
};

/* The state as ps shows it: R S D T Z. */
static char
state_letter(struct process *p)
{
	struct thread *t = &p->main->thread;

	requires_lock(&proc_lock);
	/* The main task may have ended before the others. */
	if (p->state != PROCESS_ALIVE || t->state == THREAD_DEAD)
		return 'Z';
	if (p->stop_signal != 0)
		return 'T';
	if (t->state != THREAD_SLEEPING)
		return 'R';
	return t->wait_mode == WAIT_SIGNALS ? 'S' : 'D';
}

static void
snapshot_signals(struct snapshot *s, const struct process *p)
{
	requires_lock(&proc_lock);
	s->pending = p->pending.set | p->main->pending.set;
	s->blocked = p->main->blocked;
	s->ignored = s->caught = 0;
	for (int i = 0; i < NSIG; i++) {
		if (p->actions[i].handler == SIG_IGN)
			s->ignored |= SIG_BIT(i + 1);
		else if (p->actions[i].handler != SIG_DFL)
			s->caught |= SIG_BIT(i + 1);
	}
}

static int
snapshot_take(struct snapshot *s, pid_t pid)
{
	struct process *p;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL) {
		s->pid = pid;
		s->ppid = p->ppid;
		s->pgid = process_pgid(p);
		s->sid = process_sid(p);
		s->tty_sid = process_tty_session(p);
		(void)str_copy(s->name, p->main->thread.name, sizeof(s->name));
		s->letter = state_letter(p);
		cred_copy(&s->cred, &p->main->thread.cred);
		process_usage(p, &s->usage);
		s->children = p->children_usage;
		s->start_ns = p->start_ns;
		s->nice = p->main->nice;
		s->threads = p->live;
		s->exit_signal = p->exit_signal;
		s->hart = p->main->thread.hart->index;
		snapshot_signals(s, p);
		s->space = process_space(p);
		s->inside = process_may_reach(p, true);
	}
	spin_unlock(&proc_lock);
	return p == NULL ? -ESRCH : 0;
}

static void
snapshot_drop(struct snapshot *s)
{
	if (s->space != NULL)
		space_put(s->space);
	cred_drop(&s->cred);
}

static int
show(struct textbuf *out, pid_t pid,
     int (*print)(struct textbuf *, struct snapshot *))
{
	struct snapshot s;
	int err = snapshot_take(&s, pid);

	if (err != 0)
		return err;
	err = print(out, &s);
	snapshot_drop(&s);
	return err;
}

/* Define show_NAME(), which prints a snapshot with print_NAME(). */
#define SHOW(name)                                                      \
	int show_##name(struct textbuf *out, const struct proc_node *n) \
	{                                                               \
		return show(out, n->pid, print_##name);                 \
	}

static int
print_pid_stat(struct textbuf *out, struct snapshot *s)
{
	struct space_usage u = { 0 };

	if (s->space != NULL)
		space_get_usage(s->space, &u);
	tb_printf(out, "%d (%s) %c %d %d %d %u %d 0 0 0 0 0 ", s->pid, s->name,
		  s->letter, s->ppid, s->pgid, s->sid, tty_device(s->tty_sid),
		  tty_foreground(s->tty_sid));
	tb_printf(out, "%lu %lu %lu %lu %d %d %u 0 %lu ",
		  s->usage.user_ns / TICK, s->usage.sys_ns / TICK,
		  s->children.user_ns / TICK, s->children.sys_ns / TICK,
		  20 + s->nice, s->nice, s->threads, s->start_ns / TICK);
	tb_printf(out, "%lu %lu %lu 0 0 %lu 0 0 ", u.size * PAGE_SIZE,
		  u.resident, RLIM_INFINITY,
		  s->space != NULL && s->inside ? s->space->stack_top : 0);
	tb_printf(out, "%lu %lu %lu %lu 0 0 0 %d %u 0 0 0 0 0 ",
		  s->pending & 0x7fffffff, s->blocked & 0x7fffffff,
		  s->ignored & 0x7fffffff, s->caught & 0x7fffffff,
		  s->exit_signal, s->hart);
	if (s->space != NULL && s->inside)
		tb_printf(out, "0 0 %lu %lu %lu %lu %lu 0\n",
			  s->space->brk_start, s->space->arg_start,
			  s->space->arg_end, s->space->env_start,
			  s->space->env_end);
	else
		tb_printf(out, "0 0 0 0 0 0 0 0\n");
	return 0;
}
SHOW(pid_stat)

static const char *
letter_word(char letter)
{
	switch (letter) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "disk sleep";
	case 'T':
		return "stopped";
	default:
		return "zombie";
	}
}

static void
print_groups(struct textbuf *out, const struct groups *g)
{
	tb_printf(out, "Groups:\t");
	for (unsigned i = 0; i < groups_count(g); i++)
		tb_printf(out, i > 0 ? " %u" : "%u", groups_at(g, i));
	tb_printf(out, " \n"); /* a blank, as on Linux */
}

static int
print_status(struct textbuf *out, struct snapshot *s)
{
	struct space_usage u = { 0 };

	tb_printf(out, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%d\nPid:\t%d\n",
		  s->name, s->letter, letter_word(s->letter), s->pid, s->pid);
	tb_printf(out, "PPid:\t%d\nUid:\t%u\t%u\t%u\t%u\n", s->ppid,
		  s->cred.uid, s->cred.euid, s->cred.suid, s->cred.fsuid);
	tb_printf(out, "Gid:\t%u\t%u\t%u\t%u\n", s->cred.gid, s->cred.egid,
		  s->cred.sgid, s->cred.fsgid);
	print_groups(out, s->cred.groups);
	if (s->space != NULL) {
		const uint64_t kb = PAGE_SIZE / 1024;

		space_get_usage(s->space, &u);
		tb_printf(out,
			  "VmSize:\t%8lu kB\nVmLck:\t%8lu kB\n"
			  "VmRSS:\t%8lu kB\n"
			  "RssAnon:\t%8lu kB\nRssFile:\t%8lu kB\n"
			  "VmData:\t%8lu kB\nVmStk:\t%8lu kB\n"
			  "VmExe:\t%8lu kB\nVmPTE:\t%8lu kB\n",
			  u.size * kb, u.locked * kb, u.resident * kb,
			  (u.resident - u.shared) * kb, u.shared * kb,
			  u.data * kb, u.stack * kb, u.text * kb,
			  u.tables * kb);
	}
	tb_printf(out, "NoNewPrivs:\t%u\n", s->cred.no_new_privs);
	tb_printf(out, "Threads:\t%u\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n",
		  s->threads, s->pending, s->blocked);
	tb_printf(out, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", s->ignored,
		  s->caught);
	return 0;
}
SHOW(status)

static int
print_statm(struct textbuf *out, struct snapshot *s)
{
	struct space_usage u = { 0 };

	if (s->space != NULL)
		space_get_usage(s->space, &u);
	tb_printf(out, "%lu %lu %lu %lu 0 %lu 0\n", u.size, u.resident,
		  u.shared, u.text, u.data + u.stack);
	return 0;
}
SHOW(statm)

static int
print_comm(struct textbuf *out, struct snapshot *s)
{
	tb_printf(out, "%s\n", s->name);
	return 0;
}
SHOW(comm)

/* Print the bytes [from, to) of the space, up to the first unmapped byte. */
static int
print_bytes(struct textbuf *out, struct space *s, uaddr_t from, uaddr_t to)
{
	char *buf = kmalloc(PAGE_SIZE);
	size_t n = 1, got = 1;

	if (buf == NULL)
		return -ENOMEM;
	for (; from < to && got == n; from += got) {
		n = MIN(to - from, PAGE_SIZE);
		got = space_read(s, buf, from, n);
		tb_append(out, buf, got);
	}
	kfree(buf);
	return 0;
}

static int
print_cmdline(struct textbuf *out, struct snapshot *s)
{
	return s->space == NULL
		       ? 0
		       : print_bytes(out, s->space, s->space->arg_start,
				     s->space->arg_end);
}
SHOW(cmdline)

int
show_environ(struct textbuf *out, const struct proc_node *node)
{
	struct space *s = node->space;

	return print_bytes(out, s, s->env_start, s->env_end);
}

static int
print_fork_strategy(struct textbuf *out, struct snapshot *s)
{
	if (s->space == NULL)
		return -ESRCH;
	tb_printf(out, "%s\n", fork_strategy_name(s->space->strategy));
	return 0;
}
SHOW(fork_strategy)

/* Choose the fork strategy of the program that the writer executes next. */
int
write_fork_strategy(const char *data, size_t n, const struct proc_node *node)
{
	struct process *me = process_current();
	const struct fork_strategy *st;
	char name[32];

	if (me == NULL || process_pid(me) != node->pid)
		return -EPERM;
	while (n > 0 && (data[n - 1] == '\n' || data[n - 1] == ' '))
		n--;
	if (n >= sizeof(name))
		return -EINVAL;
	memcpy(name, data, n);
	name[n] = '\0';
	st = fork_strategy_find(name);
	if (st == NULL)
		return -EINVAL;
	spin_lock(&proc_lock);
	me->exec_strategy = st;
	spin_unlock(&proc_lock);
	return 0;
}

static int
print_pid_forkstat(struct textbuf *out, struct snapshot *s)
{
	return s->space == NULL ? 0 : print_counters(out, &s->space->counters);
}
SHOW(pid_forkstat)

int
write_pid_forkstat(const char *data, size_t n, const struct proc_node *node)
{
	struct snapshot s;
	int err = snapshot_take(&s, node->pid);

	if (err != 0)
		return err;
	if (s.space != NULL)
		space_reset_counters(s.space);
	snapshot_drop(&s);
	return 0;
}

/*
 * Fault injection.  Writing n makes the n-th allocation of the writer fail, and
 * writing -n makes that one and all later ones fail.  "copy n" and "copy -n"
 * count the writer's copies from and to user memory instead.  Reading returns
 * the remaining count, or 0 after a failure, and ends the countdown, so that
 * reading itself never fails.  A set-ID program may not write, so that an
 * inherited descriptor cannot be used against it.
 */
int
show_fail_nth(struct textbuf *out, const struct proc_node *node)
{
	struct thread *t = thread_current();
	int left = t->fail_nth;

	if (t->tid != node->pid)
		return -EPERM;
	t->fail_nth = 0;
	tb_printf(out, "%d\n", t->fail_fired ? 0 : left);
	return 0;
}

int
write_fail_nth(const char *data, size_t n, const struct proc_node *node)
{
	struct thread *t = thread_current();
	bool copies = strncmp(data, "copy ", 5) == 0, lasting;
	uint64_t value;

	if (t->tid != node->pid || t->cred.euid != t->cred.uid ||
	    t->cred.egid != t->cred.gid)
		return -EPERM;
	if (copies)
		data += 5;
	lasting = *data == '-';
	if (!str_to_u64(data + lasting, &value, NULL) || value > INT32_MAX)
		return -EINVAL;
	t->fail_nth = lasting ? -(int)value : (int)value;
	t->fail_copies = copies;
	t->fail_fired = false;
	return 0;
}

int
show_oom_score(struct textbuf *out, const struct proc_node *node)
{
	int64_t score;
	int err = shortage_score(node->pid, &score);

	if (err == 0)
		tb_printf(out, "%ld\n", score);
	return err;
}

int
show_oom_score_adj(struct textbuf *out, const struct proc_node *node)
{
	struct process *p;
	int adj = 0;

	spin_lock(&proc_lock);
	p = process_lookup(node->pid);
	if (p != NULL)
		adj = p->oom_adj;
	spin_unlock(&proc_lock);
	if (p == NULL)
		return -ESRCH;
	tb_printf(out, "%d\n", adj);
	return 0;
}

int
write_oom_score_adj(const char *data, size_t n, const struct proc_node *node)
{
	bool negative = *data == '-';
	uint64_t size;

	if (!proc_parse_number(data + negative, n - negative, &size) ||
	    size > OOM_ADJ_MOST)
		return -EINVAL;
	return shortage_set_adj(node->pid, negative ? -(int)size : (int)size);
}
