/* SPDX-License-Identifier: MIT */
/*
 * tests/user/utest_lib.c - what tests call; utest.h says what each function
 * does.
 *
 * Expectations, children, faults, patterns in memory, scratch files, and
 * questions to the system.  A failure is one line on the harness's output,
 * whatever the test has done to its descriptors.
 */
#include "utest.h"

#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>

unsigned utest_seed = 1;
const char *utest_dir = "/tmp";
bool utest_dir_given;
sigjmp_buf utest_jump;

int utest_failures;

/* ---- expectations ------------------------------------------------------ */

void
utest_fail(const char *file, int line, const char *fmt, ...)
{
	const char *slash = strrchr(file, '/');
	char buf[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	utest_note("%s:%d: %s", slash != NULL ? slash + 1 : file, line, buf);
	utest_failures++;
}

bool
utest_expect(bool ok, const char *file, int line, const char *what)
{
	if (!ok)
		utest_fail(file, line, "expected %s (errno %d)", what, errno);
	return ok;
}

bool
utest_expect_eq(long long a, long long b, const char *file, int line,
		const char *what)
{
	if (a != b)
		utest_fail(file, line,
			   "expected %s, got %lld and %lld "
			   "(errno %d)",
			   what, a, b, errno);
	return a == b;
}

bool
utest_expect_err(long got, int err, int want, const char *file, int line,
		 const char *what)
{
	if (got == -1 && err == want)
		return true;
	if (got == -1)
		utest_fail(file, line, "%s: expected %s, got %s", what,
			   strerrorname_np(want), strerrorname_np(err));
	else
		utest_fail(file, line, "%s: expected %s, got success %ld", what,
			   strerrorname_np(want), got);
	return false;
}

void
utest_done(void)
{
	_exit(utest_failures != 0);
}

/* ---- processes --------------------------------------------------------- */

pid_t
utest_fork(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		utest_fail(__FILE__, __LINE__, "fork: %s", strerror(errno));
		utest_done();
	}
	if (pid == 0)
		utest_failures = 0;
	return pid;
}

int
utest_wait(pid_t pid)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	if (got != pid) {
		utest_fail(__FILE__, __LINE__, "waitpid(%d) gives %d, errno %d",
			   (int)pid, (int)got, errno);
		return -1;
	}
	return status;
}

bool
utest_expect_status(pid_t pid, int want, const char *file, int line,
		    const char *what)
{
	int status = utest_wait(pid);

	/* 0x80 says that a core was written, which Tine never does. */
	if ((status & ~0x80) == want)
		return true;
	utest_fail(file, line, "expected %s, wait status is %#x, not %#x", what,
		   status, want);
	return false;
}

pid_t
fork_peer(struct peer *p)
{
	int down[2], up[2];
	pid_t pid;

	REQUIRE(pipe2(down, O_CLOEXEC) == 0);
	REQUIRE(pipe2(up, O_CLOEXEC) == 0);
	pid = utest_fork();
	p->pid = pid;
	p->rd = pid == 0 ? down[0] : up[0];
	p->wr = pid == 0 ? up[1] : down[1];
	close(pid == 0 ? down[1] : down[0]);
	close(pid == 0 ? up[0] : up[1]);
	return pid;
}

void
peer_send(struct peer *p, unsigned char byte)
{
	REQUIRE(write(p->wr, &byte, 1) == 1);
}

unsigned char
peer_recv(struct peer *p)
{
	unsigned char byte = 0;
	ssize_t n;

	do
		n = read(p->rd, &byte, 1);
	while (n < 0 && errno == EINTR);
	REQUIRE_EQ(n, 1);
	return byte;
}

void
peer_post(struct peer *p)
{
	peer_send(p, 0);
}

void
peer_wait(struct peer *p)
{
	peer_recv(p);
}

void
utest_peer_end(struct peer *p, const char *file, int line)
{
	close(p->rd);
	close(p->wr);
	utest_expect_status(p->pid, 0, file, line, "child is clean");
}

void
exec_cat(void)
{
	/* The emulator's execve starts host programs only. */
	if (on_qemu_user())
		execl("/bin/cat", "cat", NULL);
	else
		execl("/proc/self/exe", "utest", "--cat", NULL);
	_exit(127);
}

void
exec_exit(int code)
{
	char text[32];

	if (on_qemu_user()) {
		snprintf(text, sizeof(text), "exit %d", code);
		execl("/bin/sh", "sh", "-c", text, NULL);
	} else {
		snprintf(text, sizeof(text), "%d", code);
		execl("/proc/self/exe", "utest", "--exit", text, NULL);
	}
	_exit(127);
}

/* ---- faults ------------------------------------------------------------ */

static const int fault_signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
static struct sigaction fault_old[ARRAY_LEN(fault_signals)];
static struct fault *fault_here;

static void
fault_handler(int sig, siginfo_t *info, void *context)
{
	(void)context;
	fault_here->signo = sig;
	fault_here->code = info->si_code;
	fault_here->addr = (uintptr_t)info->si_addr;
	siglongjmp(utest_jump, 1);
}

void
utest_catch_begin(struct fault *f)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	memset(f, 0, sizeof(*f));
	fault_here = f;
	sa.sa_sigaction = fault_handler;
	sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
	for (size_t i = 0; i < ARRAY_LEN(fault_signals); i++)
		REQUIRE(sigaction(fault_signals[i], &sa, &fault_old[i]) == 0);
}

void
utest_catch_end(void)
{
	for (size_t i = 0; i < ARRAY_LEN(fault_signals); i++)
		REQUIRE(sigaction(fault_signals[i], &fault_old[i], NULL) == 0);
}

bool
utest_expect_fault(const struct fault *f, int sig, int code, uintptr_t addr,
		   const char *file, int line, const char *what)
{
	bool ok = f->signo == sig && (code == ANY_CODE || f->code == code) &&
		  (addr == ANY_ADDR || f->addr == addr);

	if (!ok)
		utest_fail(file, line,
			   "%s: expected signal %d code %d address "
			   "%#lx, got signal %d code %d address %#lx",
			   what, sig, code, (unsigned long)addr, f->signo,
			   f->code, (unsigned long)f->addr);
	return ok;
}

/* ---- memory ------------------------------------------------------------ */

char *
pages_new(size_t n)
{
	char *p = mmap(NULL, n * PG, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REQUIRE(p != MAP_FAILED);
	return p;
}

void *
shared_new(size_t n)
{
	void *p = mmap(NULL, n * PG, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(p != MAP_FAILED);
	return p;
}

char *
own_tables(size_t tables, int prot)
{
	char *p = mmap(NULL, (tables + 1) * TABLE_SPAN, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	REQUIRE(p != MAP_FAILED);
	return (char *)(((uintptr_t)p + TABLE_SPAN - 1) & ~(TABLE_SPAN - 1));
}

static uint64_t
word_of(unsigned seed, size_t i)
{
	return (seed + 1) * 0x9e3779b97f4a7c15ull + i * 0x2545f4914f6cdd1dull;
}

void
pages_fill(void *p, size_t n, unsigned seed)
{
	volatile uint64_t *w = p;

	for (size_t i = 0; i < n * PG / sizeof(*w); i++)
		w[i] = word_of(seed, i);
}

size_t
pages_wrong(const void *p, size_t n, unsigned seed)
{
	const volatile uint64_t *w = p;
	const size_t words = PG / sizeof(*w);
	size_t wrong = 0;

	for (size_t page = 0; page < n; page++)
		for (size_t i = 0; i < words; i++)
			if (w[page * words + i] !=
			    word_of(seed, page * words + i)) {
				wrong++;
				break;
			}
	return wrong;
}

size_t
bytes_wrong(const void *p, size_t n, int c)
{
	const volatile unsigned char *b = p;
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += b[i] != (unsigned char)c;
	return wrong;
}

/* ---- files ------------------------------------------------------------- */

int
temp_file(const void *data, size_t n)
{
	static unsigned serial;
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/ut.%d.%u", utest_dir, (int)getpid(),
		 serial++);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	REQUIRE(fd >= 0);
	REQUIRE(unlink(path) == 0);
	REQUIRE(write(fd, data, n) == (ssize_t)n);
	REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

int
temp_file_of(int c, size_t n)
{
	char *buf = malloc(n);
	int fd;

	REQUIRE(buf != NULL);
	memset(buf, c, n);
	fd = temp_file(buf, n);
	free(buf);
	return fd;
}

/* ---- the system under the test ----------------------------------------- */

bool
on_tine(void)
{
	static int known = -1;

	if (known < 0)
		known = access("/proc/forkstat", F_OK) == 0;
	return known == 1;
}

bool
on_qemu_user(void)
{
	static int known = -1;

	/* Linux knows rseq since 4.18 and finds fault with the arguments. */
	if (known < 0)
		known = !on_tine() && syscall(SYS_rseq, NULL, 0, 0, 0) == -1 &&
			errno == ENOSYS;
	return known == 1;
}

void
need_tine(const char *why)
{
	if (!on_tine())
		SKIP("only in Tine: %s", why);
}

/* Reads a small file into a static buffer; "" when it cannot be read. */
static char *
slurp(const char *path)
{
	static char buf[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n, got = 0;

	buf[0] = '\0';
	if (fd < 0)
		return buf;
	while ((n = read(fd, buf + got, sizeof(buf) - 1 - (size_t)got)) > 0)
		got += n;
	buf[got] = '\0';
	close(fd);
	return buf;
}

const char *
strategy(void)
{
	char *name = slurp("/proc/self/fork_strategy");

	name[strcspn(name, " \n")] = '\0';
	return name;
}

void
need_strategy(const char *name)
{
	need_tine("counts what a fork strategy does");
	if (strcmp(strategy(), name) != 0)
		SKIP("says what %s does; this is %s", name, strategy());
}

long
number_in(const char *path, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = slurp(path); p != NULL && *p != '\0';) {
		if (strncmp(p, name, n) == 0 &&
		    (p[n] == ' ' || p[n] == ':' || p[n] == '\t'))
			return strtol(p + n + 1, NULL, 10);
		p = strchr(p, '\n');
		if (p != NULL)
			p++;
	}
	return -1;
}

long
stat_get(const char *name)
{
	return number_in("/proc/self/forkstat", name);
}

unsigned long
utest_ram(void)
{
	struct sysinfo info;

	REQUIRE(sysinfo(&info) == 0);
	return info.totalram * info.mem_unit;
}

void
utest_become(uid_t uid)
{
	REQUIRE(setresgid(uid, uid, uid) == 0);
	REQUIRE(setresuid(uid, uid, uid) == 0);
}

unsigned
utest_resident(void *p, size_t n)
{
	unsigned char v[64];
	unsigned count = 0;

	REQUIRE(n <= sizeof(v) && mincore(p, n * PG, v) == 0);
	for (size_t i = 0; i < n; i++)
		count += v[i] & 1;
	return count;
}

unsigned
utest_processes(unsigned n)
{
	return utest_ram() < (64ul << 20) ? n / 8 : n;
}

long
free_bytes(void)
{
	static pid_t looked; /* the process that has looked before */
	pid_t before;
	int fd;

	if (!on_tine())
		return -1;
	/*
	 * The first look of a process writes pages that it shares with its
	 * parent, which changes the figure: look again.
	 */
	do {
		before = looked;
		looked = getpid();
		fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "3", 1) != 1)
			utest_fail(__FILE__, __LINE__, "cannot drop caches: %s",
				   strerror(errno));
		close(fd);
	} while (before != looked && slurp("/proc/sys/vm/drop_caches"));
	/*
	 * The figure from the end of the drop, before this program ran again.
	 */
	return atol(slurp("/proc/sys/vm/drop_caches"));
}

long utest_free_now = -1;

bool
utest_expect_free(long bytes, const char *file, int line)
{
	long now = -1;

	if (bytes < 0)
		return true;
	/*
	 * An orphan may still be on its way out, or another process may be
	 * reading a page of its program back.  Look again, a bounded number of
	 * times, before calling it a leak.  More than before is no leak: then
	 * such a process was busy when the first figure was taken.
	 */
	for (int i = 0; i < 200; i++) {
		now = utest_free_now = free_bytes();
		if (now >= bytes)
			return true;
		sched_yield();
	}
	utest_fail(file, line,
		   "free memory was %ld bytes and is %ld: %ld bytes lost",
		   bytes, now, bytes - now);
	return false;
}

long
promised_kib(void)
{
	return on_tine() ? number_in("/proc/meminfo", "Committed_AS") : -1;
}

int
put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err = errno;
	close(fd);
	return err;
}

unsigned long
memory_total(void)
{
	return (unsigned long)number_in("/proc/meminfo", "MemTotal") * 1024;
}

#define OVERCOMMIT "/proc/sys/vm/overcommit_memory"

int
overcommit(void)
{
	return on_tine() ? atoi(slurp(OVERCOMMIT)) : -1;
}

void
overcommit_set(int policy)
{
	const char number[] = { (char)('0' + policy), '\0' };

	REQUIRE_EQ(put_text(OVERCOMMIT, number), 0);
}

void
oom_adjust(int adj)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", adj);
	REQUIRE_EQ(put_text("/proc/self/oom_score_adj", number), 0);
}

bool
utest_expect_promised(long kib, const char *file, int line)
{
	long now = promised_kib();

	for (int i = 0; i < 200 && now > kib; i++) {
		sched_yield();
		now = promised_kib();
	}
	if (now <= kib)
		return true;
	utest_fail(file, line, "%ld KiB were promised and %ld are", kib, now);
	return false;
}

bool
utest_expect_audit(const char *file, int line)
{
	char *text;

	if (!on_tine())
		return true;
	text = slurp("/proc/mm/audit");
	if (strncmp(text, "ok", 2) == 0)
		return true;
	text[strcspn(text, "\n")] = '\0';
	utest_fail(file, line, "memory audit: %s",
		   text[0] != '\0' ? text : "cannot be read");
	return false;
}

int
fail_try(void)
{
	return open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC);
}

int
fail_open(void)
{
	int fd = fail_try();

	if (fd < 0)
		SKIP("no /proc/self/fail-nth: the kernel cannot be told to "
		     "fail an allocation");
	return fd;
}

void
fail_arm(int fd, long n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), "%ld", n);

	REQUIRE(pwrite(fd, text, (size_t)len, 0) == len);
}

long
fail_disarm(int fd)
{
	char text[24];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long left;

	REQUIRE(n > 0);
	text[n] = '\0';
	left = strtol(text, NULL, 10);
	REQUIRE(pwrite(fd, "0", 1, 0) == 1);
	return left;
}
