/* SPDX-License-Identifier: MIT */
/*
 * tests/user/usertests.c - processes: behaviors that xv6's usertests look at.
 *
 * The tests keep xv6's names and ask in the terms of POSIX.  usertests_mem.c
 * has those about memory, usertests_fs.c, usertests_dir.c and usertests_full.c
 * those about files.
 */
#include "utest.h"
#include "hunger.h"

#include <sched.h>
#include <sys/syscall.h>

UTEST(exectest, "U exectest: fork, redirect standard output, exec")
{
	int in[2], out[2];
	char back[8] = "";
	pid_t pid;

	REQUIRE(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1);
		exec_cat();
	}
	close(in[0]);
	close(out[1]);
	EXPECT_EQ(write(in[1], "hello", 5), 5);
	close(in[1]);
	for (unsigned i = 0; i < 5; i++)
		EXPECT_EQ(read(out[0], back + i, 1), 1);
	EXPECT_EQ(strcmp(back, "hello"), 0);
	EXPECT_EQ(read(out[0], back, 1), 0);
	EXPECT_EXIT(pid, 0);
}

UTEST(pipe1, "U pipe1: a sequence through a pipe, read in growing pieces")
{
	enum { TOTAL = 5 * 1033 };
	static unsigned char buf[8192];
	unsigned seq = 0, total = 0, piece = 1;
	int fd[2];
	pid_t pid;

	REQUIRE(pipe(fd) == 0);
	pid = utest_fork();
	if (pid == 0) {
		close(fd[0]);
		for (unsigned n = 0; n < 5; n++) {
			for (unsigned i = 0; i < 1033; i++)
				buf[i] = (unsigned char)seq++;
			EXPECT_EQ(write(fd[1], buf, 1033), 1033);
		}
		utest_done();
	}
	close(fd[1]);
	for (;;) {
		ssize_t n = read(fd[0], buf, piece);

		REQUIRE(n >= 0);
		if (n == 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			REQUIRE_EQ(buf[i], seq++ & 0xff);
		total += (unsigned)n;
		piece = piece * 2 > sizeof(buf) ? sizeof(buf) : piece * 2;
	}
	EXPECT_EQ(total, TOTAL);
	EXPECT_CLEAN(pid);
}

UTEST(pipefull, "U pipe1: a writer blocks on a full pipe and a reader ends it")
{
	static char buf[4096];
	size_t total = 0;
	int fd[2];
	pid_t pid;
	ssize_t n;

	REQUIRE(pipe(fd) == 0);
	pid = utest_fork();
	if (pid == 0) {
		close(fd[0]);
		for (unsigned i = 0; i < 64; i++)
			EXPECT_EQ(write(fd[1], buf, sizeof(buf)), sizeof(buf));
		utest_done();
	}
	close(fd[1]);
	while ((n = read(fd[0], buf, 1000)) > 0)
		total += (size_t)n;
	EXPECT_EQ(total, 64 * sizeof(buf));
	EXPECT_CLEAN(pid);
	/* No reader: SIGPIPE, or EPIPE when that is ignored. */
	REQUIRE(pipe(fd) == 0);
	close(fd[0]);
	EXPECT_SIGNAL(SIGPIPE, if (write(fd[1], "x", 1) == 1) _exit(1));
	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERR(write(fd[1], "x", 1), EPIPE);
}

UTEST(killstatus, "U killstatus: a killed child says by which signal")
{
	for (unsigned i = 0; i < 100; i++) {
		pid_t pid = utest_fork();

		if (pid == 0)
			for (;;)
				getpid();
		if (i % 2 == 0)
			sched_yield();
		REQUIRE(kill(pid, SIGKILL) == 0);
		EXPECT_KILLED(pid, SIGKILL);
	}
}

UTEST(preempt, "U preempt: spinning children let others run, then are killed")
{
	pid_t spin[3];
	struct peer c;

	for (unsigned i = 0; i < 3; i++) {
		spin[i] = utest_fork();
		if (spin[i] == 0)
			for (;;)
				__asm__ volatile("" ::: "memory");
	}
	/* More spinners than harts, and this conversation still proceeds. */
	if (fork_peer(&c) == 0) {
		for (unsigned i = 0; i < 5; i++) {
			peer_wait(&c);
			peer_post(&c);
		}
		utest_done();
	}
	for (unsigned i = 0; i < 5; i++) {
		peer_post(&c);
		peer_wait(&c);
	}
	PEER_END(&c);
	for (unsigned i = 0; i < 3; i++) {
		REQUIRE(kill(spin[i], SIGTERM) == 0);
		EXPECT_KILLED(spin[i], SIGTERM);
	}
}

UTEST(exitwait, "U exitwait: 100 exit statuses come back exactly")
{
	for (int i = 0; i < 100; i++) {
		pid_t pid = utest_fork();

		if (pid == 0)
			_exit(i);
		EXPECT_EXIT(pid, i);
	}
	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
}

UTEST(reparent, "U reparent: orphans go to another parent, 200 rounds")
{
	pid_t me = getpid();

	for (unsigned i = 0; i < utest_rounds(200); i++) {
		struct peer c;

		if (fork_peer(&c) == 0) {
			if (utest_fork() == 0) {
				peer_wait(&c);
				while (getppid() == c.pid)
					sched_yield();
				peer_send(&c, getppid() != me);
				_exit(0);
			}
			utest_done();
		}
		EXPECT_CLEAN(c.pid);
		peer_post(&c);
		EXPECT_EQ(peer_recv(&c), 1);
		close(c.rd);
		close(c.wr);
		EXPECT_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
	}
}

UTEST(twochildren, "U twochildren: two children leave at once, 1000 rounds")
{
	for (unsigned i = 0; i < utest_rounds(1000); i++) {
		pid_t a = utest_fork(), b;

		if (a == 0)
			_exit(1);
		b = utest_fork();
		if (b == 0)
			_exit(2);
		EXPECT_EXIT(b, 2);
		EXPECT_EXIT(a, 1);
	}
}

UTEST(forkfork, "U forkfork: two processes fork at the same time")
{
	pid_t pid[2];

	for (unsigned i = 0; i < 2; i++) {
		pid[i] = utest_fork();
		if (pid[i] != 0)
			continue;
		for (unsigned k = 0; k < utest_rounds(200); k++) {
			pid_t child = utest_fork();

			if (child == 0)
				_exit(0);
			EXPECT_EXIT(child, 0);
		}
		utest_done();
	}
	EXPECT_CLEAN(pid[0]);
	EXPECT_CLEAN(pid[1]);
}

/*
 * Forks until fork is refused or there are many; the children block until the
 * pipe's last writer is gone.  Returns their number.
 */
static unsigned
fork_until_full(unsigned most)
{
	static pid_t pid[4096];
	unsigned n = 0;
	int fd[2];
	char byte;

	REQUIRE(pipe(fd) == 0);
	for (; n < most; n++) {
		pid[n] = fork();
		if (pid[n] == 0) {
			close(fd[1]);
			_exit(read(fd[0], &byte, 1) != 0);
		}
		if (pid[n] < 0) {
			EXPECT(errno == EAGAIN || errno == ENOMEM);
			break;
		}
	}
	close(fd[1]);
	close(fd[0]);
	for (unsigned i = 0; i < n; i++)
		EXPECT_EXIT(pid[i], 0);
	return n;
}

UTEST(forkforkfork, "U forkforkfork: fork until it is refused, and recover")
{
	/* Elsewhere the limit is far away, and other programs need the room. */
	unsigned most = on_tine() ? 4096 : 400, first, second;

	if (on_tine())
		overcommit_set(COMMIT_STRICT);
	first = fork_until_full(most);
	EXPECT(first >= 50);
	second = fork_until_full(most);
	EXPECT(second + 2 >= first);
	utest_note("%u processes at once", first);
}

UTEST(forktest, "U forktest: as many children as there is room, all reaped")
{
	EXPECT(fork_until_full(1000) >= 50);
	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
}

UTEST(reparent2, "U reparent2: exit of parents and of orphans do not deadlock")
{
	for (unsigned i = 0; i < utest_rounds(400); i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			if (fork() == 0)
				_exit(0);
			if (fork() == 0)
				_exit(0);
			_exit(0);
		}
		EXPECT_EXIT(pid, 0);
	}
}

/* More than any kernel takes for one argument or for all of them. */
static void
huge_arguments(size_t each, size_t count)
{
	static char *argv[3000];
	char *text = malloc(each + 1);

	REQUIRE(text != NULL && count < ARRAY_LEN(argv));
	memset(text, 'x', each);
	text[each] = '\0';
	for (size_t i = 0; i < count; i++)
		argv[i] = text;
	argv[count] = NULL;
	EXPECT_ERR(syscall(SYS_execve, "/proc/self/exe", argv, NULL), E2BIG);
	free(text);
}

UTEST(bigargtest, "U bigargtest: oversized arguments are refused")
{
	if (on_qemu_user())
		SKIP("qemu-user unpacks the arguments itself");
	huge_arguments(1 << 20, 1);
	huge_arguments(100000, 100);
}

UTEST(badarg, "U badarg: 50,000 failed execs lose nothing")
{
	char *argv[] = { (char *)0xffffffff, NULL };
	unsigned rounds = utest_rounds(50000);
	long bytes = free_bytes();

	for (unsigned i = 0; i < rounds; i++) {
		long got = syscall(SYS_execve, "/proc/self/exe", argv, NULL);

		if (got != -1 || errno != EFAULT) {
			EXPECT_ERR(got, EFAULT);
			break;
		}
		if (i % 2000 == 1999)
			utest_note("%u execs", i + 1);
	}
	EXPECT_FREE(bytes);
}

UTEST(pgbug, "U pgbug: wild pointers to exec and pipe are survived")
{
	char *wild = (char *)0xeaeb0b5b00002f5e;
	char *argv[] = { NULL };

	EXPECT_ERR(syscall(SYS_execve, wild, argv, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_execve, "/proc/self/exe", wild, NULL), EFAULT);
	if (!on_qemu_user())
		EXPECT_ERR(syscall(SYS_pipe2, wild, 0), EFAULT);
}

/*
 * exec in a child that has eaten nearly all memory, and leaves this many pages.
 */
static int
exec_with(size_t avail)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		oom_adjust(1000); /* a shortage should end this process */
		eat(EAT_ALL);
		give_back(avail);
		close(1);
		execl("/proc/self/exe", "utest", "--exit", "9", NULL);
		_exit(8);
	}
	return utest_wait(pid);
}

UTEST(execout, "U execout: exec without memory fails or kills, loses nothing")
{
	enum { ROOM = 512 }; /* pages for a child, which eats them */
	unsigned refused = 0, done = 0;
	long bytes;
	pid_t pid;

	need_tine("takes all the memory there is");
	bytes = free_bytes();
	pid = utest_fork();
	if (pid != 0) {
		EXPECT_CLEAN(pid);
		EXPECT_FREE(bytes);
		return;
	}
	own_program();
	eat(EAT_ALL);
	give_back(ROOM);
	/*
	 * From nothing to enough, so that exec fails at every place it can.
	 * Print nothing meanwhile: a reader of the line might lack memory.
	 */
	for (size_t avail = 0; avail < 128; avail += avail < 64 ? 4 : 16) {
		int status = exec_with(avail);

		EXPECT(status == SIGKILL || status == 8 << 8 ||
		       status == 9 << 8);
		refused += status != 9 << 8;
		done += status == 9 << 8;
	}
	EXPECT(refused > 0 && done > 0);
	utest_done();
}
