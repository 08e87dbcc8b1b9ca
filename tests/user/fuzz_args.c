/* SPDX-License-Identifier: MIT */
/*
 * tests/user/fuzz_args.c - what random system calls are made of: numbers near
 * the ends of ranges, good and bad pointers, descriptors of every kind, names
 * of the fuzzer's own files and of files to look at.
 *
 * Some calls are left out because they would harm other processes, not because
 * they might fail: reboot; signals and limits for init and for all processes
 * (kill -1); and names and descriptors through which root could change things
 * that it did not make.  Root looks at /proc, /dev and the disk, and writes to
 * /dev/null and its like, to its own settings in /proc and to its own files.
 */
#include "fuzz.h"
#include "calls.h"
#include "utest.h"

#include <limits.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#define ARENA	48 /* pages; the last third stays shared after a fork */
#define GUARD	32 /* pages without access around them: calls write far */
#define FDS	28 /* the fuzzer's descriptors are 3 .. FDS */
#define CONSOLE 23

static char *arena;
static uint64_t *in_buf; /* a page that calls read, mostly */
static char names[PG];	 /* paths */
static bool root;

static unsigned
below(unsigned n)
{
	return utest_random() % n;
}

static bool
chance(unsigned percent)
{
	return below(100) < percent;
}

#define PICK(a) ((a)[below(ARRAY_LEN(a))])

/* ---- numbers ----------------------------------------------------------- */

static const uint64_t ends[] = {
	0,
	1,
	2,
	64,
	255,
	256,
	PG - 1,
	PG,
	PG + 1,
	65535,
	65536,
	1000000,
	999999999,
	1000000000,
	INT_MAX,
	1ul << 31,
	UINT_MAX,
	1ul << 32,
	1ul << 38,
	(1ul << 38) - PG,
	LONG_MAX,
	1ul << 63,
	-1ul,
	-PG,
	LONG_MAX - PG + 1,
	LONG_MAX / 1000000000,
	LONG_MAX / 1000000,
	0x3fffffff, /* UTIME_NOW */
	0x3ffffffe,
};

uint64_t
fuzz_number(void)
{
	switch (below(8)) {
	case 0:
	case 1:
		return below(20);
	case 2:
	case 3:
		return PICK(ends);
	case 4:
		return PICK(ends) + below(17) - 8;
	case 5:
		return 1ul << below(64);
	case 6:
		return PICK(ends) + PICK(ends);
	default:
		return (uint64_t)utest_random() << 32 | utest_random();
	}
}

static uint64_t
size_value(void)
{
	static const uint64_t usual[] = { 8,  8,  8,	  1,	      16,    24,
					  64, PG, 2 * PG, 3 * PG + 5, 100000 };

	return chance(60)   ? PICK(usual)
	       : chance(50) ? below(300)
			    : fuzz_number();
}

static uint64_t
offset_value(void)
{
	return chance(60) ? below(4 * PG) : fuzz_number();
}

/* The flags that some call with a name like this knows. */
static const struct {
	const char *part;
	uint64_t known;
} flags_of[] = {
	{ "unlinkat", AT_REMOVEDIR },
	{ "linkat", AT_SYMLINK_FOLLOW | AT_EMPTY_PATH },
	{ "renameat", 3 },
	{ "faccessat2", AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH },
	{ "stat", AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH },
	{ "at", AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH },
	{ "dup3", O_CLOEXEC },
	{ "pipe2", O_CLOEXEC | O_NONBLOCK },
	{ "wait", WNOHANG | WUNTRACED | WEXITED | WCONTINUED | WNOWAIT },
	{ "sync", MS_ASYNC | MS_INVALIDATE | MS_SYNC },
	{ "random", 7 },
	{ "close_range", 4 },
	{ "clock_nanosleep", 1 },
	{ "flush", 1 },
};

static uint64_t
flags_value(const char *name)
{
	bool known = chance(75);

	for (size_t i = 0; known && i < ARRAY_LEN(flags_of); i++)
		if (strstr(name, flags_of[i].part) != NULL)
			return utest_random() & flags_of[i].known;
	switch (below(5)) {
	case 0:
		return 0;
	case 1:
		return 1ul << below(32);
	case 2:
		return 1ul << below(16) | 1ul << below(16);
	case 3:
		return below(64);
	default:
		return chance(80) ? utest_random() : fuzz_number();
	}
}

static uint64_t
pid_value(const char *name)
{
	const uint64_t mine[] = {
		0, 0, (uint64_t)getpid(), (uint64_t)getpid(), 99999, INT_MIN
	};
	const uint64_t all[] = { -1ul,	   1,	   2, (uint64_t)-getpid(),
				 UINT_MAX, INT_MAX };

	if (strstr(name, "kill") != NULL || strstr(name, "queue") != NULL ||
	    strstr(name, "limit") != NULL || chance(60))
		return PICK(mine);
	return chance(80) ? PICK(all) : fuzz_number();
}

/* ---- pointers ---------------------------------------------------------- */

static uint64_t
bad_pointer(void)
{
	size_t n;
	const struct bad_pointer *bad = bad_pointers(&n);

	return (uint64_t)bad[below((unsigned)n)].p;
}

static uint64_t
arena_pointer(void)
{
	uint64_t p = (uint64_t)arena + below(ARENA) * PG;

	switch (below(4)) {
	case 0:
		return p;
	case 1:
		return p + below(PG / 8) * 8;
	case 2:
		return p + PG - below(32);
	default:
		return p + below(PG);
	}
}

static uint64_t
pointer(void)
{
	if (chance(75))
		return arena_pointer();
	return chance(75) ? bad_pointer() : fuzz_number();
}

static uint64_t
address(void)
{
	uint64_t p = (uint64_t)arena + below(ARENA) * PG;

	if (chance(80))
		return p;
	if (chance(50))
		return (uint64_t)arena_pointer();
	return chance(50) ? bad_pointer() : fuzz_number();
}

static uint64_t
length(void)
{
	if (chance(70))
		return (1 + below(ARENA / 2)) * PG;
	return fuzz_number();
}

/* ---- descriptors ------------------------------------------------------- */

static void
put_fd(int fd, int to)
{
	if (fd < 0 || fd == to)
		return;
	dup2(fd, to);
	close(fd);
}

/* A terminal must not become the controlling terminal: O_NOCTTY. */
static const struct {
	const char *name;
	int flags;
} open_files[] = {
	/* 3 .. */
	{ FUZZ_DIR "/fz.a", O_RDWR | O_CREAT },
	{ FUZZ_DIR "/fz.a", O_RDONLY | O_CREAT },
	{ FUZZ_DIR "/fz.b", O_RDWR | O_CREAT | O_APPEND },
	{ FUZZ_DIR "/fz.b", O_PATH },
	{ FUZZ_DIR, O_RDONLY | O_DIRECTORY },
	{ FUZZ_DIR "/fz.d", O_RDONLY | O_DIRECTORY },
	{ FUZZ_DIR "/fz.p", O_RDWR | O_NONBLOCK },
	{ "/proc", O_RDONLY | O_DIRECTORY },
	{ "/proc/self/fd", O_RDONLY | O_DIRECTORY },
	{ "/proc/self", O_RDONLY | O_DIRECTORY },
	{ "/proc/self/maps", O_RDONLY },
	{ "/proc/self/environ", O_RDONLY },
	{ "/proc/self/fork_strategy", O_RDWR },
	{ "/proc/self/fail-nth", O_RDWR },
	{ "/proc/meminfo", O_RDONLY },
	{ "/dev/null", O_RDWR },
	{ "/dev/zero", O_RDWR },
	{ "/dev/full", O_RDWR },
	{ "/dev/random", O_RDWR },
	{ "/dev/kmsg", O_RDONLY | O_NONBLOCK },
	{ "/dev/console", O_RDONLY | O_NOCTTY | O_NONBLOCK },
	{ "/dev/vda", O_RDONLY },
};

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

void
fuzz_refresh(void)
{
	size_t n = ARRAY_LEN(open_files);
	int fd[2], at = 3 + (int)n;

	mkdir(FUZZ_DIR "/fz.d", 0777);
	mkfifo(FUZZ_DIR "/fz.p", 0666);
	for (size_t i = 0; i < n; i++)
		if (!is_open(3 + (int)i))
			put_fd(open(open_files[i].name, open_files[i].flags,
				    0666),
			       3 + (int)i);
	for (int i = 0; i < 2; i++, at += 2) {
		if (is_open(at) && is_open(at + 1))
			continue;
		if (pipe2(fd, i == 0 ? 0 : O_NONBLOCK) == 0) {
			if (i == 1)
				(void)fcntl(fd[1], F_SETPIPE_SZ, 1 << 20);
			int high[2] = { fcntl(fd[0], F_DUPFD, 50),
					fcntl(fd[1], F_DUPFD, 50) };

			close(fd[0]);
			close(fd[1]);
			put_fd(high[0], at);
			put_fd(high[1], at + 1);
		}
	}
}

static uint64_t
fd_value(const char *name)
{
	/* Files that root may change for good: the fuzzer's own. */
	if (root && (strncmp(name, "fchmod", 6) == 0 ||
		     strncmp(name, "fchown", 6) == 0))
		return 3 + below(3);
	if (chance(25)) /* a file, or the terminal */
		return strcmp(name, "ioctl") == 0 ? CONSOLE : 3 + below(3);
	if (chance(85))
		return 3 + below(FDS - 2);
	return chance(50) ? below(70) : fuzz_number();
}

static uint64_t
start_value(const char *name)
{
	return chance(60) ? (uint64_t)AT_FDCWD : fd_value(name);
}

/* ---- names ------------------------------------------------------------- */

static const char *const own[] = {
	"fz.a",		  "fz.b",
	"fz.c",		  "fz.d",
	"fz.l",		  "fz.p",
	"fz.d/fz.a",	  "fz.d/fz.d",
	"fz.d/fz.l",	  "fz.d/../fz.a",
	"fz.d/fz.d/fz.d", "fz.a/",
	"fz.d/",	  "./fz.l",
	FUZZ_DIR "/fz.a", FUZZ_DIR "/fz.b",
	FUZZ_DIR "/fz.d", FUZZ_DIR "/fz.l",
	FUZZ_DIR "/fz.m", FUZZ_DIR "/fz.d/fz.d",
	FUZZ_DIR "/fz.p",
};

static const char *const look_at[] = {
	"/",
	".",
	"..",
	"",
	"/bin/true",
	"/proc",
	"/proc/self",
	"/proc/self/exe",
	"/proc/self/fd",
	"/proc/self/fd/3",
	"/proc/self/fd/8",
	"/proc/self/fd/26",
	"/dev/fd/4",
	"/proc/self/cwd",
	"/proc/1",
	"/proc/1/fd/0",
	"/proc/mounts",
	"/dev",
	"/dev/vda",
	"/dev/tty",
	"/etc",
};

/* The ones that may be opened, whatever for. */
static const char *const may_open[] = {
	"/proc/self/maps",
	"/proc/self/stat",
	"/proc/self/status",
	"/proc/self/statm",
	"/proc/self/cmdline",
	"/proc/self/environ",
	"/proc/self/comm",
	"/proc/self/mounts",
	"/proc/self/forkstat",
	"/proc/self/fork_strategy",
	"/proc/self/fail-nth",
	"/proc/1/maps",
	"/proc/1/status",
	"/proc/1/environ",
	"/proc/1/fd",
	"/proc/meminfo",
	"/proc/stat",
	"/proc/kmsg",
	"/proc/mm/audit",
	"/proc/forkstat",
	"/proc/partitions",
	"/proc/sys/kernel/hostname",
	"/proc/sys/vm/drop_caches",
	"/proc/sys",
	"/proc/1000000/maps",
	"/dev/null",
	"/dev/zero",
	"/dev/full",
	"/dev/urandom",
};

static const char *
odd_name(void)
{
	size_t n = chance(50) ? 255 : 250 + below(12);

	if (chance(30))
		n = PG - 1 - below(4);
	memset(names, n > 300 ? '/' : 'x', n);
	memcpy(names, "fz.", 3);
	names[n] = '\0';
	return names;
}

static uint64_t
path_value(const char *name)
{
	static const char *const looks[] = { "statfs",	   "faccessat",
					     "chdir",	   "readlinkat",
					     "newfstatat", "statx",
					     "faccessat2" };
	bool look = false;

	if (chance(10))
		return chance(50) ? bad_pointer() : arena_pointer();
	if (chance(5))
		return (uint64_t)odd_name();
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		look |= strcmp(looks[i], name) == 0;
	if (strcmp(name, "execve") == 0 && chance(60))
		return (uint64_t)(chance(50) ? "/bin/true" : "/bin/false");
	if (look && chance(40))
		return (uint64_t)PICK(look_at);
	if ((look || strcmp(name, "openat") == 0) && chance(60))
		return (uint64_t)PICK(may_open);
	return (uint64_t)PICK(own);
}

static uint64_t
mount_value(unsigned which)
{
	static const char *const source[] = { "none", "fz.a", "/dev/null", "" };
	static const char *const type[] = { "tmpfs", "tmpfs",  "proc", "devfs",
					    "ext2",  "nosuch", "" };
	static const char *const at[] = { FUZZ_DIR "/fz.d", FUZZ_DIR "/fz.m",
					  FUZZ_DIR "/fz.d/fz.d",
					  FUZZ_DIR "/fz.a", FUZZ_DIR "/fz.l" };

	if (chance(10))
		return bad_pointer();
	return (uint64_t)(which == 0   ? PICK(source)
			  : which == 1 ? PICK(at)
				       : PICK(type));
}

/* ---- structures -------------------------------------------------------- */

static uint64_t
word(void)
{
	static const uint64_t usual[] = { 0,	0,	0,	1,	  1,
					  1000, 100000, 999999, 999999999 };

	if (chance(60))
		return PICK(usual);
	return chance(40) ? pointer() : fuzz_number();
}

/* Something for the call to read, or to read and write. */
static uint64_t
structure(const char *name)
{
	size_t n = 64;

	for (size_t i = 0; i < n; i += 2) {
		in_buf[i] = word();
		in_buf[i + 1] = word();
		if (strstr(name, "readv") || strstr(name, "writev")) {
			in_buf[i] = pointer();
			in_buf[i + 1] = size_value();
		} else if (strcmp(name, "ppoll") == 0 && chance(80)) {
			in_buf[i] = (uint64_t)utest_random() << 32 |
				    (uint32_t)fd_value(name);
			in_buf[i + 1] = (uint64_t)utest_random() << 32 |
					(uint32_t)fd_value(name);
		} else if (strncmp(name, "pselect", 7) == 0 && chance(50)) {
			in_buf[i] = utest_random();
		} else if (strcmp(name, "execve") == 0) {
			in_buf[i + 1] = chance(30) ? 0 : in_buf[i + 1];
		}
	}
	if (chance(5)) /* at the end of what there is */
		return (uint64_t)in_buf + PG - below(64);
	return (uint64_t)(in_buf + below(4) * 2);
}

/* ---- choices ----------------------------------------------------------- */

static uint64_t
choice(const char *name)
{
	static const unsigned ioctls[] = {
		0x5401, 0x5402,	    0x5403,	0x5404, 0x5409, 0x540a, 0x540b,
		0x540e, 0x540f,	    0x5410,	0x5411, 0x5413, 0x5414, 0x541b,
		0x5421, 0x5422,	    0x5425,	0x5429, 0x5450, 0x5451, 0x1260,
		0x1268, 0x80081272, 0x80041270, 0x1261, 0x5412,
	};
	static const unsigned fcntls[] = { 0, 1, 2, 3, 4, 5, 1030, 1031, 1032 };
	static const unsigned madvices[] = { 0,	 3,  4,	 4,  4,	 8,  9,	 10,
					     11, 18, 19, 20, 21, 22, 23, 24 };
	static const unsigned futexes[] = {
		0, 1, 9, 10, 128, 129, 137, 138, 265
	};

	if (chance(10))
		return fuzz_number();
	if (strcmp(name, "ioctl") == 0)
		return PICK(ioctls);
	if (strcmp(name, "fcntl") == 0)
		return PICK(fcntls);
	if (strcmp(name, "madvise") == 0)
		return PICK(madvices);
	if (strcmp(name, "futex") == 0)
		return PICK(futexes);
	if (strcmp(name, "prctl") == 0)
		return 15 + below(2);
	return chance(40) ? 0 : below(chance(70) ? 4 : 17);
}

static uint64_t
mode_value(const char *name)
{
	static const uint64_t usual[] = { 0777,
					  0700,
					  0644,
					  07777,
					  0,
					  S_IFREG,
					  S_IFIFO | 0666,
					  S_IFDIR | 0777,
					  S_IFCHR | 0666,
					  S_IFSOCK };

	if (strstr(name, "access") != NULL && chance(80))
		return below(8);
	return chance(85) ? PICK(usual) : fuzz_number();
}

static uint64_t
value(const char *name, char kind)
{
	switch (kind) {
	case 's':
		return path_value(name);
	case 'p':
		return chance(80) ? structure(name) : pointer();
	case 'w':
		return chance(40) ? structure(name) : pointer();
	case 'f':
		return fd_value(name);
	case 'd':
		return start_value(name);
	case 'a':
		return address();
	case 'l':
		return length();
	case 'z':
		return size_value();
	case 'c':
		return choice(name);
	case 'g':
		return flags_value(name);
	case 'o':
		return offset_value();
	case 'm':
		return mode_value(name);
	case 'n':
		return pid_value(name);
	case 'k':
		return chance(90) ? below(66) : fuzz_number();
	default:
		return fuzz_number();
	}
}

/* ---- calls ------------------------------------------------------------- */

/* Arguments that must fit each other for the call to get far. */
static void
improve(struct fuzz_call *c)
{
	if (strcmp(c->name, "mmap") == 0 && chance(85)) {
		c->arg[2] = below(8);
		c->arg[3] = (chance(70) ? MAP_PRIVATE : MAP_SHARED) |
			    (chance(70) ? MAP_ANONYMOUS : 0) |
			    (chance(60) ? MAP_FIXED : 0) |
			    (chance(20) ? MAP_POPULATE : 0) |
			    (chance(20) ? MAP_NORESERVE : 0) |
			    (chance(10) ? MAP_GROWSDOWN : 0);
		c->arg[5] = chance(80) ? below(4) * PG : c->arg[5] & -PG;
		/* Only what it has may go. */
		if (c->arg[0] < (uint64_t)arena ||
		    c->arg[0] >= (uint64_t)arena + ARENA * PG)
			c->arg[3] &= ~(uint64_t)MAP_FIXED;
	} else if (strcmp(c->name, "mprotect") == 0 && chance(90)) {
		c->arg[2] = below(8);
	} else if (strcmp(c->name, "mremap") == 0 && chance(90)) {
		c->arg[3] = below(8);
		if (c->arg[4] < (uint64_t)arena ||
		    c->arg[4] >= (uint64_t)arena + ARENA * PG)
			c->arg[3] &= ~(uint64_t)MREMAP_FIXED;
	} else if (strcmp(c->name, "clone") == 0) {
		/* Two threads on one stack would only overwrite each other. */
		if (!(c->arg[0] & CLONE_VM) || chance(50))
			c->arg[0] = SIGCHLD, c->arg[1] = 0;
	} else if (strcmp(c->name, "openat") == 0 && chance(80)) {
		c->arg[2] = below(4) | (chance(40) ? O_CREAT : 0) |
			    (chance(20) ? O_TRUNC : 0) |
			    (chance(20) ? O_APPEND : 0) |
			    (chance(20) ? O_DIRECTORY : 0) |
			    (chance(20) ? O_NOFOLLOW : 0) | O_NONBLOCK;
	} else if (strncmp(c->name, "rt_sig", 6) == 0 && chance(90)) {
		c->arg[c->nargs - 1] = c->nargs == 4   ? 8
				       : c->nargs == 2 ? 8
						       : c->arg[2];
	} else if (strcmp(c->name, "mount") == 0) {
		for (unsigned i = 0; i < 3; i++)
			c->arg[i] = mount_value(i);
		c->arg[3] = chance(80) ? 0 : flags_value(c->name);
	} else if (strcmp(c->name, "umount2") == 0) {
		c->arg[0] = mount_value(1);
	} else if (strcmp(c->name, "close_range") == 0 && chance(90)) {
		c->arg[1] = c->arg[0] + below(3);
		c->arg[2] = 0;
	} else if (strncmp(c->name, "setres", 6) == 0 ||
		   strncmp(c->name, "setre", 5) == 0) {
		for (unsigned i = 0; i < c->nargs && chance(90); i++)
			c->arg[i] = chance(50) ? -1ul : below(2) * 1000;
	}
}

/* How often of 100 a call is made when its turn has come. */
static unsigned
weight(const char *name)
{
	static const struct {
		const char *name;
		unsigned weight;
	} rare[] = {
		{ "reboot", 0 },       { "exit", 2 },	 { "exit_group", 2 },
		{ "rt_sigreturn", 5 }, { "execve", 20 }, { "clone", 30 },
		{ "sync", 10 },	       { "setuid", 20 }, { "setreuid", 20 },
		{ "setresuid", 20 },   { "chroot", 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rare); i++)
		if (strcmp(rare[i].name, name) == 0)
			return rare[i].weight;
	return 100;
}

void
fuzz_pick(struct fuzz_call *c)
{
	const struct call_args *calls, *k;
	size_t n;

	calls = call_args(&n);
	do
		k = &calls[below((unsigned)n)];
	while (!chance(weight(k->name)));
	c->name = k->name;
	c->nr = k->nr;
	c->nargs = k->nargs;
	memset(c->arg, 0, sizeof(c->arg));
	for (unsigned i = 0; i < c->nargs; i++)
		c->arg[i] = value(c->name, k->kinds[i]);
	improve(c);
}

void
fuzz_begin(bool as_root)
{
	char *p = pages_new(3 * GUARD + ARENA + 1);

	root = as_root;
	arena = p + GUARD * PG;
	in_buf = (uint64_t *)(p + (2 * GUARD + ARENA) * PG);
	REQUIRE(mprotect(p, GUARD * PG, PROT_NONE) == 0);
	REQUIRE(mprotect(arena + ARENA * PG, GUARD * PG, PROT_NONE) == 0);
	REQUIRE(mprotect(in_buf + PG / 8, GUARD * PG, PROT_NONE) == 0);
	REQUIRE(mmap(arena + ARENA * 2 / 3 * PG, ARENA / 3 * PG,
		     PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
		     0) != MAP_FAILED);
	bad_pointer();
	if (!root) {
		REQUIRE(setresgid(1000, 1000, 1000) == 0);
		REQUIRE(setresuid(1000, 1000, 1000) == 0);
	}
	fuzz_refresh();
}
