/* SPDX-License-Identifier: MIT */
/*
 * tests/user/utest.c - the harness's main: picks the tests, runs each in a
 * child, and says in TAP what came of it.
 *
 * The runner itself allocates nothing between the two looks at free memory,
 * so that a difference is always the test's or the kernel's.
 */
#include "utest.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>

extern const struct utest *const __start_utests[], *const __stop_utests[];

#define EXIT_FAILED  1
#define EXIT_SKIPPED 77
#define MAX_TESTS    200

static int out_fd = 1;	   /* survives what a test does to fd 1 */
static int reason_fd = -1; /* takes the reason of a skip */
static const char *self = "utest";
static bool quick, more, no_census;
static unsigned param[4], params;
static const struct utest *chosen[MAX_TESTS];

void
utest_note(const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	memcpy(buf, "# ", 2);
	va_start(ap, fmt);
	n = vsnprintf(buf + 2, sizeof(buf) - 3, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(buf) - 4)
		n = sizeof(buf) - 4;
	buf[2 + n] = '\n';
	if (write(out_fd, buf, (size_t)n + 3) < 0)
		_exit(EXIT_FAILED);
}

static void
say(const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (write(out_fd, buf, (size_t)n) < 0)
		_exit(EXIT_FAILED);
}

static bool
matches(const char *name, const char *pattern)
{
	size_t n = strcspn(name, " ");

	if (strncmp(name, pattern, n) == 0 && pattern[n] == '\0')
		return true;
	if (strpbrk(pattern, "*?[ ") == NULL)
		return false;
	return fnmatch(pattern, name, 0) == 0;
}

static size_t
choose(char **patterns)
{
	size_t n = 0;

	for (const struct utest *const *t = __start_utests; t < __stop_utests;
	     t++) {
		bool want = *patterns == NULL;

		for (char **p = patterns; *p != NULL && !want; p++)
			want = matches((*t)->name, *p);
		if (!want || n == MAX_TESTS)
			continue;
		/* The compiler may have turned the order of the section. */
		size_t i = n++;

		for (; i > 0 && chosen[i - 1]->line > (*t)->line; i--)
			chosen[i] = chosen[i - 1];
		chosen[i] = *t;
	}
	return n;
}

static void
shuffle(size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = utest_random() % i;
		const struct utest *t = chosen[i - 1];

		chosen[i - 1] = chosen[j];
		chosen[j] = t;
	}
}

/* Runs t in a child; returns its wait status, and the reason if it skipped. */
static int
run_child(const struct utest *t, char *reason, size_t size)
{
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	reason[0] = '\0';
	if (pipe2(fd, O_CLOEXEC) < 0)
		return EXIT_FAILED << 8;
	pid = fork();
	if (pid == 0) {
		/* A runner that is stopped from outside takes us along. */
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		setpgid(0, 0);
		close(fd[0]);
		reason_fd = fd[1];
		utest_failures = 0;
		t->run();
		utest_done();
	}
	close(fd[1]);
	if (pid < 0) {
		utest_note("the harness cannot fork: %s", strerror(errno));
		close(fd[0]);
		return EXIT_FAILED << 8;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	/*
	 * A process that the test left behind must not disturb the next test.
	 */
	kill(-pid, SIGKILL);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) {
		n = read(fd[0], reason, size - 1);
		reason[n > 0 ? n : 0] = '\0';
	}
	close(fd[0]);
	return status;
}

static bool
run_one(size_t number, const struct utest *t)
{
	static char reason[256];
	static long most = -1; /* bytes free at any test's start or end */
	static long promised;  /* KiB at the first start */
	int status, policy = overcommit();
	bool ok;

	/* The end of one test is the start of the next. */
	if (!no_census && most < 0) {
		most = free_bytes();
		promised = promised_kib();
	}
	status = run_child(t, reason, sizeof(reason));
	if (overcommit() != policy)
		overcommit_set(policy);
	ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIPPED) {
		say("ok %zu - %s # SKIP %s\n", number, t->name, reason);
		return true;
	}
	if (WIFSIGNALED(status))
		utest_note("the test died of signal %d (%s)", WTERMSIG(status),
			   strsignal(WTERMSIG(status)));
	if (!no_census) {
		/*
		 * Compare with the best figure there was: a start at which
		 * another process was busy must not hide what the test keeps.
		 */
		if (!EXPECT_FREE(most))
			most = -1, ok = false;
		else
			most = utest_free_now;
		if (!EXPECT_PROMISED(promised))
			most = -1, ok = false;
		ok = EXPECT_AUDIT() && ok;
	}
	say("%sok %zu - %s\n", ok ? "" : "not ", number, t->name);
	if (!ok)
		say("# repeat: %s -s %u '%s'\n", self, utest_seed, t->name);
	return ok;
}

static int
usage(void)
{
	say("usage: %s [-l] [-n] [-q | -m] [-s seed] [-d dir] [-p n] [test | "
	    "pattern]...\n"
	    "  -l       list the tests\n"
	    "  -n       do not count free memory\n"
	    "  -q, -m   fewer rounds, or more\n"
	    "  -s seed  shuffle the tests, seed the random numbers\n"
	    "  -d dir   where scratch files go\n"
	    "  -p n     a parameter of the test, if it has one\n",
	    self);
	return 2;
}

/* What exec_cat and exec_exit turn into. */
static void
helper_main(char **argv)
{
	char c;

	if (strcmp(argv[1], "--cat") == 0) {
		while (read(0, &c, 1) == 1)
			if (write(1, &c, 1) != 1)
				break;
		_exit(0);
	}
	if (strcmp(argv[1], "--exit") == 0 && argv[2] != NULL)
		_exit(atoi(argv[2]));
}

/* Touches what the harness will touch, so that it does not count as a leak. */
static void
warm_up(void)
{
	char deep[32768];
	int status;
	pid_t pid;

	for (size_t i = 0; i < sizeof(deep); i += 512)
		poke(deep + i, 1);
	for (int i = 0; i < 2; i++) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		free_bytes();
		EXPECT_AUDIT();
	}
}

int
main(int argc, char **argv)
{
	struct rlimit none = { 0, 0 };
	bool list = false, mix = false;
	size_t n, failed = 0;
	int c;

	if (argc > 1 && strncmp(argv[1], "--", 2) == 0)
		helper_main(argv);
	if (argc > 0)
		self = argv[0];
	while ((c = getopt(argc, argv, "lmnqs:d:p:")) != -1) {
		switch (c) {
		case 'l':
			list = true;
			break;
		case 'm':
			more = true;
			break;
		case 'n':
			no_census = true;
			break;
		case 'q':
			quick = true;
			break;
		case 'd':
			utest_dir = optarg;
			utest_dir_given = true;
			break;
		case 'p':
			if (params < ARRAY_LEN(param))
				param[params++] = (unsigned)atoi(optarg);
			break;
		case 's':
			utest_seed = (unsigned)strtoul(optarg, NULL, 0);
			mix = true;
			break;
		default:
			return usage();
		}
	}
	n = choose(argv + optind);
	if (mix)
		shuffle(n);
	if (list) {
		for (size_t i = 0; i < n; i++)
			say("%s\n", chosen[i]->name);
		return 0;
	}
	c = fcntl(1, F_DUPFD_CLOEXEC, 60);
	out_fd = c < 0 ? 1 : c;
	setrlimit(RLIMIT_CORE, &none);
	say("1..%zu\n", n);
	if (!no_census && on_tine())
		warm_up();
	else
		no_census = true;
	for (size_t i = 0; i < n; i++)
		failed += !run_one(i + 1, chosen[i]);
	if (n == 0)
		utest_note("no test has such a name; -l lists them");
	return failed != 0 || n == 0;
}

unsigned
utest_param(unsigned i, unsigned usual)
{
	return i < params ? param[i] : usual;
}

unsigned
utest_rounds(unsigned n)
{
	return quick ? (n + 19) / 20 : more ? 20 * n : n;
}

unsigned
utest_random(void)
{
	static unsigned state, from = ~0u;

	if (from != utest_seed || state == 0) {
		from = utest_seed;
		state = utest_seed * 2654435761u | 1;
	}
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

void
utest_skip(const char *fmt, ...)
{
	char buf[200];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (write(reason_fd, buf, (size_t)n) < 0)
		_exit(EXIT_FAILED);
	_exit(EXIT_SKIPPED);
}
