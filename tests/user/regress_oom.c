/*
 * tests/user/regress_oom.c - the tests of regress.c that need a machine
 * without free memory.
 */
#include "utest.h"

static char *eaten[64]; /* what to give back, largest first */
static size_t eaten_size[64];
static unsigned eaten_n;

/* Takes all memory, chunk by chunk; the last are single pages. */
static void
eat_all(void)
{
	for (size_t size = 1ul << 30; size >= PG; size /= 2) {
		char *p;

		while ((p = mmap(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) !=
		       MAP_FAILED) {
			for (size_t i = 0; i < size; i += PG)
				poke(p + i, 1);
			if (eaten_n == ARRAY_LEN(eaten))
				break;
			eaten[eaten_n] = p;
			eaten_size[eaten_n++] = size;
		}
	}
}

static void
give_back(size_t pages)
{
	while (pages > 0 && eaten_n > 0) {
		size_t have = eaten_size[eaten_n - 1] / PG;
		size_t n = have < pages ? have : pages;

		have -= n;
		munmap(eaten[eaten_n - 1] + have * PG, n * PG);
		eaten_size[eaten_n - 1] = have * PG;
		if (have == 0)
			eaten_n--;
		pages -= n;
	}
}

/*
 * Runs the rest in a child that may eat everything and may be killed for
 * want of memory where memory is promised that does not exist.
 */
static void
in_a_hungry_child(void (*run)(void))
{
	pid_t pid;
	int status;

	need_tine("takes all the memory there is");
	pid = utest_fork();
	if (pid == 0) {
		run();
		utest_done();
	}
	status = utest_wait(pid);
	if (status == SIGKILL)
		utest_note("the hungry child was killed for want of memory");
	else
		EXPECT_EQ(status, 0);
}

static void
oom_fault(void)
{
	enum { INHERITED = 2000 };
	char *p = pages_new(INHERITED);
	int status;
	pid_t pid;

	pages_fill(p, INHERITED, 1);
	eat_all();
	give_back(160);
	pid = fork();
	if (pid < 0) {
		EXPECT(errno == ENOMEM || errno == EAGAIN);
		EXPECT_EQ(pages_wrong(p, INHERITED, 1), 0);
		return;
	}
	if (pid == 0) {
		pages_fill(p, INHERITED, 2);
		_exit(pages_wrong(p, INHERITED, 2) != 0);
	}
	status = utest_wait(pid);
	EXPECT(status == 0 || WIFSIGNALED(status));
	EXPECT_EQ(pages_wrong(p, INHERITED, 1), 0);
}

UTEST(oomfault, "R12 oomfault: no memory for a child's writes")
{
	in_a_hungry_child(oom_fault);
}

/* A page that was shared with a child that is gone; all memory is eaten. */
static char *
sole_page_without_memory(void)
{
	char *p = pages_new(4);
	pid_t pid;

	pages_fill(p, 4, 1);
	pid = utest_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	eat_all();
	return p;
}

static void
oom_sole(void)
{
	char *p = sole_page_without_memory();

	pages_fill(p, 4, 2);
	EXPECT_EQ(pages_wrong(p, 4, 2), 0);
}

UTEST(oomsole, "R14 oomsole: writing a page one owns alone needs no memory")
{
	in_a_hungry_child(oom_sole);
}

static int hungry_file;

static void
oom_copyout(void)
{
	char *p = sole_page_without_memory();
	long got = pread(hungry_file, p, 16, 0);

	EXPECT(got == 16 || (got == -1 && errno == EFAULT));
	if (got == 16)
		EXPECT_EQ(bytes_wrong(p, 16, 'C'), 0);
	else
		EXPECT_EQ(pages_wrong(p, 1, 1), 0);
}

UTEST(oomcopyout, "R13 oomcopyout: nor does reading into it")
{
	hungry_file = temp_file_of('C', PG);
	in_a_hungry_child(oom_copyout);
}

static void
fork_fail_leak(void)
{
	pid_t pid;

	eat_all();
	for (unsigned i = 0; i < 12; i++) {
		give_back(1);
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid > 0)
			utest_wait(pid);
		else
			EXPECT(errno == ENOMEM || errno == EAGAIN);
	}
}

UTEST(forkfailleak, "R15 forkfailleak: 12 forks that fail lose no page")
{
	long kb = free_kb();

	in_a_hungry_child(fork_fail_leak);
	EXPECT_FREE_KB(kb);
}
