/* SPDX-License-Identifier: MIT */
/*
 * tests/user/foreign_c.c - memory that another process writes: rows C10-C12 and
 * H11.
 *
 * The writer uses /proc/PID/mem or process_vm_writev(2).  Only the process that
 * is meant may change: not its parent, not its children, and not the file that
 * the page came from.
 */
#include "arch.h"
#include "thread.h"

#include <sys/uio.h>

static int
mem_open(pid_t pid)
{
	char name[32];
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/mem", (int)pid);
	fd = open(name, O_RDWR | O_CLOEXEC);
	REQUIRE(fd >= 0);
	return fd;
}

static ssize_t
mem_poke(int fd, const void *at, const void *bytes, size_t n)
{
	return pwrite(fd, bytes, n, (off_t)(uintptr_t)at);
}

/* A program cannot write its own text, and qemu-riscv64 has it elsewhere. */
static void
need_memory_files(void)
{
	if (on_qemu_user())
		SKIP("qemu-riscv64 does not place memory where it says");
}

/* ---- C10 ---- */

__attribute__((noinline, aligned(4096))) static int
answer(void)
{
	__asm__ volatile("" : : : "memory");
	return 42;
}

static int (*volatile ask)(void) = answer;

static void
be_poked(struct peer *p)
{
	pid_t pid;

	peer_post(p);
	peer_wait(p);
	EXPECT_EQ(ask(), 43);
	/* It is the child's own memory from here on. */
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(ask(), 43);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, answer,
		     poke((char *)(uintptr_t)answer, 0));
	utest_done();
}

UTEST(c10,
      "C10 poking a child's text changes neither the parent's nor the file")
{
	char before[CODE_LEN], in_file[CODE_LEN];
	const char *text = (const char *)(uintptr_t)answer;
	struct peer c;
	int mem, status;
	pid_t late;

	need_memory_files();
	memcpy(before, text, CODE_LEN);
	EXPECT_EQ(ask(), 42);
	if (fork_peer(&c) == 0)
		be_poked(&c);
	mem = mem_open(c.pid);
	peer_wait(&c);
	REQUIRE(kill(c.pid, SIGSTOP) == 0);
	REQUIRE_EQ(waitpid(c.pid, &status, WUNTRACED), c.pid);
	EXPECT(WIFSTOPPED(status));
	EXPECT_EQ(mem_poke(mem, text, CODE_43, CODE_LEN), CODE_LEN);
	EXPECT_EQ(pread(mem, in_file, CODE_LEN, (off_t)(uintptr_t)text),
		  CODE_LEN);
	EXPECT(memcmp(in_file, CODE_43, CODE_LEN) == 0);
	EXPECT(memcmp(before, text, CODE_LEN) == 0);
	EXPECT_EQ(ask(), 42);
	kill(c.pid, SIGCONT);
	peer_post(&c);
	PEER_END(&c);
	close(mem);
	/* One that maps the file anew has the file's. */
	late = utest_fork();
	if (late == 0) {
		madvise((void *)((uintptr_t)text & ~(PG - 1)), PG,
			MADV_DONTNEED);
		EXPECT(memcmp(before, text, CODE_LEN) == 0);
		utest_done();
	}
	EXPECT_CLEAN(late);
}

UTEST(c10_refused, "C10 a shared mapping that may not be written is not")
{
	int fd = temp_file_of('a', PG), mem;
	char *shared, *private, byte = 'x';

	need_memory_files();
	shared = mmap(NULL, PG, PROT_READ, MAP_SHARED, fd, 0);
	private = mmap(NULL, PG, PROT_READ, MAP_PRIVATE, fd, 0);
	REQUIRE(shared != MAP_FAILED && private != MAP_FAILED);
	mem = mem_open(getpid());
	EXPECT_ERR(mem_poke(mem, shared, &byte, 1), EIO);
	EXPECT_EQ(mem_poke(mem, private, &byte, 1), 1);
	EXPECT_EQ(peek(shared), 'a');
	EXPECT_EQ(peek(private), 'x');
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, private, poke(private, 'y'));
	munmap(private, PG);
	EXPECT_ERR(mem_poke(mem, private, &byte, 1), EIO);
	EXPECT_ERR(pread(mem, &byte, 1, (off_t)(uintptr_t) private), EIO);
	EXPECT_ERR(pread(mem, &byte, 1, INT64_MAX - 4096), EIO);
	close(mem);
}

/* What lies there is 'a': it is read, and written unless it is shared. */
static void
unreachable(int mem, int prot, int flags, int fd)
{
	char *p = mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE, flags, fd, 0);
	char byte = 0, now = (flags & MAP_SHARED) != 0 ? 'a' : 'b';

	REQUIRE(p != MAP_FAILED);
	poke(p, 'a');
	REQUIRE(mprotect(p, 2 * PG, prot) == 0);
	for (int i = 0; i < 2; i++) {
		char *at = p + i * PG;

		/* The second page was never touched. */
		byte = 'x';
		EXPECT_EQ(pread(mem, &byte, 1, (off_t)(uintptr_t)at), 1);
		EXPECT_EQ(byte, i == 0 || fd >= 0 ? 'a' : 0);
		if (flags & MAP_SHARED)
			EXPECT_ERR(mem_poke(mem, at, "b", 1), EIO);
		else
			EXPECT_EQ(mem_poke(mem, at, "b", 1), 1);
		EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, at, poke(at, 'c'));
		if (prot == PROT_NONE)
			EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, at, peek(at));
	}
	REQUIRE(mprotect(p, 2 * PG, PROT_READ) == 0);
	EXPECT_EQ(peek(p), now);
	EXPECT_EQ(peek(p + PG), fd < 0 && now == 'a' ? 0 : now);
	munmap(p, 2 * PG);
}

UTEST(c10_unreachable, "C10 a debugger also reaches pages without any right")
{
	int fd = temp_file_of('a', 2 * PG), mem;

	need_memory_files();
	mem = mem_open(getpid());
	for (int prot = PROT_NONE; prot >= 0;
	     prot = prot == 0 ? PROT_EXEC : -1) {
		unreachable(mem, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		unreachable(mem, prot, MAP_SHARED | MAP_ANONYMOUS, -1);
		unreachable(mem, prot, MAP_PRIVATE, fd);
		unreachable(mem, prot, MAP_SHARED, fd);
	}
	EXPECT_AUDIT();
	close(mem);
	close(fd);
}

/* ---- C11 ---- */

static char *cow_page;
static _Atomic bool stop;
static _Atomic unsigned poked;

/* At most four times for each poke, which must find its page there once. */
static void *
discard(void *arg)
{
	for (unsigned i = 0; !stop; i++) {
		while (i > 4 * poked && !stop)
			sched_yield();
		madvise(cow_page, PG, MADV_DONTNEED);
		(void)peek(cow_page);
	}
	return arg;
}

UTEST(c11, "C11 no race of writing by /proc/self/mem and MADV_DONTNEED reaches "
	   "the file")
{
	unsigned rounds = utest_rounds(4000), other = 0;
	int fd = temp_file_of('f', PG), mem;
	char bytes[64];
	pthread_t t;

	need_memory_files();
	mem = mem_open(getpid());
	cow_page = mmap(NULL, PG, PROT_READ, MAP_PRIVATE, fd, 0);
	REQUIRE(cow_page != MAP_FAILED);
	t = start(discard, NULL);
	memset(bytes, 'p', sizeof(bytes));
	for (unsigned i = 0; i < rounds; i++) {
		char c;

		if (mem_poke(mem, cow_page + 128, bytes, 64) != 64)
			break;
		poked++;
		c = peek(cow_page + 130);
		other += c != 'p' && c != 'f';
		if (i % 500 == 499)
			EXPECT_EQ(pread(fd, &c, 1, 130), 1);
		EXPECT(i % 500 != 499 || c == 'f');
		if (i % 1000 == 999)
			utest_note("%u rounds", i + 1);
	}
	stop = true;
	finish(t);
	EXPECT_EQ(other, 0);
	munmap(cow_page, PG);
	cow_page = mmap(NULL, PG, PROT_READ, MAP_SHARED, fd, 0);
	REQUIRE(cow_page != MAP_FAILED);
	EXPECT_EQ(bytes_wrong(cow_page, PG, 'f'), 0);
	close(mem);
}

/* ---- C12, process_vm_writev ---- */

/* Forks; each child's word stands still whatever the writer does meanwhile. */
static void
fork_while_written(struct peer *p, volatile unsigned long *word,
		   _Atomic unsigned *done)
{
	while (*word == 0) /* the writer is at work */
		sched_yield();
	for (unsigned i = 0; i < utest_rounds(300); i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			unsigned long first = *word;
			unsigned changed = 0;

			for (unsigned k = 0; k < 1000; k++) {
				changed += *word != first;
				if (k % 250 == 0)
					sched_yield();
			}
			_exit(changed != 0);
		}
		if (!EXPECT_EXIT(pid, 0))
			break;
		if (i % 100 == 99)
			utest_note("%u forks", i + 1);
	}
	*done = 1;
	peer_wait(p);
	utest_done();
}

UTEST(c12, "C12 what another process writes after a fork is not the child's")
{
	_Atomic unsigned *done = shared_new(1);
	unsigned long *word = (unsigned long *)pages_new(1), n = 0;
	struct iovec mine = { &n, sizeof(n) }, its = { word, sizeof(n) };
	struct peer c;

	need_memory_files();
	*word = 0;
	if (fork_peer(&c) == 0)
		fork_while_written(&c, word, done);
	while (!*done && !utest_failures) {
		n++;
		EXPECT_EQ(process_vm_writev(c.pid, &mine, 1, &its, 1, 0),
			  sizeof(n));
		if (n % 8 == 0)
			sched_yield();
	}
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(*word, 0);
}

#define PIECES 40

UTEST(c12_vectors,
      "C12 process_vm_readv and writev take vectors and say how far")
{
	char *p = pages_new(4), *mine = pages_new(4);
	struct iovec its[PIECES], one = { mine, 3 * PG };
	struct peer c;

	need_memory_files();
	pages_fill(p, 4, 7);
	if (fork_peer(&c) == 0) {
		pages_fill(p, 4, 8);
		munmap(p + 3 * PG, PG);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(bytes_wrong(p + 10, PG, 'w'), 0);
		utest_done();
	}
	peer_wait(&c);
	for (unsigned i = 0; i < PIECES; i++)
		its[i] = (struct iovec){ p + i * 300, 300 };
	EXPECT_EQ(process_vm_readv(c.pid, &one, 1, its, PIECES, 0),
		  PIECES * 300);
	EXPECT_EQ(pages_wrong(mine, 2, 8), 0);
	EXPECT_EQ(pages_wrong(p, 4, 7), 0);

	/* Up to the hole, or not at all. */
	its[0] = (struct iovec){ p + 3 * PG - 100, 200 };
	EXPECT_EQ(process_vm_readv(c.pid, &one, 1, its, 1, 0), 100);
	its[0].iov_base = p + 3 * PG;
	EXPECT_ERR(process_vm_readv(c.pid, &one, 1, its, 1, 0), EFAULT);
	its[0] = (struct iovec){ p, 0 };
	EXPECT_EQ(process_vm_readv(c.pid, &one, 1, its, 1, 0), 0);
	EXPECT_EQ(process_vm_readv(c.pid, NULL, 0, its, 1, 0), 0);
	EXPECT_ERR(process_vm_readv(c.pid, &one, 1, its, 1, 1), EINVAL);
	EXPECT_ERR(process_vm_readv(c.pid, &one, 2000, its, 1, 0), EINVAL);
	EXPECT_ERR(process_vm_readv(c.pid, NULL, 1, its, 1, 0), EFAULT);

	memset(mine, 'w', PG);
	one.iov_len = PG;
	its[0] = (struct iovec){ p + 10, PG };
	EXPECT_EQ(process_vm_writev(c.pid, &one, 1, its, 1, 0), PG);
	EXPECT_EQ(pages_wrong(p, 4, 7), 0);
	peer_post(&c);
	PEER_END(&c);
	its[0] = (struct iovec){ p, 1 };
	EXPECT_ERR(process_vm_readv(c.pid, &one, 1, its, 1, 0), ESRCH);
}

UTEST(c12_others, "C12 another user's memory is out of reach")
{
	char *p = pages_new(1), byte = 'x', name[32];
	struct iovec mine = { &byte, 1 }, its = { p, 1 };
	pid_t parent = getpid(), pid;

	need_memory_files();
	if (geteuid() != 0)
		SKIP("only root can become another user");
	poke(p, 'p');
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(setgid(1234) == 0 && setuid(1234) == 0);
		EXPECT_ERR(process_vm_writev(parent, &mine, 1, &its, 1, 0),
			   EPERM);
		EXPECT_ERR(process_vm_readv(parent, &mine, 1, &its, 1, 0),
			   EPERM);
		EXPECT_EQ(process_vm_readv(getpid(), &mine, 1, &its, 1, 0), 1);
		snprintf(name, sizeof(name), "/proc/%d/mem", (int)parent);
		EXPECT_ERR(open(name, O_RDONLY), EACCES);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(peek(p), 'p');
}

/* ---- H11 ---- */

static char *code;
static _Atomic int wanted, wrong_answers, asked;

static void *
run_code(void *arg)
{
	int want, last = 0;

	while ((want = wanted) >= 0) {
		if (want == last) {
			sched_yield();
			continue;
		}
		wrong_answers += code_call(code) != want;
		last = want;
		asked = want;
	}
	return arg;
}

UTEST(h11, "H11 code that is poked in runs on another hart at once")
{
	unsigned rounds = utest_rounds(1000);
	pthread_t t;
	int mem;

	need_memory_files();
	mem = mem_open(getpid());
	code = mmap(NULL, PG, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(code != MAP_FAILED);
	EXPECT_EQ(mem_poke(mem, code, CODE_42, CODE_LEN), CODE_LEN);
	EXPECT_EQ(code_call(code), 42);
	t = start(run_code, NULL);
	for (unsigned i = 0; i < rounds; i++) {
		int next = i % 2 ? 42 : 43;

		EXPECT_EQ(mem_poke(mem, code, next == 42 ? CODE_42 : CODE_43,
				   CODE_LEN),
			  CODE_LEN);
		wanted = next;
		while (asked != next)
			sched_yield();
		if (i % 250 == 249)
			utest_note("%u rounds", i + 1);
	}
	wanted = -1;
	finish(t);
	EXPECT_EQ(wrong_answers, 0);
	close(mem);
}
