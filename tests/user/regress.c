/* SPDX-License-Identifier: MIT */
/*
 * tests/user/regress.c - what a well-meant copy-on-write patch got wrong.
 *
 * Each test is one that was written to prove a defect of such a patch, put
 * into the terms of this system-call interface.  A number after R is the
 * defect's in that list; several tests may stand for one.
 */
#include "utest.h"
#include "arch.h"

#include <sys/syscall.h>

#define WILD ((char *)0x1540000000) /* nothing is ever mapped here */

/* In bss, each alone on its page, and not touched before the test does. */
static struct {
	int status __attribute__((aligned(4096)));
	int fds[2] __attribute__((aligned(4096)));
	char text[8] __attribute__((aligned(4096)));
} bss;

UTEST(waitstatus, "R1 waitstatus: wait stores into a shared page")
{
	pid_t pid;

	bss.status = 111;
	pid = utest_fork();
	if (pid == 0)
		_exit(7);
	REQUIRE(waitpid(pid, &bss.status, 0) == pid);
	EXPECT_EQ(bss.status, 7 << 8);
}

UTEST(pipefds, "R1 pipefds: pipe stores both descriptors")
{
	struct peer c;

	bss.fds[0] = -5;
	bss.fds[1] = -6;
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(bss.fds[0], -5);
		EXPECT_EQ(bss.fds[1], -6);
		utest_done();
	}
	REQUIRE(syscall(SYS_pipe2, bss.fds, 0) == 0);
	EXPECT(bss.fds[0] > 0 && bss.fds[1] > 0);
	EXPECT(bss.fds[0] != bss.fds[1]);
	EXPECT_EQ(write(bss.fds[1], "x", 1), 1);
	peer_post(&c);
	PEER_END(&c);
}

UTEST(piperead, "R1 piperead: a pipe's bytes arrive in a shared page")
{
	int fd[2];
	pid_t pid;

	REQUIRE(pipe(fd) == 0);
	memset(bss.text, '.', 8);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(write(fd[1], "abcdefgh", 8), 8);
		EXPECT_EQ(bytes_wrong(bss.text, 8, '.'), 0);
		utest_done();
	}
	EXPECT_EQ(read(fd[0], bss.text, 8), 8);
	EXPECT_EQ(memcmp(bss.text, "abcdefgh", 8), 0);
	EXPECT_CLEAN(pid);
}

UTEST(readisolate, "R1 readisolate: the child's read leaves the parent's page")
{
	int fd = temp_file_of('C', 1024);
	char *p = pages_new(1);
	pid_t pid;

	memset(p, 'P', PG);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(read(fd, p, 1024), 1024);
		EXPECT_EQ(bytes_wrong(p, 1024, 'C'), 0);
		EXPECT_EQ(bytes_wrong(p + 1024, PG - 1024, 'P'), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(bytes_wrong(p, PG, 'P'), 0);
}

int innocent(void);
int evil(void);

int __attribute__((noinline, noclone)) innocent(void)
{
	return 1;
}

int __attribute__((noinline, noclone)) evil(void)
{
	return 2;
}

static char *
code_of(int (*fn)(void))
{
	char *p;

	memcpy(&p, &fn, sizeof(p));
	return p;
}

UTEST(textstore, "R4 textstore: the child's store into its text kills it")
{
	EXPECT_SIGNAL(SIGSEGV, poke(code_of(innocent), 0x13));
	EXPECT_EQ(innocent(), 1);
}

UTEST(textinject, "R3 textinject: read cannot put code into any text")
{
	int fd = temp_file(code_of(evil), 8);
	pid_t pid = utest_fork();

	if (pid == 0) {
		EXPECT_ERR(read(fd, code_of(innocent), 8), EFAULT);
		EXPECT_EQ(innocent(), 1);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(innocent(), 1);
	EXPECT_EQ(evil(), 2);
}

UTEST(execheap, "R5 execheap: a heap page does not become executable")
{
	char *heap = sbrk(2 * PG);
	char *const p = (char *)(((uintptr_t)heap + PG - 1) & ~(PG - 1));

	REQUIRE(heap != (char *)-1);
	poke(p, 0);
	EXPECT_SIGNAL(SIGSEGV, code_write(p, CODE_42); _exit(code_call(p)));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, p, code_call(p));
}

/* The first address below a stack that no store of this program may reach. */
static char *
guard_of_a_stack(void)
{
	char *p = pages_new(8);

	REQUIRE(mprotect(p, PG, PROT_NONE) == 0);
	pages_fill(p + PG, 7, 1);
	return p;
}

UTEST(guardload, "R6 guardload: a load from the guard page kills")
{
	char *p = guard_of_a_stack();

	EXPECT_SIGNAL(SIGSEGV, peek(p + PG - 8));
	EXPECT_SIGNAL(SIGSEGV, peek(p));
}

UTEST(guardstore, "R6 guardstore: a store to the guard page kills")
{
	char *p = guard_of_a_stack();

	EXPECT_SIGNAL(SIGSEGV, poke(p + PG - 8, 1));
	EXPECT_SIGNAL(SIGSEGV, poke(p, 1));
}

UTEST(guardread, "R7 guardread: read into the guard page is EFAULT")
{
	char *p = guard_of_a_stack();
	int fd = temp_file_of('C', 64);
	pid_t pid = utest_fork();

	EXPECT_ERR(pread(fd, p + 100, 16, 0), EFAULT);
	EXPECT_ERR(pread(fd, p, 16, 0), EFAULT);
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
}

/* Recursion without an end, which the compiler must not see through. */
static int __attribute__((noinline)) descend(volatile int *stop, int n)
{
	volatile char room[2000];

	room[0] = (char)n;
	if (*stop)
		return 0;
	return descend(stop, n + 1) + room[0];
}

UTEST(stackend, "R6 stackend: the real stack ends in SIGSEGV, also after fork")
{
	static volatile int stop;
	pid_t pid;

	EXPECT_SIGNAL(SIGSEGV, descend(&stop, 0));
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_SIGNAL(SIGSEGV, descend(&stop, 0));
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(wildstore, "R8 wildstore: a store to an empty region kills")
{
	EXPECT_SIGNAL(SIGSEGV, poke(WILD, 1));
}

UTEST(wildload, "R8 wildload: a load from an empty region kills")
{
	EXPECT_SIGNAL(SIGSEGV, peek(WILD));
}

UTEST(kernload, "R8 kernload: a load from the kernel's memory kills")
{
	if (on_qemu_user())
		SKIP("qemu-user adds an offset to every address");
	EXPECT_SIGNAL(SIGSEGV, peek((char *)0xffffffc080000000));
	EXPECT_SIGNAL(SIGSEGV, peek((char *)0xffffffc080200000));
	EXPECT_SIGNAL(SIGSEGV, peek((char *)0xffffffff80000000));
}

UTEST(maxvastore, "R9 maxvastore: a store just past the user's half kills")
{
	need_tine("other machines give a program more than 2^38 bytes");
	EXPECT_SIGNAL(SIGSEGV, poke((char *)(1ul << 38), 1));
}

UTEST(trampstore, "R9 trampstore: a store to the last user page kills")
{
	need_tine("other machines give a program more than 2^38 bytes");
	EXPECT_SIGNAL(SIGSEGV, poke((char *)((1ul << 38) - PG), 1));
	EXPECT_SIGNAL(SIGSEGV, poke((char *)-PG, 1));
}

UTEST(readwild, "R10 readwild: read into an empty region is EFAULT")
{
	EXPECT_ERR(pread(temp_file_of('C', 64), WILD, 16, 0), EFAULT);
}

UTEST(waitwild, "R10 waitwild: wait with a wild status pointer is EFAULT")
{
	pid_t pid = utest_fork();

	if (pid == 0)
		_exit(3);
	EXPECT_ERR(syscall(SYS_wait4, pid, WILD, 0, NULL), EFAULT);
}

UTEST(readmaxva, "R11 readmaxva: read past the user's half is EFAULT")
{
	int fd = temp_file_of('C', 64);

	if (on_tine())
		EXPECT_ERR(pread(fd, (char *)(1ul << 38), 16, 0), EFAULT);
	EXPECT_ERR(pread(fd, (char *)(1ul << 62), 16, 0), EFAULT);
}

/* ---- the freed page ---------------------------------------------------- */

/* The kernel writes 8 bytes into a page that a dead child shared. */
static void
read_into_sole_page(uint64_t bytes)
{
	int fd = temp_file(&bytes, sizeof(bytes));
	uint64_t *p = (uint64_t *)pages_new(1);
	pid_t pid;
	char *more;

	p[0] = p[511] = 0x5050505050505050;
	pid = utest_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(read(fd, p, 8), 8);
	EXPECT_EQ(p[0], bytes);
	EXPECT_EQ(p[511], 0x5050505050505050);
	/*
	 * If the page were free, one of these would be it, or follow its link.
	 */
	for (unsigned i = 0; i < 4; i++) {
		more = sbrk(4 * PG);
		REQUIRE(more != (char *)-1);
		EXPECT_EQ(bytes_wrong(more, 4 * PG, 0), 0);
		memset(more, 'm', 4 * PG);
	}
	EXPECT_EQ(p[0], bytes);
	EXPECT_EQ(p[511], 0x5050505050505050);
}

UTEST(freelist, "R2 freelist: read into a sole page does not free it")
{
	read_into_sole_page(0x4141414141414141);
}

UTEST(pwn, "R2 pwn: and cannot put a kernel page into the program")
{
	EXPECT_ERR(kill(999999, 0), ESRCH);
	read_into_sole_page(0xffffffc080400000);
	read_into_sole_page(0xffffffff80400000);
	EXPECT_ERR(kill(999999, 0), ESRCH);
}

/* ---- two harts --------------------------------------------------------- */

UTEST(smpleak, "R16 smpleak: parent and child write the same pages at once")
{
	enum { PAGES = 64 };
	char *p = pages_new(PAGES);
	unsigned rounds = utest_rounds(500);
	long bytes;

	pages_fill(p, PAGES, 0);
	bytes = free_bytes();
	for (unsigned i = 0; i < rounds; i++) {
		pid_t pid = utest_fork();
		unsigned wait = (pid == 0 ? i * 37 : i * 91) % 2048;

		/* Different phases, so that the two meet somewhere. */
		for (volatile unsigned k = 0; k < wait; k++)
			;
		for (unsigned k = 0; k < PAGES; k++)
			poke(p + k * PG, (char)(pid == 0 ? i : ~i));
		for (unsigned k = 0; k < PAGES; k++)
			if (peek(p + k * PG) != (char)(pid == 0 ? i : ~i))
				EXPECT(!"each side reads its own");
		if (pid == 0)
			utest_done();
		if (!EXPECT_CLEAN(pid))
			break;
	}
	EXPECT_FREE(bytes);
}

/* ---- what the patch did right ------------------------------------------ */

UTEST(basic, "R0 basic: a child's writes are its own")
{
	char *p = pages_new(128);
	long bytes = free_bytes();
	pid_t pid;

	pages_fill(p, 128, 1);
	bytes = free_bytes();
	pid = utest_fork();
	if (pid == 0) {
		pages_fill(p, 64, 2);
		EXPECT_EQ(pages_wrong(p, 64, 2), 0);
		EXPECT(pages_wrong(p, 128, 1) == 64);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(pages_wrong(p, 128, 1), 0);
	EXPECT_FREE(bytes);
}

static void
chain(char *p, unsigned i)
{
	pid_t pid;

	EXPECT_EQ(pages_wrong(p, 16, i), 0);
	if (i == 20)
		return;
	pid = utest_fork();
	if (pid == 0) {
		pages_fill(p, 16, i + 1);
		chain(p, i + 1);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(pages_wrong(p, 16, i), 0);
}

UTEST(chain, "R0 chain: 20 generations rewrite the same pages")
{
	char *p = pages_new(16);

	pages_fill(p, 16, 0);
	chain(p, 0);
}

UTEST(shrink, "R0 shrink: the child shrinks its heap and grows it again")
{
	char *p = sbrk(33 * PG);
	pid_t pid;

	REQUIRE(p != (char *)-1);
	p = (char *)(((uintptr_t)p + PG - 1) & ~(PG - 1));
	pages_fill(p, 32, 1);
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(brk(p + 8 * PG) == 0);
		EXPECT_EQ(pages_wrong(p, 8, 1), 0);
		REQUIRE(brk(p + 32 * PG) == 0);
		EXPECT_EQ(bytes_wrong(p + 8 * PG, 24 * PG, 0), 0);
		pages_fill(p, 32, 2);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(pages_wrong(p, 32, 1), 0);
}

UTEST(orphan, "R0 orphan: a child that outlives its parent has its data")
{
	char *p = pages_new(16);
	struct peer c;

	pages_fill(p, 16, 1);
	if (fork_peer(&c) == 0) {
		if (utest_fork() != 0)
			utest_done();
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 16, 1), 0);
		pages_fill(p, 16, 2);
		EXPECT_EQ(pages_wrong(p, 16, 2), 0);
		peer_send(&c, utest_failures == 0 ? 'y' : 'n');
		_exit(0);
	}
	EXPECT_CLEAN(c.pid);
	peer_post(&c);
	EXPECT_EQ(peer_recv(&c), 'y');
	EXPECT_EQ(pages_wrong(p, 16, 1), 0);
}
