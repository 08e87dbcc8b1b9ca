/* SPDX-License-Identifier: MIT */
/*
 * tests/user/short_f.c - shortage: rows F1, F2 and F5-F7, and the faults of F4.
 *
 * The nth allocation of a task fails, for n = 1, 2, ... until an action needs
 * no more (/proc/self/fail-nth).  fork must return ENOMEM, a fault may end its
 * own process, and nothing else may change.  sweep_f.c does the same for system
 * calls.
 */
#include "utest.h"
#include "arch.h"
#include "hunger.h"

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
	r.shared = shared_new(2);
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

	/*
	 * First break the pages that a fork, failing or working, makes us
	 * write.
	 */
	for (int round = 0; round < 2; round++) {
		EXPECT_FREE(bytes);
		EXPECT_EQ(starved_fork(fd, 1), -1);
		EXPECT_EXIT(starved_fork(fd, 0), 0);
		bytes = free_bytes();
	}
	for (n = 1; n < MOST && pid < 0; n++) {
		pid = starved_fork(fd, n);
		/* A child that was made has not been reaped yet. */
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
 * Writes one word of each of p's pages in a child with its nth allocation
 * failing; true if an allocation failed.  *killed counts the children that this
 * ended.
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

/* ---- every kind of fault ----------------------------------------------- */

static char *shared_page; /* with the process that forked us; filled by 1 */
static char *fresh_page, *file_page;
static int data_fd;

static void
no_setup(void)
{
}

static void
fresh_setup(void)
{
	fresh_page = pages_new(1);
}

/* A page in a leaf table that does not exist yet. */
static void
far_setup(void)
{
	fresh_page = mmap((void *)(1ul << 36), PG, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	REQUIRE(fresh_page != MAP_FAILED);
}

static void
zero_setup(void)
{
	fresh_setup();
	peek(fresh_page);
}

static void
sole_setup(void)
{
	pid_t pid = utest_fork();

	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
}

static void
private_setup(void)
{
	file_page =
		mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_PRIVATE, data_fd, 0);
	REQUIRE(file_page != MAP_FAILED);
}

static void
shared_setup(void)
{
	file_page =
		mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED, data_fd, 0);
	REQUIRE(file_page != MAP_FAILED);
}

static bool
fresh_read(void)
{
	return peek(fresh_page + 5) == 0;
}

static bool
fresh_write(void)
{
	poke(fresh_page, 'w');
	return peek(fresh_page) == 'w' &&
	       bytes_wrong(fresh_page + 1, PG - 1, 0) == 0;
}

static bool
file_read(void)
{
	return peek(file_page + PG - 1) == 'f';
}

static bool
file_write(void)
{
	poke(file_page, 'f');
	return bytes_wrong(file_page, PG, 'f') == 0;
}

static bool
stack_write(void)
{
	char *far = (char *)__builtin_frame_address(0) - 60 * PG;

	poke(far, 's');
	return peek(far) == 's' && peek(far + PG) == 0;
}

static bool
break_write(void)
{
	uint64_t first = load_u64(shared_page);

	poke(shared_page, 'b');
	store_u64(shared_page, first);
	return pages_wrong(shared_page, 1, 1) == 0;
}

/*
 * The kernel writes; if it cannot, it returns an error and has written nothing.
 */
static bool
kernel_write(void)
{
	if (pread(data_fd, shared_page, PG, 0) == PG)
		return bytes_wrong(shared_page, PG, 'f') == 0;
	return errno == EFAULT && pages_wrong(shared_page, 1, 1) == 0;
}

static const struct fault_case {
	const char *what;
	void (*setup)(void);
	bool (*access)(void);
	bool needs; /* memory, under any strategy */
} fault_cases[] = {
	{ "reading a fresh page", fresh_setup, fresh_read, false },
	{ "writing a fresh page", fresh_setup, fresh_write, true },
	{ "writing where no table is", far_setup, fresh_write, true },
	{ "reading where no table is", far_setup, fresh_read, true },
	{ "writing the zero page", zero_setup, fresh_write, true },
	{ "reading a private file", private_setup, file_read, false },
	{ "writing a private file", private_setup, file_write, true },
	{ "reading a shared file", shared_setup, file_read, false },
	{ "writing a shared file", shared_setup, file_write, false },
	{ "growing the stack", no_setup, stack_write, true },
	{ "writing a shared page", no_setup, break_write, false },
	{ "writing a page owned alone", sole_setup, break_write, false },
	{ "the kernel writing a shared page", no_setup, kernel_write, false },
	{ "the kernel writing an own page", sole_setup, kernel_write, false },
};

/* True if an nth allocation was made (n < 0: it and all later ones failed). */
static bool
starved_fault(const struct fault_case *c, long n)
{
	pid_t pid = utest_fork();
	int status, fd;

	if (pid == 0) {
		own_program();
		c->setup();
		fd = fail_open();
		fail_arm(fd, n);
		status = c->access();
		status = status ? 10 + (fail_disarm(fd) == 0) : 1;
		_exit(utest_failures != 0 ? 1 : status);
	}
	status = utest_wait(pid);
	if (status == SIGKILL && n < 0)
		return true;
	if (status != 10 << 8 && status != 11 << 8)
		utest_fail(__FILE__, __LINE__, "%s, fail-nth %ld: status %#x",
			   c->what, n, status);
	return status == 11 << 8;
}

UTEST(f4_faults, "F4 every kind of fault with its nth allocation failing")
{
	close(fail_open());
	data_fd = temp_file_of('f', PG);
	shared_page = pages_new(1);
	pages_fill(shared_page, 1, 1);
	for (size_t i = 0; i < ARRAY_LEN(fault_cases); i++) {
		const struct fault_case *c = &fault_cases[i];

		for (int sign = 1; sign >= -1; sign -= 2) {
			long n = 1;

			while (n < 20 && starved_fault(c, n * sign))
				n++;
			EXPECT(n < 20);
			if (c->needs && n == 1)
				utest_fail(__FILE__, __LINE__,
					   "%s needs no memory", c->what);
			EXPECT_AUDIT();
		}
		EXPECT_EQ(pages_wrong(shared_page, 1, 1), 0);
	}
}

/* ---- the end without memory -------------------------------------------- */

static void __attribute__((noreturn)) end_without_memory(int how)
{
	char *const argv[] = { "utest", "--exit", "5", NULL };
	struct rich r = rich_space();
	int fd, fds[2], err = 0;

	REQUIRE(pipe(fds) == 0 && write(fds[1], "x", 1) == 1);
	own_program();
	fd = fail_open();
	fail_arm(fd, -1);
	switch (how) {
	case 0:
		_exit(3);
	case 1:
		kill(getpid(), SIGTERM);
		break;
	case 2:
		poke(r.readonly, 1);
		break;
	default:
		(void)fail_disarm(fd);
		/*
		 * The exec gets ever further, and the caller goes on unchanged.
		 */
		for (long n = 1; n <= 20; n++) {
			fail_arm(fd, -n);
			if (execve("/proc/self/exe", argv, NULL) == -1)
				err = errno;
			if (fail_disarm(fd) != 0 || err != ENOMEM)
				_exit(4);
		}
		fail_arm(fd, -1);
		_exit(3);
	}
	_exit(4);
}

UTEST(f5, "F5 exit, a deadly signal and a failing exec without any memory")
{
	static const int want[] = { 3 << 8, SIGTERM, SIGSEGV, 3 << 8 };
	long bytes = -1;

	close(fail_open());
	for (int round = 0; round < 2; round++) {
		bytes = free_bytes();
		for (int how = 0; how < 4; how++) {
			pid_t pid = utest_fork();

			if (pid == 0)
				end_without_memory(how);
			EXPECT_EQ(utest_wait(pid), want[how]);
			EXPECT_AUDIT();
		}
	}
	EXPECT_FREE(bytes);
}

UTEST(f6, "F6 a child without memory dies alone when it writes")
{
	char *p = pages_new(20);
	struct peer c;
	int status;
	pid_t pid;

	close(fail_open());
	pages_fill(p, 20, 1);
	/* A process that shares the pages and lives on. */
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 20, 1), 0);
		pages_fill(p, 20, 2);
		EXPECT_EQ(pages_wrong(p, 20, 2), 0);
		utest_done();
	}
	pid = utest_fork();
	if (pid == 0) {
		own_program();
		fail_arm(fail_open(), -1);
		pages_fill(p, 20, 3);
		_exit(pages_wrong(p, 20, 3) != 0);
	}
	status = utest_wait(pid);
	/* Under eager all was copied at the fork: the writes need no memory. */
	EXPECT_EQ(status, strcmp(strategy(), "eager") == 0 ? 0 : SIGKILL);
	EXPECT_AUDIT();
	EXPECT_EQ(pages_wrong(p, 20, 1), 0);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, 20, 1), 0);
	pages_fill(p, 20, 4);
	EXPECT_EQ(pages_wrong(p, 20, 4), 0);
}

/* ---- what is promised is kept ------------------------------------------ */

static long
meminfo_pages(const char *name)
{
	long kib = number_in("/proc/meminfo", name);

	REQUIRE(kib >= 0);
	return kib / 4;
}

/* How many pages a fork of this process promises. */
static long
fork_promise(void)
{
	long before = meminfo_pages("Committed_AS"), during;
	struct peer c;

	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		utest_done();
	}
	during = meminfo_pages("Committed_AS");
	peer_post(&c);
	PEER_END(&c);
	return during - before;
}

/* Pages that are taken, not only promised, and not promised again by a fork. */
static void
take_pages(long n)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	size_t size = (size_t)n * PG;
	char *p = pages_new((size_t)n);

	REQUIRE(madvise(p, size, MADV_DONTFORK) == 0);
	REQUIRE(read(zero, p, size) == (ssize_t)size);
	close(zero);
}

UTEST(f7, "F7 a fork beyond the commit limit fails at once, no later write")
{
	/* The child's two pipes are charged a page each. */
	enum { PAGES = 600, PIPES = 2 };
	char *p = pages_new(PAGES), *last;
	long promise;
	struct peer c;

	need_tine("the policy is for the whole computer");
	overcommit_set(COMMIT_STRICT);
	pages_fill(p, PAGES, 1);
	promise = fork_promise();
	EXPECT(promise >= PAGES);
	/*
	 * Promise all but what fork and the pipes need, then a page too many.
	 */
	take_pages(meminfo_pages("CommitLimit") -
		   meminfo_pages("Committed_AS") - promise - PIPES);
	last = pages_new(PIPES + 1);
	REQUIRE(madvise(last, (PIPES + 1) * PG, MADV_DONTFORK) == 0);
	EXPECT_ERR(fork(), ENOMEM);
	EXPECT_EQ(pages_wrong(p, PAGES, 1), 0);
	REQUIRE(munmap(last, (PIPES + 1) * PG) == 0);
	if (fork_peer(&c) == 0) {
		pages_fill(p, PAGES, 2);
		EXPECT_EQ(pages_wrong(p, PAGES, 2), 0);
		peer_wait(&c);
		utest_done();
	}
	pages_fill(p, PAGES, 3);
	EXPECT_EQ(pages_wrong(p, PAGES, 3), 0);
	EXPECT_AUDIT();
	peer_post(&c);
	PEER_END(&c);
}
