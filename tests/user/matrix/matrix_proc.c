/* SPDX-License-Identifier: MIT */
/*
 * tests/user/matrix/matrix_proc.c - what one process may do to another, and to
 * the system; see matrix.h.
 *
 * matrix_processes() starts a target for each set of ids and each kind of
 * process, and asks as each party.  matrix_system() makes calls that only root
 * may make, with arguments that change nothing.
 */
#include "matrix.h"

#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

/* A process with these user ids (real, effective, saved) and group. */
struct party {
	const char *name;
	uid_t uid[3];
	gid_t gid;
};

static const struct party parties[] = {
	{ "root", { 0, 0, 0 }, 0 },
	{ "a", { 1001, 1001, 1001 }, 2001 },
	{ "a-of-group-2", { 1001, 1001, 1001 }, 2002 },
	{ "b", { 1002, 1002, 1002 }, 2001 },
	{ "a-saved-root", { 1001, 1001, 0 }, 2001 },
	{ "a-saved-b", { 1001, 1001, 1002 }, 2001 },
	{ "a-acts-as-b", { 1001, 1002, 1002 }, 2001 },
	{ "b-acts-as-a", { 1002, 1001, 1002 }, 2001 },
	{ "root-acts-as-a", { 0, 1001, 0 }, 2001 },
	{ "c-saved-a", { 1003, 1003, 1001 }, 2001 },
};

/* After a change of ids a target is hidden; some make themselves visible. */
enum { HIDDEN, VISIBLE, TARGET_KINDS };
static const char *const target_kinds[] = { "hidden", "visible" };

struct target {
	pid_t pid;
	const struct party *as;
	int kind;
};

#define PARTIES ARRAY_LEN(parties)
#define TARGETS (PARTIES * TARGET_KINDS)

static struct target targets[TARGETS];
static long secret = 4711; /* at the same address in each of them */

/* ---- the calls ---- */

static long
queue(pid_t pid, int code)
{
	siginfo_t info = { .si_code = code };

	return syscall(SYS_rt_sigqueueinfo, pid, SIGURG, &info);
}

static long
limit(pid_t pid, bool set, long more)
{
	static struct rlimit at;
	struct rlimit to = { 100, 1000 };

	to.rlim_max += (rlim_t)more;
	return prlimit(pid, RLIMIT_NOFILE, set ? &to : NULL, set ? NULL : &at);
}

static long
read_memory(pid_t pid)
{
	long got = 0;
	struct iovec to = { &got, sizeof(got) },
		     from = { &secret, sizeof(got) };
	long n = process_vm_readv(pid, &to, 1, &from, 1, 0);

	return n < 0 ? n : got;
}

static long
write_memory(pid_t pid)
{
	long put = 4711;
	struct iovec from = { &put, sizeof(put) },
		     to = { &secret, sizeof(put) };

	return process_vm_writev(pid, &from, 1, &to, 1, 0);
}

static const char *
proc_path(pid_t pid, const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	return path;
}

/* 0: the file opens; a read that fails gives its error. */
static long
proc_open(pid_t pid, const char *name, int flags)
{
	char buf[256];
	int fd = open(proc_path(pid, name), flags | O_NONBLOCK);
	long n;

	if (fd < 0)
		return fd;
	n = (flags & O_ACCMODE) == O_WRONLY ? 0 : read(fd, buf, sizeof(buf));
	close(fd);
	return n < 0 ? n : 0;
}

static long
proc_memory(pid_t pid)
{
	int fd = open(proc_path(pid, "mem"), O_RDWR);
	long got = 0, n;

	if (fd < 0)
		return fd;
	n = pread(fd, &got, sizeof(got), (off_t)(uintptr_t)&secret);
	close(fd);
	return n < 0 ? n : got;
}

static long
proc_list(pid_t pid, const char *name)
{
	char buf[512];
	int fd = open(proc_path(pid, name), O_RDONLY | O_DIRECTORY);
	long n;

	if (fd < 0)
		return fd;
	n = syscall(SYS_getdents64, fd, buf, sizeof(buf));
	close(fd);
	return n < 0 ? n : 0;
}

static long
proc_link(pid_t pid, const char *name)
{
	char buf[256];

	return readlink(proc_path(pid, name), buf, sizeof(buf)) < 0 ? -1 : 0;
}

static long
proc_stat(pid_t pid, const char *name)
{
	struct stat st;

	if (stat(proc_path(pid, name), &st) != 0)
		return -1;
	return (long)st.st_uid * 10000 + (long)st.st_gid;
}

#define PROC_CALLS(CALL)                                               \
	CALL(kill_0, kill(pid, 0))                                     \
	CALL(kill_urg, kill(pid, SIGURG))                              \
	CALL(kill_cont, kill(pid, SIGCONT))                            \
	CALL(kill_group, kill(-pid, SIGURG))                           \
	CALL(kill_bad, kill(pid, 65))                                  \
	CALL(tkill, syscall(SYS_tkill, pid, SIGURG))                   \
	CALL(tgkill, syscall(SYS_tgkill, pid, pid, SIGURG))            \
	CALL(tgkill_cont, syscall(SYS_tgkill, pid, pid, SIGCONT))      \
	CALL(queue, queue(pid, SI_QUEUE))                              \
	CALL(queue_as_kernel, queue(pid, SI_USER))                     \
	CALL(queue_as_kill, queue(pid, SI_TKILL))                      \
	CALL(nice, setpriority(PRIO_PROCESS, (id_t)pid, 0))            \
	CALL(nicer, setpriority(PRIO_PROCESS, (id_t)pid, -1))          \
	CALL(getpriority, syscall(SYS_getpriority, PRIO_PROCESS, pid)) \
	CALL(getaffinity, getaffinity(pid))                            \
	CALL(getpgid, getpgid(pid) == pid ? 0 : -1)                    \
	CALL(getsid, getsid(pid) > 0 ? 0 : -1)                         \
	CALL(setpgid, setpgid(pid, 0))                                 \
	CALL(limit_get, limit(pid, false, 0))                          \
	CALL(limit_set, limit(pid, true, 0))                           \
	CALL(limit_raise, limit(pid, true, 1))                         \
	CALL(vm_read, read_memory(pid))                                \
	CALL(vm_write, write_memory(pid))                              \
	CALL(mem, proc_memory(pid))                                    \
	CALL(maps, proc_open(pid, "maps", O_RDONLY))                   \
	CALL(smaps, proc_open(pid, "smaps", O_RDONLY))                 \
	CALL(pagemap, proc_open(pid, "pagemap", O_RDONLY))             \
	CALL(environ, proc_open(pid, "environ", O_RDONLY))             \
	CALL(stat, proc_open(pid, "stat", O_RDONLY))                   \
	CALL(status, proc_open(pid, "status", O_RDONLY))               \
	CALL(statm, proc_open(pid, "statm", O_RDONLY))                 \
	CALL(comm, proc_open(pid, "comm", O_RDONLY))                   \
	CALL(cmdline, proc_open(pid, "cmdline", O_RDONLY))             \
	CALL(cmdline_w, proc_open(pid, "cmdline", O_WRONLY))           \
	CALL(status_w, proc_open(pid, "status", O_WRONLY))             \
	CALL(list, proc_list(pid, ""))                                 \
	CALL(list_fd, proc_list(pid, "fd"))                            \
	CALL(exe, proc_link(pid, "exe"))                               \
	CALL(cwd, proc_link(pid, "cwd"))                               \
	CALL(fd_0, proc_link(pid, "fd/0"))                             \
	CALL(fd_none, proc_link(pid, "fd/77"))                         \
	CALL(through_exe, access(proc_path(pid, "exe"), F_OK))         \
	CALL(through_cwd, access(proc_path(pid, "cwd/"), F_OK))        \
	CALL(through_fd, proc_open(pid, "fd/0", O_RDONLY))             \
	CALL(through_fd_w, proc_open(pid, "fd/1", O_WRONLY))           \
	CALL(owner, proc_stat(pid, ""))                                \
	CALL(owner_mem, proc_stat(pid, "mem"))                         \
	CALL(owner_status, proc_stat(pid, "status"))                   \
	CALL(robust, robust(pid))

static long
getaffinity(pid_t pid)
{
	unsigned long mask[16];

	return syscall(SYS_sched_getaffinity, pid, sizeof(mask), mask) < 0 ? -1
									   : 0;
}

static long
robust(pid_t pid)
{
	void *head;
	size_t len;

	return syscall(SYS_get_robust_list, pid, &head, &len);
}

#define CALL(name, call)                        \
	static long proc_call_##name(pid_t pid) \
	{                                       \
		return RESULT(call);            \
	}
PROC_CALLS(CALL)
#undef CALL
#define CALL(name, call) { #name, proc_call_##name },
static const struct {
	const char *name;
	long (*run)(pid_t pid);
} proc_calls[] = { PROC_CALLS(CALL) };
#undef CALL

/* ---- the processes ---- */

static void
become_party(const struct party *p)
{
	must(syscall(SYS_setgroups, 0, NULL) == 0 &&
		     syscall(SYS_setresgid, p->gid, p->gid, p->gid) == 0 &&
		     syscall(SYS_setresuid, p->uid[0], p->uid[1], p->uid[2]) ==
			     0,
	     p->name);
}

static void
target_start(struct target *t, const struct party *as, int kind)
{
	int ready[2];
	char byte;

	must(pipe2(ready, O_CLOEXEC) == 0, "pipe");
	t->as = as;
	t->kind = kind;
	t->pid = fork();
	must(t->pid >= 0, "fork");
	if (t->pid == 0) {
		struct rlimit r = { 100, 1000 };
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		setpgid(0, 0);
		setrlimit(RLIMIT_NOFILE, &r);
		signal(SIGURG, SIG_IGN);
		prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
		become_party(as);
		if (kind == VISIBLE)
			prctl(PR_SET_DUMPABLE, 1);
		close(ready[0]);
		write(ready[1], "", 1);
		for (;;)
			pause();
	}
	close(ready[1]);
	must(read(ready[0], &byte, 1) == 1, "a target");
	close(ready[0]);
}

/* The answers of one party to all calls on all targets, in shared memory. */
typedef long answers[ARRAY_LEN(proc_calls)][TARGETS][PARTIES];

static void
ask_as(unsigned party, answers *at)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) {
		setpgid(0, 0);
		become_party(&parties[party]);
		for (unsigned c = 0; c < ARRAY_LEN(proc_calls); c++) {
			for (unsigned t = 0; t < TARGETS; t++)
				(*at)[c][t][party] =
					proc_calls[c].run(targets[t].pid);
		}
		_exit(0);
	}
	must(waitpid(pid, &status, 0) == pid && status == 0, "a caller");
}

/* Does Linux's answer to root depend on a power that this root may lack? */
static bool
known(const char *call, unsigned party)
{
	bool trace = root_may(CAP_SYS_PTRACE) && root_may(CAP_SYS_ADMIN);

	if (parties[party].uid[1] != 0)
		return true;
	/* Such a file cannot be written: Tine says so at open, Linux later. */
	if (strcmp(call, "cmdline_w") == 0 || strcmp(call, "status_w") == 0)
		return false;
	if (strcmp(call, "nicer") == 0)
		return root_may(CAP_SYS_NICE);
	if (strncmp(call, "limit", 5) == 0)
		return root_may(CAP_SYS_RESOURCE);
	return trace;
}

static void
print_answers(answers *at)
{
	for (unsigned c = 0; c < ARRAY_LEN(proc_calls); c++) {
		for (unsigned t = 0; t < TARGETS; t++) {
			line_begin("process %s %s %s", proc_calls[c].name,
				   targets[t].as->name,
				   target_kinds[targets[t].kind]);
			for (unsigned p = 0; p < PARTIES; p++)
				line_add(known(proc_calls[c].name, p)
						 ? answer((*at)[c][t][p])
						 : UNKNOWN);
			line_end();
		}
	}
}

void
matrix_processes(void)
{
	answers *at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(at != MAP_FAILED, "mmap");
	fflush(stdout);
	for (unsigned t = 0; t < TARGETS; t++)
		target_start(&targets[t], &parties[t / TARGET_KINDS],
			     (int)(t % TARGET_KINDS));
	for (unsigned p = 0; p < PARTIES; p++)
		ask_as(p, at);
	print_answers(at);
	for (unsigned t = 0; t < TARGETS; t++) {
		kill(targets[t].pid, SIGKILL);
		waitpid(targets[t].pid, NULL, 0);
	}
}

/* ---- the system ---- */

/* None of these calls changes a system, even where root may make it. */
#define SYSTEM_CALLS(CALL)                                                    \
	CALL(hostname, CAP_SYS_ADMIN, syscall(SYS_sethostname, "x", 1000))    \
	CALL(clock, CAP_SYS_TIME,                                             \
	     syscall(SYS_clock_settime, CLOCK_REALTIME, set_no_time()))       \
	CALL(time_of_day, CAP_SYS_TIME,                                       \
	     syscall(SYS_settimeofday, NULL, no_zone()))                      \
	CALL(clock_monotonic, CAP_SYS_TIME,                                   \
	     syscall(SYS_clock_settime, CLOCK_MONOTONIC, &now))               \
	CALL(reboot_magic, CAP_SYS_BOOT,                                      \
	     syscall(SYS_reboot, 1, 2, RB_AUTOBOOT, NULL))                    \
	CALL(reboot_command, CAP_SYS_BOOT,                                    \
	     syscall(SYS_reboot, 0xfee1dead, 672274793, 77, NULL))            \
	CALL(mount, CAP_SYS_ADMIN,                                            \
	     mount("none", "/", "no-such-type", 0, NULL))                     \
	CALL(umount, CAP_SYS_ADMIN, umount2("/dev/null", 0))                  \
	CALL(groups_many, CAP_SETGID, syscall(SYS_setgroups, 70000, no_gids)) \
	CALL(groups_none, CAP_SETGID, syscall(SYS_setgroups, 0, NULL))        \
	CALL(nicer_self, CAP_SYS_NICE, setpriority(PRIO_PROCESS, 0, -3))      \
	CALL(nice_self, CAP_SYS_NICE, setpriority(PRIO_PROCESS, 0, 0))        \
	CALL(limit_raise_self, CAP_SYS_RESOURCE, raise_limit(10))             \
	CALL(limit_soft_self, CAP_SYS_RESOURCE, raise_limit(0))               \
	CALL(limit_lower_self, CAP_SYS_RESOURCE, raise_limit(-10))            \
	CALL(sys_overcommit, 0, open_only("/proc/sys/vm/overcommit_memory"))  \
	CALL(kernel_stat, 0, open_only("/proc/stat"))

static struct timespec now;
static gid_t no_gids[2];

/* Root does not try it: the call would be allowed. */
static void *
set_no_time(void)
{
	if (geteuid() == 0)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	return &now;
}

static void *
no_zone(void)
{
	static struct timezone zone;

	return geteuid() == 0 ? NULL : &zone;
}

static long
raise_limit(long more)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_max += (rlim_t)more;
	r.rlim_cur = r.rlim_max < 100 ? r.rlim_max : 100;
	return setrlimit(RLIMIT_NOFILE, &r);
}

static long
open_only(const char *path)
{
	int fd;

	if (geteuid() == 0)
		return 0;
	fd = open(path, O_WRONLY);
	return fd < 0 ? -1 : close(fd);
}

#define CALL(name, power, call)                                  \
	static long system_child_##name(struct job *j)           \
	{                                                        \
		return RESULT(call);                             \
	}                                                        \
	static long system_##name(struct job *j)                 \
	{                                                        \
		return RESULT(in_child(system_child_##name, j)); \
	}
SYSTEM_CALLS(CALL)
#undef CALL
#define CALL(name, power, call) { #name, power, system_##name },
static const struct {
	const char *name;
	int power;
	long (*run)(struct job *j);
} system_calls[] = { SYSTEM_CALLS(CALL) };
#undef CALL

void
matrix_system(void)
{
	for (unsigned c = 0; c < ARRAY_LEN(system_calls); c++) {
		line_begin("system %s", system_calls[c].name);
		for (int who = 0; who < IDENTITIES; who++) {
			call_as(who, system_calls[c].run);
			line_add(who == ROOT && !root_may(system_calls[c].power)
					 ? UNKNOWN
					 : answer(job->result));
		}
		line_end();
	}
}
