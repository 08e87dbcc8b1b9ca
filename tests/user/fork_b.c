/* SPDX-License-Identifier: MIT */
/*
 * tests/user/fork_b.c - permissions across fork: rows B1-B9 and B11-B14.
 *
 * A page may lose its write bit for a while.  It may never gain a permission
 * that its mapping does not have, and every refusal says where and why.  B10 is
 * in tests/kernel/conform_test.c.
 */
#include "utest.h"
#include "arch.h"

#include <sys/syscall.h>

/* Code and constants to be attacked; both end up on read-only pages. */
int victim(void);
int __attribute__((noinline, noclone)) victim(void)
{
	return 1;
}

static const char constant[64] = "the bytes of a constant";

static char *
address_of_code(void)
{
	int (*fn)(void) = victim;
	char *p;

	memcpy(&p, &fn, sizeof(p));
	return p;
}

/* A store to p is refused and changes nothing, in this process. */
static void
refuse_store(const volatile char *p)
{
	char before = *p;
	uintptr_t at = (uintptr_t)p;

	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, at,
		     *(volatile char *)at = (char)(before + 1));
	EXPECT_EQ(*p, before);
}

/* before fork, in the child, and in the parent with a child alive and gone */
static void
refuse_everywhere(const volatile char *p)
{
	struct peer c;

	refuse_store(p);
	if (fork_peer(&c) == 0) {
		refuse_store(p);
		refuse_store(p);
		peer_post(&c);
		peer_wait(&c);
		refuse_store(p);
		utest_done();
	}
	peer_wait(&c);
	refuse_store(p);
	peer_post(&c);
	PEER_END(&c);
	refuse_store(p);
}

UTEST(b1, "B1 a store to text is refused before and after fork")
{
	refuse_everywhere(address_of_code());
	EXPECT_EQ(victim(), 1);
	EXPECT_SIGNAL(SIGSEGV, poke(address_of_code(), 0));
}

UTEST(b2, "B2 a store to a constant is refused before and after fork")
{
	refuse_everywhere(constant);
	EXPECT_EQ(memcmp(constant, "the bytes", 9), 0);
}

/* Stores an instruction at p, after a fork shared its page, and jumps to it. */
static void
refuse_jump(char *p)
{
	code_write(p, CODE_42);
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, p, code_call(p));
}

UTEST(b3, "B3 broken stack, heap and data pages are not executable")
{
	static char data[64] __attribute__((aligned(8)));
	char stack[64] __attribute__((aligned(8)));
	char *map = pages_new(1), *heap = malloc(64);
	pid_t pid;

	poke(map, 1);
	poke(heap, 1);
	pid = utest_fork();
	refuse_jump(stack);
	refuse_jump(map);
	refuse_jump(data);
	refuse_jump((char *)(((uintptr_t)heap + 7) & ~7ul));
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
	free(heap);
}

static void
refuse_guard(char *guard)
{
	int fd[2];

	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, guard + 100, peek(guard + 100));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, guard + PG - 1,
		     poke(guard + PG - 1, 1));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, guard, code_call(guard));
	/* The kernel must refuse on the program's behalf as well. */
	REQUIRE(pipe(fd) == 0);
	EXPECT_ERR(write(fd[1], guard, 1), EFAULT);
	close(fd[0]);
	close(fd[1]);
	EXPECT_ERR(syscall(SYS_getcwd, guard, PG), EFAULT);
}

UTEST(b4, "B4 a PROT_NONE page below a stack stays closed after fork")
{
	char *p = pages_new(4);
	struct peer c;

	/* It has held data: the guard must not show it again. */
	pages_fill(p, 4, 1);
	REQUIRE(mprotect(p, PG, PROT_NONE) == 0);
	refuse_guard(p);
	if (fork_peer(&c) == 0) {
		refuse_guard(p);
		pages_fill(p + PG, 3, 2);
		refuse_guard(p);
		utest_done();
	}
	refuse_guard(p);
	PEER_END(&c);
	refuse_guard(p);
	EXPECT_AUDIT();
	REQUIRE(mprotect(p, PG, PROT_READ) == 0);
	EXPECT_EQ(pages_wrong(p, 4, 1), 0);
}

/*
 * How many leaves one fork looks at, or -1.  A strategy that shares page tables
 * looks at the leaves of a few tables only: there all present leaves are
 * counted.
 */
static long
leaves_of_a_fork(void)
{
	bool by_table = strcmp(strategy(), "ondemand") == 0 ||
			strcmp(strategy(), "lazy") == 0;
	long before = stat_get("leaves_seen"), size, resident = -1;
	FILE *f;

	EXPECT_CLEAN(utest_fork() ?: (utest_done(), 0));
	if (before < 0 || !by_table)
		return before < 0 ? -1 : stat_get("leaves_seen") - before;
	f = fopen("/proc/self/statm", "r");
	REQUIRE(f != NULL);
	EXPECT_EQ(fscanf(f, "%ld %ld", &size, &resident), 2);
	fclose(f);
	return resident;
}

UTEST(b5, "B5 fork does not look at 1000 PROT_NONE pages")
{
	long before = 0, present = 0, touched = 0;

	/* The first round brings in the pages of code that the second uses. */
	for (int round = 0; round < 2; round++) {
		char *p;

		before = leaves_of_a_fork();
		p = mmap(NULL, 1000 * PG, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		REQUIRE(p != MAP_FAILED);
		present = leaves_of_a_fork();
		refuse_guard(p + 500 * PG);
		touched = leaves_of_a_fork();
		REQUIRE(munmap(p, 1000 * PG) == 0);
	}
	EXPECT_EQ(present, before);
	EXPECT_EQ(touched, before);
}

UTEST(b4_leaf, "B4 no leaf appears behind a guard that is touched")
{
	long before = 0, guarded = 0, opened = 0;

	need_tine("counts the leaves that fork sees");
	for (int round = 0; round < 2; round++) {
		char *p = pages_new(2);

		poke(p + PG, 1);
		REQUIRE(mprotect(p, PG, PROT_NONE) == 0);
		before = leaves_of_a_fork();
		refuse_guard(p);
		guarded = leaves_of_a_fork();
		REQUIRE(mprotect(p, PG, PROT_READ | PROT_WRITE) == 0);
		poke(p, 1);
		opened = leaves_of_a_fork();
		REQUIRE(munmap(p, 2 * PG) == 0);
	}
	EXPECT(before > 0);
	EXPECT_EQ(guarded, before);
	/* A page that may be touched is one leaf more: the count counts. */
	EXPECT_EQ(opened, before + 1);
}

static void
refuse_read(char *p)
{
	EXPECT_EQ(code_call(p), 42);
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, p, peek(p));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, p, poke(p, 1));
	EXPECT_EQ(code_call(p), 42);
}

UTEST(b6, "B6 an execute-only page runs and cannot be read after fork")
{
	char *p = pages_new(1);
	pid_t pid;

	need_tine("few machines that run Linux know execute-only pages");
	code_write(p, CODE_42);
	REQUIRE(mprotect(p, PG, PROT_EXEC) == 0);
	refuse_read(p);
	pid = utest_fork();
	refuse_read(p);
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
	refuse_read(p);
}

UTEST(b7, "B7 written, made read-only, forked, made writable in the child")
{
	char *p = pages_new(4);
	struct peer c;

	pages_fill(p, 4, 1);
	REQUIRE(mprotect(p, 4 * PG, PROT_READ) == 0);
	if (fork_peer(&c) == 0) {
		refuse_store(p);
		REQUIRE(mprotect(p, 4 * PG, PROT_READ | PROT_WRITE) == 0);
		pages_fill(p, 4, 2);
		EXPECT_EQ(pages_wrong(p, 4, 2), 0);
		utest_done();
	}
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, 4, 1), 0);
	refuse_store(p);
}

UTEST(b8, "B8 forked, then read-only and writable again in the parent")
{
	char *p = pages_new(4);
	struct peer c;

	pages_fill(p, 4, 1);
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 4, 1), 0);
		pages_fill(p, 4, 3);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 4, 3), 0);
		utest_done();
	}
	REQUIRE(mprotect(p, 4 * PG, PROT_READ) == 0);
	refuse_store(p);
	REQUIRE(mprotect(p, 4 * PG, PROT_READ | PROT_WRITE) == 0);
	EXPECT_AUDIT();
	pages_fill(p, 4, 2);
	EXPECT_AUDIT();
	peer_post(&c);
	peer_wait(&c);
	EXPECT_EQ(pages_wrong(p, 4, 2), 0);
	peer_post(&c);
	PEER_END(&c);
}

UTEST(b9, "B9 a read-only page forked, the parent alone makes it writable")
{
	char *p = pages_new(4);
	struct peer c;

	pages_fill(p, 4, 1);
	REQUIRE(mprotect(p, 4 * PG, PROT_READ) == 0);
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 4, 1), 0);
		refuse_store(p);
		utest_done();
	}
	REQUIRE(mprotect(p, 4 * PG, PROT_READ | PROT_WRITE) == 0);
	pages_fill(p, 4, 2);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, 4, 2), 0);
}

/* ---- the middle of a leaf table ---- */

#define SPAN	512ul	     /* pages behind one leaf table */
#define MIDDLE	128ul	     /* first page with a new permission */
#define MID_END (3 * MIDDLE) /* first page after those */

/* Pages [from, to) hold seed, each moved on by its number. */
static void
stamp(char *p, size_t from, size_t to, unsigned seed)
{
	for (size_t i = from; i < to; i++)
		memset(p + i * PG, (int)(seed + i), PG);
}

static size_t
stamps_wrong(const char *p, size_t from, size_t to, unsigned seed)
{
	size_t wrong = 0;

	for (size_t i = from; i < to; i++)
		wrong += bytes_wrong(p + i * PG, PG, (int)(seed + i)) != 0;
	return wrong;
}

/* This side has lost W in the middle and still has the old bytes there. */
static void
middle_is_read_only(char *p, unsigned old, unsigned fresh)
{
	EXPECT_EQ(stamps_wrong(p, 0, SPAN, old), 0);
	for (size_t i = MIDDLE; i < MID_END; i++)
		refuse_store(p + i * PG + i);
	stamp(p, 0, MIDDLE, fresh);
	stamp(p, MID_END, SPAN, fresh);
	EXPECT_EQ(stamps_wrong(p, 0, MIDDLE, fresh), 0);
	EXPECT_EQ(stamps_wrong(p, MIDDLE, MID_END, old), 0);
	EXPECT_EQ(stamps_wrong(p, MID_END, SPAN, fresh), 0);
}

/* This side keeps every permission: its bytes are old, and all can change. */
static void
all_is_writable(char *p, unsigned old, unsigned fresh)
{
	EXPECT_EQ(stamps_wrong(p, 0, SPAN, old), 0);
	stamp(p, 0, SPAN, fresh);
	EXPECT_EQ(stamps_wrong(p, 0, SPAN, fresh), 0);
}

static void
protect_middle_in(bool child_protects)
{
	char *all = pages_new(2 * SPAN);
	/* All of one leaf table, and nothing else, is forked and changed. */
	char *p = (char *)(((uintptr_t)all + SPAN * PG - 1) & -(SPAN * PG));
	struct peer c;
	bool mine;

	stamp(p, 0, SPAN, 1);
	fork_peer(&c);
	mine = (c.pid == 0) == child_protects;
	if (mine) {
		REQUIRE(mprotect(p + MIDDLE * PG, (MID_END - MIDDLE) * PG,
				 PROT_READ) == 0);
		middle_is_read_only(p, 1, 2);
		EXPECT_AUDIT();
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(stamps_wrong(p, MIDDLE, MID_END, 1), 0);
	} else {
		peer_wait(&c);
		all_is_writable(p, 1, 3);
		peer_post(&c);
	}
	if (c.pid == 0)
		utest_done();
	PEER_END(&c);
	EXPECT_EQ(munmap(all, 2 * SPAN * PG), 0);
}

UTEST(b11, "B11 mprotect in the middle of 2 MiB changes one side only")
{
	protect_middle_in(false);
	protect_middle_in(true);
}

/*
 * Addresses no program can have.  Linux on another machine, or emulated,
 * reports some of them differently or has something mapped there.
 */
static const uintptr_t outside[] = {
	1ul << 38,	    (1ul << 38) + 8,	1ul << 39,
	1ul << 47,	    1ul << 62,		1ul << 63,
	0xffffffbffffffff8, 0xffffffc000000000, 0xffffffc080000000,
	0xffffffff80000000, 0xffffffff80200000, 0xfffffffffffff000,
	0xfffffffffffffff8,
};

static void
try_outside(uintptr_t a)
{
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, a, peek((char *)a));
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, a, poke((char *)a, 1));
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, a, code_call((char *)a));
	EXPECT_SIGNAL(SIGSEGV, peek((char *)a));
	EXPECT_SIGNAL(SIGSEGV, poke((char *)a, 1));
	EXPECT_SIGNAL(SIGSEGV, code_call((char *)a));
}

UTEST(b12, "B12 load, store and jump outside the user's half")
{
	need_tine("these addresses differ from machine to machine");
	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		try_outside(outside[i]);
}

UTEST(b12_signal, "B12 load and store at kernel addresses only kill")
{
	static const uintptr_t kernel[] = {
		0xffffffff80000000,
		0xffffffff80200000,
		0xffffffc080000000,
	};

	if (on_qemu_user())
		SKIP("qemu-user adds an offset to every address");
	for (size_t i = 0; i < ARRAY_LEN(kernel); i++) {
		EXPECT_SIGNAL(SIGSEGV, peek((char *)kernel[i]));
		EXPECT_SIGNAL(SIGSEGV, poke((char *)kernel[i], 1));
		EXPECT_SIGNAL(SIGSEGV, code_call((char *)kernel[i]));
	}
}

UTEST(b13, "B13 load, store and jump where there is not even a table")
{
	static const uintptr_t empty[] = {
		0, 8, PG - 8, 0x1500000000, 0x1540000ff8, 0x2a00000000,
	};

	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		try_outside(empty[i]);
}

static void
refuse_prot(char *p, int prot)
{
	REQUIRE(mprotect(p, PG, prot) == 0);
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, p + 33, poke(p + 33, 1));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, p, code_call(p));
}

UTEST(b14, "B14 SIGSEGV tells a hole from a missing permission")
{
	char *p = pages_new(3);

	REQUIRE(munmap(p + PG, PG) == 0);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, p + PG + 17, peek(p + PG + 17));
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, p + PG + 17, poke(p + PG + 17, 1));
	refuse_prot(p, PROT_NONE);
	refuse_prot(p, PROT_READ);
	EXPECT_SIGNAL(SIGSEGV, poke(p + 33, 1));
}

UTEST(b14_ill, "B14 an illegal instruction is SIGILL at its address")
{
	struct fault f;

	CATCH(&f, __asm__ volatile(ASM_ILLEGAL));
	EXPECT_EQ(f.signo, SIGILL);
	EXPECT(f.code > 0);
	EXPECT(f.addr >= 0x1000);
	EXPECT_SIGNAL(SIGILL, __asm__ volatile(ASM_ILLEGAL));
}

UTEST(b14_trap, "B14 a breakpoint is SIGTRAP")
{
	struct fault f;

	CATCH(&f, __asm__ volatile(ASM_BREAK));
	EXPECT_EQ(f.signo, SIGTRAP);
	EXPECT_SIGNAL(SIGTRAP, __asm__ volatile(ASM_BREAK));
}

UTEST(b14_bus, "B14 a file page beyond the end is SIGBUS")
{
	int fd = temp_file_of('f', 100);
	char *p =
		mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	REQUIRE(p != MAP_FAILED);
	EXPECT_EQ(peek(p + 99), 'f');
	EXPECT_EQ(peek(p + 100), 0);
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, p + PG + 5, peek(p + PG + 5));
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, p + PG + 5, poke(p + PG + 5, 1));
	EXPECT_SIGNAL(SIGBUS, peek(p + PG));
}
