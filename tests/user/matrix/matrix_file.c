/* SPDX-License-Identifier: MIT */
/*
 * tests/user/matrix/matrix_file.c - calls on what is at a path (OBJECT in
 * matrix.def); see matrix.h.
 *
 * matrix_objects() makes each kind of file with each mode, lets every identity
 * make the call, and prints what the call gave and what became of the file.  It
 * makes the file again only after a call that changed it.
 */
#include "matrix.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

static const char *const kind_names[] = { "file",   "dir",     "fifo",	 "link",
					  "device", "running", "program" };

/* ---- what the calls are made of ---- */

static long
open_only(struct job *j, int flags)
{
	int fd = open(j->path, flags | O_NONBLOCK, 0600);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* EBADF is not told: the call was made without an open file. */
static void
tell(struct job *j, const char *what, long result)
{
	size_t used = strlen(j->more);

	if (result != -EBADF)
		snprintf(j->more + used, sizeof(j->more) - used, ",%s=%s", what,
			 answer(result));
}

/* What a descriptor opened with O_PATH can do. */
static long
open_path(struct job *j, int flags)
{
	int fd = open(j->path, O_PATH | flags), got;
	char byte;
	struct stat st;

	if (fd < 0)
		return fd;
	tell(j, "read", RESULT(read(fd, &byte, 1)));
	tell(j, "write", RESULT(write(fd, "x", 1)));
	tell(j, "mode", RESULT(fchmod(fd, 0777)));
	tell(j, "own", RESULT(fchown(fd, -1, -1)));
	tell(j, "sync", RESULT(fsync(fd)));
	tell(j, "setfl", RESULT(fcntl(fd, F_SETFL, O_APPEND)));
	tell(j, "list", RESULT(syscall(SYS_getdents64, fd, j->more, 0)));
	tell(j, "stat", RESULT(fstat(fd, &st)));
	got = openat(fd, ".", O_RDONLY);
	tell(j, "at", got < 0 ? -errno : 0);
	close(got);
	close(fd);
	return 0;
}

/* Opens the open file once more, by its name in /proc. */
static long
open_again(struct job *j, int flags)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", j->fd);
	fd = open(path, flags | O_NONBLOCK);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static const char *
inside(struct job *j, const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/%s", j->path, name);
	return path;
}

static long
open_in(struct job *j)
{
	int fd = open(inside(j, "new"), O_CREAT | O_WRONLY, 0600);

	if (fd < 0)
		return fd;
	close(fd);
	return unlink(inside(j, "new"));
}

static long
lookup_in(struct job *j)
{
	return access(inside(j, "none"), F_OK);
}

static long
access_at(struct job *j, int mode, int flags)
{
	return syscall(439, AT_FDCWD, j->path, mode, flags);
}

static long
and_back(long result)
{
	int err = errno;

	must(fchdir(scratch_fd) == 0, "fchdir");
	errno = err;
	return result;
}

/*
 * chroot, and its undoing: from a working directory outside, ".."  leads out.
 */
static long
chroot_and_back(struct job *j)
{
	long result = chroot(j->path);

	if (result != 0)
		return result;
	for (unsigned i = 0; i < 64; i++)
		must(chdir("..") == 0, "..");
	must(chroot(".") == 0, "chroot");
	return and_back(result);
}

static long
times_at(struct job *j, long first, long second)
{
	struct timespec ts[2] = { { TIME_CHOSEN, first },
				  { TIME_CHOSEN, second } };

	return utimensat(AT_FDCWD, j->path, ts, 0);
}

static long
map(struct job *j, int prot)
{
	void *at = mmap(NULL, 4096, prot, MAP_SHARED, j->fd, 0);

	if (at == MAP_FAILED)
		return -1;
	munmap(at, 4096);
	return 0;
}

/* A child runs the program: what it says of its ids, or why exec failed. */
static long
exec_there(struct job *j)
{
	char *args[] = { "matrix", "-e", NULL }, *env[] = { NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execve(j->path, args, env);
		_exit(64 + errno);
	}
	must(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
	if (!WIFEXITED(status))
		return 63;
	status = WEXITSTATUS(status);
	errno = status - 64;
	return status > 64 ? -1 : status;
}

/* ---- objects ---- */

struct object_call {
	const char *name;
	unsigned kinds, how;
	long (*run)(struct job *j);
};

#define OBJECT(name, kinds, how, call)           \
	static long object_##name(struct job *j) \
	{                                        \
		return RESULT(call);             \
	}
#include "matrix.def"
#undef OBJECT
#define OBJECT(name, kinds, how, call) { #name, kinds, how, object_##name },
static const struct object_call object_calls[] = {
#include "matrix.def"
};
#undef OBJECT

static const mode_t object_modes[] = { 0000,  0400,  0200,  0100,  0040, 0020,
				       0010,  0004,  0002,  0001,  0750, 0777,
				       04755, 02755, 06777, 02745, 01777 };
static const mode_t few_modes[] = { 0000, 0640, 06777 };

static long
job_run(struct job *j)
{
	return object_calls[j->flags].run(j);
}

static long
job_open(struct job *j)
{
	int how = O_NONBLOCK | O_CLOEXEC;

	j->fd = open(j->path, how | O_RDWR);
	if (j->fd < 0)
		j->fd = open(j->path, how | O_RDONLY);
	return 0;
}

static long
job_close(struct job *j)
{
	close(j->fd);
	return 0;
}

/* The path that carries owner and mode. */
static const char *
real_path(unsigned kind)
{
	return kind == K_LINK ? "r" : "t";
}

void (*object_begin)(void), (*object_end)(void); /* around object_make() */

/* Make the object; with a descriptor of it in the caller's table if wanted. */
static void
object_make(const struct object_call *c, unsigned kind, mode_t mode, int who)
{
	const char *real = real_path(kind);

	if (object_begin != NULL)
		object_begin();
	clear("t");
	clear("r");
	put("t", kind);
	if (kind == K_LINK) {
		put("r", K_REG);
		must(lchown("t", OWNER_UID, FILE_GID) == 0, "t");
	}
	if (c->how & PREPARED) {
		must(chmod(real, 0777) == 0, real);
		call_as(who, job_open);
		must(job->fd >= 0, c->name);
	}
	give(real, OWNER_UID, FILE_GID, mode);
	if (c->how & TIMES) {
		old_times("t");
		if (kind == K_LINK)
			old_times("r");
	}
	if (object_end != NULL)
		object_end();
}

static void
object_line(const char *title, unsigned index, unsigned kind_bit, mode_t mode)
{
	const struct object_call *c = &object_calls[index];
	unsigned kind = 1u << kind_bit;
	struct look was_t, was_r;
	bool made = false;

	line_begin("%s %s %s %04o", title, c->name, kind_names[kind_bit], mode);
	for (int who = 0; who < IDENTITIES; who++) {
		job->path = "t";
		job->flags = (int)index;
		if (!made || (c->how & PREPARED)) {
			object_make(c, kind, mode, who);
			was_t = look("t");
			was_r = look("r");
		}
		call_as(who, job_run);
		/* A link's own times change when it is followed. */
		made = !tell_change("t", &was_t,
				    kind != K_LINK && (c->how & TIMES) != 0);
		if (kind == K_LINK &&
		    tell_change("r", &was_r, (c->how & TIMES) != 0))
			made = false;
		line_answer();
		if (c->how & PREPARED)
			call_as(who, job_close);
	}
	line_end();
}

void
matrix_objects_mounted(const char *title)
{
	static const mode_t modes[] = { 0640, 06777 };

	for (unsigned i = 0; i < ARRAY_LEN(object_calls); i++) {
		for (unsigned k = 0; k < ARRAY_LEN(kind_names); k++) {
			if (!(object_calls[i].how & ON_RO) ||
			    !(object_calls[i].kinds & K_FS & 1u << k))
				continue;
			for (size_t m = 0; m < ARRAY_LEN(modes); m++)
				object_line(title, i, k, modes[m]);
		}
	}
	object_begin();
	clear("t");
	object_begin = object_end = NULL;
}

/* A process that runs "running" and waits. */
static pid_t
runner_start(void)
{
	int ends[2];
	char byte;
	pid_t pid;

	must(pipe2(ends, O_CLOEXEC) == 0, "pipe");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execl("running", "matrix", "-w", NULL);
		_exit(127);
	}
	/* The pipe closes when exec has happened. */
	close(ends[1]);
	must(read(ends[0], &byte, 1) == 0, "running");
	close(ends[0]);
	return pid;
}

void
matrix_objects(const char *title, bool few)
{
	const mode_t *modes = few ? few_modes : object_modes;
	size_t count = few ? ARRAY_LEN(few_modes) : ARRAY_LEN(object_modes);
	pid_t pid;

	copy_self("program");
	copy_self("running");
	pid = runner_start();
	for (unsigned i = 0; i < ARRAY_LEN(object_calls); i++) {
		for (unsigned k = 0; k < ARRAY_LEN(kind_names); k++) {
			if (!(object_calls[i].kinds & 1u << k))
				continue;
			for (size_t m = 0; m < count; m++)
				object_line(title, i, k, modes[m]);
		}
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	clear("t");
	clear("r");
	clear("program");
	clear("running");
}
