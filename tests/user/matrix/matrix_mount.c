/* SPDX-License-Identifier: MIT */
/*
 * tests/user/matrix/matrix_mount.c - calls on file systems that are mounted
 * read-only and the like, and on mount points; see matrix.h.
 *
 * mounts_begin() mounts a tmpfs before the callers start, so that all are
 * inside it.  matrix_mounts() remounts it with one flag at a time and runs the
 * calls of matrix_file.c.  Without the right to mount the lines say UNKNOWN or
 * are left out.
 */
#include "matrix.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

static bool can_mount, own_base;
static char place[300]; /* of the mount */
static unsigned long flags;

/* Mounts a new file system in a folder of that name, for all callers to use. */
static void
mount_fresh(const char *name)
{
	char path[300];

	must(getcwd(path, sizeof(path) - 16) != NULL, "getcwd");
	strcat(path, "/");
	strcat(path, name);
	must(mkdir(name, 0755) == 0, path);
	must(mount("none", path, "tmpfs", 0, "mode=0755") == 0, path);
	must(chmod(name, 0755) == 0, path);
}

/*
 * All calls run in a file system without flags, since /tmp may have some: a
 * tmpfs of our own or, with `there`, the file system of the current folder.  On
 * Linux it is mounted in a mount namespace of our own, and goes with that.
 */
void
mounts_begin(bool there)
{
	if (!root_may(CAP_SYS_ADMIN))
		return;
	if (unshare(CLONE_NEWNS) == 0)
		must(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0,
		     "a private mount");
	if (there)
		must(mkdir("base", 0755) == 0, "base");
	else
		mount_fresh("base");
	own_base = !there;
	must(chdir("base") == 0, "base");
	mount_fresh("m");
	must(getcwd(place, sizeof(place) - 2) != NULL && chmod("m", 0777) == 0,
	     "m");
	strcat(place, "/m");
	/* The old descriptor leads out of our own namespace. */
	close(scratch_fd);
	scratch_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	can_mount = true;
}

void
mounts_end(void)
{
	if (!can_mount)
		return;
	close(scratch_fd);
	must(umount2(place, 0) == 0 && rmdir("m") == 0, "m");
	must(chdir("..") == 0, "base");
	must(!own_base || umount2("base", MNT_DETACH) == 0 ||
		     umount2("base", 0) == 0,
	     "base");
	must(rmdir("base") == 0, "base");
}

static void
mount_plain(void)
{
	must(mount("none", place, NULL, MS_REMOUNT, NULL) == 0, "remount");
}

static void
mount_with_flags(void)
{
	must(mount("none", place, NULL, MS_REMOUNT | flags, NULL) == 0,
	     "remount");
}

static long
move_to(const char *path)
{
	close(scratch_fd);
	scratch_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fchdir(scratch_fd);
}

static long
go_in(struct job *j)
{
	return RESULT(move_to("m"));
}

static long
go_out(struct job *j)
{
	return RESULT(move_to(".."));
}

static void
all_move(long (*run)(struct job *j))
{
	for (int who = 0; who < IDENTITIES; who++)
		call_as(who, run);
	must(run(NULL) == 0, "moving");
}

#define BUSY(name, call)                       \
	static long busy_##name(struct job *j) \
	{                                      \
		return RESULT(call);           \
	}
#include "matrix.def"
#undef BUSY
#define BUSY(name, call) { #name, busy_##name },
static const struct {
	const char *name;
	long (*run)(struct job *j);
} busy_calls[] = {
#include "matrix.def"
};
#undef BUSY

/* Each call is refused, so the state stays. */
static void
busy_lines(void)
{
	int fd = -1;

	must(mkdir("e", 0777) == 0 && chmod(".", 0777) == 0, "e");
	if (can_mount)
		fd = open("m/w", O_CREAT | O_RDWR, 0666);
	for (unsigned c = 0; c < ARRAY_LEN(busy_calls); c++) {
		line_begin("busy %s", busy_calls[c].name);
		for (int who = 0; who < IDENTITIES; who++) {
			if (can_mount)
				call_as(who, busy_calls[c].run);
			line_add(can_mount ? answer(job->result) : UNKNOWN);
		}
		line_end();
	}
	must(rmdir("e") == 0 && chmod(".", 0755) == 0, "e");
	if (!can_mount)
		return;
	close(fd);
	must(unlink("m/w") == 0, "m/w");
}

void
matrix_mounts(void)
{
	static const struct {
		unsigned long flag;
		const char *name;
	} ways[] = { { MS_RDONLY, "read-only" },
		     { MS_NOEXEC, "noexec" },
		     { MS_NODEV, "nodev" },
		     { MS_NOSUID, "nosuid" } };

	busy_lines();
	if (!can_mount)
		return;
	all_move(go_in);
	copy_self("program");
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		flags = ways[i].flag;
		object_begin = mount_plain;
		object_end = mount_with_flags;
		matrix_objects_mounted(ways[i].name);
	}
	must(unlink("program") == 0, "program");
	all_move(go_out);
}
