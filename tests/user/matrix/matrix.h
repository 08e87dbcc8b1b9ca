/* SPDX-License-Identifier: MIT */
/*
 * tests/user/matrix/matrix.h - the matrix of every call that decides by
 * identity.
 *
 * The program makes its cases itself: identity x call x target x mode.  Each
 * runs from a state that root has just rebuilt.  The answers are printed, a
 * line for each call, target and mode, with one answer for each identity.  The
 * program does not know which answers are right: tests/guest/matrix_test.py
 * runs it in Tine and, built for this computer, on Linux as root, and compares
 * the lines.
 *
 * These cases are left out, since Linux's answer depends on how it was set up:
 *
 *	fs.protected_hardlinks	links to files that the caller may not read and
 *				write, by others than the owner
 *	fs.protected_symlinks	following links in sticky folders
 *	fs.protected_regular,	opening with O_CREAT what is there already in
 *	fs.protected_fifos	sticky folders
 *	kernel.dmesg_restrict	reading the log
 *	kernel.yama.ptrace_scope	the target allows every process (PR_SET_PTRACER)
 */
#ifndef TESTS_USER_MATRIX_H
#define TESTS_USER_MATRIX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
/* What a call gave: its value, or the error's number below 0. */
#define RESULT(call)                    \
	({                              \
		long r_ = (long)(call); \
		r_ < 0 ? -errno : r_;   \
	})

#define OWNER_UID   1001u
#define FILE_GID    2000u
#define ANSWER_MAX  160 /* bytes of an answer with its NUL */
#define LINE_PREFIX "#: "

/* An identity: user, group, and one supplementary group unless it is 0. */
struct identity {
	const char *name;
	uid_t uid;
	gid_t gid, more;
};

enum { ROOT, OWNER, GROUP, EXTRA, OTHER, IDENTITIES };
extern const struct identity identities[IDENTITIES];

/* A call and its arguments, in memory that root shares with all callers. */
struct job {
	long (*run)(struct job *job);
	const char *path;
	int flags;
	int fd;		       /* of path, opened while that was allowed */
	long result;	       /* of run */
	char more[ANSWER_MAX]; /* what run has to add to it */
};
extern struct job *job;

extern int scratch_fd; /* the folder in which all calls run */

/*
 * Has root this power (a CAP_ of Linux) here?  A container may lack it; the
 * answer is then UNKNOWN, which matrix_test.py compares with nothing.
 */
bool root_may(int capability);
#define UNKNOWN "?"
/* Become an identity for good; root only. */
void become(const struct identity *who);
/* Have the process of that identity make a call; its result is in *job. */
void call_as(int who, long (*run)(struct job *job));
/*
 * Call run in a copy of this process, which then ends.  Returns the result; -1
 * and errno for an error.
 */
long in_child(long (*run)(struct job *job), struct job *j);
/* "0", a number, or the name of an error; a static buffer, of which there are 4. */
const char *answer(long result);
/* printf of one line of the matrix, without the end of line. */
void line_begin(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void line_add(const char *text);
void line_end(void);
/* As root: the call must work, or the program ends and says so. */
void must(bool worked, const char *what);

/* What is at the path. */
enum {
	K_REG = 1,
	K_DIR = 2,
	K_FIFO = 4,
	K_LINK = 8,  /* to the file "r" beside it, which has owner and mode */
	K_NULL = 16, /* a device like /dev/null */
	K_RUNNING = 32, /* a program that runs */
	K_PROGRAM = 64, /* a program that no process runs */
	K_FS = K_REG | K_DIR | K_NULL | K_PROGRAM,
	K_ALL = K_REG | K_DIR | K_FIFO | K_LINK | K_NULL | K_RUNNING,
};
enum {
	PREPARED = 2, /* job->fd was opened while all was allowed */
	TIMES = 4,    /* the times matter */
	ON_RO = 8,    /* also on a file system mounted with flags */
	MOVES = 16,   /* removes a name or gives it to another file */
};

#define TIME_OLD    1000000000 /* of everything that is made */
#define TIME_CHOSEN 1500000000 /* of what sets a time */

/* matrix_state.c, as root: each ends the program when it fails. */
void clear(const char *path); /* nothing is there afterwards */
void put(const char *path, unsigned kind);
void give(const char *path, uid_t uid, gid_t gid, mode_t mode);
void old_times(const char *path); /* what TIMES looks for */
void copy_self(const char *to);	  /* this program, executable */
struct look {
	bool there;
	struct stat st;
};
struct look look(const char *path);
/*
 * Adds to job->more how the file has changed, and its times if wanted; true if
 * it added anything.
 */
bool tell_change(const char *name, const struct look *was, bool times);
void line_answer(void); /* job's result and job->more */

/* matrix_file.c, matrix_name.c: what is at a path, and names in a folder */
void matrix_objects(const char *title, bool few);
void matrix_names(const char *title, bool few);
/* The objects for file systems that are mounted with flags. */
void matrix_objects_mounted(const char *title);
extern void (*object_begin)(void), (*object_end)(void);
/* matrix_mount.c: before the callers start, and after they have ended */
void mounts_begin(bool there);
void mounts_end(void);
void matrix_mounts(void);
/* matrix_proc.c, matrix_ids.c */
void matrix_processes(void);
void matrix_system(void);
void matrix_ids(void);

#endif
