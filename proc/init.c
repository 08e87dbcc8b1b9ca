/* SPDX-License-Identifier: MIT */
/*
 * proc/init.c - starting pid 1, the first process.
 *
 * process_start_init() runs once at boot.  Pid 1 starts as a thread in the
 * kernel that opens the console and then executes a program like any other
 * process.  It adopts orphans, and a signal for which it has no handler is
 * ignored.  When pid 1 exits, the machine powers off.  Without memory or a
 * program to start, the kernel panics.
 */
#include "proc/init.h"

#include "arch/clock.h"
#include "fs/fd.h"
#include "fs/file.h"
#include "fs/open.h"
#include "kernel/boot.h"
#include "kernel/load.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/schedstat.h"
#include "mm/user.h"
#include "proc/exec.h"
#include "proc/futex.h"
#include "proc/group.h"
#include "proc/job.h"
#include "proc/process.h"
#include "proc/sigpage.h"
#include "proc/task.h"

#define STACK_DEFAULT  (UINT64_C(8) << 20)
#define NOFILE_DEFAULT 1024
#define NOFILE_HARD    4096 /* root may raise the limit, to FD_MAX */

#define INIT_ARGS 66

static const char *init_path;	       /* [i] program of init=, or NULL */
static char *init_argv[INIT_ARGS + 1]; /* [0] is set for each program tried */

static const char *const usual_places[] = { "/bin/init", "/init", "/bin/sh" };

#define TASK_SHARE 8u			/* a user's tasks get 1/8 of RAM */
#define TASK_BYTES (UINT64_C(32) << 10) /* for a task with its tables */

/* The resource limits of pid 1, which all other processes inherit. */
static void
limits_default(struct process *p)
{
	struct frame_stats s;
	uint64_t tasks;

	frame_get_stats(&s);
	tasks = (s.total << PAGE_SHIFT) / TASK_SHARE / TASK_BYTES;
	tasks = MIN(tasks, TASK_MAX);
	for (int i = 0; i < RLIMIT_COUNT; i++)
		p->limits[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	p->limits[RLIMIT_STACK].cur = STACK_DEFAULT;
	p->limits[RLIMIT_CORE].cur = 0;
	p->limits[RLIMIT_NPROC] = (struct rlimit){ tasks, tasks };
	p->limits[RLIMIT_NOFILE] =
		(struct rlimit){ NOFILE_DEFAULT, NOFILE_HARD };
	p->limits[RLIMIT_MEMLOCK] = (struct rlimit){ 8 << 20, 8 << 20 };
	p->limits[RLIMIT_SIGPENDING] = (struct rlimit){ 1024, 1024 };
	p->limits[RLIMIT_MSGQUEUE] = (struct rlimit){ 0, 0 };
	p->limits[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	p->limits[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
}

/* Open descriptors 0, 1 and 2. */
static void
open_console(void)
{
	struct file *f;
	int err = vfs_open("/dev/console", O_RDWR | O_NOCTTY, 0, &f);

	if (err != 0) {
		log_error("init: cannot open /dev/console (error %d)", -err);
		return;
	}
	for (int fd = 0; fd < 3; fd++) {
		if (fd_install(file_get(f), fd, false) < 0)
			panic("no memory for the first process");
	}
	file_put(f);
}

/* Load the program for exec_enter(): 0 or -errno. */
static int
try_program(const char *path)
{
	char *const env[] = { "PATH=/bin:/test", "HOME=/", "TERM=vt100", NULL };

	init_argv[0] = (char *)(uintptr_t)path;
	return exec_kernel(path, init_argv, env);
}

static noreturn void
init_failed(int err)
{
	if (init_path != NULL)
		panic("cannot start the first program: init=%s fails with "
		      "error %d; is it on the disk, and a RISC-V program?",
		      init_path, -err);
	panic("cannot start the first program: tried /bin/init, /init and "
	      "/bin/sh (last error %d); is the disk image the right one? "
	      "init=PATH names another program",
	      -err);
}

static void
init_main(void *arg)
{
	struct task *t = arg;
	int err = -ENOENT;

	sched_begin();
	open_console();
	if (init_path != NULL) {
		err = try_program(init_path);
	} else {
		for (unsigned i = 0; i < ARRAY_SIZE(usual_places); i++) {
			err = try_program(usual_places[i]);
			if (err == 0)
				break;
		}
	}
	if (err != 0)
		init_failed(err);
	if (clock_counts())
		log_info("boot: %lu instructions from entry to init",
			 sched_instret() - boot_instret);
	else
		log_info("boot: entering init");
	exec_enter(t);
}

static void
init_publish(struct process *p, struct task *t)
{
	p->main = t;
	process_get(p);
	t->thread.process = p;
	t->thread.tid = 1;
	spin_lock(&proc_lock);
	id_insert(&p->id, ID_PROCESS, 1);
	process_list_add(p);
	list_push_back(&p->tasks, &t->node);
	p->live = 1;
	task_count++;
	process_init = p;
	spin_unlock(&proc_lock);
}

void
process_start_init(const char *path, char *const argv[])
{
	struct process *p = process_alloc();
	struct task *t = task_alloc("init");
	struct user *root = user_find(0);

	if (p == NULL || t == NULL || root == NULL ||
	    !user_charge(root, USER_TASKS, 1, UINT64_MAX))
		panic("no memory for the first process");
	t->thread.user = root;
	sigpage_init();
	job_init();
	futex_init();
	load_init();
	p->files = fdtable_create();
	p->fs = fs_context_create();
	if (p->files == NULL || p->fs == NULL)
		panic("no memory for the first process");
	init_path = path;
	for (int i = 1; argv != NULL && i < INIT_ARGS && argv[i] != NULL; i++)
		init_argv[i] = argv[i];
	limits_default(p);
	init_publish(p, t);
	if (group_start(p) != 0)
		panic("no memory for the first process");
	/* The stack begins below the trapframe, which execve() fills in. */
	context_init(&t->thread.context,
		     (vaddr_t)(uintptr_t)thread_trapframe(&t->thread),
		     init_main, t);
	sched_start(&t->thread);
}
