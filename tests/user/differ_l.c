/* SPDX-License-Identifier: MIT */
/*
 * tests/user/differ_l.c - row L2: the same program under every fork strategy.
 *
 * Runs walk.c with one seed under each strategy in turn.  Walk prints a number
 * for the state of all memory after each step, and every text must equal the
 * first; where one differs, the line is reported.
 */
#include "utest.h"

#define TEXT_MAX (1u << 20)

struct text {
	char *bytes;
	size_t n;
};

/* What walk prints, started under the strategy (NULL: as it comes). */
static struct text
walk_under(const char *strategy_name, unsigned seed)
{
	struct text t = { malloc(TEXT_MAX), 0 };
	char seed_word[16];
	int fd[2];
	ssize_t got;
	pid_t pid;

	REQUIRE(t.bytes != NULL && pipe(fd) == 0);
	snprintf(seed_word, sizeof(seed_word), "%u", seed);
	pid = utest_fork();
	if (pid == 0) {
		int s = strategy_name == NULL
				? -1
				: open("/proc/self/fork_strategy", O_WRONLY);

		if (strategy_name != NULL)
			REQUIRE(write(s, strategy_name, strlen(strategy_name)) >
				0);
		dup2(fd[1], 1);
		close(fd[0]);
		close(fd[1]);
		close(s);
		execl("/test/walk", "walk", seed_word, "60", NULL);
		_exit(127);
	}
	close(fd[1]);
	while (t.n < TEXT_MAX &&
	       (got = read(fd[0], t.bytes + t.n, TEXT_MAX - t.n)) > 0)
		t.n += (size_t)got;
	close(fd[0]);
	EXPECT_EXIT(pid, 0);
	return t;
}

static unsigned
lines_equal(const struct text *a, const struct text *b)
{
	unsigned line = 1;

	for (size_t i = 0; i < a->n && i < b->n && a->bytes[i] == b->bytes[i];
	     i++)
		line += a->bytes[i] == '\n';
	return line;
}

UTEST(l2, "L2 a random walk leaves the same memory at each step under every "
	  "strategy")
{
	char names[1024] = "", *at = names, *name, *line;
	int fd;

	need_tine("one strategy is all it has");
	fd = open("/proc/fork_strategies", O_RDONLY);
	REQUIRE(read(fd, names, sizeof(names) - 1) > 0);
	close(fd);
	for (unsigned seed = 1; seed <= 3; seed++) {
		struct text first = { NULL, 0 };
		char copy[sizeof(names)];

		memcpy(copy, names, sizeof(copy));
		at = copy;
		while ((line = strsep(&at, "\n")) != NULL && *line != '\0') {
			struct text t;

			name = strsep(&line, " ");
			t = walk_under(name, utest_seed + seed);
			if (first.bytes == NULL) {
				EXPECT(t.n > 1000);
				first = t;
				continue;
			}
			if (t.n != first.n ||
			    memcmp(t.bytes, first.bytes, t.n) != 0)
				utest_fail(__FILE__, __LINE__,
					   "%s, seed %u: line %u of walk "
					   "differs",
					   name, utest_seed + seed,
					   lines_equal(&t, &first));
			free(t.bytes);
		}
		utest_note("seed %u: %zu bytes", utest_seed + seed, first.n);
		free(first.bytes);
	}
}
