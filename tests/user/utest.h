/* SPDX-License-Identifier: MIT */
/*
 * tests/user/utest.h - a small harness for tests that run as programs.
 *
 * The same binary runs in Tine, under qemu-riscv64 and (built for the host) on
 * a real Linux, so that Linux says whether an expectation is right.
 *
 * Every test runs in a child of its own: a crash is a failure, not the end.
 * EXPECT records a failure and goes on; REQUIRE records it and leaves the test.
 * A process that a test forks counts its own failures and hands them up through
 * its exit status (utest_done, EXPECT_CLEAN).
 *
 * In Tine, which is known by /proc/forkstat, the harness also compares the free
 * memory before and after each test and reads the memory audit.
 *
 * Nothing here depends on time: processes meet through pipes.  The runner that
 * watches the console catches a test that hangs.
 */
#ifndef TESTS_USER_UTEST_H
#define TESTS_USER_UTEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define PG	     4096ul /* bytes in a page */
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

struct utest {
	const char *name; /* starts with the row it stands for */
	void (*run)(void);
	int line; /* the tests of a file run in this order */
};

#define UTEST(id, title)                                                      \
	static void utest_##id(void);                                         \
	static const struct utest utest_entry_##id = {                        \
		.name = (title),                                              \
		.run = utest_##id,                                            \
		.line = __LINE__,                                             \
	};                                                                    \
	static const struct utest *const utest_ptr_##id                       \
		__attribute__((used, section("utests"))) = &utest_entry_##id; \
	static void utest_##id(void)

/* ---- expectations ------------------------------------------------------ */

#define EXPECT(cond) \
	utest_expect((cond) ? true : false, __FILE__, __LINE__, #cond)
#define EXPECT_EQ(a, b)                                                     \
	utest_expect_eq((long long)(a), (long long)(b), __FILE__, __LINE__, \
			#a " == " #b)
/* The call gives -1 and sets errno to want. */
#define EXPECT_ERR(call, want)                                            \
	({                                                                \
		long got_ = (long)(call);                                 \
		utest_expect_err(got_, errno, (want), __FILE__, __LINE__, \
				 #call);                                  \
	})
#define REQUIRE(cond)                 \
	do {                          \
		if (!EXPECT(cond))    \
			utest_done(); \
	} while (0)
#define REQUIRE_EQ(a, b)              \
	do {                          \
		if (!EXPECT_EQ(a, b)) \
			utest_done(); \
	} while (0)

/* Leave the test and say why it cannot be run here. */
#define SKIP(...) utest_skip(__VA_ARGS__)

extern int utest_failures; /* of this process */

bool utest_expect(bool ok, const char *file, int line, const char *what);
bool utest_expect_eq(long long a, long long b, const char *file, int line,
		     const char *what);
bool utest_expect_err(long got, int err, int want, const char *file, int line,
		      const char *what);
void utest_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void utest_skip(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));
/* Ends this process of a test; status 0 when none of its EXPECTs failed. */
void utest_done(void) __attribute__((noreturn));
/* Prints "# ..." on the harness's output, as one write. */
void utest_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- processes --------------------------------------------------------- */

/* fork() that fails the test when it fails; the child starts with no failures. */
pid_t utest_fork(void);
/* wait status of pid */
int utest_wait(pid_t pid);
/* Waits for pid and expects that it ended through utest_done without failure. */
#define EXPECT_CLEAN(pid) \
	utest_expect_status((pid), 0, __FILE__, __LINE__, "child is clean")
#define EXPECT_EXIT(pid, code) \
	utest_expect_status((pid), (code) << 8, __FILE__, __LINE__, #code)
#define EXPECT_KILLED(pid, sig) \
	utest_expect_status((pid), (sig), __FILE__, __LINE__, #sig)
bool utest_expect_status(pid_t pid, int want, const char *file, int line,
			 const char *what);

/* One end of a conversation with a process made by fork_peer. */
struct peer {
	int rd, wr;
	pid_t pid; /* the child's, 0 in the child */
};

/* utest_fork with a pipe in each direction; returns p->pid. */
pid_t fork_peer(struct peer *p);
void peer_post(struct peer *p); /* lets the other side's peer_wait return */
void peer_wait(struct peer *p); /* leaves the test when the other side died */
/* As wait and post, with a byte of news. */
void peer_send(struct peer *p, unsigned char byte);
unsigned char peer_recv(struct peer *p);
/* Closes both pipes and expects that the child ended clean. */
#define PEER_END(p) utest_peer_end((p), __FILE__, __LINE__)
void utest_peer_end(struct peer *p, const char *file, int line);

/*
 * Replaces this process by a program that copies its standard input to its
 * standard output, or that exits with code.  Only _exit(127) after failure.
 */
void exec_cat(void) __attribute__((noreturn));
void exec_exit(int code) __attribute__((noreturn));

/* ---- faults ------------------------------------------------------------ */

struct fault {
	int signo;	/* 0: no fault */
	int code;	/* si_code */
	uintptr_t addr; /* si_addr */
};

/*
 * Runs the statements in this very process and tells which of SIGSEGV,
 * SIGBUS, SIGILL, SIGFPE and SIGTRAP they raised.  Locals that they change
 * must be volatile.
 */
#define CATCH(f, ...)                                \
	do {                                         \
		utest_catch_begin(f);                \
		if (sigsetjmp(utest_jump, 1) == 0) { \
			__VA_ARGS__;                 \
		}                                    \
		utest_catch_end();                   \
	} while (0)

/* The statements, in a child, end it by this signal's default action. */
#define EXPECT_SIGNAL(sig, ...)            \
	do {                               \
		pid_t pid_ = utest_fork(); \
		if (pid_ == 0) {           \
			__VA_ARGS__;       \
			_exit(0);          \
		}                          \
		EXPECT_KILLED(pid_, sig);  \
	} while (0)

/* The statements fault with this signal, code and address in this process. */
#define EXPECT_FAULT(sig, sicode, where, ...)                                \
	do {                                                                 \
		struct fault f_;                                             \
		CATCH(&f_, __VA_ARGS__);                                     \
		utest_expect_fault(&f_, (sig), (sicode), (uintptr_t)(where), \
				   __FILE__, __LINE__, #__VA_ARGS__);        \
	} while (0)

extern sigjmp_buf utest_jump;
void utest_catch_begin(struct fault *f);
void utest_catch_end(void);
bool
utest_expect_fault(const struct fault *f, int sig, int code, uintptr_t addr,
		   const char *file, int line, const char *what);
/* As si_code or address: do not look. */
#define ANY_CODE (-1000)
#define ANY_ADDR ((uintptr_t)-1000)

/* ---- memory ------------------------------------------------------------ */

/* Fresh private anonymous pages; the test ends when there is no memory. */
char *pages_new(size_t n);
/* The same, zeroed and shared with every process that is forked later. */
void *shared_new(size_t n);
/*
 * Private anonymous memory behind `tables` whole leaf tables that hold nothing
 * else, not reserved, with these PROT_* rights.
 */
#define TABLE_SPAN (2ul << 20) /* what one leaf table decides */
char *own_tables(size_t tables, int prot);
/* Writes into, or compares, each word of n pages: a function of seed and place. */
void pages_fill(void *p, size_t n, unsigned seed);
/* number of pages among n that do not hold the pattern of seed */
size_t pages_wrong(const void *p, size_t n, unsigned seed);
/* number of bytes among n that differ from c */
size_t bytes_wrong(const void *p, size_t n, int c);

static inline char
peek(const volatile void *p)
{
	return *(const volatile char *)p;
}

static inline void
poke(volatile void *p, char c)
{
	*(volatile char *)p = c;
}

/* ---- files ------------------------------------------------------------- */

/* The directory for scratch files: -d, or /tmp. */
extern const char *utest_dir;
extern bool utest_dir_given; /* by -d */
/* An open file without a name that holds n bytes of data, offset 0. */
int temp_file(const void *data, size_t n);
/* The same with n bytes of c. */
int temp_file_of(int c, size_t n);

/* ---- the system under the test ----------------------------------------- */

bool on_tine(void);
bool on_qemu_user(void); /* Linux's calls, emulated by qemu-riscv64 */
/* Leaves the test with a reason unless it runs in Tine. */
void need_tine(const char *why);
/* name of this process's fork strategy, "" when there is none to read */
const char *strategy(void);
void need_strategy(const char *name);
/* The number behind a word that begins a line of a file; -1 when absent. */
long number_in(const char *path, const char *name);
/* A counter of /proc/self/forkstat; -1 when absent. */
long stat_get(const char *name);
/* Expects that a counter grew by exactly so much since before was read. */
#define EXPECT_GREW(name, before, by)                              \
	do {                                                       \
		long before_ = (before);                           \
		if (before_ >= 0)                                  \
			EXPECT_EQ(stat_get(name) - before_, (by)); \
	} while (0)
/* Writes text to a file that is there; 0 or errno. */
int put_text(const char *path, const char *text);
/* What programs and the kernel can have of it, in bytes: MemTotal. */
unsigned long memory_total(void);
/* RAM of the machine in bytes, without what the kernel's image takes. */
unsigned long utest_ram(void);
/* Real, effective and saved user and group id become `uid`. */
void utest_become(uid_t uid);
/* How many of n pages, at most 64, mincore() calls present. */
unsigned utest_resident(void *p, size_t n);
/* n processes at once, or an eighth of them in a machine with under 64 MiB. */
unsigned utest_processes(unsigned n);
/* Free memory in bytes once all caches are dropped; -1 except in Tine. */
long free_bytes(void);
/* Expects no byte less to be free; gives exiting orphans time to go. */
#define EXPECT_FREE(bytes) utest_expect_free((bytes), __FILE__, __LINE__)
extern long utest_free_now; /* what the last of these found; -1: none yet */
bool utest_expect_free(long bytes, const char *file, int line);
/* KiB of memory that the kernel has promised to all; -1 except in Tine. */
long promised_kib(void);
/* Expects no more to be promised; as patient as EXPECT_FREE. */
#define EXPECT_PROMISED(kib) utest_expect_promised((kib), __FILE__, __LINE__)
bool utest_expect_promised(long kib, const char *file, int line);
/*
 * The policy for promises, 0, 1 or 2 in /proc/sys/vm/overcommit_memory: what it
 * is, -1 except in Tine, and a new one, in Tine only.  The harness puts it back
 * after each test.
 */
enum { COMMIT_HEURISTIC, COMMIT_ALWAYS, COMMIT_STRICT };
int overcommit(void);
void overcommit_set(int policy);
/* Sets this process's oom_score_adj, -1000 (never ended) to 1000. */
void oom_adjust(int adj);
/* Expects a clean memory audit, in Tine. */
#define EXPECT_AUDIT() utest_expect_audit(__FILE__, __LINE__)
bool utest_expect_audit(const char *file, int line);

/*
 * /proc/self/fail-nth.  fail_open leaves the test when there is none;
 * fail_try gives -1 instead.  fail_arm makes the nth allocation of this task
 * fail; fail_disarm ends that and tells how many were still to go, 0 when the
 * failure has happened.
 */
int fail_open(void);
int fail_try(void);
void fail_arm(int fd, long n);
long fail_disarm(int fd);

/* The argument of the ith -p, or what is usual. */
unsigned utest_param(unsigned i, unsigned usual);
/* n, or a twentieth with -q, or twenty times that with -m */
unsigned utest_rounds(unsigned n);
/* Random numbers; the same seed gives the same row of them. */
extern unsigned utest_seed;
unsigned utest_random(void);

#endif
