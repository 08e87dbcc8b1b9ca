/* SPDX-License-Identifier: MIT */
/*
 * tests/user/matrix/matrix_state.c - the files that root makes for the callers,
 * and how it tells what became of them; see matrix.h.
 *
 * put(), give() and old_times() bring a file into a known state; look() before
 * a call and tell_change() after it give the difference for the line.
 */
#include "matrix.h"

#include <sys/sysmacros.h>

void
clear(const char *path)
{
	if (unlink(path) != 0 && errno != ENOENT)
		must(rmdir(path) == 0, path);
}

void
put(const char *path, unsigned kind)
{
	int fd;

	switch (kind) {
	case K_REG:
		fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
		must(fd >= 0 && write(fd, "12345678", 8) == 8, path);
		close(fd);
		return;
	case K_DIR:
		must(mkdir(path, 0700) == 0, path);
		return;
	case K_FIFO:
		must(mkfifo(path, 0600) == 0, path);
		return;
	case K_NULL:
		must(mknod(path, S_IFCHR | 0600, makedev(1, 3)) == 0, path);
		return;
	case K_LINK:
		must(symlink("r", path) == 0, path);
		return;
	case K_RUNNING:
		must(link("running", path) == 0, path);
		return;
	default:
		must(link("program", path) == 0, path);
	}
}

void
old_times(const char *path)
{
	struct timespec ts[2] = { { TIME_OLD, 0 }, { TIME_OLD, 0 } };

	must(utimensat(AT_FDCWD, path, ts, AT_SYMLINK_NOFOLLOW) == 0, path);
}

void
give(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	must(lchown(path, uid, gid) == 0, path);
	must(chmod(path, mode) == 0, path);
}

struct look
look(const char *path)
{
	struct look l;

	l.there = lstat(path, &l.st) == 0;
	return l;
}

static char
time_letter(time_t t)
{
	return t == TIME_OLD ? '-' : t == TIME_CHOSEN ? 'c' : 'n';
}

bool
tell_change(const char *name, const struct look *was, bool times)
{
	struct look is = look(name);
	bool changed = true;
	size_t used = strlen(job->more);
	char *at = job->more + used;
	size_t room = sizeof(job->more) - used;

	if (was->there && !is.there) {
		snprintf(at, room, ",%s-", name);
	} else if (is.there &&
		   (!was->there || is.st.st_mode != was->st.st_mode ||
		    is.st.st_uid != was->st.st_uid ||
		    is.st.st_gid != was->st.st_gid ||
		    is.st.st_ino != was->st.st_ino ||
		    (S_ISREG(is.st.st_mode) &&
		     is.st.st_size != was->st.st_size))) {
		snprintf(at, room, ",%s:%o.%u.%u", name, is.st.st_mode,
			 is.st.st_uid, is.st.st_gid);
		used = strlen(job->more);
		if (S_ISREG(is.st.st_mode) && is.st.st_size < 4096)
			snprintf(job->more + used, sizeof(job->more) - used,
				 ".%ld", (long)is.st.st_size);
	} else {
		changed = false;
	}
	if (times && is.there) {
		used = strlen(job->more);
		snprintf(job->more + used, sizeof(job->more) - used, ",%c%c",
			 time_letter(is.st.st_atime),
			 time_letter(is.st.st_mtime));
	}
	return changed || times;
}

void
line_answer(void)
{
	char text[ANSWER_MAX + 32];

	snprintf(text, sizeof(text), "%s%s", answer(job->result), job->more);
	line_add(text);
}

void
copy_self(const char *to)
{
	char buf[16384];
	int in = open("/proc/self/exe", O_RDONLY);
	int out = open(to, O_CREAT | O_EXCL | O_WRONLY, 0755);
	ssize_t n;

	must(in >= 0 && out >= 0, to);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		must(write(out, buf, (size_t)n) == n, to);
	close(in);
	close(out);
}
