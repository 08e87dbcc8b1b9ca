/* SPDX-License-Identifier: MIT */
/*
 * proc/exec.c - execve(2): replacing the program of a process.
 *
 * exec_run() works in a fixed order.  It opens and checks the program and
 * builds the complete new space with its stack; only then swap_space() installs
 * them.  An error before the swap leaves the old program unchanged; after the
 * swap nothing can fail.  The other threads of the process are ended just
 * before the swap, after the last allocation.  For a set-ID program they are
 * ended earlier, in find_rights().
 *
 * The entries are exec_user() and exec_kernel(), in process context with no
 * lock held.
 */
#include "proc/exec.h"

#include "arch/trap.h"
#include "fs/fd.h"
#include "fs/file.h"
#include "fs/open.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/limit.h"
#include "mm/map.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "proc/cred.h"
#include "proc/elf.h"
#include "proc/exit.h"
#include "proc/fork.h"
#include "proc/process.h"
#include "proc/rights.h"
#include "proc/script.h"
#include "proc/sigpage.h"
#include "proc/stack.h"
#include "proc/strings.h"

#define PIE_BASE      UINT64_C(0x2000000000)
#define STACK_INITIAL (UINT64_C(64) << 10) /* mapped below the arguments */
#define SECURE_STACK  (UINT64_C(8) << 20)  /* RLIMIT_STACK with AT_SECURE */

struct exec {
	char *path;		/* as given */
	struct strings strings; /* arguments, environment, path */
	unsigned argc, envc;
	struct script script;
	struct elf_image program, interp;
	struct exec_rights rights;
	struct space *space;   /* the new one */
	struct fdtable *files; /* a copy of a shared table, or NULL */
	uint64_t program_bias, interp_bias;
	uaddr_t sp;
};

static struct exec *
exec_alloc(void)
{
	struct exec *e = kzalloc(sizeof(*e));

	if (e != NULL)
		strings_init(&e->strings);
	return e;
}

static void
exec_free(struct exec *e)
{
	strings_free(&e->strings);
	script_free(&e->script);
	if (e->program.file != NULL)
		file_put(e->program.file);
	if (e->interp.file != NULL)
		file_put(e->interp.file);
	if (e->space != NULL)
		space_put(e->space);
	if (e->files != NULL)
		fdtable_put(e->files);
	kfree(e->path);
	kfree(e);
}

/* ---- finding the program ---- */

/* Open and parse the dynamic linker that the program's PT_INTERP names. */
static int
open_interp(struct exec *e)
{
	struct elf_image *img = &e->program;
	char *buf = kmalloc(ELF_HEAD);
	ssize_t n;
	int err = -ENOMEM;

	if (buf == NULL)
		return err;
	n = file_read_at(img->file, buf, img->interp_size, img->interp_offset);
	err = n < 0 ? (int)n : -ENOEXEC;
	if (n != (ssize_t)img->interp_size || buf[n - 1] != '\0')
		goto out;
	err = vfs_exec_open(buf, &e->interp.file);
	if (err != 0)
		goto out;
	n = file_read_at(e->interp.file, buf, ELF_HEAD, 0);
	err = n < 0 ? (int)n : elf_parse(&e->interp, buf, (size_t)n);
	if (err == 0 && (!e->interp.movable || e->interp.interp_size != 0))
		err = -ENOEXEC;
out:
	kfree(buf);
	return err;
}

/* Open e->path or, if that is a script, the interpreter that it names. */
static int
open_program(struct exec *e)
{
	const char *path = e->path;
	char head[ELF_HEAD];
	ssize_t n;
	int err;

	for (unsigned depth = 0;; depth++) {
		err = vfs_exec_open(path, &e->program.file);
		if (err != 0)
			return err;
		if (depth > EXEC_SCRIPTS)
			return -ELOOP;
		n = file_read_at(e->program.file, head, sizeof(head), 0);
		if (n < 0)
			return (int)n;
		if (n < 2 || head[0] != '#' || head[1] != '!')
			break;
		err = script_add(&e->script, path, head, (size_t)n);
		if (err != 0)
			return err;
		file_put(e->program.file);
		e->program.file = NULL;
		path = e->script.word[0];
	}
	err = elf_parse(&e->program, head, (size_t)n);
	if (err == 0 && e->program.interp_size != 0)
		err = open_interp(e);
	return err;
}

/* ---- the new space ---- */

static const struct fork_strategy *
choose_strategy(struct process *p)
{
	const struct fork_strategy *next;

	/* Another thread of the process may write to /proc/PID/fork_strategy. */
	spin_lock(&proc_lock);
	next = p->exec_strategy;
	spin_unlock(&proc_lock);
	if (next == NULL && p->space != NULL)
		next = p->space->strategy;
	return next;
}

static int
map_images(struct exec *e)
{
	struct elf_image *prog = &e->program, *ld = &e->interp;
	int err;

	e->program_bias = prog->movable ? PIE_BASE - prog->low : 0;
	err = elf_map(prog, e->space, e->program_bias);
	if (err != 0 || ld->file == NULL)
		return err;
	e->interp_bias = e->space->mmap_top - (ld->high - ld->low) - ld->low;
	return elf_map(ld, e->space, e->interp_bias);
}

/* Map the new program's stack and write its initial contents; sets e->sp. */
static int
build_stack(struct exec *e)
{
	struct elf_image *prog = &e->program, *ld = &e->interp;
	struct stack_plan plan = {
		.strings = &e->strings,
		.argc = e->argc,
		.envc = e->envc,
		.script = &e->script,
		.rights = &e->rights,
		.headers = prog->headers != 0 ? prog->headers + e->program_bias
					      : 0,
		.header_count = prog->header_count,
		.entry = prog->entry + e->program_bias,
		.interp_base = ld->file != NULL ? ld->low + e->interp_bias : 0,
	};
	uint64_t limit = current_memory_limit(LIMIT_STACK), size;
	int64_t at;
	int err;

	err = stack_layout(&plan, limit);
	if (err != 0)
		return err;
	size = PAGE_UP(PROGRAM_STACK_TOP - plan.sp) + STACK_INITIAL;
	size = MIN(size,
		   MAX(PAGE_DOWN(limit), PAGE_UP(PROGRAM_STACK_TOP - plan.sp)));
	at = space_map(e->space, PROGRAM_STACK_TOP - size, size,
		       VM_READ | VM_WRITE | VM_MAYWRITE | VM_GROWSDOWN |
			       VM_STACK,
		       MAP_NOREPLACE, NULL, 0);
	if (at < 0)
		return at == -ENOMEM ? -ENOMEM : -ENOEXEC;
	err = stack_store(&plan, e->space);
	e->sp = plan.sp;
	return err;
}

/* Bytes reserved for a stack of at most `limit` bytes and the gap below it. */
static uint64_t
stack_room(uint64_t limit)
{
	uint64_t room = PAGE_UP(MIN(limit, STACK_ROOM_MOST)) + STACK_TOP -
			PROGRAM_STACK_TOP + STACK_GAP_PAGES * PAGE_SIZE;

	return MAX(room, STACK_ROOM_LEAST);
}

static int
build_space(struct exec *e)
{
	struct process *p = process_current();
	struct space *s = space_create(choose_strategy(p));
	uint64_t limit = current_memory_limit(LIMIT_STACK);
	int err;

	if (s == NULL)
		return -ENOMEM;
	e->space = s;
	s->dumpable = e->rights.dumpable;
	if (e->rights.secure)
		limit = MIN(limit, SECURE_STACK);
	s->stack_top = PROGRAM_STACK_TOP;
	s->mmap_top = STACK_TOP - stack_room(limit);
	err = map_images(e);
	if (err == 0)
		err = sigpage_map(s);
	if (err == 0)
		err = build_stack(e);
	s->brk_start = s->brk = e->program.high + e->program_bias;
	return err;
}

/*
 * Compute the credentials that the program will have.  For a set-ID program,
 * end the other threads first: see rights_alone().
 */
static int
find_rights(struct exec *e)
{
	int err = 0;

	if (rights_alone(e->program.file))
		err = process_end_others();
	if (err == 0)
		rights_find(&e->rights, e->program.file, e->interp.file);
	return err;
}

/* ---- the point of no return ---- */

/*
 * Copy a shared file table: close-on-exec must not close descriptors of another
 * process.
 */
static int
copy_files(struct exec *e)
{
	struct fdtable *t = process_current()->files;

	if (t->refs == 1)
		return 0;
	e->files = fdtable_clone(t);
	return e->files == NULL ? -ENOMEM : 0;
}

/*
 * Install the new ids.  With AT_SECURE, also reset the settings that a user
 * without these ids must not choose for the program.  Under proc_lock, so that
 * no other thread sees the new ids with the old program.
 */
static void
take_rights(struct exec *e)
{
	struct rlimit *stack = &process_current()->limits[RLIMIT_STACK];
	struct thread *t = thread_current();

	requires_lock(&proc_lock);
	t->cred = e->rights.cred;
	t->cred.keep_caps = false;
	if (e->rights.secure) {
		process_current()->death_signal = 0;
		stack->cur = MIN(stack->cur, SECURE_STACK);
		t->fail_nth = 0;
	}
}

/*
 * Install the new space, files and ids in one critical section, and drop the
 * old ones.  An old file table stays in e->files, for exec_free().
 */
static void
swap_space(struct exec *e)
{
	struct process *p = process_current();
	struct space *old = p->space;
	struct file *old_exe = p->exe;
	struct fdtable *old_files = p->files;

	spin_lock(&proc_lock);
	if (e->files != NULL) {
		p->files = e->files;
		e->files = old_files;
	}
	take_rights(e);
	p->image = process_new_image();
	memset(p->calls_named, 0, sizeof(p->calls_named));
	p->space = e->space;
	p->exe = e->program.file;
	p->exec_strategy = NULL;
	p->did_exec = true;
	p->exit_signal = SIGCHLD;
	spin_unlock(&proc_lock);
	thread_set_space(thread_current(), e->space);
	space_switch(e->space);
	e->space = NULL;
	e->program.file = NULL;
	if (old != NULL)
		space_put(old);
	if (old_exe != NULL)
		file_put(old_exe);
	process_vfork_done(p);
}

static void
reset_task(struct exec *e)
{
	struct task *t = task_current();
	const char *slash = strrchr(e->path, '/');
	struct trapframe *tf = thread_trapframe(&t->thread);
	uaddr_t entry = e->interp.file != NULL
				? e->interp.entry + e->interp_bias
				: e->program.entry + e->program_bias;

	(void)str_copy(t->thread.name, slash != NULL ? slash + 1 : e->path,
		       sizeof(t->thread.name));
	signal_drop_altstack(t);
	t->sleep_again = false;
	memset(&t->thread.fp, 0, sizeof(t->thread.fp));
	trapframe_init_user(tf, entry, e->sp);
	fp_changed(&t->thread);
}

static int
exec_run(struct exec *e)
{
	struct process *p = process_current();
	int err = cred_check_nproc();

	if (err == 0)
		err = open_program(e);
	if (err == 0)
		err = find_rights(e);
	if (err == 0)
		err = build_space(e);
	if (err == 0)
		err = copy_files(e);
	if (err == 0)
		err = process_end_others();
	if (err != 0)
		return err;
	task_leave_memory(task_current());
	swap_space(e);
	reset_task(e);
	fdtable_close_on_exec(p->files);
	signal_reset_caught(p);
	return 0;
}

/* ---- entrances ---- */

/* After the arguments, store the path; then run the program. */
static int
exec_finish(struct exec *e)
{
	int err = strings_add(&e->strings, e->path);

	return err != 0 ? err : exec_run(e);
}

/*
 * Copy the path, arguments and environment from user memory.  An empty argument
 * list becomes one empty string.
 */
static int
copy_user(struct exec *e, uaddr_t path, uaddr_t argv, uaddr_t envp)
{
	ssize_t n;
	int err;

	e->path = kmalloc(PATH_MAX);
	if (e->path == NULL)
		return -ENOMEM;
	n = copy_string_from_user(e->path, path, PATH_MAX);
	if (n < 0)
		return (int)n;
	err = strings_add_user_array(&e->strings, argv);
	if (err == 0 && e->strings.count == 0)
		err = strings_add(&e->strings, "");
	if (err != 0)
		return err;
	e->argc = e->strings.count;
	err = strings_add_user_array(&e->strings, envp);
	e->envc = e->strings.count - e->argc;
	return err;
}

int
exec_user(uaddr_t path, uaddr_t argv, uaddr_t envp)
{
	struct exec *e = exec_alloc();
	int err;

	if (e == NULL)
		return -ENOMEM;
	err = copy_user(e, path, argv, envp);
	if (err == 0)
		err = exec_finish(e);
	exec_free(e);
	return err;
}

int
exec_kernel(const char *path, char *const argv[], char *const envp[])
{
	struct exec *e = exec_alloc();
	int err = -ENOMEM;

	if (e == NULL)
		return -ENOMEM;
	e->path = kstrndup(path, PATH_MAX - 1);
	if (e->path == NULL)
		goto out;
	err = strings_add_array(&e->strings, argv);
	e->argc = e->strings.count;
	if (err == 0)
		err = strings_add_array(&e->strings, envp);
	e->envc = e->strings.count - e->argc;
	if (err == 0)
		err = exec_finish(e);
out:
	exec_free(e);
	return err;
}

void
exec_enter(struct task *t)
{
	struct trapframe *tf = thread_trapframe(&t->thread);

	process_return_to_user(tf);
	enter_user(tf);
}
