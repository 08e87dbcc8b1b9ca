/*
 * tests/user/short_f.c - shortage: rows F1 and F2.  The nth allocation of a
 * task fails, for every n there is; nothing else may change.
 */
#include "utest.h"
#include "arch.h"

#define MOST 2000 /* allocations one action may make */

/* One page or more of each kind of mapping, with known content. */
struct rich {
	char *anon, *zero, *readonly, *none, *shared, *file, *broken;
};

static struct rich
rich_space(void)
{
	int fd = temp_file_of('f', 4 * PG);
	struct rich r;

	r.anon = pages_new(1100); /* more than two tables */
	pages_fill(r.anon, 8, 1);
	pages_fill(r.anon + 600 * PG, 4, 2);
	pages_fill(r.anon + 1090 * PG, 4, 3);
	r.zero = pages_new(4);
	EXPECT_EQ(bytes_wrong(r.zero, 4 * PG, 0), 0);
	r.readonly = pages_new(2);
	pages_fill(r.readonly, 2, 4);
	REQUIRE(mprotect(r.readonly, 2 * PG, PROT_READ) == 0);
	r.none = pages_new(2);
	pages_fill(r.none, 2, 5);
	REQUIRE(mprotect(r.none, 2 * PG, PROT_NONE) == 0);
	r.shared = mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(r.shared != MAP_FAILED);
	pages_fill(r.shared, 2, 6);
	r.file = mmap(NULL, 4 * PG, PROT_READ, MAP_SHARED, fd, 0);
	REQUIRE(r.file != MAP_FAILED);
	EXPECT_EQ(peek(r.file), 'f');
	r.broken =
		mmap(NULL, 4 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	REQUIRE(r.broken != MAP_FAILED);
	pages_fill(r.broken, 2, 7);
	close(fd);
	return r;
}

static void
check_rich(const struct rich *r, unsigned seed)
{
	EXPECT_EQ(pages_wrong(r->anon, 8, seed), 0);
	EXPECT_EQ(pages_wrong(r->anon + 600 * PG, 4, 2), 0);
	EXPECT_EQ(pages_wrong(r->anon + 1090 * PG, 4, 3), 0);
	EXPECT_EQ(bytes_wrong(r->zero, 4 * PG, 0), 0);
	EXPECT_EQ(pages_wrong(r->readonly, 2, 4), 0);
	EXPECT_EQ(pages_wrong(r->shared, 2, 6), 0);
	EXPECT_EQ(bytes_wrong(r->file, 4 * PG, 'f'), 0);
	EXPECT_EQ(pages_wrong(r->broken, 2, 7), 0);
	EXPECT_EQ(bytes_wrong(r->broken + 2 * PG, 2 * PG, 'f'), 0);
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, r->readonly, poke(r->readonly, 1));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, r->none, peek(r->none));
}

/* Every page that had its own frame can be written without any memory. */
static void
write_without_memory(const struct rich *r, int fd, unsigned seed)
{
	long left;

	fail_arm(fd, 1);
	pages_fill(r->anon, 8, seed);
	pages_fill(r->anon + 600 * PG, 4, 2);
	pages_fill(r->anon + 1090 * PG, 4, 3);
	pages_fill(r->broken, 2, 7);
	left = fail_disarm(fd);
	EXPECT_EQ(left, 1);
}

UTEST(f1, "F1 fork with the nth allocation failing changes nothing")
{
	int fd = fail_open();
	struct rich r = rich_space();
	bool failed = true;
	long n;

	for (n = 1; n < MOST && failed; n++) {
		pid_t pid;
		int err;

		fail_arm(fd, n);
		pid = fork();
		err = errno;
		if (pid == 0)
			_exit(0);
		failed = fail_disarm(fd) == 0;
		if (pid > 0)
			EXPECT_EXIT(pid, 0);
		/*
		 * Fork was over: our own first write after it took the
		 * failure, and the fault was tried again.
		 */
		if (failed && pid > 0)
			failed = false;
		if (failed != (pid < 0))
			utest_fail(__FILE__, __LINE__,
				   "n = %ld: the failure "
				   "%s, fork gives %d",
				   n, failed ? "came" : "did not come",
				   (int)pid);
		if (pid < 0)
			EXPECT(err == ENOMEM);
		EXPECT_AUDIT();
		check_rich(&r, (unsigned)n);
		write_without_memory(&r, fd, (unsigned)n + 1);
		if (utest_failures > 10)
			utest_done();
		if (n % 8 == 0)
			utest_note("fork failed at %ld places so far", n);
	}
	EXPECT(!failed);
	EXPECT(n > 2);
	utest_note("fork failed at %ld places", n - 2);
}

/* Forks with the nth allocation failing; 0 in no process, -1 if it failed. */
static pid_t
starved_fork(int fd, long n)
{
	pid_t pid;

	fail_arm(fd, n);
	pid = fork();
	if (pid == 0)
		_exit(0);
	fail_disarm(fd);
	return pid;
}

UTEST(f1_leak, "F1 forks that fail leave no frame behind")
{
	int fd = fail_open();
	struct rich r = rich_space();
	long bytes = -1, n;
	pid_t pid = -1;

	/* First what a fork that fails and one that does not make our own. */
	for (int round = 0; round < 2; round++) {
		EXPECT_FREE(bytes);
		EXPECT_EQ(starved_fork(fd, 1), -1);
		EXPECT_EXIT(starved_fork(fd, 0), 0);
		bytes = free_bytes();
	}
	for (n = 1; n < MOST && pid < 0; n++) {
		pid = starved_fork(fd, n);
		/* A child that came to be is not reaped yet. */
		if (pid < 0 && !EXPECT_FREE(bytes))
			break;
	}
	EXPECT(n > 2);
	if (pid > 0)
		EXPECT_EXIT(pid, 0);
	EXPECT_FREE(bytes);
	check_rich(&r, 1);
}

static char old_pages[8 * PG];

/* The child's pages: its own first word, and for the rest still the parent's. */
static size_t
half_written_wrong(const char *p, size_t pages)
{
	size_t wrong = 0;

	for (size_t i = 0; i < pages; i++) {
		uint64_t *word = (uint64_t *)(p + i * PG);

		wrong += word[0] != i + 1000;
		wrong += memcmp(word + 1, old_pages + i * PG + 8, PG - 8) != 0;
	}
	return wrong;
}

/*
 * Writes one word of each of p's pages in a child whose nth allocation fails;
 * true if it did.  *killed counts the children that this ended.
 */
static bool
starved_writes(char *p, size_t pages, long n, long *killed)
{
	struct peer c;
	int fd, status;
	unsigned char news = 1;

	if (fork_peer(&c) == 0) {
		fd = fail_open();
		fail_arm(fd, n);
		for (size_t i = 0; i < pages; i++)
			store_u64(p + i * PG, i + 1000);
		news = fail_disarm(fd) == 0;
		EXPECT_EQ(half_written_wrong(p, pages), 0);
		REQUIRE(write(c.wr, &news, 1) == 1);
		utest_done();
	}
	/* End of file: the child was killed, which the policy allows. */
	if (read(c.rd, &news, 1) == 0)
		news = 1;
	close(c.rd);
	close(c.wr);
	status = utest_wait(c.pid);
	EXPECT(status == 0 || status == SIGKILL);
	*killed += status == SIGKILL;
	EXPECT_EQ(memcmp(p, old_pages, pages * PG), 0);
	EXPECT_AUDIT();
	return news != 0;
}

UTEST(f2, "F2 a write fault without memory shows no other content")
{
	char *p = pages_new(8);
	long n = 1, killed = 0;

	close(fail_open());
	pages_fill(p, 8, 1);
	/* What the pages must hold, where no fork shares it. */
	memcpy(old_pages, p, sizeof(old_pages));
	while (n < MOST && starved_writes(p, 8, n, &killed))
		n++;
	EXPECT(n < MOST);
	if (strcmp(strategy(), "cow") == 0)
		EXPECT(n > 8);
	utest_note("%ld places, %ld children killed", n - 1, killed);
}

UTEST(f2_zero, "F2 a first write without memory never shows old content")
{
	long n;

	close(fail_open());
	for (n = 1; n < MOST; n++) {
		pid_t pid = utest_fork();
		int status;

		if (pid == 0) {
			char *p = pages_new(4);
			int fd = fail_open();
			bool failed;

			fail_arm(fd, n);
			for (size_t i = 0; i < 4; i++)
				poke(p + i * PG, 'w');
			failed = fail_disarm(fd) == 0;
			for (size_t i = 0; i < 4; i++) {
				EXPECT_EQ(peek(p + i * PG), 'w');
				EXPECT_EQ(bytes_wrong(p + i * PG + 1, PG - 1,
						      0),
					  0);
			}
			_exit(utest_failures != 0 ? 1 : failed ? 2 : 3);
		}
		status = utest_wait(pid);
		EXPECT(WIFSIGNALED(status) || status >> 8 >= 2);
		if (status == 3 << 8)
			break;
	}
	/* Each page took a frame, so each of these has failed once. */
	EXPECT(n > 4 && n < MOST);
}
