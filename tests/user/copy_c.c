/* SPDX-License-Identifier: MIT */
/*
 * tests/user/copy_c.c - the kernel reads and writes user memory: rows C1-C9 and
 * C14.
 *
 * A write by the kernel must break a shared page like a store does, and a read
 * must not.  calls.c has the calls and bad pointers that are tried.
 */
#include "utest.h"
#include "calls.h"

#include <sched.h>
#include <sys/syscall.h>

UTEST(c1, "C1 child reads a file into a shared page")
{
	char *p = pages_new(2);
	int fd = temp_file_of('C', 2 * PG);
	struct peer c;

	memset(p, 'P', 2 * PG);
	if (fork_peer(&c) == 0) {
		EXPECT_EQ(read(fd, p, PG + 100), PG + 100);
		EXPECT_EQ(bytes_wrong(p, PG + 100, 'C'), 0);
		EXPECT_EQ(bytes_wrong(p + PG + 100, PG - 100, 'P'), 0);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(bytes_wrong(p, PG + 100, 'C'), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(bytes_wrong(p, 2 * PG, 'P'), 0);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(bytes_wrong(p, 2 * PG, 'P'), 0);
}

UTEST(c2, "C2 parent reads a file into a shared page")
{
	char *p = pages_new(2);
	int fd = temp_file_of('C', 2 * PG);
	struct peer c;

	memset(p, 'P', 2 * PG);
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(bytes_wrong(p, 2 * PG, 'P'), 0);
		utest_done();
	}
	EXPECT_EQ(read(fd, p, PG + 100), PG + 100);
	EXPECT_EQ(bytes_wrong(p, PG + 100, 'C'), 0);
	EXPECT_EQ(bytes_wrong(p + PG + 100, PG - 100, 'P'), 0);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(bytes_wrong(p, PG + 100, 'C'), 0);
}

/* The result lies in the middle of a page, or across two of them. */
static void
out_call(const struct out_call *call, char *p, size_t at, bool in_child)
{
	char *before;
	struct peer c;
	bool caller;
	long got;

	memset(p, 0xa5, 2 * PG);
	if (call->prepare != NULL)
		call->prepare(p + at);
	before = malloc(2 * PG);
	REQUIRE(before != NULL);
	memcpy(before, p, 2 * PG);
	caller = (fork_peer(&c) == 0) == in_child;
	if (!caller) {
		peer_wait(&c);
	} else {
		got = call->call(p + at);
		if (out_call_absent(call, got))
			;
		else if (got == -1)
			utest_fail(__FILE__, __LINE__, "%s at %zu: %s",
				   call->name, at, strerrorname_np(errno));
		else if (memcmp(before + at, p + at, call->size) == 0)
			utest_fail(__FILE__, __LINE__,
				   "%s at %zu wrote "
				   "nothing",
				   call->name, at);
		peer_post(&c);
	}
	if (!caller && memcmp(before, p, 2 * PG) != 0)
		utest_fail(__FILE__, __LINE__,
			   "%s at %zu by the %s changed "
			   "the other side",
			   call->name, at, in_child ? "child" : "parent");
	if (caller && bytes_wrong(p, at, 0xa5) != 0)
		utest_fail(__FILE__, __LINE__,
			   "%s at %zu lost bytes before "
			   "its result",
			   call->name, at);
	free(before);
	if (c.pid == 0)
		utest_done();
	PEER_END(&c);
}

UTEST(c3, "C3 every call with a result leaves the other side's page alone")
{
	char *p = pages_new(2);
	size_t n;
	const struct out_call *calls = out_calls(&n);

	for (size_t i = 0; i < n; i++) {
		out_call(&calls[i], p, 1024, true);
		out_call(&calls[i], p, 1024, false);
		if (calls[i].size > 4)
			out_call(&calls[i], p, PG - 4, true);
	}
}

/* Raw: the C library's fork() uses these arguments itself. */
static long
clone_tids(int *parent, int *child)
{
	unsigned long flags = SIGCHLD | (parent ? CLONE_PARENT_SETTID : 0) |
			      (child ? CLONE_CHILD_SETTID : 0);

#if defined(__x86_64__)
	return syscall(SYS_clone, flags, 0, parent, child, 0);
#else
	return syscall(SYS_clone, flags, 0, parent, 0, child);
#endif
}

UTEST(c3_tid, "C3 clone stores a thread id in the right side's page only")
{
	int *tid = (int *)pages_new(2);
	struct peer c;
	long pid;

	if (on_qemu_user())
		SKIP("qemu-user stores the parent's copy in the child");
	/* The outer fork shares the page: clone writes to a shared one. */
	tid[0] = tid[1] = -5;
	if (fork_peer(&c) == 0) {
		pid = clone_tids(&tid[0], &tid[1]);
		REQUIRE(pid >= 0);
		if (pid == 0)
			_exit(tid[1] != getpid());
		EXPECT_EQ(tid[0], pid);
		EXPECT_EQ(tid[1], -5);
		EXPECT_EXIT((pid_t)pid, 0);
		utest_done();
	}
	PEER_END(&c);
	EXPECT_EQ(tid[0], -5);
	EXPECT_EQ(tid[1], -5);
}

int text_victim(void);
int __attribute__((noinline, noclone)) text_victim(void)
{
	return 1;
}

UTEST(c4, "C4 read into text is EFAULT and the text is unchanged")
{
	int fd = temp_file_of(0, PG), (*fn)(void) = text_victim;
	char *p;
	pid_t pid;

	memcpy(&p, &fn, sizeof(p));
	EXPECT_ERR(read(fd, p, 16), EFAULT);
	pid = utest_fork();
	EXPECT_ERR(pread(fd, p, 16, 0), EFAULT);
	EXPECT_EQ(text_victim(), 1);
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
	EXPECT_ERR(pread(fd, p, 16, 0), EFAULT);
	EXPECT_EQ(text_victim(), 1);
}

UTEST(c5, "C5 every call with a result answers EFAULT to a bad pointer")
{
	size_t n, nbad;
	const struct out_call *calls = out_calls(&n);
	const struct bad_pointer *bad = bad_pointers(&nbad);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < nbad; k++)
			bad_call(&calls[i], &bad[k]);
}

UTEST(c6, "C6 read into a shared page followed by a hole")
{
	char *p = pages_new(2);
	int fd = temp_file_of('C', 2 * PG);
	struct peer c;
	long got;

	memset(p, 'P', 2 * PG);
	REQUIRE(munmap(p + PG, PG) == 0);
	if (fork_peer(&c) == 0) {
		got = read(fd, p, 2 * PG);
		if (got == -1)
			EXPECT_EQ(errno, EFAULT);
		else
			EXPECT_EQ(got, PG);
		if (got > 0)
			EXPECT_EQ(bytes_wrong(p, PG, 'C'), 0);
		peer_post(&c);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(bytes_wrong(p, PG, 'P'), 0);
	PEER_END(&c);
}

UTEST(c7, "C7 write from a shared page breaks nothing")
{
	char *p = pages_new(4);
	int fd = temp_file_of('x', 16);
	long copies, reuses, got;
	struct peer c;

	pages_fill(p, 4, 1);
	if (fork_peer(&c) == 0) {
		/* Looking, and the write's own stack, come first. */
		for (int i = 0; i < 2; i++) {
			got = pwrite(fd, p, 16, 0);
			copies = stat_get("break_copy");
			reuses = stat_get("break_reuse");
		}
		got = write(fd, p + PG - 8, 3 * PG);
		EXPECT_GREW("break_copy", copies, 0);
		EXPECT_GREW("break_reuse", reuses, 0);
		EXPECT_EQ(got, 3 * PG);
		EXPECT_EQ(pages_wrong(p, 4, 1), 0);
		utest_done();
	}
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, 4, 1), 0);
}

/*
 * Reads a file into p in a child, with the nth allocation failing; true if it
 * failed.  *refused counts the reads that returned an error.
 */
static bool
starved_read(char *p, int fd, long n, long *refused)
{
	int failer = fail_open();
	struct peer c;
	long got, left;
	int err;

	pages_fill(p, 1, 1);
	REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	if (fork_peer(&c) == 0) {
		close(failer);
		failer = fail_open();
		fail_arm(failer, n);
		got = read(fd, p, PG);
		err = errno;
		left = fail_disarm(failer);
		if (got == -1) {
			EXPECT(err == EFAULT || err == ENOMEM);
			EXPECT_EQ(pages_wrong(p, 1, 1), 0);
		} else {
			EXPECT_EQ(got, PG);
			EXPECT_EQ(bytes_wrong(p, PG, 'C'), 0);
		}
		peer_send(&c, left == 0);
		peer_send(&c, got == -1);
		peer_wait(&c);
		utest_done();
	}
	left = peer_recv(&c);
	*refused += peer_recv(&c);
	EXPECT_EQ(pages_wrong(p, 1, 1), 0);
	peer_post(&c);
	close(failer);
	PEER_END(&c);
	return left != 0;
}

UTEST(c8, "C8 read into a shared page without memory")
{
	char *p = pages_new(1);
	int fd = temp_file_of('C', PG);
	long n = 1, refused = 0;

	while (n < 100 && starved_read(p, fd, n, &refused))
		n++;
	EXPECT(n < 100);
	/* Under cow the page has to be broken, and that needs a frame. */
	if (strcmp(strategy(), "cow") == 0)
		EXPECT(n > 1 && refused > 0);
}

UTEST(c9, "C9 read into a page that shows the zero frame")
{
	char *p = pages_new(3);
	int fd = temp_file_of('C', PG);
	char *q;

	EXPECT_EQ(bytes_wrong(p, 3 * PG, 0), 0);
	EXPECT_EQ(read(fd, p + PG, PG), PG);
	EXPECT_EQ(bytes_wrong(p, PG, 0), 0);
	EXPECT_EQ(bytes_wrong(p + PG, PG, 'C'), 0);
	EXPECT_EQ(bytes_wrong(p + 2 * PG, PG, 0), 0);
	q = pages_new(4);
	EXPECT_EQ(bytes_wrong(q, 4 * PG, 0), 0);
	EXPECT_AUDIT();
}

#define STACK_PAGES 16

static volatile int handled;

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	handled = info->si_signo == sig && context != NULL;
}

/* The kernel pushes the frame of a signal onto a stack page still shared. */
static void
signal_on(char *stack, struct peer *c)
{
	handled = 0;
	REQUIRE(raise(SIGUSR1) == 0);
	EXPECT_EQ(handled, 1);
	EXPECT(bytes_wrong(stack, STACK_PAGES * PG, 's') > 100);
	peer_post(c);
	peer_wait(c);
}

UTEST(c14, "C14 a signal frame leaves the other side's stack alone")
{
	char *stack = pages_new(STACK_PAGES);
	stack_t ss = { .ss_sp = stack, .ss_size = STACK_PAGES * PG };
	struct sigaction sa;
	struct peer c;

	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = on_signal;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	REQUIRE(sigaltstack(&ss, NULL) == 0);
	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	for (int in_child = 0; in_child < 2; in_child++) {
		memset(stack, 's', STACK_PAGES * PG);
		fork_peer(&c);
		if ((c.pid == 0) == in_child) {
			signal_on(stack, &c);
		} else {
			peer_wait(&c);
			EXPECT_EQ(bytes_wrong(stack, STACK_PAGES * PG, 's'), 0);
			peer_post(&c);
		}
		if (c.pid == 0)
			utest_done();
		PEER_END(&c);
	}
}
