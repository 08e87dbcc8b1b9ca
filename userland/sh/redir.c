/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/redir.c - redirections, and taking them back.
 *
 * A descriptor that a redirection replaces is first copied to a number above
 * 9 that programs do not inherit; redir_restore() puts the copies back in
 * reverse order.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sh.h"

#define FIRST_PRIVATE_FD 10

/* Move a descriptor out of the way of the script's; -1 if there is none. */
int
fd_move_high(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE_FD);

	if (high < 0)
		return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -1 : fd;
	close(fd);
	return high;
}

static int
save_fd(int fd, struct saved_fd **saved)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_PRIVATE_FD);
	struct saved_fd *s;

	if (copy < 0 && errno != EBADF) {
		error("cannot keep descriptor %d: %s", fd, strerror(errno));
		return -1;
	}
	s = xmalloc(sizeof(*s));
	*s = (struct saved_fd){ fd, copy, *saved };
	*saved = s;
	return 0;
}

void
redir_restore(struct saved_fd *saved)
{
	while (saved != NULL) {
		struct saved_fd *next = saved->next;

		if (saved->copy >= 0) {
			dup2(saved->copy, saved->fd);
			close(saved->copy);
		} else {
			close(saved->fd);
		}
		free(saved);
		saved = next;
	}
}

static int
write_all(int fd, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, s, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		s += done;
		n -= done;
	}
	return 0;
}

/* The reading end of a pipe with `text` in it. */
static int
open_heredoc(const char *text)
{
	size_t n = strlen(text);
	int fds[2];
	pid_t pid;

	if (pipe(fds) < 0) {
		error("cannot create a here-document: %s", strerror(errno));
		return -1;
	}
	/* A small text fits into any pipe; a large one needs a writer. */
	if (n <= 4096) {
		write_all(fds[1], text, n);
		close(fds[1]);
		return fds[0];
	}
	pid = fork();
	if (pid == 0) {
		pid_t writer = fork();

		close(fds[0]);
		if (writer == 0)
			write_all(fds[1], text, n);
		_exit(writer < 0);
	}
	close(fds[1]);
	if (pid < 0 || wait_child(pid) != 0) {
		error("cannot create a here-document: fork failed");
		close(fds[0]);
		return -1;
	}
	return fds[0];
}

static int
open_file(struct redir *r, const char *name)
{
	int flags = O_RDONLY, fd;
	struct stat st;

	switch (r->kind) {
	case REDIR_OUT:
		flags = O_WRONLY | O_CREAT | O_TRUNC;
		if (sh.opt[OPT_NOCLOBBER] && stat(name, &st) == 0 &&
		    S_ISREG(st.st_mode)) {
			error("%s: the file exists (set -C is on; use >|)",
			      name);
			return -1;
		}
		break;
	case REDIR_CLOBBER:
		flags = O_WRONLY | O_CREAT | O_TRUNC;
		break;
	case REDIR_APPEND:
		flags = O_WRONLY | O_CREAT | O_APPEND;
		break;
	case REDIR_BOTH:
		flags = O_RDWR | O_CREAT;
		break;
	default:
		break;
	}
	do {
		fd = open(name, flags, 0666);
	} while (fd < 0 && errno == EINTR && !interrupted());
	if (fd < 0)
		error("cannot %s '%s': %s", flags & O_CREAT ? "write" : "open",
		      name, strerror(errno));
	return fd;
}

/* N>&M, N>&-; the target is not owned by this redirection. */
static int
apply_dup(struct redir *r, const char *target)
{
	intmax_t from;

	if (strcmp(target, "-") == 0) {
		close(r->fd);
		return 0;
	}
	if (strspn(target, "0123456789") != strlen(target) ||
	    !parse_number(target, &from) || from > 9999) {
		error("'%s' is not a descriptor number (for a file write "
		      "'>%s 2>&1')",
		      target, target);
		return -1;
	}
	if (from == r->fd ? fcntl(r->fd, F_GETFD) < 0 : dup2(from, r->fd) < 0) {
		error("descriptor %s: %s", target, strerror(errno));
		return -1;
	}
	return 0;
}

static int
apply_one(struct redir *r, struct saved_fd **saved)
{
	char *target = expand_string(r->target);
	int fd;

	if (target == NULL)
		return -1;
	if (r->kind == REDIR_DUP_IN || r->kind == REDIR_DUP_OUT) {
		if (saved != NULL && save_fd(r->fd, saved) < 0)
			return -1;
		return apply_dup(r, target);
	}
	fd = r->kind == REDIR_HERE ? open_heredoc(target)
				   : open_file(r, target);
	if (fd < 0)
		return -1;
	if (fd == r->fd) {
		/* It was closed: restoring means closing it again. */
		if (saved != NULL) {
			struct saved_fd *s = xmalloc(sizeof(*s));

			*s = (struct saved_fd){ fd, -1, *saved };
			*saved = s;
		}
		return 0;
	}
	if (saved != NULL && save_fd(r->fd, saved) < 0) {
		close(fd);
		return -1;
	}
	if (dup2(fd, r->fd) < 0) {
		error("descriptor %d: %s", r->fd, strerror(errno));
		close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

/* With `saved` NULL the redirections stay. */
int
redir_apply(struct redir *r, struct saved_fd **saved)
{
	struct mark m = arena_mark(&sh_tmp);
	int result = 0;

	for (; r != NULL && result == 0; r = r->next)
		result = apply_one(r, saved);
	arena_release(&sh_tmp, m);
	return result;
}
