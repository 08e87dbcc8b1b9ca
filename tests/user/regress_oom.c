/* SPDX-License-Identifier: MIT */
/*
 * tests/user/regress_oom.c - the tests of regress.c that need a machine
 * without free memory.
 *
 * Each runs in a child that first rehearses with all the memory there is, so
 * that the code and the stack it needs are there when nothing more can come.
 */
#include "utest.h"
#include "hunger.h"

static bool hungry; /* no rehearsal */

static void
go_hungry(size_t spare)
{
	eat(hungry ? EAT_ALL : 8);
	give_back(hungry ? spare : 8);
}

static void __attribute__((noreturn)) rehearsed(void (*run)(void))
{
	own_program();
	run();
	hungry = true;
	run();
	utest_done();
}

/*
 * Calls run() twice in a child, the second time without free memory.  A
 * shortage must not kill the child.
 */
static void
in_a_hungry_child(void (*run)(void))
{
	pid_t pid;

	need_tine("takes all the memory there is");
	pid = utest_fork();
	if (pid == 0)
		rehearsed(run);
	EXPECT_CLEAN(pid);
}

static void
oom_fault(void)
{
	enum { INHERITED = 2000, SPARE = 160 };
	char *p = pages_new(INHERITED); /* that hybrid knows nothing of */
	struct peer c;
	int status;

	pages_fill(p, INHERITED, 1);
	if (fork_peer(&c) == 0) {
		oom_adjust(1000); /* a shortage should end this process */
		own_program();
		peer_post(&c);
		peer_wait(&c);
		pages_fill(p, INHERITED, 2);
		_exit(pages_wrong(p, INHERITED, 2) != 0);
	}
	own_program();
	peer_wait(&c);
	go_hungry(SPARE);
	peer_post(&c);
	/* Memory does not suffice for the child, and only the child ends. */
	status = utest_wait(c.pid);
	close(c.rd);
	close(c.wr);
	if (hungry && strcmp(strategy(), "eager") != 0)
		EXPECT_EQ(status, SIGKILL);
	else
		EXPECT_EQ(status, 0);
	EXPECT_EQ(pages_wrong(p, INHERITED, 1), 0);
	/* The parent is the sole owner again: its writes take no memory. */
	pages_fill(p, INHERITED, 3);
	EXPECT_EQ(pages_wrong(p, INHERITED, 3), 0);
	REQUIRE(munmap(p, INHERITED * PG) == 0);
}

UTEST(oomfault, "R12 oomfault: no memory for a child's writes")
{
	in_a_hungry_child(oom_fault);
}

/* The same pages, promised: fork is refused, and no process ends later. */
UTEST(oomfault_strict, "R12 oomfault: under strict, fork says so")
{
	enum { INHERITED = 2000 };
	char *p, *q;
	size_t n;

	need_tine("the policy is for the whole computer");
	overcommit_set(COMMIT_STRICT);
	p = pages_new(INHERITED);
	pages_fill(p, INHERITED, 1);
	/* Leave less than the child would be promised. */
	n = (size_t)(number_in("/proc/meminfo", "CommitLimit") -
		     number_in("/proc/meminfo", "Committed_AS")) /
	    4;
	REQUIRE(n > INHERITED);
	n -= INHERITED / 2;
	q = pages_new(n);
	REQUIRE(madvise(q, n * PG, MADV_DONTFORK) == 0);
	EXPECT_ERR(fork(), ENOMEM);
	pages_fill(p, INHERITED, 2);
	EXPECT_EQ(pages_wrong(p, INHERITED, 2), 0);
	EXPECT_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
}

/* A page that was shared with a child that is gone; all memory is eaten. */
static char *
sole_page_without_memory(void)
{
	static char *p;
	pid_t pid;

	if (p == NULL)
		p = pages_new(4);
	pages_fill(p, 4, 1);
	pid = utest_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	go_hungry(0);
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
	long got;

	/* Its page of the file is dropped if the disk has it, too. */
	got = pread(hungry_file, p, 16, 0);
	EXPECT_EQ(got, 16);
	EXPECT_EQ(bytes_wrong(p, 16, 'C'), 0);
}

UTEST(oomcopyout, "R13 oomcopyout: nor does reading into it")
{
	hungry_file = temp_file_of('C', PG);
	in_a_hungry_child(oom_copyout);
}

/*
 * Half of the machine's clean pages are mapped, so reclaim must take them from
 * page tables, with the file's lock; and each block written here is far from
 * the last, so ext2 needs pages for its map with the map's own lock held.
 */
static void
oom_disk(void)
{
	enum { MAPPED = 128, ROUNDS = 4 };
	static char *p;
	long bad = 0;
	int fd, dirty;

	if (p == NULL)
		p = mmap(NULL, MAPPED * PG, PROT_READ, MAP_SHARED, hungry_file,
			 0);
	REQUIRE(p != MAP_FAILED);
	fd = open("/root/sparse", O_RDWR | O_CREAT | O_TRUNC, 0600);
	REQUIRE(fd >= 0 && unlink("/root/sparse") == 0);
	/* A dirty inode without users, which reclaim must not write. */
	dirty = open("/root/dirty", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	REQUIRE(write(dirty, "x", 1) == 1 && close(dirty) == 0);
	go_hungry(2 * MAPPED);
	for (long i = 0; i < ROUNDS * MAPPED; i++) {
		bad += peek(p + i % MAPPED * PG) != 'D';
		if (pwrite(fd, "x", 1, i << 22) != 1)
			bad += errno != ENOMEM;
	}
	EXPECT_EQ(bad, 0);
	give_back(EAT_ALL);
	close(fd);
	EXPECT_EQ(unlink("/root/dirty"), 0);
}

UTEST(oomdisk, "X18 oomdisk: a full machine writes far apart in a file")
{
	hungry_file = open("/root/mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
	REQUIRE(hungry_file >= 0 && unlink("/root/mapped") == 0);
	for (int i = 0; i < 128; i++)
		REQUIRE(pwrite(hungry_file, "D", 1, i * (off_t)PG) == 1);
	REQUIRE(fsync(hungry_file) == 0);
	in_a_hungry_child(oom_disk);
	close(hungry_file);
}

static volatile unsigned *failed_forks; /* shared with the hungry child */

/*
 * Frees one page, forks, and so on, until a fork succeeds.  Then the first side
 * that writes its stack may find nothing left and be killed: these pages were
 * promised twice.
 */
static void
fork_fail_leak(void)
{
	enum { TABLES = 16, SPAN = 2 << 20 };
	static char *p;
	pid_t pid = -1;

	/* So many page tables for fork to make, and to fail at. */
	if (p == NULL)
		p = mmap(NULL, TABLES * SPAN, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(p != MAP_FAILED);
	for (size_t i = 0; i < TABLES; i++)
		poke(p + i * SPAN, 1);
	*failed_forks = 0;
	go_hungry(0);
	while (pid < 0 && *failed_forks < 1000) {
		give_back(1);
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid < 0) {
			++*failed_forks;
			EXPECT(errno == ENOMEM || errno == EAGAIN);
		}
	}
	EXPECT(pid > 0);
}

static void
starve_forks(void)
{
	int status;
	pid_t pid;

	failed_forks = shared_new(1);
	pid = utest_fork();
	if (pid == 0)
		rehearsed(fork_fail_leak);
	status = utest_wait(pid);
	EXPECT(status == 0 || status == SIGKILL);
	/* A strategy that shares page tables needs less to succeed. */
	EXPECT(*failed_forks >= 6);
	utest_note("%u forks failed", *failed_forks);
	REQUIRE(munmap((void *)failed_forks, PG) == 0);
}

UTEST(forkfailleak, "R15 forkfailleak: forks that fail lose no page")
{
	long bytes = -1;

	need_tine("takes all the memory there is");
	/* The first round gives this process its own pages. */
	for (int round = 0; round < 2; round++) {
		bytes = free_bytes();
		starve_forks();
	}
	EXPECT_FREE(bytes);
}

/* ---- page tables ---------------------------------------------------------- */

#define TABLES	     "/proc/sys/kernel/user_tables"
#define ORDINARY_UID 1234

/* A page in every 2 MiB: each needs a page table. */
#define SPAN (512 * PG)

/* Reads until it is ended; *done says how far it came. */
static void
read_sparse(const char *p, unsigned n, _Atomic unsigned *done)
{
	for (unsigned i = 0; i < n; i++) {
		EXPECT_EQ(*(const volatile char *)(p + i * SPAN), 0);
		*done = i + 1;
	}
}

static void
fill_tables(void)
{
	_Atomic unsigned *done = shared_new(1);
	char *p = mmap(NULL, 600 * SPAN, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int fd = open("/dev/zero", O_RDONLY);
	unsigned n = 0;
	pid_t pid;

	REQUIRE(p != MAP_FAILED && fd >= 0);
	/* Where the kernel cannot write a result, the call returns an error. */
	while (n < 600 && read(fd, p + n * SPAN, 1) == 1)
		n++;
	EXPECT(n > 250 && n < 320);
	EXPECT_ERR(fork(), ENOMEM);
	/*
	 * A child uses as many tables again, shared with its parent or its own.
	 */
	EXPECT_EQ(munmap(p + 200 * SPAN, 400 * SPAN), 0);
	EXPECT_ERR(fork(), ENOMEM);
	EXPECT_EQ(munmap(p + 100 * SPAN, 100 * SPAN), 0);
	pid = utest_fork();
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
	EXPECT_EQ(munmap(p, 100 * SPAN), 0);
	p = mmap(NULL, 600 * SPAN, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(p != MAP_FAILED);
	pid = utest_fork();
	if (pid == 0) {
		read_sparse(p, 600, done);
		utest_done();
	}
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT(*done > 200 && *done < 320);
	/* Only that process ended, and its tables are free again. */
	read_sparse(p, 100, done);
	EXPECT_EQ(*done, 100);
	close(fd);
}

UTEST(tables, "Z21 page tables are bounded a user")
{
	int fd = open(TABLES, O_RDONLY);
	char old[24] = "", *p;
	struct peer large;
	pid_t pid;

	need_tine("a limit of the whole machine is set");
	REQUIRE(read(fd, old, sizeof(old) - 1) > 0 && close(fd) == 0);
	REQUIRE(put_text(TABLES, "320") == 0);
	/* The largest process, which a real shortage would end. */
	if (fork_peer(&large) == 0) {
		pages_fill(pages_new(4000), 4000, 1);
		peer_post(&large);
		peer_wait(&large);
		utest_done();
	}
	peer_wait(&large);
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(setresuid(ORDINARY_UID, ORDINARY_UID, ORDINARY_UID) ==
			0);
		/*
		 * Its space still counts for root, its child's for the new
		 * user.
		 */
		pid = utest_fork();
		if (pid == 0) {
			fill_tables();
			utest_done();
		}
		EXPECT_CLEAN(pid);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	peer_post(&large);
	PEER_END(&large);
	/* Root has no such bound. */
	p = mmap(NULL, 400 * SPAN, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	REQUIRE(p != MAP_FAILED);
	read_sparse(p, 400, shared_new(1));
	EXPECT_EQ(put_text(TABLES, old), 0);
}
