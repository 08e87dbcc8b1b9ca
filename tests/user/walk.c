/* SPDX-License-Identifier: MIT */
/*
 * tests/user/walk.c - a random walk through what a program can do with memory.
 *
 *	walk SEED STEPS
 *
 * It writes, forks, changes permissions, discards, maps anew and moves the
 * break, and prints a number that stands for all memory after each step.
 * Parent and child take turns, so the same seed gives the same text on every
 * system and under every fork strategy; differ_l.c compares the texts.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PG	 4096ul
#define PRIVATE	 96u /* pages, in two leaf tables */
#define SHARED	 8u
#define OF_FILE	 16u
#define HEAP	 16u /* pages the break may be moved by */
#define DEPTH	 5
#define PER_FORK 3 /* a child takes so much of what is left of the steps */

static uint64_t state;
static char *private, *shared, *of_file, *heap;
static unsigned heap_pages;
static char writable[PRIVATE];
static int depth;

static unsigned
below(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(state >> 33) % n;
}

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(1);
}

static uint64_t
mix(uint64_t hash, const void *from, size_t pages)
{
	const uint64_t *w = from;

	for (size_t i = 0; i < pages * PG / sizeof(*w); i++)
		hash = (hash ^ w[i]) * 0x100000001b3;
	return hash;
}

static void
print(const char *did)
{
	uint64_t hash = mix(0xcbf29ce484222325, private, PRIVATE);
	char line[80];
	int n;

	hash = mix(mix(hash, shared, SHARED), of_file, OF_FILE);
	hash = mix(hash, heap, heap_pages);
	n = snprintf(line, sizeof(line), "%d %s %016lx\n", depth, did,
		     (unsigned long)hash);
	must(write(1, line, (size_t)n) == n, "write");
}

static void
scribble(char *area, unsigned page)
{
	unsigned at = below(PG - 64), n = 1 + below(64);

	memset(area + page * PG + at, (int)below(256), n);
}

static void
step_write(void)
{
	unsigned page = below(PRIVATE + SHARED + OF_FILE + heap_pages);

	if (page < PRIVATE && writable[page])
		scribble(private, page);
	else if (page >= PRIVATE && page < PRIVATE + SHARED)
		scribble(shared, page - PRIVATE);
	else if (page >= PRIVATE && page < PRIVATE + SHARED + OF_FILE)
		scribble(of_file, page - PRIVATE - SHARED);
	else if (page >= PRIVATE)
		scribble(heap, page - PRIVATE - SHARED - OF_FILE);
}

static void
step_map(void)
{
	unsigned first = below(PRIVATE), n = 1 + below(PRIVATE - first);
	char *at = private + first * PG;
	int rw = (int)below(2);

	switch (below(4)) {
	case 0:
		must(madvise(at, n * PG, MADV_DONTNEED) == 0, "madvise");
		break;
	case 1:
		must(mmap(at, n * PG, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at,
		     "mmap");
		memset(writable + first, 1, n);
		break;
	default:
		must(mprotect(at, n * PG, PROT_READ | (rw ? PROT_WRITE : 0)) ==
			     0,
		     "mprotect");
		memset(writable + first, rw, n);
		break;
	}
}

static void
step_break(void)
{
	unsigned pages = below(HEAP + 1);

	must(brk(heap + pages * PG) == 0, "brk");
	heap_pages = pages;
}

static void walk(unsigned steps);

/* One of the two goes first, the other waits meanwhile. */
static void
step_fork(unsigned steps)
{
	int go[2], child_first = (int)below(2), status;
	unsigned seed = below(1u << 30), ahead = below(8);
	char c = 0;
	pid_t pid;

	must(pipe(go) == 0, "pipe");
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0) {
		close(go[1]);
		must(read(go[0], &c, 1) == 1, "read");
		close(go[0]);
		state = seed;
		depth++;
		print("born");
		walk(steps);
		_exit(0);
	}
	close(go[0]);
	if (!child_first)
		walk(ahead);
	must(write(go[1], &c, 1) == 1, "write");
	close(go[1]);
	must(waitpid(pid, &status, 0) == pid && status == 0, "a child");
}

static void
walk(unsigned steps)
{
	for (unsigned left = steps; left > 0; left--) {
		unsigned what = below(20);

		if (what < 13) {
			step_write();
			print("write");
		} else if (what < 16) {
			step_map();
			print("map");
		} else if (what < 17) {
			step_break();
			print("break");
		} else if (what < 19 && depth < DEPTH) {
			step_fork(left / PER_FORK);
			print("fork");
		}
	}
}

int
main(int argc, char **argv)
{
	FILE *f = tmpfile();
	unsigned steps = argc > 2 ? (unsigned)atoi(argv[2]) : 40;
	const size_t span = 1024 * PG; /* so that a table ends in the middle */
	char *area = mmap(NULL, span, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	const int rw = PROT_READ | PROT_WRITE;

	state = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
	must(f != NULL && area != MAP_FAILED, "room");
	for (unsigned i = 0; i < OF_FILE * PG / 4; i++)
		must(fwrite(&i, 4, 1, f) == 1, "fwrite");
	must(fflush(f) == 0, "fflush");
	private = (char *)(((uintptr_t)area + 512 * PG) & ~(512 * PG - 1)) -
		  PRIVATE / 2 * PG;
	if (private < area)
	private += 512 * PG;
	must(mprotect(private, PRIVATE * PG, rw) == 0, "mprotect");
	memset(writable, 1, sizeof(writable));
	shared = mmap(NULL, SHARED * PG, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	of_file = mmap(NULL, OF_FILE * PG, rw, MAP_PRIVATE, fileno(f), 0);
	heap = sbrk(0);
	must(shared != MAP_FAILED && of_file != MAP_FAILED, "mmap");
	heap = (char *)(((uintptr_t)heap + PG - 1) & ~(PG - 1));
	must(brk(heap) == 0, "brk");
	walk(steps);
	return 0;
}
